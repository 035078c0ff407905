//! The parts of a transform that are compiled for each instruction set.
//!
//! What is generic over [`Lanes`] is inlined into functions that are compiled with the instructions that its vectors
//! need. Each of those does so much work that calling it costs nothing.

#![expect(unsafe_code, reason = "calls of what is compiled for instructions that not every processor has")]

use super::column::{forward_columns, inverse_columns};
use std::sync::OnceLock;

use super::crt::{Carry, Combination, Recombine};
use super::field::{Field, Node};
use super::lanes::Lanes;
use super::passes::{forward, inverse};
use super::portable::Portable;
use super::prime::PRIMES;
use super::tables::Tables;
#[cfg(target_arch = "x86_64")]
use super::{avx2::Avx2, ifma::Ifma};

/// What a row is multiplied by.
pub(super) enum Factor<'a, W> {
    /// Itself.
    Itself,
    /// Another row, which is overwritten.
    Other(&'a mut [W]),
    /// Another row, which is replaced by its own square.
    OtherToSquare(&'a mut [W]),
}

/// A strip of the matrix of one operand: rows of `width` words, of which the first `given` come from its limbs and
/// `kept` stay after the transform.
#[derive(Clone, Copy)]
pub(super) struct Strip {
    pub(super) width: usize,
    pub(super) given: usize,
    pub(super) kept: usize,
}

/// The work on strips and rows.
pub(super) trait Kernel: Recombine {
    /// The fields and constants of all multiplications; `None` if the processor does not have the instructions.
    fn tables() -> Option<&'static Tables<Self>>;

    /// See [`Field::row`].
    fn row<'a>(
        field: &'a Field<Self>,
        row: usize,
        rows_and_leaves: [usize; 2],
        room: &'a mut [Self::Root],
    ) -> Node<'a, Self::Root>;

    /// The residues, loose, of limbs; both are of one length, a multiple of 8.
    fn read(field: &Field<Self>, limbs: &[u64], words: &mut [Self::Word]);

    /// Transforms a strip along its columns: loose to loose.
    fn forward_strip(field: &Field<Self>, words: &mut [Self::Word], strip: Strip);

    /// Undoes it, but for the number of rows as a factor: settled to settled.
    fn inverse_strip(field: &Field<Self>, words: &mut [Self::Word], strip: Strip);

    /// Transforms the row of a node, loose, multiplies it and transforms it back, but for its number of leaves as a
    /// factor; settled.
    fn multiply_row(
        field: &Field<Self>,
        words: &mut [Self::Word],
        node: Node<'_, Self::Root>,
        factor: Factor<'_, Self::Word>,
    );

    /// Makes limbs of settled residues modulo each prime, as many as there are limbs, a multiple of 8.
    fn recombine(
        combination: &Combination<Self>,
        words: [&[Self::Word]; 3],
        limbs: &mut [u64],
        carry: &mut Carry,
    );
}

/// Words of a leaf.
pub(super) const LEAF: usize = 8;

#[inline(always)]
fn read<L: Lanes>(field: &Field<L>, limbs: &[u64], words: &mut [L::Word]) {
    let l = field.lanes;
    for (limbs, words) in limbs.chunks_exact(L::LANES).zip(words.chunks_exact_mut(L::LANES)) {
        l.store(l.residues(limbs), words);
    }
}

#[inline(always)]
fn multiply_row<L: Lanes>(l: L, words: &mut [L::Word], node: Node<'_, L::Root>, factor: Factor<'_, L::Word>) {
    let first = Node { number: node.number * (words.len() / LEAF), ..node };
    forward(l, words, node, LEAF);
    match factor {
        Factor::Itself => square_leaves(l, words, first),
        Factor::Other(other) => {
            forward(l, other, node, LEAF);
            multiply_leaves(l, words, other, first);
        }
        Factor::OtherToSquare(other) => {
            forward(l, other, node, LEAF);
            multiply_leaves(l, words, other, first);
            square_leaves(l, other, first);
            inverse(l, other, node, LEAF);
        }
    }
    inverse(l, words, node, LEAF);
}

#[inline(always)]
fn square_leaves<L: Lanes>(l: L, words: &mut [L::Word], mut first: Node<'_, L::Root>) {
    for leaves in words.chunks_exact_mut(LEAF * L::LANES) {
        l.square_leaves(leaves, first);
        first.number += L::LANES;
    }
}

#[inline(always)]
fn multiply_leaves<L: Lanes>(l: L, words: &mut [L::Word], other: &[L::Word], mut first: Node<'_, L::Root>) {
    for (leaves, other) in words.chunks_exact_mut(LEAF * L::LANES).zip(other.chunks_exact(LEAF * L::LANES)) {
        l.multiply_leaves(leaves, other, first);
        first.number += L::LANES;
    }
}

