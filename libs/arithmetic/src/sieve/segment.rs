//! A segment that has been sieved.

#![expect(
    clippy::cast_possible_truncation,
    reason = "places in a segment, and what base primes take, fit 32 bits"
)]

use std::ops::{Range, RangeInclusive};

use super::residues::{BasePrime, RESIDUES};

/// Numbers prime to 30, of which those that are set are prime.
pub(crate) struct Segment<'a> {
    /// The number of the first byte.
    pub(super) first_byte: u64,
    pub(super) bytes: &'a mut [u8],
}

/// Eight bytes of a segment.
#[derive(Clone, Copy)]
pub(super) struct Word {
    /// The number of the first byte.
    byte: u64,
    bits: u64,
}

/// What the bits of eight bytes stand for, less what the first byte does.
static NUMBERS: [u8; 64] = numbers();

const fn numbers() -> [u8; 64] {
    let mut numbers = [0; 64];
    let mut bit = 0;
    while bit < 64 {
        numbers[bit] = (bit / 8 * 30) as u8 + RESIDUES[bit % 8] as u8;
        bit += 1;
    }
    numbers
}

impl Segment<'_> {
    /// The first number behind it.
    pub(super) fn next_number(&self) -> u64 {
        30 * (self.first_byte + self.bytes.len() as u64)
    }

    /// How many are set.
    pub(crate) fn count(&self) -> u64 {
        let (words, rest) = self.bytes.as_chunks::<8>();
        let words = words.iter().map(|word| u64::from(u64::from_ne_bytes(*word).count_ones()));
        words.sum::<u64>() + rest.iter().map(|byte| u64::from(byte.count_ones())).sum::<u64>()
    }

    /// Those that are set, which have 32 bits.
    pub(super) fn base_primes(&self) -> impl Iterator<Item = BasePrime> {
        self.words().flat_map(|word| {
            places(word.bits).map(move |place| {
                let (quotient, class) = (word.byte as u32 + place as u32 / 8, place % 8);
                BasePrime { prime: 30 * quotient + RESIDUES[class], quotient, class }
            })
        })
    }

    /// Eight bytes at a time, with zeros behind the last.
    pub(super) fn words(&self) -> impl Iterator<Item = Word> {
        let (words, rest) = self.bytes.as_chunks::<8>();
        let mut last = [0; 8];
        last[..rest.len()].copy_from_slice(rest);
        let words = words.iter().copied().chain([last]).zip((self.first_byte..).step_by(8));
        words.map(|(bytes, byte)| Word { byte, bits: u64::from_le_bytes(bytes) })
    }

    /// Clears those of some bytes that `keep` refuses.
    pub(super) fn retain(&mut self, bytes: Range<usize>, keep: impl Fn(u64) -> bool) {
        for place in bytes {
            let number = 30 * (self.first_byte + place as u64);
            let byte = &mut self.bytes[place];
            for bit in places(u64::from(*byte)) {
                if !keep(number + u64::from(RESIDUES[bit])) {
                    *byte &= !(1 << bit);
                }
            }
        }
    }
}

impl Word {
    /// The most primes of a word.
    pub(super) const BITS: usize = 64;

    /// Lists the numbers of the bits that are set, in order. How many there are; what is behind them is of no use.
    #[inline]
    pub(super) fn list(self, room: &mut [u64; Self::BITS]) -> usize {
        let count = self.bits.count_ones() as usize;
        // Behind the last of the segment there may be no number of 64 bits.
        let first = self.byte.wrapping_mul(30);
        let mut bits = self.bits;
        // Eight at a time: so how often is easier to predict.
        let (groups, _) = room.as_chunks_mut::<8>();
        for group in &mut groups[..count.div_ceil(8)] {
            for number in group {
                *number = first.wrapping_add(NUMBERS[bits.trailing_zeros() as usize % 64].into());
                bits &= bits.wrapping_sub(1);
            }
        }
        count
    }
}

/// The places of the bits that are set, in order.
fn places(mut bits: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let place = bits.trailing_zeros();
        bits &= bits.checked_sub(1)?;
        Some(place as usize % 64)
    })
}

/// Clears what is not within an interval, of which the segment holds a part.
pub(super) fn keep_within(bytes: &mut [u8], first_byte: u64, interval: &RangeInclusive<u64>) {
    let last = bytes.len() - 1;
    for place in [0, last] {
        let number = 30 * (first_byte + place as u64);
        for (bit, residue) in RESIDUES.iter().enumerate() {
            let number = number.checked_add(u64::from(*residue));
            if !number.is_some_and(|number| interval.contains(&number)) {
                bytes[place] &= !(1 << bit);
            }
        }
    }
}
