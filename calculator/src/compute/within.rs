//! A computation on the thread of another one: a part of a divided task that its own worker computes.

use std::{
    num::NonZeroUsize,
    ops::ControlFlow,
    panic::{AssertUnwindSafe, catch_unwind},
};

use abacus_tasks::{Run, Stop, Task};
use bytes::Bytes;

use super::{
    output::{Cut, Output, Stored},
    told,
};
use crate::handover::{Handover, Interrupt};

/// Hears that the computation goes on, and says whether it is to.
pub(crate) type Pulse<'a> = dyn FnMut() -> ControlFlow<()> + 'a;

/// Computes a task on this thread. Its output goes to whoever follows the handover; the whole result is answered too,
/// if it has one.
pub(crate) fn compute_within(
    task: &Task,
    handover: &Handover,
    (cut, stored): (Cut, Stored),
    pulse: &mut Pulse<'_>,
) -> Option<Bytes> {
    let output = Output::new(handover, cut, stored, NonZeroUsize::MIN);
    let mut within = Within { output, pulse, result: Vec::new() };
    // A panic ends this attempt, not that of the task around it.
    let computed = told(catch_unwind(AssertUnwindSafe(|| task.run(&mut within))));
    let Within { output, result, .. } = within;
    if computed == Err(Stop::Interrupted) {
        // What stops the computation around it is no fault of this one.
        handover.interrupt(Interrupt::HandBack);
    }
    let end = computed.and_then(|size| output.finish(size));
    let result = end.is_ok().then(|| result.into());
    handover.end(end);
    result
}

/// The surroundings of such a computation.
struct Within<'a> {
    output: Output<'a>,
    pulse: &'a mut Pulse<'a>,
    result: Vec<u8>,
}

impl Run for Within<'_> {
    fn report(&mut self, fraction: f64, phase: &'static str) -> ControlFlow<()> {
        (self.pulse)()?;
        self.output.report(fraction, phase)
    }

    fn write(&mut self, bytes: &[u8]) -> ControlFlow<()> {
        (self.pulse)()?;
        self.result.extend_from_slice(bytes);
        self.output.write(bytes)
    }
}
