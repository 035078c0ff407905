//! Primality of one 64-bit number, without a sieve.
//!
//! The one idea: an odd number of 64 bits that passes the strong test to seven certain bases is prime, so the test is
//! a proof. Arithmetic modulo n is Montgomery's, which needs no division.
//!
//! References: the bases are J. Sinclair's (2011, <https://miller-rabin.appspot.com>), checked against J. Feitsma's and
//! W. Galway's list of all pseudoprimes to base 2 below 2^64; P. Montgomery, "Modular multiplication without trial
//! division", Math. Comp. 44 (1985).

/// Divisors tried first.
const SMALL_PRIMES: [u64; 12] = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37];

/// The bases of the strong test: the first one finds nearly all composites.
const FIRST_BASE: [u64; 1] = [2];
const OTHER_BASES: [u64; 6] = [325, 9375, 28_178, 450_775, 9_780_504, 1_795_265_022];

/// Whether `n` is prime; exact for every 64-bit number, in at most a few microseconds.
#[must_use]
pub fn is_prime(n: u64) -> bool {
    if let Some(divisor) = SMALL_PRIMES.into_iter().find(|prime| n.is_multiple_of(*prime)) {
        return n == divisor;
    }
    n > 1 && passes_strong_tests(n)
}

/// Whether `n`, odd and above 1, is prime.
pub(crate) fn passes_strong_tests(n: u64) -> bool {
    let modulus = Montgomery::new(n);
    modulus.passes_strong_tests(FIRST_BASE) && modulus.passes_strong_tests(OTHER_BASES)
}

/// Arithmetic modulo an odd number, on numbers below it that stand multiplied by 2^64.
struct Montgomery {
    modulus: u64,
    /// modulus * inverse = 1 modulo 2^64.
    inverse: u64,
    /// 1, encoded.
    one: u64,
    /// 2^128 reduced, which encodes by multiplication.
    encoder: u64,
}

impl Montgomery {
    fn new(modulus: u64) -> Self {
        // Any odd number is its own inverse modulo 8; each step doubles the 3 bits that are right.
        let mut inverse = modulus;
        for _ in 0..5 {
            inverse = inverse.wrapping_mul(2u64.wrapping_sub(modulus.wrapping_mul(inverse)));
        }
        let one = (u64::MAX % modulus + 1) % modulus;
        let encoder = low(u128::from(one) * u128::from(one) % u128::from(modulus));
        Self { modulus, inverse, one, encoder }
    }

    fn encode(&self, number: u64) -> u64 {
        self.multiply(number, self.encoder)
    }

    /// `first * second / 2^64` modulo the modulus, which at least one of them is below.
    fn multiply(&self, first: u64, second: u64) -> u64 {
        let product = u128::from(first) * u128::from(second);
        let factor = low(product).wrapping_mul(self.inverse);
        // Both products agree in their low halves, so the difference of the high halves is the exact quotient.
        let (difference, borrowed) =
            high(product).overflowing_sub(high(u128::from(factor) * u128::from(self.modulus)));
        if borrowed { difference.wrapping_add(self.modulus) } else { difference }
    }

    /// Whether the modulus passes the strong test to each of some bases. They go side by side, as each multiplication
    /// waits for the one before.
    fn passes_strong_tests<const N: usize>(&self, bases: [u64; N]) -> bool {
        // n - 1 = odd * 2^twos
        let twos = (self.modulus - 1).trailing_zeros();
        let bases = bases.map(|base| self.encode(base));
        let minus_one = self.modulus - self.one;
        let mut powers = self.powers(bases, (self.modulus - 1) >> twos);
        // A base that n divides says nothing.
        let mut passed =
            std::array::from_fn(|i| bases[i] == 0 || powers[i] == self.one || powers[i] == minus_one);
        for _ in 1..twos {
            powers = powers.map(|power| self.multiply(power, power));
            passed = std::array::from_fn::<_, N, _>(|i| passed[i] || powers[i] == minus_one);
        }
        passed.iter().all(|passed| *passed)
    }

    fn powers<const N: usize>(&self, bases: [u64; N], exponent: u64) -> [u64; N] {
        let mut powers = [self.one; N];
        for bit in (0..u64::BITS - exponent.leading_zeros()).rev() {
            powers = powers.map(|power| self.multiply(power, power));
            if exponent >> bit & 1 == 1 {
                powers = std::array::from_fn(|i| self.multiply(powers[i], bases[i]));
            }
        }
        powers
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the low half is what is asked for")]
fn low(number: u128) -> u64 {
    number as u64
}

fn high(number: u128) -> u64 {
    low(number >> 64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_trial_division() {
        for n in 0..30_000u64 {
            let expected = n > 1 && (2..=n.isqrt()).all(|divisor| !n.is_multiple_of(divisor));
            assert_eq!(is_prime(n), expected, "{n}");
        }
    }

    #[test]
    fn refuses_strong_pseudoprimes_and_carmichael_numbers() {
        // Strong pseudoprimes to the first 1, 2, 3, 4, 5, 6, 8 and 9 prime bases (OEIS A014233), then Carmichael numbers.
        let composites = [
            2047,
            1_373_653,
            25_326_001,
            3_215_031_751,
            2_152_302_898_747,
            3_474_749_660_383,
            341_550_071_728_321,
            3_825_123_056_546_413_051,
            561,
            1105,
            1729,
            825_265,
            9_746_347_772_161,
        ];
        for n in composites {
            assert!(!is_prime(n), "{n}");
        }
    }

    #[test]
    fn knows_the_edges_of_64_bits() {
        let greatest = 18_446_744_073_709_551_557;
        assert!(is_prime(greatest));
        assert!((greatest + 1..=u64::MAX).all(|n| !is_prime(n)));
        // The squares of the two greatest primes below 2^32, and their product.
        let (first, second) = (4_294_967_291u64, 4_294_967_279u64);
        for n in [first * first, second * second, first * second] {
            assert!(!is_prime(n), "{n}");
        }
    }
}
