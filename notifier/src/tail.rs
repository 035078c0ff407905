//! The tail of one partition's notices: reads them and wakes the watchers whom they concern.
//!
//! Woken by the broker. Changes nothing but mailboxes. If it dies the process stops; if it is late or loses notices,
//! watchers learn of changes when they next read again by themselves. Stops at the soft stop, between two reads.

use std::time::Duration;

use abacus_broker::{Position, Result, SharedBroker};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::patience::Pauses;
use crate::watchers::Watchers;

/// The longest time to wait for notices at once.
const WAIT: Duration = Duration::from_secs(2);

/// A position in the notices of one partition.
pub(crate) struct Tail {
    broker: SharedBroker,
    watchers: Watchers,
    partition: u16,
    /// `None` after an outage: the broker may have lost its notices, and positions from before may mean nothing.
    position: Option<Position>,
}

impl Tail {
    /// A tail that has no position yet.
    pub(crate) fn new(broker: SharedBroker, watchers: Watchers, partition: u16) -> Self {
        Self { broker, watchers, partition, position: None }
    }

    /// Takes the position of the newest notice: whatever happens from now on wakes those who watch then.
    pub(crate) async fn bind(&mut self) -> Result<()> {
        let newest = self.broker.notices(self.partition, None, Duration::ZERO).await?;
        self.position = Some(newest.next);
        Ok(())
    }

    /// Wakes watchers until the soft stop.
    pub(crate) async fn run(mut self, soft: CancellationToken) {
        let mut pauses = Pauses::new();
        while let Some(answer) = soft.run_until_cancelled(self.follow()).await {
            match answer {
                Ok(()) => pauses = Pauses::new(),
                Err(error) => {
                    if self.position.take().is_some() {
                        tracing::warn!(partition = self.partition, %error, "the notices cannot be read");
                    }
                    let _ = soft.run_until_cancelled(sleep(pauses.next())).await;
                }
            }
        }
    }

    /// Reads once. Dropped at the soft stop only, where an unfinished read harms nobody.
    async fn follow(&mut self) -> Result<()> {
        let Some(position) = self.position else {
            self.bind().await?;
            tracing::info!(partition = self.partition, "the notices are read again");
            self.watchers.everything_changed();
            return Ok(());
        };
        let read = self.broker.notices(self.partition, Some(position), WAIT).await?;
        if read.gap {
            tracing::debug!(partition = self.partition, "notices were missed");
            self.watchers.everything_changed();
        }
        self.watchers.deliver(&read.notices);
        self.position = Some(read.next);
        Ok(())
    }
}
