//! The command line as it is used: the real command against the real mesh, in pipes and on a terminal, with the mesh
//! killed under it.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod commands;
mod downloads;
mod endings;
mod lines;
mod memory;
mod restarts;
mod services;
mod shell;
mod terminal;
