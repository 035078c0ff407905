//! The mesh as its users meet it: the real process, over real sockets, with grpcurl, a gRPC client and a browser's
//! protocol.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod apart;
mod bad_input;
mod browser;
mod classic;
mod commands;
mod described;
mod documents;
mod follow;
mod grpcurl;
mod http;
mod operators;
mod parity;
mod process;
mod readme;
mod rest;
mod shutdown;

#[path = "../../../libs/chassis/tests/services/raw.rs"]
mod raw;
