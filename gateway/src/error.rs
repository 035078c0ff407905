//! How the gateway refuses: what others found wrong, in the words of the one table of refusals.

use abacus_broker::Error;
use abacus_chassis::{Reason, Refusal};
use abacus_tasks::Violations;

/// A refusal that names every wrong field.
pub(crate) fn invalid(violations: Violations) -> Refusal {
    let fields: Vec<_> = violations.iter().map(|violation| violation.field.as_str()).collect();
    let message = format!("correct these fields and ask again: {}", fields.join(", "));
    violations.into_iter().fold(Refusal::new(Reason::InvalidField, message), |refusal, violation| {
        refusal.violation(violation.field, violation.description)
    })
}

/// A refusal of the broker.
pub(crate) fn refused(error: Error) -> Refusal {
    match error {
        Error::QueueFull { ref kind, lane, bound } => {
            let message = format!("{bound} jobs of kind {kind} already wait in lane {lane}; ask again later");
            Refusal::new(Reason::QueueFull, message).quota(format!("queue:{kind}:{lane}"), error.to_string())
        }
        Error::TasksFull { bound } => {
            let message =
                format!("waiting and running jobs take the {bound} bytes they may; ask again later");
            Refusal::new(Reason::QueueFull, message).quota("queued-bytes", error.to_string())
        }
        Error::KindSuspended(kind) => {
            let message = format!(
                "kind {kind} is suspended; ask again when it is resumed, or without reject_if_suspended to wait"
            );
            Refusal::new(Reason::KindSuspended, message).precondition(format!("kind:{kind}"), "is suspended")
        }
        Error::RequestIdReused(job) => {
            let message =
                format!("this request_id asked for job {job} before; use a new one for another task");
            Refusal::new(Reason::RequestIdReused, message).resource("job", job.as_str())
        }
        Error::NoSuchJob(job) => no_such_job(job.as_str()),
        Error::NoSuchRequest(name) => {
            let message =
                "this client has no such request, or it is no longer kept; ListRequests tells those kept";
            Refusal::new(Reason::RequestNotFound, message).resource("request", name.to_string())
        }
        Error::NotDead(job) => {
            let message = format!("job {job} has not failed; only failed jobs are retried");
            Refusal::new(Reason::JobNotDead, message).precondition(format!("job:{job}"), "has not failed")
        }
        Error::Unavailable(cause) => {
            Refusal::new(Reason::BrokerUnavailable, "the broker cannot be reached; ask again shortly")
                .caused_by(cause)
        }
        Error::LeaseLost | Error::OutOfOrder { .. } => {
            Refusal::new(Reason::Internal, "an unexpected answer of the broker").caused_by(error)
        }
    }
}

/// The refusal of a job that is not kept.
pub(crate) fn no_such_job(job: &str) -> Refusal {
    let message = "no such job is known, or it is no longer kept; submit its task again";
    Refusal::new(Reason::JobNotFound, message).resource("job", job)
}
