//! Fibonacci numbers by doubling the index.
//!
//! The one idea: F(k) and its companion, the Lucas number L(k), become those at 2k with two products that share a
//! factor, so n costs one step per binary digit. The last step needs no companion and costs one product.
//!
//! ```text
//! F(2k) = F(k) L(k)        F(k+1) = (F(k) + L(k)) / 2      F(2k+1) = F(k+1) L(k) - (-1)^k
//! L(2k) = L(k)^2 - 2 (-1)^k    L(k+1) = (5 F(k) + L(k)) / 2
//! ```

use crate::decimal::{Decimal, MERSENNE61, Multiplier, multiply_modulo};
use crate::machine::Machine;
use crate::monitor::{Interrupted, Monitor, Progress};

/// The largest index whose Lucas number is below 2^128.
const LAST_IN_U128: u64 = 184;

/// F(n): 0 for n = 0, 1 for n = 1, then the sum of the two before; on this part of the machine.
///
/// Compare it with [`fibonacci_modulo`] before it is relied on. The result has about 0.209 n digits: the caller bounds
/// n.
///
/// # Errors
/// [`Interrupted`] when the monitor says so.
pub fn fibonacci(
    n: u64,
    machine: impl Into<Machine>,
    monitor: &mut dyn Monitor,
) -> Result<Decimal, Interrupted> {
    let steps = doublings(n);
    let mut progress = Progress::new(monitor, planned_work(n));
    let mut multiplier = Multiplier::new(machine.into());
    multiplier.reserve(limbs(n) + 1);
    let mut pair = Pair::small(n >> steps);
    for step in (1..steps).rev() {
        pair = pair.double(&mut multiplier, &mut progress)?;
        if n >> step & 1 == 1 {
            pair = pair.next(&mut progress)?;
        }
    }
    let number =
        if steps == 0 { pair.fibonacci } else { pair.double_last(n & 1, &mut multiplier, &mut progress)? };
    progress.finish()?;
    Ok(number)
}

/// F(n) modulo the prime 2^61 - 1, by another way than [`fibonacci`]: a computed number that differs from it modulo
/// this prime ([`Decimal::modulo_mersenne61`]) is wrong.
#[must_use]
pub fn fibonacci_modulo(n: u64) -> u64 {
    // F(k) and F(k+1): F(2k) = F(k) (2 F(k+1) - F(k)), F(2k+1) = F(k)^2 + F(k+1)^2.
    let (mut current, mut next) = (0, 1);
    for bit in (0..u64::BITS).rev() {
        let difference = (2 * next + MERSENNE61 - current) % MERSENNE61;
        let even = multiply_modulo(current, difference);
        let odd = (multiply_modulo(current, current) + multiply_modulo(next, next)) % MERSENNE61;
        (current, next) = if n >> bit & 1 == 0 { (even, odd) } else { (odd, (even + odd) % MERSENNE61) };
    }
    current
}

/// The estimated work of [`fibonacci`], in the unit of [`Multiplier::work`].
pub(crate) fn planned_work(n: u64) -> f64 {
    (0..doublings(n))
        .map(|step| {
            let limbs = limbs(n >> (step + 1));
            if step == 0 { Multiplier::work(limbs, limbs) } else { 2.0 * Multiplier::work(limbs, limbs) }
        })
        .sum()
}

/// F(k) and L(k).
struct Pair {
    index: u64,
    fibonacci: Decimal,
    lucas: Decimal,
}

/// How often the index is doubled after the start in 128-bit arithmetic.
fn doublings(n: u64) -> u32 {
    (0..u64::BITS)
        .find(|&steps| n >> steps <= LAST_IN_U128)
        .expect("any u64 is at most 184 after 57 halvings")
}

/// About the number of limbs of F(k): k log10((1 + sqrt 5) / 2) / 19, and one that has begun.
fn limbs(k: u64) -> usize {
    // 0.010999352... in units of 2^-32.
    usize::try_from((u128::from(k) * 47_241_861) >> 32).expect("a factor below one") + 1
}

