//! A browser without Envoy: grpc-web over HTTP/1.1, answered by the gateway itself.

use abacus_api::v1;
use prost::Message;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::{follow::asked, process::Mesh};

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
        exchange(&mesh, head.as_bytes()).await.0.to_lowercase()
    };
    assert!(
        preflight("https://lab.example").await.contains("access-control-allow-origin: https://lab.example")
    );
    assert!(!preflight("https://evil.example").await.contains("access-control-allow-origin"));
}

#[tokio::test]
async fn a_plain_browser_is_told_what_the_port_speaks() {
    let mesh = Mesh::start();
    let head = format!("GET /nowhere HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n", mesh.door);
    let (head, body) = exchange(&mesh, head.as_bytes()).await;
    assert!(head.starts_with("HTTP/1.1 404"), "{head}");
    assert!(String::from_utf8_lossy(&body).contains("gRPC"));
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
    exchange(mesh, &request).await
}

/// Sends a request and reads head and body of the answer.
async fn exchange(mesh: &Mesh, request: &[u8]) -> (String, Vec<u8>) {
    let mut stream = TcpStream::connect(&mesh.door).await.unwrap();
    stream.write_all(request).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n").unwrap() + 4;
    let head = String::from_utf8(answer[..end].to_vec()).unwrap();
    let body = answer.split_off(end);
    let chunked = head.to_lowercase().contains("transfer-encoding: chunked");
    (head, if chunked { unchunked(&body) } else { body })
}

/// The body without HTTP/1.1's chunked coding (RFC 9112, section 7.1).
fn unchunked(mut body: &[u8]) -> Vec<u8> {
    let mut whole = Vec::new();
    loop {
        let line = body.windows(2).position(|window| window == b"\r\n").unwrap();
        let size = usize::from_str_radix(std::str::from_utf8(&body[..line]).unwrap(), 16).unwrap();
        if size == 0 {
            return whole;
        }
        whole.extend(&body[line + 2..line + 2 + size]);
        body = &body[line + 2 + size + 2..];
    }
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
