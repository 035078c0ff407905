//! All the ways in which the notifier refuses.

use abacus_broker::ReadError;
use abacus_chassis::{Reason, Refusal, health::InvalidDescriptors};
use abacus_tasks::{
    JobId, Violations,
    format::{TranscodeError, Unfitting},
    subscription::Unusable,
};

/// Why the notifier does not start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The built-in descriptor set cannot be read.
    #[error(transparent)]
    Descriptors(#[from] InvalidDescriptors),
}

/// A subscription that cannot be used.
pub(crate) fn unusable(unusable: Unusable) -> Refusal {
    match unusable {
        Unusable::Fields(violations) => invalid_fields(violations),
        Unusable::Cursor => invalid_cursor(),
    }
}

pub(crate) fn invalid_fields(violations: Violations) -> Refusal {
    let refusal = Refusal::new(Reason::InvalidField, "some fields of the subscription are wrong; mend them");
    violations.into_iter().fold(refusal, |refusal, wrong| refusal.violation(wrong.field, wrong.description))
}

/// A format that does not fit the result of this job.
pub(crate) fn unfitting_format(job: &JobId, unfitting: &Unfitting) -> Refusal {
    Refusal::new(Reason::InvalidField, "the format does not fit; choose one that does")
        .violation("format", format!("for job {job}: {unfitting}"))
}

pub(crate) fn invalid_cursor() -> Refusal {
    let message = "the cursor was not issued for such a subscription; subscribe with the target and the format it \
                   was issued for, or without a cursor to begin from the start";
    Refusal::new(Reason::CursorInvalid, message)
}

/// A job that is not kept, of which nothing was delivered yet.
pub(crate) fn job_not_found(job: &JobId) -> Refusal {
    Refusal::new(Reason::JobNotFound, format!("no job {job} is kept; submit its task again"))
        .resource("job", job.as_str())
}

/// A job that is no longer kept.
pub(crate) fn job_expired(job: &JobId) -> Refusal {
    let message =
        format!("job {job} is no longer kept; submit its task again and subscribe without a cursor");
    Refusal::new(Reason::CursorExpired, message).resource("job", job.as_str())
}

/// A client's list of requests that is no longer kept.
pub(crate) fn requests_expired(client: &str) -> Refusal {
    let message = "the requests that the cursor tells of are no longer kept; subscribe without a cursor";
    Refusal::new(Reason::CursorExpired, message).resource("client", client)
}

/// A broker that did not do what it was asked.
pub(crate) fn broker(error: abacus_broker::Error) -> Refusal {
    match error {
        abacus_broker::Error::Unavailable(_) => {
            let message = "the results cannot be reached; resume with the last cursor";
            Refusal::new(Reason::BrokerUnavailable, message).caused_by(error)
        }
        // The notifier only reads, and reading is refused for no other reason.
        other => Refusal::new(Reason::Internal, "the result cannot be read").caused_by(other),
    }
}

/// A result that cannot be read; [`ReadError::Gone`] counts as a job that is no longer kept.
pub(crate) fn unreadable(job: &JobId, error: ReadError) -> Refusal {
    match error {
        ReadError::Broker(error) => broker(error),
        ReadError::Gone => job_expired(job),
        ReadError::Beyond { .. } => invalid_cursor(),
        ReadError::Unwritable(TranscodeError::TooLarge { limit }) => {
            let message = "the result is too large for this format; subscribe with the default format";
            Refusal::new(Reason::FormatTooLarge, message)
                .resource("job", job.as_str())
                .quota("max_convertible", format!("{limit} decimal digits"))
        }
        ReadError::Unwritable(error @ TranscodeError::Damaged(_)) => Refusal::new(
            Reason::Internal,
            "the result cannot be converted; subscribe with the default format",
        )
        .caused_by(error),
    }
}
