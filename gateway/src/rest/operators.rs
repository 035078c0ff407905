//! What operators see and steer.

use abacus_api::v1::{self, operator_service_server::OperatorService};
use abacus_chassis::{Reason, Refusal};
use axum::{
    extract::State,
    response::Response,
    routing::{get, post},
};
use http::{HeaderMap, Uri};

use super::{
    Of, Route,
    incoming::{At, call, no_query},
    openapi::{self, Operation},
    told,
};

pub(super) fn routes() -> Vec<Route> {
    let kinds =
        Operation::new("get", "/v1/kinds", "listKinds", "Lists the kinds of tasks with their status.")
            .answers(200, "The kinds.", openapi::told::<v1::ListKindsResponse>())
            .refuses(&[Reason::InvalidField]);
    let suspension = Operation::new(
        "post",
        "/v1/kinds/{kind}:suspend",
        "suspendKind",
        "Suspends a kind: its jobs are accepted and wait; those that run go on.",
    )
    .name("kind", "The kind's name.")
    .answers(200, "The kind, now suspended.", openapi::told::<v1::SuspendKindResponse>())
    .refuses(&[Reason::InvalidField, Reason::MalformedMessage, Reason::UnknownMethod]);
    let resumption = Operation::new("post", "/v1/kinds/{kind}:resume", "resumeKind", "Resumes a kind.")
        .name("kind", "The kind's name.")
        .answers(200, "The kind, no longer suspended.", openapi::told::<v1::ResumeKindResponse>())
        .refuses(&[Reason::InvalidField, Reason::MalformedMessage, Reason::UnknownMethod]);
    let workers = Operation::new("get", "/v1/workers", "listWorkers", "Lists the workers that are alive.")
        .answers(200, "The workers.", openapi::told::<v1::ListWorkersResponse>())
        .refuses(&[Reason::InvalidField]);
    let stats = Operation::new("get", "/v1/stats", "getStats", "Tells queue depths and counters.")
        .answers(200, "The figures.", openapi::told::<v1::GetStatsResponse>())
        .refuses(&[Reason::InvalidField]);
    vec![
        Route { path: "/v1/kinds", methods: get(list_kinds), operations: vec![kinds] },
        // Name and verb share a segment, which axum does not take apart.
        Route { path: "/v1/kinds/{verb}", methods: post(steer), operations: vec![suspension, resumption] },
        Route { path: "/v1/workers", methods: get(list_workers), operations: vec![workers] },
        Route { path: "/v1/stats", methods: get(get_stats), operations: vec![stats] },
    ]
}

async fn list_kinds(State(rest): Of, uri: Uri, headers: HeaderMap) -> Result<Response, Refusal> {
    no_query(&uri)?;
    Ok(told(rest.operators.list_kinds(call(&headers, v1::ListKindsRequest {})).await?.get_ref()))
}

async fn steer(State(rest): Of, At(verb): At, uri: Uri, headers: HeaderMap) -> Result<Response, Refusal> {
    no_query(&uri)?;
    let operators = &rest.operators;
    match verb.rsplit_once(':').map(|(kind, verb)| (kind.to_owned(), verb)) {
        Some((kind, "suspend")) => {
            let request = call(&headers, v1::SuspendKindRequest { kind });
            Ok(told(operators.suspend_kind(request).await?.get_ref()))
        }
        Some((kind, "resume")) => {
            let request = call(&headers, v1::ResumeKindRequest { kind });
            Ok(told(operators.resume_kind(request).await?.get_ref()))
        }
        _ => {
            let message = "no such path; there are /v1/kinds/{kind}:suspend and /v1/kinds/{kind}:resume";
            Err(Refusal::new(Reason::UnknownMethod, message))
        }
    }
}

async fn list_workers(State(rest): Of, uri: Uri, headers: HeaderMap) -> Result<Response, Refusal> {
    no_query(&uri)?;
    Ok(told(rest.operators.list_workers(call(&headers, v1::ListWorkersRequest {})).await?.get_ref()))
}

async fn get_stats(State(rest): Of, uri: Uri, headers: HeaderMap) -> Result<Response, Refusal> {
    no_query(&uri)?;
    Ok(told(rest.operators.get_stats(call(&headers, v1::GetStatsRequest {})).await?.get_ref()))
}
