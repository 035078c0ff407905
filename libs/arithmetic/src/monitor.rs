//! How a long computation tells where it is, and learns that it shall stop.
//!
//! The one idea: a kernel asks between parts of its work, each of which takes well under a second, so a caller can
//! stop it from the outside without threads or flags in the kernels. Callers who report to others at a lower rate
//! thin the reports out themselves.

use std::fmt;
use std::ops::ControlFlow;

/// Hears how far a computation is, and decides whether it goes on.
///
/// Closures `FnMut(f64) -> ControlFlow<()>` are monitors.
pub trait Monitor {
    /// Takes note that `fraction` of the estimated work is done.
    ///
    /// Fractions lie in `0.0..=1.0` and never fall; the last one of a complete computation is `1.0`. After
    /// [`ControlFlow::Break`] the computation ends with [`Interrupted`], without another report or result.
    fn report(&mut self, fraction: f64) -> ControlFlow<()>;
}

/// A monitor that hears nothing and never stops a computation.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unmonitored;

/// The computation was told to stop, by its monitor or by its sink.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interrupted;

/// The work of one computation, planned beforehand and reported as it is done.
pub(crate) struct Progress<'a> {
    monitor: &'a mut dyn Monitor,
    done: f64,
    planned: f64,
}

impl<F: FnMut(f64) -> ControlFlow<()>> Monitor for F {
    fn report(&mut self, fraction: f64) -> ControlFlow<()> {
        self(fraction)
    }
}

impl Monitor for Unmonitored {
    fn report(&mut self, _fraction: f64) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
}

impl fmt::Display for Interrupted {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the computation was told to stop")
    }
}

impl std::error::Error for Interrupted {}

impl<'a> Progress<'a> {
    /// Starts a computation of `planned` units of work; the unit is the kernel's own.
    pub(crate) fn new(monitor: &'a mut dyn Monitor, planned: f64) -> Self {
        Self { monitor, done: 0.0, planned }
    }

    /// Reports that `work` more units are done.
    ///
    /// The plan is an estimate: what exceeds it is held at `1.0`.
    pub(crate) fn advance(&mut self, work: f64) -> Result<(), Interrupted> {
        self.done += work;
        let fraction = if self.done < self.planned { self.done / self.planned } else { 1.0 };
        unless_broken(self.monitor.report(fraction))
    }

    /// A monitor for a computation that is `work` units of this one.
    pub(crate) fn part(&mut self, work: f64) -> impl Monitor {
        let mut heard = 0.0;
        move |fraction: f64| {
            let more = (fraction - heard) * work;
            heard = fraction;
            match self.advance(more) {
                Ok(()) => ControlFlow::Continue(()),
                Err(Interrupted) => ControlFlow::Break(()),
            }
        }
    }

    /// Reports that everything is done.
    pub(crate) fn finish(self) -> Result<(), Interrupted> {
        unless_broken(self.monitor.report(1.0))
    }
}

/// What a monitor or a sink has answered, for `?`.
pub(crate) fn unless_broken(answer: ControlFlow<()>) -> Result<(), Interrupted> {
    match answer {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(()) => Err(Interrupted),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_grow_to_one_even_when_the_plan_was_too_small() {
        let mut heard = Vec::new();
        let mut monitor = |fraction| {
            heard.push(fraction);
            ControlFlow::Continue(())
        };
        let mut progress = Progress::new(&mut monitor, 4.0);
        for _ in 0..6 {
            progress.advance(1.0).unwrap();
        }
        progress.finish().unwrap();
        assert_eq!(heard, [0.25, 0.5, 0.75, 1.0, 1.0, 1.0, 1.0]);
    }

    #[test]
    fn a_part_reports_within_the_whole() {
        let mut heard = Vec::new();
        let mut monitor = |fraction| {
            heard.push(fraction);
            if fraction < 0.75 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        };
        let mut progress = Progress::new(&mut monitor, 4.0);
        progress.advance(1.0).unwrap();
        let mut part = progress.part(2.0);
        assert_eq!(part.report(0.5), ControlFlow::Continue(()));
        assert_eq!(part.report(1.0), ControlFlow::Break(()));
        drop(part);
        assert_eq!(heard, [0.25, 0.5, 0.75]);
    }

    #[test]
    fn an_empty_plan_is_done_at_once() {
        let mut monitor = |fraction: f64| {
            assert!((fraction - 1.0).abs() < f64::EPSILON);
            ControlFlow::Break(())
        };
        assert_eq!(Progress::new(&mut monitor, 0.0).advance(0.0), Err(Interrupted));
    }
}
