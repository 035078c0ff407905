//! Connections for reads that wait at the server: each is used by one read at a time, and by nothing else.
//!
//! A read runs in a task of its own to its end, so that a caller who goes away leaves no half-read connection behind.

use std::{collections::HashMap, future::Future};

use parking_lot::Mutex;
use redis::aio::MultiplexedConnection;
use tokio::time::Duration;

use super::topology::Owner;

/// Connections that wait for their next read, by the slot they serve.
#[derive(Default)]
pub(super) struct Idle(Mutex<HashMap<u16, Vec<(MultiplexedConnection, Owner)>>>);

/// How many connections wait for each slot at most; more are closed after their read.
const MAX_IDLE: usize = 16;

impl Idle {
    /// A connection that was put back, if there is one.
    pub(super) fn take(&self, slot: u16) -> Option<(MultiplexedConnection, Owner)> {
        self.0.lock().get_mut(&slot)?.pop()
    }

    /// Keeps a connection whose read has ended for the next one.
    pub(super) fn put(&self, slot: u16, connection: (MultiplexedConnection, Owner)) {
        let mut idle = self.0.lock();
        let idle = idle.entry(slot).or_default();
        if idle.len() < MAX_IDLE {
            idle.push(connection);
        }
    }

    /// Closes those that wait: the server they lead to is in doubt.
    pub(super) fn clear(&self, slot: u16) {
        self.0.lock().remove(&slot);
    }
}

impl std::fmt::Debug for Idle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Idle({:?})", self.0.lock().keys())
    }
}

/// Runs a read to its end.
#[expect(
    clippy::disallowed_methods,
    reason = "a read ends by itself within seconds and changes nothing: shutdown need not wait for it"
)]
pub(super) fn spawn(read: impl Future<Output = ()> + Send + 'static) {
    tokio::spawn(read);
}

/// The time for a `BLOCK` argument: at least 1 ms, as 0 means for ever.
pub(super) fn millis(duration: Duration) -> u64 {
    super::millis(duration).max(1)
}
