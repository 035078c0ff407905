//! Powers by squaring.
//!
//! Zeros at the end of the base are set aside: in decimal they cost nothing to put back.

use crate::decimal::{Decimal, Multiplier, power_modulo as residue_power};
use crate::machine::Machine;
use crate::monitor::{Interrupted, Monitor, Progress};
use crate::tree;

/// `base` to the power of `exponent`, on this part of the machine; anything to the power of 0 is 1.
///
/// Compare it with [`power_modulo`] before it is relied on. The result has up to `exponent` times the digits of the
/// base: the caller bounds that.
///
/// # Errors
/// [`Interrupted`] when the monitor says so.
pub fn power(
    base: &Decimal,
    exponent: u64,
    machine: impl Into<Machine>,
    monitor: &mut dyn Monitor,
) -> Result<Decimal, Interrupted> {
    let mut progress = Progress::new(monitor, planned_work(base, exponent));
    let (significand, zeros) = base.split_zeros();
    let mut multiplier = Multiplier::new(machine.into());
    let one = Decimal::from(1u64);
    let power = match exponent {
        0 => return progress.finish().map(|()| one),
        // Otherwise the squares do not grow.
        _ if significand.is_zero() || significand == one => significand,
        _ => squared(&significand, exponent, &mut multiplier, &mut progress)?,
    };
    progress.finish()?;
    Ok(power.with_zeros(zeros * exponent))
}

/// `base` to the power of `exponent` modulo the prime 2^61 - 1, by another way than [`power`].
#[must_use]
pub fn power_modulo(base: &Decimal, exponent: u64) -> u64 {
    residue_power(base.modulo_mersenne61(), exponent)
}

/// The estimated work of [`power`], in the unit of [`Multiplier::work`].
pub(crate) fn planned_work(base: &Decimal, exponent: u64) -> f64 {
    let digits = (base.log10() - float(base.zeros())).max(0.0);
    let limbs = |exponent| tree::limbs_of_digits(digits * float(exponent));
    let steps = (0..exponent.checked_ilog2().unwrap_or(0)).map(|bit| {
        let half = exponent >> (bit + 1);
        let odd = if exponent >> bit & 1 == 1 { Multiplier::work(limbs(2 * half), limbs(1)) } else { 0.0 };
        Multiplier::work(limbs(half), limbs(half)) + odd
    });
    steps.sum()
}

/// The power of a base above one, for an exponent above zero.
fn squared(
    base: &Decimal,
    exponent: u64,
    multiplier: &mut Multiplier,
    progress: &mut Progress<'_>,
) -> Result<Decimal, Interrupted> {
    let mut power = base.clone();
    for bit in (0..exponent.ilog2()).rev() {
        power = Decimal::from_limbs(multiplier.square(power.limbs(), progress)?);
        if exponent >> bit & 1 == 1 {
            power = Decimal::from_limbs(multiplier.multiply(power.limbs(), base.limbs(), progress)?);
        }
    }
    Ok(power)
}

#[expect(clippy::cast_precision_loss, reason = "a measure of work")]
fn float(number: u64) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroUsize;

    use num_bigint::BigUint;
    use proptest::prelude::*;

    use super::*;
    use crate::Unmonitored;

    fn agrees(base: &BigUint, exponent: u32) -> bool {
        let decimal: Decimal = base.to_string().parse().unwrap();
        let power = power(&decimal, exponent.into(), NonZeroUsize::MIN, &mut Unmonitored).unwrap();
        power.modulo_mersenne61() == power_modulo(&decimal, exponent.into())
            && power.to_string() == base.pow(exponent).to_string()
    }

    #[test]
    fn small_bases_agree() {
        for base in 0u32..30 {
            assert!((0..90).all(|exponent| agrees(&base.into(), exponent)), "{base}");
        }
    }

    #[test]
    fn the_least_bases_have_any_power() {
        for base in 0u64..2 {
            let base = Decimal::from(base);
            assert_eq!(power(&base, u64::MAX, NonZeroUsize::MIN, &mut Unmonitored).as_ref(), Ok(&base));
        }
        let million = power(&Decimal::from(10u64), 1_000_000, NonZeroUsize::MIN, &mut Unmonitored).unwrap();
        assert_eq!(million.digit_count(), 1_000_001);
    }

    proptest! {
        #[test]
        fn powers_are_those_of_binary_integers(
            base in prop::collection::vec(any::<u32>(), 0..30),
            zeros in 0u32..60,
            exponent in 0u32..40,
        ) {
            prop_assert!(agrees(&(BigUint::new(base) * BigUint::from(10u32).pow(zeros)), exponent));
        }
    }
}
