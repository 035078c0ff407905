//! All the ways in which Abacus says no, and how each door says it.
//!
//! A [`Refusal`] is made where the fault is noticed and is rendered once, where it leaves the process: as a
//! [`tonic::Status`] with the details of `google.rpc`, or as `application/problem+json`. What is the same for
//! all refusals of a [`Reason`] stands in one table. The message is for the caller and says what to do; the
//! cause is for the log and is never sent.

mod grpc;
mod problem;
mod reason;

use std::collections::HashMap;
use std::error::Error;
use std::fmt;
use std::sync::LazyLock;
use std::time::Duration;

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use tonic_types::ErrorDetails;

use crate::metrics;

pub use self::reason::Reason;

/// The domain of `google.rpc.ErrorInfo`.
pub const DOMAIN: &str = "abacus";

/// Most bytes of violations that one refusal carries; the metadata key `violations` tells how many there
/// were.
///
/// Details travel in a header, in base64, and many clients accept no more than 16 KiB of headers.
pub const MAX_VIOLATION_BYTES: usize = 6 * 1024;

/// Longest text of a refusal, in characters: messages, names and descriptions beyond it are cut.
pub const MAX_TEXT: usize = 300;

static REFUSALS: LazyLock<Family<[(&str, &str); 1], Counter>> = LazyLock::new(|| {
    let refusals = Family::default();
    // Each is told as 0 before it happens: Prometheus sees no increase in a figure that was not there.
    for reason in Reason::ALL {
        drop(refusals.get_or_create(&[("reason", reason.name())]));
    }
    metrics::register("refusals", "Refusals that were made here, by reason", refusals)
});

/// Tells of all reasons from now on, before anything is refused.
pub(crate) fn tell_of_all() {
    LazyLock::force(&REFUSALS);
}

/// A request that is not granted: the reason, a message that says what to do, and the details that fit the
/// reason.
pub struct Refusal(Box<Parts>);

struct Parts {
    reason: Reason,
    message: String,
    /// All details but `ErrorInfo` and `RetryInfo`, which are made from the other fields.
    details: ErrorDetails,
    violations: usize,
    violation_bytes: usize,
    retry_after: Option<Duration>,
    metadata: HashMap<String, String>,
    cause: Option<Box<dyn Error + Send + Sync>>,
    logged: bool,
}

impl Refusal {
    /// A refusal without details. `message` is for the caller: what is wrong and what to do.
    #[must_use]
    pub fn new(reason: Reason, message: impl Into<String>) -> Self {
        Self(Box::new(Parts {
            reason,
            message: bounded(message),
            details: ErrorDetails::new(),
            violations: 0,
            violation_bytes: 0,
            retry_after: reason.retry_delay(),
            metadata: HashMap::new(),
            cause: None,
            logged: false,
        }))
    }

    /// Adds a field that is wrong (`BadRequest`); `field` is its path, as in `task.primes.end`.
    ///
    /// The first [`MAX_VIOLATION_BYTES`] are kept; all are counted.
    #[must_use]
    pub fn violation(mut self, field: impl Into<String>, description: impl Into<String>) -> Self {
        let (field, description) = (bounded(field), bounded(description));
        self.0.violations += 1;
        self.0.violation_bytes += field.len() + description.len();
        if self.0.violation_bytes <= MAX_VIOLATION_BYTES {
            self.0.details.add_bad_request_violation(field, description);
        }
        self
    }

    /// Names the thing that is missing (`ResourceInfo`): its sort, as in `job`, and its name.
    #[must_use]
    pub fn resource(mut self, sort: impl Into<String>, name: impl Into<String>) -> Self {
        self.0.details.set_resource_info(bounded(sort), bounded(name), "", "");
        self
    }

    /// Adds a limit that was reached (`QuotaFailure`): of what, and the limit.
    #[must_use]
    pub fn quota(mut self, subject: impl Into<String>, description: impl Into<String>) -> Self {
        self.0.details.add_quota_failure_violation(bounded(subject), bounded(description));
        self
    }

