//! The instruction set of every machine: one residue at a time, in 64-bit words.

use super::field::Node;
use super::lanes::Lanes;
use super::plantard::Plantard;
use crate::decimal::limb::{high, low};

/// Arithmetic modulo one prime, without vectors and without `unsafe`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Portable {
    modulus: u64,
    /// The negative inverse of the modulus, modulo 2^64.
    negative_inverse: u64,
    plantard: Plantard,
    /// The factor 1, which reduces.
    one: [u64; 2],
}

impl Portable {
    #[expect(clippy::unnecessary_wraps, reason = "as other instruction sets are made")]
    pub(super) fn new(modulus: u64) -> Option<Self> {
        let plantard = Plantard::new(modulus, 64);
        // As many Newton steps as 64 bits take: see Plantard.
        let inverse =
            (0..5).fold(modulus, |x, _| x.wrapping_mul(2_u64.wrapping_sub(modulus.wrapping_mul(x))));
        let one = plantard.constant(plantard.seed(1));
        Some(Self { modulus, negative_inverse: inverse.wrapping_neg(), plantard, one })
    }

    /// A sum of eight products of loose residues, divided by 2^64 modulo the prime (Montgomery): settled, for it is
    /// below 2^43 + p.
    #[inline(always)]
    fn reduce(self, sum: u128) -> u64 {
        let factor = low(sum).wrapping_mul(self.negative_inverse);
        high(sum + u128::from(factor) * u128::from(self.modulus))
    }

    /// The root of a leaf times each of the words but the first, which is not asked for.
    #[inline(always)]
    fn wrapped(self, mut words: [u64; 8], leaf: Node<'_, [u64; 2]>) -> [u64; 8] {
        let root = leaf.roots.from(leaf.number / 2)[0];
        for word in &mut words {
            let product = self.times(*word, root);
            *word = if leaf.number.is_multiple_of(2) { product } else { self.modulus - product };
        }
        words
    }
}

impl Lanes for Portable {
    type Word = u64;
    type Root = [u64; 2];
    type Vector = u64;

    const LANES: usize = 1;
    const LEAF_SHIFT: i64 = 64;

    fn root(self, value: u64) -> [u64; 2] {
        self.plantard.constant(self.seed(value))
    }

    fn compound(self, root: [u64; 2], seed: u64) -> [u64; 2] {
        self.plantard.constant(self.plantard.compound(root, seed))
    }

    fn seed(self, value: u64) -> u64 {
        self.plantard.seed(value)
    }

    #[inline(always)]
    fn load(self, words: &[u64]) -> u64 {
        words[0]
    }

    #[inline(always)]
    fn store(self, vector: u64, words: &mut [u64]) {
        words[0] = vector;
    }

    #[inline(always)]
    fn residues(self, limbs: &[u64]) -> u64 {
        self.times(limbs[0], self.one)
    }

    #[inline(always)]
    fn times(self, a: u64, [c0, c1]: [u64; 2]) -> u64 {
        let upper = high(u128::from(a) * u128::from(c0)).wrapping_add(a.wrapping_mul(c1)).wrapping_add(1);
        high(u128::from(upper) * u128::from(self.modulus))
    }

    #[inline(always)]
    fn add(self, a: u64, b: u64) -> u64 {
        a + b
    }

    #[inline(always)]
    fn less_product(self, a: u64, b: u64) -> u64 {
        a + self.modulus - b
    }

    #[inline(always)]
    fn less(self, a: u64, b: u64) -> u64 {
        a + 2 * self.modulus - b
    }

    #[inline(always)]
    fn settle(self, a: u64) -> u64 {
        a.min(a.wrapping_sub(2 * self.modulus))
    }

    #[inline(always)]
    fn settle_factor(self, a: u64) -> u64 {
        self.settle(a)
    }

    #[inline(always)]
    fn multiply_leaves(self, x: &mut [u64], y: &[u64], leaf: Node<'_, [u64; 2]>) {
        let x: &mut [u64; 8] = x.try_into().expect("a leaf has eight words");
        let y: &[u64; 8] = y.try_into().expect("a leaf has eight words");
        let (a, wrapped) = (*x, self.wrapped(*y, leaf));
        for (power, word) in x.iter_mut().enumerate() {
            let upper = (0..=power).map(|i| u128::from(a[i]) * u128::from(y[power - i]));
            let lower = (power + 1..8).map(|i| u128::from(a[i]) * u128::from(wrapped[power + 8 - i]));
            *word = self.reduce(upper.chain(lower).sum());
        }
    }

    #[inline(always)]
    fn square_leaves(self, x: &mut [u64], leaf: Node<'_, [u64; 2]>) {
        let mut y = [0; 8];
        y.copy_from_slice(x);
        self.multiply_leaves(x, &y, leaf);
    }
}
