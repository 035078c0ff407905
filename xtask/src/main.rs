//! The commands of this repository: `cargo xtask check` and `cargo xtask test`.
//!
//! The one idea: a developer and CI type the same words and get the same answer, on a machine that has Rust and
//! nothing else. What a command needs beyond that it installs itself, pinned, under the target directory.
//! Nothing here is part of Abacus: no crate of the mesh is used, none may use this one.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::workspace::Workspace;

mod check;
mod command;
mod compose;
mod debian;
mod report;
mod test;
mod tools;
mod workspace;

/// The commands of this repository. CI runs exactly these.
#[derive(Parser)]
#[command(
    bin_name = "cargo xtask",
    after_help = "Tools that are missing are installed into target/tools (or $CARGO_TARGET_DIR/tools), each at a \
                  fixed version; delete that folder to have them installed anew. Where Go or npm is missing too, \
                  Debian's package is installed with apt-get, as root or through sudo."
)]
struct Arguments {
    #[command(subcommand)]
    command: Subcommands,
}

#[derive(Subcommand)]
enum Subcommands {
    /// Look without running: format, lints, docs, contract, licences
    ///
    /// Runs cargo fmt --check, clippy and rustdoc with warnings denied, buf lint and buf format over proto/, and
    /// cargo-deny for licences, bans and sources. All of them run, so that one call shows every fault; any fault
    /// makes the command fail.
    Check,
    /// Run every test of the workspace
    ///
    /// Makes sure grpcurl is there and first on PATH, then runs cargo test --workspace, doc tests included.
    #[command(after_help = "Examples:\n  \
        cargo xtask test\n  \
        cargo xtask test -- -p abacus-tasks\n  \
        cargo xtask test -- --test it no_gap -- --nocapture\n  \
        cargo xtask test --compose\n  \
        cargo xtask test --compose -- --network host")]
    Test {
        /// Instead of cargo test: build the images, start docker-compose.yml beside whatever runs, try it, take it down
        ///
        /// Needs a Docker engine and Compose, in any version from 1.27.
        #[arg(long)]
        compose: bool,

        /// Arguments for cargo test, after `--`; packages named with -p take the place of --workspace. With --compose,
        /// arguments for docker build
        #[arg(last = true, value_name = "ARGS")]
        args: Vec<String>,
    },
}

fn main() -> ExitCode {
    match run(Arguments::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            report::say(&format!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn run(command: Subcommands) -> anyhow::Result<()> {
    let workspace = Workspace::open()?;
    match command {
        Subcommands::Check => check::check(&workspace),
        Subcommands::Test { compose: true, args } => compose::test(&workspace, &args),
        Subcommands::Test { compose: false, args } => test::test(&workspace, &args),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn what_follows_the_dashes_reaches_cargo_test_unread() {
        let line = ["xtask", "test", "--", "-p", "abacus-api", "--", "--nocapture"];
        let Subcommands::Test { compose: false, args } = Arguments::parse_from(line).command else {
            panic!("`test` was read as another command");
        };
        assert_eq!(args, ["-p", "abacus-api", "--", "--nocapture"]);
    }
}
