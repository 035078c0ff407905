//! The whole of Abacus in one process: gateway, calculator and notifier on one broker.
//!
//! The three talk to each other over the same gRPC services as when they stand apart, through loopback ports of their
//! own; only the broker is shared. Tests start it the same way.

use std::net::{Ipv4Addr, SocketAddr};

use abacus_broker::{Clock, SharedBroker};
use abacus_chassis::{Life, ServerSettings, channel, config::peer};
use anyhow::Context;
use tokio::net::TcpListener;

/// The settings of the three services.
#[derive(Clone, Debug, clap::Args)]
#[group(skip)]
pub struct Settings {
    /// What the gateway accepts.
    #[command(flatten)]
    pub gateway: abacus_gateway::Settings,
    /// How the calculator works.
    #[command(flatten)]
    pub calculator: abacus_calculator::Settings,
    /// How the notifier works.
    #[command(flatten)]
    pub notifier: abacus_notifier::Settings,
    /// The bounds of each port.
    #[command(flatten)]
    pub server: ServerSettings,
}

/// Where the services of a mesh listen.
#[derive(Clone, Copy, Debug)]
pub struct Addresses {
    /// The public door.
    pub gateway: SocketAddr,
    /// `WorkerService`, on loopback.
    pub calculator: SocketAddr,
    /// `WatchService`, on loopback.
    pub notifier: SocketAddr,
}

/// Starts the three services as parts of this life; `listener` becomes the public door. Returns when all of them
/// accept calls.
///
/// # Errors
/// When a loopback port cannot be bound.
pub async fn start(
    listener: TcpListener,
    settings: Settings,
    broker: SharedBroker,
    life: &Life,
) -> anyhow::Result<Addresses> {
    let Settings { gateway, calculator, notifier, server } = settings;
    let notifier_listener = loopback().await?;
    let calculator_listener = loopback().await?;
    let addresses = Addresses {
        gateway: listener.local_addr()?,
        calculator: calculator_listener.local_addr()?,
        notifier: notifier_listener.local_addr()?,
    };

    let parts = abacus_notifier::Parts { broker: broker.clone(), settings: notifier, server: server.clone() };
    abacus_notifier::serve(notifier_listener, parts, life)?;

    let parts = abacus_calculator::Parts {
        settings: calculator,
        server: server.clone(),
        limits: gateway.limits.clone(),
        broker: broker.clone(),
        heartbeat_broker: broker.clone(),
        clock: Clock::system(),
    };
    abacus_calculator::serve(calculator_listener, parts, life)?;

    let notifier = peer(&format!("http://{}", addresses.notifier)).map_err(anyhow::Error::msg)?;
    let watch = abacus_gateway::Watch::new(channel::channel(notifier));
    let parts = abacus_gateway::Parts { broker, watch, settings: gateway, server };
    abacus_gateway::serve(listener, parts, life)?;
    Ok(addresses)
}

async fn loopback() -> anyhow::Result<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.context("no loopback port can be bound")
}
