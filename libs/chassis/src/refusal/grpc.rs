//! Refusals as gRPC statuses, after the error model of AIP-193: `ErrorInfo` always, the other details where
//! they fit.

use tonic::Status;
use tonic_types::StatusExt as _;

use super::{DOMAIN, Reason, Refusal};

impl Refusal {
    /// The reason that a status carries, if Abacus made it. For callers that relay or react.
    #[must_use]
    pub fn reason_of(status: &Status) -> Option<Reason> {
        let info = status.get_details_error_info()?;
        if info.domain == DOMAIN { Reason::from_name(&info.reason) } else { None }
    }
}

/// Renders the refusal and logs its cause.
impl From<Refusal> for Status {
    fn from(mut refusal: Refusal) -> Self {
        refusal.log();
        let metadata = refusal.take_metadata();
        let parts = *refusal.0;
        let mut details = parts.details;
        details.set_error_info(parts.reason.name(), DOMAIN, metadata);
        if let Some(delay) = parts.retry_after {
            details.set_retry_info(Some(delay));
        }
        Self::with_error_details(parts.reason.code(), parts.message, details)
    }
}

/// Reads a refusal back from its status, for a door that speaks another protocol; it was logged when it became one. A
/// status that is not of Abacus is a fault: `INTERNAL`.
impl From<Status> for Refusal {
    fn from(status: Status) -> Self {
        let details = status.get_error_details();
        let Some(reason) = Self::reason_of(&status) else {
            return Self::new(Reason::Internal, "an unexpected answer from within").caused_by(status);
        };
        let mut refusal = Self::new(reason, status.message());
        refusal.0.metadata = details.error_info().map(|info| info.metadata.clone()).unwrap_or_default();
        refusal.0.retry_after = details.retry_info().and_then(|info| info.retry_delay);
        refusal.0.details = details;
        refusal.0.logged = true;
        refusal
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tonic::Code;

    use super::*;

    #[test]
    fn every_reason_survives_the_way_to_a_status_and_back() {
        for &reason in Reason::ALL {
            let status = Status::from(Refusal::new(reason, "what to do"));
            assert_eq!(status.code(), reason.code());
            assert_eq!(Refusal::reason_of(&status), Some(reason));
            let retry = status.get_details_retry_info().and_then(|info| info.retry_delay);
            assert_eq!(retry, reason.retry_delay(), "{reason:?}");
        }
    }

    #[test]
    fn a_refusal_is_read_back_from_its_status_as_it_was() {
        let refusal = || {
            Refusal::new(Reason::QueueFull, "ask again")
                .violation("n", "at most 10")
                .quota("queue:primes:long", "1000 jobs")
                .resource("kind", "primes")
                .precondition("kind", "active")
                .with("limit", "1000")
                .retry_after(Duration::from_millis(1500))
        };
        let back = Refusal::from(Status::from(refusal()));
        assert_eq!(back.violations().collect::<Vec<_>>(), [("n", "at most 10")]);
        assert_eq!(back.retry_delay(), Some(Duration::from_millis(1500)));
        let (once, twice) = (Status::from(refusal()), Status::from(back));
        assert_eq!((twice.code(), twice.message()), (once.code(), once.message()));
        let (once, twice) = (once.get_error_details(), twice.get_error_details());
        let metadata = |details: &tonic_types::ErrorDetails| details.error_info().unwrap().metadata.clone();
        assert_eq!(metadata(&twice), metadata(&once));
        let others = |details: &tonic_types::ErrorDetails| {
            let (quota, missing) = (details.quota_failure(), details.resource_info());
            format!("{quota:?} {missing:?} {:?} {:?}", details.precondition_failure(), details.retry_info())
        };
        assert_eq!(others(&twice), others(&once));
        assert_eq!(Refusal::from(Status::internal("h2")).reason(), Reason::Internal);
    }

    #[test]
    fn foreign_statuses_have_no_reason() {
        assert_eq!(Refusal::reason_of(&Status::internal("h2 protocol error")), None);
        let mut details = tonic_types::ErrorDetails::new();
        details.set_error_info("QUEUE_FULL", "elsewhere", std::collections::HashMap::new());
        let status = Status::with_error_details(Code::ResourceExhausted, "", details);
        assert_eq!(Refusal::reason_of(&status), None);
    }

    #[test]
    fn details_arrive_and_the_cause_does_not() {
        let status = Status::from(
            Refusal::new(Reason::QueueFull, "the queue is full; ask again in 3 s")
                .quota("queue:primes:long", "1000 jobs")
                .resource("kind", "primes")
                .precondition("kind", "queue below 1000 jobs")
                .with("limit", "1000")
                .retry_after(Duration::from_secs(3))
                .caused_by("secret host name"),
        );
        let details = status.get_error_details();
        let quota = &details.quota_failure().unwrap().violations[0];
        assert_eq!((quota.subject.as_str(), quota.description.as_str()), ("queue:primes:long", "1000 jobs"));
        assert_eq!(details.resource_info().unwrap().resource_name, "primes");
        assert_eq!(details.precondition_failure().unwrap().violations[0].r#type, "QUEUE_FULL");
        assert_eq!(details.error_info().unwrap().metadata["limit"], "1000");
        assert_eq!(details.retry_info().unwrap().retry_delay, Some(Duration::from_secs(3)));
        assert!(!String::from_utf8_lossy(status.details()).contains("secret"));
        assert!(!status.message().contains("secret"));
    }

    #[test]
    fn violations_are_counted_and_fit_into_a_header() {
        let mut refusal = Refusal::new(Reason::InvalidField, "ä".repeat(1000));
        for index in 0..1000 {
            refusal = refusal.violation(format!("tasks[{index}].sum2.first"), "ä".repeat(1000));
        }
        let status = Status::from(refusal);
        let details = status.get_error_details();
        assert!(!details.bad_request().unwrap().field_violations.is_empty());
        assert_eq!(details.error_info().unwrap().metadata["violations"], "1000");
        let header_bytes: usize =
            status.into_http::<()>().headers().values().map(http::HeaderValue::len).sum();
        assert!(header_bytes < 16 * 1024, "{header_bytes}");
    }
}
