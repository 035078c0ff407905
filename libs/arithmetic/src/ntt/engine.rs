//! The course of a multiplication: along the columns, along the rows, back along the columns, and into limbs.

use std::num::NonZeroUsize;
use std::ops::Range;

use super::crew;
use super::crt::Carry;
use super::field::Field;
use super::kernel::{Factor, Kernel, LEAF, Strip};
use super::memory::Memory;
use super::shape::Shape;
use super::tables::Tables;
use super::{Order, Products};
use crate::Interrupted;
use crate::decimal::limb::RADIX;
use crate::monitor::Progress;

/// Below this many words, another thread costs more than it gives.
const WORTH_SHARING: usize = 1 << 15;

/// Pieces of memory that are kept.
const MOST_SPARE: usize = 2;

/// Multiplies with one instruction set; keeps its tables and its memory for the next multiplication.
pub(super) struct Engine<K: Kernel> {
    tables: &'static Tables<K>,
    threads: NonZeroUsize,
    /// Memory for limbs.
    spare: Vec<Vec<u64>>,
    /// How many limbs to make room for.
    room: usize,
    /// Memory for strips and matrices.
    memory: Memory,
}

/// One multiplication: its shape and who does it.
struct Work<'a, 'm, K: Kernel> {
    shape: Shape,
    threads: NonZeroUsize,
    /// For each thread, what it needs beside the matrices: see [`desk`].
    desks: &'a mut [K::Word],
    progress: &'a mut Progress<'m>,
    /// What a word counts.
    unit: f64,
}

/// In how many parts of the work each word of a product takes part: three primes, two operands, one part along the
/// columns and one along the rows for each, and two for what becomes the product.
pub(super) const MULTIPLICATION_PARTS: f64 = 21.0;

/// The work on one word in one part, in schoolbook products of two limbs.
pub(super) fn word_work(shape: Shape) -> f64 {
    f64::from(shape.leaves().ilog2() + 8) / 22.0
}

impl<K: Kernel> Engine<K> {
    pub(super) fn new(tables: &'static Tables<K>, threads: NonZeroUsize) -> Self {
        Self { tables, threads, spare: Vec::new(), room: 0, memory: Memory::default() }
    }

    /// Asks for the memory of products up to this length at once. What is not used of it costs nothing.
    pub(super) fn reserve(&mut self, length: usize) {
        let shape = Shape::of(length);
        self.room = shape.words();
        self.memory.reserve(self.threads.get() * desk::<K>(shape) + 6 * shape.memory());
    }

    /// Takes memory for limbs.
    pub(super) fn recycle(&mut self, limbs: Vec<u64>) {
        if self.spare.len() < MOST_SPARE {
            self.spare.push(limbs);
        }
    }

    /// What is ordered, in as many limbs as the transforms have words.
    ///
    /// # Errors
    /// [`Interrupted`].
    pub(super) fn run(
        &mut self,
        order: Order<'_>,
        progress: &mut Progress<'_>,
    ) -> Result<Products, Interrupted> {
        let shape = Shape::of(order.length());
        let threads = if shape.words() < WORTH_SHARING { NonZeroUsize::MIN } else { self.threads };
        let Self { tables, spare, room, memory, .. } = self;
        let matrices = match order {
            Order::Square(_) => 3,
            Order::Multiply(..) => 4,
            Order::MultiplyAndSquare(..) => 6,
        };
        let (desks, words) = (threads.get() * desk::<K>(shape), shape.memory());
        let (desks, matrices) = memory.words(desks + matrices * words).split_at_mut(desks);
        // For each prime, the matrix of the first operand, later of the (first) product; and that of the second
        // operand, later of its square, or one for all primes if there is no such.
        let (first, second) = matrices.split_at_mut(3 * words);
        let mut work = Work { shape, threads, desks, progress, unit: word_work(shape) };
        for (index, (matrix, field)) in first.chunks_exact_mut(words).zip(&tables.fields).enumerate() {
            work.spread(field, order.factors().0, matrix)?;
            match order {
                Order::Square(_) => work.rows(field, matrix, None)?,
                Order::Multiply(_, b) => {
                    work.spread(field, b, second)?;
                    work.rows(field, matrix, Some((second, |row| Factor::Other(row))))?;
                }
                Order::MultiplyAndSquare(_, b) => {
                    let second = &mut second[index * words..][..words];
                    work.spread(field, b, second)?;
                    work.rows(field, matrix, Some((second, |row| Factor::OtherToSquare(row))))?;
                }
            }
        }
        let mut memory = || {
            let spare = spare.pop().filter(|limbs| limbs.capacity() >= shape.words());
            spare.unwrap_or_else(|| Vec::with_capacity(shape.words().max(*room)))
        };
        let product = work.gather(tables, first, memory())?;
        let square = match order {
            Order::MultiplyAndSquare(..) => Some(work.gather(tables, second, memory())?),
            Order::Square(_) | Order::Multiply(..) => None,
        };
        Ok(Products { product, square })
    }
}

