//! The bounds of unary calls: how many at once, how long, and over HTTP how long their headers.
//!
//! Both hold until the head of the response is there. A unary call has done its work by then; a stream has
//! just begun, so the same bounds let streams pass, which have their own ([`crate::streams`]).

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use bytesize::ByteSize;
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tonic::Status;

use super::ServerSettings;
use crate::deadline::timeout_of;
use crate::refusal::{Reason, Refusal};

/// Health is answered under overload too: a proxy would else take the whole process out of service.
const HEALTH: &str = "/grpc.health.v1.Health/";

/// How much earlier than tonic's own timer the caller's deadline is applied: tonic would answer CANCELLED,
/// without a reason.
const AHEAD_OF_TONIC: Duration = Duration::from_millis(5);

/// The bounds of all unary calls of a port.
#[derive(Clone, Debug)]
pub(super) struct Limits<Render = ()> {
    calls: Arc<Semaphore>,
    most: usize,
    time: Duration,
    render: Render,
}

/// How a door says no.
pub(super) type Render = fn(Refusal) -> Response;

impl Limits {
    pub(super) fn new(settings: &ServerSettings) -> Self {
        let most = settings.max_unary_calls;
        Self { calls: Arc::new(Semaphore::new(most)), most, time: settings.unary_timeout, render: () }
    }

    /// The same bounds for calls that are answered as gRPC.
    pub(super) fn for_grpc(self) -> Limits<Render> {
        self.rendered(|refusal| Status::from(refusal).into_http::<Body>())
    }

    /// The same bounds for calls that are answered as HTTP.
    pub(super) fn for_http(self) -> Limits<Render> {
        self.rendered(IntoResponse::into_response)
    }

    fn rendered(self, render: Render) -> Limits<Render> {
        Limits { calls: self.calls, most: self.most, time: self.time, render }
    }
}

/// Runs a call within the bounds, or refuses it.
pub(super) async fn limited(State(limits): State<Limits<Render>>, request: Request, next: Next) -> Response {
    if request.uri().path().starts_with(HEALTH) {
        return next.run(request).await;
    }
    let Ok(_permit) = limits.calls.try_acquire() else {
        let refusal =
            Refusal::new(Reason::Overloaded, "too many calls are in progress here; ask again later")
                .quota("calls", format!("{} calls in progress", limits.most));
        return (limits.render)(refusal);
    };
    let asked = timeout_of(request.headers()).map(|asked| asked.saturating_sub(AHEAD_OF_TONIC));
    let allowed = asked.map_or(limits.time, |asked| asked.min(limits.time));
    if let Ok(response) = timeout(allowed, next.run(request)).await {
        response
    } else {
        let message = "the call has taken longer than its deadline or this port allow; ask with a longer \
                       deadline, or submit the task and subscribe";
        (limits.render)(Refusal::new(Reason::DeadlineExceeded, message))
    }
}

/// Refuses a plain HTTP request with longer headers: their names and values, and 32 bytes for each as RFC 9113 (6.5.2)
/// counts. What it lets in beyond the bound is bounded by hyper, at some 400 KiB.
pub(super) async fn short_headers(State(most): State<ByteSize>, request: Request, next: Next) -> Response {
    const OVERHEAD: usize = 32;
    let lengths = request.headers().iter().map(|(name, value)| name.as_str().len() + value.len() + OVERHEAD);
    let target = request.uri().path_and_query().map_or(0, |target| target.as_str().len());
    if (lengths.sum::<usize>() + target) as u64 <= most.as_u64() {
        return next.run(request).await;
    }
    let message =
        format!("target and headers of the request take more than {most}; send fewer or shorter ones");
    Refusal::new(Reason::HeadersTooLarge, message).into_response()
}
