//! The command itself: it keeps things running, and leaves nothing behind.

use std::fs;
use std::net::TcpListener;
use std::process::Command;

use rustix::process::{Pid, Signal, test_kill_process};

use super::stack::{Stack, call, command, command_in, eventually};

const SUM: &str = r#"{"task":{"sum2":{"first":"40","second":"2"}}}"#;

/// Waits until none of these processes exists.
fn assert_gone(pids: &[Pid]) {
    assert!(pids.len() > 4, "{pids:?}");
    for pid in pids {
        eventually("a process is gone", || test_kill_process(*pid).is_err().then_some(()));
    }
}

#[test]
fn what_dies_is_started_again_at_its_address() {
    let mut stack = Stack::start(&["--calculators", "1"]);
    for name in ["redis", "envoy", "notifier-1", "gateway-1", "calculator-1"] {
        let (pid, address) = (stack.pid(name), stack.field(&format!("started {name} "), "address="));
        stack.kill(name);
        stack.wait_for(&format!("started {name} "));
        assert_ne!(stack.pid(name), pid);
        assert_eq!(stack.field(&format!("started {name} "), "address="), address);
    }
    eventually("all of it works", || {
        call(&stack.door(), "JobService/RunJob", SUM).status.success().then_some(())
    });
}

#[test]
fn a_signal_ends_all_of_it_and_a_killed_command_leaves_nothing() {
    for signal in [Signal::INT, Signal::TERM, Signal::KILL] {
        let mut stack = Stack::start(&[]);
        let pids = stack.pids();
        stack.signal_command(signal);
        assert_eq!(stack.wait().success(), signal != Signal::KILL, "{signal:?}");
        assert_gone(&pids);
    }
}

#[test]
fn data_that_is_kept_is_there_the_next_time() {
    let directory = tempfile::tempdir().unwrap();
    let args = ["--calculators", "1", "--data", directory.path().to_str().unwrap()];
    let disposition = || {
        let mut stack = Stack::start(&args);
        let submitted = stack.ask("JobService/RunJob", SUM)[0]["submitted"]["request"]["disposition"].clone();
        stack.signal_command(Signal::TERM);
        assert!(stack.wait().success());
        submitted
    };
    assert_eq!(disposition(), "DISPOSITION_CREATED");
    assert_eq!(disposition(), "DISPOSITION_CACHED");
}

#[test]
fn what_cannot_work_ends_the_command_with_the_reason() {
    let refuses = |command: &mut Command, reason: &str| {
        let told = command.output().unwrap();
        let errors = String::from_utf8_lossy(&told.stderr).into_owned();
        assert!(!told.status.success() && errors.contains(reason), "{command:?}: {errors}");
    };
    refuses(&mut command(&["--gateway-args", "--limits nonsense"]), "gateway-1 cannot use its settings");
    let directory = tempfile::tempdir().unwrap();
    refuses(&mut command_in(directory.path(), &[]), "abacus-gateway is missing");
    let file = directory.path().join("envoy.yaml");
    fs::write(&file, "admin: {}").unwrap();
    let reason = "the Envoy file has `0.0.0.0, port_value: 8080` 0 times";
    refuses(&mut command(&["--envoy", file.to_str().unwrap()]), reason);
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    refuses(
        Command::new(env!("CARGO_BIN_EXE_xtask")).args(["dev", "--no-build", "--port", &port]),
        "is taken",
    );
}
