//! A task that was checked: normalised, within its limits, in canonical form, with its job id.
//!
//! The canonical form is the Protocol Buffers encoding of the normalised message: fields in tag order, defaults left
//! out. Equal questions have equal canonical bytes and so equal job ids, on any machine, in any version of v1.

use abacus_api::v1;
use bytes::Bytes;
use prost::Message;

use crate::{Cost, JobId, Limits, Run, Size, Stop, Violations, kinds};

/// A checked task. Cloning shares the canonical bytes, not the parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct Task {
    parameters: v1::task::Task,
    canonical: Bytes,
    job: JobId,
}

/// Bytes that are not the canonical form of a task this version knows.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not the canonical form of a known task: {0}")]
pub struct NotCanonical(String);

impl Task {
    /// Checks and normalises what a caller sent.
    ///
    /// # Errors
    /// Every wrong field, with paths that begin with `task`.
    pub fn check(message: v1::Task, limits: &Limits) -> Result<Self, Violations> {
        let mut violations = Violations::new();
        let Some(mut parameters) = message.task else {
            let names: Vec<_> = kinds::all().iter().map(|kind| kind.name).collect();
            violations.push("task", format!("is required: exactly one of {}", names.join(", ")));
            return Err(violations);
        };
        let mut found = Violations::new();
        kinds::of_mut(&mut parameters).check(limits, &mut found);
        violations.extend_under(&format!("task.{}", kinds::describe(&parameters).name), found);
        violations.into_result(())?;
        Ok(Self::from_normalised(parameters))
    }

    /// Reads a task back from its canonical bytes, as they were stored after a check.
    ///
    /// # Errors
    /// When the bytes are damaged or were written by a version that knows other kinds.
    pub fn from_canonical(canonical: &[u8]) -> Result<Self, NotCanonical> {
        let message = v1::Task::decode(canonical).map_err(|error| NotCanonical(error.to_string()))?;
        let parameters = message.task.ok_or_else(|| NotCanonical("it names no known kind".to_owned()))?;
        let task = Self::from_normalised(parameters);
        if task.canonical == canonical {
            Ok(task)
        } else {
            Err(NotCanonical("it has unknown fields or another order".to_owned()))
        }
    }

    /// What the result of the task with these canonical bytes is made of, without deriving its id; `None` for a kind
    /// that only a newer version knows.
    #[must_use]
    pub fn content_of(canonical: &[u8]) -> Option<kinds::Content> {
        let parameters = v1::Task::decode(canonical).ok()?.task?;
        Some(kinds::of(&parameters).content())
    }

    /// A task whose parameters are normalised already.
    pub(crate) fn from_normalised(parameters: v1::task::Task) -> Self {
        let message = v1::Task { task: Some(parameters) };
        let canonical = Bytes::from(message.encode_to_vec());
        let parameters = message.task.expect("set two lines above");
        let job = JobId::derive(kinds::describe(&parameters).name, &canonical);
        Self { parameters, canonical, job }
    }

    /// The id of the job that computes this task.
    #[must_use]
    pub fn job(&self) -> &JobId {
        &self.job
    }

    /// What the kind declares about itself.
    #[must_use]
    pub fn kind(&self) -> &'static kinds::Description {
        kinds::describe(&self.parameters)
    }

    /// The canonical bytes.
    #[must_use]
    pub fn canonical(&self) -> &Bytes {
        &self.canonical
    }

    /// The task as a message of the contract.
    #[must_use]
    pub fn to_message(&self) -> v1::Task {
        v1::Task { task: Some(self.parameters.clone()) }
    }

    /// What the result is made of.
    #[must_use]
    pub fn content(&self) -> kinds::Content {
        kinds::of(&self.parameters).content()
    }

    /// What computing it will cost.
    #[must_use]
    pub fn cost(&self) -> Cost {
        kinds::of(&self.parameters).cost()
    }

    /// Computes it on this thread.
    ///
    /// # Errors
    /// [`Stop`] says whether it was interrupted, may be tried again, or cannot be computed.
    pub fn run(&self, run: &mut dyn Run) -> Result<Size, Stop> {
        kinds::of(&self.parameters).run(run)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_questions_have_equal_ids() {
        let sum = |first: &str, second: &str| {
            let parameters = v1::task::Task::Sum2(v1::Sum2 { first: first.into(), second: second.into() });
            Task::check(v1::Task { task: Some(parameters) }, &Limits::default()).unwrap()
        };
        assert_eq!(sum("+007", "-0").job(), sum("7", "0").job());
        assert_ne!(sum("7", "0").job(), sum("0", "7").job());
    }

    #[test]
    fn job_ids_never_change() {
        let fibonacci = v1::Task { task: Some(v1::task::Task::Fibonacci(v1::Fibonacci { n: 1000 })) };
        let task = Task::check(fibonacci, &Limits::default()).unwrap();
        assert_eq!(task.canonical().as_ref(), [0x0a, 0x03, 0x08, 0xe8, 0x07]);
        assert_eq!(task.job().kind(), "fibonacci");
        assert_eq!(task.job(), &JobId::derive("fibonacci", &[0x0a, 0x03, 0x08, 0xe8, 0x07]));
    }

    #[test]
    fn canonical_bytes_read_back_and_others_are_refused() {
        for kind in kinds::all() {
            let task = Task::check((kind.example)(), &Limits::default()).unwrap();
            assert_eq!(Task::content_of(task.canonical()), Some(task.content()));
            assert_eq!(Task::from_canonical(task.canonical()), Ok(task));
        }
        assert_eq!(Task::content_of(b""), None);
        assert!(Task::from_canonical(b"").is_err(), "an empty task");
        assert!(Task::from_canonical(&[0x0a, 0x05, 0x08]).is_err(), "cut short");
        assert!(Task::from_canonical(&[0x0a, 0x04, 0x08, 0xe8, 0x87, 0x00]).is_err(), "a padded number");
    }

    #[test]
    fn an_empty_task_is_told_what_there_is() {
        let violations = Task::check(v1::Task { task: None }, &Limits::default()).unwrap_err();
        let violation = violations.iter().next().unwrap();
        assert_eq!(violation.field, "task");
        assert!(violation.description.contains(
            "fibonacci, primes, sum2, mult3, surprise, spin, factorial, binomial, power, nth_prime"
        ));
    }
}
