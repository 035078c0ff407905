//! Powers of ten with their reciprocals, each made from the one before.
//!
//! The one idea: dividing by 10^e = 2^e 5^e needs only the division of the upper bits by 5^e, and many divisions by
//! the same number are products with its reciprocal. The quotient is made in two halves, so that reciprocals of half
//! of its precision do. The square of a reciprocal is the reciprocal of the square to half of the precision needed;
//! one Newton step gives the rest.
//!
//! Reference: R. Brent, P. Zimmermann, "Modern Computer Arithmetic", 2010, sections 1.4.1 (division by a
//! reciprocal), 1.7 (halving for radix conversion), 3.4.1 (Newton's reciprocal).

use num_bigint::BigUint;
use num_integer::Integer;

use crate::monitor::{Interrupted, Progress};
use crate::product::{multiply, work};

/// Bits of a reciprocal beyond those of the quotients it makes: what keeps the Newton step's error below one half.
const GUARD_BITS: u64 = 8;

/// Bits of 5^e up to which schoolbook division is the fastest.
const DIRECT_BITS: u64 = 96 * 64;

/// The power 10^`exponent`, as a divisor of numbers below its square.
pub(super) struct Power {
    exponent: u64,
    /// 5^`exponent`.
    five: BigUint,
    /// What division by [`five`](Self::five) needs, unless that is small.
    reciprocal: Option<BigUint>,
    /// 2^`exponent` - 1.
    low_mask: BigUint,
}

impl Power {
    /// The first rung; `exponent` is small and at least 2.
    pub(super) fn small(exponent: u32) -> Self {
        let power = Self::new(exponent.into(), BigUint::from(5u32).pow(exponent));
        Self { reciprocal: power.first_reciprocal(), ..power }
    }

    /// The next rung: the square of this one.
    pub(super) fn square(&self, progress: &mut Progress<'_>) -> Result<Self, Interrupted> {
        let square = Self::new(2 * self.exponent, multiply(&self.five, &self.five, progress)?);
        let reciprocal = match &self.reciprocal {
            Some(reciprocal) => Some(self.refine(reciprocal, &square, progress)?),
            None => square.first_reciprocal(),
        };
        Ok(Self { reciprocal, ..square })
    }

    /// The estimated work of [`square`](Self::square) for a power that has this exponent before.
    pub(super) fn square_work(exponent: u64) -> f64 {
        let [half, five] = [half_bits(exponent), five_bits(exponent)];
        let refinement = 2.0 * work(half, half) + work(half, 2 * half);
        work(five, five) + if five <= DIRECT_BITS { 0.0 } else { refinement }
    }

    /// Quotient and remainder by 10^exponent of a `number` below its square.
    pub(super) fn divide(
        &self,
        number: BigUint,
        progress: &mut Progress<'_>,
    ) -> Result<(BigUint, BigUint), Interrupted> {
        let upper = &number >> self.exponent;
        let (quotient, upper_remainder) = if let Some(reciprocal) = &self.reciprocal {
            self.divide_upper(upper, reciprocal, progress)?
        } else {
            let parts = upper.div_rem(&self.five);
            progress.advance(Self::divide_work(self.exponent))?;
            parts
        };
        Ok((quotient, (upper_remainder << self.exponent) + (number & &self.low_mask)))
    }

    /// Quotient and remainder by [`five`](Self::five) of a number whose quotient is below 10^exponent.
    fn divide_upper(
        &self,
        upper: BigUint,
        reciprocal: &BigUint,
        progress: &mut Progress<'_>,
    ) -> Result<(BigUint, BigUint), Interrupted> {
        let half = self.half_bits();
        let high = &upper >> half;
        let low = upper - (&high << half);
        let (high_quotient, remainder) = self.divide_half(high, reciprocal, progress)?;
        let (low_quotient, remainder) = self.divide_half((remainder << half) + low, reciprocal, progress)?;
        Ok(((high_quotient << half) + low_quotient, remainder))
    }

    /// Quotient and remainder by [`five`](Self::five) of a number whose quotient is below 2^half.
    fn divide_half(
        &self,
        number: BigUint,
        reciprocal: &BigUint,
        progress: &mut Progress<'_>,
    ) -> Result<(BigUint, BigUint), Interrupted> {
        // With b bits in 5^e, the number is below 2^(b + half). Dropping b - 1 bits of it makes the quotient at most
        // 1 too small, the reciprocal (less than 3 too small, number < 2^(b + precision - 8)) less than 1/8 and the
        // last rounding at most 1: so the estimate is never too large and at most 2 too small.
        let leading = &number >> (self.five.bits() - 1);
        let mut quotient = multiply(&leading, reciprocal, progress)? >> (self.precision() + 1);
        let mut remainder = number - multiply(&quotient, &self.five, progress)?;
        while remainder >= self.five {
            remainder -= &self.five;
            quotient += 1u32;
        }
        Ok((quotient, remainder))
    }

    /// The estimated work of [`divide`](Self::divide).
    pub(super) fn divide_work(exponent: u64) -> f64 {
        let [half, five] = [half_bits(exponent), five_bits(exponent)];
        if five <= DIRECT_BITS { 2.0 * work(five, five) } else { 2.0 * (work(half, half) + work(half, five)) }
    }

