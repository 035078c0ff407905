//! What tonic refuses by itself reaches callers with a reason: unary, streaming, and through grpc-web.

use abacus_chassis::{Reason, Refusal, ServerSettings};
use bytes::Bytes;
use http::HeaderValue;
use tonic::{Code, Status};

use crate::harness::Running;

const CHECK: &str = "/grpc.health.v1.Health/Check";
const WATCH: &str = "/grpc.health.v1.Health/Watch";

/// A field of length 255 in a message of two bytes.
const UNDECODABLE: &[u8] = &[0x0a, 0xff];

fn assert_explained(status: &Status, reason: Reason) {
    assert_eq!(Refusal::reason_of(status), Some(reason), "{status:?}");
    assert_eq!(status.code(), reason.code());
    assert!(!status.message().is_empty());
}

#[tokio::test]
async fn a_message_that_cannot_be_decoded_is_the_callers_fault() {
    let port = Running::start().await;
    let status = port.unary(CHECK, UNDECODABLE).await.unwrap_err();
    assert_explained(&status, Reason::MalformedMessage);
    assert_eq!(status.code(), Code::InvalidArgument);
    let status = port.streaming(WATCH, UNDECODABLE).await.unwrap_err();
    assert_explained(&status, Reason::MalformedMessage);
}

#[tokio::test]
async fn a_message_beyond_the_limit_is_too_large() {
    let port = Running::start().await;
    let large = Bytes::from(vec![0; 5 * 1024 * 1024]);
    let status = port.unary(CHECK, large.clone()).await.unwrap_err();
    assert_explained(&status, Reason::MessageTooLarge);
    assert!(status.message().contains("5242880"), "{}", status.message());
    let status = port.streaming(WATCH, large).await.unwrap_err();
    assert_explained(&status, Reason::MessageTooLarge);
}

#[tokio::test]
async fn unknown_methods_and_services_are_unimplemented() {
    let port = Running::start().await;
    for path in ["/grpc.health.v1.Health/Cure", "/grpc.health.v2.Health/Check", "/nothing"] {
        let status = port.unary(path, Bytes::new()).await.unwrap_err();
        assert_explained(&status, Reason::UnknownMethod);
    }
}

#[tokio::test]
async fn a_compression_that_is_not_spoken_is_told_apart() {
    let port = Running::start().await;
    let mut request = tonic::Request::new(Bytes::new());
    request.metadata_mut().insert("grpc-encoding", "gzip".parse().unwrap());
    let status = port.unary_request(CHECK, request).await.unwrap_err();
    assert_explained(&status, Reason::EncodingUnsupported);
}

#[tokio::test]
async fn grpc_web_callers_get_the_details_too() {
    let origin = HeaderValue::from_static("https://page.example");
    let port = Running::start_with(ServerSettings::default(), |port| port.with_grpc_web(vec![origin])).await;
    let mut frame = vec![0, 0, 0, 0, 2];
    frame.extend_from_slice(UNDECODABLE);
    for (path, status) in [(CHECK, "3"), (WATCH, "3"), ("/no.Such/Method", "12")] {
        let head = format!(
            "POST {path} HTTP/1.1\norigin: https://page.example\ncontent-type: application/grpc-web+proto"
        );
        let answer = port.http(&head, &frame).await;
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
        assert!(answer.contains("content-type: application/grpc-web+proto\r\n"), "{answer}");
        assert!(answer.contains(&format!("grpc-status: {status}\r\n")), "{answer}");
        assert!(answer.contains("grpc-status-details-bin: "), "{answer}");
        assert!(answer.contains("access-control-allow-origin: https://page.example\r\n"), "{answer}");
        let exposed =
            answer.lines().find(|line| line.starts_with("access-control-expose-headers: ")).unwrap();
        for header in ["grpc-status", "grpc-message", "grpc-status-details-bin"] {
            assert!(exposed.contains(header), "{exposed}");
        }
    }
}

#[tokio::test]
async fn grpc_web_callers_get_answers() {
    let port = Running::start_with(ServerSettings::default(), |port| port.with_grpc_web(vec![])).await;
    let head = format!("POST {CHECK} HTTP/1.1\ncontent-type: application/grpc-web+proto");
    let answer = port.http(&head, &[0, 0, 0, 0, 0]).await;
    // The status stands in the last frame of the body.
    assert!(answer.contains("grpc-status:0"), "{answer}");
}

#[tokio::test]
async fn pages_of_other_origins_are_not_let_in() {
    let origin = HeaderValue::from_static("https://page.example");
    let port = Running::start_with(ServerSettings::default(), |port| port.with_grpc_web(vec![origin])).await;
    let preflight = |origin: &str| {
        format!(
            "OPTIONS {CHECK} HTTP/1.1\norigin: {origin}\naccess-control-request-method: POST\n\
             access-control-request-headers: content-type,grpc-timeout"
        )
    };
    let answer = port.http(&preflight("https://page.example"), &[]).await;
    assert!(answer.contains("access-control-allow-origin: https://page.example\r\n"), "{answer}");
    assert!(answer.contains("access-control-allow-headers: content-type,grpc-timeout\r\n"), "{answer}");
    let answer = port.http(&preflight("https://other.example"), &[]).await;
    assert!(!answer.contains("access-control-allow-origin"), "{answer}");
}
