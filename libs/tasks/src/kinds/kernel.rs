//! How a kind uses the kernels of abacus-arithmetic: one [`Run`] serves as their monitor and as their sink.
//!
//! A kernel holds its monitor and its sink at the same time; [`Desk`] lets both be the same run, and places each
//! kernel's fractions, which go from 0 to 1, within those of the whole task.

use std::{
    cell::RefCell,
    num::NonZeroUsize,
    ops::{ControlFlow, Range},
    time::Duration,
};

use abacus_arithmetic::Decimal;
use bytes::Bytes;

use crate::{Parts, Run, Size, Stop, Task};

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
            // Rounding must not reach into the next range.
            self.0.borrow_mut().report(overall.min(within.end), phase)
        }
    }

    /// Announces parts; see [`Run::announce`].
    pub(super) fn announce(&self, parts: Parts) -> bool {
        self.0.borrow_mut().announce(parts)
    }

    /// The result of a part; see [`Run::part`].
    pub(super) fn part(&self, part: &Task) -> Result<Option<Bytes>, Stop> {
        self.0.borrow_mut().part(part)
    }

    /// The result of another task; see [`Run::kept`].
    pub(super) fn kept(&self, task: &Task) -> Result<Option<Bytes>, Stop> {
        self.0.borrow_mut().kept(task)
    }

    /// Appends to the result.
    pub(super) fn write(&self, bytes: &[u8]) -> ControlFlow<()> {
        self.0.borrow_mut().write(bytes)
    }

    /// How many threads the kernels may use.
    pub(super) fn threads(&self) -> NonZeroUsize {
        self.0.borrow().threads()
    }

    /// Writes an integer as the result, in the phase "digits", once its residue was found to be `residue`.
    pub(super) fn write_checked(
        &self,
        number: &Integer,
        residue: u64,
        within: Range<f64>,
    ) -> Result<Size, Stop> {
        if number.magnitude.modulo_mersenne61() != residue {
            return Err(Stop::Retry("the result failed its check".to_owned()));
        }
        self.write_integer(number, within)
    }

    /// Writes an integer as the result, in the phase "digits".
    pub(super) fn write_integer(&self, number: &Integer, within: Range<f64>) -> Result<Size, Stop> {
        if number.negative && !number.magnitude.is_zero() {
            unless_broken(self.write(b"-"))?;
        }
        number.magnitude.write(&mut self.monitor("digits", within), &mut |piece| self.write(piece))?;
        Ok(Size::Digits(number.magnitude.digit_count()))
    }
}

/// An integer of any size; zero may be negative.
pub(super) struct Integer {
    pub(super) negative: bool,
    pub(super) magnitude: Decimal,
}

impl From<Decimal> for Integer {
    fn from(magnitude: Decimal) -> Self {
        Self { negative: false, magnitude }
    }
}

/// The parts of a task's time that its steps take.
pub(super) struct Milestones<const N: usize>([Duration; N]);

impl<const N: usize> Milestones<N> {
    /// The parts that these times have in their sum.
    pub(super) fn of(times: [Duration; N]) -> Self {
        Self(times)
    }

    /// The part of the step at this index.
    pub(super) fn part(&self, step: usize) -> Range<f64> {
        let seconds = |times: &[Duration]| times.iter().map(Duration::as_secs_f64).sum::<f64>();
        let whole = seconds(&self.0);
        if whole > 0.0 {
            (seconds(&self.0[..step]) / whole).min(1.0)..(seconds(&self.0[..=step]) / whole).min(1.0)
        } else {
            0.0..1.0
        }
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

#[cfg(test)]
mod tests {
    use abacus_arithmetic::fibonacci_modulo;

    use super::*;
    use crate::kinds::trial::Trial;

    #[test]
    fn a_wrong_number_is_not_written() {
        let residue = fibonacci_modulo(100);
        let digits = "354224848179261915075";
        for place in 0..digits.len() {
            let mut wrong = digits.to_owned().into_bytes();
            wrong[place] = if wrong[place] == b'0' { b'1' } else { wrong[place] - 1 };
            let mut trial = Trial::default();
            let number = Decimal::from_digits(&wrong).unwrap().into();
            let ended = Desk::new(&mut trial).write_checked(&number, residue, 0.0..1.0);
            assert_eq!(ended, Err(Stop::Retry("the result failed its check".to_owned())), "digit {place}");
            assert!(trial.written.is_empty());
        }
        let mut trial = Trial::default();
        let number = digits.parse::<Decimal>().unwrap().into();
        assert_eq!(Desk::new(&mut trial).write_checked(&number, residue, 0.0..1.0), Ok(Size::Digits(21)));
        assert_eq!(trial.written, digits.as_bytes());
    }
}
