//! The notifier on a real socket, over the embedded broker, whose jobs the tests work on as a worker would.
#![expect(clippy::unwrap_used, reason = "what the stage cannot do fails the test that asked for it")]

mod clients;
mod faults;
mod frames;
#[path = "../../../libs/chassis/tests/services/process.rs"]
mod process;
mod refusals;
mod resuming;
mod stage;

/// What the tests of the process start.
const PROGRAM: &str = env!("CARGO_BIN_EXE_abacus-notifier");
