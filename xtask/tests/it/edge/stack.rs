//! `cargo xtask dev` as a process, and clients for its doors.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;

use super::super::program::program;
use crate::tree::root;

/// How long anything may take on a busy machine.
pub(super) const LIMIT: Duration = Duration::from_mins(1);

/// Between two looks at a condition that nothing tells of.
const PACE: Duration = Duration::from_millis(20);

/// The services that it starts.
const SERVICES: [&str; 3] = ["abacus-gateway", "abacus-notifier", "abacus-calculator"];

/// All of Abacus on ports of its own; ended when dropped.
pub(super) struct Stack {
    child: Child,
    lines: Receiver<String>,
    told: Vec<String>,
    log: TempDir,
}

/// What came back from a request over HTTP/1.1: status line and headers in lower case, and the body.
pub(super) struct Answer {
    pub(super) head: String,
    pub(super) body: Vec<u8>,
}

impl Stack {
    /// Starts one with further arguments and waits until its public door answers.
    pub(super) fn start(args: &[&str]) -> Self {
        let mut stack = Self::launch(args);
        stack.wait_for("ready ");
        stack
    }

    /// Starts one without waiting for anything.
    pub(super) fn launch(args: &[&str]) -> Self {
        let log = tempfile::tempdir().unwrap();
        let stderr = File::create(log.path().join("log")).unwrap();
        let mut child = command(args).stdout(Stdio::piped()).stderr(stderr).spawn().unwrap();
        let stdout = child.stdout.take().unwrap();
        let (sender, lines) = mpsc::channel();
        thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                let _ = sender.send(line);
            }
        });
        Self { child, lines, told: Vec::new(), log }
    }

    /// The public door: `host:port`.
    pub(super) fn door(&self) -> String {
        self.field("ready ", "://")
    }

    /// What stands behind `key` in the latest line that begins so.
    pub(super) fn field(&self, beginning: &str, key: &str) -> String {
        let line = self.told.iter().rfind(|line| line.starts_with(beginning));
        let line = line.unwrap_or_else(|| panic!("no line {beginning:?} in {:?}", self.told));
        let (_, rest) = line.split_once(key).unwrap_or_else(|| panic!("no {key:?} in {line:?}"));
        rest.split(' ').next().unwrap_or_default().to_owned()
    }

    /// The process that a name stands for now.
    pub(super) fn pid(&self, name: &str) -> Pid {
        Pid::from_raw(self.field(&format!("started {name} "), "pid=").parse().unwrap()).unwrap()
    }

    /// The ids of all processes that were started.
    pub(super) fn pids(&self) -> Vec<Pid> {
        let started = self.told.iter().filter_map(|line| line.strip_prefix("started "));
        started.map(|line| self.pid(line.split(' ').next().unwrap())).collect()
    }

    /// Sends a signal to the process of a name.
    pub(super) fn signal(&self, name: &str, signal: Signal) {
        kill_process(self.pid(name), signal).unwrap();
    }

    /// Kills the process of a name and waits until it is told that it has ended.
    pub(super) fn kill(&mut self, name: &str) {
        self.signal(name, Signal::KILL);
        self.wait_for(&format!("ended {name} "));
    }

    /// Waits for a line of its standard output that was not waited for yet.
    pub(super) fn wait_for(&mut self, beginning: &str) {
        let deadline = Instant::now() + LIMIT;
        loop {
            let line = self.lines.recv_timeout(deadline.saturating_duration_since(Instant::now()));
            let line =
                line.unwrap_or_else(|error| panic!("no line {beginning:?} ({error}):\n{}", self.log()));
            let found = line.starts_with(beginning);
            self.told.push(line);
            if found {
                return;
            }
        }
    }

    /// Sends a signal to the command itself.
    pub(super) fn signal_command(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Waits for the end of the command.
    pub(super) fn wait(&mut self) -> ExitStatus {
        eventually("the command ends", || self.child.try_wait().unwrap())
    }

    /// What was written to standard error.
    pub(super) fn log(&self) -> String {
        std::fs::read_to_string(self.log.path().join("log")).unwrap_or_default()
    }

    /// Calls a method of the public door that has to succeed.
    pub(super) fn ask(&self, method: &str, request: &str) -> Vec<Value> {
        messages(&call(&self.door(), method, request))
    }

    /// Sends a request over HTTP/1.1 and reads until the connection is closed.
    pub(super) fn exchange(&self, request: &[u8]) -> Answer {
        exchange(&self.door(), request)
    }
}

