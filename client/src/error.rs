//! What can go wrong, told by what the caller can do about it.

use std::{fmt, io, time::Duration};

use abacus_tasks::{JobId, State};
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use crate::Failure;

/// The domain of `google.rpc.ErrorInfo` in refusals of Abacus.
const DOMAIN: &str = "abacus";

/// Why a call, a subscription or the reading of a result has failed for good.
///
/// What may pass (a cut connection, a full queue, a gateway that restarts) is tried again first, as long as the
/// [`Builder`](crate::Builder) allows, and shows up here only after that.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The client cannot be made from these settings.
    #[error("{0}")]
    Setup(String),
    /// Abacus has answered, and the answer is no.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// No answer came for as long as the settings allow.
    #[error(transparent)]
    Unreachable(#[from] Unreachable),
    /// What arrived is not what was computed, and asking again did not help.
    #[error("the result of {job} arrives damaged: {what}")]
    Damaged {
        /// The job whose result it is.
        job: JobId,
        /// What does not fit.
        what: String,
    },
    /// The job has ended without a result.
    #[error(transparent)]
    NoResult(#[from] NoResult),
    /// The answer makes no sense to this version of the client.
    #[error("the answer cannot be understood: {0}")]
    Incomprehensible(String),
}

/// An answer that grants nothing: the reason, what to do, and when.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{message} ({reason})")]
pub struct Refusal {
    pub(crate) code: i32,
    pub(crate) reason: String,
    pub(crate) message: String,
    pub(crate) violations: Vec<Violation>,
    pub(crate) retry_delay: Option<Duration>,
}

/// One wrong field of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Violation {
    /// Its path within the request, such as `task.primes.end`.
    pub field: String,
    /// What is wrong with it and what is allowed.
    pub description: String,
}

/// Nobody has answered in time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{endpoint} cannot be reached, after {} in {tried_for:.1?}: {cause}", Tries(*.tries))]
#[non_exhaustive]
pub struct Unreachable {
    /// What was called.
    pub endpoint: String,
    /// How often in a row.
    pub tries: u32,
    /// For how long.
    pub tried_for: Duration,
    /// What the last try ended with.
    pub cause: String,
}

/// How a job ended instead of with a result.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct NoResult {
    /// The job.
    pub job: JobId,
    /// [`State::Failed`] or [`State::Cancelled`].
    pub state: State,
    /// Why it failed, if it failed.
    pub failure: Option<Failure>,
}

/// What a call came to instead of an answer.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// It will be the same each time.
    Lasting(Error),
    /// It may be different next time.
    Passing(Passing),
}

/// What may be different next time.
#[derive(Debug)]
pub(crate) struct Passing {
    pub(crate) cause: String,
    /// The refusal, if Abacus has answered at all.
    pub(crate) refusal: Option<Refusal>,
}

impl Refusal {
    /// The reason for programs, in `UPPER_SNAKE`; [`reason`](crate::reason) has constants. Empty when something
    /// between client and Abacus has answered, such as a proxy.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// What is wrong and what to do, for people.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The wrong fields.
    #[must_use]
    pub fn violations(&self) -> &[Violation] {
        &self.violations
    }

    /// When the same request may succeed; `None` when it will be refused again until something changes.
    #[must_use]
    pub fn retry_delay(&self) -> Option<Duration> {
        self.retry_delay
    }

    /// The number of the gRPC status, as in `google.rpc.Code`.
    #[must_use]
    pub fn grpc_code(&self) -> i32 {
        self.code
    }
}

impl Error {
    /// The reason, if this is a refusal; see [`Refusal::reason`].
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Refused(refusal) => Some(refusal.reason()),
            _ => None,
        }
    }
}

/// So that readers of bytes pass it on; [`io::Error::get_ref`] and a downcast give it back.
impl From<Error> for io::Error {
    fn from(error: Error) -> Self {
        let kind = match &error {
            Error::Unreachable(_) => io::ErrorKind::TimedOut,
            Error::Damaged { .. } | Error::Incomprehensible(_) => io::ErrorKind::InvalidData,
            _ => io::ErrorKind::Other,
        };
        Self::new(kind, error)
    }
}

impl fmt::Display for NoResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ended = if self.state == State::Cancelled { "was cancelled" } else { "failed" };
        write!(f, "{} {ended}", self.job)?;
        self.failure.as_ref().map_or(Ok(()), |failure| write!(f, ": {failure}"))
    }
}

