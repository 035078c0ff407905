//! Refusals that streams end with, and those of services that are away.

use std::time::Duration;

use abacus_api::v1;
use abacus_chassis::Reason;
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tonic::{Request, Status, Streaming};

use super::{assert_same, assert_same_problem};
use crate::{
    apart::Apart,
    follow::{asked, fibonacci, spin, submit, subscription},
    http::ask,
    process::Mesh,
};

/// What is compared here.
pub(super) const COMPARED: &[Reason] = &[
    Reason::TooManyStreams,
    Reason::BrokerUnavailable,
    Reason::PeerUnavailable,
    Reason::ShuttingDown,
    Reason::StreamLifetime,
    Reason::DeadlineExceeded,
];

#[tokio::test]
async fn streams_that_are_too_many() {
    let mesh = Mesh::start_with(&["--max-streams", "1"]);
    let mut jobs = mesh.jobs().await;
    let job = submit(&mut jobs, spin("x", 60), "").await.job.unwrap().id;
    let _held = jobs.subscribe_results(subscription(&job)).await.unwrap();
    let status = jobs.subscribe_results(subscription(&job)).await.unwrap_err();
    assert_same(Reason::TooManyStreams, &status, &mesh.get(&format!("/v1/jobs/{job}/events"), &[]).await);
}

#[tokio::test]
async fn streams_that_are_too_old_or_late() {
    let mesh = Mesh::start_with(&["--stream-lifetime", "1s"]);
    let mut jobs = mesh.jobs().await;
    let job = submit(&mut jobs, spin("x", 60), "").await.job.unwrap().id;
    let path = format!("/v1/jobs/{job}/events");
    let status = end(jobs.subscribe_results(subscription(&job)).await.unwrap().into_inner()).await;
    assert_same_problem(Reason::StreamLifetime, &status, &problem(mesh.get(&path, &[]).await.text()));

    let mut request = Request::new(subscription(&job));
    request.set_timeout(Duration::from_millis(200));
    let status = end(jobs.subscribe_results(request).await.unwrap().into_inner()).await;
    let told = mesh.get(&path, &["grpc-timeout: 200m"]).await;
    assert_same_problem(Reason::DeadlineExceeded, &status, &problem(told.text()));
}

#[tokio::test(flavor = "multi_thread")]
async fn streams_of_a_process_that_ends() {
    let mesh = Mesh::start();
    let mut jobs = mesh.jobs().await;
    let job = submit(&mut jobs, spin("x", 60), "").await.job.unwrap().id;
    let stream = jobs.subscribe_results(subscription(&job)).await.unwrap().into_inner();
    let mut events = TcpStream::connect(&mesh.door).await.unwrap();
    let request =
        format!("GET /v1/jobs/{job}/events HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n", mesh.door);
    events.write_all(request.as_bytes()).await.unwrap();
    let mut told = vec![0; 16];
    events.read_exact(&mut told).await.unwrap();
    // Both are open.
    mesh.terminate();
    let (status, read) = tokio::join!(end(stream), events.read_to_end(&mut told));
    read.unwrap();
    let told = problem(std::str::from_utf8(&told).unwrap());
    assert_same_problem(Reason::ShuttingDown, &status, &told);
}

#[tokio::test(flavor = "multi_thread")]
async fn services_that_are_away() {
    let mut mesh = Apart::start(&["--broker-timeout", "1s"]);
    let mut jobs = mesh.jobs();
    let job = jobs.submit_job(asked(fibonacci(1000), "")).await.unwrap().into_inner().job.unwrap().id;
    mesh.notifier.kill();
    let status = jobs.subscribe_results(subscription(&job)).await.unwrap_err();
    let answer = ask(&mesh.gateway.address, &format!("GET /v1/jobs/{job}/events"), &[], b"").await;
    assert_same(Reason::PeerUnavailable, &status, &answer);

    // A submission that was accepted is told of, though nobody can wait for it.
    let headers = ["content-type: application/json", "prefer: wait=30"];
    let waited =
        ask(&mesh.gateway.address, "POST /v1/jobs", &headers, br#"{"task":{"fibonacci":{"n":7}}}"#).await;
    assert_eq!(waited.status, 202, "{waited:?}");

    mesh.redis.kill();
    let status = jobs.get_job(v1::GetJobRequest { job: job.clone() }).await.unwrap_err();
    let answer = ask(&mesh.gateway.address, &format!("GET /v1/jobs/{job}"), &[], b"").await;
    assert_same(Reason::BrokerUnavailable, &status, &answer);
}

/// What a stream ends with.
async fn end(mut stream: Streaming<v1::SubscribeResultsResponse>) -> Status {
    loop {
        if let Err(status) = stream.message().await {
            return status;
        }
    }
}

/// The problem that a stream of events ends with.
fn problem(events: &str) -> Value {
    let (_, last) = events.split_once("event: problem").unwrap_or_else(|| panic!("{events}"));
    let data = last.lines().find_map(|line| line.strip_prefix("data: ")).unwrap();
    serde_json::from_str(data).unwrap()
}
