//! The gateway as a process. What its doors answer is tested where the whole mesh runs.

#[path = "../../../libs/chassis/tests/services/process.rs"]
mod process;

/// What the tests start.
const PROGRAM: &str = env!("CARGO_BIN_EXE_abacus-gateway");
