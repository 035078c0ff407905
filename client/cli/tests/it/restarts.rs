//! The mesh is killed under a command and started again: the command says so, and prints the right result.

use std::{
    io::Read,
    thread::{self, JoinHandle},
    time::Duration,
};

use rustix::process::Signal;

use crate::{
    services::{program::program, running::Running, server::Server},
    shell::{Ended, Mesh, Typed, command},
};

/// About 16 MB that are there at once, once they are computed: the primes up to thirty million.
const LIST: [&str; 3] = ["primes", "0", "30000000"];
const LIST_BYTES: usize = 15_966_636;

/// How long a gateway may take to end, on a busy machine.
const GRACE: Duration = Duration::from_secs(20);

/// The services as processes of their own, over Redis.
struct Apart {
    _redis: Server,
    _notifier: Running,
    gateway: Running,
    _calculator: Running,
}

impl Apart {
    fn start() -> Self {
        let redis = Server::start(&["--appendonly", "yes", "--appendfsync", "always"]);
        let url = format!("redis://127.0.0.1:{}", redis.port);
        let broker = ["--broker-url", url.as_str()];
        let notifier = Running::start(&program("abacus-notifier"), &broker);
        let watched = format!("http://{}", notifier.address);
        let gateway =
            Running::start(&program("abacus-gateway"), &[&broker[..], &["--notifier", &watched]].concat());
        let calculator = Running::start(&program("abacus-calculator"), &broker);
        Self { _redis: redis, _notifier: notifier, gateway, _calculator: calculator }
    }

    fn begin(&self, words: &[&str]) -> Typed {
        let mut command = command(&format!("http://{}", self.gateway.address), words);
        command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
        Typed(command.spawn().unwrap())
    }
}

/// Reads the first bytes of a long output. What follows cannot all have come: a pipe and the windows of HTTP/2 hold some
/// megabytes at most.
fn first_bytes(typed: &mut Typed) -> String {
    let mut start = vec![0; 1_000_000];
    typed.0.stdout.as_mut().unwrap().read_exact(&mut start).unwrap();
    String::from_utf8(start).unwrap()
}

/// Reads the rest, while something else is done.
fn read_on(typed: &mut Typed) -> JoinHandle<String> {
    let mut rest = typed.0.stdout.take().unwrap();
    thread::spawn(move || {
        let mut out = String::new();
        rest.read_to_string(&mut out).unwrap();
        out
    })
}

fn assert_is_the_list(start: &str, ended: &Ended) {
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    let list = start.to_owned() + &ended.out;
    assert_eq!((list.len(), list.lines().count()), (LIST_BYTES, 1_857_859), "pi(30,000,000)");
    let mut before = 0;
    for line in list.lines() {
        let prime: u64 = line.parse().unwrap();
        assert!(prime > before, "{prime} after {before}");
        before = prime;
    }
}

#[test]
fn a_gateway_that_is_killed_and_restarted_in_a_computation_changes_no_digit() {
    let mut mesh = Apart::start();
    let mut typed = mesh.begin(&LIST);
    let start = first_bytes(&mut typed);
    mesh.gateway.kill();
    mesh.gateway.restart();
    let ended = typed.end();
    assert_is_the_list(&start, &ended);
    assert!(ended.err.contains("connection lost") && ended.err.contains("connected again"), "{}", ended.err);
}

#[test]
fn a_gateway_that_is_killed_in_a_download_is_waited_for() {
    let mut mesh = Apart::start();
    let job = mesh.begin(&[&LIST[..], &["--detach"]].concat()).end().out;
    let mut typed = mesh.begin(&["result", job.trim()]);
    let start = first_bytes(&mut typed);
    // A while without any gateway: the command has to notice, and to try in vain.
    mesh.gateway.kill();
    let reading = read_on(&mut typed);
    typed.noted("connection lost");
    mesh.gateway.restart();
    let out = reading.join().unwrap();
    let ended = typed.end();
    assert_is_the_list(&start, &Ended { out, ..ended });
}

#[test]
fn a_gateway_that_is_ended_in_a_download_says_goodbye() {
    let mut mesh = Apart::start();
    let job = mesh.begin(&[&LIST[..], &["--detach"]].concat()).end().out;
    let mut typed = mesh.begin(&["result", job.trim()]);
    let start = first_bytes(&mut typed);
    mesh.gateway.signal(Signal::TERM);
    let reading = read_on(&mut typed);
    assert_eq!(mesh.gateway.wait(GRACE).code(), Some(0));
    mesh.gateway.restart();
    let out = reading.join().unwrap();
    let ended = typed.end();
    assert!(ended.err.contains("SHUTTING_DOWN") && ended.err.contains("connected again"), "{}", ended.err);
    assert_is_the_list(&start, &Ended { out, ..ended });
}

#[test]
fn a_mesh_that_forgets_everything_is_asked_again() {
    let mut mesh = Mesh::start();
    let mut typed = mesh.begin(&LIST);
    let start = first_bytes(&mut typed);
    mesh.replace();
    let ended = typed.end();
    assert_is_the_list(&start, &ended);
    assert!(ended.err.contains("asked again"), "{}", ended.err);
}