/// The words that a thread needs for three strips, or for the roots of a row.
fn desk<K: Kernel>(shape: Shape) -> usize {
    let words_of_root = size_of::<K::Root>() / size_of::<K::Word>();
    (3 * shape.scratch()).max(Field::<K>::room(shape.columns / LEAF) * words_of_root)
}

/// How the words of a row of the second operand are handed over.
type Hand<W> = for<'a> fn(&'a mut [W]) -> Factor<'a, W>;

/// The second operand: its matrix, and how its rows are handed over.
type Operand<'m, W> = (&'m mut [W], Hand<W>);

impl<K: Kernel> Work<'_, '_, K> {
    /// Makes a matrix of limbs and transforms it along its columns.
    fn spread(&mut self, field: &Field<K>, limbs: &[u64], matrix: &mut [K::Word]) -> Result<(), Interrupted> {
        let shape = self.shape;
        let given = limbs.len().div_ceil(shape.columns);
        let strip = Strip { width: shape.width, given, kept: shape.rows };
        let ranges: Vec<_> = crew::divide(shape.strips(), self.threads).collect();
        let parts = by_columns(matrix.chunks_exact_mut(shape.stride), shape, &ranges);
        let shares =
            ranges.into_iter().zip(parts).zip(self.desks.chunks_exact_mut(shape.scratch())).collect();
        crew::share(
            shares,
            (self.progress, self.unit),
            |((range, mut rows), scratch): (_, &mut [_]), pace| {
                for (place, number) in range.enumerate() {
                    read_strip(field, limbs, (shape, number), scratch);
                    K::forward_strip(field, scratch, strip);
                    for (row, words) in rows.iter_mut().zip(scratch.chunks_exact(shape.width)) {
                        row[place * shape.width..][..shape.width].copy_from_slice(words);
                    }
                    if !pace.step(shape.rows * shape.width) {
                        return;
                    }
                }
            },
        )
    }

    /// Transforms each row, multiplies it, and transforms it back.
    fn rows(
        &mut self,
        field: &Field<K>,
        first: &mut [K::Word],
        second: Option<Operand<'_, K::Word>>,
    ) -> Result<(), Interrupted> {
        let shape = self.shape;
        let (mut first, mut second) = (first.chunks_exact_mut(shape.stride), second);
        let (mut others, hand) = match &mut second {
            Some((second, hand)) => (Some(second.chunks_exact_mut(shape.stride)), Some(*hand)),
            None => (None, None),
        };
        let ranges = crew::divide(shape.rows, self.threads);
        let shares: Vec<_> = ranges
            .map(|range| {
                let rows: Vec<_> = range.clone().zip(&mut first).collect();
                let others = others.as_mut().map(|others| others.take(range.len()).collect::<Vec<_>>());
                (rows, others.unwrap_or_default())
            })
            .collect();
        let desks = self.desks.chunks_exact_mut(desk::<K>(shape));
        let shares = shares.into_iter().zip(desks).collect();
        crew::share(shares, (self.progress, self.unit), |((rows, others), desk): (_, &mut [_]), pace| {
            let (mut others, room) = (Vec::into_iter(others), bytemuck::cast_slice_mut(desk));
            for (number, row) in rows {
                let factor = match (others.next(), hand) {
                    (Some(other), Some(hand)) => hand(&mut other[..shape.columns]),
                    _ => Factor::Itself,
                };
                let node = K::row(field, number, [shape.rows, shape.columns / LEAF], room);
                K::multiply_row(field, &mut row[..shape.columns], node, factor);
                let words = if hand.is_some() { 4 * shape.columns } else { 2 * shape.columns };
                if !pace.step(words) {
                    return;
                }
            }
        })
    }

