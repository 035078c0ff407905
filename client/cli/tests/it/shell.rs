//! Typing commands.

use std::{
    io::{BufRead, BufReader, Read, Write},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::services::{
    program::program,
    running::{Running, field},
};

/// How long a condition is waited for on a busy machine.
const LIMIT: Duration = Duration::from_mins(1);

/// A running mesh, and commands for it.
pub(crate) struct Mesh {
    process: Running,
    /// Where its public door listens: `host:port`.
    pub(crate) door: String,
}

/// How a command has ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// A command that runs; killed when dropped.
pub(crate) struct Typed(pub(crate) Child);

impl Mesh {
    pub(crate) fn start() -> Self {
        let mut process = Running::launch(&program("abacus-mesh"), &["--listen", "127.0.0.1:0"]);
        let door = field(&process.logged("gateway listens"), "address");
        process.address.clone_from(&door);
        let mesh = Self { process, door };
        eventually("the worker is announced", || !mesh.json(&["workers"]).is_empty());
        mesh
    }

    /// Kills it, with everything that it keeps, and starts it again at the same address.
    pub(crate) fn replace(&mut self) {
        self.process.kill();
        self.process.restart();
    }

    /// The command for this mesh.
    pub(crate) fn command(&self, words: &[&str]) -> Command {
        command(&format!("http://{}", self.door), words)
    }

    /// Types a command and waits for its end.
    pub(crate) fn run(&self, words: &[&str]) -> Ended {
        run(self.command(words))
    }

    /// Types a command that works, and tells what it prints.
    pub(crate) fn out(&self, words: &[&str]) -> String {
        let Ended { code, out, err } = self.run(words);
        assert_eq!(code, Some(0), "{words:?}: {err}");
        out
    }

    /// Types a command that works, and reads the lines of JSON that it prints.
    pub(crate) fn json(&self, words: &[&str]) -> Vec<Value> {
        let out = self.out(&[words, &["--json"]].concat());
        out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// Types a command and leaves it running.
    pub(crate) fn begin(&self, words: &[&str]) -> Typed {
        Typed(self.command(words).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap())
    }

    /// Waits until a client's only request is in this state.
    pub(crate) fn await_request(&self, client: &str, state: &str) {
        eventually(&format!("the request of {client} is {state}"), || {
            let requests = self.json(&["requests", "--of", client]);
            requests.first().is_some_and(|request| request["state"] == state)
        });
    }
}

impl Typed {
    /// Sends a signal.
    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.0), signal).unwrap();
    }

    /// Waits for its end.
    pub(crate) fn end(mut self) -> Ended {
        let (mut out, mut err) = (String::new(), String::new());
        if let Some(mut from) = self.0.stdout.take() {
            from.read_to_string(&mut out).unwrap();
        }
        if let Some(mut from) = self.0.stderr.take() {
            from.read_to_string(&mut err).unwrap();
        }
        Ended { code: self.0.wait().unwrap().code(), out, err }
    }

    /// Waits for a line on standard error that holds this.
    pub(crate) fn noted(&mut self, text: &str) {
        let mut lines = BufReader::new(self.0.stderr.as_mut().unwrap()).lines();
        assert!(lines.any(|line| line.unwrap().contains(text)), "{text:?} was not noted");
    }
}

impl Drop for Typed {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The command without the variables of whoever runs the tests.
pub(crate) fn command(url: &str, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_abacus"));
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("ABACUS_")) {
        command.env_remove(name);
    }
    command.env_remove("NO_COLOR").env("TERM", "xterm").args(["--url", url]).args(words).stdin(Stdio::null());
    command
}

pub(crate) fn run(mut command: Command) -> Ended {
    Typed(command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()).end()
}

/// Runs a command that reads this from standard input.
pub(crate) fn run_with_input(mut command: Command, input: &str) -> Ended {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    Typed(child).end()
}

/// Looks again and again until something is so.
pub(crate) fn eventually(what: &str, is_so: impl Fn() -> bool) {
    let begin = Instant::now();
    while !is_so() {
        assert!(begin.elapsed() < LIMIT, "waited too long until {what}");
        std::thread::yield_now();
    }
}
