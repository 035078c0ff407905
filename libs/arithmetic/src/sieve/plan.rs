//! How an interval will be sieved, and what that is estimated to take.

use std::ops::Range;

use super::bitmap::{PIECE_WORDS, WORD_BITS, word_of};

/// Base primes above this are not kept: with their next multiples, those below are 640 KiB.
const LARGEST_SMALL_BOUND: u32 = 1 << 20;

/// Base primes up to this are worth it for the shortest interval.
const LEAST_SMALL_BOUND: u32 = 1 << 10;

/// Words of a bitmap that large base primes are crossed out of: 16 MiB, 268 million numbers.
const LARGE_BITMAP_WORDS: u64 = 1 << 21;

/// Estimated times of the parts, in nanoseconds.
mod nanoseconds {
    /// Of clearing one bit in a piece.
    pub(super) const CLEAR: f64 = 1.0;
    /// Of one base prime's turn in a piece.
    pub(super) const TURN: f64 = 3.0;
    /// Of one number when base primes are produced.
    pub(super) const PRODUCE: f64 = 0.7;
    /// Of the division by which a prime enters.
    pub(super) const ENTER: f64 = 10.0;
    /// Of clearing one bit in a bitmap beyond the cache.
    pub(super) const CLEAR_FAR: f64 = 3.0;
    /// Of testing a composite, and a prime.
    pub(super) const TEST: [f64; 2] = [400.0, 3500.0];
    /// Of preparing the patterns and of copying one of their words.
    pub(super) const PATTERNS: [f64; 2] = [7000.0, 1.0];
}

/// How the composites without a small divisor are cleared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cleaning {
    /// There are none.
    Nothing,
    /// By the base primes above the small bound.
    LargePrimes,
    /// By testing each number that is left.
    Testing,
}

/// The plan for one interval. Work is in nanoseconds, by estimate.
pub(crate) struct Plan {
    end: u64,
    words: Range<u64>,
    /// The primes up to this are sieved by strides.
    pub(super) small_bound: u32,
    pub(super) cleaning: Cleaning,
}

impl Plan {
    /// The plan for `start..=end`, which is not empty.
    pub(crate) fn of(start: u64, end: u64) -> Self {
        let root = root(end);
        let widest = u32::try_from(end - start).unwrap_or(u32::MAX);
        let small_bound = root.min(widest.clamp(LEAST_SMALL_BOUND, LARGEST_SMALL_BOUND));
        let words = word_of(start)..word_of(end) + 1;
        let mut plan = Self { end, words, small_bound, cleaning: Cleaning::Nothing };
        if small_bound < root {
            let [large, testing] = [Cleaning::LargePrimes, Cleaning::Testing].map(|cleaning| {
                plan.cleaning = cleaning;
                plan.work()
            });
            plan.cleaning = if large < testing { Cleaning::LargePrimes } else { Cleaning::Testing };
        }
        plan
    }

    /// The word the interval starts in.
    pub(super) fn first_word(&self) -> u64 {
        self.words.start
    }

    /// The words of the bitmaps that are sieved one after another.
    pub(super) fn bitmaps(&self) -> impl Iterator<Item = Range<u64>> {
        let Range { start, end } = self.words;
        let step = self.bitmap_words();
        (start..end)
            .step_by(usize::try_from(step).expect("a small constant"))
            .map(move |first| first..end.min(first + step))
    }

    /// The work of everything.
    pub(crate) fn work(&self) -> f64 {
        let words = float(self.words.end - self.words.start);
        let bitmaps = (words / float(self.bitmap_words())).ceil();
        let cleaning = match self.cleaning {
            Cleaning::Nothing => 0.0,
            Cleaning::LargePrimes => {
                bitmaps * self.production_work(root(self.end)) + words * self.far_word_work()
            }
            Cleaning::Testing => words * self.testing_work(),
        };
        self.preparation_work() + words * self.word_work() + cleaning
    }

    /// The work before the first piece.
    pub(super) fn preparation_work(&self) -> f64 {
        let bound = f64::from(self.small_bound);
        nanoseconds::PATTERNS[0] + bound * nanoseconds::PRODUCE + primes_below(bound) * nanoseconds::ENTER
    }

