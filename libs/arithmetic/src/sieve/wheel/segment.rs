//! A segment that has been sieved.

use std::ops::RangeInclusive;

use super::residues::RESIDUES;

/// Numbers prime to 30, of which those that are set are prime.
pub(crate) struct Segment<'a> {
    /// The number of the first byte.
    pub(super) first_byte: u64,
    pub(super) bytes: &'a [u8],
}

/// What the bits of eight bytes stand for, less what the first byte does.
static NUMBERS: [u8; 64] = numbers();

#[expect(clippy::cast_possible_truncation, reason = "7 * 30 + 29 is 239")]
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
    /// How many are set.
    pub(crate) fn count(&self) -> u64 {
        let (words, rest) = self.bytes.as_chunks::<8>();
        let words = words.iter().map(|word| u64::from(u64::from_ne_bytes(*word).count_ones()));
        words.sum::<u64>() + rest.iter().map(|byte| u64::from(byte.count_ones())).sum::<u64>()
    }

    /// Those that are set, in order.
    pub(crate) fn primes(&self) -> impl Iterator<Item = u64> {
        let (words, rest) = self.bytes.as_chunks::<8>();
        let mut last = [0; 8];
        last[..rest.len()].copy_from_slice(rest);
        let words = words.iter().copied().chain([last]).zip((30 * self.first_byte..).step_by(240));
        words.flat_map(|(word, first)| {
            let mut bits = u64::from_le_bytes(word);
            std::iter::from_fn(move || {
                let bit = bits.trailing_zeros();
                bits &= bits.checked_sub(1)?;
                Some(first + u64::from(NUMBERS[bit as usize & 63]))
            })
        })
    }
}

/// Clears what is not within an interval, of which the segment holds a part.
pub(super) fn keep_within(bytes: &mut [u8], first_byte: u64, interval: &RangeInclusive<u64>) {
    let last_byte = first_byte + u64::try_from(bytes.len()).expect("a segment") - 1;
    for (place, number) in [(0, first_byte), (bytes.len() - 1, last_byte)] {
        for (bit, residue) in RESIDUES.iter().enumerate() {
            if !interval.contains(&(30 * number + u64::from(*residue))) {
                bytes[place] &= !(1 << bit);
            }
        }
    }
}
