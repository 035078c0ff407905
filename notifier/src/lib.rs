//! The notifier: tails the broker's notices and streams to each watcher what happens to its jobs.
//!
//! | part | does |
//! |---|---|
//! | `tail` | one loop for each partition: reads notices, wakes watchers |
//! | `watchers` | who watches what |
//! | `watch` | one subscription: a stream of frames, pulled by its subscriber |
//! | `grpc` | `WatchService`, within the bounds of streams |
//! | `patience` | waiting for a broker that is away |
//!
//! It keeps nothing: what it knows it reads from the broker, so any notifier can go on with any subscription.

use std::sync::Arc;

use abacus_api::v1::watch_service_server::{SERVICE_NAME, WatchServiceServer};
use abacus_broker::SharedBroker;
use abacus_chassis::health::{Readiness, Services, well_known};
use abacus_chassis::streams::Streams;
use abacus_chassis::{Life, ServerSettings, server};
use tokio::net::TcpListener;
use tokio::time::sleep;

mod config;
mod error;
mod grpc;
mod patience;
mod tail;
mod watch;
mod watchers;

pub use config::Settings;
pub use error::Error;

use grpc::Door;
use patience::Pauses;
use tail::Tail;
use watch::Desk;
use watchers::Watchers;

/// What a notifier works with.
pub struct Parts {
    /// The broker.
    pub broker: SharedBroker,
    /// How it serves its watchers.
    pub settings: Settings,
    /// The bounds of its port.
    pub server: ServerSettings,
}

/// Starts a notifier on a bound listener; it runs in `life` until that ends. Its health is `NOT_SERVING` until it has
/// taken its positions in the notices.
///
/// # Errors
/// [`Error`], when nothing was started.
pub fn serve(listener: TcpListener, parts: Parts, life: &Life) -> Result<(), Error> {
    let Parts { broker, settings, server } = parts;
    let streams = Streams::new(&server, life);
    let services = Services { names: &[SERVICE_NAME], descriptors: abacus_api::DESCRIPTOR_SET };
    let (readiness, routes) = well_known(services, &streams, life)?;

    let watchers = Watchers::default();
    let partitions = 0..broker.partitions();
    let tail = |partition| Tail::new(broker.clone(), watchers.clone(), partition);
    let tails: Vec<_> = partitions.map(tail).collect();
    let desk = Arc::new(Desk { broker, watchers, conversions: settings.conversions(), settings });

    let door =
        WatchServiceServer::new(Door { desk, streams }).max_decoding_message_size(server.max_message_bytes());
    let port = server::Port::new("notifier", routes.add_service(door));
    life.spawn("notifier", server::serve(listener, port, server, life.clone()));
    life.track("notifier: start", start(tails, readiness, life.clone()));
    Ok(())
}

/// Takes the position of every tail, then lets them run and says that the notifier is ready.
async fn start(mut tails: Vec<Tail>, readiness: Readiness, life: Life) {
    for tail in &mut tails {
        let mut pauses = Pauses::new();
        while let Err(error) = tail.bind().await {
            tracing::warn!(%error, "the notices cannot be read yet");
            if life.soft().run_until_cancelled(sleep(pauses.next())).await.is_none() {
                return;
            }
        }
    }
    for tail in tails {
        life.spawn("notifier: tail", tail.run(life.soft().clone()));
    }
    readiness.serving();
}
