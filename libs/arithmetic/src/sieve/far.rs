//! Crossing out by base primes that hit few segments.
//!
//! They are not kept, for there may be 200 million of them. For a chunk of many segments they are made one after
//! another, and the hits of each are noted in the bins of the parts of the chunk that they fall into; a bin that is full
//! is emptied by crossing its hits out, so many that it is worth while to bring that part into the cache. What is left
//! of the chunk waits for the other base primes.

#![expect(clippy::cast_possible_truncation, reason = "places in a chunk and base primes fit 32 bits")]

use std::hint::black_box;
use std::ops::Range;

use super::plan::{Plan, root};
use super::residues::BasePrime;
use super::segments;
use super::wheel::Hit;
use crate::monitor::{Interrupted, Progress, Unmonitored};

/// Base primes from this on are not kept.
pub(super) const FIRST: u32 = 1 << 22;

/// Bytes of a chunk: 1.13 thousand million numbers, so that an interval of 2^30 is one.
pub(super) const CHUNK_BYTES: u64 = 9 << 22;

/// Bytes that a bin's hits fall into.
const BIN_BYTES: usize = 1 << 19;

/// Not fewer than a chunk has; a power of two, so that a remainder costs little.
const BINS: usize = 128;

/// Hits of a bin: as many as 16 bits count.
const BIN_HITS: usize = 1 << 16;

/// Base primes whose first hits are found at a time.
const BATCH: usize = 1024;

/// The state of a chunk.
pub(super) struct Far {
    /// What is left.
    chunk: Vec<u8>,
    /// Hits that are not crossed out: in a bin's bytes the byte, then three bits for the bit.
    hits: Vec<u32>,
    /// By bin, how many hits it holds, modulo [`BIN_HITS`]: a full one is emptied at once.
    counts: [u16; BINS],
}

/// A base prime and its first hit in a chunk.
#[derive(Clone, Copy, Default)]
struct Start {
    quotient: u32,
    byte: u32,
    hit: u32,
}

impl Far {
    /// For the chunks of a plan.
    pub(super) fn of(plan: &Plan) -> Self {
        let bytes = plan.bytes().min(CHUNK_BYTES) as usize;
        let hits = vec![0; bytes.div_ceil(BIN_BYTES) * BIN_HITS];
        Self { chunk: vec![0; bytes], hits, counts: [0; BINS] }
    }

    /// Sieves a chunk by the base primes from [`FIRST`] on up to the root of its end.
    pub(super) fn sieve(
        &mut self,
        chunk: &Range<u64>,
        plan: &Plan,
        progress: &mut Progress<'_>,
    ) -> Result<(), Interrupted> {
        self.chunk.fill(u8::MAX);
        let root = root((30 * (chunk.end - 1)).saturating_add(29));
        if root < FIRST {
            return Ok(());
        }
        let bases = Plan::of_base_primes(FIRST, root);
        let mut from = FIRST;
        segments::each_segment(&bases, &mut Progress::new(&mut Unmonitored, 0.0), &mut |segment| {
            self.note_all(segment.base_primes(), chunk);
            let to = root.min(segment.next_number() as u32);
            let work = plan.far_work(from, to);
            from = to;
            progress.advance(work)
        })?;
        for (bin, hits) in self.hits.chunks(BIN_HITS).enumerate() {
            let count = std::mem::take(&mut self.counts[bin]);
            cross_out(&mut self.chunk, bin, &hits[..count.into()]);
        }
        Ok(())
    }

    /// Notes the hits of base primes.
    fn note_all(&mut self, bases: impl Iterator<Item = BasePrime>, chunk: &Range<u64>) {
        let length = chunk.end - chunk.start;
        // The largest base primes have a hit or none, which is hard to predict: so all first hits are found, those in
        // the chunk kept without a branch.
        let (mut starts, mut count) = ([Start::default(); BATCH], 0);
        for base in bases {
            let (byte, hit) = Hit::first(base, chunk.start);
            starts[count] = Start { quotient: base.quotient, byte: byte as u32, hit };
            count += usize::from(byte < length);
            if count == BATCH {
                self.note(&starts, length as u32);
                count = 0;
            }
        }
        self.note(&starts[..count], length as u32);
    }

    /// Notes the hits from the first ones on.
    fn note(&mut self, starts: &[Start], length: u32) {
        let (bins, _) = self.hits.as_chunks_mut::<BIN_HITS>();
        for Start { quotient, mut byte, hit } in starts.iter().copied() {
            let mut hit = Hit::of(hit);
            loop {
                let (bin, place) = (byte as usize / BIN_BYTES % BINS, byte % BIN_BYTES as u32);
                let (hits, count) = (&mut bins[bin], &mut self.counts[bin]);
                hits[usize::from(*count)] = (place << 3) | u32::from(hit.bit);
                *count = count.wrapping_add(1);
                if *count == 0 {
                    cross_out(&mut self.chunk, bin, hits);
                }
                byte += hit.distance(quotient);
                if byte >= length {
                    break;
                }
                hit = Hit::of(hit.next.into());
            }
        }
    }

    /// Clears in a segment what is not left of it, `place` bytes from the start of the chunk.
    pub(super) fn clear(&self, segment: &mut [u8], place: u64) {
        for (byte, left) in segment.iter_mut().zip(&self.chunk[place as usize..]) {
            *byte &= left;
        }
    }
}

/// Crosses the hits of a bin out of a chunk.
#[inline(never)]
fn cross_out(chunk: &mut [u8], bin: usize, hits: &[u32]) {
    /// Bytes of a line of a cache.
    const LINE: usize = 64;
    let end = chunk.len().min((bin + 1) * BIN_BYTES);
    let bytes = &mut chunk[bin * BIN_BYTES..end];
    // Read in order, the bytes are in the cache sooner than hit by hit.
    black_box(bytes.iter().step_by(LINE).fold(0, |all, byte| all | byte));
    for hit in hits {
        bytes[(hit >> 3) as usize] &= !(1 << (hit & 7));
    }
}

const _: () = assert!(BINS * BIN_BYTES >= CHUNK_BYTES as usize && BINS.is_power_of_two());
