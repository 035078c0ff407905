//! What the command prints: its own lines on standard output, for people and for tests that read them; the logs of all
//! processes on standard error, each line with the name of who wrote it.

use std::io::{self, BufRead as _, BufReader, Read, Write as _};
use std::net::SocketAddr;
use std::path::Path;
use std::thread;

use super::program::Program;

/// Tells that a process runs: `started NAME pid=PID address=HOST:PORT`.
pub(super) fn started(program: &Program, pid: u32) {
    tell(&format!("started {} pid={pid} address={}", program.name, program.address));
}

/// Tells that a process has ended by itself or was killed: `ended NAME pid=PID STATUS`.
pub(super) fn ended(program: &Program, pid: u32, status: &impl std::fmt::Display) {
    tell(&format!("ended {} pid={pid} {status}", program.name));
}

/// Tells that the public door answers: `ready URL`.
pub(super) fn ready(url: &str) {
    tell(&format!("ready {url}"));
}

/// Tells where Envoy listens beside the public door: `envoy internal=HOST:PORT admin=HOST:PORT`, with TLS also
/// `redirect=HOST:PORT`.
pub(super) fn envoy(listeners: &[(&str, SocketAddr)]) {
    let listeners: Vec<_> = listeners.iter().map(|(name, address)| format!("{name}={address}")).collect();
    tell(&format!("envoy {}", listeners.join(" ")));
}

/// Tells where the certificate is that clients have to trust: `certificate FILE`.
pub(super) fn certificate(path: &Path) {
    tell(&format!("certificate {}", path.display()));
}

/// Whoever reads these lines may have gone; that is no reason to stop.
fn tell(line: &str) {
    let mut out = io::stdout().lock();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

/// Passes on what a process writes, until it ends.
pub(super) fn pass_on(name: &str, from: impl Read + Send + 'static) {
    let name = name.to_owned();
    thread::spawn(move || {
        for line in BufReader::new(from).split(b'\n').map_while(Result::ok) {
            let _ = writeln!(io::stderr().lock(), "{name:13}| {}", String::from_utf8_lossy(&line));
        }
    });
}
