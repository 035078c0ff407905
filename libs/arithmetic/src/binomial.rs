//! Binomial coefficients without a division.
//!
//! When all primes up to n are few, each one's exponent is the number of borrows of n - k in its base (Kummer's
//! theorem). When k is small beside n, the factors of k! are taken out of the k numbers up to n one by one.

use crate::decimal::{Decimal, MERSENNE61, Multiplier, multiply_modulo, power_modulo};
use crate::estimate::log10_of_binomial;
use crate::machine::Machine;
use crate::monitor::{Interrupted, Monitor, Progress};
use crate::{factors, tree};

/// Up to this many times k, finding the primes up to n takes less than taking k! out of k numbers.
const MANY: u64 = 64;

/// Factors that are treated between two questions to the monitor: below 10 milliseconds' work.
const BLOCK: u64 = 1 << 18;

/// The number of ways to choose k of n: n! / (k! (n-k)!), and 0 when k exceeds n; on this part of the machine.
///
/// Compare it with [`binomial_modulo`] before it is relied on. Takes time and memory with the lesser of k and n - k:
/// the caller bounds that.
///
/// # Errors
/// [`Interrupted`] when the monitor says so.
pub fn binomial(
    n: u64,
    k: u64,
    machine: impl Into<Machine>,
    monitor: &mut dyn Monitor,
) -> Result<Decimal, Interrupted> {
    let mut progress = Progress::new(monitor, planned_work(n, k));
    let factors = match lesser(n, k) {
        None => return progress.finish().map(|()| Decimal::ZERO),
        Some(k) if n / MANY <= k => by_borrows(n, k, &mut progress)?,
        Some(k) => by_cancelling(n, k, &mut progress)?,
    };
    let product = tree::product(&factors, &mut Multiplier::new(machine.into()), &mut progress)?;
    progress.finish()?;
    Ok(Decimal::from_limbs(product))
}

/// The number of ways to choose k of n modulo the prime 2^61 - 1, by another way than [`binomial`]; takes a few
/// nanoseconds times the lesser of k and n - k, which is to be below 2^61 - 1.
///
/// # Errors
/// [`Interrupted`] when the monitor says so.
pub fn binomial_modulo(n: u64, k: u64, monitor: &mut dyn Monitor) -> Result<u64, Interrupted> {
    let Some(k) = lesser(n, k) else {
        return Progress::new(monitor, 0.0).finish().map(|()| 0);
    };
    let mut progress = Progress::new(monitor, float(k));
    let (mut numerator, mut denominator) = (1, 1);
    let mut done = 0;
    while done < k {
        let count = BLOCK.min(k - done);
        let upper = factors::interval_modulo(n - k + done + 1, n - k + done + count);
        numerator = multiply_modulo(numerator, upper);
        denominator = multiply_modulo(denominator, factors::interval_modulo(done + 1, done + count));
        done += count;
        progress.advance(float(count))?;
    }
    progress.finish()?;
    // Fermat: the inverse of a residue is its power to the prime less two.
    Ok(multiply_modulo(numerator, power_modulo(denominator, MERSENNE61 - 2)))
}

/// The estimated work of [`binomial`], in the unit of [`Multiplier::work`].
pub(crate) fn planned_work(n: u64, k: u64) -> f64 {
    tree::work(tree::limbs_of_digits(log10_of_binomial(n, k)))
}

/// The lesser of k and n - k, unless k exceeds n.
pub(crate) fn lesser(n: u64, k: u64) -> Option<u64> {
    n.checked_sub(k).map(|other| other.min(k))
}

/// The prime powers of the coefficient.
fn by_borrows(n: u64, k: u64, progress: &mut Progress<'_>) -> Result<Vec<u64>, Interrupted> {
    let primes = factors::primes_up_to(n, progress)?;
    factors::prime_powers(&primes, progress, |prime| {
        let (mut power, mut minuend, mut subtrahend, mut borrow) = (1, n, k, 0);
        while minuend > 0 {
            borrow = u64::from(minuend % prime < subtrahend % prime + borrow);
            if borrow == 1 {
                power *= prime;
            }
            (minuend, subtrahend) = (minuend / prime, subtrahend / prime);
        }
        power
    })
}

