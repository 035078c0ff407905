//! Crossing out by base primes that hit few segments: each waits where its next multiple is.

#![expect(
    clippy::cast_possible_truncation,
    reason = "places in a segment, residues and base primes fit 31 bits"
)]

use super::residues::{BasePrime, MOVES};
use super::segments::SEGMENT_BYTES;

/// Base primes from this on wait in buckets.
pub(super) const FIRST: u32 = 1 << 21;

const SEGMENT_BITS: u32 = SEGMENT_BYTES.trailing_zeros();

/// Base primes of a block: 8 KiB.
const BLOCK: usize = 1024;

/// For each segment to come, in a ring, the base primes whose next multiple it holds: a chain of blocks out of one
/// store. A block that has been worked off is used again, so the store grows to the base primes and about one block
/// for each segment, whichever holds most at a time.
pub(super) struct Buckets {
    /// By segment, where in the store its next base prime goes: behind the last one, or 0 if there is none. At a
    /// multiple of [`BLOCK`] the block before is full.
    ends: Vec<usize>,
    current: usize,
    store: Vec<Waiting>,
    /// By block of the store: where its chain ended before it was added.
    ends_before: Vec<usize>,
    free: Vec<usize>,
}

#[derive(Clone, Copy)]
struct Waiting {
    quotient: u32,
    /// The byte in the segment, then three bits for the hit and three for the class.
    place: u32,
}

impl Buckets {
    /// For base primes up to `largest`.
    pub(super) fn new(largest: u32) -> Self {
        // The next hit is at most 6 p / 30 bytes and a few away, or 7 for the first one of all.
        let segments = (largest / 4) as usize / SEGMENT_BYTES + 2;
        let ends = vec![0; segments.next_power_of_two()];
        Self { ends, current: 0, store: Vec::new(), ends_before: Vec::new(), free: Vec::new() }
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
        let segment = (self.current + (byte >> SEGMENT_BITS)) & (self.ends.len() - 1);
        let place = (byte & (SEGMENT_BYTES - 1)) | index << SEGMENT_BITS;
        let mut end = self.ends[segment];
        if end.is_multiple_of(BLOCK) {
            end = self.add_block(end);
        }
        self.store[end] = Waiting { quotient, place: place as u32 };
        self.ends[segment] = end + 1;
    }

    /// Adds a block to a chain that ends here, and returns where it starts.
    #[cold]
    fn add_block(&mut self, end: usize) -> usize {
        let block = self.free.pop().unwrap_or_else(|| {
            self.store.resize(self.store.len() + BLOCK, Waiting { quotient: 0, place: 0 });
            self.ends_before.push(0);
            self.ends_before.len() - 1
        });
        self.ends_before[block] = end;
        block * BLOCK
    }

    /// Crosses out of the current segment and goes on to the next one.
    pub(super) fn cross_out(&mut self, segment: &mut [u8]) {
        // Base primes that hit the segment again come back into the same chain: one hit at a time has no loop whose
        // end is hard to predict.
        while self.ends[self.current] != 0 {
            let mut end = std::mem::take(&mut self.ends[self.current]);
            while end != 0 {
                let block = (end - 1) / BLOCK;
                // The block is free, and what is put may take it, only when it has been worked off.
                for place in block * BLOCK..end {
                    self.cross_out_one(self.store[place], segment);
                }
                end = self.ends_before[block];
                self.free.push(block);
            }
        }
        self.current = (self.current + 1) & (self.ends.len() - 1);
    }

    /// Crosses out by one base prime and puts it where its next hit is.
    #[inline]
    fn cross_out_one(&mut self, Waiting { quotient, place }: Waiting, segment: &mut [u8]) {
        let byte = place as usize & (SEGMENT_BYTES - 1);
        let step = MOVES[(place >> SEGMENT_BITS) as usize & 63];
        // The last segment may be shorter.
        if let Some(byte) = segment.get_mut(byte) {
            *byte &= step.mask;
        }
        let next = byte + quotient as usize * usize::from(step.quotients) + usize::from(step.bytes);
        self.put(next, quotient, step.next.into());
    }
}
