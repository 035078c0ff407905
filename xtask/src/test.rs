//! `cargo xtask test`: the tests of every crate, with the tools that they call.

use std::env;
use std::process::Command;

use crate::command::run;
use crate::debian;
use crate::report::{Outcome, Report};
use crate::tools::{ENVOY, GRPCURL, SCHEMATHESIS};
use crate::web::{self, Services};
use crate::workspace::Workspace;

/// Runs `cargo test`, with `args` when there are some, and without any the tests of `web/` too; their output arrives as
/// it is.
///
/// # Errors
/// When a tool cannot be installed or a test fails.
pub(crate) fn test(workspace: &Workspace, args: &[String]) -> anyhow::Result<()> {
    let mut report = Report::default();
    if provide(workspace, &mut report) == Outcome::Failed {
        return report.close();
    }
    if args.is_empty() {
        // First the examples in the documentation: of what cargo prints, the last is then the count of the tests. They
        // build the services too, which the browser's tests find built.
        report.step("cargo test --doc", || run(&mut cargo_test(workspace, &["--doc".to_owned()])));
        // All of them, also behind one that fails: one run shall tell everything.
        let tests = ["--tests", "--no-fail-fast"].map(str::to_owned);
        report.step("cargo test --tests", || run(&mut cargo_test(workspace, &tests)));
        web::test(workspace, Services::Built, &mut report);
    } else {
        report.step("cargo test", || run(&mut cargo_test(workspace, args)));
    }
    report.close()
}

/// Runs the tests of `web/` alone.
///
/// # Errors
/// When a tool cannot be installed or a test fails.
pub(crate) fn test_web(workspace: &Workspace) -> anyhow::Result<()> {
    let mut report = Report::default();
    if provide(workspace, &mut report) == Outcome::Passed {
        web::test(workspace, Services::Unknown, &mut report);
    }
    report.close()
}

/// What the tests call: clients, and the processes beside the services.
fn provide(workspace: &Workspace, report: &mut Report) -> Outcome {
    let debian = report.step("redis-server, openssl, curl", || {
        debian::provide("redis-server", "redis-server")?;
        debian::provide("openssl", "openssl")?;
        debian::provide("curl", "curl")
    });
    let tools = [&GRPCURL, &ENVOY, &SCHEMATHESIS].map(|tool| tool.provide(workspace, report));
    let all = tools.into_iter().chain([debian]).all(|outcome| outcome == Outcome::Passed);
    if all { Outcome::Passed } else { Outcome::Failed }
}

fn cargo_test(workspace: &Workspace, args: &[String]) -> Command {
    let mut command = workspace.command("cargo");
    command.arg("test");
    if !names_packages(args) {
        command.arg("--workspace");
    }
    command.args(args);
    // Test binaries are many and large; incremental data would double them on disk.
    if env::var_os("CARGO_INCREMENTAL").is_none() {
        command.env("CARGO_INCREMENTAL", "0");
    }
    command
}

/// Whether the arguments choose packages. Beside `--workspace` cargo would ignore the choice without a word.
fn names_packages(args: &[String]) -> bool {
    let mut for_cargo = args.iter().take_while(|arg| *arg != "--");
    for_cargo.any(|arg| arg.starts_with("-p") || arg.starts_with("--package"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::line;

    fn line_for(args: &[&str]) -> String {
        let args: Vec<_> = args.iter().map(ToString::to_string).collect();
        line(&cargo_test(&Workspace::open().unwrap(), &args))
    }

    #[test]
    fn all_packages_are_tested_unless_some_are_named() {
        assert_eq!(line_for(&[]), "cargo test --workspace");
        assert_eq!(line_for(&["--test", "it"]), "cargo test --workspace --test it");
        assert_eq!(line_for(&["-p", "abacus-api"]), "cargo test -p abacus-api");
        assert_eq!(line_for(&["-pabacus-api"]), "cargo test -pabacus-api");
        assert_eq!(line_for(&["--package=abacus-api"]), "cargo test --package=abacus-api");
    }

    #[test]
    fn arguments_of_the_test_binaries_name_no_packages() {
        assert_eq!(line_for(&["--", "-p"]), "cargo test --workspace -- -p");
    }
}