impl Drop for Stack {
    #[expect(clippy::print_stderr, reason = "shown with the failed test")]
    fn drop(&mut self) {
        if self.child.try_wait().unwrap().is_none() {
            self.signal_command(Signal::TERM);
            let _ = self.child.wait();
        }
        if thread::panicking() {
            eprintln!("--- told: {:#?}\n--- log:\n{}", self.told, self.log());
        }
    }
}

/// The command, running the services that stand beside it.
pub(super) fn command(args: &[&str]) -> Command {
    let services = SERVICES.map(program);
    command_in(services[0].parent().expect("a program stands in a directory"), args)
}

/// The command, running the services in a directory.
pub(super) fn command_in(directory: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    command.args(["dev", "--port", "0", "--bin-dir"]).arg(directory).args(args).stdin(Stdio::null());
    command
}

/// Calls a method of a door in the clear, and gives what grpcurl made of it.
pub(super) fn call(door: &str, method: &str, request: &str) -> Output {
    grpcurl(&["-plaintext"], door, method, request)
        .output()
        .expect("grpcurl is on the path: `cargo xtask test`")
}

/// A call by grpcurl of a method, as in `JobService/GetJob`. The methods are known from the contract, so that each
/// call is one request.
pub(super) fn grpcurl(args: &[&str], door: &str, method: &str, request: &str) -> Command {
    let mut command = Command::new("grpcurl");
    command.arg("-import-path").arg(root().join("proto"));
    for file in ["job", "operator", "worker", "watch"] {
        command.args(["-proto", &format!("abacus/v1/{file}_service.proto")]);
    }
    command.args(args).args(["-d", request, door, &format!("abacus.v1.{method}")]);
    command.stdin(Stdio::null());
    command
}

/// The messages of a call that has to have succeeded.
#[track_caller]
pub(super) fn messages(output: &Output) -> Vec<Value> {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::Deserializer::from_slice(&output.stdout).into_iter().collect::<Result<_, _>>().unwrap()
}

/// The text of all chunks of a stream of `RunJob` that ended well.
#[track_caller]
pub(super) fn text(messages: &[Value]) -> String {
    let last = messages.last().expect("a stream with a message");
    assert_eq!(last["frame"]["terminal"]["state"], "JOB_STATE_SUCCEEDED", "{last}");
    messages.iter().filter_map(|message| message["frame"]["chunk"]["text"].as_str()).collect()
}

/// Sends a request over HTTP/1.1 to a door and reads until the connection is closed.
pub(super) fn exchange(door: &str, request: &[u8]) -> Answer {
    let mut stream = TcpStream::connect(door).unwrap();
    stream.set_read_timeout(Some(LIMIT)).unwrap();
    stream.write_all(request).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n").expect("an answer of HTTP/1.1") + 4;
    let body = answer.split_off(end);
    Answer { head: String::from_utf8_lossy(&answer).to_lowercase(), body }
}

/// A request without a body.
pub(super) fn bare(line: &str, headers: &str) -> Vec<u8> {
    format!("{line} HTTP/1.1\r\nhost: abacus.example\r\nconnection: close\r\n{headers}\r\n").into_bytes()
}

/// A call of a page: an empty message by grpc-web.
pub(super) fn by_grpc_web(method: &str, headers: &str) -> Vec<u8> {
    let headers = format!(
        "content-type: application/grpc-web+proto\r\nx-grpc-web: 1\r\ncontent-length: 5\r\n{headers}"
    );
    [&bare(&format!("POST /{method}"), &headers)[..], &[0; 5]].concat()
}

/// Where the pinned Envoy is.
pub(super) fn envoy() -> PathBuf {
    let tools = Path::new(env!("CARGO_BIN_EXE_xtask")).ancestors().nth(2).unwrap().join("tools/bin/envoy");
    assert!(tools.exists(), "{} is missing: `cargo xtask test` installs it", tools.display());
    tools
}

/// Makes `tls.crt` and `tls.key`.
pub(super) fn certificate(directory: &Path) {
    let mut openssl = Command::new("openssl");
    openssl.args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc"]);
    openssl.args(["-subj", "/CN=localhost", "-keyout", "tls.key", "-out", "tls.crt"]).current_dir(directory);
    let told = openssl.output().expect("openssl is installed");
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
}

/// Looks again and again until there is something.
pub(super) fn eventually<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let begin = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(begin.elapsed() < LIMIT, "waited too long until {what}");
        thread::sleep(PACE);
    }
}
