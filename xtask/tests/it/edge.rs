//! The edge: what stands in its two files, and what the real Envoy makes of them in front of the real services, which
//! `cargo xtask dev` starts as it does for anyone.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod door;
mod failover;
mod files;
mod flood;
mod internal;
mod pages;
mod stack;
mod supervision;
mod tls;
