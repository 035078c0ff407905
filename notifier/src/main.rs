//! `abacus-notifier`: the notifier as a process of its own.

use std::{net::SocketAddr, process::ExitCode};

use abacus_broker::Connection;
use abacus_chassis::{Life, ServerSettings, config, probe, process};
use abacus_notifier::{Parts, Settings};
use anyhow::Context;
use clap::Parser;
use tokio::net::TcpListener;

/// The notifier of Abacus: tails what changes and streams it to gateways. Needs a broker; any number of notifiers can
/// stand side by side.
///
/// Every option can also be given as a variable, named in brackets; an unknown `ABACUS_` variable or a bad value ends the
/// process with code 64 before anything is bound.
#[derive(Parser)]
#[command(name = "abacus-notifier", version)]
struct Config {
    /// Where its `WatchService` listens.
    #[arg(long, env = "ABACUS_LISTEN", value_name = "HOST:PORT", default_value = "127.0.0.1:8081")]
    listen: SocketAddr,

    /// Asks the notifier that listens here for its health instead of starting one: exit code 0 when it serves.
    #[arg(long)]
    probe: bool,

    #[command(flatten)]
    connection: Connection,
    #[command(flatten)]
    broker: abacus_broker::Settings,
    #[command(flatten)]
    notifier: Settings,
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
    let Config { listen, connection, broker, notifier: settings, server, .. } = config;
    let listener = TcpListener::bind(listen)
        .await
        .with_context(|| format!("cannot listen on {listen}; choose another address with --listen"))?;
    let broker = connection.connect(broker.terms()).await?;
    abacus_notifier::serve(listener, Parts { broker, settings, server }, &life)?;
    Ok(())
}