impl Pair {
    fn small(index: u64) -> Self {
        let (mut fibonacci, mut next) = (0u128, 1u128);
        for _ in 0..index {
            (fibonacci, next) = (next, fibonacci + next);
        }
        // L(k) = 2 F(k+1) - F(k).
        Self { index, fibonacci: fibonacci.into(), lucas: (next + (next - fibonacci)).into() }
    }

    /// The pair at twice the index.
    fn double(self, multiplier: &mut Multiplier, progress: &mut Progress<'_>) -> Result<Self, Interrupted> {
        let (product, square) =
            multiplier.multiply_and_square(self.fibonacci.limbs(), self.lucas.limbs(), progress)?;
        let [fibonacci, square] = [product, square].map(Decimal::from_limbs);
        multiplier.recycle(self.fibonacci.into_limbs());
        multiplier.recycle(self.lucas.into_limbs());
        let lucas = alternating(square, self.index, 2);
        Ok(Self { index: 2 * self.index, fibonacci, lucas })
    }

    /// The pair at the next index.
    fn next(self, progress: &mut Progress<'_>) -> Result<Self, Interrupted> {
        let Self { index, fibonacci, mut lucas } = self;
        lucas.add(&fibonacci);
        lucas.halve();
        // The longest numbers take a tenth of a second for one pass over them.
        progress.advance(0.0)?;
        let next = lucas.clone();
        // (5 F + L) / 2 = (F + L) / 2 + 2 F.
        lucas.add(&fibonacci);
        progress.advance(0.0)?;
        lucas.add(&fibonacci);
        Ok(Self { index: index + 1, fibonacci: next, lucas })
    }

    /// F at twice the index plus `bit`.
    fn double_last(
        self,
        bit: u64,
        multiplier: &mut Multiplier,
        progress: &mut Progress<'_>,
    ) -> Result<Decimal, Interrupted> {
        let Self { index, mut fibonacci, lucas } = self;
        if bit == 1 {
            fibonacci.add(&lucas);
            fibonacci.halve();
        }
        let product = Decimal::from_limbs(multiplier.multiply(fibonacci.limbs(), lucas.limbs(), progress)?);
        Ok(if bit == 0 { product } else { alternating(product, index, 1) })
    }
}

/// `number - offset (-1)^k`, which is not negative.
fn alternating(mut number: Decimal, k: u64, offset: u64) -> Decimal {
    let offset = Decimal::from(offset);
    if k.is_multiple_of(2) {
        number.checked_sub(&offset).expect("a Fibonacci or Lucas number is not negative")
    } else {
        number.add(&offset);
        number
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroUsize;

    use super::*;
    use crate::Unmonitored;

    #[test]
    fn agrees_with_addition() {
        let (mut current, mut next) = (Decimal::ZERO, Decimal::from(1u64));
        for n in 0..3000 {
            assert_eq!(fibonacci(n, NonZeroUsize::MIN, &mut Unmonitored).unwrap(), current, "F({n})");
            assert_eq!(fibonacci_modulo(n), current.modulo_mersenne61(), "F({n})");
            current.add(&next);
            std::mem::swap(&mut current, &mut next);
        }
    }

    #[test]
    fn the_estimate_of_limbs_is_close() {
        for n in [94, 1000, 12_345, 500_000] {
            let exact = fibonacci(n, NonZeroUsize::MIN, &mut Unmonitored).unwrap().limbs().len();
            assert!(limbs(n).abs_diff(exact) <= 1, "F({n}): {} for {exact}", limbs(n));
        }
    }

    #[test]
    fn the_last_pair_in_128_bits_fits() {
        let pair = Pair::small(LAST_IN_U128);
        let mut monitor = Unmonitored;
        let mut progress = Progress::new(&mut monitor, 1.0);
        let after = Pair::small(LAST_IN_U128 - 1).next(&mut progress).unwrap();
        assert_eq!((pair.fibonacci, pair.lucas), (after.fibonacci, after.lucas));
    }
}
