//! What a computation will take and yield, before it is started.
//!
//! Times follow the same counts of work that progress is reported by, at speeds measured on one thread of an x86-64
//! server core of about 3 GHz (2 MiB second-level cache), compiled in release mode: there they are within about a
//! factor of 2, from microseconds on. Bounds on results are proven ones. Nothing here depends on the machine it runs
//! on, so all members of a mesh agree.

use std::time::Duration;

use crate::counting;
use crate::sieve;

mod integers;

pub use integers::{
    binomial_check_cost, binomial_cost, binomial_digits_bound, binomial_memory_bytes,
    decimal_digits_of_fibonacci, digits_cost, factorial_check_cost, factorial_cost, factorial_digits_bound,
    factorial_memory_bytes, fibonacci_cost, power_cost, power_digits_bound, power_memory_bytes, product_cost,
    product_memory_bytes, reading_cost,
};
pub(crate) use integers::{log10_of_binomial, log10_of_factorial};

/// The estimated time of [`primes`](crate::primes), without that of the sink; measured on intervals of 1 to 10^9
/// numbers from 0 up to the end of 64 bits. [`count_primes_cost`] is never more.
#[must_use]
pub fn primes_cost(start: u64, end: u64) -> Duration {
    if start > end { Duration::ZERO } else { nanoseconds(sieve::work(start, end)) }
}

/// The estimated time of [`count_primes`](crate::count_primes), on one thread; measured on intervals of 10 to 10^16
/// numbers.
#[must_use]
pub fn count_primes_cost(start: u64, end: u64) -> Duration {
    nanoseconds(counting::work(start, end))
}

/// The estimated memory, in bytes, of [`primes`](crate::primes): below 64 MiB.
#[must_use]
pub fn primes_memory_bytes(start: u64, end: u64) -> u64 {
    if start > end { 0 } else { sieve::memory_bytes(start, end) }
}

/// The estimated memory, in bytes, of [`count_primes`](crate::count_primes).
#[must_use]
pub fn count_primes_memory_bytes(start: u64, end: u64) -> u64 {
    counting::memory_bytes(start, end)
}

/// The estimated memory, in bytes, of [`nth_prime`](crate::nth_prime).
#[must_use]
pub fn nth_prime_memory_bytes(n: u64) -> u64 {
    counting::nth_memory_bytes(n)
}

/// The estimated time of [`nth_prime`](crate::nth_prime), on one thread; measured up to the 10^14-th.
#[must_use]
pub fn nth_prime_cost(n: u64) -> Duration {
    nanoseconds(counting::nth_work(n))
}

/// An upper bound on the number of primes p with `start <= p <= end`.
///
/// The least of three: the numbers coprime to 30; H. Montgomery, R. Vaughan, "The large sieve", Mathematika 20
/// (1973): at most 2 y / ln y primes among y > 1 consecutive numbers; and the difference of the bounds on the count
/// below `end` and `start` of P. Dusart, "Estimates of some functions over primes without R.H.", arXiv:1002.0442
/// (2010), theorem 6.9. From 0 on it is within 1 % of the truth above 10^6; short intervals high up get up to some
/// times the truth.
#[must_use]
pub fn primes_count_bound(start: u64, end: u64) -> u64 {
    let Some(length) = end.checked_sub(start).map(|difference| difference.saturating_add(1)) else {
        return 0;
    };
    // 2, 3 and 5 themselves are not coprime to 30.
    let coprime = length.div_ceil(30).saturating_mul(8).saturating_add(3).min(length);
    let sieved = if length < 2 { f64::INFINITY } else { 2.0 * float(length) / float(length).ln() };
    // The bounds are widened by more than what rounding takes from them.
    let counted = count_above(float(end)) * (1.0 + 1e-12) - count_below(float(start)) * (1.0 - 1e-12);
    coprime.min(rounded_up(sieved * (1.0 + 1e-12)).min(rounded_up(counted)))
}

/// An upper bound on the bytes of the primes p with `start <= p <= end` in decimal, each with one byte that separates
/// it from the next.
///
/// It is [`primes_count_bound`] for each number of digits, times that number and one.
#[must_use]
pub fn primes_text_bound_bytes(start: u64, end: u64) -> u64 {
    let (mut least, mut bytes) = (1u64, 0u64);
    for digits in 1..=20 {
        let greatest = least.checked_mul(10).map_or(u64::MAX, |next| next - 1);
        let count = primes_count_bound(start.max(least), end.min(greatest));
        bytes = bytes.saturating_add(count.saturating_mul(digits + 1));
        least = greatest.saturating_add(1);
    }
    bytes
}

