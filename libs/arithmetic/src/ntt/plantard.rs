//! Multiplication by constants, after Plantard: "Efficient Word Size Modular Arithmetic", IEEE Transactions on
//! Emerging Topics in Computing 9(3), 2021.
//!
//! For words of n bits, a modulus p < 2^(n-2) with inverse R modulo 2^2n, and a constant B < p, let c = B R modulo 2^2n.
//! Then for every word a, with X = a c modulo 2^2n,
//!
//! ```text
//! k = ((X >> n) + 1) p >> n
//! ```
//!
//! is below p and congruent to -a B 2^-2n. For X p = a B + k' 2^2n with an integer k', and 0 <= k' < p, since X < 2^2n
//! and a B < 2^2n. With X = X1 2^n + X0,
//!
//! ```text
//! (X1 + 1) 2^n p = X p + (2^n - X0) p = k' 2^2n + a B + (2^n - X0) p,
//! ```
//!
//! and a B + 2^n p < 2^(2n-2) + 2^(2n-2) < 2^2n, so that k = k'. X1 is never 2^n - 1, for k would be p.
//!
//! That is two low and high halves of products by c, and one high half by p: no correction, no comparison.

use super::prime;

/// How constants are prepared for words of one size, modulo one prime.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plantard {
    /// The modulus p.
    pub(super) modulus: u64,
    /// The inverse of the modulus, modulo 2^128.
    inverse: u128,
    /// -2^2n modulo p.
    scale: u64,
    /// The size n of a word: 52 or 64 bits.
    bits: u32,
}

impl Plantard {
    pub(super) fn new(modulus: u64, bits: u32) -> Self {
        let p = u128::from(modulus);
        // Newton's iteration doubles the number of right bits, of which an odd number has 3 to begin with.
        let inverse = (0..6).fold(p, |x, _| x.wrapping_mul(2_u128.wrapping_sub(p.wrapping_mul(x))));
        let scale = modulus - prime::power(2, u64::from(2 * bits), modulus);
        Self { modulus, inverse, scale, bits }
    }

    /// B for the residue `value`: its product by `-2^2n`.
    pub(super) fn seed(&self, value: u64) -> u64 {
        prime::multiply(value, self.scale, self.modulus)
    }

    /// The seed of the product of the residues that `constant` stands for and whose seed is `seed`.
    pub(super) fn compound(&self, constant: [u64; 2], seed: u64) -> u64 {
        let [a, low, high] = [seed, constant[0], constant[1]].map(u128::from);
        let mask = u128::MAX >> (128 - self.bits);
        let upper = (((a * low) >> self.bits) + ((a * high) & mask)) & mask;
        let product = ((upper + 1) * u128::from(self.modulus)) >> self.bits;
        u64::try_from(product).expect("below the modulus")
    }

    /// The two words of R, the low one first.
    pub(super) fn inverse(&self) -> [u64; 2] {
        self.words(self.inverse)
    }

    /// The two words of c for the residue whose seed is `seed`, the low one first.
    pub(super) fn constant(&self, seed: u64) -> [u64; 2] {
        self.words(u128::from(seed).wrapping_mul(self.inverse))
    }

    fn words(&self, number: u128) -> [u64; 2] {
        let mask = u64::MAX >> (64 - self.bits);
        #[expect(clippy::cast_possible_truncation, reason = "the lowest 64 bits are meant")]
        [number as u64 & mask, (number >> self.bits) as u64 & mask]
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn products_are_exact_for_every_word(a: u64, b: u64, field in 0..3_usize) {
            let p = prime::PRIMES[field];
            let b = b % p;
            for bits in [52, 64] {
                let a = a >> (64 - bits);
                let plantard = Plantard::new(p, bits);
                let constant = plantard.constant(plantard.seed(b));
                let product = u128::from(a) * u128::from(b) % u128::from(p);
                prop_assert_eq!(u128::from(plantard.compound(constant, a)), product);
            }
        }
    }
}
