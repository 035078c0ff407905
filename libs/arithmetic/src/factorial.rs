//! Factorials from the squares of smaller ones.
//!
//! The one idea: n! / ((n/2)!)^2, the swinging factorial, has small prime powers only and is about as long as n in
//! bits; so n! costs one square per binary digit of n, each half as long as the next, and short products.
//!
//! Reference: P. Luschny, "Divide, Swing and Conquer the Factorial and the lcm{1,2,..,n}", 2008.

use crate::decimal::{Decimal, MERSENNE61, Multiplier, multiply_modulo};
use crate::estimate::log10_of_factorial;
use crate::machine::Machine;
use crate::monitor::{Interrupted, Monitor, Progress};
use crate::{factors, tree};

/// Up to here the numbers themselves are multiplied.
const PLAIN: u64 = 300;

/// Factors of a check that are multiplied between two questions to the monitor: about a millisecond's work.
const BLOCK: u64 = 1 << 20;

/// n! = 1 * 2 * .. * n, on this part of the machine.
///
/// Compare it with [`factorial_modulo`] before it is relied on. The result has about n log10(n / e) digits: the caller
/// bounds n.
///
/// # Errors
/// [`Interrupted`] when the monitor says so.
pub fn factorial(
    n: u64,
    machine: impl Into<Machine>,
    monitor: &mut dyn Monitor,
) -> Result<Decimal, Interrupted> {
    let mut progress = Progress::new(monitor, planned_work(n));
    let mut multiplier = Multiplier::new(machine.into());
    let primes = if n > PLAIN { factors::primes_up_to(n, &mut progress)? } else { Vec::new() };
    let halvings = halvings(n);
    let plain: Vec<u64> = (2..=n >> halvings).collect();
    let mut number = tree::product(&plain, &mut multiplier, &mut progress)?;
    for halving in (0..halvings).rev() {
        let swing = swing(n >> halving, &primes, &mut progress)?;
        let swing = tree::product(&swing, &mut multiplier, &mut progress)?;
        let square = Decimal::from_limbs(multiplier.square(&number, &mut progress)?);
        let product = multiplier.multiply(square.limbs(), &swing, &mut progress)?;
        number = Decimal::from_limbs(product).into_limbs();
    }
    progress.finish()?;
    Ok(Decimal::from_limbs(number))
}

/// n! modulo the prime 2^61 - 1, by another way than [`factorial`]; takes about a nanosecond times n.
///
/// # Errors
/// [`Interrupted`] when the monitor says so.
pub fn factorial_modulo(n: u64, monitor: &mut dyn Monitor) -> Result<u64, Interrupted> {
    if n >= MERSENNE61 {
        return Ok(0);
    }
    let mut progress = Progress::new(monitor, float(n));
    let mut product = 1;
    let mut end = 0;
    while end < n {
        let start = end + 1;
        end = n.min(end + BLOCK);
        product = multiply_modulo(product, factors::interval_modulo(start, end));
        progress.advance(float(end - start + 1))?;
    }
    progress.finish()?;
    Ok(product)
}

/// The estimated work of [`factorial`], in the unit of [`Multiplier::work`].
pub(crate) fn planned_work(n: u64) -> f64 {
    let limbs = |n| tree::limbs_of_digits(log10_of_factorial(n));
    let steps = (0..halvings(n)).map(|halving| {
        let (half, swing) = (limbs(n >> (halving + 1)), swing_limbs(n >> halving));
        Multiplier::work(half, half) + Multiplier::work(2 * half, swing) + tree::work(swing)
    });
    steps.sum::<f64>() + tree::work(limbs(n.min(PLAIN)))
}

/// How often n is halved before the numbers themselves are multiplied.
fn halvings(n: u64) -> u32 {
    (0..u64::BITS).find(|&halvings| n >> halvings <= PLAIN).expect("any u64 is at most 300 after 56 halvings")
}

/// About the limbs of n! / ((n/2)!)^2, which is near 2^n.
fn swing_limbs(n: u64) -> usize {
    tree::limbs_of_digits(float(n) * std::f64::consts::LOG10_2)
}

/// The prime powers of n! / ((n/2)!)^2: p stands in it as often as n / p^i is odd.
fn swing(n: u64, primes: &[u64], progress: &mut Progress<'_>) -> Result<Vec<u64>, Interrupted> {
    let up_to_n = &primes[..primes.partition_point(|&prime| prime <= n)];
    factors::prime_powers(up_to_n, progress, |prime| {
        let (mut power, mut rest) = (1, n / prime);
        while rest > 0 {
            if rest % 2 == 1 {
                power *= prime;
            }
            rest /= prime;
        }
        power
    })
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

    #[test]
    fn each_is_the_one_before_times_its_number() {
        let mut expected = Decimal::from(1u64);
        for n in 0..2000 {
            expected.multiply_small(n.max(1));
            assert_eq!(factorial(n, NonZeroUsize::MIN, &mut Unmonitored).unwrap(), expected, "{n}!");
            assert_eq!(factorial_modulo(n, &mut Unmonitored), Ok(expected.modulo_mersenne61()), "{n}!");
        }
    }

    #[test]
    fn a_check_of_several_blocks_agrees() {
        let n = 2 * BLOCK + 5;
        let expected = (1..=n).fold(1, multiply_modulo);
        assert_eq!(factorial_modulo(n, &mut Unmonitored), Ok(expected));
        assert_eq!(factorial_modulo(u64::MAX, &mut Unmonitored), Ok(0));
    }
}
