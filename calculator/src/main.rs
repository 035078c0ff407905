//! `abacus-calculator`: a worker as a process of its own.

use std::{net::SocketAddr, process::ExitCode};

use abacus_broker::{Clock, Connection};
use abacus_calculator::{Parts, Settings};
use abacus_chassis::{Life, ServerSettings, config, probe, process};
use abacus_tasks::Limits;
use anyhow::Context;
use clap::Parser;
use tokio::net::TcpListener;

/// A worker of Abacus: claims jobs and computes them. Needs a broker; start as many as you like, anywhere that
/// reaches it: each adds throughput, and nothing else has to be told.
///
/// Every option can also be given as a variable, named in brackets; an unknown `ABACUS_` variable or a bad value ends the
/// process with code 64 before anything is bound.
#[derive(Parser)]
#[command(name = "abacus-calculator", version)]
struct Config {
    /// Where its `WorkerService` listens; port 0 takes a free one.
    #[arg(long, env = "ABACUS_LISTEN", value_name = "HOST:PORT", default_value = "127.0.0.1:8082")]
    listen: SocketAddr,

    /// Limits on tasks that are computed past the queue, as the gateway's --limits.
    #[arg(long, env = "ABACUS_LIMITS", value_name = "LIMITS", default_value = "")]
    limits: Limits,

    /// Asks the calculator that listens here for its health instead of starting one: exit code 0 when it serves.
    #[arg(long)]
    probe: bool,

    #[command(flatten)]
    connection: Connection,
    #[command(flatten)]
    broker: abacus_broker::Settings,
    #[command(flatten)]
    calculator: Settings,
    #[command(flatten)]
    server: ServerSettings,
}

fn main() -> ExitCode {
    let config: Config = match config::parse() {
        Ok(config) => config,
        Err(code) => return code,
    };
    if config.probe {
        return probe(config.listen);
    }
    if let Err(error) = config.connection.check() {
        return config::refuse(&error);
    }
    let server = config.server.clone();
    process::run(&server, async |life| run(config, life).await)
}

async fn run(config: Config, life: Life) -> anyhow::Result<()> {
    let Config { listen, limits, connection, broker, calculator: settings, server, .. } = config;
    let listener = TcpListener::bind(listen)
        .await
        .with_context(|| format!("cannot listen on {listen}; choose another address with --listen"))?;
    let terms = broker.terms();
    let broker = connection.connect(terms.clone()).await?;
    // The heartbeat has connections of its own, so that a busy one never delays a renewal.
    let heartbeat_broker = connection.connect(terms).await?;
    let clock = Clock::system();
    let parts = Parts { settings, server, limits, broker, heartbeat_broker, clock };
    abacus_calculator::serve(listener, parts, &life)?;
    Ok(())
}
