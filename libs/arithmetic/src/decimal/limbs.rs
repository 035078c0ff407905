//! Rows of limbs, the least significant first: what costs one pass over them.

use std::cmp::Ordering;

use super::limb::{RADIX, divide, high, low};

/// Adds `other` to the lower limbs of `limbs`, which has at least as many; whether a carry leaves the row.
pub(crate) fn add(limbs: &mut [u64], other: &[u64]) -> bool {
    let (lower, upper) = limbs.split_at_mut(other.len());
    let mut carry = false;
    for (limb, other) in lower.iter_mut().zip(other) {
        // What is missing to the radix: taking it away instead of adding never exceeds 64 bits.
        let missing = RADIX - other - u64::from(carry);
        let (sum, borrow) = limb.overflowing_sub(missing);
        *limb = if borrow { sum.wrapping_add(RADIX) } else { sum };
        carry = !borrow;
    }
    carry && increment(upper)
}

/// Adds one; whether a carry leaves the row.
fn increment(limbs: &mut [u64]) -> bool {
    for limb in limbs {
        if *limb < RADIX - 1 {
            *limb += 1;
            return false;
        }
        *limb = 0;
    }
    true
}

/// Subtracts `other` from the lower limbs of `limbs`, which has at least as many; whether a borrow leaves the row.
pub(crate) fn subtract(limbs: &mut [u64], other: &[u64]) -> bool {
    let (lower, upper) = limbs.split_at_mut(other.len());
    let mut borrow = false;
    for (limb, other) in lower.iter_mut().zip(other) {
        let (difference, below) = limb.overflowing_sub(other + u64::from(borrow));
        *limb = if below { difference.wrapping_add(RADIX) } else { difference };
        borrow = below;
    }
    borrow && decrement(upper)
}

/// Subtracts one; whether a borrow leaves the row.
fn decrement(limbs: &mut [u64]) -> bool {
    for limb in limbs {
        if *limb > 0 {
            *limb -= 1;
            return false;
        }
        *limb = RADIX - 1;
    }
    true
}

/// Writes the distance of two rows to `distance`, which is as long as the longer of them; how the first compares to
/// the second.
pub(crate) fn distance(distance: &mut [u64], first: &[u64], second: &[u64]) -> Ordering {
    let order = compare(first, second);
    let (greater, less) = if order.is_lt() { (second, first) } else { (first, second) };
    let greater = significant(greater);
    distance[..greater.len()].copy_from_slice(greater);
    distance[greater.len()..].fill(0);
    let borrow = subtract(distance, significant(less));
    debug_assert!(!borrow, "the greater comes first");
    order
}

/// Compares two rows, which may have leading zeros.
pub(crate) fn compare(first: &[u64], second: &[u64]) -> Ordering {
    let (first, second) = (significant(first), significant(second));
    first.len().cmp(&second.len()).then_with(|| first.iter().rev().cmp(second.iter().rev()))
}

/// The row without its leading zeros.
pub(crate) fn significant(limbs: &[u64]) -> &[u64] {
    let zeros = limbs.iter().rev().take_while(|&&limb| limb == 0).count();
    &limbs[..limbs.len() - zeros]
}

/// Takes leading zeros away.
pub(crate) fn trim(limbs: &mut Vec<u64>) {
    limbs.truncate(significant(limbs).len());
}

/// Multiplies by `factor` and adds `carry`; what leaves the row, below 2^64.
pub(crate) fn multiply_small(limbs: &mut [u64], factor: u64, mut carry: u64) -> u64 {
    for limb in limbs {
        // At most (10^19 - 1) (2^64 - 1) + 2^64 - 1 < 10^19 2^64.
        let product = u128::from(*limb) * u128::from(factor) + u128::from(carry);
        (carry, *limb) = divide(high(product), low(product));
    }
    carry
}

/// Multiplies by 2^64 and adds `carry`; what leaves the row, below 2^64.
pub(crate) fn shift_up(limbs: &mut [u64], mut carry: u64) -> u64 {
    for limb in limbs {
        (carry, *limb) = divide(*limb, carry);
    }
    carry
}

/// Divides by `divisor`, which is not zero; the remainder.
pub(crate) fn divide_small(limbs: &mut [u64], divisor: u64) -> u64 {
    let mut remainder = 0;
    for limb in limbs.iter_mut().rev() {
        let dividend = u128::from(remainder) * u128::from(RADIX) + u128::from(*limb);
        // The remainder is below the divisor, so the quotient is below the radix.
        *limb = low(dividend / u128::from(divisor));
        remainder = low(dividend % u128::from(divisor));
    }
    remainder
}

/// Divides by two; whether one was left.
pub(crate) fn halve(limbs: &mut [u64]) -> bool {
    let mut odd = 0;
    for limb in limbs.iter_mut().rev() {
        let half = (*limb >> 1) + odd * (RADIX / 2);
        odd = *limb & 1;
        *limb = half;
    }
    odd == 1
}
