//! Signals end a life. One test for all: signals reach the whole test process.

use std::process::{Command, ExitCode};
use std::time::Duration;

use abacus_chassis::Life;

use crate::harness::soon;

fn terminate_this_process() {
    let id = std::process::id().to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
}

#[tokio::test]
async fn the_first_signal_asks_and_the_second_cuts() {
    let life = Life::new(Duration::from_hours(1));
    life.obey_signals().unwrap();
    life.spawn("stubborn", std::future::pending());
    terminate_this_process();
    soon(life.soft().cancelled()).await;
    assert!(!life.hard().is_cancelled());
    terminate_this_process();
    assert_eq!(soon(life.finish()).await, ExitCode::FAILURE);
}
