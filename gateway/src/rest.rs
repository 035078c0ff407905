//! The REST door: plain HTTP and JSON on the port of the gRPC services.
//!
//! A route translates: the request into a message of the contract, that into a call of the very handler which serves it
//! over gRPC, and what that answers into HTTP. It decides nothing that the contract decides, and refuses in the same
//! words. Each route stands in one list together with its description, from which `/openapi.json` is made: none can be
//! served undescribed.

mod accept;
mod classic;
mod envelope;
mod events;
mod incoming;
mod jobs;
mod json;
mod openapi;
mod operators;
mod prefer;
mod range;
mod requests;
mod result;
mod sites;
mod wait;

use std::sync::Arc;

use abacus_broker::Submitted;
use abacus_chassis::{Reason, Refusal};
use abacus_tasks::{Limits, Violations};
use axum::{
    Router,
    extract::{DefaultBodyLimit, State},
    middleware::from_fn_with_state,
    response::{IntoResponse, Response},
    routing::{MethodRouter, get},
};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, header};
use prost::{Message, Name};

use self::openapi::Operation;
use crate::grpc::{Jobs, Operators, trace_of};

/// What the routes work with.
pub(crate) struct Rest {
    /// The handlers of `JobService`.
    pub(crate) jobs: Arc<Jobs>,
    /// The handlers of `OperatorService`.
    pub(crate) operators: Arc<Operators>,
    /// The largest body of a request, in bytes.
    pub(crate) max_body_bytes: usize,
    /// Origins of web pages that may change something, besides the gateway's own.
    pub(crate) origins: Vec<HeaderValue>,
    /// The limits of tasks, which the description tells.
    pub(crate) limits: Limits,
}

type Shared = Arc<Rest>;

/// One path with its methods, and what is told about them.
struct Route {
    /// As axum spells it.
    path: &'static str,
    methods: MethodRouter<Shared>,
    operations: Vec<Operation>,
}

/// The routes of the door.
pub(crate) fn routes(rest: Rest) -> Router {
    let all = [jobs::routes(), requests::routes(), operators::routes(), classic::routes()];
    let (mut router, mut operations) = (Router::new(), vec![openapi::operation()]);
    for route in all.into_iter().flatten() {
        router = router.route(route.path, route.methods);
        operations.extend(route.operations);
    }
    let described = Bytes::from(openapi::document(operations, &rest.limits).to_string());
    let rest = Arc::new(rest);
    router
        .route("/openapi.json", get(async move || json_text(described)))
        .method_not_allowed_fallback(not_allowed)
        // The bodies that come this far are whole, and as long as they may be.
        .layer(DefaultBodyLimit::disable())
        .layer(from_fn_with_state(Arc::clone(&rest), incoming::whole))
        .layer(from_fn_with_state(Arc::clone(&rest), sites::own_or_listed))
        .with_state(rest)
}

/// Answers a method that a path does not have; axum adds the header `Allow`.
async fn not_allowed() -> Refusal {
    Refusal::new(Reason::MethodNotAllowed, "the path does not have this method; Allow lists those it has")
}

/// A message as the body of an answer.
fn told<M: Message + Name>(message: &M) -> Response {
    json_text(json::text(message))
}

/// A text in JSON as the body of an answer.
fn json_text(text: impl Into<axum::body::Body>) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], text.into()).into_response()
}

impl Rest {
    /// Hands a submission to the intake, with what was found wrong in its JSON.
    ///
    /// # Errors
    /// Those of `SubmitJob`.
    async fn submit(
        &self,
        headers: &HeaderMap,
        request: abacus_api::v1::SubmitJobRequest,
        violations: Violations,
    ) -> Result<Submitted, Refusal> {
        let intake = &self.jobs.intake;
        intake.accept(intake.check(request, trace_of(headers), violations)?).await
    }
}

/// What the routes are given by axum.
type Of = State<Shared>;
