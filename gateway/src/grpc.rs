//! The gRPC door: one file per service. Handlers read, ask and write; they decide nothing.

mod jobs;
mod operators;
mod streams;

use abacus_chassis::Refusal;
use abacus_tasks::{JobId, Violations};
use http::HeaderMap;

pub(crate) use self::{
    jobs::{Jobs, response},
    operators::Operators,
    streams::not_finished,
};
use crate::error::invalid;

/// A job id from a field of that name.
fn job_id(text: &str) -> Result<JobId, Refusal> {
    text.parse().map_err(|malformed| one_wrong("job", format!("{malformed}")))
}

/// The refusal of a single wrong field.
pub(crate) fn one_wrong(field: &str, description: String) -> Refusal {
    let mut violations = Violations::new();
    violations.push(field, description);
    invalid(violations)
}

/// The caller's W3C `traceparent`; empty when it sends none of the standard's length.
pub(crate) fn trace_of(headers: &HeaderMap) -> &str {
    const LENGTH: usize = 55;
    let sent = headers.get("traceparent").and_then(|value| value.to_str().ok());
    sent.filter(|text| text.len() == LENGTH).unwrap_or_default()
}
