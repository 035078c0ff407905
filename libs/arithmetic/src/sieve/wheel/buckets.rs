//! Crossing out by base primes that hit few segments: each waits where its next multiple is.

#![expect(
    clippy::cast_possible_truncation,
    reason = "places in a segment, residues and base primes fit 31 bits"
)]

use super::SEGMENT_BYTES;
use super::residues::{BasePrime, PRODUCTS, RESIDUES};

const SEGMENT_BITS: u32 = SEGMENT_BYTES.trailing_zeros();

/// Base primes of a block of a bucket: 8 KiB.
const BLOCK: usize = 1024;

/// For each segment to come, in a ring, the base primes whose next multiple it holds, in blocks. So the buckets take
/// no more memory together than their base primes do, whichever is full at a time.
pub(super) struct Buckets {
    ring: Vec<Vec<Block>>,
    current: usize,
    /// Blocks that are free, all empty.
    free: Vec<Block>,
}

/// Up to [`BLOCK`] of them.
type Block = Vec<Waiting>;

#[derive(Clone, Copy)]
struct Waiting {
    quotient: u32,
    /// The byte in the segment, then three bits for the hit and three for the class.
    place: u32,
}

/// By class and hit, packed as in [`Waiting`]: what to keep, and how far the next hit is: in quotients and in bytes.
static MOVES: [Move; 64] = moves();

#[derive(Clone, Copy)]
struct Move {
    mask: u8,
    quotients: u8,
    bytes: u8,
}

const fn moves() -> [Move; 64] {
    let mut moves = [Move { mask: 0, quotients: 0, bytes: 0 }; 64];
    let mut index = 0;
    while index < 64 {
        let (class, hit) = (index / 8, index % 8);
        let product = PRODUCTS[class][hit];
        // After the last hit comes the first one of the next cycle, whose length is the prime.
        let (residue, byte) = if hit < 7 {
            (RESIDUES[hit + 1], PRODUCTS[class][hit + 1].byte)
        } else {
            (30 + RESIDUES[0], PRODUCTS[class][0].byte + RESIDUES[class] as u8)
        };
        moves[index] = Move {
            mask: product.mask,
            quotients: (residue - RESIDUES[hit]) as u8,
            bytes: byte - product.byte,
        };
        index += 1;
    }
    moves
}

impl Buckets {
    /// For base primes up to `largest`.
    pub(super) fn new(largest: u32) -> Self {
        // The next hit is at most 6 p / 30 bytes and a few away, or 7 for the first one of all.
        let segments = (largest / 4) as usize / SEGMENT_BYTES + 2;
        Self { ring: vec![Vec::new(); segments.next_power_of_two()], current: 0, free: Vec::new() }
    }

    /// Adds a base prime that begins in the segment that starts at byte `first`, or after it.
    pub(super) fn add(&mut self, base: BasePrime, first: u64) {
        let entry = base.entry(first);
        let byte = usize::try_from(entry.cycle + base.offset(entry.hit)).expect("at or after the first byte");
        self.put(byte, base.quotient, base.class << 3 | entry.hit);
    }

    /// Puts a base prime where its next hit is, `byte` after the first one of the current segment.
    #[inline]
    fn put(&mut self, byte: usize, quotient: u32, index: usize) {
        let segment = (self.current + (byte >> SEGMENT_BITS)) & (self.ring.len() - 1);
        let place = (byte & (SEGMENT_BYTES - 1)) | index << SEGMENT_BITS;
        let bucket = &mut self.ring[segment];
        let waiting = Waiting { quotient, place: place as u32 };
        match bucket.last_mut() {
            Some(block) if block.len() < BLOCK => block.push(waiting),
            _ => {
                let mut block = self.free.pop().unwrap_or_else(|| Vec::with_capacity(BLOCK));
                block.push(waiting);
                bucket.push(block);
            }
        }
    }

    /// Crosses out of the current segment and goes on to the next one.
    pub(super) fn cross_out(&mut self, segment: &mut [u8]) {
        for mut block in std::mem::take(&mut self.ring[self.current]) {
            for waiting in &block {
                self.cross_out_one(*waiting, segment);
            }
            block.clear();
            self.free.push(block);
        }
        self.current = (self.current + 1) & (self.ring.len() - 1);
    }

    /// Crosses out by one base prime and puts it where its next hit is.
    #[inline]
    fn cross_out_one(&mut self, Waiting { quotient, place }: Waiting, segment: &mut [u8]) {
        let mut byte = place as usize & (SEGMENT_BYTES - 1);
        let mut index = (place >> SEGMENT_BITS) as usize;
        while byte < SEGMENT_BYTES {
            let step = MOVES[index & 63];
            if let Some(byte) = segment.get_mut(byte) {
                *byte &= step.mask;
            }
            byte += quotient as usize * usize::from(step.quotients) + usize::from(step.bytes);
            index = index & 0x38 | (index + 1) & 7;
        }
        self.put(byte, quotient, index);
    }
}
