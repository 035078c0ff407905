//! The routes of the tasker process.

use abacus_api::v1::{self, job_service_server::JobService, operator_service_server::OperatorService};
use abacus_chassis::{Reason, Refusal};
use abacus_tasks::{Disposition, kinds};
use axum::{
    extract::State,
    response::Response,
    routing::{get, post},
};
use bytes::{Bytes, BytesMut};
use futures_util::{StreamExt, TryStreamExt, stream};
use http::{HeaderMap, Uri};
use serde_json::{Map, Value, json};

use super::{
    super::{
        Of, Rest, Route,
        incoming::{call, no_query},
        openapi::{self, Operation},
        result,
    },
    Given, json_line,
};
use crate::error::invalid;

/// The longest result, in bytes, that stands in a list; longer ones are read by themselves.
const LISTED_RESULT_BYTES: u64 = 4096;

/// The names that clients have.
const CLIENT: &str = "^[A-Za-z0-9._-]{1,64}$";

/// How many requests a list tells: the newest.
const LISTED: u32 = 100;

/// How many results of a list are read at once.
const READ_AT_ONCE: usize = 16;

pub(super) fn routes() -> Vec<Route> {
    let asking = |method, id| {
        Operation::new(method, "/process", id, "Asks for a task.")
            .classic()
            .answers(200, "The id of the request, and whether the result is there already.", answer())
            .refuses(openapi::SUBMITTING)
            .refuses(openapi::GIVING)
    };
    let names: Vec<_> = kinds::all().iter().map(|kind| kind.name).collect();
    let by_query = asking("get", "getProcess")
        .query("task", "The kind.", &json!({"enum": names}))
        .optional_query("client_name", "Who asks.", &json!({"type": "string", "pattern": CLIENT}))
        .optional_query("params", "The parameters: a JSON object.", &json!({"type": "string"}));
    let by_body = asking("post", "postProcess").takes(&openapi::process());
    let requests = Operation::new(
        "get",
        "/get_requests_status",
        "getRequestsStatus",
        "Lists a client's newest requests.",
    )
    .classic()
    .query("client_name", "Who has asked.", &json!({"type": "string", "pattern": CLIENT}))
    .answers(200, "The requests, with state and result.", listing())
    .refuses(openapi::GIVING)
    .refuses(&[Reason::InvalidField]);
    let words = openapi::status_words();
    let kinds = Operation::new(
        "get",
        "/get_processes_status",
        "getProcessesStatus",
        "Tells the status of each kind.",
    )
    .classic()
    .answers(200, "active, error, queue or suspended, by kind.", words.clone())
    .refuses(&[Reason::InvalidField]);
    let steering =
        Operation::new("post", "/set_processes_status", "setProcessesStatus", "Suspends and resumes kinds.")
            .classic()
            .takes(&openapi::wanted_words())
            .answers(200, "The status of each kind, now.", words)
            .refuses(openapi::GIVING)
            .refuses(&[Reason::InvalidField]);
    vec![
        Route { path: "/process", methods: get(submit).post(submit), operations: vec![by_query, by_body] },
        Route { path: "/get_requests_status", methods: get(list), operations: vec![requests] },
        Route { path: "/get_processes_status", methods: get(statuses), operations: vec![kinds] },
        Route { path: "/set_processes_status", methods: post(steer), operations: vec![steering] },
    ]
}

fn answer() -> Value {
    json!({
        "type": "object",
        "properties": {
            "cached": {"type": "boolean"},
            "rid": {"type": "string", "format": "uuid"},
            "success": {"const": true},
        },
        "required": ["cached", "rid", "success"],
    })
}

fn listing() -> Value {
    let text = json!({"type": "string"});
    let status = json!({"enum": ["queued", "running", "succeeded", "failed", "cancelled", "unspecified"]});
    let result = json!({"type": ["string", "null"], "description": "Of up to 4 KiB; read longer ones by /result/{job}."});
    let request = json!({
        "type": "object",
        "properties": {
            "cached": {"type": "boolean"}, "job": text, "result": result, "rid": text, "status": status, "task": text,
        },
        "required": ["cached", "job", "result", "rid", "status", "task"],
    });
    json!({
        "type": "object",
        "properties": {
            "client_name": text,
            "requests": {"type": "array", "items": request},
            "success": {"const": true},
        },
        "required": ["client_name", "requests", "success"],
    })
}

async fn submit(State(rest): Of, uri: Uri, headers: HeaderMap, body: Bytes) -> Result<Response, Refusal> {
    let mut given = Given::with(&uri, &headers, &body)?;
    let (kind, client) = (given.required("task"), given.optional("client_name"));
    let parameters = parameters(&mut given);
    let task = match &kind {
        Value::String(kind) => json!({ kind: parameters }),
        Value::Null => Value::Null,
        _ => {
            given.wrong("task", "must be the name of a kind".to_owned());
            Value::Null
        }
    };
    let submitted = rest.classic(&headers, json!({"task": task, "client": client}), given).await?;
    let request = &submitted.request;
    Ok(json_line(&json!({
        "cached": request.disposition == Disposition::Cached,
        "rid": request.name.id.to_string(),
        "success": true,
    })))
}

