//! How a kind uses the kernels of abacus-arithmetic: one [`Run`] serves as their monitor and as their sink.
//!
//! A kernel holds its monitor and its sink at the same time; [`Desk`] lets both be the same run, and places each
//! kernel's fractions, which go from 0 to 1, within those of the whole task.

use std::{
    cell::{Cell, RefCell},
    ops::{ControlFlow, Range},
    time::Duration,
};

use abacus_arithmetic::write_decimal;
use num_bigint::{BigInt, Sign};

use crate::{Run, Size, Stop};

/// A run that several closures share.
pub(super) struct Desk<'a>(RefCell<&'a mut dyn Run>);

impl<'a> Desk<'a> {
    pub(super) fn new(run: &'a mut dyn Run) -> Self {
        Self(RefCell::new(run))
    }

    /// A monitor that reports a kernel's progress as the part `within` of the task.
    pub(super) fn monitor(
        &self,
        phase: &'static str,
        within: Range<f64>,
    ) -> impl FnMut(f64) -> ControlFlow<()> {
        move |fraction| {
            let overall = within.start + fraction * (within.end - within.start);
            self.0.borrow_mut().report(overall.min(1.0), phase)
        }
    }

    /// Appends to the result.
    pub(super) fn write(&self, bytes: &[u8]) -> ControlFlow<()> {
        self.0.borrow_mut().write(bytes)
    }

    /// Writes an integer as the result, in the phase "digits".
    pub(super) fn write_integer(&self, number: &BigInt, within: Range<f64>) -> Result<Size, Stop> {
        if number.sign() == Sign::Minus {
            unless_broken(self.write(b"-"))?;
        }
        let digits = Cell::new(0_u64);
        write_decimal(number.magnitude(), &mut self.monitor("digits", within), &mut |piece| {
            digits.set(digits.get() + length(piece));
            self.write(piece)
        })?;
        Ok(Size::Digits(digits.get()))
    }
}

/// What a run has answered, for `?`.
pub(super) fn unless_broken(answer: ControlFlow<()>) -> Result<(), Stop> {
    match answer {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(()) => Err(Stop::Interrupted),
    }
}

/// The number of bytes.
pub(super) fn length(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).expect("memory has less than 2^64 bytes")
}

/// The part of the time of both that `first` takes, from 0 to 1.
pub(super) fn share(first: Duration, second: Duration) -> f64 {
    let whole = first.as_secs_f64() + second.as_secs_f64();
    if whole > 0.0 { first.as_secs_f64() / whole } else { 0.0 }
}
