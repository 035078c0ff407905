//! `cargo xtask bench`: builds the benchmark with full optimisation, installs its rivals, runs it.
//!
//! The rivals are tools of the benchmark. Nothing that is shipped depends on them.

use crate::command::run;
use crate::debian;
use crate::flint;
use crate::report::{Outcome, Report, say};
use crate::tools::{GMPY2, PRIMESIEVE, PYTHON_FLINT};
use crate::workspace::Workspace;

/// Words with which `arithmetic` meets no rivals.
const WITHOUT_RIVALS: [&str; 3] = ["--alone", "--help", "-h"];

/// Which rivals these words ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rivals {
    None,
    /// Those that pip delivers: a matter of seconds.
    Wheels,
    /// FLINT built for this machine as well.
    Built,
}

/// Runs the benchmark with these words.
///
/// # Errors
/// When it cannot be built, or says that something failed.
pub(crate) fn bench(workspace: &Workspace, args: &[String]) -> anyhow::Result<()> {
    provide(workspace, rivals(args));
    let mut command = workspace.command("cargo");
    command.args(["run", "--quiet", "--release", "--package", "abacus-bench", "--", "--tools"]);
    run(command.arg(workspace.tools()).args(args))
}

fn rivals(args: &[String]) -> Rivals {
    let says = |word: &str| args.iter().any(|arg| arg == word);
    if args.first().is_none_or(|first| first != "arithmetic") || WITHOUT_RIVALS.iter().any(|word| says(word))
    {
        Rivals::None
    } else if says("--quick") {
        Rivals::Wheels
    } else {
        Rivals::Built
    }
}

/// Installs the rivals. One that cannot be had is left out: the benchmark says so itself.
fn provide(workspace: &Workspace, rivals: Rivals) {
    if rivals == Rivals::None {
        return;
    }
    let mut report = Report::default();
    let mut outcomes = vec![report.step("python", || debian::provide("python3", "python3"))];
    outcomes.extend([&GMPY2, &PYTHON_FLINT, &PRIMESIEVE].map(|tool| tool.provide(workspace, &mut report)));
    if rivals == Rivals::Built {
        outcomes.push(flint::provide(workspace, &mut report));
    }
    if outcomes.contains(&Outcome::Failed) {
        say("going on without the rivals that could not be installed");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rivals_are_installed_for_those_who_meet_them() {
        let rivals = |line: &str| rivals(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>());
        assert_eq!(rivals(""), Rivals::None);
        assert_eq!(rivals("--help"), Rivals::None);
        assert_eq!(rivals("estimates"), Rivals::None);
        assert_eq!(rivals("arithmetic --help"), Rivals::None);
        assert_eq!(rivals("arithmetic --quick --alone"), Rivals::None);
        assert_eq!(rivals("arithmetic --quick"), Rivals::Wheels);
        assert_eq!(rivals("arithmetic --rounds 3"), Rivals::Built);
    }
}
