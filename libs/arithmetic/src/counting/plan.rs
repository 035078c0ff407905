//! How primes up to x will be counted, and what that is estimated to take.
//!
//! The work of each part is the number of its steps, each at the time it was measured to take. Plans estimate the
//! numbers of steps by the density of primes, 1 / ln p; what runs reports them as they are.

use super::roots::WINDOW as ROOTS_WINDOW;
use super::wheel::{BYTE_NUMBERS, LAST_PRIME, index};
use crate::sieve;

/// The times of steps, in nanoseconds.
pub(super) mod nanoseconds {
    /// Of what is there for the smallest x.
    pub(in crate::counting) const START: f64 = 1.3e5;
    /// Of one number when primes are listed.
    pub(in crate::counting) const LIST: f64 = 1.0;
    /// Of one multiple when factors are noted.
    pub(in crate::counting) const NOTE: f64 = 0.5;
    /// Of one number that could be a leaf.
    pub(in crate::counting) const CANDIDATE: f64 = 0.3;
    /// Of an ordinary leaf.
    pub(in crate::counting) const ORDINARY: f64 = 8.0;
    /// Of the turn of a prime among the easy leaves.
    pub(in crate::counting) const EASY_TURN: f64 = 20.0;
    /// Of an easy leaf, or of several that share a count.
    pub(in crate::counting) const EASY: f64 = 12.0;
    /// Of a hard leaf, by the counts of a segment between two primes, and by those of the primes in it.
    pub(in crate::counting) const HARD: [f64; 2] = [15.0, 6.0];
    /// Of the turn of a prime in a segment.
    pub(in crate::counting) const TURN: f64 = 15.0;
    /// Of asking for the leaves of a prime in a segment.
    pub(in crate::counting) const ASK: f64 = 30.0;
    /// Of crossing out one bit.
    pub(in crate::counting) const CROSS: f64 = 0.75;
    /// Of filling and of counting one byte of a segment.
    pub(in crate::counting) const BYTE: f64 = 0.6;
    /// Of a number with two prime factors above y, finding the lesser one included.
    pub(in crate::counting) const PAIR: f64 = 25.0;
    /// Work between two reports, about.
    pub(in crate::counting) const REPORT: f64 = 2e6;
}

/// Intervals by which sums over primes are estimated.
const INTERVALS: u32 = 48;

/// The plan for one count.
pub(super) struct Plan {
    pub(super) x: u64,
    /// Leaves are at most this; it lies between the third and the second root of x.
    pub(super) y: u64,
    /// The sieve goes up to this: x / y.
    pub(super) z: u64,
    /// Bytes of a segment of the sieve.
    pub(super) segment_bytes: usize,
}

impl Plan {
    /// The plan for an x of at least a million.
    pub(super) fn of(x: u64) -> Self {
        // The least total of leaves and sieve, by measurement from 10^12 to 10^16.
        let y = truncated(0.15 * float(x).powf(5.0 / 12.0)).clamp(truncated(float(x).cbrt()) + 1, x.isqrt());
        // Twice the greatest prime that is crossed out, within the caches.
        let root = index((x / y).isqrt());
        let segment_bytes = (2 * root).next_power_of_two().clamp(1 << 15, 1 << 19);
        Self { x, y, z: x / y, segment_bytes }
    }

    /// The work of everything.
    pub(super) fn work(&self) -> f64 {
        self.tables() + self.ordinary() + self.easy() + self.hard() + self.crossing() + self.pairs()
    }

    /// The memory of everything, in bytes: the tables, the segment with its two sorts of counts, the turns of primes,
    /// and the primes up to the root of x, of which a window is listed at a time.
    pub(super) fn memory_bytes(&self) -> u64 {
        let root = self.x.isqrt();
        let window = root.min(ROOTS_WINDOW);
        let roots = sieve::memory_bytes(root - window, root)
            + truncated(8.0 * density_of_primes(root) * float(window));
        // Vectors that grow are up to twice as long as what they hold.
        let tables = float(self.y) * BYTES_PER_NUMBER + 6.0 * primes_below(float(self.y));
        let turns = 60.0 * primes_below(float(self.z).sqrt());
        roots + truncated(tables + turns) + 3 * self.segment_bytes as u64
    }

    /// The work of the tables.
    pub(super) fn tables(&self) -> f64 {
        let y = float(self.y);
        nanoseconds::START + y * nanoseconds::LIST + y * y.ln().ln() * nanoseconds::NOTE
    }

