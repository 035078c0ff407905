//! The promises on a cluster of six nodes, with 16 partitions.

use std::time::Duration;

use abacus_broker::{SharedBroker, Terms};
use tokio::sync::OnceCell;

use super::{Keyspace, servers::Cluster};
use crate::{promises::promises_over_partitions, stand::Stand};

/// A keyspace of its own on a cluster that all tests share.
struct ClusterStand(Keyspace);

async fn shared() -> &'static Cluster {
    static SHARED: OnceCell<Cluster> = OnceCell::const_new();
    SHARED.get_or_init(|| async { Cluster::start() }).await
}

impl Stand for ClusterStand {
    async fn start() -> Self {
        Self(Keyspace::new(shared().await.url(), 16))
    }

    async fn broker(&self, terms: Terms) -> SharedBroker {
        self.0.broker(terms).await
    }

    async fn advance(&self, duration: Duration) {
        self.0.lead().advance(duration);
    }
}

promises_over_partitions!(ClusterStand);
