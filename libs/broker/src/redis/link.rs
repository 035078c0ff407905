//! One shared connection to one server, opened when it is needed and opened anew after it broke.

use std::sync::Arc;

use parking_lot::RwLock;
use redis::{Cmd, RedisResult, Value, aio::MultiplexedConnection};
use tokio::sync::Mutex;

use super::{access::Access, url::Address};

/// A connection to a server that everybody shares; commands are sent without waiting for earlier answers.
///
/// Nothing that blocks may be sent over it: it would hold up everybody else.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) address: Address,
    access: Access,
    current: RwLock<Option<Numbered>>,
    /// Lets one caller open a connection while the others wait for it.
    opening: Mutex<()>,
}

/// A connection and its number, by which it is known which one broke.
#[derive(Clone)]
struct Numbered {
    number: u64,
    connection: MultiplexedConnection,
}

impl std::fmt::Debug for Numbered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "connection {}", self.number)
    }
}

impl Link {
    pub(super) fn new(address: Address, access: Access) -> Arc<Self> {
        Arc::new(Self { address, access, current: RwLock::new(None), opening: Mutex::new(()) })
    }

    /// Sends a command and waits for its answer. Answers too which connection it went over.
    pub(super) async fn send(&self, command: &Cmd) -> (u64, RedisResult<Value>) {
        match self.connection().await {
            Ok(Numbered { number, mut connection }) => (number, command.query_async(&mut connection).await),
            Err(error) => (0, Err(error)),
        }
    }

    /// The number of the connection in use; 0 when there is none.
    pub(super) fn number(&self) -> u64 {
        self.current.read().as_ref().map_or(0, |current| current.number)
    }

    /// Gives a connection up, if it is still the one in use.
    pub(super) fn discard(&self, number: u64) {
        let mut current = self.current.write();
        if current.as_ref().is_some_and(|current| current.number == number) {
            *current = None;
        }
    }

    /// Opens a connection of the caller's own, which may block.
    pub(super) async fn open(&self) -> RedisResult<MultiplexedConnection> {
        self.access.open(&self.address).await
    }

    async fn connection(&self) -> RedisResult<Numbered> {
        if let Some(current) = self.current.read().clone() {
            return Ok(current);
        }
        let _opening = self.opening.lock().await;
        if let Some(current) = self.current.read().clone() {
            return Ok(current);
        }
        let connection = self.open().await?;
        let opened = Numbered { number: next_number(), connection };
        *self.current.write() = Some(opened.clone());
        Ok(opened)
    }
}

/// Numbers connections from 1, over all links of the process.
fn next_number() -> u64 {
    use std::sync::atomic::{AtomicU64, Ordering};
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}
