//! Products of rows of equal length by halves: three products of half of the length instead of four.
//!
//! Reference: R. Brent, P. Zimmermann, "Modern Computer Arithmetic", 2010, algorithm 1.4 (the subtractive variant).

use super::{limbs, schoolbook};
use crate::monitor::{Interrupted, Progress};

/// Limbs up to which products of each two limbs are the fastest.
pub(super) const SCHOOLBOOK_LIMBS: usize = 48;

/// Limbs up to which a product is made without asking the monitor: below a millisecond's work.
const QUIET_LIMBS: usize = 1 << 10;

/// log 3 / log 2, the exponent of the work.
const EXPONENT: f64 = 1.584_962_500_721_156;

/// What is multiplied.
#[derive(Clone, Copy)]
pub(super) enum Factors<'a> {
    /// A row with itself.
    Square(&'a [u64]),
    /// Two rows of equal length.
    Product(&'a [u64], &'a [u64]),
}

/// The estimated work of a product of two rows of this length, in products of two limbs.
#[expect(clippy::cast_precision_loss, reason = "an estimate")]
pub(super) fn work(limbs: usize) -> f64 {
    let (length, threshold) = (limbs as f64, SCHOOLBOOK_LIMBS as f64);
    if limbs <= SCHOOLBOOK_LIMBS {
        length * length
    } else {
        threshold * threshold * (length / threshold).powf(EXPONENT)
    }
}

/// The limbs of scratch that a product of two rows of this length needs.
pub(super) fn scratch_limbs(mut limbs: usize) -> usize {
    let mut needed = 0;
    while limbs > SCHOOLBOOK_LIMBS {
        limbs = limbs.div_ceil(2);
        needed += 4 * limbs;
    }
    needed
}

/// Writes the product to `product`, which is twice as long as a factor, reporting its [`work`] in parts.
pub(super) fn multiply(
    product: &mut [u64],
    factors: Factors<'_>,
    scratch: &mut [u64],
    progress: &mut Progress<'_>,
) -> Result<(), Interrupted> {
    let length = factors.length();
    if length <= QUIET_LIMBS {
        multiply_quietly(product, factors, scratch);
        return progress.advance(work(length));
    }
    let step = |product: &mut [u64], factors: Factors<'_>, scratch: &mut [u64]| {
        multiply(product, factors, scratch, progress)
    };
    by_halves(product, factors, scratch, step)
}

fn multiply_quietly(product: &mut [u64], factors: Factors<'_>, scratch: &mut [u64]) {
    match factors {
        Factors::Square(factor) if factor.len() <= SCHOOLBOOK_LIMBS => schoolbook::square(product, factor),
        Factors::Product(first, second) if first.len() <= SCHOOLBOOK_LIMBS => {
            schoolbook::multiply(product, first, second);
        }
        _ => {
            let step = |product: &mut [u64], factors: Factors<'_>, scratch: &mut [u64]| {
                multiply_quietly(product, factors, scratch);
                Ok::<_, Interrupted>(())
            };
            let done = by_halves(product, factors, scratch, step);
            debug_assert!(done.is_ok(), "nobody was asked");
        }
    }
}

