//! Products of large integers, cut into parts so that a monitor is asked often.
//!
//! num-bigint multiplies by Toom-Cook with three parts, in one call. Above a size this module takes the same step
//! itself and asks between the five products. All large operations of the other kernels (division too) are made of
//! these products, so a faster multiplication replaces this one file.
//!
//! Reference: M. Bodrato, "Towards Optimal Toom-Cook Multiplication for Univariate and Multivariate Polynomials in
//! Characteristic 2 and 0", WAIFI 2007 (the evaluation points 0, 1, -1, -2, infinity and their interpolation).

use num_bigint::{BigInt, BigUint};

use crate::monitor::{Interrupted, Monitor, Progress};

/// A shorter operand up to this many bits, and a longer one up to twice as many, are multiplied in one call, which
/// takes at most about 0.1 s.
const CUT_BITS: u64 = 1 << 21;

/// log 5 / log 3, the exponent of Toom-Cook with three parts.
const EXPONENT: f64 = 1.464_973_520_717_927;

/// The estimated work of a product of operands with these numbers of bits, in the unit of [`Progress`] here: the
/// work of two operands of one limb.
pub(crate) fn work(first_bits: u64, second_bits: u64) -> f64 {
    let [long, short] = [first_bits.max(second_bits), first_bits.min(second_bits)].map(limbs);
    long / short * short.powf(EXPONENT)
}

/// The product.
///
/// # Errors
/// [`Interrupted`] when the monitor says so.
pub fn product(first: &BigUint, second: &BigUint, monitor: &mut dyn Monitor) -> Result<BigUint, Interrupted> {
    let mut progress = Progress::new(monitor, work(first.bits(), second.bits()));
    let product = multiply(first, second, &mut progress)?;
    progress.finish()?;
    Ok(product)
}

/// The product, reporting [`work`] of it in parts.
pub(crate) fn multiply(
    first: &BigUint,
    second: &BigUint,
    progress: &mut Progress<'_>,
) -> Result<BigUint, Interrupted> {
    let (long, short) = if first.bits() < second.bits() { (second, first) } else { (first, second) };
    if short.bits() <= CUT_BITS && long.bits() <= 2 * CUT_BITS {
        let product = long * short;
        progress.advance(work(long.bits(), short.bits()))?;
        Ok(product)
    } else if short.bits() <= long.bits() / 2 {
        multiply_unbalanced(long, short, progress)
    } else {
        multiply_in_three_parts(long, short, progress)
    }
}

/// The number of 64-bit limbs, at least one, as a measure of work.
#[expect(clippy::cast_precision_loss, reason = "an estimate; sizes stay far below 2^52 limbs")]
fn limbs(bits: u64) -> f64 {
    (bits as f64 / 64.0).max(1.0)
}

/// Splits the longer operand in two, so that the shorter one meets operands of about its own length.
fn multiply_unbalanced(
    long: &BigUint,
    short: &BigUint,
    progress: &mut Progress<'_>,
) -> Result<BigUint, Interrupted> {
    let cut = (long.bits() / 2).next_multiple_of(64);
    let high = long >> cut;
    let low = long - (&high << cut);
    let high = multiply(&high, short, progress)? << cut;
    Ok(high + multiply(&low, short, progress)?)
}

fn multiply_in_three_parts(
    long: &BigUint,
    short: &BigUint,
    progress: &mut Progress<'_>,
) -> Result<BigUint, Interrupted> {
    let part_bits = long.bits().div_ceil(3).next_multiple_of(64);
    let first = evaluate(long, part_bits);
    let second = evaluate(short, part_bits);
    let mut values = Vec::with_capacity(first.len());
    for (one, other) in first.iter().zip(&second) {
        let magnitude = multiply(one.magnitude(), other.magnitude(), progress)?;
        values.push(BigInt::from_biguint(one.sign() * other.sign(), magnitude));
    }
    let [at_0, at_1, at_minus_1, at_minus_2, at_infinity] =
        <[BigInt; 5]>::try_from(values).expect("five points were evaluated");
    let product = interpolate([at_0, at_1, at_minus_1, at_minus_2, at_infinity], part_bits);
    Ok(product.into_parts().1)
}

