//! The routes of the systems that Abacus replaces: their own commands, unchanged, answered by Abacus
//! (`docs/coming-from.md` tells which is whose).
//!
//! Each turns what it is given into the JSON of `SubmitJob` and goes the way of any other submission.

mod front;
mod given;
mod tasker;

use abacus_api::v1;
use abacus_broker::Submitted;
use abacus_chassis::{Reason, Refusal};
use abacus_tasks::Violations;
use axum::{
    body::Body,
    extract::State,
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use bytes::Bytes;
use http::{HeaderMap, StatusCode, Uri, header};
use serde_json::{Value, json};

use self::given::Given;
use super::{
    Of, Rest, Route, accept,
    envelope::Envelope,
    incoming::{At, no_query},
    jobs::accepted,
    json, json_text,
    openapi::{self, Operation},
    result,
};
use crate::grpc::not_finished;

pub(super) fn routes() -> Vec<Route> {
    let mut routes = front::routes();
    routes.extend([fib(), primes(), list(), tasks()]);
    routes.extend(tasker::routes());
    routes
}

fn fib() -> Route {
    let operation = Operation::new("post", "/fib", "postFib", "Asks for a Fibonacci number.")
        .classic()
        .takes(&object("n", &openapi::up_to("fibonacci.n")))
        .answers(202, "The request and its job.", openapi::told::<v1::SubmitJobResponse>())
        .answers_nothing(303, "A browser's form is sent on to the page.")
        .refuses(openapi::SUBMITTING)
        .refuses(openapi::GIVING);
    Route { path: "/fib", methods: post(post_fib), operations: vec![operation] }
}

fn primes() -> Route {
    let bound = openapi::up_to("primes.end");
    let operation = Operation::new("post", "/primes", "postPrimes", "Asks for the primes of an interval.")
        .classic()
        .query("start_num", "The first integer of the interval.", &bound)
        .query("end_num", "The last integer of the interval.", &bound)
        .answers(200, "The id of the job.", json!({"type": "string"}))
        .refuses(openapi::SUBMITTING)
        .refuses(openapi::GIVING);
    Route { path: "/primes", methods: post(post_primes), operations: vec![operation] }
}

fn list() -> Route {
    let operation =
        Operation::new("get", "/result/{job}", "getResult", "Tells the result of a job as a string.")
            .classic()
            .name("job", "The job's id.")
            .answers(
                200,
                "Primes as the text of a list, integers as their digits.",
                json!({"type": "string"}),
            )
            .answers_nothing(204, "The job has not ended.")
            .refuses(&[Reason::InvalidField, Reason::MalformedMessage])
            .refuses(openapi::READING);
    Route { path: "/result/{job}", methods: get(get_result), operations: vec![operation] }
}

fn tasks() -> Route {
    let operation =
        Operation::new("post", "/tasks", "postTask", "Asks for a second of work under this name.")
            .classic()
            .takes(&object("name", &openapi::label()))
            .answers(202, "The request and its job.", openapi::told::<v1::SubmitJobResponse>())
            .refuses(openapi::SUBMITTING)
            .refuses(openapi::GIVING);
    Route { path: "/tasks", methods: post(post_task), operations: vec![operation] }
}

/// A JSON object with one member. (A form and a query do as well; only one of the three can be told to be required.)
fn object(name: &str, schema: &Value) -> Value {
    json!({"type": "object", "properties": {name: schema}, "required": [name], "additionalProperties": false})
}

async fn post_fib(State(rest): Of, uri: Uri, headers: HeaderMap, body: Bytes) -> Result<Response, Refusal> {
    let mut given = Given::with(&uri, &headers, &body)?;
    let n = given.required("n");
    // What a form of the page sends is answered by the page, which shows the result when it is pushed.
    let from_form = accept::names(&headers, "text/html");
    let page = n.as_str().map(|n| {
        format!("/?{}", form_urlencoded::Serializer::new(String::new()).append_pair("n", n).finish())
    });
    let submitted = rest.classic(&headers, json!({"task": {"fibonacci": {"n": n}}}), given).await?;
    match page {
        Some(page) if from_form => Ok(Redirect::to(&page).into_response()),
        _ => Ok(accepted(&submitted)),
    }
}

async fn post_primes(
    State(rest): Of,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    let mut given = Given::with(&uri, &headers, &body)?;
    let (start, end) = (given.required("start_num"), given.required("end_num"));
    // It is told once that the end is missing: nothing further is wrong with an interval that ends where it starts.
    let end = if end.is_null() { start.clone() } else { end };
    let submitted =
        rest.classic(&headers, json!({"task": {"primes": {"start": start, "end": end}}}), given).await?;
    Ok(json_line(&json!(submitted.snapshot.job.as_str())))
}

async fn post_task(State(rest): Of, uri: Uri, headers: HeaderMap, body: Bytes) -> Result<Response, Refusal> {
    let mut given = Given::with(&uri, &headers, &body)?;
    let name = given.required("name");
    let submitted = rest.classic(&headers, json!({"task": {"spin": {"label": name}}}), given).await?;
    Ok(accepted(&submitted))
}

async fn get_result(State(rest): Of, At(job): At, uri: Uri, headers: HeaderMap) -> Result<Response, Refusal> {
    no_query(&uri)?;
    let snapshot = rest.jobs.snapshot(&job).await?;
    if !snapshot.state.is_terminal() {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    if snapshot.summary.is_none() {
        return Err(not_finished(&snapshot));
    }
    let format = result::Form::Plain.format(&snapshot.content()).into();
    let request = v1::ReadResultRequest { job, format, ..v1::ReadResultRequest::default() };
    let pieces = result::pieces(&rest, &headers, request).await?;
    Ok(json_text(Body::from_stream(Envelope::string(&snapshot.content()).around(pieces))))
}

impl Rest {
    /// Submits what a classic route was given, as the JSON of `SubmitJob`; null stands for what is missing, which `given`
    /// knows.
    async fn classic(
        &self,
        headers: &HeaderMap,
        submission: Value,
        given: Given,
    ) -> Result<Submitted, Refusal> {
        let mut violations = given.into_violations();
        let mut found = Violations::new();
        let request = json::read(submission, &mut found);
        violations.merge(found);
        self.submit(headers, request, violations).await
    }
}

/// One line of JSON, as it is printed in a terminal.
fn json_line(value: &Value) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], format!("{value}\n")).into_response()
}
