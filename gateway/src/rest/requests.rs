//! The requests of a client.

use abacus_api::v1::{self, job_service_server::JobService};
use abacus_chassis::{Reason, Refusal};
use axum::{
    extract::State,
    response::Response,
    routing::{delete, get},
};
use http::{HeaderMap, Uri};

use super::{
    Of, Route,
    incoming::{At, Within, asked, call, no_query, query},
    openapi::{self, Operation},
    told,
};
use crate::grpc::one_wrong;

pub(super) fn routes() -> Vec<Route> {
    let listing = Operation::new(
        "get",
        "/v1/clients/{client}/requests",
        "listRequests",
        "Lists requests, newest first.",
    )
    .name("client", "Who has asked.")
    .queries::<v1::ListRequestsRequest>(&["client"])
    .answers(200, "A page of the list.", openapi::told::<v1::ListRequestsResponse>())
    .refuses(&[Reason::InvalidField, Reason::PageTokenInvalid, Reason::MalformedMessage]);
    let cancelling = Operation::new(
        "delete",
        "/v1/clients/{client}/requests/{request}",
        "cancelRequest",
        "Cancels a request. Its job stops when no other request wants it.",
    )
    .name("client", "Who has asked.")
    .name("request", "The request's id.")
    .answers(200, "The request, now cancelled, and its job.", openapi::told::<v1::CancelRequestResponse>())
    .refuses(&[Reason::InvalidField, Reason::RequestNotFound, Reason::MalformedMessage]);
    vec![
        Route { path: "/v1/clients/{client}/requests", methods: get(list), operations: vec![listing] },
        Route {
            path: "/v1/clients/{client}/requests/{request}",
            methods: delete(cancel),
            operations: vec![cancelling],
        },
    ]
}

async fn list(State(rest): Of, At(client): At, uri: Uri, headers: HeaderMap) -> Result<Response, Refusal> {
    let mut request: v1::ListRequestsRequest = asked(query(&uri))?;
    if !request.client.is_empty() {
        return Err(one_wrong("client", "stands in the path; leave it out of the query".to_owned()));
    }
    request.client = client;
    Ok(told(rest.jobs.list_requests(call(&headers, request)).await?.get_ref()))
}

async fn cancel(
    State(rest): Of,
    Within(client, request): Within,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    no_query(&uri)?;
    let name = format!("clients/{client}/requests/{request}");
    let cancelled = rest.jobs.cancel_request(call(&headers, v1::CancelRequestRequest { name })).await?;
    Ok(told(cancelled.get_ref()))
}
