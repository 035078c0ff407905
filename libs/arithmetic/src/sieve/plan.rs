//! How an interval will be sieved, and what that is estimated to take.

use super::{cycles, far, patterns, steps};

/// Estimated times of the parts, in nanoseconds.
mod nanoseconds {
    /// Of preparing the patterns, and of what a byte takes anyway.
    pub(super) const PATTERNS: f64 = 30_000.0;
    pub(super) const BYTE: f64 = 0.27;
    /// Of crossing out one multiple: by cycles in a small and in a large block, by steps, and far away.
    pub(super) const SMALL_HIT: f64 = 0.25;
    pub(super) const LARGE_HIT: f64 = 0.75;
    pub(super) const STEP: f64 = 0.7;
    pub(super) const FAR_HIT: f64 = 5.3;
    /// Of a base prime's turn in a segment, by cycles and by steps.
    pub(super) const CYCLES: f64 = 3.0;
    pub(super) const STEPS: f64 = 6.0;
    /// Of a base prime's entry, and of that of a far one.
    pub(super) const ENTRY: f64 = 18.0;
    pub(super) const FAR_ENTRY: f64 = 6.2;
    /// Of one number when base primes are made.
    pub(super) const BASE: f64 = 0.1;
    /// Of testing a composite, and a prime, for each of their bits.
    pub(super) const TEST: [f64; 2] = [6.2, 15.0];
}

/// Bytes of a segment, at most: 63 million numbers.
const SEGMENT_BYTES: u64 = 1 << 21;

/// Bytes of a segment of base primes, at most: what these cross out of a chunk takes well below 0.2 s.
const BASE_SEGMENT_BYTES: u64 = 1 << 17;

/// Base primes up to this are worth it for the shortest interval.
const LEAST_BOUND: u32 = 1 << 6;

/// The plan for one interval. Work is in nanoseconds, by estimate.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    pub(super) start: u64,
    pub(super) end: u64,
    /// At most those of the interval.
    pub(super) segment_bytes: u64,
    /// The base primes up to this cross out. If it is below the root of the end, what is left is tested.
    pub(super) bound: u32,
}

impl Plan {
    /// The plan for `start..=end`, which is not empty.
    pub(crate) fn of(start: u64, end: u64) -> Self {
        let sieved = Self::of_sieving(start, end);
        let bounds = (LEAST_BOUND.ilog2()..=far::FIRST.ilog2()).map(|bits| 1 << bits);
        let tested = bounds.take_while(|bound| *bound < sieved.bound).map(|bound| Self { bound, ..sieved });
        let plans = tested.chain([sieved]).map(|plan| (plan.work(), plan));
        plans.min_by(|a, b| a.0.total_cmp(&b.0)).expect("one at least").1
    }

    /// The plan to sieve an interval until only primes are left.
    pub(super) fn of_sieving(start: u64, end: u64) -> Self {
        let segment_bytes = (end / 30 + 1 - start / 30).min(SEGMENT_BYTES);
        Self { start, end, segment_bytes, bound: root(end) }
    }

    /// The plan for making base primes.
    pub(super) fn of_base_primes(start: u32, end: u32) -> Self {
        let plan = Self::of_sieving(start.into(), end.into());
        Self { segment_bytes: plan.segment_bytes.min(BASE_SEGMENT_BYTES), ..plan }
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
        let chunks = (bytes / float(far::CHUNK_BYTES)).ceil();
        self.preparation_work()
            + self.segment_work(self.bytes())
            + self.testing_work(self.bytes())
            + chunks * self.far_work(far::FIRST, self.bound)
    }

    /// The work before the first segment.
    pub(super) fn preparation_work(&self) -> f64 {
        let bound = f64::from(self.bound.min(far::FIRST));
        nanoseconds::PATTERNS + bound * nanoseconds::BASE + primes_between(0.0, bound) * nanoseconds::ENTRY
    }

