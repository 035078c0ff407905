//! Fibonacci numbers by doubling the index.
//!
//! The one idea: a pair of neighbours `F(k), F(k-1)` becomes the pair at `2k` or `2k + 1` with two squares and some
//! additions, so n costs one step per binary digit, and the last step, which needs no pair, costs one product.
//!
//! ```text
//! F(2k+1) = 4 F(k)^2 - F(k-1)^2 + 2 (-1)^k       F(2k) = F(k) (F(k) + 2 F(k-1))
//! F(2k-1) =   F(k)^2 + F(k-1)^2                  F(2k) = F(2k+1) - F(2k-1)
//! ```

use num_bigint::BigUint;

use crate::monitor::{Interrupted, Monitor, Progress};
use crate::product::{multiply, work};

/// The largest index whose Fibonacci number is below 2^64.
const LAST_IN_U64: u64 = 93;

/// F(n): 0 for n = 0, 1 for n = 1, then the sum of the two before.
///
/// Takes memory of about 6 times the result, which has about 0.0868 n bytes: the caller bounds n.
///
/// # Errors
/// [`Interrupted`] when the monitor says so.
pub fn fibonacci(n: u64, monitor: &mut dyn Monitor) -> Result<BigUint, Interrupted> {
    let steps = doublings(n);
    let mut progress = Progress::new(monitor, planned_work(n));
    let mut pair = Pair::small(n >> steps);
    for step in (1..steps).rev() {
        pair = pair.double(n >> step & 1, &mut progress)?;
    }
    let number = if steps == 0 { pair.current } else { pair.double_last(n & 1, &mut progress)? };
    progress.finish()?;
    Ok(number)
}

/// The estimated work of [`fibonacci`], in the unit of [`work`].
pub(crate) fn planned_work(n: u64) -> f64 {
    (0..doublings(n))
        .map(|step| {
            let bits = bits(n >> (step + 1));
            if step == 0 { work(bits, bits) } else { 2.0 * work(bits, bits) }
        })
        .sum()
}

/// F(k) and F(k-1), where k is `index` and at least 1, or 0 with F(-1) = 1.
struct Pair {
    index: u64,
    current: BigUint,
    previous: BigUint,
}

/// How often the index is doubled after the start in 64-bit arithmetic.
fn doublings(n: u64) -> u32 {
    (0..u64::BITS).find(|&steps| n >> steps <= LAST_IN_U64).expect("any u64 is at most 93 after 58 halvings")
}

/// About the number of bits of F(k): k log2((1 + sqrt 5) / 2).
fn bits(k: u64) -> u64 {
    // 0.694241913... in units of 2^-32.
    u64::try_from((u128::from(k) * 2_981_746_315) >> 32).expect("a factor below one")
}

impl Pair {
    fn small(index: u64) -> Self {
        let (mut current, mut previous) = (0u64, 1u64);
        for _ in 0..index {
            (current, previous) = (current + previous, current);
        }
        Self { index, current: current.into(), previous: previous.into() }
    }

    /// The pair at twice the index plus `bit`.
    fn double(self, bit: u64, progress: &mut Progress<'_>) -> Result<Self, Interrupted> {
        let current_squared = multiply(&self.current, &self.current, progress)?;
        let previous_squared = multiply(&self.previous, &self.previous, progress)?;
        let below = &current_squared + &previous_squared;
        let above = self.with_sign_term((current_squared << 2u32) - previous_squared);
        let middle = &above - &below;
        let index = 2 * self.index + bit;
        Ok(if bit == 0 {
            Self { index, current: middle, previous: below }
        } else {
            Self { index, current: above, previous: middle }
        })
    }

    /// F at twice the index plus `bit`.
    fn double_last(self, bit: u64, progress: &mut Progress<'_>) -> Result<BigUint, Interrupted> {
        if bit == 0 {
            let sum = &self.current + (&self.previous << 1u32);
            multiply(&self.current, &sum, progress)
        } else {
            let twice = &self.current << 1u32;
            let product = multiply(&(&twice + &self.previous), &(&twice - &self.previous), progress)?;
            Ok(self.with_sign_term(product))
        }
    }

    /// Adds 2 (-1)^k. The sum is F(2k+1), so it is not negative.
    fn with_sign_term(&self, number: BigUint) -> BigUint {
        if self.index.is_multiple_of(2) { number + 2u32 } else { number - 2u32 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Unmonitored;

    #[test]
    fn agrees_with_addition() {
        let (mut current, mut next) = (BigUint::ZERO, BigUint::from(1u32));
        for n in 0..3000 {
            assert_eq!(fibonacci(n, &mut Unmonitored).unwrap(), current, "F({n})");
            (current, next) = (next.clone(), current + next);
        }
    }

    #[test]
    fn the_estimate_of_bits_is_close() {
        for n in [94, 1000, 12_345, 500_000] {
            let exact = fibonacci(n, &mut Unmonitored).unwrap().bits();
            assert!(bits(n).abs_diff(exact) <= 2, "F({n}): {} for {exact}", bits(n));
        }
    }
}
