//! The sieve of whole segments, modulo 30: one byte for 30 numbers, one bit for each that has no divisor 2, 3 or 5.
//!
//! A base prime p = 30 q + r crosses out its multiples p m with m prime to 30, of which there are eight in every p
//! bytes: a cycle. How is chosen by its size:
//!
//! | part | base primes | one idea |
//! |---|---|---|
//! | `patterns` | 7 to 67 | periodic bytes, two primes to a pattern, all patterns at once |
//! | `cycles` | up to a part of a segment | whole cycles only, on a segment with margins |
//! | `steps` | up to some segments | from one multiple to the next, where the last segment ended |
//! | `buckets` | larger | each waits in the list of the segment that holds its next multiple |
//!
//! A segment fits the second-level cache, and the smallest primes go through it in blocks that fit the first-level
//! one. References: J. Sorenson, "An Introduction to Prime Number Sieves", 1990; T. Oliveira e Silva, S. Herzog, S.
//! Pardi, "Empirical verification of the even Goldbach conjecture", Mathematics of Computation 83, 2014, section 1.2
//! (buckets).

mod buckets;
mod cycles;
mod patterns;
mod residues;
mod segment;
mod steps;

use buckets::Buckets;
use cycles::Cycles;
use patterns::Patterns;
use residues::BasePrime;
pub(super) use segment::Segment;
use steps::Steps;

use super::plan::{float, primes_below, root};
use super::strides::primes_up_to;
use crate::monitor::{Interrupted, Progress};

/// Bytes of a segment, a power of two: 15.7 million numbers.
pub(super) const SEGMENT_BYTES: usize = 1 << 19;

/// The largest root of the end of an interval: its base primes take 16 MiB, and as many 8-byte entries 32 MiB.
pub(super) const LARGEST_ROOT: u32 = 1 << 26;

/// Base primes below this go through blocks by whole cycles.
const BLOCK_CYCLES: u32 = 24 << 10;

/// Base primes below this go through segments by whole cycles.
const SEGMENT_CYCLES: u32 = 1 << 17;

/// Base primes from this on wait in buckets.
const FIRST_IN_BUCKETS: u32 = 1 << 20;

/// Estimated times of the parts, in nanoseconds.
mod nanoseconds {
    /// Of preparing the patterns, and of what a segment takes anyway.
    pub(super) const PATTERNS: f64 = 30_000.0;
    pub(super) const SEGMENT: f64 = 60_000.0;
    /// Of crossing out one multiple near by, and out of buckets.
    pub(super) const NEAR: f64 = 0.25;
    pub(super) const FAR: f64 = 5.0;
    /// Of a base prime's turn in a segment, by cycles and by steps.
    pub(super) const CYCLES: f64 = 3.0;
    pub(super) const STEPS: f64 = 22.0;
    /// Of a base prime's entry.
    pub(super) const ENTRY: f64 = 12.0;
    /// Of one number when base primes are made.
    pub(super) const BASE: f64 = 0.2;
}