    /// Half of the bits of a quotient, which is below 10^e < 2^(e + b).
    fn half_bits(&self) -> u64 {
        (self.exponent + self.five.bits()).div_ceil(2)
    }

    /// The bits of a reciprocal after its leading one.
    fn precision(&self) -> u64 {
        self.half_bits() + GUARD_BITS
    }

    fn new(exponent: u64, five: BigUint) -> Self {
        let low_mask = (BigUint::from(1u32) << exponent) - 1u32;
        Self { exponent, five, reciprocal: None, low_mask }
    }

    /// The reciprocal by division, if one is needed.
    fn first_reciprocal(&self) -> Option<BigUint> {
        let needed = self.five.bits() > DIRECT_BITS;
        needed.then(|| (BigUint::from(1u32) << (self.five.bits() + self.precision())) / &self.five)
    }

    /// The reciprocal of `square`, which is the square of this power, from that of this power.
    ///
    /// A reciprocal is 2^(bits of 5^e + precision) / 5^e, less a number below 3.
    fn refine(
        &self,
        reciprocal: &BigUint,
        square: &Self,
        progress: &mut Progress<'_>,
    ) -> Result<BigUint, Interrupted> {
        let (precision, next_precision) = (self.precision(), square.precision());
        // Start: x = 2^(bits of 5^2e + precision) / 5^2e, too small by a part s, 0 <= s < 2^(3 - precision).
        let start_shift = 2 * self.five.bits() + precision - square.five.bits();
        let start = multiply(reciprocal, reciprocal, progress)? >> start_shift;
        // As many bits of 5^2e as the result can show: s grows by less than 2^-(next_precision + 3).
        let divisor = &square.five >> square.five.bits().saturating_sub(next_precision + 4);
        let unit_bits = divisor.bits() + precision;
        // s in units of 2^-unit_bits.
        let shortfall = (BigUint::from(1u32) << unit_bits) - multiply(&start, &divisor, progress)?;
        // Newton: x + x s, too small by x s^2 < 2^(next_precision + 1 + 6 - 2 precision) <= 1/2, as the guard bits
        // make next_precision <= 2 precision - 8. The bits of s that are dropped are worth less than 1/4, the bits
        // of the divisor that were, made the result less than 1/4 too large, and rounding takes less than 1: less
        // one more, the result is too small by more than 0 and less than 3.
        let dropped = unit_bits - next_precision - 3;
        let correction = multiply(&start, &(shortfall >> dropped), progress)? >> (precision + 3);
        Ok((start << (next_precision - precision)) + correction - 1u32)
    }
}

/// About the bits of 5^exponent.
fn five_bits(exponent: u64) -> u64 {
    exponent * 2322 / 1000
}

/// About half of the bits of 10^exponent.
fn half_bits(exponent: u64) -> u64 {
    u64::midpoint(exponent, five_bits(exponent))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::Unmonitored;

    fn ladder(first: u32, rungs: u32) -> Vec<Power> {
        let mut monitor = Unmonitored;
        let mut progress = Progress::new(&mut monitor, 1.0);
        let mut ladder = vec![Power::small(first)];
        for _ in 0..rungs {
            ladder.push(ladder.last().unwrap().square(&mut progress).unwrap());
        }
        ladder
    }

    #[test]
    fn reciprocals_are_at_most_two_below_the_truth() {
        for first in [19, 57, 304, 700] {
            for power in ladder(first, 8) {
                let Some(reciprocal) = &power.reciprocal else { continue };
                let exact = (BigUint::from(1u32) << (power.five.bits() + power.precision())) / &power.five;
                assert!(*reciprocal <= exact, "10^{}", power.exponent);
                assert!(exact - reciprocal <= BigUint::from(2u32), "10^{}", power.exponent);
            }
        }
    }

    #[test]
    fn divides_at_the_edges() {
        let mut monitor = Unmonitored;
        let mut progress = Progress::new(&mut monitor, 1.0);
        for power in ladder(19, 9) {
            let ten = BigUint::from(10u32).pow(u32::try_from(power.exponent).unwrap());
            let one = BigUint::from(1u32);
            for quotient in [BigUint::ZERO, one.clone(), &ten >> 1u32, &ten - &one] {
                for remainder in [BigUint::ZERO, one.clone(), &ten >> 1u32, &ten - &one] {
                    let number = &quotient * &ten + &remainder;
                    assert_eq!(power.divide(number, &mut progress).unwrap(), (quotient.clone(), remainder));
                }
            }
        }
    }

    proptest! {
        #[test]
        fn divides_like_long_division(limbs in prop::collection::vec(any::<u32>(), 0..3000)) {
            let mut monitor = Unmonitored;
            let mut progress = Progress::new(&mut monitor, 1.0);
            let number = BigUint::new(limbs);
            for power in ladder(38, 9) {
                let ten = BigUint::from(10u32).pow(u32::try_from(power.exponent).unwrap());
                if number < &ten * &ten {
                    let expected = (&number / &ten, &number % &ten);
                    prop_assert_eq!(power.divide(number.clone(), &mut progress).unwrap(), expected);
                }
            }
        }
    }
}