/// Writes the product, made of three smaller ones by `step`.
#[inline]
fn by_halves(
    product: &mut [u64],
    factors: Factors<'_>,
    scratch: &mut [u64],
    mut step: impl FnMut(&mut [u64], Factors<'_>, &mut [u64]) -> Result<(), Interrupted>,
) -> Result<(), Interrupted> {
    let half = factors.length().div_ceil(2);
    let (low, high) = factors.split(half);
    let (outer, scratch) = scratch.split_at_mut(2 * half);
    let (inner, scratch) = scratch.split_at_mut(2 * half);
    let (differences, subtracted) = factors.differences(half, outer);
    step(inner, differences, scratch)?;
    step(&mut product[..2 * half], low, scratch)?;
    step(&mut product[2 * half..], high, scratch)?;

    // The products of unlike halves: low + high -+ inner, at most 2 half + 1 limbs.
    let (low, high) = product.split_at(2 * half);
    outer.copy_from_slice(low);
    let mut carry = i8::from(limbs::add(outer, high));
    if subtracted {
        carry -= i8::from(limbs::subtract(outer, inner));
    } else {
        carry += i8::from(limbs::add(outer, inner));
    }
    let middle = &mut product[half..];
    let mut left = limbs::add(middle, outer);
    for _ in 0..carry {
        left |= limbs::add(&mut middle[2 * half..], &[1]);
    }
    debug_assert!(!left && carry >= 0, "a product has as many limbs as its factors");
    Ok(())
}

impl Factors<'_> {
    /// The length of each row.
    fn length(self) -> usize {
        match self {
            Self::Square(factor) | Self::Product(factor, _) => factor.len(),
        }
    }

    /// The lower limbs, `half` of each row, and the others.
    fn split(self, half: usize) -> (Self, Self) {
        match self {
            Self::Square(factor) => {
                let (low, high) = factor.split_at(half);
                (Self::Square(low), Self::Square(high))
            }
            Self::Product(first, second) => {
                let (first_low, first_high) = first.split_at(half);
                let (second_low, second_high) = second.split_at(half);
                (Self::Product(first_low, second_low), Self::Product(first_high, second_high))
            }
        }
    }

    /// The distances of the halves, kept in `place`, `half` limbs for each row; whether the product of the differences
    /// is not negative.
    fn differences(self, half: usize, place: &mut [u64]) -> (Factors<'_>, bool) {
        let (first_place, second_place) = place.split_at_mut(half);
        let distance = |place: &mut [u64], row: &[u64]| limbs::distance(place, &row[..half], &row[half..]);
        match self {
            Self::Square(factor) => {
                distance(first_place, factor);
                (Factors::Square(first_place), true)
            }
            Self::Product(first, second) => {
                let orders = [distance(first_place, first), distance(second_place, second)];
                let same_sign = orders[0].is_lt() == orders[1].is_lt();
                (Factors::Product(first_place, second_place), same_sign)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::Unmonitored;
    use crate::decimal::limb::RADIX;

    fn row(length: usize) -> impl Strategy<Value = Vec<u64>> {
        let limb = prop_oneof![4 => 0..RADIX, 1 => Just(0), 1 => Just(RADIX - 1)];
        prop::collection::vec(limb, length)
    }

    fn rows() -> impl Strategy<Value = (Vec<u64>, Vec<u64>)> {
        (SCHOOLBOOK_LIMBS + 1..6 * SCHOOLBOOK_LIMBS).prop_flat_map(|length| (row(length), row(length)))
    }

    fn by_karatsuba(factors: Factors<'_>) -> Vec<u64> {
        let length = factors.length();
        let mut product = vec![0; 2 * length];
        let mut scratch = vec![0; scratch_limbs(length)];
        let mut monitor = Unmonitored;
        multiply(&mut product, factors, &mut scratch, &mut Progress::new(&mut monitor, 1.0)).unwrap();
        product
    }

    proptest! {
        #[test]
        fn halves_make_the_products_of_the_whole((first, second) in rows()) {
            let mut expected = vec![0; 2 * first.len()];
            schoolbook::multiply(&mut expected, &first, &second);
            prop_assert_eq!(by_karatsuba(Factors::Product(&first, &second)), &expected[..]);
            schoolbook::square(&mut expected, &first);
            prop_assert_eq!(by_karatsuba(Factors::Square(&first)), &expected[..]);
        }
    }

    #[test]
    fn work_is_the_sum_of_the_parts() {
        for limbs in [SCHOOLBOOK_LIMBS, 100, 1000, 12_345] {
            assert!((work(2 * limbs) / work(limbs) - 3.0).abs() < 1e-9);
        }
        assert!(work(SCHOOLBOOK_LIMBS) < work(SCHOOLBOOK_LIMBS + 1));
    }
}
