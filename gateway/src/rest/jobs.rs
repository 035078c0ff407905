//! Submitting tasks and looking at jobs.

use abacus_api::v1;
use abacus_broker::{Snapshot, Submitted};
use abacus_chassis::{Reason, Refusal};
use abacus_tasks::Violations;
use axum::{
    extract::State,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header};

use super::{
    Of, Route, events,
    incoming::{self, At},
    json,
    openapi::{self, Operation},
    prefer::Prefer,
    range, result, told,
};
use crate::grpc::response;

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// When to look at an unfinished job again.
const LOOK_AGAIN_SECONDS: u64 = 1;

pub(super) fn routes() -> Vec<Route> {
    let submission = Operation::new("post", "/v1/jobs", "submitJob", "Asks for a task.")
        .takes(&openapi::given::<v1::SubmitJobRequest>())
        .header("Prefer", "`wait=N`: to hold the answer back for up to N seconds, at most 60 (RFC 7240).")
        .key()
        .accepts(&result::MEDIA_TYPES)
        .answers(202, "The request and its job.", openapi::told::<v1::SubmitJobResponse>())
        .answers_with(200, "The result, waited for.", result::forms())
        .refuses(openapi::SUBMITTING)
        .refuses(&[Reason::KindSuspended, Reason::RequestIdReused, Reason::NotAcceptable])
        .refuses(&[Reason::MediaTypeUnsupported])
        .refuses(openapi::READING);
    let look = Operation::new("get", "/v1/jobs/{job}", "getJob", "Tells the state of a job.")
        .name("job", "The job's id.")
        .header("If-None-Match", "The `ETag` of the answer before.")
        .answers(200, "The job.", openapi::told::<v1::GetJobResponse>())
        .answers_nothing(304, "The job has not changed.")
        .refuses(&[Reason::JobNotFound, Reason::InvalidField, Reason::MalformedMessage]);
    vec![
        Route { path: "/v1/jobs", methods: post(submit), operations: vec![submission] },
        Route { path: "/v1/jobs/{job}", methods: get(job), operations: vec![look] },
        result::route(),
        events::route(),
    ]
}

async fn submit(State(rest): Of, uri: Uri, headers: HeaderMap, body: Bytes) -> Result<Response, Refusal> {
    incoming::no_query(&uri)?;
    if !incoming::is_json(&headers) {
        let message = "the body must be JSON: send it with Content-Type: application/json";
        return Err(Refusal::new(Reason::MediaTypeUnsupported, message));
    }
    let mut violations = Violations::new();
    let mut request: v1::SubmitJobRequest = json::read(incoming::parse(&body)?, &mut violations);
    identify(&headers, &mut request, &mut violations);

    let prefer = Prefer::of(&headers);
    let Some(wait) = prefer.wait else {
        let submitted = rest.submit(&headers, request, violations).await?;
        return Ok(prefer.applied(accepted(&submitted)));
    };
    // A result that cannot be told is refused before anything is submitted.
    let form = result::Form::liked(&headers)?;
    let submitted = rest.submit(&headers, request, violations).await?;
    let job = &submitted.snapshot.job;
    let response = if rest.ends_within(wait, &submitted.snapshot, &headers).await {
        located(result::tell(&rest, &headers, job.as_str(), form).await?, job.as_str())
    } else {
        accepted(&submitted)
    };
    Ok(prefer.applied(response))
}

/// Takes the id of the request from the header, which the body may repeat.
fn identify(headers: &HeaderMap, request: &mut v1::SubmitJobRequest, violations: &mut Violations) {
    let Some(key) = incoming::text_of(headers, IDEMPOTENCY_KEY) else { return };
    // The draft has it as a string of RFC 9651, in quotes; many send it bare.
    let key = key.trim().trim_matches('"');
    if request.request_id.is_empty() {
        key.clone_into(&mut request.request_id);
    } else if request.request_id != key {
        violations.push("request_id", "is not the one that the header Idempotency-Key tells");
    }
}

/// The answer to a submission whose result is not waited for.
pub(super) fn accepted(submitted: &Submitted) -> Response {
    let mut answer = told(&response(submitted));
    *answer.status_mut() = StatusCode::ACCEPTED;
    let ended = submitted.snapshot.state.is_terminal();
    let again = if ended { 0 } else { LOOK_AGAIN_SECONDS };
    answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(again));
    located(answer, submitted.snapshot.job.as_str())
}

fn located(mut answer: Response, job: &str) -> Response {
    let path =
        HeaderValue::try_from(format!("/v1/jobs/{job}")).expect("a job id is of letters, digits and - _");
    answer.headers_mut().insert(header::LOCATION, path);
    answer
}

async fn job(State(rest): Of, At(job): At, uri: Uri, headers: HeaderMap) -> Result<Response, Refusal> {
    incoming::no_query(&uri)?;
    let snapshot = rest.jobs.snapshot(&job).await?;
    let tag = weak_tag(&snapshot);
    let mut answer = if range::matches(&headers, &tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        told(&v1::GetJobResponse { job: Some((&snapshot).into()) })
    };
    answer
        .headers_mut()
        .insert(header::ETAG, HeaderValue::try_from(tag).expect("it is of digits and quotes"));
    Ok(answer)
}

/// Tells one state of a job from another: a job that was forgotten and asked for again has another time of creation.
fn weak_tag(snapshot: &Snapshot) -> String {
    let Snapshot { create_time, sequence, requests, suspended, .. } = snapshot;
    format!("W/\"{}-{sequence}-{requests}-{}\"", create_time.as_millis(), u8::from(*suspended))
}