    /// The work of the ordinary leaves.
    pub(super) fn ordinary(&self) -> f64 {
        let y = float(self.y);
        y * (nanoseconds::CANDIDATE * WHEEL_DENSITY + nanoseconds::ORDINARY * density(float(LAST_PRIME)))
    }

    /// The work of the leaves that are two primes above the root of y and exceed z.
    pub(super) fn easy(&self) -> f64 {
        let [x, y, z] = [self.x, self.y, self.z].map(float);
        let steps = over_primes(y.sqrt(), x.cbrt(), |prime| {
            let least = prime.max(z / prime).min(y);
            let most = y.min(x / prime / prime).max(least);
            let middle = (x / prime).sqrt().clamp(least, most);
            let shared = (primes_below(most) - primes_below(middle))
                .min(primes_below(x / prime / middle) - primes_below(x / prime / most));
            primes_below(middle) - primes_below(least) + shared
        });
        steps * nanoseconds::EASY + primes_below(y) * nanoseconds::EASY_TURN
    }

    /// The work of the leaves that need the sieve.
    pub(super) fn hard(&self) -> f64 {
        let [x, y, z] = [self.x, self.y, self.z].map(float);
        let [counted, quick] = nanoseconds::HARD;
        let composite = over_primes(float(LAST_PRIME), y.sqrt(), |prime| {
            (y - y / prime) * (nanoseconds::CANDIDATE * WHEEL_DENSITY + counted * density(prime))
        });
        let prime = over_primes(y.sqrt(), z.sqrt(), |prime| {
            let (least, most) = (prime.min(y), y.min(z / prime));
            let middle = (x / prime / prime / prime).clamp(least, most.max(least));
            counted * (primes_below(middle) - primes_below(least))
                + quick * (primes_below(most) - primes_below(middle)).max(0.0)
        });
        let segment = float(BYTE_NUMBERS * self.segment_bytes as u64);
        let asked =
            over_primes(float(LAST_PRIME), z.sqrt().min(y), |prime| 1.0 + z.min(x / prime / prime) / segment);
        composite + prime + asked * nanoseconds::ASK
    }

    /// The work of crossing out.
    pub(super) fn crossing(&self) -> f64 {
        let z = float(self.z);
        let bytes = z / float(BYTE_NUMBERS);
        let segments = bytes / float(self.segment_bytes as u64);
        let bits = bytes * 8.0 * (z.sqrt().ln().ln() - float(LAST_PRIME).ln().ln());
        let turns = segments * primes_below(z.sqrt());
        bytes * nanoseconds::BYTE + bits * nanoseconds::CROSS + turns * nanoseconds::TURN
    }

    /// The work of the numbers with two prime factors above y.
    pub(super) fn pairs(&self) -> f64 {
        let root = float(self.x).sqrt();
        primes_below(root) * nanoseconds::PAIR
    }
}

/// Memory of the tables for each number up to y: a code for each that is coprime to 30, a word with its count for each
/// 240, and the bits that these are made from.
const BYTES_PER_NUMBER: f64 = 2.0 * WHEEL_DENSITY + 16.0 / 240.0 + 1.0 / 30.0;

/// The part of all numbers that is coprime to 30.
const WHEEL_DENSITY: f64 = 8.0 / 30.0;

/// Mertens: about the part of all numbers that has no divisor up to a prime.
fn density(prime: f64) -> f64 {
    0.561_459 / prime.ln()
}

/// About the sum of a function over the primes between two bounds.
fn over_primes(from: f64, to: f64, term: impl Fn(f64) -> f64) -> f64 {
    let width = (to / from).ln() / f64::from(INTERVALS);
    if width <= 0.0 {
        return 0.0;
    }
    let middle = |interval: u32| from * ((f64::from(interval) + 0.5) * width).exp();
    (0..INTERVALS).map(middle).map(|prime| term(prime) * prime / prime.ln() * width).sum()
}

/// About the part of the numbers near one that is prime.
fn density_of_primes(near: u64) -> f64 {
    1.0 / float(near.max(3)).ln()
}

/// About the number of primes below a bound.
fn primes_below(bound: f64) -> f64 {
    if bound < 10.0 { 4.0 } else { bound / (bound.ln() - 1.0) }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "of something positive and small"
)]
pub(super) fn truncated(number: f64) -> u64 {
    number as u64
}

#[expect(clippy::cast_precision_loss, reason = "an estimate")]
pub(super) fn float(number: u64) -> f64 {
    number as f64
}