    /// Transforms three matrices back along their columns and makes limbs of them, in this memory.
    fn gather(
        &mut self,
        tables: &Tables<K>,
        matrices: &[K::Word],
        mut limbs: Vec<u64>,
    ) -> Result<Vec<u64>, Interrupted> {
        let shape = self.shape;
        // Every limb is written.
        limbs.resize(shape.words(), 0);
        let ranges: Vec<_> = crew::divide(shape.strips(), self.threads).collect();
        let mut carries: Vec<_> = ranges.iter().map(|_| vec![Carry::default(); shape.rows]).collect();
        let parts = by_columns(limbs.chunks_exact_mut(shape.columns), shape, &ranges);
        let desks = self.desks.chunks_exact_mut(desk::<K>(shape));
        let shares = ranges.iter().cloned().zip(parts).zip(&mut carries).zip(desks).collect();
        let combination = tables.combination(shape.leaves());
        let strip = Strip { width: shape.width, given: shape.rows, kept: shape.rows };
        crew::share(
            shares,
            (self.progress, self.unit),
            |(((range, mut rows), carries), desk): (_, &mut [_]), pace| {
                for (place, number) in Range::enumerate(range) {
                    let scratches = desk.chunks_exact_mut(shape.scratch());
                    let matrices = matrices.chunks_exact(shape.memory());
                    for ((scratch, matrix), field) in scratches.zip(matrices).zip(&tables.fields) {
                        let rows =
                            scratch.chunks_exact_mut(shape.width).zip(matrix.chunks_exact(shape.stride));
                        for (words, row) in rows.take(shape.rows) {
                            words.copy_from_slice(&row[number * shape.width..][..shape.width]);
                        }
                        K::inverse_strip(field, scratch, strip);
                    }
                    for (row, (limbs, carry)) in rows.iter_mut().zip(carries.iter_mut()).enumerate() {
                        let words = [0, 1, 2]
                            .map(|prime| &desk[prime * shape.scratch() + row * shape.width..][..shape.width]);
                        let limbs: &mut [u64] = &mut limbs[place * shape.width..][..shape.width];
                        K::recombine(combination, words, limbs, carry);
                    }
                    if !pace.step(3 * shape.rows * shape.width) {
                        return;
                    }
                }
            },
        )?;
        for (range, carries) in ranges.iter().zip(carries) {
            for (row, carry) in carries.into_iter().enumerate() {
                add(&mut limbs, row * shape.columns + range.end * shape.width, carry.total());
            }
        }
        Ok(limbs)
    }
}

/// Reads the residues of the limbs that lie in a strip, and clears the rows after them as far as they are looked at.
fn read_strip<K: Kernel>(
    field: &Field<K>,
    limbs: &[u64],
    (shape, number): (Shape, usize),
    scratch: &mut [K::Word],
) {
    let mut rows = scratch.chunks_exact_mut(shape.width);
    for (row, words) in limbs.chunks(shape.columns).zip(&mut rows) {
        match row.get(number * shape.width..) {
            Some(limbs) if limbs.len() >= shape.width => K::read(field, &limbs[..shape.width], words),
            Some(limbs) => {
                let mut last = vec![0; shape.width];
                last[..limbs.len()].copy_from_slice(limbs);
                K::read(field, &last, words);
            }
            None => words.fill(K::Word::default()),
        }
    }
    let given = limbs.len().div_ceil(shape.columns);
    let looked_at = given.next_power_of_two().max(shape.tall() / 2);
    rows.take(looked_at - given).for_each(|words| words.fill(K::Word::default()));
}

/// The parts of each row that lie in each range of strips.
fn by_columns<'a, W: 'a>(
    rows: impl Iterator<Item = &'a mut [W]>,
    shape: Shape,
    ranges: &[Range<usize>],
) -> Vec<Vec<&'a mut [W]>> {
    let mut shares: Vec<Vec<&mut [W]>> = ranges.iter().map(|_| Vec::with_capacity(shape.rows)).collect();
    for mut row in rows {
        for (share, range) in shares.iter_mut().zip(ranges) {
            share.push(row.split_off_mut(..range.len() * shape.width).expect("the ranges make a row"));
        }
    }
    shares
}

/// Adds a carry at a limb and those after it.
fn add(limbs: &mut [u64], at: usize, mut carry: u128) {
    let radix = u128::from(RADIX);
    for limb in limbs.iter_mut().skip(at) {
        if carry == 0 {
            return;
        }
        let sum = u128::from(*limb) + carry;
        *limb = u64::try_from(sum % radix).expect("below the radix");
        carry = sum / radix;
    }
    debug_assert_eq!(carry, 0, "a product has no more limbs than its factors together");
}
