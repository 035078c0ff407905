//! The bounds of unary calls and streams, and what plain HTTP callers see.

use std::time::Duration;

use abacus_chassis::{Reason, Refusal, ServerSettings};
use bytes::Bytes;
use futures_util::future::select_all;

use crate::harness::{Running, soon};

const CHECK: &str = "/grpc.health.v1.Health/Check";
const NEVER: &str = "/test.Service/Never";
const BOUND: &str = "/test.Service/Bound";

#[tokio::test]
async fn a_call_beyond_the_bound_is_refused_and_health_is_not() {
    let settings = ServerSettings { max_unary_calls: 1, ..ServerSettings::default() };
    let port = Running::start_with(settings, |port| port).await;
    // Whichever comes second is refused; the other one holds the only place until it is dropped.
    let calls = [port.unary(NEVER, Bytes::new()), port.unary(NEVER, Bytes::new())].map(Box::pin);
    let (refused, _, _held) = soon(select_all(calls)).await;
    assert_eq!(Refusal::reason_of(&refused.unwrap_err()), Some(Reason::Overloaded));
    let answer = port.http("GET /http/hello HTTP/1.1", &[]).await;
    assert!(answer.starts_with("HTTP/1.1 429 "), "{answer}");
    assert!(answer.contains("content-type: application/problem+json\r\n"), "{answer}");
    assert!(answer.contains("retry-after: 1\r\n"), "{answer}");
    port.unary(CHECK, Bytes::new()).await.unwrap();
    port.streaming("/grpc.health.v1.Health/Watch", Bytes::new()).await.unwrap();
}

#[tokio::test]
async fn a_call_beyond_its_time_is_refused() {
    let settings = ServerSettings { unary_timeout: Duration::from_millis(100), ..ServerSettings::default() };
    let port = Running::start_with(settings, |port| port.with_grpc_web(vec![])).await;
    let status = port.unary(NEVER, Bytes::new()).await.unwrap_err();
    assert_eq!(Refusal::reason_of(&status), Some(Reason::DeadlineExceeded));
    let answer = port.http("GET /http/never HTTP/1.1", &[]).await;
    assert!(answer.starts_with("HTTP/1.1 504 "), "{answer}");
    assert!(answer.contains("\"reason\":\"DEADLINE_EXCEEDED\""), "{answer}");
}

#[tokio::test]
async fn the_callers_deadline_counts_where_it_is_earlier() {
    let port = Running::start_with(ServerSettings::default(), |port| port.with_grpc_web(vec![])).await;
    // A tonic client would give up by itself at the same moment: this caller does not look at its clock.
    let head =
        |path| format!("POST {path} HTTP/1.1\ncontent-type: application/grpc-web+proto\ngrpc-timeout: 100m");
    let answer = port.http(&head(NEVER), &[0; 5]).await;
    assert!(answer.contains("grpc-status: 4\r\n"), "{answer}");
    assert!(answer.contains("grpc-status-details-bin: "), "{answer}");
    // A stream has begun, so its status stands in the last frame of the body.
    let answer = port.http(&head(BOUND), &[0; 5]).await;
    assert!(answer.contains("one"), "{answer}");
    assert!(answer.contains("grpc-status:4\r\n"), "{answer}");
    assert!(answer.contains("grpc-status-details-bin:"), "{answer}");
}

#[tokio::test]
async fn a_stream_beyond_the_bound_is_refused_until_another_ends() {
    let settings = ServerSettings { max_streams: 1, ..ServerSettings::default() };
    let port = Running::start_with(settings, |port| port).await;
    let mut first = port.streaming(BOUND, Bytes::new()).await.unwrap();
    assert_eq!(soon(first.message()).await.unwrap().unwrap(), "one");
    let status = port.streaming(BOUND, Bytes::new()).await.unwrap_err();
    assert_eq!(Refusal::reason_of(&status), Some(Reason::TooManyStreams));
    drop(first);
    soon(async { while port.streaming(BOUND, Bytes::new()).await.is_err() {} }).await;
}

#[tokio::test]
async fn plain_http_is_served_and_unknown_paths_are_told_what_the_port_speaks() {
    let port = Running::start().await;
    let answer = port.http("GET /http/hello HTTP/1.1", &[]).await;
    assert!(answer.starts_with("HTTP/1.1 200 ") && answer.ends_with("hello"), "{answer}");
    let answer = port.http("GET /nothing HTTP/1.1", &[]).await;
    assert!(answer.starts_with("HTTP/1.1 404 "), "{answer}");
    assert!(answer.contains("what test port serves over gRPC"), "{answer}");
    assert!(!answer.contains("grpc-status"), "{answer}");
}
