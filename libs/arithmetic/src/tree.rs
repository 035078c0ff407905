//! Products of many small factors.
//!
//! The factors are halved again and again, so that products are made of factors of about equal length.

use crate::decimal::{LIMB_DIGITS, Multiplier, multiply_small};
use crate::monitor::{Interrupted, Progress};

/// Factors up to which they are multiplied one by one.
const LEAF_FACTORS: usize = 24;

/// The limbs of the product of these factors, none of which is zero; one for none.
pub(crate) fn product(
    factors: &[u64],
    multiplier: &mut Multiplier,
    progress: &mut Progress<'_>,
) -> Result<Vec<u64>, Interrupted> {
    if factors.len() <= LEAF_FACTORS {
        let mut limbs = vec![1];
        for &factor in factors {
            multiply_small(&mut limbs, factor);
        }
        return Ok(limbs);
    }
    let (lower, upper) = factors.split_at(factors.len() / 2);
    let lower = product(lower, multiplier, progress)?;
    let upper = product(upper, multiplier, progress)?;
    let mut limbs = multiplier.multiply(&lower, &upper, progress)?;
    if limbs.last() == Some(&0) {
        limbs.pop();
    }
    Ok(limbs)
}

/// The estimated work of [`product`] when the product has this many limbs.
pub(crate) fn work(limbs: usize) -> f64 {
    let (mut work, mut length, mut nodes) = (0.0, limbs, 1.0);
    while length > LEAF_FACTORS {
        let half = length.div_ceil(2);
        work += nodes * Multiplier::work(half, half);
        (length, nodes) = (half, 2.0 * nodes);
    }
    work
}

/// The limbs of a number of this many decimal digits.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an estimate that saturates")]
#[expect(clippy::cast_precision_loss, reason = "a small constant")]
pub(crate) fn limbs_of_digits(digits: f64) -> usize {
    (digits / LIMB_DIGITS as f64) as usize + 1
}
