//! One prime field, ready for transforms: its arithmetic and its table of roots of unity.
//!
//! A transform of length N splits polynomials modulo `x^N - 1` again and again: node j of a layer stands for polynomials
//! modulo `x^n - c[j]`, and its children 2j and 2j + 1 for those modulo `x^(n/2) - s[j]` and `x^(n/2) + s[j]`, where
//! `s[j]` is a square root of `c[j]`. As `c[2j] = s[j]` and `c[2j+1] = -s[j]`, one table of `s[j]` serves all layers:
//! `s[0] = 1`, and `s[2^k + i] = s[2^k] s[i]` for `i < 2^k`, where `s[2^k]` is a root of unity of order `2^(k+2)`.
//!
//! By the same rule, `s[2^m r + i] = s[2^m r] s[i]` for `i < 2^m`. So a table of the first roots is enough: from it those
//! of one row of a long transform are made when they are needed, which is faster than to read them from memory.

use super::lanes::Lanes;
use super::prime;

/// The roots in the table.
const TABLE: usize = 1 << 13;

/// The arithmetic of a prime field and the roots for transforms of any length.
pub(super) struct Field<L: Lanes> {
    pub(super) lanes: L,
    prime: u64,
    table: Vec<L::Root>,
    /// The roots of orders 4, 8, 16, ...
    powers: Vec<u64>,
    minus_one: L::Root,
    pub(super) half: L::Root,
}

/// Roots by the number of their node.
#[derive(Clone, Copy)]
pub(super) struct Roots<'a, R> {
    table: &'a [R],
    /// The table in which inverses are looked up.
    mirror: &'a [R],
    minus_one: R,
}

/// A node, and the roots of itself and of all nodes below it.
#[derive(Clone, Copy)]
pub(super) struct Node<'a, R> {
    pub(super) number: usize,
    pub(super) roots: Roots<'a, R>,
}

impl<L: Lanes> Field<L> {
    #[inline(always)]
    pub(super) fn new(lanes: L, prime: u64) -> Self {
        let powers = prime::roots_of_unity(prime);
        let (minus_one, half) = (lanes.root(prime - 1), lanes.root(prime.div_ceil(2)));
        let mut table = vec![lanes.root(1); TABLE];
        for (layer, power) in powers.iter().enumerate().take(TABLE.ilog2() as usize) {
            let (known, next) = table[..2 << layer].split_at_mut(1 << layer);
            lanes.compound_all(known, lanes.seed(*power), next);
        }
        Self { lanes, prime, table, powers, minus_one, half }
    }

    /// The roots in the table.
    #[inline(always)]
    pub(super) fn roots(&self) -> Roots<'_, L::Root> {
        Roots { table: &self.table, mirror: &self.table, minus_one: self.minus_one }
    }

    /// The node of a row with this many leaves, which is number `row` of a matrix of up to `rows` rows; makes its roots
    /// in `room`, of [`Self::room`] roots, unless they are in the table.
    #[inline(always)]
    pub(super) fn row<'a>(
        &'a self,
        row: usize,
        [rows, leaves]: [usize; 2],
        room: &'a mut [L::Root],
    ) -> Node<'a, L::Root> {
        if row == 0 || rows.next_power_of_two() * leaves * L::LEAF_PARTS <= 2 * TABLE {
            return Node { number: row, roots: self.roots() };
        }
        // Inverses belong to the row with the other bits below the highest.
        let (table, mirror) = room.split_at_mut(leaves * L::LEAF_PARTS);
        let mirror = &mut mirror[..table.len()];
        self.below(row, table);
        self.below((3 << row.ilog2()) - 1 - row, mirror);
        Node { number: 1, roots: Roots { table, mirror, minus_one: self.minus_one } }
    }

    /// The room that [`Self::row`] needs for rows of so many leaves.
    pub(super) const fn room(leaves: usize) -> usize {
        2 * leaves * L::LEAF_PARTS
    }

    /// Makes the roots below `node`, which get the numbers that they have below node 1.
    #[inline(always)]
    fn below(&self, node: usize, table: &mut [L::Root]) {
        let layers = table.len().ilog2() as usize;
        // s[2^m node] for the last layer m: the product of the roots for each bit. The squares are those for the others.
        let bits = (0..=node.ilog2() as usize).filter(|bit| node >> bit & 1 == 1);
        let mut root = bits
            .map(|bit| self.powers[bit + layers - 1])
            .fold(1, |product, power| prime::multiply(product, power, self.prime));
        for layer in (0..layers).rev() {
            let count = 1 << layer;
            self.lanes.compound_all(
                &self.table[..count],
                self.lanes.seed(root),
                &mut table[count..2 * count],
            );
            root = prime::multiply(root, root, self.prime);
        }
    }
}

impl<'a, R: Copy> Roots<'a, R> {
    /// The roots `s[j]` from this node on.
    #[inline(always)]
    pub(super) fn from(self, node: usize) -> &'a [R] {
        &self.table[node..]
    }

    /// The negative inverse of `s[j]`: with it, a difference is taken the other way round.
    ///
    /// `s[j]` with 2^k <= j < 2^(k+1) is an odd power, up to the half, of a root of order 2^(k+2). Its inverse is the
    /// negative of that root which has the other bits below the highest.
    #[inline(always)]
    pub(super) fn inverse(self, node: usize) -> R {
        if node == 0 {
            return self.minus_one;
        }
        let highest = 1 << node.ilog2();
        self.mirror[3 * highest - 1 - node]
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Debug;

    use super::super::kernel::Kernel;
    use super::super::portable::Portable;
    #[cfg(target_arch = "x86_64")]
    use super::super::{avx2::Avx2, ifma::Ifma};

    /// Compares the roots of rows that are made with those that are in the table.
    fn rows_have_the_roots_of_the_table<K: Kernel<Root: Debug + PartialEq>>() {
        let Some(tables) = K::tables() else { return };
        for field in &tables.fields {
            for row in 1..32 {
                let leaves = 64;
                let mut room = vec![field.minus_one; super::Field::<K>::room(leaves)];
                let known = K::row(field, row, [32, leaves], &mut []);
                // Of so many rows, not all roots are in the table.
                let made = K::row(field, row, [1 << 9, leaves], &mut room);
                assert_eq!([known.number, made.number], [row, 1]);
                for layer in 0..6 {
                    for node in 0..1 << layer {
                        let [known_node, made_node] = [(row << layer) + node, (1 << layer) + node];
                        assert_eq!(known.roots.from(known_node)[0], made.roots.from(made_node)[0]);
                        assert_eq!(known.roots.inverse(known_node), made.roots.inverse(made_node));
                    }
                }
            }
        }
    }

    #[test]
    fn the_roots_of_rows_are_those_of_the_table() {
        rows_have_the_roots_of_the_table::<Portable>();
        #[cfg(target_arch = "x86_64")]
        rows_have_the_roots_of_the_table::<Avx2>();
        #[cfg(target_arch = "x86_64")]
        rows_have_the_roots_of_the_table::<Ifma>();
    }
}
