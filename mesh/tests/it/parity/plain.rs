//! Refusals of single calls.

use abacus_api::v1;
use abacus_chassis::Reason;
use bytes::Bytes;
use serde_json::json;
use tonic::Request;

use super::assert_same;
use crate::{
    bad_input::send,
    follow::{asked, fibonacci, spin, submit, subscription},
    process::Mesh,
};

/// What is compared here.
pub(super) const COMPARED: &[Reason] = &[
    Reason::InvalidField,
    Reason::MalformedMessage,
    Reason::MessageTooLarge,
    Reason::EncodingUnsupported,
    Reason::CursorInvalid,
    Reason::CursorExpired,
    Reason::PageTokenInvalid,
    Reason::JobNotFound,
    Reason::RequestNotFound,
    Reason::KindSuspended,
    Reason::JobNotFinished,
    Reason::NoResult,
    Reason::RequestIdReused,
    Reason::QueueFull,
    Reason::BudgetExceeded,
    Reason::FormatTooLarge,
    Reason::Overloaded,
    Reason::UnknownMethod,
];

const SUBMIT: &str = "/abacus.v1.JobService/SubmitJob";

/// A job that nobody knows.
const UNKNOWN: &str = "spin-00000000000000000000000000000000";

#[tokio::test]
async fn wrong_fields() {
    let mesh = Mesh::start();
    let (mut jobs, mut operators) = (mesh.jobs().await, mesh.operators().await);
    let sum = v1::task::Task::Sum2(v1::Sum2 { first: "12x".into(), second: String::new() });
    let request = v1::SubmitJobRequest { request_id: "7".into(), ..asked(sum, "two words") };
    let body = json!({
        "task": {"sum2": {"first": "12x", "second": ""}}, "client": "two words", "requestId": "7",
    });
    let status = jobs.submit_job(request).await.unwrap_err();
    assert_same(Reason::InvalidField, &status, &mesh.post("/v1/jobs", &body.to_string()).await);
    let status = jobs.submit_job(v1::SubmitJobRequest::default()).await.unwrap_err();
    assert_same(Reason::InvalidField, &status, &mesh.post("/v1/jobs", "{}").await);

    let request =
        v1::ListRequestsRequest { client: "two words".into(), page_size: 5000, ..Default::default() };
    let status = jobs.list_requests(request).await.unwrap_err();
    let answer = mesh.get("/v1/clients/two%20words/requests?page_size=5000", &[]).await;
    assert_same(Reason::InvalidField, &status, &answer);
    let status = jobs.get_job(v1::GetJobRequest { job: "x".into() }).await.unwrap_err();
    for path in ["/v1/jobs/x", "/v1/jobs/x/result", "/result/x"] {
        assert_same(Reason::InvalidField, &status, &mesh.get(path, &[]).await);
    }
    let status = operators.suspend_kind(v1::SuspendKindRequest { kind: "prime".into() }).await.unwrap_err();
    let answer = mesh.ask("POST", "/v1/kinds/prime:suspend", &[], b"").await;
    assert_same(Reason::InvalidField, &status, &answer);
    let status = operators.resume_kind(v1::ResumeKindRequest { kind: String::new() }).await.unwrap_err();
    assert_same(Reason::InvalidField, &status, &mesh.ask("POST", "/v1/kinds/:resume", &[], b"").await);
    let status = jobs.cancel_request(v1::CancelRequestRequest { name: "clients/a/requests/7".into() }).await;
    let answer = mesh.ask("DELETE", "/v1/clients/a/requests/7", &[], b"").await;
    assert_same(Reason::InvalidField, &status.unwrap_err(), &answer);
    let request = v1::SubscribeResultsRequest { max_chunk_bytes: 5, ..subscription("x") };
    let status = jobs.subscribe_results(request).await.unwrap_err();
    assert_same(Reason::InvalidField, &status, &mesh.get("/v1/jobs/x/events?max_chunk_bytes=5", &[]).await);
}

