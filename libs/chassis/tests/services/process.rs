//! What every service promises as a process: it tells its health, ends when asked, refuses what it cannot use, and
//! says why.
//!
//! Each service includes this file in its tests and names itself in `crate::PROGRAM`.

use std::{path::Path, time::Duration};

use rustix::process::Signal;

use running::Running;
use server::{Server, wait_until};

#[path = "running.rs"]
#[expect(dead_code, reason = "these tests follow no log and start nothing again")]
mod running;
#[path = "../../../broker/tests/it/redis/server.rs"]
#[expect(dead_code, reason = "these tests need only some of what a server can be told")]
mod server;

/// How long an idle service may take to end.
const END: Duration = Duration::from_secs(2);

/// How long a service may take to find out that it cannot run, on a busy machine.
const REFUSAL: Duration = Duration::from_secs(20);

fn program() -> &'static Path {
    Path::new(crate::PROGRAM)
}

fn url(server: &Server) -> String {
    format!("redis://127.0.0.1:{}", server.port)
}

/// Runs the service to its end: exit code and log.
fn ended(arguments: &[&str]) -> (Option<i32>, String) {
    let mut service = Running::launch(program(), arguments);
    let status = service.wait(REFUSAL);
    (status.code(), service.log())
}

fn probe(address: &str) -> Option<i32> {
    ended(&["--listen", address, "--probe"]).0
}

#[test]
fn it_tells_its_health_and_ends_within_two_seconds_when_asked() {
    let server = Server::start(&[]);
    let mut service = Running::start(program(), &["--broker-url", &url(&server)]);
    wait_until("it is healthy", || probe(&service.address) == Some(0));
    service.signal(Signal::TERM);
    assert_eq!(service.wait(END).code(), Some(0), "{}", service.log());
    assert_eq!(probe(&service.address), Some(1), "nobody is there any more");
}

#[test]
fn bad_settings_end_it_with_the_usage_code() {
    for arguments in [
        ["--listen", "nowhere"],
        ["--lease", "0s"],
        ["--broker-url", "http://127.0.0.1"],
        ["--broker-prefix", "two words"],
        ["--colour", "red"],
    ] {
        let (code, log) = ended(&arguments);
        assert_eq!(code, Some(64), "{arguments:?}: {log}");
        assert!(log.contains("--help"), "{arguments:?}: {log}");
    }
}

#[test]
fn a_broker_that_may_delete_jobs_is_refused() {
    let server = Server::start(&["--maxmemory-policy", "allkeys-lru"]);
    let (code, log) = ended(&["--listen", "127.0.0.1:0", "--broker-url", &url(&server)]);
    assert_eq!(code, Some(1), "{log}");
    assert!(log.contains("allkeys-lru") && log.contains("maxmemory-policy noeviction"), "{log}");
}

#[test]
fn a_broker_that_cannot_be_reached_is_told_with_its_address() {
    let mut server = Server::start(&[]);
    server.kill();
    let url = url(&server);
    let (code, log) = ended(&["--listen", "127.0.0.1:0", "--broker-url", &url, "--broker-timeout", "500ms"]);
    assert_eq!(code, Some(1), "{log}");
    let address = format!("127.0.0.1:{}", server.port);
    assert!(log.contains("the broker cannot be used") && log.contains(&address), "{log}");
}

#[test]
fn a_taken_port_is_told_with_the_way_out() {
    let server = Server::start(&[]);
    let taken = format!("127.0.0.1:{}", server.port);
    let (code, log) = ended(&["--listen", &taken, "--broker-url", &url(&server)]);
    assert_eq!(code, Some(1), "{log}");
    assert!(log.contains(&taken) && log.contains("--listen"), "{log}");
}