impl std::error::Error for NoResult {}

/// A number of tries in words.
struct Tries(u32);

impl fmt::Display for Tries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.0, if self.0 == 1 { "try" } else { "tries" })
    }
}

impl Passing {
    /// The delay that was asked for.
    pub(crate) fn retry_delay(&self) -> Option<Duration> {
        self.refusal.as_ref().and_then(Refusal::retry_delay)
    }
}

impl Trouble {
    /// Something that may be different next time.
    pub(crate) fn passing(cause: impl Into<String>) -> Self {
        Self::Passing(Passing { cause: cause.into(), refusal: None })
    }
}

/// Abacus names a reason in each refusal, and a delay in those that may pass. A status without a reason comes from the
/// connection or from something in between: only what cannot be a cut is taken for an answer.
impl From<Status> for Trouble {
    fn from(status: Status) -> Self {
        let details = status.get_error_details();
        let info = details.error_info().filter(|info| info.domain == DOMAIN);
        let answered = info.is_some()
            || matches!(
                status.code(),
                Code::Unauthenticated
                    | Code::PermissionDenied
                    | Code::Unimplemented
                    | Code::InvalidArgument
                    | Code::OutOfRange
            );
        if !answered {
            return Self::passing(told(&status));
        }
        let violations = details.bad_request().map(|bad| bad.field_violations.as_slice());
        let violation = |one: &tonic_types::FieldViolation| Violation {
            field: one.field.clone(),
            description: one.description.clone(),
        };
        let refusal = Refusal {
            code: status.code().into(),
            reason: info.map(|info| info.reason.clone()).unwrap_or_default(),
            message: status.message().to_owned(),
            violations: violations.unwrap_or_default().iter().map(violation).collect(),
            retry_delay: details.retry_info().and_then(|info| info.retry_delay),
        };
        if refusal.retry_delay.is_none() {
            return Self::Lasting(refusal.into());
        }
        Self::Passing(Passing { cause: refusal.to_string(), refusal: Some(refusal) })
    }
}

/// A status and what is behind it, in one line.
fn told(status: &Status) -> String {
    let mut text = match status.message() {
        "" => status.code().description().to_owned(),
        message => message.to_owned(),
    };
    let mut source = std::error::Error::source(status);
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        source = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use tonic_types::ErrorDetails;

    use super::*;

    fn status(reason: &str, retry_delay: Option<Duration>) -> Status {
        let mut details = ErrorDetails::new();
        details.set_error_info(reason, DOMAIN, HashMap::new());
        details.add_bad_request_violation("task.primes.end", "is too large");
        if retry_delay.is_some() {
            details.set_retry_info(retry_delay);
        }
        Status::with_error_details(Code::ResourceExhausted, "ask for less", details)
    }

    #[test]
    fn a_refusal_keeps_reason_violations_and_delay() {
        let Trouble::Lasting(Error::Refused(refusal)) = status("BUDGET_EXCEEDED", None).into() else {
            panic!("it is an answer")
        };
        assert_eq!((refusal.reason(), refusal.grpc_code()), ("BUDGET_EXCEEDED", 8));
        assert_eq!(refusal.violations()[0].field, "task.primes.end");
        assert_eq!(refusal.to_string(), "ask for less (BUDGET_EXCEEDED)");

        let delay = Duration::from_secs(3);
        let Trouble::Passing(passing) = status("QUEUE_FULL", Some(delay)).into() else {
            panic!("a delay says that it passes")
        };
        assert_eq!(passing.refusal.unwrap().retry_delay(), Some(delay));
    }

    #[test]
    fn what_nobody_of_abacus_has_said_passes_unless_it_cannot_be_a_cut() {
        for code in
            [Code::Unavailable, Code::Unknown, Code::Internal, Code::Cancelled, Code::ResourceExhausted]
        {
            assert!(matches!(Status::new(code, "h2").into(), Trouble::Passing(_)), "{code:?}");
        }
        for code in [Code::Unauthenticated, Code::PermissionDenied, Code::Unimplemented] {
            let Trouble::Lasting(error) = Status::new(code, "proxy").into() else { panic!("{code:?}") };
            assert_eq!(error.reason(), Some(""));
        }
    }

    #[test]
    fn an_io_error_gives_the_error_back() {
        let error = Error::Setup("no".into());
        let passed = io::Error::from(error.clone());
        assert_eq!(passed.get_ref().and_then(|inner| inner.downcast_ref()), Some(&error));
    }
}
