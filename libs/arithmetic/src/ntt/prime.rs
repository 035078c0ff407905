//! The three prime fields: their moduli and roots of unity.

/// The largest primes below 2^50 that are 1 modulo 2^25, in descending order.
///
/// Below 2^50, so that two bits of a 52-bit word are left for sums; 1 modulo 2^25, so that each field has the roots of
/// unity of every length. Their product is more than 14,272,441 times (10^19 - 1)^2.
pub(super) const PRIMES: [u64; 3] = [0x3_FFFF_E400_0001, 0x3_FFFF_DC00_0001, 0x3_FFFF_9A00_0001];

/// The exponent of the longest cycle of roots of unity used here.
const CYCLE_LOG: u32 = 25;

/// `a * b` modulo `prime`, of residues.
pub(super) fn multiply(a: u64, b: u64, prime: u64) -> u64 {
    let product = u128::from(a) * u128::from(b) % u128::from(prime);
    u64::try_from(product).expect("a residue modulo a prime of 50 bits")
}

/// `base^exponent` modulo `prime`, of a residue.
pub(super) fn power(base: u64, exponent: u64, prime: u64) -> u64 {
    let (mut result, mut square, mut rest) = (1, base, exponent);
    while rest > 0 {
        if rest & 1 == 1 {
            result = multiply(result, square, prime);
        }
        square = multiply(square, square, prime);
        rest >>= 1;
    }
    result
}

/// The inverse of a residue other than 0, by Fermat's little theorem.
pub(super) fn inverse(value: u64, prime: u64) -> u64 {
    power(value, prime - 2, prime)
}

/// Roots of unity whose orders are 4, 8, 16, ..., 2^25: each is the square of the next.
pub(super) fn roots_of_unity(prime: u64) -> Vec<u64> {
    let cofactor = (prime - 1) >> CYCLE_LOG;
    // A power of a quadratic non-residue has the full order; half of all candidates are one.
    let last = (2..prime)
        .map(|candidate| power(candidate, cofactor, prime))
        .find(|root| power(*root, 1 << (CYCLE_LOG - 1), prime) == prime - 1)
        .expect("every prime field has non-residues");
    let mut roots: Vec<_> =
        std::iter::successors(Some(last), |root| Some(multiply(*root, *root, prime))).take(24).collect();
    roots.reverse();
    roots
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::is_prime;

    #[test]
    fn the_moduli_are_what_they_are_said_to_be() {
        for prime in PRIMES {
            assert!(is_prime(prime) && prime < 1 << 50 && prime % (1 << 25) == 1, "{prime}");
        }
        assert!(PRIMES.is_sorted_by(|larger, smaller| larger > smaller));
    }

    #[test]
    fn roots_have_their_orders() {
        for prime in PRIMES {
            let roots = roots_of_unity(prime);
            assert_eq!(multiply(roots[0], roots[0], prime), prime - 1, "of order 4");
            assert!(roots.windows(2).all(|pair| multiply(pair[1], pair[1], prime) == pair[0]));
            assert_eq!(roots.len(), 24);
        }
    }

    #[test]
    fn inverses_undo() {
        for prime in PRIMES {
            assert!([1, 2, 3, prime - 1].iter().all(|a| multiply(*a, inverse(*a, prime), prime) == 1));
        }
    }
}
