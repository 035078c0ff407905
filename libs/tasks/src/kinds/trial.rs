//! Surroundings for the tests of kinds: a run that records what it hears and can break off anywhere.

use std::ops::ControlFlow;

use abacus_api::v1;

use crate::{Cost, Limits, Run, Size, Stop, Task, Violations};

/// A run that keeps everything and breaks at a given call.
#[derive(Debug, Default)]
pub(crate) struct Trial {
    /// The result so far.
    pub(crate) written: Vec<u8>,
    /// Every report, in order.
    pub(crate) reports: Vec<(f64, &'static str)>,
    /// The length of every write, in order.
    pub(crate) writes: Vec<usize>,
    calls: usize,
    break_at: Option<usize>,
}

impl Run for Trial {
    fn report(&mut self, fraction: f64, phase: &'static str) -> ControlFlow<()> {
        self.reports.push((fraction, phase));
        self.answer()
    }

    fn write(&mut self, bytes: &[u8]) -> ControlFlow<()> {
        self.written.extend_from_slice(bytes);
        self.writes.push(bytes.len());
        self.answer()
    }
}

impl Trial {
    fn answer(&mut self) -> ControlFlow<()> {
        self.calls += 1;
        assert!(self.break_at.is_none_or(|last| self.calls <= last), "a call after the break");
        if Some(self.calls) == self.break_at { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    fn text(&self) -> &str {
        std::str::from_utf8(&self.written).unwrap()
    }
}

/// Checks a task with the default limits.
pub(crate) fn check(task: v1::task::Task) -> Result<Task, Violations> {
    Task::check(v1::Task { task: Some(task) }, &Limits::default())
}

/// What is wrong with a task, as `field: description` lines.
pub(crate) fn faults(task: v1::task::Task) -> Vec<String> {
    let violations = check(task).expect_err("the task was meant to be wrong");
    violations.iter().map(|violation| format!("{}: {}", violation.field, violation.description)).collect()
}

/// Checks and computes a task; asserts what holds of every run.
pub(crate) fn compute(task: v1::task::Task) -> (String, Size) {
    let task = check(task).unwrap();
    let again = Task::check(task.to_message(), &Limits::default()).unwrap();
    assert_eq!(again, task, "checking a checked task changes nothing");

    let mut trial = Trial::default();
    let size = task.run(&mut trial).unwrap();
    assert!(!trial.reports.is_empty(), "progress is reported");
    assert!(trial.reports.iter().all(|(fraction, _)| (0.0..=1.0).contains(fraction)));
    for pair in trial.reports.windows(2) {
        let [(before, phase), (after, next)] = [pair[0], pair[1]];
        assert!(phase != next || before <= after, "{phase} fell from {before} to {after}");
    }
    let Cost { result_bytes, .. } = task.cost();
    assert!(u64::try_from(trial.written.len()).unwrap() <= result_bytes, "more bytes than {result_bytes}");
    (trial.text().to_owned(), size)
}

/// Breaks a task off at each of its calls (the first and last hundred, if there are more) and asserts that it ends
/// as interrupted, at once, with a prefix of the result.
pub(crate) fn interrupt_everywhere(task: v1::task::Task) {
    let task = check(task).unwrap();
    let mut whole = Trial::default();
    task.run(&mut whole).unwrap();
    for break_at in (1..=whole.calls).filter(|call| *call <= 100 || call + 100 > whole.calls) {
        assert!(whole.written.starts_with(&interrupt(&task, break_at)), "no prefix at call {break_at}");
    }
}

/// Breaks a checked task off at this call, counted from 1; what was written until then.
pub(crate) fn interrupt(task: &Task, break_at: usize) -> Vec<u8> {
    let mut trial = Trial { break_at: Some(break_at), ..Trial::default() };
    assert_eq!(task.run(&mut trial), Err(Stop::Interrupted), "at call {break_at}");
    trial.written
}
