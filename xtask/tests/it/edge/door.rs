//! The public door: results, health, and streams that last.

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use rustix::process::Signal;
use sha2::{Digest as _, Sha256};

use super::stack::{Stack, bare, call, eventually, grpcurl, text};

/// The SHA-256 of the 208988 decimal digits of the Fibonacci number with the index 10^6.
const FIBONACCI_SHA256: &str = "aef6e8c19df607aa07940f2abde8460d1b34c18df1a6f46b5fc04dfe9be51706";

/// Seconds after which Envoy cuts a stream whose route does not say otherwise.
const DEFAULT_CUT: usize = 15;

#[test]
fn a_large_number_arrives_whole() {
    let stack = Stack::start(&[]);
    let digits = text(&stack.ask("JobService/RunJob", r#"{"task":{"fibonacci":{"n":1000000}}}"#));
    let mut sum = String::new();
    for byte in Sha256::digest(&digits) {
        write!(sum, "{byte:02x}").unwrap();
    }
    assert_eq!(sum, FIBONACCI_SHA256, "{} digits", digits.len());
}

#[test]
fn a_stream_with_nothing_but_heartbeats_is_not_cut() {
    let stack = Stack::start(&["--notifier-args", "--watch-heartbeat 1s"]);
    stack.ask("OperatorService/SuspendKind", r#"{"kind":"spin"}"#);
    let request = r#"{"task":{"spin":{"label":"waits","duration":"1s"}}}"#;
    // Without a deadline of the caller, which would take the place of a time-out of the route.
    let mut call = grpcurl(&["-plaintext"], &stack.door(), "JobService/RunJob", request);
    let mut following = call.stdout(Stdio::piped()).spawn().unwrap();
    // Each heartbeat tells of a second of silence, so that more of them than Envoy's default has seconds say that the
    // stream is older.
    let lines = BufReader::new(following.stdout.take().unwrap()).lines().map_while(Result::ok);
    let heartbeats = lines.filter(|line| line.contains("\"heartbeat\"")).take(DEFAULT_CUT + 2).count();
    let _ = following.kill();
    let _ = following.wait();
    assert_eq!(heartbeats, DEFAULT_CUT + 2, "the stream was cut");
}

#[test]
fn health_is_that_of_the_gateways() {
    let stack = Stack::start(&["--calculators", "0"]);
    let health = || stack.exchange(&bare("GET /healthz", "")).head;
    assert!(health().starts_with("http/1.1 200"), "{}", health());
    stack.signal("gateway-1", Signal::STOP);
    eventually("no gateway is healthy", || health().starts_with("http/1.1 503").then_some(()));
    let refused = call(&stack.door(), "OperatorService/GetStats", "{}");
    let told = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(told.contains("Code: Unavailable") && told.contains("no healthy upstream"), "{told}");
    stack.signal("gateway-1", Signal::CONT);
    eventually("it is again", || health().starts_with("http/1.1 200").then_some(()));
}

#[test]
fn what_could_mean_another_path_or_header_is_refused() {
    let stack = Stack::start(&["--calculators", "0"]);
    for (line, headers) in [("GET /v1%2Fkinds", ""), ("GET /", "x_forwarded_for: 10.0.0.1\r\n")] {
        let refused = stack.exchange(&bare(line, headers)).head;
        assert!(refused.starts_with("http/1.1 400"), "{line} {headers}: {refused}");
    }
    let passed = stack.exchange(&bare("GET //nowhere/../else", "")).head;
    assert!(passed.starts_with("http/1.1 404") && !passed.contains("x-envoy-"), "{passed}");
}
