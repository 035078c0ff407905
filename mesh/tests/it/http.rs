//! Plain HTTP/1.1, written out by hand: what is sent is what stands in the test.

use std::time::Duration;

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::process::Mesh;

/// The longest time an answer may take.
const LIMIT: Duration = Duration::from_secs(70);

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Status line and headers, in lower case.
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// The value of a header, in lower case; empty when it is missing.
    pub(crate) fn header(&self, name: &str) -> &str {
        let pairs = self.head.lines().filter_map(|line| line.split_once(": "));
        pairs.filter(|(found, _)| *found == name).map(|(_, value)| value).next().unwrap_or_default()
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The reason of a refusal.
    pub(crate) fn reason(&self) -> String {
        assert_eq!(self.header("content-type"), "application/problem+json", "{self:?}");
        let problem = self.json();
        assert_eq!(problem["status"], self.status, "{problem}");
        problem["reason"].as_str().unwrap().to_owned()
    }
}

impl Mesh {
    /// Asks for a path, with these further header lines.
    pub(crate) async fn get(&self, path: &str, headers: &[&str]) -> Answer {
        self.ask("GET", path, headers, b"").await
    }

    /// Sends JSON.
    pub(crate) async fn post(&self, path: &str, body: &str) -> Answer {
        self.ask("POST", path, &["content-type: application/json"], body.as_bytes()).await
    }

    /// Sends a request and reads the whole answer.
    pub(crate) async fn ask(&self, method: &str, path: &str, headers: &[&str], body: &[u8]) -> Answer {
        ask(&self.door, &format!("{method} {path}"), headers, body).await
    }

    /// Submits a task, waits for its end and tells its job's id.
    pub(crate) async fn computed(&self, task: &str) -> String {
        let headers = ["content-type: application/json", "prefer: wait=60", "accept: */*"];
        let body = format!(r#"{{"task":{task}}}"#);
        let answer = self.ask("POST", "/v1/jobs", &headers, body.as_bytes()).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.header("location").strip_prefix("/v1/jobs/").unwrap().to_owned()
    }
}

/// Sends a request, which begins with method and path, and reads the whole answer.
pub(crate) async fn ask(door: &str, what: &str, headers: &[&str], body: &[u8]) -> Answer {
    let mut lines = vec![format!("{what} HTTP/1.1"), format!("host: {door}"), "connection: close".to_owned()];
    lines.extend(headers.iter().map(ToString::to_string));
    lines.extend([format!("content-length: {}", body.len()), String::new(), String::new()]);
    let request = [lines.join("\r\n").as_bytes(), body].concat();
    let asked = tokio::time::timeout(LIMIT, exchange(door, &request));
    let (head, body) = asked.await.expect("it answers in time");
    let head = head.to_lowercase();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Answer { status, head, body }
}

/// Sends a request and reads head and body of the answer.
pub(crate) async fn exchange(door: &str, request: &[u8]) -> (String, Vec<u8>) {
    let mut stream = TcpStream::connect(door).await.unwrap();
    // A refusal may arrive, and the connection end, before all is sent.
    let _ = stream.write_all(request).await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n").expect("an answer has a head") + 4;
    let head = String::from_utf8(answer[..end].to_vec()).unwrap();
    let body = answer.split_off(end);
    let chunked = head.to_lowercase().contains("transfer-encoding: chunked");
    (head, if chunked { unchunked(&body) } else { body })
}

/// The body without HTTP/1.1's chunked coding (RFC 9112, section 7.1).
fn unchunked(mut body: &[u8]) -> Vec<u8> {
    let mut whole = Vec::new();
    loop {
        // A body that is cut ends without its last chunk.
        let Some(line) = body.windows(2).position(|window| window == b"\r\n") else { return whole };
        let size = usize::from_str_radix(std::str::from_utf8(&body[..line]).unwrap(), 16).unwrap();
        if size == 0 {
            return whole;
        }
        whole.extend(&body[line + 2..line + 2 + size]);
        body = &body[line + 2 + size + 2..];
    }
}
