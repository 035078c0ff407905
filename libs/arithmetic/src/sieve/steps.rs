//! Crossing out from one multiple to the next, where a cycle is too long for the margins of a segment.
//!
//! Base primes are sorted anew in each segment, by class and by the next hit of the cycle, so that code that has been
//! unrolled from that hit on serves all of a list: only the last hit in the segment is hard to predict.

#![expect(
    clippy::cast_possible_truncation,
    reason = "places in a segment, residues and base primes fit 31 bits"
)]

use super::residues::{BasePrime, PRODUCTS, RESIDUES};

/// Base primes from this on go by steps.
pub(super) const FIRST: u32 = 1 << 18;

/// By class, then by hit.
#[derive(Default)]
pub(super) struct Steps {
    lists: [[Vec<Step>; 8]; 8],
    /// What the lists will be for the next segment, by hit; empty between two classes.
    next: [Vec<Step>; 8],
}

#[derive(Clone, Copy)]
struct Step {
    quotient: u32,
    /// The byte of the next hit, relative to the segment.
    byte: u32,
}

impl Steps {
    /// Adds a base prime that begins in the segment that starts at byte `first`, or after it.
    pub(super) fn add(&mut self, base: BasePrime, first: u64) {
        let entry = base.entry(first);
        let byte = u32::try_from(entry.cycle + base.offset(entry.hit)).expect("within some segments");
        self.lists[base.class][entry.hit].push(Step { quotient: base.quotient, byte });
    }

    pub(super) fn cross_out(&mut self, segment: &mut [u8]) {
        self.cross_out_class::<0>(segment);
        self.cross_out_class::<1>(segment);
        self.cross_out_class::<2>(segment);
        self.cross_out_class::<3>(segment);
        self.cross_out_class::<4>(segment);
        self.cross_out_class::<5>(segment);
        self.cross_out_class::<6>(segment);
        self.cross_out_class::<7>(segment);
    }

    fn cross_out_class<const CLASS: usize>(&mut self, segment: &mut [u8]) {
        let [h0, h1, h2, h3, h4, h5, h6, h7] = &mut self.lists[CLASS];
        cross_out_list::<CLASS, 0>(h0, &mut self.next, segment);
        cross_out_list::<CLASS, 1>(h1, &mut self.next, segment);
        cross_out_list::<CLASS, 2>(h2, &mut self.next, segment);
        cross_out_list::<CLASS, 3>(h3, &mut self.next, segment);
        cross_out_list::<CLASS, 4>(h4, &mut self.next, segment);
        cross_out_list::<CLASS, 5>(h5, &mut self.next, segment);
        cross_out_list::<CLASS, 6>(h6, &mut self.next, segment);
        cross_out_list::<CLASS, 7>(h7, &mut self.next, segment);
        std::mem::swap(&mut self.lists[CLASS], &mut self.next);
    }
}

/// Empties a list into those of the next segment.
fn cross_out_list<const CLASS: usize, const HIT: usize>(
    list: &mut Vec<Step>,
    next: &mut [Vec<Step>; 8],
    segment: &mut [u8],
) {
    for Step { quotient, byte } in list.drain(..) {
        let mut byte = byte as usize;
        let hit = 'hits: loop {
            for turn in 0..8 {
                let hit = (HIT + turn) % 8;
                let Some(hit_byte) = segment.get_mut(byte) else { break 'hits hit };
                *hit_byte &= PRODUCTS[CLASS][hit].mask;
                byte += advance(CLASS, hit, quotient);
            }
        };
        next[hit].push(Step { quotient, byte: (byte - segment.len()) as u32 });
    }
}

/// How far it is from a hit to the next one.
#[inline]
fn advance(class: usize, hit: usize, quotient: u32) -> usize {
    let byte = |hit: usize| PRODUCTS[class][hit].byte as usize;
    let quotient = quotient as usize;
    if hit == 7 {
        // That of the next cycle, whose length is the prime.
        2 * quotient + RESIDUES[class] as usize + byte(0) - byte(7)
    } else {
        quotient * (RESIDUES[hit + 1] - RESIDUES[hit]) as usize + byte(hit + 1) - byte(hit)
    }
}
