//! The commands of this repository: `cargo xtask check`, `test`, `dev` and `bench`.
//!
//! The one idea: a developer and CI type the same words and get the same answer, on a machine that has Rust and
//! nothing else. What a command needs beyond that it installs itself, pinned, under the target directory.
//! Nothing here is part of Abacus: no crate of the mesh is used, none may use this one.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::workspace::Workspace;

mod bench;
mod check;
mod command;
mod compose;
mod debian;
mod dev;
mod flint;
mod report;
mod test;
mod tools;
mod web;
mod workspace;

/// The commands of this repository. CI runs exactly these.
#[derive(Parser)]
#[command(
    bin_name = "cargo xtask",
    after_help = "Tools that are missing are installed into target/tools (or $CARGO_TARGET_DIR/tools), each at a \
                  fixed version; delete that folder to have them installed anew. Where Go, npm or pip is missing too, and \
                  for Redis, OpenSSL, curl and Chromium, Debian's package is installed with apt-get, as root or through \
                  sudo."
)]
struct Arguments {
    #[command(subcommand)]
    command: Subcommands,
}

#[derive(Subcommand)]
enum Subcommands {
    /// Look without running: format, lints, docs, contract, licences
    ///
    /// Runs cargo fmt --check, clippy and rustdoc with warnings denied, buf lint and buf format over proto/, cargo-deny
    /// for licences, bans and sources, tsc over web/, and a build of the page that is compared with web/dist. All of
    /// them run, so that one call shows every fault; any fault makes the command fail.
    Check,
    /// Run every test of the workspace
    ///
    /// Makes sure that grpcurl, Envoy, schemathesis, Redis and Chromium are there, then runs cargo test --workspace, doc
    /// tests included, and the tests of web/: those of the library and the page, and those that use the page in a
    /// browser, in front of Envoy, the services and Redis.
    #[command(after_help = "Examples:\n  \
        cargo xtask test\n  \
        cargo xtask test -- -p abacus-tasks\n  \
        cargo xtask test -- --test it no_gap -- --nocapture\n  \
        cargo xtask test --web\n  \
        cargo xtask test --compose\n  \
        cargo xtask test --compose -- --network host")]
    Test {
        /// Instead of cargo test: build the images, start docker-compose.yml beside whatever runs, try it, take it down
        ///
        /// Needs a Docker engine and Compose, in any version from 1.27.
        #[arg(long)]
        compose: bool,

        /// Only the tests of web/
        #[arg(long, conflicts_with_all = ["compose", "args"])]
        web: bool,

        /// Arguments for cargo test, after `--`, which then runs alone; packages named with -p take the place of
        /// --workspace. With --compose, arguments for docker build
        #[arg(last = true, value_name = "ARGS")]
        args: Vec<String>,
    },
    /// Run all of Abacus as local processes: Redis, the services, Envoy
    ///
    /// What docker-compose.yml puts together, without containers: Redis with an append-only file, notifiers,
    /// calculators and gateways, and in front of them Envoy with envoy/envoy.yaml, in which only the addresses are
    /// changed. Everything listens on 127.0.0.1. What dies is started again; Ctrl-C stops all of it, and nothing is
    /// left behind but --data.
    #[command(after_help = "Standard output, for people and programs:\n  \
        certificate FILE                        with --tls: what clients have to trust\n  \
        envoy internal=HOST:PORT admin=HOST:PORT where else Envoy listens; with --tls also redirect=HOST:PORT\n  \
        started NAME pid=PID address=HOST:PORT  at each start; NAME is redis, envoy, gateway-1, notifier-1, \
        calculator-1, ...\n  \
        ended NAME pid=PID STATUS               at each end, before it is started again\n  \
        ready URL                               once, when the public door answers\n\
        The logs of all processes go to standard error, each line behind the name of its process. ABACUS_ variables \
        of the caller are not passed on; --gateway-args and its like take settings.\n\n\
        Examples:\n  \
        cargo xtask dev\n  \
        cargo xtask dev --release --calculators 4 --data /var/tmp/abacus\n  \
        cargo xtask dev --gateways 2 --notifiers 2 --port 0\n  \
        cargo xtask dev --tls --port 8443\n  \
        cargo xtask dev --gateway-args '--limits fibonacci.n=1000 --log debug'\n\n\
        Then, in another terminal:\n  \
        grpcurl -plaintext -d '{\"task\":{\"fibonacci\":{\"n\":1000}}}' localhost:8080 abacus.v1.JobService/RunJob\n  \
        kill -9 PID                             any of the printed ones, and see what happens")]
    Dev(dev::Options),
    /// Measure: the arithmetic beside its rivals, and what tasks are estimated to cost
    ///
    /// Builds abacus-bench with full optimisation and runs it with the words that follow. For `arithmetic` it first
    /// installs the rivals as libraries: GMP, FLINT, primesieve and primecount through pip, and, unless --quick is
    /// said, FLINT once more from its source, which is the only way to the multiplication that makes it fast: about a
    /// quarter of an hour on two cores, once. A rival that cannot be installed is left out, and the page says so.
    #[command(
        disable_help_flag = true,
        after_help = "Examples:\n  \
        cargo xtask bench --help                what there is to measure\n  \
        cargo xtask bench arithmetic --help     its options\n  \
        cargo xtask bench arithmetic            everything, and writes docs/benchmarks.md\n  \
        cargo xtask bench arithmetic --quick --only fib\n  \
        cargo xtask bench estimates"
    )]
    Bench {
        /// What to measure, and its options, as abacus-bench reads them
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARGS")]
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
        Subcommands::Test { compose: true, args, .. } => compose::test(&workspace, &args),
        Subcommands::Test { web: true, .. } => test::test_web(&workspace),
        Subcommands::Test { args, .. } => test::test(&workspace, &args),
        Subcommands::Bench { args } => bench::bench(&workspace, &args),
        Subcommands::Dev(options) => dev::dev(&workspace, &options),
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
        let Subcommands::Test { compose: false, web: false, args } = Arguments::parse_from(line).command
        else {
            panic!("`test` was read as another command");
        };
        assert_eq!(args, ["-p", "abacus-api", "--", "--nocapture"]);
    }

    #[test]
    fn every_word_after_bench_is_for_the_benchmark() {
        for words in [&["--help"][..], &["arithmetic", "--rounds", "3", "--help"]] {
            let line = ["xtask", "bench"].into_iter().chain(words.iter().copied());
            let Subcommands::Bench { args } = Arguments::parse_from(line).command else {
                panic!("`bench` was read as another command");
            };
            assert_eq!(args, words);
        }
    }
}
