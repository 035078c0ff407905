//! Refusals as `application/problem+json` (RFC 9457), for callers that speak plain HTTP.
//!
//! `type` stays `about:blank`, so `title` is the phrase of the HTTP status; the member `reason` tells
//! refusals apart, and `retry_after_ms` is exact where the header `Retry-After` knows seconds only.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde_json::{Value, json};

use super::Refusal;

/// Renders the refusal and logs its cause. `Retry-After` is in whole seconds, rounded up.
impl IntoResponse for Refusal {
    fn into_response(mut self) -> Response {
        self.log();
        let status = self.reason().http_status();
        let retry_seconds = self.0.retry_after.map(|delay| delay.as_millis().div_ceil(1000));
        let mut response = Response::new(Body::from(self.problem(status).to_string()));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = retry_seconds.and_then(|seconds| u64::try_from(seconds).ok()) {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

impl Refusal {
    /// The body of a problem alone, for a stream of HTTP that has begun already. Logs the cause.
    #[must_use]
    pub fn into_problem(mut self) -> String {
        self.log();
        let status = self.reason().http_status();
        self.problem(status).to_string()
    }

    fn problem(&mut self, status: StatusCode) -> Value {
        let mut problem = json!({
            "type": "about:blank",
            "title": status.canonical_reason().unwrap_or(self.reason().name()),
            "status": status.as_u16(),
            "detail": self.message(),
            "reason": self.reason().name(),
        });
        if let Some(delay) = self.0.retry_after {
            problem["retry_after_ms"] = u64::try_from(delay.as_millis()).unwrap_or(u64::MAX).into();
        }
        let metadata = self.take_metadata();
        if !metadata.is_empty() {
            problem["metadata"] = json!(metadata);
        }
        let details = &self.0.details;
        if let Some(bad) = details.bad_request() {
            let violations = bad.field_violations.iter();
            problem["violations"] = violations
                .map(|violation| json!({"field": violation.field, "description": violation.description}))
                .collect();
        }
        if let Some(resource) = details.resource_info() {
            problem["resource"] = json!({"type": resource.resource_type, "name": resource.resource_name});
        }
        if let Some(quota) = details.quota_failure() {
            let violations = quota.violations.iter();
            problem["quota"] = violations
                .map(|violation| json!({"subject": violation.subject, "description": violation.description}))
                .collect();
        }
        if let Some(failure) = details.precondition_failure() {
            let violations = failure.violations.iter();
            problem["preconditions"] = violations
                .map(|violation| json!({"subject": violation.subject, "description": violation.description}))
                .collect();
        }
        problem
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::Reason;
    use super::*;

    async fn rendered(refusal: Refusal) -> (http::response::Parts, Value) {
        let (parts, body) = refusal.into_response().into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        (parts, serde_json::from_slice(&body).unwrap())
    }

    #[tokio::test]
    async fn a_problem_names_status_reason_and_violations() {
        let refusal = Refusal::new(Reason::InvalidField, "correct the field").violation("n", "at most 10");
        let (parts, problem) = rendered(refusal).await;
        assert_eq!(parts.status, 400);
        assert_eq!(parts.headers[header::CONTENT_TYPE], "application/problem+json");
        let expected = json!({
            "type": "about:blank", "title": "Bad Request", "status": 400, "detail": "correct the field",
            "reason": "INVALID_FIELD", "metadata": {"violations": "1"},
            "violations": [{"field": "n", "description": "at most 10"}],
        });
        assert_eq!(problem, expected);
    }

    #[tokio::test]
    async fn other_details_and_the_retry_delay_arrive_too() {
        let refusal = Refusal::new(Reason::QueueFull, "ask again")
            .quota("queue:primes", "1000 jobs")
            .resource("kind", "primes")
            .precondition("kind", "active")
            .retry_after(Duration::from_millis(1200));
        let (parts, problem) = rendered(refusal).await;
        assert_eq!(parts.headers[header::RETRY_AFTER], "2");
        assert_eq!(problem["retry_after_ms"], 1200);
        assert_eq!(problem["quota"][0]["description"], "1000 jobs");
        assert_eq!(problem["resource"], json!({"type": "kind", "name": "primes"}));
        assert_eq!(problem["preconditions"][0]["subject"], "kind");
    }

    #[tokio::test]
    async fn a_status_without_a_phrase_gets_the_reason_as_title() {
        let (parts, problem) = rendered(Refusal::new(Reason::Cancelled, "the call was given up")).await;
        assert_eq!(parts.status.as_u16(), 499);
        assert_eq!(problem["title"], "CANCELLED");
    }
}
