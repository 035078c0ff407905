//! Waking claims: one reader for each partition follows its `wake` stream, which tells of queues that were empty.
//!
//! What wakes a reader: an entry of the stream, every 2 s the end of a read, the trouble of its connection. It changes
//! nothing at the server. When it dies, claims still look for themselves each time they are called. It stops within
//! one read after the broker was dropped.
//!
//! A reader owns its connection: a blocking read over a shared one would hold up everybody else. No read is given
//! up half-way except with its connection.

use std::sync::{
    Arc, OnceLock, Weak,
    atomic::{AtomicU64, Ordering},
};

use redis::{RedisResult, Value, aio::MultiplexedConnection};
use tokio::{
    sync::watch,
    time::{Duration, sleep, timeout},
};

use super::{
    blocking,
    keys::{Base, Keys},
    reply,
    server::Server,
    trouble::{Pauses, Trouble},
};

/// How long one read waits at the server.
const READ: Duration = Duration::from_secs(2);

/// The readers of all partitions, started when a claim first waits.
#[derive(Debug, Default)]
pub(super) struct Wakes(OnceLock<Arc<Woken>>);

/// How often each partition has woken its claims.
#[derive(Debug)]
struct Woken {
    partitions: Vec<AtomicU64>,
    any: watch::Sender<()>,
}

/// A claim that waits.
#[derive(Debug)]
pub(super) struct Listener {
    woken: Arc<Woken>,
    any: watch::Receiver<()>,
    seen: Vec<u64>,
}

/// One partition's reader.
struct Reader {
    partition: usize,
    base: Base,
    server: Arc<Server>,
    woken: Weak<Woken>,
}

impl Wakes {
    /// Listens from now on.
    pub(super) fn listen(&self, server: &Arc<Server>, keys: &Keys) -> Listener {
        let woken = self.0.get_or_init(|| start(server, keys)).clone();
        let any = woken.any.subscribe();
        let seen = woken.partitions.iter().map(|count| count.load(Ordering::SeqCst)).collect();
        Listener { woken, any, seen }
    }
}

fn start(server: &Arc<Server>, keys: &Keys) -> Arc<Woken> {
    let bases = keys.partitions();
    let partitions = bases.iter().map(|_| AtomicU64::new(0)).collect();
    let woken = Arc::new(Woken { partitions, any: watch::Sender::new(()) });
    for (partition, base) in bases.iter().enumerate() {
        let (base, server, woken) = (base.clone(), server.clone(), Arc::downgrade(&woken));
        blocking::spawn(Reader { partition, base, server, woken }.run());
    }
    woken
}

impl Listener {
    /// Returns once a partition has woken its claims since this listener looked last.
    ///
    /// # Cancel safety
    /// Nothing is lost.
    pub(super) async fn changed(&mut self) {
        // The sender lives as long as `woken`, which this listener holds.
        let _ = self.any.changed().await;
    }

    /// The partitions that have woken their claims since this listener looked last.
    pub(super) fn take_woken(&mut self) -> Vec<usize> {
        let mut partitions = Vec::new();
        for (partition, (seen, count)) in self.seen.iter_mut().zip(&self.woken.partitions).enumerate() {
            let count = count.load(Ordering::SeqCst);
            if *seen != count {
                *seen = count;
                partitions.push(partition);
            }
        }
        partitions
    }
}

impl Reader {
    async fn run(self) {
        let mut pauses = Pauses::new();
        while self.woken.strong_count() > 0 {
            match self.server.open(self.base.slot).await {
                Ok((mut connection, owner)) => {
                    pauses = Pauses::new();
                    if let Err(error) = self.follow(&mut connection).await {
                        let trouble = Trouble::of(&error, &owner.link.address);
                        tracing::debug!(partition = self.partition, error = trouble.text(), "waking stopped");
                        self.server.topology.suspect(owner.generation);
                    }
                }
                Err(trouble) => {
                    tracing::debug!(
                        partition = self.partition,
                        error = trouble.text(),
                        "waking cannot start"
                    );
                }
            }
            sleep(pauses.next()).await;
        }
    }

    /// Reads until there is trouble or the broker is dropped.
    async fn follow(&self, connection: &mut MultiplexedConnection) -> RedisResult<()> {
        let key = self.base.key("wake");
        let newest =
            redis::cmd("XREVRANGE").arg(&key).arg(("+", "-", "COUNT", 1)).query_async(connection).await?;
        let mut position = last_id(newest).unwrap_or_else(|| "0-0".to_owned());
        // Whatever was queued before this position was known.
        self.wake();
        while self.woken.strong_count() > 0 {
            let mut read = redis::cmd("XREAD");
            read.arg("BLOCK").arg(blocking::millis(READ)).arg("STREAMS").arg(&key).arg(&position);
            let silence = || redis::RedisError::from(std::io::Error::from(std::io::ErrorKind::TimedOut));
            let answer: Value =
                timeout(READ * 2, read.query_async(connection)).await.map_err(|_| silence())??;
            let entries = reply::map(answer).into_iter().next().map(|(_, entries)| entries);
            if let Some(id) = entries.and_then(last_id) {
                position = id;
                self.wake();
            }
        }
        Ok(())
    }

    fn wake(&self) {
        if let Some(woken) = self.woken.upgrade() {
            woken.partitions[self.partition].fetch_add(1, Ordering::SeqCst);
            woken.any.send_replace(());
        }
    }
}

/// The id of the last of these entries.
fn last_id(entries: Value) -> Option<String> {
    reply::list(reply::list(entries).pop()?).into_iter().next().and_then(reply::string)
}
