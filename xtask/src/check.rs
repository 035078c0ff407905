//! `cargo xtask check`: everything that can be judged without running Abacus.
//!
//! All steps run even when one fails, so that one call shows every fault.

use crate::command::run;
use crate::report::{Outcome, Report};
use crate::tools::{BUF, CARGO_DENY};
use crate::web;
use crate::workspace::Workspace;

/// Runs the checks, quick ones first.
///
/// # Errors
/// When a check finds a fault or cannot be run; the message names each that did.
pub(crate) fn check(workspace: &Workspace) -> anyhow::Result<()> {
    let mut report = Report::default();
    report.step("format", || run(workspace.command("cargo").args(["fmt", "--all", "--check"])));
    check_contract(workspace, &mut report);
    report.step("clippy", || {
        let clippy = ["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"];
        run(workspace.command("cargo").args(clippy))
    });
    report.step("rustdoc", || {
        let mut doc = workspace.command("cargo");
        run(doc.args(["doc", "--workspace", "--no-deps"]).env("RUSTDOCFLAGS", "-D warnings"))
    });
    check_dependencies(workspace, &mut report);
    web::check(workspace, &mut report);
    report.close()
}

fn check_contract(workspace: &Workspace, report: &mut Report) {
    if BUF.provide(workspace, report) == Outcome::Passed {
        report.step("buf lint", || run(workspace.command("buf").args(["lint", "proto"])));
        report.step("buf format", || {
            run(workspace.command("buf").args(["format", "--diff", "--exit-code", "proto"]))
        });
    }
}

/// Advisories are left to CI: their database comes from the network and changes without a change here.
fn check_dependencies(workspace: &Workspace, report: &mut Report) {
    if CARGO_DENY.provide(workspace, report) == Outcome::Passed {
        report.step("cargo-deny", || {
            run(workspace.command("cargo-deny").args(["check", "licenses", "bans", "sources"]))
        });
    }
}
