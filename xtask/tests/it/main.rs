//! The tests of the house: who may use whom, what stands where, what no file may hold, what files may tell.
//!
//! And the edge as it runs: `cargo xtask dev` with the real Envoy in front of the real services.
//!
//! Each rule is a function from what it looks at to the faults it finds. One test applies it to the repository,
//! another to a sample that breaks it, so that a rule that has gone blind is noticed.

mod dependencies;
mod edge;
mod files;
mod image;
mod manifest;
mod settings;
mod tree;

#[path = "../../../libs/chassis/tests/services/program.rs"]
mod program;

/// Fails with one line per fault.
#[track_caller]
fn assert_none(faults: &[String]) {
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}
