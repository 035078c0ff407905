//! What integers in decimal cost to compute.
//!
//! Each time is the work that progress is reported by, times the measured time of one unit of it.

use std::time::Duration;

use super::{float, nanoseconds};
use crate::decimal::{Decimal, LIMB_DIGITS, Multiplier};
use crate::fibonacci;

/// The time of one unit of [`Multiplier::work`].
const UNIT_NANOSECONDS: f64 = 1.25;

/// More digits than this count as this many.
const MOST_DIGITS: u64 = 1_000_000_000_000_000;

/// The estimated time of [`fibonacci`](crate::fibonacci()).
#[must_use]
pub fn fibonacci_cost(n: u64) -> Duration {
    nanoseconds(fibonacci::planned_work(n) * UNIT_NANOSECONDS + 500.0)
}

/// The estimated time of [`Decimal::write`] for this many decimal digits, without that of the sink.
#[must_use]
pub fn digits_cost(digits: u64) -> Duration {
    nanoseconds(Decimal::writing_work(digits.min(MOST_DIGITS)) * 4.0 + 100.0)
}

/// The estimated time of [`Decimal::from_digits`] for this many decimal digits.
#[must_use]
pub fn reading_cost(digits: u64) -> Duration {
    nanoseconds(float(digits.min(MOST_DIGITS)) * 0.5 + 100.0)
}

/// The estimated time of [`Decimal::multiply`] for numbers of these many decimal digits.
#[must_use]
pub fn product_cost(first_digits: u64, second_digits: u64) -> Duration {
    let [first, second] = [first_digits, second_digits].map(limbs);
    nanoseconds(Multiplier::work(first, second) * UNIT_NANOSECONDS + 500.0)
}

/// The number of decimal digits of F(n).
///
/// Exact for n < 10^10: there F(n) keeps a distance of more than 10^-11 of itself from every power of ten, as all n
/// were tried, and the logarithm here is off by less than 10^-18. Beyond that it could be one digit off.
#[must_use]
pub fn decimal_digits_of_fibonacci(n: u64) -> u64 {
    /// The decimal logarithm of (1 + sqrt 5) / 2, in units of 2^-128.
    const LOG_OF_GOLDEN_RATIO: u128 = 71_114_808_881_484_351_271_343_921_242_603_624_949;
    /// The decimal logarithm of sqrt 5, in units of 2^-64.
    const LOG_OF_ROOT_5: u128 = 118_923_583_741_099_549_856_681_249_090_832_489_377 >> 64;
    if n < 2 {
        return 1;
    }
    let [high, low] = [LOG_OF_GOLDEN_RATIO >> 64, LOG_OF_GOLDEN_RATIO & u128::from(u64::MAX)];
    let power = u128::from(n) * high + ((u128::from(n) * low) >> 64);
    u64::try_from((power - LOG_OF_ROOT_5) >> 64).expect("64 of 128 bits") + 1
}

/// The limbs of a number of this many digits.
fn limbs(digits: u64) -> usize {
    usize::try_from(digits.min(MOST_DIGITS).div_ceil(LIMB_DIGITS)).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use num_bigint::BigUint;

    use super::*;

    #[test]
    fn digits_of_fibonacci_numbers_are_exact() {
        let (mut current, mut next) = (BigUint::ZERO, BigUint::from(1u32));
        let mut power = BigUint::from(10u32);
        let mut digits = 1;
        for n in 0..20_000 {
            if current >= power {
                power *= 10u32;
                digits += 1;
            }
            assert_eq!(decimal_digits_of_fibonacci(n), digits, "F({n})");
            (current, next) = (next.clone(), current + next);
        }
        assert_eq!(decimal_digits_of_fibonacci(1_000_000_000), 208_987_640);
    }

    #[test]
    fn costs_grow_up_to_the_greatest_parameters() {
        let sizes = [0, 1, 93, 1000, 100_000, 10_000_000, 1_000_000_000, 1_000_000_000_000, u64::MAX];
        assert!(sizes.map(fibonacci_cost).is_sorted());
        assert!(sizes.map(digits_cost).is_sorted());
        assert!(sizes.map(reading_cost).is_sorted());
        assert!(sizes.map(|digits| product_cost(digits, digits)).is_sorted());
        // The lanes must tell these apart, on any machine that is not far from the one measured.
        assert!(fibonacci_cost(1000) < Duration::from_millis(1));
        assert!(fibonacci_cost(1_000_000_000) > Duration::from_secs(1));
    }
}