/// Calls `visit` with segments that hold the primes from 7 on of `start..=end`, in order. The root of the end is at
/// most [`LARGEST_ROOT`].
pub(super) fn each_segment(
    start: u64,
    end: u64,
    progress: &mut Progress<'_>,
    visit: &mut dyn FnMut(&Segment<'_>) -> Result<(), Interrupted>,
) -> Result<(), Interrupted> {
    let root = root(end);
    let primes = base_primes(root, progress)?;
    let mut sieve = Sieve::new(primes, start / 30);
    let last = end / 30 + 1;
    while sieve.next_byte < last {
        let first_byte = sieve.next_byte;
        let length =
            usize::try_from(last - first_byte).map_or(SEGMENT_BYTES, |bytes| bytes.min(SEGMENT_BYTES));
        let bytes = sieve.advance(length);
        segment::keep_within(bytes, first_byte, &(start..=end));
        visit(&Segment { first_byte, bytes })?;
        progress.advance(segment_work(root) * share(length))?;
    }
    Ok(())
}

/// The estimated work of [`each_segment`], in nanoseconds.
pub(super) fn work(start: u64, end: u64) -> f64 {
    let root = root(end);
    let bytes = float(end / 30 + 1 - start / 30);
    preparation_work(root) + bytes / SEGMENT_LENGTH * segment_work(root)
}

/// The estimated memory of [`each_segment`] up to an end, in bytes.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "of at most 2^26 base primes")]
pub(super) fn memory_bytes(end: u64) -> u64 {
    /// Of the segment, its margins and the patterns.
    const ANYWAY: f64 = 1_000_000.0;
    let root = f64::from(root(end));
    let all = primes_below(root);
    let in_buckets = (all - primes_below(FIRST_IN_BUCKETS.into())).max(0.0);
    // A base prime, with room for a tenth more; its place by cycles or steps, or in buckets, half empty.
    (ANYWAY + all * 4.4 + (all - in_buckets) * 14.0 + in_buckets * 12.0) as u64
}

/// [`SEGMENT_BYTES`].
const SEGMENT_LENGTH: f64 = 524_288.0;

/// The part of a segment that so many bytes are.
fn share(bytes: usize) -> f64 {
    float(u64::try_from(bytes).expect("not more than a segment")) / SEGMENT_LENGTH
}

/// The work before the first segment.
fn preparation_work(root: u32) -> f64 {
    let root = f64::from(root);
    nanoseconds::PATTERNS + root * nanoseconds::BASE + primes_below(root) * nanoseconds::ENTRY
}

/// The work on a segment.
fn segment_work(root: u32) -> f64 {
    let (root, near) = (f64::from(root), f64::from(FIRST_IN_BUCKETS.min(root)));
    // Of each 30 numbers 8 count; of those, one in p is a multiple of p.
    let multiples =
        |from: f64, to: f64| if to > from { 8.0 * SEGMENT_LENGTH * (to.ln() / from.ln()).ln() } else { 0.0 };
    let by_cycles = primes_below(root.min(SEGMENT_CYCLES.into()));
    let turns = by_cycles * nanoseconds::CYCLES + (primes_below(near) - by_cycles) * nanoseconds::STEPS;
    nanoseconds::SEGMENT
        + turns
        + multiples(67.0, near) * nanoseconds::NEAR
        + multiples(near, root) * nanoseconds::FAR
}

/// The primes from 7 up to a root, in order.
fn base_primes(root: u32, progress: &mut Progress<'_>) -> Result<Vec<u32>, Interrupted> {
    let end = u64::from(root);
    let mut primes = Vec::new();
    if root < SMALLEST_SIEVED {
        primes.extend(primes_up_to(root).into_iter().filter(|prime| *prime > 5));
        return Ok(primes);
    }
    // Ten per cent more than there are.
    primes.reserve(usize::try_from(end / u64::from(end.ilog2()) * 8 / 5).expect("a root has 32 bits"));
    each_segment(0, end, progress, &mut |segment| {
        primes
            .extend(segment.primes().map(|prime| u32::try_from(prime).expect("not above a root of 32 bits")));
        Ok(())
    })?;
    Ok(primes)
}

/// Below this the simplest sieve makes base primes.
const SMALLEST_SIEVED: u32 = 1 << 12;

/// The state of the sieve between segments.
struct Sieve {
    /// Base primes above 67, of which those from `entered` on have their squares beyond what is sieved so far.
    primes: Vec<u32>,
    entered: usize,
    next_byte: u64,
    patterns: Patterns,
    /// With margins on both sides, into which cycles reach.
    buffer: Vec<u8>,
    by_blocks: Cycles,
    by_segments: Cycles,
    steps: Steps,
    buckets: Buckets,
}

impl Sieve {
    fn new(mut primes: Vec<u32>, next_byte: u64) -> Self {
        let largest = primes.last().copied().unwrap_or(0);
        primes.retain(|prime| *prime > patterns::LARGEST);
        Self {
            primes,
            entered: 0,
            next_byte,
            patterns: Patterns::new(),
            buffer: vec![0; cycles::MARGIN + SEGMENT_BYTES + cycles::MARGIN],
            by_blocks: Cycles::default(),
            by_segments: Cycles::default(),
            steps: Steps::default(),
            buckets: Buckets::new(largest),
        }
    }

    /// Sieves the next `length` bytes, at most a segment; fewer only at last.
    fn advance(&mut self, length: usize) -> &mut [u8] {
        let first = self.next_byte;
        self.enter(first + u64::try_from(length).expect("a segment"));
        let segment = &mut self.buffer[cycles::MARGIN..][..length];
        self.patterns.fill(segment, first);
        self.by_blocks.cross_out(&mut self.buffer, length, cycles::BLOCK_BYTES);
        self.by_segments.cross_out(&mut self.buffer, length, SEGMENT_BYTES);
        let segment = &mut self.buffer[cycles::MARGIN..][..length];
        self.steps.cross_out(segment);
        self.buckets.cross_out(segment);
        self.next_byte += u64::try_from(length).expect("a segment");
        segment
    }

    /// Lets the base primes in whose squares are before byte `end`.
    fn enter(&mut self, end: u64) {
        while let Some(&prime) = self.primes.get(self.entered) {
            if u64::from(prime) * u64::from(prime) >= 30 * end {
                return;
            }
            self.entered += 1;
            let base = BasePrime::of(prime);
            if prime < BLOCK_CYCLES {
                self.by_blocks.add(base, self.next_byte);
            } else if prime < SEGMENT_CYCLES {
                self.by_segments.add(base, self.next_byte);
            } else if prime < FIRST_IN_BUCKETS {
                self.steps.add(base, self.next_byte);
            } else {
                self.buckets.add(base, self.next_byte);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::Unmonitored;
    use crate::sieve::each_bitmap;

    /// Counts of the primes from 7 on by this sieve and by the other one.
    fn counts(start: u64, end: u64) -> [u64; 2] {
        let mut monitor = Unmonitored;
        let mut progress = Progress::new(&mut monitor, 1.0);
        let mut counts = [0; 2];
        each_segment(start, end, &mut progress, &mut |segment| {
            assert_eq!(segment.primes().count(), usize::try_from(segment.count()).unwrap());
            counts[0] += segment.count();
            Ok(())
        })
        .unwrap();
        each_bitmap(start, end, &mut progress, &mut |bitmap| {
            counts[1] += bitmap.count();
            Ok(())
        })
        .unwrap();
        counts
    }

    #[test]
    fn base_primes_of_every_size_cross_out_what_they_must() {
        let segment = 30 * u64::try_from(SEGMENT_BYTES).unwrap();
        for start in [7, segment - 1000, 1_000_000_000_000, 12_345_678_901_234, 4_000_000_000_000_000] {
            let [count, expected] = counts(start, start + 3 * segment + 12_345);
            assert_eq!(count, expected, "from {start}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn any_interval_has_the_same_primes(start in 7..1_u64 << 44, length in 0..40_000_000_u64) {
            let [count, expected] = counts(start, start + length);
            prop_assert_eq!(count, expected);
        }
    }
}