/// The polynomial of three parts of `part_bits` each, at 0, 1, -1, -2 and infinity.
fn evaluate(operand: &BigUint, part_bits: u64) -> [BigInt; 5] {
    let upper = operand >> part_bits;
    let part_0 = BigInt::from(operand - (&upper << part_bits));
    let part_2 = BigInt::from(&upper >> part_bits);
    let part_1 = BigInt::from(upper) - (&part_2 << part_bits);
    let even = &part_0 + &part_2;
    let at_minus_1 = &even - &part_1;
    let at_minus_2: BigInt = ((&at_minus_1 + &part_2) << 1u32) - &part_0;
    [part_0, even + part_1, at_minus_1, at_minus_2, part_2]
}

/// The polynomial of five coefficients with these values, at `2^part_bits`.
fn interpolate(values: [BigInt; 5], part_bits: u64) -> BigInt {
    let [at_0, at_1, at_minus_1, at_minus_2, at_infinity] = values;
    // Both divisions are exact for the values of an integer polynomial (Bodrato's sequence).
    let third = (at_minus_2 - &at_1) / 3u32;
    let half: BigInt = (at_1 - &at_minus_1) >> 1u32;
    let second = at_minus_1 - &at_0;
    let coefficient_3 = ((&second - third) >> 1u32) + (&at_infinity << 1u32);
    let coefficient_2 = second + &half - &at_infinity;
    let coefficient_1 = half - &coefficient_3;
    let mut sum = at_infinity;
    for coefficient in [coefficient_3, coefficient_2, coefficient_1, at_0] {
        sum = (sum << part_bits) + coefficient;
    }
    sum
}

#[cfg(test)]
mod tests {
    use std::ops::ControlFlow;

    use proptest::prelude::*;

    use super::*;
    use crate::Unmonitored;

    fn integer(longest: usize) -> impl Strategy<Value = BigUint> {
        prop::collection::vec(prop_oneof![4 => any::<u32>(), 1 => Just(0), 1 => Just(u32::MAX)], 0..longest)
            .prop_map(BigUint::new)
    }

    proptest! {
        #[test]
        fn three_parts_make_the_product(first in integer(300), second in integer(300)) {
            let mut monitor = Unmonitored;
            let mut progress = Progress::new(&mut monitor, 1.0);
            let (long, short) = if first.bits() < second.bits() { (&second, &first) } else { (&first, &second) };
            prop_assert_eq!(multiply_in_three_parts(long, short, &mut progress).unwrap(), &first * &second);
        }

        #[test]
        fn an_unbalanced_cut_makes_the_product(long in integer(300), short in integer(40)) {
            let mut monitor = Unmonitored;
            let mut progress = Progress::new(&mut monitor, 1.0);
            prop_assert_eq!(multiply_unbalanced(&long, &short, &mut progress).unwrap(), &long * &short);
        }
    }

    #[test]
    fn a_product_reports_its_end_and_stops_when_told() {
        let factor = BigUint::from(10u32).pow(1000);
        let mut last = 0.0;
        let mut monitor = |fraction| {
            last = fraction;
            ControlFlow::Continue(())
        };
        assert_eq!(product(&factor, &factor, &mut monitor), Ok(BigUint::from(10u32).pow(2000)));
        assert!((last - 1.0).abs() < f64::EPSILON);
        let mut stop = |_| ControlFlow::Break(());
        assert_eq!(product(&factor, &factor, &mut stop), Err(Interrupted));
    }

    #[test]
    fn products_above_the_cut_agree_and_report_their_work() {
        let ones = |bits: u64| (BigUint::from(1u32) << bits) - 1u32;
        for (first, second) in
            [(CUT_BITS + 1, CUT_BITS + 1), (5 * CUT_BITS, 3 * CUT_BITS), (9 * CUT_BITS, 1000)]
        {
            let mut reports = 0;
            let mut monitor = |_| {
                reports += 1;
                ControlFlow::Continue(())
            };
            let mut progress = Progress::new(&mut monitor, work(first, second));
            let product = multiply(&ones(first), &ones(second), &mut progress).unwrap();
            let expected = (BigUint::from(1u32) << (first + second)) + 1u32
                - (BigUint::from(1u32) << first)
                - (BigUint::from(1u32) << second);
            assert!(product == expected, "{first} by {second} bits");
            assert!(reports >= 2);
        }
    }
}
