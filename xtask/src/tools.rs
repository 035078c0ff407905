//! The programs that the commands need beyond Rust, each at one version.
//!
//! A tool is built or unpacked by the client of the registry it comes from, into the target directory: nothing is
//! put into the system, and two clones do not disturb each other. A note of the version is written last, so that an
//! installation that was cut, or a version that has moved, is done again.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::Context as _;

use crate::command::run;
use crate::debian;
use crate::report::{Outcome, Report};
use crate::workspace::Workspace;

/// Lints and formats the contract.
pub(crate) const BUF: Tool =
    Tool { program: "buf", version: "1.75.0", package: "@bufbuild/buf", registry: Registry::Npm };

/// Judges licences, duplicates and sources of the dependencies.
pub(crate) const CARGO_DENY: Tool =
    Tool { program: "cargo-deny", version: "0.20.2", package: "cargo-deny", registry: Registry::Crates };

/// Calls the services as a stranger would. The newest version that still builds with Go 1.19, which is the Go of
/// Debian 12.
pub(crate) const GRPCURL: Tool = Tool {
    program: "grpcurl",
    version: "1.9.1",
    package: "github.com/fullstorydev/grpcurl/cmd/grpcurl",
    registry: Registry::Go,
};

/// A program at one version.
pub(crate) struct Tool {
    /// The name of its file in the tools' `bin/`.
    program: &'static str,
    version: &'static str,
    package: &'static str,
    registry: Registry,
}

/// Where a tool comes from, and so which client installs it.
enum Registry {
    Crates,
    Go,
    Npm,
}

impl Tool {
    /// Makes sure that the tool stands in the workspace's tools; installing it is a step of its own in the report.
    pub(crate) fn provide(&self, workspace: &Workspace, report: &mut Report) -> Outcome {
        let tools = workspace.tools();
        if self.stands_in(&tools) {
            return Outcome::Passed;
        }
        report.step(&format!("install {} {}", self.program, self.version), || {
            match self.registry {
                Registry::Crates => {}
                Registry::Go => debian::provide("go", "golang-go")?,
                Registry::Npm => debian::provide("npm", "npm")?,
            }
            run(&mut self.installation(workspace))?;
            self.note_version(&tools)
        })
    }

    fn stands_in(&self, tools: &Path) -> bool {
        let noted = fs::read_to_string(tools.join("versions").join(self.program));
        noted.is_ok_and(|noted| noted == self.version) && tools.join("bin").join(self.program).exists()
    }

    fn note_version(&self, tools: &Path) -> anyhow::Result<()> {
        let versions = tools.join("versions");
        fs::create_dir_all(&versions)
            .and_then(|()| fs::write(versions.join(self.program), self.version))
            .with_context(|| format!("cannot note the version of {} in {}", self.program, versions.display()))
    }

    /// The command that puts the program into the tools' `bin/`.
    fn installation(&self, workspace: &Workspace) -> Command {
        let Self { version, package, .. } = self;
        let tools = workspace.tools();
        match self.registry {
            Registry::Crates => {
                let mut command = workspace.command("cargo");
                command.args(["install", "--quiet", "--locked", "--root"]).arg(tools);
                command.arg(format!("{package}@{version}"));
                // Cargo then builds in a directory that it clears away.
                command.env_remove("CARGO_TARGET_DIR");
                // A tool that runs for a second need not be optimised for minutes.
                command.env("CARGO_PROFILE_RELEASE_LTO", "off");
                command.env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16");
                command.env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1");
                command
            }
            Registry::Go => {
                let mut command = workspace.command("go");
                command.args(["install", &format!("{package}@v{version}")]);
                command.env("GOBIN", tools.join("bin"));
                // No C compiler needed.
                command.env("CGO_ENABLED", "0");
                command
            }
            Registry::Npm => {
                let mut command = workspace.command("npm");
                command.args([
                    "install",
                    "--global",
                    "--no-audit",
                    "--no-fund",
                    "--loglevel=error",
                    "--prefix",
                ]);
                command.arg(tools).arg(format!("{package}@{version}"));
                command
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::line;

    #[test]
    fn a_tool_stands_only_with_its_program_and_its_version() {
        let tools = tempfile::tempdir().unwrap();
        let tools = tools.path();
        assert!(!BUF.stands_in(tools), "nothing is there");
        BUF.note_version(tools).unwrap();
        assert!(!BUF.stands_in(tools), "a note without the program");
        fs::create_dir(tools.join("bin")).unwrap();
        fs::write(tools.join("bin/buf"), "").unwrap();
        assert!(BUF.stands_in(tools));
        assert!(!GRPCURL.stands_in(tools), "another tool");
        fs::write(tools.join("versions/buf"), "1.0.0").unwrap();
        assert!(!BUF.stands_in(tools), "another version");
    }

    #[test]
    fn each_registry_is_asked_for_exactly_the_pinned_version() {
        let workspace = Workspace::open().unwrap();
        let ends = [
            (&BUF, "@bufbuild/buf@1.75.0"),
            (&CARGO_DENY, "cargo-deny@0.20.2"),
            (&GRPCURL, "go install github.com/fullstorydev/grpcurl/cmd/grpcurl@v1.9.1"),
        ];
        for (tool, end) in ends {
            let line = line(&tool.installation(&workspace));
            assert!(line.ends_with(end), "{line}");
        }
    }
}