    /// Adds a condition that does not hold (`PreconditionFailure`), named after the reason: of what, and
    /// which.
    #[must_use]
    pub fn precondition(mut self, subject: impl Into<String>, description: impl Into<String>) -> Self {
        let sort = self.0.reason.name();
        self.0.details.add_precondition_failure_violation(sort, bounded(subject), bounded(description));
        self
    }

    /// Tells when to ask again, where that is known better than by the reason's default.
    #[must_use]
    pub fn retry_after(mut self, delay: Duration) -> Self {
        self.0.retry_after = Some(delay);
        self
    }

    /// Adds a value for programs to `ErrorInfo`'s metadata; `key` is in `lowerCamelCase` or `snake_case`.
    #[must_use]
    pub fn with(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.0.metadata.insert(bounded(key), bounded(value));
        self
    }

    /// Keeps what led to this refusal for the log.
    #[must_use]
    pub fn caused_by(mut self, cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.0.cause = Some(cause.into());
        self
    }

    /// Why.
    #[must_use]
    pub fn reason(&self) -> Reason {
        self.0.reason
    }

    /// The wrong fields: path and description of each that is kept.
    pub fn violations(&self) -> impl Iterator<Item = (&str, &str)> {
        let violations = self.0.details.bad_request().map(|bad| bad.field_violations.as_slice());
        violations.unwrap_or_default().iter().map(|one| (one.field.as_str(), one.description.as_str()))
    }

    /// When to ask again; `None` when asking again does not help.
    #[must_use]
    pub fn retry_delay(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// What the caller is told.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Counts the refusal and logs what the caller is not told. Rendering does it; to be called where an answer has begun already and can only
    /// be cut.
    pub fn log(&self) {
        if self.0.logged {
            return;
        }
        REFUSALS.get_or_create(&[("reason", self.0.reason.name())]).inc();
        let Parts { reason, message, cause, .. } = &*self.0;
        let cause = cause.as_deref().map(|cause| chain(cause));
        match (reason, cause) {
            (Reason::Internal, cause) => {
                tracing::error!(reason = reason.name(), cause, "refused: {message}");
            }
            (_, Some(cause)) => tracing::warn!(reason = reason.name(), cause, "refused: {message}"),
            (_, None) => tracing::debug!(reason = reason.name(), "refused: {message}"),
        }
    }

    /// The metadata of `ErrorInfo`.
    fn take_metadata(&mut self) -> HashMap<String, String> {
        let mut metadata = std::mem::take(&mut self.0.metadata);
        if self.0.violations > 0 {
            metadata.insert("violations".to_owned(), self.0.violations.to_string());
        }
        metadata
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.0.reason.name(), self.0.message)
    }
}

impl fmt::Debug for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Parts { reason, message, details, retry_after, cause, .. } = &*self.0;
        f.debug_struct("Refusal")
            .field("reason", reason)
            .field("message", message)
            .field("details", details)
            .field("retry_after", retry_after)
            .field("cause", cause)
            .finish_non_exhaustive()
    }
}

impl Error for Refusal {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.cause.as_deref().map(|cause| cause as &(dyn Error + 'static))
    }
}

/// The text, cut after [`MAX_TEXT`] characters.
fn bounded(text: impl Into<String>) -> String {
    let mut text = text.into();
    if let Some((end, _)) = text.char_indices().nth(MAX_TEXT) {
        text.truncate(end);
        text.push_str("...");
    }
    text
}

/// An error and its sources in one line, outermost first.
pub(crate) fn chain(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chain_reads_from_the_outside_in() {
        let inner = std::io::Error::other("connection reset");
        let outer = Refusal::new(Reason::BrokerUnavailable, "try again").caused_by(inner);
        assert_eq!(chain(&outer), "BROKER_UNAVAILABLE: try again: connection reset");
    }

    #[test]
    fn long_texts_are_cut_between_characters() {
        let refusal = Refusal::new(Reason::InvalidField, "ä".repeat(10_000));
        assert_eq!(refusal.message().chars().count(), MAX_TEXT + 3);
    }
}
