//! The public door of the stack: gRPC by grpcurl, grpc-web as a page speaks it.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use serde_json::Value;

use crate::command::capture;
use crate::workspace::Workspace;

/// The longest call in seconds, as grpcurl takes it: a job that runs twice, and a lease that runs out in between.
const LONGEST_CALL: &str = "120";

/// How long an answer to a page may take.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);

/// The public door.
pub(super) struct Door<'a> {
    workspace: &'a Workspace,
    address: String,
}

/// A worker as `ListWorkers` shows it.
#[derive(Debug)]
pub(super) struct Worker {
    pub(super) id: String,
    /// Where it listens, without the port.
    pub(super) host: String,
    pub(super) state: String,
}

impl<'a> Door<'a> {
    /// The door at `host:port`.
    pub(super) fn new(workspace: &'a Workspace, address: String) -> Self {
        Self { workspace, address }
    }

    /// Calls `method`, as in `JobService/GetJob`, and tells every message of the answer.
    pub(super) fn call(&self, method: &str, request: &Value) -> anyhow::Result<Vec<Value>> {
        let mut grpcurl = self.workspace.command("grpcurl");
        grpcurl.args(["-plaintext", "-max-time", LONGEST_CALL, "-d", &request.to_string()]);
        let told = capture(grpcurl.args([&self.address, &format!("abacus.v1.{method}")]))?;
        let messages = serde_json::Deserializer::from_str(&told).into_iter().collect::<Result<_, _>>();
        messages.with_context(|| format!("{method} answered no JSON: {told}"))
    }

    /// Calls a method that answers one message.
    pub(super) fn ask(&self, method: &str, request: &Value) -> anyhow::Result<Value> {
        let messages = self.call(method, request)?;
        messages.into_iter().next().with_context(|| format!("{method} answered nothing"))
    }

    /// The workers that gave a sign of life of late.
    pub(super) fn workers(&self) -> anyhow::Result<Vec<Worker>> {
        let answer = self.ask("OperatorService/ListWorkers", &Value::Object(serde_json::Map::new()))?;
        let workers = answer["workers"].as_array().map(Vec::as_slice).unwrap_or_default();
        workers.iter().map(Worker::read).collect()
    }

    /// Asks for the health of the mesh as a page would: over HTTP/1.1, the trailers in the body.
    pub(super) fn check_grpc_web(&self) -> anyhow::Result<()> {
        let mut connection = TcpStream::connect(&self.address)?;
        connection.set_read_timeout(Some(ANSWER_WITHIN))?;
        // An empty HealthCheckRequest: a flag and four bytes of length.
        write!(
            connection,
            "POST /grpc.health.v1.Health/Check HTTP/1.1\r\nhost: {}\r\ncontent-type: application/grpc-web+proto\r\n\
             x-grpc-web: 1\r\ncontent-length: 5\r\nconnection: close\r\n\r\n\0\0\0\0\0",
            self.address
        )?;
        let mut answer = Vec::new();
        connection.read_to_end(&mut answer)?;
        let holds = |part: &[u8]| answer.windows(part.len()).any(|window| window == part);
        // A HealthCheckResponse whose first field is 1, SERVING.
        let serving = holds(b"\0\0\0\0\x02\x08\x01") && holds(b"grpc-status:0");
        ensure!(serving, "a page was answered: {}", String::from_utf8_lossy(&answer));
        Ok(())
    }
}

impl Worker {
    fn read(told: &Value) -> anyhow::Result<Self> {
        let text =
            |name: &str| told[name].as_str().with_context(|| format!("a worker has no {name}: {told}"));
        let address = text("address")?;
        let (host, _) = address.rsplit_once(':').with_context(|| format!("{address} has no port"))?;
        Ok(Self { id: text("id")?.to_owned(), host: host.to_owned(), state: text("state")?.to_owned() })
    }
}
