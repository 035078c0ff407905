//! `cargo xtask dev`: the whole of Abacus as local processes, put together as `docker-compose.yml` does it.
//!
//! The one idea: the same programs, the same Envoy file and the same topology as in containers, on loopback ports, so
//! that what works here works there; and a supervisor that starts again what dies, so that one can kill anything and
//! watch. Nothing of it outlives this command.

use std::env;
use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;

use crate::command::run;
use crate::debian;
use crate::report::{Outcome, Report};
use crate::tools::ENVOY;
use crate::workspace::Workspace;

mod certificate;
mod edge;
mod output;
mod plan;
mod ports;
mod program;
mod readiness;
mod supervisor;

use plan::Plan;
use supervisor::Supervisor;

/// What to start.
#[derive(Args, Clone, Debug)]
pub(crate) struct Options {
    /// Port of the public door on 127.0.0.1; 0 takes a free one
    #[arg(long, value_name = "PORT", default_value_t = 8080)]
    port: u16,

    /// How many calculators, 0 to 64
    #[arg(long, value_name = "COUNT", default_value_t = 2, value_parser = clap::value_parser!(u16).range(0..=64))]
    calculators: u16,

    /// How many gateways, 1 to 16; Envoy balances the calls of clients among them
    #[arg(long, value_name = "COUNT", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=16))]
    gateways: u16,

    /// How many notifiers, 1 to 16; Envoy balances the streams of gateways among them
    #[arg(long, value_name = "COUNT", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=16))]
    notifiers: u16,

    /// Run envoy/envoy-tls.yaml, with a certificate made for the occasion
    #[arg(long)]
    tls: bool,

    /// Run this Envoy file, written like envoy/envoy.yaml (with --tls: like envoy/envoy-tls.yaml)
    #[arg(long, value_name = "FILE")]
    envoy: Option<PathBuf>,

    /// Keep Redis' data in this directory, and go on from what is in it; by default it is gone at the end
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,

    /// Build and run the release binaries
    #[arg(long)]
    release: bool,

    /// Run the binaries that are there, as they are
    #[arg(long)]
    no_build: bool,

    /// Run the binaries in this directory, as they are
    #[arg(long, value_name = "DIR", conflicts_with_all = ["release", "no_build"])]
    bin_dir: Option<PathBuf>,

    /// Further arguments for each gateway, divided at spaces; `abacus-gateway --help` lists them
    #[arg(long, value_name = "ARGS", default_value = "", allow_hyphen_values = true)]
    gateway_args: String,

    /// Further arguments for each notifier
    #[arg(long, value_name = "ARGS", default_value = "", allow_hyphen_values = true)]
    notifier_args: String,

    /// Further arguments for each calculator
    #[arg(long, value_name = "ARGS", default_value = "", allow_hyphen_values = true)]
    calculator_args: String,
}

/// Starts everything and keeps it running until SIGINT or SIGTERM.
///
/// # Errors
/// When a tool cannot be installed, a service cannot be built or refuses its settings, or the port is taken.
pub(crate) fn dev(workspace: &Workspace, options: &Options) -> anyhow::Result<()> {
    provide(workspace, options)?;
    let binaries = binaries(workspace, options)?;
    let directory = tempfile::Builder::new().prefix("abacus-dev-").tempdir();
    let directory = directory.context("no temporary directory can be made")?;
    let plan = Plan::new(workspace, options, &binaries, directory.path())?;
    Supervisor::start(plan)?.run()
}

/// The tools that are run beside the services.
fn provide(workspace: &Workspace, options: &Options) -> anyhow::Result<()> {
    debian::provide("redis-server", "redis-server")?;
    if options.tls {
        debian::provide("openssl", "openssl")?;
    }
    let mut report = Report::default();
    match ENVOY.provide(workspace, &mut report) {
        Outcome::Passed => Ok(()),
        Outcome::Failed => report.close(),
    }
}

/// Where the services' binaries are, built if that is wanted.
fn binaries(workspace: &Workspace, options: &Options) -> anyhow::Result<PathBuf> {
    if let Some(directory) = &options.bin_dir {
        return std::path::absolute(directory).context("--bin-dir names no place");
    }
    if !options.no_build {
        let mut build = workspace.command("cargo");
        build.args(["build", "--bins"]);
        build.args(plan::SERVICES.iter().flat_map(|package| ["--package", *package]));
        if options.release {
            build.arg("--release");
        }
        if env::var_os("CARGO_INCREMENTAL").is_none() {
            build.env("CARGO_INCREMENTAL", "0");
        }
        run(&mut build)?;
    }
    Ok(workspace.target().join(if options.release { "release" } else { "debug" }))
}
