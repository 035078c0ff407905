//! From residues modulo the three primes back to numbers, and from those to limbs of 10^19 (Garner's algorithm).
//!
//! A coefficient V below the product of the primes is v1 + p1 v2 + p1 p2 v3 with v1 < p1, v2 < p2, v3 < p3. It takes up
//! to three limbs; what is above the first is carried on.

use super::lanes::Lanes;
use super::portable::Portable;
use super::prime::{self, PRIMES};
use crate::decimal::limb::{RADIX, divide, high, low};

/// What the limbs so far carry on, below 2^88.
///
/// A part of it may still be due one limb later: see [`Carry::total`].
#[derive(Clone, Copy, Default)]
pub(super) struct Carry {
    /// What the next limb gets.
    pub(super) next: u128,
    /// What the one after it gets.
    pub(super) after: u64,
}

impl Carry {
    /// All of it, in terms of the next limb.
    pub(super) fn total(self) -> u128 {
        self.next + u128::from(RADIX) * u128::from(self.after)
    }
}

/// The constants of the recombination after transforms of one length.
pub(super) struct Combination<L: Lanes> {
    pub(super) lanes: [L; 3],
    /// What takes the factors out of the residues modulo each prime.
    pub(super) scales: [L::Root; 3],
    /// The inverse of p1 modulo p2.
    pub(super) first_in_second: L::Root,
    /// The inverse of p1 modulo p3.
    pub(super) first_in_third: L::Root,
    /// The inverse of p2 modulo p3.
    pub(super) second_in_third: L::Root,
}

impl<L: Lanes> Combination<L> {
    /// After transforms down to leaves of a matrix that has this many of them, a power of two.
    pub(super) fn new(lanes: [L; 3], leaves: usize) -> Self {
        let [p1, p2, p3] = PRIMES;
        let scale = |index: usize| {
            let prime = PRIMES[index];
            let leaves = prime::inverse(u64::try_from(leaves).expect("fewer than 2^25") % prime, prime);
            // The exponents of 2 count modulo p - 1.
            let exponent = L::LEAF_SHIFT.rem_euclid(i64::try_from(prime - 1).expect("50 bits"));
            let shift = prime::power(2, exponent.unsigned_abs(), prime);
            lanes[index].root(prime::multiply(leaves, shift, prime))
        };
        Self {
            lanes,
            scales: [scale(0), scale(1), scale(2)],
            first_in_second: lanes[1].root(prime::inverse(p1 % p2, p2)),
            first_in_third: lanes[2].root(prime::inverse(p1 % p3, p3)),
            second_in_third: lanes[2].root(prime::inverse(p2 % p3, p3)),
        }
    }
}

/// How an instruction set recombines.
pub(super) trait Recombine: Lanes {
    /// See [`Kernel::recombine`](super::kernel::Kernel::recombine).
    fn recombine_inlined(
        combination: &Combination<Self>,
        words: [&[Self::Word]; 3],
        limbs: &mut [u64],
        carry: &mut Carry,
    );
}

/// Adds v1 + p1 v2 + p1 p2 v3 to the carry and takes a limb off it.
#[inline(always)]
pub(super) fn limb([v1, v2, v3]: [u64; 3], carry: &mut u128) -> u64 {
    const P1_P2: u128 = PRIMES[0] as u128 * PRIMES[1] as u128;
    const UPPER: u128 = P1_P2 / RADIX as u128;
    const LOWER: u128 = P1_P2 % RADIX as u128;
    let [v1, v2, v3] = [v1, v2, v3].map(u128::from);
    // Below 2^50 + 2^100 + 2^114 + 2^88.
    let sum = v1 + u128::from(PRIMES[0]) * v2 + LOWER * v3 + *carry;
    let (quotient, limb) = divide(high(sum), low(sum));
    *carry = UPPER * v3 + u128::from(quotient);
    limb
}

impl Recombine for Portable {
    #[inline(always)]
    fn recombine_inlined(
        combination: &Combination<Self>,
        words: [&[u64]; 3],
        limbs: &mut [u64],
        carry: &mut Carry,
    ) {
        let [_, f2, f3] = combination.lanes;
        let [first, second, third] = words;
        let mut carried = carry.total();
        for (((a, b), c), place) in first.iter().zip(second).zip(third).zip(limbs) {
            let scaled =
                |index: usize, word: u64| combination.lanes[index].times(word, combination.scales[index]);
            let (v1, r2, r3) = (scaled(0, *a), scaled(1, *b), scaled(2, *c));
            // The residues are below their primes, which are nearly equal.
            let v2 = f2.times(f2.less(r2, v1), combination.first_in_second);
            let rest = f3.times(f3.less(r3, v1), combination.first_in_third);
            let v3 = f3.times(f3.less(rest, v2), combination.second_in_third);
            *place = limb([v1, v2, v3], &mut carried);
        }
        *carry = Carry { next: carried, after: 0 };
    }
}
