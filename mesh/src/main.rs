//! `abacus-mesh`: the whole of Abacus in one process on the embedded broker; what `cargo run` starts.

use std::{
    io::{self, Write},
    net::SocketAddr,
    process::ExitCode,
};

use abacus_broker::{Clock, Embedded};
use abacus_chassis::{Life, config, process};
use abacus_mesh::{Addresses, Settings};
use anyhow::Context;
use clap::Parser;
use tokio::net::TcpListener;

/// The whole of Abacus in one process: gateway, calculator and notifier on an embedded broker.
///
/// Jobs and results live in memory and end with the process. Every option can also be given as a variable, named in
/// brackets; an unknown `ABACUS_` variable or a bad value ends the process with code 64 before anything is bound.
#[derive(Parser)]
#[command(name = "abacus-mesh", version)]
struct Config {
    /// Where the public door listens: gRPC, grpc-web and REST on one port.
    #[arg(long, env = "ABACUS_LISTEN", value_name = "HOST:PORT", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    #[command(flatten)]
    broker: abacus_broker::Settings,
    #[command(flatten)]
    mesh: Settings,
}

fn main() -> ExitCode {
    let config: Config = match config::parse() {
        Ok(config) => config,
        Err(code) => return code,
    };
    let server = config.mesh.server.clone();
    process::run(&server, async |life| run(config, life).await)
}

async fn run(config: Config, life: Life) -> anyhow::Result<()> {
    let Config { listen, broker, mesh } = config;
    let listener = TcpListener::bind(listen)
        .await
        .with_context(|| format!("cannot listen on {listen}; choose another address with --listen"))?;
    let broker = Embedded::new(broker.terms(), Clock::system());
    let addresses = abacus_mesh::start(listener, mesh, broker, &life).await?;
    greet(&addresses).context("standard output cannot be written")
}

/// Tells where the mesh listens and what to try.
fn greet(addresses: &Addresses) -> io::Result<()> {
    let door = addresses.gateway;
    let mut out = io::stdout().lock();
    writeln!(
        out,
        "Abacus listens on {door} for gRPC, grpc-web and REST. Jobs and results live in memory. Ctrl-C stops it.\n\
         \n\
         Try, in another terminal:\n\
         \n  abacus --url http://{door} fib 1000000\
         \n  curl 'http://{door}/?n=42'\
         \n  grpcurl -plaintext -d '{{\"task\":{{\"fibonacci\":{{\"n\":1000}}}}}}' {door} abacus.v1.JobService/RunJob\n\
         \n\
         or in a browser: http://{door}/\n"
    )?;
    out.flush()
}
