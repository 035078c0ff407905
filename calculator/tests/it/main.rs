//! The calculator as its neighbours see it: a real broker, real sockets, real threads.
#![expect(clippy::unwrap_used, reason = "what the harness cannot do fails the test that asked for it")]

mod attempts;
mod calculate;
mod calculator;
mod draining;
mod faulty;
mod liveness;
mod parts;
#[path = "../../../libs/chassis/tests/services/process.rs"]
mod process;
mod results;

/// What the tests of the process start.
const PROGRAM: &str = env!("CARGO_BIN_EXE_abacus-calculator");
