//! A service as a process of its own: started on a free port, known by its log, ended with whoever started it.
//!
//! Included by the tests of each service and by those that let several of them meet.

use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, ChildStderr, Command, ExitStatus, Stdio},
    sync::{Arc, Condvar, Mutex, MutexGuard},
    thread,
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process};

/// How long a line of the log, or an end, is waited for on a busy machine.
const LIMIT: Duration = Duration::from_secs(30);

/// A running service; killed when dropped.
pub(crate) struct Running {
    program: PathBuf,
    arguments: Vec<String>,
    child: Child,
    log: Log,
    /// Where it listens: `host:port`. The same after a restart.
    pub(crate) address: String,
}

/// What a process has written to standard error so far.
#[derive(Clone, Default)]
struct Log(Arc<(Mutex<Lines>, Condvar)>);

#[derive(Default)]
struct Lines {
    told: Vec<String>,
    /// Nothing more will come: the process has ended.
    closed: bool,
}

impl Running {
    /// Starts a service on a free port and waits until it listens.
    pub(crate) fn start(program: &Path, arguments: &[&str]) -> Self {
        let mut service = Self::launch(program, &[&["--listen", "127.0.0.1:0"], arguments].concat());
        service.address = field(&service.log.wait_for(" listens\""), "address");
        service
    }

    /// Starts a service without waiting for anything: one that is not expected to listen.
    pub(crate) fn launch(program: &Path, arguments: &[&str]) -> Self {
        let arguments: Vec<String> = arguments.iter().map(ToString::to_string).collect();
        let (child, log) = spawn(program, &arguments);
        Self { program: program.to_owned(), arguments, child, log, address: String::new() }
    }

    /// Ends it without any chance to say goodbye.
    pub(crate) fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Starts it again with its settings, on the port it had, and waits until it listens.
    pub(crate) fn restart(&mut self) {
        let arguments = [&["--listen".to_owned(), self.address.clone()], &self.arguments[2..]].concat();
        (self.child, self.log) = spawn(&self.program, &arguments);
        self.log.wait_for(" listens\"");
    }

    /// Sends a signal.
    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).expect("the process has not been waited for");
    }

    /// Waits for its end, at most `limit`.
    pub(crate) fn wait(&mut self, limit: Duration) -> ExitStatus {
        let ended = self.log.wait_while(limit, |log| !log.closed).closed;
        assert!(ended, "{} has not ended within {limit:?}", self.program.display());
        // Its log is closed, so that only the kernel's bookkeeping is left.
        self.child.wait().expect("a child")
    }

    /// Waits for a line of the log that holds this text, since the latest start.
    pub(crate) fn logged(&self, text: &str) -> String {
        self.log.wait_for(text)
    }

    /// The log since the latest start, as far as it is read.
    pub(crate) fn log(&self) -> String {
        self.log.lines().told.join("\n")
    }
}

impl Drop for Running {
    #[expect(clippy::print_stderr, reason = "shown with the failed test")]
    fn drop(&mut self) {
        self.kill();
        if thread::panicking() {
            eprintln!("--- {} at {}:\n{}", self.program.display(), self.address, self.log());
        }
    }
}

impl Log {
    /// Reads until the process has ended.
    fn read(&self, from: ChildStderr) {
        for line in BufReader::new(from).lines().map_while(Result::ok) {
            self.lines().told.push(line);
            self.0.1.notify_all();
        }
        self.lines().closed = true;
        self.0.1.notify_all();
    }

    fn wait_for(&self, text: &str) -> String {
        let found = |log: &Lines| log.told.iter().find(|line| line.contains(text)).cloned();
        let log = self.wait_while(LIMIT, |log| found(log).is_none() && !log.closed);
        let (line, told) = (found(&log), log.told.join("\n"));
        drop(log);
        line.unwrap_or_else(|| panic!("{text:?} was not logged:\n{told}"))
    }

    /// Waits as long as the condition holds, at most so long.
    fn wait_while(&self, limit: Duration, condition: impl Fn(&Lines) -> bool) -> MutexGuard<'_, Lines> {
        let waited = self.0.1.wait_timeout_while(self.lines(), limit, |log| condition(log));
        waited.expect("nobody panics with the lock").0
    }

    fn lines(&self) -> MutexGuard<'_, Lines> {
        self.0.0.lock().expect("nobody panics with the lock")
    }
}

/// Starts a program without the variables of whoever runs the tests, with a log for machines.
fn spawn(program: &Path, arguments: &[String]) -> (Child, Log) {
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("ABACUS_")) {
        command.env_remove(name);
    }
    command.args(arguments).args(["--log-format", "json"]);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    let started = command.spawn();
    let mut child = started.unwrap_or_else(|error| panic!("{} does not start: {error}", program.display()));
    let stderr = child.stderr.take().expect("it is piped");
    let log = Log::default();
    let reader = log.clone();
    thread::spawn(move || reader.read(stderr));
    (child, log)
}

/// A text field of a line of the log. The values that tests ask for have nothing to escape.
pub(crate) fn field(line: &str, name: &str) -> String {
    let value = line.split_once(&format!("\"{name}\":\"")).and_then(|(_, rest)| rest.split_once('"'));
    value.unwrap_or_else(|| panic!("{name} is not told in {line}")).0.to_owned()
}
