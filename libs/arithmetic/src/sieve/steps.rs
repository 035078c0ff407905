//! Crossing out from one multiple to the next, where a cycle is too long for the margins of a segment.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "places in a segment, residues and base primes fit 31 bits"
)]

use super::residues::{BasePrime, PRODUCTS, RESIDUES};

/// Base primes from this on go by steps.
pub(super) const FIRST: u32 = 1 << 17;

/// Base primes by class.
#[derive(Default)]
pub(super) struct Steps([Vec<Step>; 8]);

struct Step {
    quotient: u32,
    /// The byte at which the cycle of the next hit starts, relative to the segment.
    cycle: i32,
    /// The next hit of the cycle.
    hit: u8,
}

impl Steps {
    /// Adds a base prime that begins in the segment that starts at byte `first`.
    pub(super) fn add(&mut self, base: BasePrime, first: u64) {
        let entry = base.entry(first);
        self.0[base.class].push(Step {
            quotient: base.quotient,
            cycle: i32::try_from(entry.cycle).expect("within some segments"),
            hit: entry.hit as u8,
        });
    }

    pub(super) fn cross_out(&mut self, segment: &mut [u8]) {
        let [c0, c1, c2, c3, c4, c5, c6, c7] = &mut self.0;
        cross_out_class::<0>(c0, segment);
        cross_out_class::<1>(c1, segment);
        cross_out_class::<2>(c2, segment);
        cross_out_class::<3>(c3, segment);
        cross_out_class::<4>(c4, segment);
        cross_out_class::<5>(c5, segment);
        cross_out_class::<6>(c6, segment);
        cross_out_class::<7>(c7, segment);
    }
}

fn cross_out_class<const CLASS: usize>(steps: &mut [Step], segment: &mut [u8]) {
    let length = segment.len() as i32;
    for step in steps {
        let quotient = step.quotient as i32;
        let prime = 30 * quotient + RESIDUES[CLASS] as i32;
        let (mut cycle, mut hit) = (step.cycle, usize::from(step.hit));
        loop {
            let product = PRODUCTS[CLASS][hit];
            let byte = cycle + quotient * RESIDUES[hit] as i32 + i32::from(product.byte);
            let Some(byte) = segment.get_mut(byte as usize) else { break };
            *byte &= product.mask;
            hit += 1;
            if hit == 8 {
                (cycle, hit) = (cycle + prime, 0);
            }
        }
        (step.cycle, step.hit) = (cycle - length, hit as u8);
    }
}
