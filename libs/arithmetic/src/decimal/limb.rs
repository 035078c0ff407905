//! One limb of radix 10^19, the largest power of ten below 2^64.
//!
//! The one idea: the radix never changes, so division by it is two products with its reciprocal.
//!
//! Reference: N. Möller, T. Granlund, "Improved division by invariant integers", IEEE Transactions on Computers 60
//! (2011), algorithm 4.

/// 10^19, the radix. Its highest bit is set, as division by a reciprocal demands.
pub(crate) const RADIX: u64 = 10_000_000_000_000_000_000;

/// Decimal digits of a limb.
pub(crate) const DIGITS: u64 = 19;

/// floor((2^128 - 1) / [`RADIX`]) - 2^64.
const RECIPROCAL: u64 = low(u128::MAX / RADIX as u128);

/// The lower 64 bits.
#[expect(clippy::cast_possible_truncation, reason = "the lower half is what is asked for")]
pub(crate) const fn low(number: u128) -> u64 {
    number as u64
}

/// The upper 64 bits.
pub(crate) const fn high(number: u128) -> u64 {
    low(number >> 64)
}

/// Quotient and remainder of `high 2^64 + low` by [`RADIX`], where `high` is below the radix.
#[inline]
pub(crate) fn divide(upper: u64, lower: u64) -> (u64, u64) {
    debug_assert!(upper < RADIX, "the quotient must fit a limb");
    let dividend = u128::from(upper) << 64 | u128::from(lower);
    let estimate = u128::from(RECIPROCAL) * u128::from(upper) + dividend;
    let mut quotient = high(estimate).wrapping_add(1);
    let mut remainder = lower.wrapping_sub(quotient.wrapping_mul(RADIX));
    if remainder > low(estimate) {
        quotient = quotient.wrapping_sub(1);
        remainder = remainder.wrapping_add(RADIX);
    }
    if remainder >= RADIX {
        quotient += 1;
        remainder -= RADIX;
    }
    (quotient, remainder)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn agrees(upper: u64, lower: u64) -> bool {
        let dividend = u128::from(upper) << 64 | u128::from(lower);
        let (quotient, remainder) = divide(upper, lower);
        u128::from(quotient) == dividend / u128::from(RADIX)
            && u128::from(remainder) == dividend % u128::from(RADIX)
    }

    #[test]
    fn the_ends_of_the_range_are_divided() {
        let ends = [0, 1, 2, RADIX - 2, RADIX - 1, RADIX, RADIX + 1, u64::MAX - 1, u64::MAX];
        for upper in ends.into_iter().filter(|&upper| upper < RADIX) {
            assert!(ends.into_iter().all(|lower| agrees(upper, lower)), "{upper}");
        }
    }

    proptest! {
        #[test]
        fn division_is_exact(upper in 0..RADIX, lower in any::<u64>(), quotient in any::<u64>(), less in 0u64..3) {
            prop_assert!(agrees(upper, lower));
            let near = (u128::from(quotient) * u128::from(RADIX)).saturating_sub(less.into());
            prop_assert!(agrees(high(near), low(near)));
        }
    }
}