/// The parameters of a task, by name; in a query, as the text of a JSON object.
fn parameters(given: &mut Given) -> Value {
    let told = match given.optional("params") {
        Value::String(text) if text.is_empty() => Value::Null,
        Value::String(text) => serde_json::from_str(&text).unwrap_or(Value::String(text)),
        told => told,
    };
    match told {
        Value::Null => json!({}),
        Value::Object(_) => told,
        _ => {
            given.wrong("params", "must be an object".to_owned());
            json!({})
        }
    }
}

async fn list(State(rest): Of, uri: Uri, headers: HeaderMap, body: Bytes) -> Result<Response, Refusal> {
    let mut given = Given::with(&uri, &headers, &body)?;
    let name = given.required("client_name");
    if !name.is_null() && !name.is_string() {
        given.wrong("client_name", "must be a string".to_owned());
    }
    let client = name.as_str().unwrap_or_default().to_owned();
    given.into_violations().into_result(()).map_err(invalid)?;
    let request =
        v1::ListRequestsRequest { client: client.clone(), page_size: LISTED, page_token: String::new() };
    let requests = rest.jobs.list_requests(call(&headers, request)).await?.into_inner().requests;
    let told: Vec<Value> = stream::iter(requests)
        .map(|request| rest.told(&headers, request))
        .buffered(READ_AT_ONCE)
        .try_collect()
        .await?;
    Ok(json_line(&json!({"client_name": client, "requests": told, "success": true})))
}

impl Rest {
    /// One request of a list.
    async fn told(&self, headers: &HeaderMap, request: v1::Request) -> Result<Value, Refusal> {
        let id = request.name.rsplit('/').next().unwrap_or_default();
        let result = match request.state() {
            v1::JobState::Succeeded => self.short_result(headers, &request.job).await?,
            _ => None,
        };
        Ok(json!({
            "cached": request.disposition() == v1::Disposition::Cached,
            "job": request.job,
            "result": result,
            "rid": id,
            "status": word(request.state().as_str_name(), "JOB_STATE_"),
            "task": request.job.split('-').next(),
        }))
    }

    /// The result as text, if it is short and still there.
    async fn short_result(&self, headers: &HeaderMap, job: &str) -> Result<Option<String>, Refusal> {
        let found = self.jobs.snapshot(job).await;
        let snapshot = match found {
            Err(refusal) if refusal.reason() == Reason::JobNotFound => return Ok(None),
            found => found?,
        };
        let content = snapshot.content();
        let short = snapshot.summary.is_some_and(|summary| summary.bytes <= LISTED_RESULT_BYTES);
        if !short {
            return Ok(None);
        }
        let format = result::Form::Plain.format(&content).into();
        let request =
            v1::ReadResultRequest { job: job.to_owned(), format, ..v1::ReadResultRequest::default() };
        let pieces = result::pieces(self, headers, request).await?;
        let whole: BytesMut = pieces.try_collect().await?;
        Ok(Some(String::from_utf8_lossy(&whole).into_owned()))
    }

    /// The status of each kind, in a word.
    async fn words(&self, headers: &HeaderMap) -> Result<Value, Refusal> {
        let kinds =
            self.operators.list_kinds(call(headers, v1::ListKindsRequest {})).await?.into_inner().kinds;
        let words = kinds
            .iter()
            .map(|kind| (kind.name.clone(), Value::from(word(kind.status().as_str_name(), "KIND_STATUS_"))));
        Ok(words.collect::<Map<_, _>>().into())
    }
}

/// The name of an enum's value without what is common to all, in lower case.
fn word(name: &str, common: &str) -> String {
    name.strip_prefix(common).unwrap_or(name).to_ascii_lowercase()
}

async fn statuses(State(rest): Of, uri: Uri, headers: HeaderMap) -> Result<Response, Refusal> {
    no_query(&uri)?;
    Ok(json_line(&rest.words(&headers).await?))
}

async fn steer(State(rest): Of, uri: Uri, headers: HeaderMap, body: Bytes) -> Result<Response, Refusal> {
    let mut given = Given::with(&uri, &headers, &body)?;
    let wanted = given.all();
    for (kind, word) in &wanted {
        if kinds::find(kind).is_none() {
            let names: Vec<_> = kinds::all().iter().map(|kind| kind.name).collect();
            given.wrong(kind, format!("is no kind of task; there are: {}", names.join(", ")));
        } else if word != "suspended" && word != "active" {
            given
                .wrong(kind, "can be set to \"suspended\" or \"active\"; the others are observed".to_owned());
        }
    }
    if wanted.is_empty() {
        given.wrong("kind", "name at least one kind, as in {\"mult3\": \"suspended\"}".to_owned());
    }
    // All or nothing.
    given.into_violations().into_result(()).map_err(invalid)?;
    for (kind, word) in wanted {
        if word == "suspended" {
            rest.operators.suspend_kind(call(&headers, v1::SuspendKindRequest { kind })).await?;
        } else {
            rest.operators.resume_kind(call(&headers, v1::ResumeKindRequest { kind })).await?;
        }
    }
    Ok(json_line(&rest.words(&headers).await?))
}
