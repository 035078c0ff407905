//! What integers in decimal cost to compute.
//!
//! Each time is the work that progress is reported by, times the measured time of one unit of it.

use std::time::Duration;

use super::{float, nanoseconds, primes_cost, primes_count_bound};
use crate::decimal::{Decimal, LIMB_DIGITS, Multiplier};
use crate::{binomial, factorial, fibonacci, power};

/// The time of one unit of [`Multiplier::work`].
const UNIT_NANOSECONDS: f64 = 1.25;

/// The time of a product of two residues, of which several are made side by side.
const CHECK_NANOSECONDS: f64 = 1.6;

/// The time of finding one prime's power.
const POWER_NANOSECONDS: f64 = 10.0;

/// The time of taking its factors of k! out of one number.
const CANCELLING_NANOSECONDS: f64 = 40.0;

/// Limbs in memory for each limb of a product, when that is largest: itself, its factors, and what making it takes.
const MEMORY_PER_LIMB: u64 = 7;

/// Memory that any computation may take.
const LEAST_MEMORY_BYTES: u64 = 1 << 19;

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
    nanoseconds(Decimal::writing_work(digits.min(MOST_DIGITS)) * 4.5 + 100.0)
}

/// The estimated time of [`Decimal::from_digits`] for this many decimal digits.
#[must_use]
pub fn reading_cost(digits: u64) -> Duration {
    nanoseconds(float(digits.min(MOST_DIGITS)) * 0.8 + 100.0)
}

/// The estimated time of [`Decimal::multiply`] for numbers of these many decimal digits.
#[must_use]
pub fn product_cost(first_digits: u64, second_digits: u64) -> Duration {
    let [first, second] = [first_digits, second_digits].map(limbs);
    nanoseconds(Multiplier::work(first, second) * UNIT_NANOSECONDS + 500.0)
}

/// The estimated time of [`factorial`](crate::factorial()).
#[must_use]
pub fn factorial_cost(n: u64) -> Duration {
    let factors = prime_powers_nanoseconds(n);
    nanoseconds(factorial::planned_work(n) * UNIT_NANOSECONDS + factors + 500.0)
}

/// The estimated time of [`factorial_modulo`](crate::factorial_modulo()).
#[must_use]
pub fn factorial_check_cost(n: u64) -> Duration {
    nanoseconds(float(n) * CHECK_NANOSECONDS)
}

/// The estimated time of [`binomial`](crate::binomial()).
#[must_use]
pub fn binomial_cost(n: u64, k: u64) -> Duration {
    let Some(k) = binomial::lesser(n, k) else {
        return Duration::ZERO;
    };
    let factors =
        prime_powers_nanoseconds(n).min(prime_powers_nanoseconds(k) + float(k) * CANCELLING_NANOSECONDS);
    nanoseconds(binomial::planned_work(n, k) * UNIT_NANOSECONDS + factors + 500.0)
}

/// The estimated time of [`binomial_modulo`](crate::binomial_modulo()).
#[must_use]
pub fn binomial_check_cost(n: u64, k: u64) -> Duration {
    nanoseconds(float(binomial::lesser(n, k).unwrap_or(0)) * 2.0 * CHECK_NANOSECONDS)
}

/// The estimated time of [`power`](crate::power()).
#[must_use]
pub fn power_cost(base: &Decimal, exponent: u64) -> Duration {
    nanoseconds(power::planned_work(base, exponent) * UNIT_NANOSECONDS + 500.0)
}

/// The estimated peak memory of making a product of this many decimal digits, its factors included.
#[must_use]
pub fn product_memory_bytes(digits: u64) -> u64 {
    (digits / LIMB_DIGITS).saturating_mul(8 * MEMORY_PER_LIMB).saturating_add(LEAST_MEMORY_BYTES)
}

/// The estimated peak memory of [`power`](crate::power()): zeros at the end of the base take none.
#[must_use]
pub fn power_memory_bytes(base: &Decimal, exponent: u64) -> u64 {
    let zeros = base.zeros().saturating_mul(exponent);
    product_memory_bytes(power_digits_bound(base, exponent).saturating_sub(zeros))
}

/// The estimated peak memory of [`factorial`](crate::factorial()).
#[must_use]
pub fn factorial_memory_bytes(n: u64) -> u64 {
    // The primes, and the powers of as many of them.
    product_memory_bytes(factorial_digits_bound(n))
        .saturating_add(primes_count_bound(2, n).saturating_mul(16))
}

/// The estimated peak memory of [`binomial`](crate::binomial()).
#[must_use]
pub fn binomial_memory_bytes(n: u64, k: u64) -> u64 {
    let k = binomial::lesser(n, k).unwrap_or(0);
    // The primes up to n and their powers, or the numbers up to n and the primes up to k.
    let factors = primes_count_bound(2, n).min(k).saturating_mul(16);
    product_memory_bytes(binomial_digits_bound(n, k)).saturating_add(factors)
}

