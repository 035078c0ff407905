//! The client against what can go wrong: a service that plays a script of faults, a proxy that cuts connections
//! anywhere, and the real mesh as a process.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod calls;
mod cuts;
mod examples;
mod faults;
mod following;
mod mesh;
mod names;
mod proxy;
mod results;
mod script;
mod tls;