    /// The work of sieving one word by strides.
    pub(super) fn word_work(&self) -> f64 {
        let bound = f64::from(self.small_bound);
        let piece_words = float((self.words.end - self.words.start).min(PIECE_WORDS));
        let turns = primes_below(bound) * nanoseconds::TURN / piece_words;
        nanoseconds::PATTERNS[1] + turns + cleared_bits(19.0, bound) * nanoseconds::CLEAR
    }

    /// The work of producing the large base primes up to a bound, for one bitmap.
    pub(super) fn production_work(&self, bound: u32) -> f64 {
        let (small, bound) = (f64::from(self.small_bound), f64::from(bound));
        (bound - small) * nanoseconds::PRODUCE
            + (primes_below(bound) - primes_below(small)) * nanoseconds::ENTER
    }

    /// The work of crossing large base primes out of one word.
    pub(super) fn far_word_work(&self) -> f64 {
        cleared_bits(self.small_bound.into(), root(self.end).into()) * nanoseconds::CLEAR_FAR
    }

    /// The work of testing the numbers left in one word.
    pub(super) fn testing_work(&self) -> f64 {
        // Mertens: about e^-gamma / ln b of all numbers have no divisor up to b.
        let numbers = float(2 * WORD_BITS);
        let survivors = numbers * 0.561_459 / f64::from(self.small_bound).ln();
        let primes = numbers / float(self.end).ln();
        primes * nanoseconds::TEST[1] + (survivors - primes).max(0.0) * nanoseconds::TEST[0]
    }

    /// The memory of bitmaps, base primes and their places, in bytes.
    pub(super) fn memory_bytes(&self) -> u64 {
        (1 << 20) + 8 * self.bitmap_words().min(self.words.end - self.words.start)
    }

    fn bitmap_words(&self) -> u64 {
        if self.cleaning == Cleaning::LargePrimes { LARGE_BITMAP_WORDS } else { PIECE_WORDS }
    }
}

/// The largest base prime needed for numbers up to `end`, or the number below it.
pub(super) fn root(end: u64) -> u32 {
    u32::try_from(end.isqrt()).expect("the root of a 64-bit number has 32 bits")
}

/// About the number of primes below a bound.
pub(super) fn primes_below(bound: f64) -> f64 {
    if bound < 10.0 { 4.0 } else { bound / (bound.ln() - 1.0) }
}

/// About how often the primes between two bounds clear a bit of one word.
fn cleared_bits(from: f64, to: f64) -> f64 {
    if to <= from { 0.0 } else { float(WORD_BITS) * (to.ln() / from.ln()).ln() }
}

#[expect(clippy::cast_precision_loss, reason = "an estimate")]
pub(super) fn float(number: u64) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sieve::bitmap::last_number;

    #[test]
    fn chooses_by_height_and_length() {
        let high = 1_000_000_000_000_000_000;
        for (start, end, cleaning) in [
            (0, 0, Cleaning::Nothing),
            (0, 1 << 40, Cleaning::Nothing),
            (1 << 40, (1 << 40) + 1000, Cleaning::Testing),
            (high, high + 1_000_000, Cleaning::Testing),
            (high, high + 1_000_000_000, Cleaning::LargePrimes),
            (u64::MAX - 1000, u64::MAX, Cleaning::Testing),
        ] {
            assert_eq!(Plan::of(start, end).cleaning, cleaning, "{start}..={end}");
        }
    }

    #[test]
    fn bitmaps_cover_the_interval() {
        let high = 1_000_000_000_000_000_000;
        for (start, end) in [(0, 0), (5, 1 << 27), (high, high + 1_000_000_000), (u64::MAX - 1000, u64::MAX)]
        {
            let plan = Plan::of(start, end);
            let mut next = word_of(start);
            for range in plan.bitmaps() {
                assert_eq!(range.start, next);
                assert!(range.end > range.start);
                next = range.end;
            }
            assert_eq!(last_number(next - 1), last_number(word_of(end)));
        }
    }
}
