//! The promises behind a sentinel.

use std::time::Duration;

use abacus_broker::{SharedBroker, Terms};
use tokio::sync::OnceCell;

use super::{Keyspace, servers::Guarded};
use crate::{promises::promises_over_partitions, stand::Stand};

/// A keyspace of its own on a server that a sentinel names and all tests share.
struct SentinelStand(Keyspace);

async fn shared() -> &'static Guarded {
    static SHARED: OnceCell<Guarded> = OnceCell::const_new();
    SHARED.get_or_init(|| async { Guarded::start() }).await
}

impl Stand for SentinelStand {
    async fn start() -> Self {
        Self(Keyspace::new(shared().await.url(), 1))
    }

    async fn broker(&self, terms: Terms) -> SharedBroker {
        self.0.broker(terms).await
    }

    async fn advance(&self, duration: Duration) {
        self.0.lead().advance(duration);
    }
}

promises_over_partitions!(SentinelStand);
