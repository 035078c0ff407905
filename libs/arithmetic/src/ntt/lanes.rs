//! What an instruction set does: arithmetic modulo one prime on several residues at once.
//!
//! The transforms are written once over [`Lanes`]; an instruction set is one file that implements it. Residues are
//! kept lazily, in two ranges:
//!
//! - *loose*: what a forward butterfly takes and yields, and what can be multiplied by a root;
//! - *settled*: what an inverse butterfly takes and yields, and a multiplication yields.
//!
//! For the integer backends, with p < 2^50 as modulus, loose is below 2^52 and settled below 2p; a product by a root is
//! even below p. The butterflies below state the bounds in these terms. The floating-point backend states its own.

use bytemuck::Pod;

use super::field::Node;

/// Residues modulo one prime, several to a vector.
pub(super) trait Lanes: Copy + Send + Sync + 'static {
    /// A stored residue.
    type Word: Pod + Default + Send + Sync;
    /// A root of unity, or any constant factor, prepared for fast multiplication.
    type Root: Pod + Send + Sync;
    /// [`Self::LANES`] residues.
    type Vector: Copy;

    /// How many residues a vector has: 1, 2, 4 or 8.
    const LANES: usize;

    /// In how many parts leaves are multiplied, each with a root of its own; one part takes the root of its parent.
    const LEAF_PARTS: usize = 1;

    /// By how many powers of two the product of leaves is divided, modulo the prime; multiplied, if negative.
    const LEAF_SHIFT: i64;

    /// Prepares a residue as a factor.
    fn root(self, value: u64) -> Self::Root;

    /// The product of two factors, the second of which is a residue's [`Self::seed`].
    fn compound(self, root: Self::Root, seed: u64) -> Self::Root;

    /// The products of factors and a residue whose [`Self::seed`] is given.
    #[inline(always)]
    fn compound_all(self, roots: &[Self::Root], seed: u64, products: &mut [Self::Root]) {
        for (root, product) in roots.iter().zip(products) {
            *product = self.compound(*root, seed);
        }
    }

    /// A residue in the form that [`Self::compound`] takes.
    fn seed(self, value: u64) -> u64;

    /// Reads the first residues.
    fn load(self, words: &[Self::Word]) -> Self::Vector;

    /// Writes to the first residues.
    fn store(self, vector: Self::Vector, words: &mut [Self::Word]);

    /// The residues, loose, of as many limbs as there are lanes; any 64-bit numbers.
    fn residues(self, limbs: &[u64]) -> Self::Vector;

    /// `a * root`: of loose, a settled product that counts as one `p`.
    fn times(self, a: Self::Vector, root: Self::Root) -> Self::Vector;

    /// `a + b`, as it is.
    fn add(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;

    /// `a - b` where b is a product by a root; adds up to `p`.
    fn less_product(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;

    /// `a - b` where b is settled; adds up to `2p`.
    fn less(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;

    /// A loose residue made settled.
    fn settle(self, a: Self::Vector) -> Self::Vector;

    /// A loose residue to which a product is added before it is multiplied, as far settled as that needs.
    fn settle_factor(self, a: Self::Vector) -> Self::Vector;

    /// Multiplies leaves, as many as there are lanes, eight words each, modulo `x^8 - c`: loose `x` by loose `y`, into
    /// settled `x`. Leaf number `first`, which is a multiple of the lanes, has as c the root of node `first / 2`, the
    /// one after it the negative of that, and so on.
    fn multiply_leaves(self, x: &mut [Self::Word], y: &[Self::Word], first: Node<'_, Self::Root>);

    /// Squares leaves, as [`Self::multiply_leaves`] multiplies them.
    fn square_leaves(self, x: &mut [Self::Word], first: Node<'_, Self::Root>);
}

/// What is done to corresponding vectors of `N` parts of a polynomial.
///
/// (A trait rather than closures, since those cannot be told to become part of a function that is compiled for other
/// instructions than they are.)
pub(super) trait Butterfly<L: Lanes, const N: usize> {
    /// Does it.
    fn apply(&self, l: L, x: [L::Vector; N]) -> [L::Vector; N];
}

/// One layer of the forward transform, by w: `x0 + w x1`, `x0 - w x1`; from loose to loose.
pub(super) struct Forward2<R>(pub(super) R);

/// Two layers of the forward transform: the first by w, the second by v above and u below; from loose to loose.
///
/// Bounds, in p: x0 and x1 are settled to 2, each layer adds 1, hence at most 4 (to be exact: settling subtracts 2p
/// from what is below 2^52, so that all stays below 2^52).
pub(super) struct Forward4<R>(pub(super) [R; 3]);

/// One layer of the inverse transform, by w: `z0 + z1`, `(z1 - z0) w`; from settled to settled.
pub(super) struct Inverse2<R>(pub(super) R);

/// Two layers of the inverse transform: the first by v above and u below, the second by w; from settled to settled.
pub(super) struct Inverse4<R>(pub(super) [R; 3]);

impl<L: Lanes> Butterfly<L, 2> for Forward2<L::Root> {
    #[inline(always)]
    fn apply(&self, l: L, [x0, x1]: [L::Vector; 2]) -> [L::Vector; 2] {
        let x0 = l.settle(x0);
        let x1 = l.times(x1, self.0);
        [l.add(x0, x1), l.less_product(x0, x1)]
    }
}

impl<L: Lanes> Butterfly<L, 4> for Forward4<L::Root> {
    #[inline(always)]
    fn apply(&self, l: L, x: [L::Vector; 4]) -> [L::Vector; 4] {
        let [w, v, u] = self.0;
        let (x0, x1) = (l.settle(x[0]), l.settle_factor(x[1]));
        let (x2, x3) = (l.times(x[2], w), l.times(x[3], w));
        let (y0, y1) = (l.add(x0, x2), l.times(l.add(x1, x3), v));
        let (y2, y3) = (l.less_product(x0, x2), l.times(l.less_product(x1, x3), u));
        [l.add(y0, y1), l.less_product(y0, y1), l.add(y2, y3), l.less_product(y2, y3)]
    }
}

impl<L: Lanes> Butterfly<L, 2> for Inverse2<L::Root> {
    #[inline(always)]
    fn apply(&self, l: L, [z0, z1]: [L::Vector; 2]) -> [L::Vector; 2] {
        [l.settle(l.add(z0, z1)), l.times(l.less(z1, z0), self.0)]
    }
}

impl<L: Lanes> Butterfly<L, 4> for Inverse4<L::Root> {
    #[inline(always)]
    fn apply(&self, l: L, z: [L::Vector; 4]) -> [L::Vector; 4] {
        let [w, v, u] = self.0;
        let (y0, y1) = (l.settle(l.add(z[0], z[1])), l.times(l.less(z[1], z[0]), v));
        let (y2, y3) = (l.settle(l.add(z[2], z[3])), l.times(l.less(z[3], z[2]), u));
        // y1 and y3 are products, hence their sum is settled.
        [
            l.settle(l.add(y0, y2)),
            l.add(y1, y3),
            l.times(l.less(y2, y0), w),
            l.times(l.less_product(y3, y1), w),
        ]
    }
}