/// At least the number of primes up to x (Dusart's theorem 6.9).
fn count_above(x: f64) -> f64 {
    let log = x.ln();
    if x < 2.0 {
        0.0
    } else if x < 2_953_652_287.0 {
        x / log * (1.0 + 1.2762 / log)
    } else {
        x / log * (1.0 + 1.0 / log + 2.334 / (log * log))
    }
}

/// At most the number of primes below x (Dusart's theorem 6.9; x itself may be prime).
fn count_below(x: f64) -> f64 {
    let log = x.ln();
    if x < 599.0 {
        0.0
    } else if x < 88_783.0 {
        x / log * (1.0 + 1.0 / log) - 1.0
    } else {
        x / log * (1.0 + 1.0 / log + 2.0 / (log * log)) - 1.0
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a conversion that saturates")]
fn rounded_up(bound: f64) -> u64 {
    bound.ceil() as u64
}

fn nanoseconds(time: f64) -> Duration {
    Duration::try_from_secs_f64(time * 1e-9).unwrap_or(Duration::MAX)
}

#[expect(clippy::cast_precision_loss, reason = "an estimate")]
fn float(number: u64) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{Unmonitored, count_primes, primes};

    #[test]
    fn costs_grow_up_to_the_greatest_parameters() {
        let sizes = [0, 1, 93, 1000, 100_000, 10_000_000, 1_000_000_000, 1_000_000_000_000, u64::MAX];
        assert!(sizes.map(|end| primes_cost(0, end)).is_sorted());
        assert!(sizes.map(|end| count_primes_cost(0, end)).is_sorted());
        assert!(sizes.map(nth_prime_cost).is_sorted());
        assert_eq!([primes_cost(2, 1), count_primes_cost(2, 1)], [Duration::ZERO; 2]);
        // The lanes must tell these apart, on any machine that is not far from the one measured.
        assert!(primes_cost(u64::MAX - 100, u64::MAX) < Duration::from_millis(1));
        assert!(primes_cost(0, 100_000_000_000) > Duration::from_secs(1));
        assert!(count_primes_cost(0, 10_000_000_000) < Duration::from_millis(100));
        assert!(count_primes_cost(0, 1 << 63) > Duration::from_mins(1));
    }

    #[test]
    fn counts_from_zero_are_bounded_closely() {
        // The counts below powers of ten: OEIS A006880.
        let counts = [
            (6, 78_498),
            (7, 664_579),
            (8, 5_761_455),
            (9, 50_847_534),
            (10, 455_052_511),
            (12, 37_607_912_018),
            (14, 3_204_941_750_802),
            (16, 279_238_341_033_925),
            (18, 24_739_954_287_740_860),
        ];
        for (exponent, count) in counts {
            let bound = primes_count_bound(0, 10u64.pow(exponent));
            assert!((count..=count + count / 100).contains(&bound), "10^{exponent}: {bound}");
        }
        assert!(primes_count_bound(0, u64::MAX) >= 425_656_284_035_217_743);
    }

    #[test]
    fn bounds_hold_at_the_ends() {
        assert_eq!(primes_count_bound(5, 4), 0);
        assert_eq!(primes_text_bound_bytes(5, 4), 0);
        assert_eq!(primes_text_bound_bytes(7, 7), 2);
        assert!(primes_text_bound_bytes(0, u64::MAX) > 425_656_284_035_217_743);
        for end in 0u64..3000 {
            for start in [0, 1, 2, 3, 5, 599, 600, end / 2, end.saturating_sub(1), end] {
                let count = count_primes(start, end, &mut Unmonitored).unwrap();
                assert!(primes_count_bound(start, end) >= count, "{start}..={end}");
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn text_fits_its_bound(start in prop_oneof![0u64..2_000_000, any::<u64>()], length in 0u64..200_000) {
            let end = start.saturating_add(length);
            let (mut count, mut bytes) = (0, 0);
            primes(start, end, &mut Unmonitored, &mut |block| {
                for prime in block {
                    count += 1;
                    bytes += u64::from(prime.ilog10()) + 2;
                }
                std::ops::ControlFlow::Continue(())
            })
            .unwrap();
            prop_assert!(primes_count_bound(start, end) >= count);
            prop_assert!(primes_text_bound_bytes(start, end) >= bytes);
        }
    }
}