    /// The work on so many bytes, but for that of the far base primes and of testing.
    pub(super) fn segment_work(&self, bytes: u64) -> f64 {
        let bound = |most: u32| f64::from(self.bound.min(most));
        let [none, small, large, steps] =
            [patterns::LARGEST, cycles::FIRST_LARGE, steps::FIRST, far::FIRST].map(bound);
        let hits = multiples(none, small) * nanoseconds::SMALL_HIT
            + multiples(small, large) * nanoseconds::LARGE_HIT
            + multiples(large, steps) * nanoseconds::STEP;
        let turns = primes_between(none, large) * nanoseconds::CYCLES
            + primes_between(large, steps) * nanoseconds::STEPS;
        let segments = float(bytes) / float(self.segment_bytes);
        segments * turns + float(bytes) * (hits + nanoseconds::BYTE)
    }

    /// The work on a chunk by far base primes from one to another.
    pub(super) fn far_work(&self, from: u32, to: u32) -> f64 {
        if to <= from {
            return 0.0;
        }
        let (from, to) = (f64::from(from), f64::from(to));
        let made = (to - from) * nanoseconds::BASE + primes_between(from, to) * nanoseconds::FAR_ENTRY;
        // They skip the multiples of 7.
        let hits = float(self.bytes().min(far::CHUNK_BYTES)) * multiples(from, to) * 6.0 / 7.0;
        made + hits * nanoseconds::FAR_HIT
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
        let [composite, prime] = nanoseconds::TEST;
        float(self.end).log2() * (primes * prime + (survivors - primes).max(0.0) * composite)
    }

    /// The memory of everything, in bytes.
    pub(super) fn memory_bytes(&self) -> u64 {
        /// Of patterns, bookkeeping and primes on their way.
        const ANYWAY: u64 = 400_000;
        let near = u64::from(self.bound.min(far::FIRST));
        let far = if self.bound <= far::FIRST { 0 } else { self.bytes().min(far::CHUNK_BYTES) };
        // Margins of segments; base primes, one in 14 with 12 bytes and some room; the hits of a chunk.
        let margins = 2 * u64::from(self.bound.min(steps::FIRST));
        ANYWAY + self.segment_bytes + margins + near * 5 / 4 + far + far / 2
    }
}

/// The largest base prime needed for numbers up to `end`, or the number below it.
pub(super) fn root(end: u64) -> u32 {
    u32::try_from(end.isqrt()).expect("the root of a 64-bit number has 32 bits")
}

/// About the number of primes between two bounds.
fn primes_between(from: f64, to: f64) -> f64 {
    let below = |bound: f64| if bound < 10.0 { 4.0 } else { bound / (bound.ln() - 1.0) };
    (below(to) - below(from)).max(0.0)
}

/// About how many bits of a byte, each once for every base prime between two bounds, are crossed out.
fn multiples(from: f64, to: f64) -> f64 {
    if to <= from { 0.0 } else { 8.0 * (to.ln() / from.ln()).ln() }
}

#[expect(clippy::cast_precision_loss, reason = "an estimate")]
fn float(number: u64) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chooses_by_height_and_length() {
        let high = 1_000_000_000_000_000_000;
        for (start, end, is_tested) in [
            (0, 0, false),
            (0, 1 << 40, false),
            (1 << 40, (1 << 40) + 1000, true),
            (1 << 40, (1 << 40) + 1_000_000, false),
            (high, high + 1_000_000, true),
            (high, high + 1_000_000_000, false),
            (u64::MAX - 1000, u64::MAX, true),
            (0, u64::MAX, false),
        ] {
            assert_eq!(Plan::of(start, end).is_tested(), is_tested, "{start}..={end}");
        }
    }

    #[test]
    fn memory_is_bounded() {
        for start in [0, 1 << 44, 1 << 50, 1 << 62] {
            for bits in 0..64 {
                let memory = Plan::of(start, start + (1 << bits)).memory_bytes();
                assert!(memory < 64 << 20, "{start} + 2^{bits}: {memory}");
            }
        }
    }
}
