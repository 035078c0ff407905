//! Residues modulo the prime 2^61 - 1: a check of a long computation that shares nothing with it.
//!
//! A result that is wrong by accident has the right residue with a probability of about 2^-61.

use super::{Decimal, limb};

/// The prime 2^61 - 1.
pub(crate) const MERSENNE61: u64 = (1 << 61) - 1;

/// Limbs whose products are added before they are reduced: each product is below 10^19 2^61 < 2^124.2.
const BLOCK: usize = 8;

/// The powers 10^(19 i) for i from 0 to 8.
const POWERS: [u64; BLOCK + 1] = powers();

impl Decimal {
    /// The remainder modulo the prime 2^61 - 1.
    #[must_use]
    pub fn modulo_mersenne61(&self) -> u64 {
        let (blocks, top) = self.limbs().as_chunks::<BLOCK>();
        blocks.iter().rev().fold(block_modulo(top), |residue, block| {
            let residue = multiply_modulo(residue, POWERS[BLOCK]) + block_modulo(block);
            if residue >= MERSENNE61 { residue - MERSENNE61 } else { residue }
        })
    }
}

/// The product of numbers below the prime 2^61 - 1, modulo this prime; 1 for none.
#[must_use]
pub fn product_modulo(factors: &[u64]) -> u64 {
    factors.iter().fold(1, |product, &factor| multiply_modulo(product, factor))
}

/// The product of two residues; either factor may also be any other number.
pub(crate) const fn multiply_modulo(first: u64, second: u64) -> u64 {
    reduce(first as u128 * second as u128)
}

/// The power of a residue.
pub(crate) fn power_modulo(mut base: u64, mut exponent: u64) -> u64 {
    let mut power = 1;
    while exponent > 0 {
        if exponent & 1 == 1 {
            power = multiply_modulo(power, base);
        }
        base = multiply_modulo(base, base);
        exponent >>= 1;
    }
    power
}

/// The residue of up to [`BLOCK`] limbs.
fn block_modulo(limbs: &[u64]) -> u64 {
    reduce(limbs.iter().zip(&POWERS).map(|(&limb, &power)| u128::from(limb) * u128::from(power)).sum())
}

/// The residue of any number: 2^61 counts as 1.
const fn reduce(number: u128) -> u64 {
    // Below 2^61 + 2^67, then below 2^61 + 2^7, which is less than twice the prime.
    let folded = (number & MERSENNE61 as u128) + (number >> 61);
    let residue = limb::low(folded & MERSENNE61 as u128) + limb::low(folded >> 61);
    if residue >= MERSENNE61 { residue - MERSENNE61 } else { residue }
}

const fn powers() -> [u64; BLOCK + 1] {
    let mut powers = [1; BLOCK + 1];
    let mut exponent = 1;
    while exponent <= BLOCK {
        powers[exponent] = multiply_modulo(powers[exponent - 1], limb::RADIX % MERSENNE61);
        exponent += 1;
    }
    powers
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn powers_are_products() {
        assert_eq!(power_modulo(3, 0), 1);
        assert_eq!(power_modulo(3, 39), limb::low(3u128.pow(39) % u128::from(MERSENNE61)));
        assert_eq!(power_modulo(7, MERSENNE61 - 1), 1, "Fermat");
        assert_eq!(power_modulo(0, 5), 0);
        assert_eq!(product_modulo(&[]), 1);
        assert_eq!(product_modulo(&[1 << 60, 1 << 60, 3]), 3 << 59);
    }

    proptest! {
        #[test]
        fn any_number_is_reduced(number in any::<u128>()) {
            prop_assert_eq!(u128::from(reduce(number)), number % u128::from(MERSENNE61));
            prop_assert_eq!(Decimal::from(number).modulo_mersenne61(), reduce(number));
        }
    }
}