/// The time of finding the primes up to n, and a power of each.
fn prime_powers_nanoseconds(n: u64) -> f64 {
    primes_cost(2, n).as_secs_f64() * 1e9 + float(primes_count_bound(2, n)) * POWER_NANOSECONDS
}

/// At least the number of decimal digits of n!, and at most a part of 10^12 and one more.
#[must_use]
pub fn factorial_digits_bound(n: u64) -> u64 {
    digits_bound(log10_of_factorial(n))
}

/// At least the number of decimal digits of the number of ways to choose k of n.
#[must_use]
pub fn binomial_digits_bound(n: u64, k: u64) -> u64 {
    digits_bound(log10_of_binomial(n, k))
}

/// At least the number of decimal digits of a power.
#[must_use]
pub fn power_digits_bound(base: &Decimal, exponent: u64) -> u64 {
    digits_bound(base.log10() * float(exponent))
}

/// The digits of a number with this logarithm, which is off by less than a part of 10^12.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a conversion that saturates")]
fn digits_bound(log10: f64) -> u64 {
    ((log10 * (1.0 + 1e-12) + 1e-6) as u64).saturating_add(1)
}

/// At least the decimal logarithm of n!, by Stirling's series with one term.
pub(crate) fn log10_of_factorial(n: u64) -> f64 {
    if n < 2 {
        return 0.0;
    }
    let n = float(n);
    let natural = n * n.ln() - n + (std::f64::consts::TAU * n).ln() / 2.0 + 1.0 / (12.0 * n);
    natural * std::f64::consts::LOG10_E
}

/// At least the decimal logarithm of the number of ways to choose k of n, by Stirling's bounds; 0 for none.
pub(crate) fn log10_of_binomial(n: u64, k: u64) -> f64 {
    let Some(k) = binomial::lesser(n, k).filter(|&k| k > 0) else {
        return 0.0;
    };
    let (n, k, other) = (float(n), float(k), float(n - k));
    let entropy = k * (n / k).ln() - other * (-k / n).ln_1p();
    let root = (n / (std::f64::consts::TAU * k * other)).ln() / 2.0;
    (entropy + root) * std::f64::consts::LOG10_E
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
    fn digits_of_factorials_are_bounded_closely() {
        let mut number = BigUint::from(1u32);
        for n in 0u64..1500 {
            number *= n.max(1);
            let digits = u64::try_from(number.to_string().len()).unwrap();
            assert!((digits..=digits + 1).contains(&factorial_digits_bound(n)), "{n}!");
        }
        // The number of digits of (10^9)!: OEIS A061010.
        let bound = factorial_digits_bound(1_000_000_000);
        assert!((8_565_705_523..=8_565_705_524).contains(&bound), "{bound}");
    }

    #[test]
    fn digits_of_binomial_coefficients_are_bounded_closely() {
        for n in 1u64..300 {
            let mut number = BigUint::from(1u32);
            for k in 0..=n {
                let digits = u64::try_from(number.to_string().len()).unwrap();
                let bound = binomial_digits_bound(n, k);
                assert!((digits..=digits + 1).contains(&bound), "{n} over {k}: {bound} for {digits}");
                number = number * (n - k) / (k + 1);
            }
        }
        assert!((38..=39).contains(&binomial_digits_bound(u64::MAX, 2)));
    }

    #[test]
    fn digits_of_powers_are_bounded_closely() {
        for base in 0u32..200 {
            for exponent in 0u32..100 {
                let digits = u64::try_from(BigUint::from(base).pow(exponent).to_string().len()).unwrap();
                let bound = power_digits_bound(&u64::from(base).into(), exponent.into());
                assert!((digits..=digits + 1).contains(&bound), "{base}^{exponent}: {bound} for {digits}");
            }
        }
    }

    #[test]
    fn costs_grow_up_to_the_greatest_parameters() {
        let sizes = [0, 1, 93, 1000, 100_000, 10_000_000, 1_000_000_000, 1_000_000_000_000, u64::MAX];
        assert!(sizes.map(fibonacci_cost).is_sorted());
        assert!(sizes.map(factorial_cost).is_sorted());
        assert!(sizes.map(|n| binomial_cost(n, n / 2)).is_sorted());
        assert!(sizes.map(|exponent| power_cost(&3u64.into(), exponent)).is_sorted());
        assert!(sizes.map(digits_cost).is_sorted());
        assert!(sizes.map(reading_cost).is_sorted());
        assert!(sizes.map(|digits| product_cost(digits, digits)).is_sorted());
        // The lanes must tell these apart, on any machine that is not far from the one measured.
        assert!(fibonacci_cost(1000) < Duration::from_millis(1));
        assert!(fibonacci_cost(1_000_000_000) > Duration::from_secs(1));
    }
}