/// Compiles the work for an instruction set.
macro_rules! compile {
    ($lanes:ty $(, $feature:literal)?) => {
        impl Kernel for $lanes {
            fn tables() -> Option<&'static Tables<Self>> {
                static TABLES: OnceLock<Option<Tables<$lanes>>> = OnceLock::new();
                $(#[target_feature(enable = $feature)])?
                fn compiled(lanes: [$lanes; 3]) -> Tables<$lanes> {
                    Tables::new(lanes)
                }
                let make = || {
                    let [Some(a), Some(b), Some(c)] = PRIMES.map(<$lanes>::new) else { return None };
                    Some(compile!(@call $($feature)? => compiled([a, b, c])))
                };
                TABLES.get_or_init(make).as_ref()
            }

            fn row<'a>(
                field: &'a Field<Self>,
                row: usize,
                rows_and_leaves: [usize; 2],
                room: &'a mut [Self::Root],
            ) -> Node<'a, Self::Root> {
                $(#[target_feature(enable = $feature)])?
                fn compiled<'a>(
                    field: &'a Field<$lanes>,
                    row: usize,
                    rows_and_leaves: [usize; 2],
                    room: &'a mut [<$lanes as Lanes>::Root],
                ) -> Node<'a, <$lanes as Lanes>::Root> {
                    field.row(row, rows_and_leaves, room)
                }
                compile!(@call $($feature)? => compiled(field, row, rows_and_leaves, room))
            }

            fn read(field: &Field<Self>, limbs: &[u64], words: &mut [Self::Word]) {
                $(#[target_feature(enable = $feature)])?
                fn compiled(field: &Field<$lanes>, limbs: &[u64], words: &mut [<$lanes as Lanes>::Word]) {
                    read(field, limbs, words);
                }
                compile!(@call $($feature)? => compiled(field, limbs, words))
            }

            fn forward_strip(field: &Field<Self>, words: &mut [Self::Word], strip: Strip) {
                $(#[target_feature(enable = $feature)])?
                fn compiled(field: &Field<$lanes>, words: &mut [<$lanes as Lanes>::Word], strip: Strip) {
                    forward_columns(field, words, strip.width, [strip.given, strip.kept]);
                }
                compile!(@call $($feature)? => compiled(field, words, strip))
            }

            fn inverse_strip(field: &Field<Self>, words: &mut [Self::Word], strip: Strip) {
                $(#[target_feature(enable = $feature)])?
                fn compiled(field: &Field<$lanes>, words: &mut [<$lanes as Lanes>::Word], strip: Strip) {
                    inverse_columns(field, words, strip.width, strip.kept);
                }
                compile!(@call $($feature)? => compiled(field, words, strip))
            }

            fn multiply_row(
                field: &Field<Self>,
                words: &mut [Self::Word],
                node: Node<'_, Self::Root>,
                factor: Factor<'_, Self::Word>,
            ) {
                $(#[target_feature(enable = $feature)])?
                fn compiled(
                    field: &Field<$lanes>,
                    words: &mut [<$lanes as Lanes>::Word],
                    node: Node<'_, <$lanes as Lanes>::Root>,
                    factor: Factor<'_, <$lanes as Lanes>::Word>,
                ) {
                    multiply_row(field.lanes, words, node, factor);
                }
                compile!(@call $($feature)? => compiled(field, words, node, factor))
            }

            fn recombine(
                combination: &Combination<Self>,
                words: [&[Self::Word]; 3],
                limbs: &mut [u64],
                carry: &mut Carry,
            ) {
                $(#[target_feature(enable = $feature)])?
                fn compiled(
                    combination: &Combination<$lanes>,
                    words: [&[<$lanes as Lanes>::Word]; 3],
                    limbs: &mut [u64],
                    carry: &mut Carry,
                ) {
                    <$lanes as Recombine>::recombine_inlined(combination, words, limbs, carry);
                }
                compile!(@call $($feature)? => compiled(combination, words, limbs, carry))
            }
        }
    };
    (@call => $call:expr) => { $call };
    (@call $feature:literal => $call:expr) => {
        // SAFETY: a value of the lanes, which the field or the combination holds, exists only where the processor has
        // the instructions that the called function is compiled with.
        unsafe { $call }
    };
}

compile!(Portable);
#[cfg(target_arch = "x86_64")]
compile!(Ifma, "avx512f,avx512vl,avx512dq,avx512ifma");
#[cfg(target_arch = "x86_64")]
compile!(Avx2, "avx2,fma");
