//! One prime field, ready for transforms: its arithmetic and its table of roots of unity.
//!
//! A transform of length N splits polynomials modulo `x^N - 1` again and again: node j of a layer stands for polynomials
//! modulo `x^n - c[j]`, and its children 2j and 2j + 1 for those modulo `x^(n/2) - s[j]` and `x^(n/2) + s[j]`, where
//! `s[j]` is a square root of `c[j]`. As `c[2j] = s[j]` and `c[2j+1] = -s[j]`, one table of `s[j]` serves all layers:
//! `s[0] = 1`, and `s[2^k + i] = s[2^k] s[i]` for `i < 2^k`, where `s[2^k]` is a root of unity of order `2^(k+2)`.

use super::lanes::Lanes;
use super::prime;

/// The arithmetic of a prime field and the roots for transforms up to some length.
pub(super) struct Field<L: Lanes> {
    pub(super) lanes: L,
    roots: Vec<L::Root>,
    /// The roots of orders 4, 8, 16, ...
    powers: Vec<u64>,
    minus_one: L::Root,
    pub(super) half: L::Root,
}

impl<L: Lanes> Field<L> {
    pub(super) fn new(lanes: L, prime: u64) -> Self {
        let powers = prime::roots_of_unity(prime);
        let (minus_one, half) = (lanes.root(prime - 1), lanes.root(prime.div_ceil(2)));
        Self { lanes, roots: vec![lanes.root(1)], powers, minus_one, half }
    }

    /// Makes sure that the table has the first `count` roots, a power of two.
    #[inline(always)]
    pub(super) fn provide(&mut self, count: usize) {
        self.roots.reserve_exact(count.saturating_sub(self.roots.len()));
        while self.roots.len() < count {
            let power = self.powers[self.roots.len().ilog2() as usize];
            let seed = self.lanes.seed(power);
            for i in 0..self.roots.len() {
                self.roots.push(self.lanes.compound(self.roots[i], seed));
            }
        }
    }

    /// The table of the roots `s[j]`.
    #[inline(always)]
    pub(super) fn roots(&self) -> &[L::Root] {
        &self.roots
    }

    /// The negative inverse of `s[j]`: with it, a difference is taken the other way round.
    ///
    /// `s[j]` with 2^k <= j < 2^(k+1) is an odd power, up to the half, of a root of order 2^(k+2). Its inverse is the
    /// negative of that root which has the other bits below the highest.
    #[inline(always)]
    pub(super) fn inverse_root(&self, node: usize) -> L::Root {
        if node == 0 {
            return self.minus_one;
        }
        let highest = 1 << node.ilog2();
        self.roots[3 * highest - 1 - node]
    }
}
