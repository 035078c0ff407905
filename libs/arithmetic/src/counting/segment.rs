//! A segment of the sieve.
//!
//! Primes are crossed out one after another, each from its square on. Between them, the numbers left are counted up
//! to given ones, in ascending order, by the counts of blocks and the bits of the last block.

use super::ranks::{Ranks, WORD_NUMBERS, mask, words};
use super::wheel::{BYTE_NUMBERS, RESIDUES, Wheel, index};

/// Bytes whose bits are counted together: 16 words.
const BLOCK_BYTES: usize = 128;

/// Below this primes cross out so many bits that counting anew is quicker than keeping the counts right.
const COUNTED_ANEW: u32 = 64;

/// Some consecutive numbers.
pub(super) struct Segment {
    bytes: Vec<u8>,
    counts: Vec<u32>,
    total: u32,
}

/// The next multiple of a prime to cross out, for each residue, as a byte counted from the segment's first.
pub(super) type Turns = [u32; 8];

/// Counts numbers left, in ascending order.
pub(super) struct Counter<'a> {
    segment: &'a Segment,
    block: usize,
    before: u32,
}

/// The turns of a prime in a segment that starts at byte `first`.
pub(super) fn turns(prime: u64, first: u64) -> Turns {
    RESIDUES.map(|residue| {
        // The least multiple, from the square on, of this residue: its cofactors are 30 apart.
        let mut cofactor = prime.max((first * BYTE_NUMBERS).div_ceil(prime));
        while prime % 30 * (cofactor % 30) % 30 != u64::from(residue) {
            cofactor += 1;
        }
        u32::try_from(prime * cofactor / BYTE_NUMBERS - first).expect("a prime's period is short")
    })
}

impl Segment {
    pub(super) fn new(bytes: usize) -> Self {
        Self { bytes: vec![0; bytes], counts: vec![0; bytes.div_ceil(BLOCK_BYTES)], total: 0 }
    }

    /// Starts anew at byte `first`.
    pub(super) fn start(&mut self, wheel: &Wheel, first: u64) {
        wheel.fill(&mut self.bytes, first);
    }

    /// Counts the blocks.
    pub(super) fn count(&mut self) {
        self.total = 0;
        for (count, block) in self.counts.iter_mut().zip(self.bytes.chunks(BLOCK_BYTES)) {
            *count = words(block).map(u64::count_ones).sum();
            self.total += *count;
        }
    }

    /// The numbers left when they were counted or crossed out with counts.
    pub(super) fn total(&self) -> u64 {
        self.total.into()
    }

    /// Crosses a prime out.
    #[expect(clippy::cast_possible_truncation, reason = "less than the prime")]
    pub(super) fn cross(&mut self, prime: u32, turns: &mut Turns) {
        let bytes = self.bytes.as_mut_slice();
        let step = prime as usize;
        for (bit, turn) in turns.iter_mut().enumerate() {
            let mut at = *turn as usize;
            let mask = !(1 << bit);
            while at < bytes.len() {
                bytes[at] &= mask;
                at += step;
            }
            *turn = (at - bytes.len()) as u32;
        }
    }

    /// Crosses a prime out and keeps the counts right.
    #[expect(clippy::cast_possible_truncation, reason = "less than the prime")]
    pub(super) fn cross_counted(&mut self, prime: u32, turns: &mut Turns) {
        if prime < COUNTED_ANEW {
            self.cross(prime, turns);
            self.count();
            return;
        }
        let bytes = self.bytes.as_mut_slice();
        let counts = &mut self.counts[..bytes.len().div_ceil(BLOCK_BYTES)];
        let step = prime as usize;
        let mut crossed = 0;
        for (bit, turn) in turns.iter_mut().enumerate() {
            let mut at = *turn as usize;
            let mask = !(1 << bit);
            while at < bytes.len() {
                let hit = u32::from(bytes[at] >> bit & 1);
                counts[at / BLOCK_BYTES] -= hit;
                crossed += hit;
                bytes[at] &= mask;
                at += step;
            }
            *turn = (at - bytes.len()) as u32;
        }
        self.total -= crossed;
    }

    /// A counter from the start of the segment.
    pub(super) fn counter(&self) -> Counter<'_> {
        Counter { segment: self, block: 0, before: 0 }
    }

    /// All counts at once.
    pub(super) fn rank(&self, ranks: &mut Ranks) {
        ranks.count(&self.bytes);
    }
}

impl Counter<'_> {
    /// The numbers left up to `most`, counted from the segment's first; `most` never falls.
    #[inline]
    pub(super) fn up_to(&mut self, most: u64) -> u64 {
        let word = index(most / WORD_NUMBERS);
        let block = word * 8 / BLOCK_BYTES;
        while self.block < block {
            self.before += self.segment.counts[self.block];
            self.block += 1;
        }
        let start = block * BLOCK_BYTES;
        let bytes = &self.segment.bytes[start..word * 8 + 8];
        let (full, last) = bytes.split_last_chunk::<8>().expect("a word at least");
        let last = u64::from_le_bytes(*last) & mask(most % WORD_NUMBERS);
        let count: u32 = words(full).map(u64::count_ones).sum();
        u64::from(self.before + count + last.count_ones())
    }
}
