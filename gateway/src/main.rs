//! `abacus-gateway`: the public door as a process of its own.

use std::{net::SocketAddr, process::ExitCode};

use abacus_broker::Connection;
use abacus_chassis::{Life, ServerSettings, channel, config, probe, process};
use abacus_gateway::{Parts, Settings, Watch};
use anyhow::Context;
use clap::Parser;
use http::Uri;
use tokio::net::TcpListener;

/// The public door of Abacus: gRPC, grpc-web and REST. Needs a broker and a notifier; any number of gateways can stand
/// side by side.
///
/// Every option can also be given as a variable, named in brackets; an unknown `ABACUS_` variable or a bad value ends the
/// process with code 64 before anything is bound.
#[derive(Parser)]
#[command(name = "abacus-gateway", version)]
struct Config {
    /// Where it listens.
    #[arg(long, env = "ABACUS_LISTEN", value_name = "HOST:PORT", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,

    /// Where a notifier listens.
    #[arg(long, env = "ABACUS_NOTIFIER", value_name = "URL", default_value = "http://127.0.0.1:8081",
          value_parser = config::peer)]
    notifier: Uri,

    /// Asks the gateway that listens here for its health instead of starting one: exit code 0 when it serves.
    #[arg(long)]
    probe: bool,

    #[command(flatten)]
    connection: Connection,
    #[command(flatten)]
    broker: abacus_broker::Settings,
    #[command(flatten)]
    gateway: Settings,
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
    let Config { listen, notifier, connection, broker, gateway, server, .. } = config;
    let listener = TcpListener::bind(listen)
        .await
        .with_context(|| format!("cannot listen on {listen}; choose another address with --listen"))?;
    let broker = connection.connect(broker.terms()).await?;
    let watch = Watch::new(channel::channel(notifier));
    abacus_gateway::serve(listener, Parts { broker, watch, settings: gateway, server }, &life)
}
