//! A real server for the tests: on a free port of the loopback, in a directory that vanishes, ended with the test
//! process.

use std::{
    io::{self, Read, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use tempfile::TempDir;

/// How long a server may take until it answers, on a busy machine.
const START: Duration = Duration::from_secs(15);

/// A running server. It ends when this is dropped, and also when the test process ends in any other way.
pub(crate) struct Server {
    pub(crate) port: u16,
    guard: Child,
    directory: TempDir,
    arguments: Vec<String>,
}

impl Server {
    /// A server that keeps everything in memory.
    pub(crate) fn start(arguments: &[&str]) -> Self {
        Self::start_on(free_ports(1)[0], arguments)
    }

    /// A server on a port.
    pub(crate) fn start_on(port: u16, arguments: &[&str]) -> Self {
        Self::launch(port, &[&["--save", ""], arguments].concat())
    }

    /// A server on a port that is told all of its settings.
    pub(crate) fn launch(port: u16, arguments: &[&str]) -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        std::fs::write(directory.path().join("redis.conf"), "").expect("an empty file is written");
        let port_text = port.to_string();
        let all = ["redis-server", "redis.conf", "--port", &port_text, "--bind", "127.0.0.1"];
        let arguments: Vec<String> = all.iter().chain(arguments).map(ToString::to_string).collect();
        let guard = launch(directory.path(), &arguments);
        let server = Self { port, guard, directory, arguments };
        server.await_answer();
        server
    }

    /// Ends the process without any chance to write or to say goodbye.
    pub(crate) fn kill(&mut self) {
        drop(self.guard.stdin.take());
        self.guard.wait().expect("the guard ends");
    }

    /// Starts it again with the same port, directory and settings.
    pub(crate) fn restart(&mut self) {
        self.guard = launch(self.directory.path(), &self.arguments);
        self.await_answer();
    }

    fn await_answer(&self) {
        wait_until("the server answers", || self.answers().is_ok_and(|answers| answers));
    }

    /// Says whether the server has loaded its data; one that demands a password has.
    fn answers(&self) -> io::Result<bool> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        stream.set_read_timeout(Some(Duration::from_secs(1)))?;
        stream.write_all(b"PING\r\n")?;
        let mut reply = [0; 5];
        stream.read_exact(&mut reply)?;
        Ok([*b"+PONG", *b"-NOAU"].contains(&reply))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Runs a server under a shell that kills it once its standard input ends, which it does with this process.
fn launch(directory: &Path, arguments: &[String]) -> Child {
    let script = r#"exec 3<&0; "$@" </dev/null >log 2>&1 & server=$!; read -r _ <&3; kill -9 $server; wait $server 2>/dev/null"#;
    let mut command = Command::new("sh");
    command.arg("-c").arg(script).arg("sh").args(arguments).current_dir(directory);
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().expect("a shell, and redis-server of Debian's package of that name")
}

/// Ports that nobody listens on.
pub(crate) fn free_ports(count: usize) -> Vec<u16> {
    let listeners: io::Result<Vec<_>> = (0..count).map(|_| TcpListener::bind("127.0.0.1:0")).collect();
    let listeners = listeners.expect("free ports");
    listeners.iter().map(|listener| listener.local_addr().expect("a bound port").port()).collect()
}

/// Waits for a condition.
pub(crate) fn wait_until(what: &str, condition: impl Fn() -> bool) {
    let begin = Instant::now();
    while !condition() {
        assert!(begin.elapsed() < START, "waited too long until {what}");
        std::thread::yield_now();
        std::thread::park_timeout(Duration::from_millis(5));
    }
}
