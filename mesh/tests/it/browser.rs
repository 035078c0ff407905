//! A browser without Envoy: grpc-web over HTTP/1.1, answered by the gateway itself.

use abacus_api::v1;
use prost::Message;

use crate::{follow::asked, http::exchange, process::Mesh};

#[tokio::test]
async fn grpc_web_streams_frames_and_ends_with_trailers() {
    let mesh = Mesh::start();
    let sum = v1::task::Task::Sum2(v1::Sum2 { first: "40".into(), second: "2".into() });
    let v1::SubmitJobRequest { task, .. } = asked(sum, "");
    let request = v1::RunJobRequest { task, ..Default::default() };
    let (head, body) = post(&mesh, "/abacus.v1.JobService/RunJob", &request.encode_to_vec()).await;
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    assert!(head.to_lowercase().contains("content-type: application/grpc-web+proto"), "{head}");

    let (mut text, mut trailers) = (String::new(), String::new());
    for (flag, payload) in grpc_frames(&body) {
        if flag == 0x80 {
            trailers = String::from_utf8(payload.to_vec()).unwrap();
            continue;
        }
        let message = v1::RunJobResponse::decode(payload).unwrap();
        if let Some(v1::run_job_response::Event::Frame(frame)) = message.event
            && let Some(v1::frame::Event::Chunk(chunk)) = frame.event
            && let Some(v1::chunk::Content::Text(part)) = chunk.content
        {
            text.push_str(&part);
        }
    }
    assert_eq!(text, "42");
    assert!(trailers.contains("grpc-status:0"), "{trailers}");
}

#[tokio::test]
async fn refusals_reach_a_browser_with_their_details() {
    let mesh = Mesh::start();
    let (head, body) = post(&mesh, "/abacus.v1.JobService/SubmitJob", &[]).await;
    let whole = format!("{head}{}", String::from_utf8_lossy(&body));
    assert!(whole.contains("grpc-status: 3") || whole.contains("grpc-status:3"), "{whole}");
    assert!(whole.contains("grpc-status-details-bin"), "{whole}");
}

#[tokio::test]
async fn only_listed_origins_may_call_from_elsewhere() {
    let mesh = Mesh::start_with(&["--cors-origins", "https://lab.example"]);
    let preflight = async |origin: &str| {
        let head = format!(
            "OPTIONS /abacus.v1.JobService/RunJob HTTP/1.1\r\nhost: {}\r\norigin: {origin}\r\n\
             access-control-request-method: POST\r\naccess-control-request-headers: x-grpc-web\r\n\
             connection: close\r\n\r\n",
            mesh.door
        );
        exchange(&mesh.door, head.as_bytes()).await.0.to_lowercase()
    };
    assert!(
        preflight("https://lab.example").await.contains("access-control-allow-origin: https://lab.example")
    );
    assert!(!preflight("https://evil.example").await.contains("access-control-allow-origin"));
}

#[tokio::test]
async fn a_path_that_nobody_serves_is_told_so() {
    let mesh = Mesh::start();
    let answer = mesh.get("/nowhere", &[]).await;
    assert_eq!((answer.status, answer.reason().as_str()), (404, "UNKNOWN_METHOD"));
    assert!(answer.text().contains("gRPC"), "{answer:?}");
}

/// Posts one grpc-web message.
async fn post(mesh: &Mesh, path: &str, message: &[u8]) -> (String, Vec<u8>) {
    let mut request = format!(
        "POST {path} HTTP/1.1\r\nhost: {}\r\ncontent-type: application/grpc-web+proto\r\n\
         accept: application/grpc-web+proto\r\nx-grpc-web: 1\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        mesh.door,
        message.len() + 5
    )
    .into_bytes();
    request.push(0);
    request.extend(u32::try_from(message.len()).unwrap().to_be_bytes());
    request.extend(message);
    exchange(&mesh.door, &request).await
}

/// Flag and payload of each length-prefixed message.
fn grpc_frames(mut body: &[u8]) -> Vec<(u8, &[u8])> {
    let mut frames = Vec::new();
    while let [flag, a, b, c, d, rest @ ..] = body {
        let length = usize::try_from(u32::from_be_bytes([*a, *b, *c, *d])).unwrap();
        frames.push((*flag, &rest[..length]));
        body = &rest[length..];
    }
    frames
}
