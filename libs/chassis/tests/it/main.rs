//! The chassis on real sockets.
#![expect(clippy::unwrap_used, reason = "what the harness cannot do fails the test that asked for it")]

mod channel;
mod errors;
mod explain;
mod harness;
mod health;
mod limits;
mod shutdown;
mod signals;

#[path = "../services/raw.rs"]
mod raw;
