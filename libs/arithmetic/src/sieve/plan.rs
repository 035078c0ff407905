//! How an interval will be sieved, and what that is estimated to take.

use super::far;
use super::segments::SEGMENT_BYTES;
use super::steps;

/// Estimated times of the parts, in nanoseconds.
mod nanoseconds {
    /// Of preparing the patterns, and of what a segment takes anyway.
    pub(super) const PATTERNS: f64 = 12_000.0;
    pub(super) const SEGMENT: f64 = 60_000.0;
    /// Of crossing out one multiple near by, and far away.
    pub(super) const NEAR: f64 = 0.25;
    pub(super) const FAR: f64 = 2.5;
    /// Of a base prime's turn in a segment, by cycles and by steps.
    pub(super) const CYCLES: f64 = 3.0;
    pub(super) const STEPS: f64 = 22.0;
    /// Of a base prime's entry.
    pub(super) const ENTRY: f64 = 12.0;
    /// Of one number when base primes are made.
    pub(super) const BASE: f64 = 0.2;
    /// Of testing a composite, and a prime.
    pub(super) const TEST: [f64; 2] = [400.0, 3500.0];
}

/// Base primes up to this are worth it for the shortest interval.
const LEAST_BOUND: u32 = 1 << 6;

/// The plan for one interval. Work is in nanoseconds, by estimate.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    pub(super) start: u64,
    pub(super) end: u64,
    /// The base primes up to this cross out. If it is below the root of the end, what is left is tested.
    pub(super) bound: u32,
}

impl Plan {
    /// The plan for `start..=end`, which is not empty.
    pub(crate) fn of(start: u64, end: u64) -> Self {
        let root = root(end);
        let bounds = (LEAST_BOUND.ilog2()..=far::FIRST.ilog2()).map(|bits| 1 << bits);
        let tested = bounds.take_while(|bound| *bound < root).map(|bound| Self { start, end, bound });
        let sieved = Self { start, end, bound: root };
        tested.fold(sieved, |best, plan| if plan.work() < best.work() { plan } else { best })
    }

    /// The plan for making the base primes of `start..=end`: they are sieved.
    pub(super) fn of_base_primes(start: u32, end: u32) -> Self {
        Self { start: start.into(), end: end.into(), bound: root(end.into()) }
    }

    /// Whether what is left is tested.
    pub(super) fn is_tested(&self) -> bool {
        self.bound < root(self.end)
    }

    /// The bytes of the interval, 30 numbers each.
    pub(super) fn bytes(&self) -> u64 {
        self.end / 30 + 1 - self.start / 30
    }

    /// The work of everything.
    pub(crate) fn work(&self) -> f64 {
        let bytes = float(self.bytes());
        let chunks = (bytes / float(far::CHUNK_BYTES as u64)).ceil();
        self.preparation_work() + self.segment_work(self.bytes()) + self.testing_work(self.bytes()) + chunks * self.far_work(far::FIRST, self.bound)
    }

    /// The work before the first segment.
    pub(super) fn preparation_work(&self) -> f64 {
        let bound = f64::from(self.bound.min(far::FIRST));
        nanoseconds::PATTERNS + bound * nanoseconds::BASE + primes_below(bound) * nanoseconds::ENTRY
    }

    /// The work on so many bytes, but for that of the far base primes and of testing.
    pub(super) fn segment_work(&self, bytes: u64) -> f64 {
        let bound = f64::from(self.bound.min(far::FIRST));
        let by_cycles = primes_below(bound.min(steps::FIRST.into()));
        let turns = by_cycles * nanoseconds::CYCLES + (primes_below(bound) - by_cycles) * nanoseconds::STEPS;
        let segments = float(bytes) / float(self.bytes().min(SEGMENT_BYTES as u64));
        let full = float(bytes) / float(SEGMENT_BYTES as u64);
        let near = float(bytes) * multiples(67.0, bound);
        full * nanoseconds::SEGMENT + segments * turns + near * nanoseconds::NEAR
    }

    /// The work on a chunk by far base primes from one to another.
    pub(super) fn far_work(&self, from: u32, to: u32) -> f64 {
        if to <= from {
            return 0.0;
        }
        let (from, to) = (f64::from(from), f64::from(to));
        let made = (to - from) * nanoseconds::BASE + (primes_below(to) - primes_below(from)) * nanoseconds::ENTRY;
        let bytes = float(self.bytes().min(far::CHUNK_BYTES as u64));
        made + bytes * multiples(from, to) * nanoseconds::FAR
    }

    /// The work of testing what is left of so many bytes.
    pub(super) fn testing_work(&self, bytes: u64) -> f64 {
        if !self.is_tested() {
            return 0.0;
        }
        let numbers = 30.0 * float(bytes);
        // Mertens: about e^-gamma / ln b of all numbers have no divisor up to b.
        let survivors = numbers * 0.561_459 / f64::from(self.bound).ln();
        let primes = numbers / float(self.end).ln();
        primes * nanoseconds::TEST[1] + (survivors - primes).max(0.0) * nanoseconds::TEST[0]
    }

    /// The memory of everything, in bytes.
    pub(super) fn memory_bytes(&self) -> u64 {
        /// Of a segment with its margins, the patterns, and the base primes below 2^20 with their places.
        const ANYWAY: u64 = 2_500_000;
        let far = if self.bound < far::FIRST { 0 } else { self.bytes().min(far::CHUNK_BYTES as u64) };
        ANYWAY + far + far / 2
    }
}

/// The largest base prime needed for numbers up to `end`, or the number below it.
pub(super) fn root(end: u64) -> u32 {
    u32::try_from(end.isqrt()).expect("the root of a 64-bit number has 32 bits")
}

/// About the number of primes below a bound.
fn primes_below(bound: f64) -> f64 {
    if bound < 10.0 { 4.0 } else { bound / (bound.ln() - 1.0) }
}

/// About how many bits of a byte, each once for every base prime between two bounds, are crossed out.
fn multiples(from: f64, to: f64) -> f64 {
    if to <= from { 0.0 } else { 8.0 * (to.ln() / from.ln()).ln() }
}

#[expect(clippy::cast_precision_loss, reason = "an estimate")]
fn float(number: u64) -> f64 {
    number as f64
}