/// Numbers whose product is the coefficient: those from n - k + 1 to n, without the factors of k!.
fn by_cancelling(n: u64, k: u64, progress: &mut Progress<'_>) -> Result<Vec<u64>, Interrupted> {
    let primes = factors::primes_up_to(k, progress)?;
    let start = n - k + 1;
    let mut numbers: Vec<u64> = (0..k).map(|offset| start + offset).collect();
    let mut treated = 0;
    for prime in primes {
        let first = (prime - start % prime) % prime;
        let places = usize::try_from(first).expect("below k, the number of numbers");
        let stride = usize::try_from(prime).expect("at most k, the number of numbers");
        // In k consecutive numbers a prime stands at least as often as in k!.
        let mut left = exponent_in_factorial(k, prime);
        for number in numbers[places..].iter_mut().step_by(stride) {
            while left > 0 && number.is_multiple_of(prime) {
                *number /= prime;
                left -= 1;
            }
            treated += 1;
            if treated % BLOCK == 0 {
                progress.advance(0.0)?;
            }
        }
        debug_assert_eq!(left, 0, "a coefficient is an integer");
    }
    Ok(numbers)
}

/// How often a prime stands in k! (Legendre).
fn exponent_in_factorial(mut k: u64, prime: u64) -> u64 {
    let mut exponent = 0;
    while k > 0 {
        k /= prime;
        exponent += k;
    }
    exponent
}

#[expect(clippy::cast_precision_loss, reason = "a measure of work")]
fn float(number: u64) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroUsize;

    use super::*;
    use crate::Unmonitored;

    fn both_ways(n: u64, k: u64) -> [Decimal; 2] {
        [by_borrows, by_cancelling].map(|way| {
            let mut monitor = Unmonitored;
            let mut progress = Progress::new(&mut monitor, 1.0);
            let factors = way(n, k, &mut progress).unwrap();
            let mut multiplier = Multiplier::new(NonZeroUsize::MIN.into());
            Decimal::from_limbs(tree::product(&factors, &mut multiplier, &mut progress).unwrap())
        })
    }

    #[test]
    fn pascals_triangle_is_met_both_ways() {
        let mut row = vec![Decimal::from(1u64)];
        for n in 0..130u64 {
            for (k, expected) in (0..).zip(&row) {
                let k: u64 = k;
                assert_eq!(binomial(n, k, NonZeroUsize::MIN, &mut Unmonitored).as_ref(), Ok(expected));
                assert_eq!(binomial_modulo(n, k, &mut Unmonitored), Ok(expected.modulo_mersenne61()));
                let k = lesser(n, k).unwrap();
                assert!(both_ways(n, k).iter().all(|number| number == expected), "{n} over {k}");
            }
            let mut next = row.clone();
            next.push(Decimal::ZERO);
            for (sum, term) in next.iter_mut().skip(1).zip(&row) {
                sum.add(term);
            }
            row = next;
        }
    }

    #[test]
    fn both_ways_agree_on_long_ones() {
        for (n, k) in [(100_000, 50_000), (70_001, 1000), (1_000_003, 321)] {
            let [first, second] = both_ways(n, k);
            assert_eq!(first, second, "{n} over {k}");
            assert_eq!(binomial_modulo(n, k, &mut Unmonitored), Ok(first.modulo_mersenne61()));
        }
    }

    #[test]
    fn the_greatest_n_are_known() {
        // u64::MAX over 2 = (2^64 - 1) (2^63 - 1).
        let expected = Decimal::from(u128::from(u64::MAX) * u128::from(u64::MAX >> 1));
        for k in [2, u64::MAX - 2] {
            let number = binomial(u64::MAX, k, NonZeroUsize::MIN, &mut Unmonitored).unwrap();
            assert_eq!(number, expected);
            assert_eq!(binomial_modulo(u64::MAX, k, &mut Unmonitored), Ok(expected.modulo_mersenne61()));
        }
        assert_eq!(binomial(5, 6, NonZeroUsize::MIN, &mut Unmonitored), Ok(Decimal::ZERO));
        assert_eq!(binomial_modulo(5, 6, &mut Unmonitored), Ok(0));
    }
}
