//! Counts the calls of a port, and how long each takes until the head of its answer.

use std::sync::LazyLock;
use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::middleware::Next;
use axum::response::Response;
use http::Method;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use tonic::{Code, Status};

use crate::metrics::{self, Seconds};

/// What stands for every method and path that nobody serves: callers must not be able to make up labels.
pub(super) const UNKNOWN: &str = "unknown";

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Call {
    /// `/abacus.v1.JobService/RunJob`, or `GET /v1/jobs/{job}`.
    method: String,
    /// `Ok`, `NotFound` and so on of gRPC; `200`, `404` and so on of HTTP.
    code: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Called {
    method: String,
}

static CALLS: LazyLock<Family<Call, Counter>> = LazyLock::new(|| {
    let help = "Calls by method and by the code in the head of their answer";
    metrics::register("calls", help, Family::default())
});
static TIMES: LazyLock<Seconds<Called>> =
    LazyLock::new(|| metrics::register_seconds("call_seconds", "Time from a call to the head of its answer"));

/// Counts a call that some route answers.
pub(super) async fn metered(request: Request, next: Next) -> Response {
    let began = Instant::now();
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let (verb, path) = (request.method().clone(), request.uri().path().to_owned());
    let response = next.run(request).await;
    let method = match (code_of_grpc(&response), route) {
        (Some(Code::Unimplemented), _) | (None, None) => UNKNOWN.to_owned(),
        (Some(_), _) => path,
        (None, Some(route)) => format!("{} {route}", standard(&verb)),
    };
    count(method, &response, began);
    response
}

/// Counts a call.
pub(super) fn count(method: String, response: &Response, began: Instant) {
    let code = match code_of_grpc(response) {
        Some(code) => format!("{code:?}"),
        None => response.status().as_str().to_owned(),
    };
    TIMES.get_or_create(&Called { method: method.clone() }).observe(began.elapsed().as_secs_f64());
    CALLS.get_or_create(&Call { method, code }).inc();
}

/// The code of a gRPC answer as far as its head tells it: a call whose messages follow is well so far. `None` of other
/// answers.
fn code_of_grpc(response: &Response) -> Option<Code> {
    let headers = response.headers();
    let content = headers.get(http::header::CONTENT_TYPE)?;
    if !content.as_bytes().starts_with(b"application/grpc") {
        return None;
    }
    Some(headers.get(Status::GRPC_STATUS).map_or(Code::Ok, |code| Code::from_bytes(code.as_bytes())))
}

/// The verb, if it is one of those that routes have.
fn standard(verb: &Method) -> &str {
    match *verb {
        Method::GET
        | Method::HEAD
        | Method::POST
        | Method::PUT
        | Method::PATCH
        | Method::DELETE
        | Method::OPTIONS => verb.as_str(),
        _ => UNKNOWN,
    }
}