#[tokio::test]
async fn messages_that_cannot_be_read() {
    let mesh = Mesh::start_with(&["--max-message-size", "4KiB"]);
    let channel = mesh.connect().await;
    let status = send(channel.clone(), SUBMIT, Bytes::from_static(b"\xff\xff")).await.unwrap_err();
    let answer = mesh.post("/v1/jobs", "{").await;
    // What cannot be read is described in the words of each format.
    assert_eq!((answer.status, answer.reason()), (400, Reason::MalformedMessage.name().to_owned()));
    assert_eq!(crate::follow::reason(&status), Reason::MalformedMessage.name());

    let status = send(channel.clone(), SUBMIT, Bytes::from(vec![0; 5000])).await.unwrap_err();
    let answer = mesh.post("/v1/jobs", &" ".repeat(5000)).await;
    assert_eq!((answer.status, answer.reason()), (413, Reason::MessageTooLarge.name().to_owned()));
    assert_eq!(crate::follow::reason(&status), Reason::MessageTooLarge.name());

    let mut request = Request::new(v1::SubmitJobRequest::default());
    request.metadata_mut().insert("grpc-encoding", "gzip".parse().unwrap());
    let status = mesh.jobs().await.submit_job(request).await.unwrap_err();
    let headers = ["content-type: application/json", "content-encoding: gzip"];
    let answer = mesh.ask("POST", "/v1/jobs", &headers, b"{}").await;
    assert_eq!((answer.status, answer.reason()), (415, Reason::EncodingUnsupported.name().to_owned()));
    assert_eq!(crate::follow::reason(&status), Reason::EncodingUnsupported.name());

    let status = send(channel, "/abacus.v1.JobService/Nothing", Bytes::new()).await.unwrap_err();
    let answer = mesh.get("/v1/nothing", &[]).await;
    assert_eq!((answer.status, answer.reason()), (404, Reason::UnknownMethod.name().to_owned()));
    assert_eq!(crate::follow::reason(&status), Reason::UnknownMethod.name());
}

#[tokio::test]
async fn what_is_not_there() {
    let mesh = Mesh::start();
    let mut jobs = mesh.jobs().await;
    let status = jobs.get_job(v1::GetJobRequest { job: UNKNOWN.into() }).await.unwrap_err();
    for path in ["/v1/jobs/JOB", "/v1/jobs/JOB/result", "/result/JOB"] {
        assert_same(Reason::JobNotFound, &status, &mesh.get(&path.replace("JOB", UNKNOWN), &[]).await);
    }
    let status = jobs.subscribe_results(subscription(UNKNOWN)).await.unwrap_err();
    let answer = mesh.get(&format!("/v1/jobs/{UNKNOWN}/events"), &[]).await;
    assert_same(Reason::JobNotFound, &status, &answer);
    let name = "clients/alice/requests/67e55044-10b1-426f-9247-bb680e5fe0c8";
    let status = jobs.cancel_request(v1::CancelRequestRequest { name: name.into() }).await.unwrap_err();
    let answer = mesh.ask("DELETE", &format!("/v1/{name}"), &[], b"").await;
    assert_same(Reason::RequestNotFound, &status, &answer);
    let request =
        v1::ListRequestsRequest { client: "a".into(), page_token: "x".into(), ..Default::default() };
    let status = jobs.list_requests(request).await.unwrap_err();
    let answer = mesh.get("/v1/clients/a/requests?page_token=x", &[]).await;
    assert_same(Reason::PageTokenInvalid, &status, &answer);
    let request = v1::SubscribeResultsRequest { cursor: "x".into(), ..subscription(UNKNOWN) };
    let status = jobs.subscribe_results(request).await.unwrap_err();
    let path = format!("/v1/jobs/{UNKNOWN}/events");
    assert_same(Reason::CursorInvalid, &status, &mesh.get(&format!("{path}?cursor=x"), &[]).await);
    assert_same(Reason::CursorInvalid, &status, &mesh.get(&path, &["last-event-id: x"]).await);
}

