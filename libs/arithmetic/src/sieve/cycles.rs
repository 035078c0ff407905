//! Crossing out by whole cycles.
//!
//! A cycle that reaches over an end of the segment hits the margins there, which nobody looks at; the part of it that
//! lies in the next segment is done again with that one. So no hit has to be compared with an end.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "places in a segment, residues and base primes fit 31 bits"
)]

use super::residues::{BasePrime, PRODUCTS, RESIDUES};

/// Base primes below this go through the smaller blocks.
pub(super) const FIRST_LARGE: u32 = 24 << 10;

/// Bytes of a block: these fit the first-level cache.
pub(super) const SMALL_BLOCK: usize = 1 << 15;

/// Bytes of a larger block: these fit the second-level one.
pub(super) const LARGE_BLOCK: usize = 1 << 18;

/// A segment with margins on both sides, into which cycles reach.
pub(super) struct Buffer {
    bytes: Vec<u8>,
    /// No cycle is longer.
    margin: usize,
    /// Of the segment.
    pub(super) length: usize,
}

/// Base primes by class.
#[derive(Default)]
pub(super) struct Cycles([Vec<Cycle>; 8]);

struct Cycle {
    quotient: u32,
    /// The byte at which the next cycle starts, relative to the segment; from -p on.
    next: i32,
}

impl Buffer {
    /// For segments of up to `length` bytes and base primes up to `largest`.
    pub(super) fn new(length: u64, largest: u32) -> Self {
        let (length, margin) = (length as usize, largest as usize);
        Self { bytes: vec![0; margin + length + margin], margin, length }
    }

    pub(super) fn segment(&mut self) -> &mut [u8] {
        &mut self.bytes[self.margin..][..self.length]
    }
}

impl Cycles {
    /// Adds a base prime that begins in the segment that starts at byte `first`.
    pub(super) fn add(&mut self, base: BasePrime, first: u64) {
        // Of the cycle that holds the square, multiples before it are composite as well.
        let next = i32::try_from(base.cycle(first)).expect("within a segment, or one cycle before it");
        self.0[base.class].push(Cycle { quotient: base.quotient, next });
    }

    /// Crosses out of a segment in blocks of `block` bytes.
    pub(super) fn cross_out(&mut self, buffer: &mut Buffer, block: usize) {
        for start in (0..buffer.length).step_by(block) {
            self.cross_out_until(buffer, buffer.length.min(start + block));
        }
        for (class, cycles) in self.0.iter_mut().enumerate() {
            let back = buffer.length as i32 + RESIDUES[class] as i32;
            for cycle in cycles {
                // Once more with the next segment.
                cycle.next -= back + 30 * cycle.quotient as i32;
            }
        }
    }

    /// The cycles that start before `end`.
    fn cross_out_until(&mut self, buffer: &mut Buffer, end: usize) {
        let [c0, c1, c2, c3, c4, c5, c6, c7] = &mut self.0;
        cross_out_class::<0>(c0, buffer, end);
        cross_out_class::<1>(c1, buffer, end);
        cross_out_class::<2>(c2, buffer, end);
        cross_out_class::<3>(c3, buffer, end);
        cross_out_class::<4>(c4, buffer, end);
        cross_out_class::<5>(c5, buffer, end);
        cross_out_class::<6>(c6, buffer, end);
        cross_out_class::<7>(c7, buffer, end);
    }
}

fn cross_out_class<const CLASS: usize>(cycles: &mut [Cycle], buffer: &mut Buffer, end: usize) {
    let margin = buffer.margin;
    let end = end + margin;
    for cycle in cycles {
        let quotient = cycle.quotient as usize;
        let prime = 30 * quotient + RESIDUES[CLASS] as usize;
        // From -p on, and p is not above the margin.
        let mut start = (margin as i32 + cycle.next) as usize;
        while start < end {
            // As long as a cycle is, all of its hits lie in it.
            let bytes = &mut buffer.bytes[start..][..prime];
            hit::<CLASS, 0>(bytes, quotient);
            hit::<CLASS, 1>(bytes, quotient);
            hit::<CLASS, 2>(bytes, quotient);
            hit::<CLASS, 3>(bytes, quotient);
            hit::<CLASS, 4>(bytes, quotient);
            hit::<CLASS, 5>(bytes, quotient);
            hit::<CLASS, 6>(bytes, quotient);
            hit::<CLASS, 7>(bytes, quotient);
            start += prime;
        }
        cycle.next = start as i32 - margin as i32;
    }
}

#[inline]
fn hit<const CLASS: usize, const HIT: usize>(bytes: &mut [u8], quotient: usize) {
    let product = PRODUCTS[CLASS][HIT];
    bytes[quotient * RESIDUES[HIT] as usize + product.byte as usize] &= product.mask;
}
