//! Crossing out by base primes that hit few segments.
//!
//! They are not kept. For a chunk of many segments they are made one after another, and the hits of each are noted in
//! the bin of the segment that they fall into; whenever a bin is full its hits are crossed out, so that a segment is
//! in the cache for all of them. What is left of the chunk waits for the other base primes.

#![expect(clippy::cast_possible_truncation, reason = "places in a chunk and base primes fit 32 bits")]

use std::ops::Range;

use super::plan::{Plan, root};
use super::residues::{BasePrime, MOVES};
use super::segments::{self, SEGMENT_BYTES};
use crate::monitor::{Interrupted, Progress, Unmonitored};

/// The first base primes of this kind are above this.
pub(super) const FIRST: u32 = 1 << 25;

/// Bytes of a chunk: a thousand million numbers.
pub(super) const CHUNK_BYTES: usize = 64 * SEGMENT_BYTES;

/// Bytes that a bin's hits fall into.
const BIN_BYTES: usize = SEGMENT_BYTES;

/// Hits of a bin: 256 KiB.
const BIN_HITS: usize = 1 << 16;

/// From one bin to the next: bins that are about as full as each other do not compete for the same lines of a cache.
const BIN_STRIDE: usize = BIN_HITS + 17 * 16;

/// The state of a chunk.
pub(super) struct Far {
    /// What is left.
    chunk: Vec<u8>,
    /// Hits that are not crossed out: in a bin's bytes the byte, then three bits for the bit.
    hits: Vec<u32>,
    /// By bin, how many hits it holds.
    counts: Vec<u32>,
}

impl Far {
    /// For the chunks of a plan.
    pub(super) fn of(plan: &Plan) -> Self {
        let bytes = plan.bytes().min(CHUNK_BYTES as u64) as usize;
        let bins = bytes.div_ceil(BIN_BYTES);
        Self { chunk: vec![0; bytes], hits: vec![0; bins * BIN_STRIDE], counts: vec![0; bins] }
    }

    /// Sieves a chunk by the base primes from [`FIRST`] on up to the root of its end.
    pub(super) fn sieve(
        &mut self,
        chunk: &Range<u64>,
        plan: &Plan,
        progress: &mut Progress<'_>,
    ) -> Result<(), Interrupted> {
        let length = chunk.end - chunk.start;
        self.chunk.fill(u8::MAX);
        let root = root((30 * (chunk.end - 1)).saturating_add(29));
        if root < FIRST {
            return Ok(());
        }
        let bases = Plan::of_base_primes(FIRST, root);
        let mut from = FIRST;
        segments::each_segment(&bases, &mut Progress::new(&mut Unmonitored, 0.0), &mut |segment| {
            self.note_all(segment, chunk.start, length);
            let to = root.min((segment.next_number()) as u32);
            let work = plan.far_work(from, to);
            from = to;
            progress.advance(work)
        })?;
        (0..self.counts.len()).for_each(|bin| self.cross_out(bin));
        Ok(())
    }

    #[inline(never)]
    fn note_all(&mut self, segment: &super::Segment<'_>, first: u64, length: u64) {
        segment.base_primes().for_each(|base| self.note(base, first, length));
    }
    /// Notes the hits of a base prime.
    #[inline]
    fn note(&mut self, base: BasePrime, first: u64, length: u64) {
        let entry = base.entry(first);
        let mut byte = (entry.cycle + base.offset(entry.hit)) as u64;
        let mut index = base.class << 3 | entry.hit;
        while byte < length {
            let step = MOVES[index & 63];
            self.push(byte as usize, step.bit);
            byte += u64::from(base.quotient * u32::from(step.quotients) + u32::from(step.bytes));
            index = step.next.into();
        }
    }

    #[inline]
    fn push(&mut self, byte: usize, bit: u8) {
        let bin = byte / BIN_BYTES;
        let count = &mut self.counts[bin];
        self.hits[bin * BIN_STRIDE + *count as usize] = ((byte % BIN_BYTES) << 3) as u32 | u32::from(bit);
        *count += 1;
        if *count == BIN_HITS as u32 {
            self.cross_out(bin);
        }
    }

    /// Empties a bin.
    #[inline(never)]
    fn cross_out(&mut self, bin: usize) {
        let count = std::mem::take(&mut self.counts[bin]) as usize;
        let end = self.chunk.len().min((bin + 1) * BIN_BYTES);
        let bytes = &mut self.chunk[bin * BIN_BYTES..end];
        let mut x = 0u8; let mut i = 0; while i < bytes.len() { x |= bytes[i]; i += 64; } std::hint::black_box(x);
        for hit in &self.hits[bin * BIN_STRIDE..][..count] {
            bytes[(hit >> 3) as usize] &= !(1 << (hit & 7));
        }
    }

    /// Clears in a segment what is not left of it, `place` bytes from the start of the chunk.
    pub(super) fn clear(&self, segment: &mut [u8], place: u64) {
        for (byte, left) in segment.iter_mut().zip(&self.chunk[place as usize..]) {
            *byte &= left;
        }
    }
}