#[tokio::test]
async fn a_cursor_of_a_job_that_is_gone() {
    let mesh = Mesh::start_with(&["--result-ttl", "1s", "--request-ttl", "1s"]);
    let mut jobs = mesh.jobs().await;
    let job = mesh.computed(r#"{"fibonacci":{"n":1000}}"#).await;
    let mut stream = jobs.subscribe_results(subscription(&job)).await.unwrap().into_inner();
    let cursor = stream.message().await.unwrap().unwrap().frame.unwrap().cursor;
    while mesh.get(&format!("/v1/jobs/{job}"), &[]).await.status == 200 {}
    let request = v1::SubscribeResultsRequest { cursor: cursor.clone(), ..subscription(&job) };
    let status = jobs.subscribe_results(request).await.unwrap_err();
    let answer = mesh.get(&format!("/v1/jobs/{job}/events"), &[&format!("last-event-id: {cursor}")]).await;
    assert_same(Reason::CursorExpired, &status, &answer);
}

#[tokio::test]
async fn results_that_cannot_be_read() {
    let mesh = Mesh::start_with(&["--read-max-convertible", "1KiB"]);
    let mut jobs = mesh.jobs().await;
    let submitted = submit(&mut jobs, spin("running", 60), "").await;
    let job = submitted.job.unwrap().id;
    let reading = |job: &str| v1::ReadResultRequest { job: job.to_owned(), ..Default::default() };
    let status = jobs.read_result(reading(&job)).await.unwrap_err();
    let path = format!("/v1/jobs/{job}/result");
    assert_same(Reason::JobNotFinished, &status, &mesh.get(&path, &[]).await);

    let name = submitted.request.unwrap().name;
    jobs.cancel_request(v1::CancelRequestRequest { name }).await.unwrap();
    let status = jobs.read_result(reading(&job)).await.unwrap_err();
    assert_same(Reason::NoResult, &status, &mesh.get(&path, &[]).await);
    assert_same(Reason::NoResult, &status, &mesh.get(&format!("/result/{job}"), &[]).await);

    let job = mesh.computed(r#"{"fibonacci":{"n":10000}}"#).await;
    let request = v1::ReadResultRequest { format: v1::ResultFormat::Binary.into(), ..reading(&job) };
    let status = jobs.read_result(request).await.unwrap_err();
    let headers = ["accept: application/octet-stream"];
    assert_same(
        Reason::FormatTooLarge,
        &status,
        &mesh.get(&format!("/v1/jobs/{job}/result"), &headers).await,
    );
}

#[tokio::test]
async fn submissions_that_are_not_taken() {
    let mesh = Mesh::start_with(&["--max-compute", "100s", "--max-queued", "1", "--kinds", "sum2"]);
    let (mut jobs, mut operators) = (mesh.jobs().await, mesh.operators().await);
    let status = jobs.submit_job(asked(fibonacci(1_000_000_000), "")).await;
    if let Err(status) = status {
        let body = r#"{"task":{"fibonacci":{"n":1000000000}}}"#;
        assert_same(Reason::BudgetExceeded, &status, &mesh.post("/v1/jobs", body).await);
    }
    let status = jobs.submit_job(asked(spin("dear", 101), "")).await.unwrap_err();
    let dear = r#"{"task":{"spin":{"label":"dear","duration":"101s"}}}"#;
    assert_same(Reason::BudgetExceeded, &status, &mesh.post("/v1/jobs", dear).await);

    submit(&mut jobs, spin("first", 1), "").await;
    let status = jobs.submit_job(asked(spin("second", 1), "")).await.unwrap_err();
    let second = r#"{"task":{"spin":{"label":"second"}}}"#;
    assert_same(Reason::QueueFull, &status, &mesh.post("/v1/jobs", second).await);
    let classic = mesh.post("/tasks", r#"{"name":"second"}"#).await;
    assert_same(Reason::QueueFull, &status, &classic);

    operators.suspend_kind(v1::SuspendKindRequest { kind: "mult3".into() }).await.unwrap();
    let product =
        v1::task::Task::Mult3(v1::Mult3 { first: "1".into(), second: "2".into(), third: "3".into() });
    let request = v1::SubmitJobRequest { reject_if_suspended: true, ..asked(product, "") };
    let status = jobs.submit_job(request).await.unwrap_err();
    let body = r#"{"task":{"mult3":{"first":1,"second":2,"third":3}},"rejectIfSuspended":true}"#;
    assert_same(Reason::KindSuspended, &status, &mesh.post("/v1/jobs", body).await);

    let id = "67e55044-10b1-426f-9247-bb680e5fe0c8";
    let request = v1::SubmitJobRequest { request_id: id.into(), ..asked(spin("first", 1), "") };
    jobs.submit_job(request.clone()).await.unwrap();
    let status =
        jobs.submit_job(v1::SubmitJobRequest { task: asked(spin("other", 1), "").task, ..request }).await;
    let headers = ["content-type: application/json", &format!("idempotency-key: {id}")];
    let body = br#"{"task":{"spin":{"label":"other"}}}"#;
    let answer = mesh.ask("POST", "/v1/jobs", &headers, body).await;
    assert_same(Reason::RequestIdReused, &status.unwrap_err(), &answer);
}

#[tokio::test]
async fn a_port_that_is_busy() {
    let mesh = Mesh::start_with(&["--max-unary-calls", "1", "--kinds", "sum2"]);
    let holding = async {
        let headers = ["content-type: application/json", "prefer: wait=5"];
        mesh.ask("POST", "/v1/jobs", &headers, br#"{"task":{"spin":{}}}"#).await
    };
    let asking = async {
        let mut operators = mesh.operators().await;
        // The one place is taken as soon as the waiting call has arrived.
        let status = loop {
            if let Err(status) = operators.list_kinds(v1::ListKindsRequest {}).await {
                break status;
            }
        };
        assert_same(Reason::Overloaded, &status, &mesh.get("/v1/kinds", &[]).await);
    };
    let (held, ()) = tokio::join!(holding, asking);
    assert!(held.status == 202 || held.status == 429, "{held:?}");
}
