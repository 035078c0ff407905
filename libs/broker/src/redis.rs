//! The broker on Redis 7.0 or Valkey 7.2, or later: one server, behind Sentinel, or a cluster.
//!
//! The one idea: every atomic step is one script that touches the keys of one partition, all of which lie in one slot
//! of a cluster. Each script may be repeated when its reply was lost; its header says why. The truth lies in the
//! server alone: this process keeps connections and nothing else.
//!
//! # Keys
//! | key | holds | expires |
//! |---|---|---|
//! | `abacus:meta` | hash: layout version, number of partitions, fixed when first used | never, owned by the keyspace |
//! | `abacus:{7}:job:<id>` | hash: a job | when finished, [`Terms::result_ttl`] later |
//! | `abacus:{7}:chunk:<id>:<n>` | string: a chunk that does not lie in the job's hash | with its job |
//! | `abacus:{7}:queue:<kind>:<lane>` | sorted set: waiting jobs by admission | is deleted when empty |
//! | `abacus:{7}:queues` | set: the queues in which something waits | is deleted when empty |
//! | `abacus:{7}:leases` | sorted set: running jobs by the time their leases run out | is deleted when empty |
//! | `abacus:{7}:done` | sorted set: finished jobs and their bytes by expiry | entries by [`Broker::rescue`] |
//! | `abacus:{7}:dead` | sorted set: dead letters | bounded by [`Terms::max_dead`] |
//! | `abacus:{7}:notices` | stream: notices, numbered without holes | bounded by [`Terms::max_notices`] |
//! | `abacus:{7}:wake` | stream: one entry, the queue that was empty last | bounded |
//! | `abacus:{7}:kinds` | hash: suspended kinds, failures in a row | never, bounded by the kinds |
//! | `abacus:{7}:counters` | hash: counts | never, bounded |
//! | `abacus:client:{<client>}:requests`, `:index` | sorted set and hash: the client's list | [`Terms::request_ttl`] |
//! | `abacus:{workers}:seen`, `:records` | sorted set and hash: the workers | [`Terms::worker_ttl`] |
//!
//! A queue is a sorted set rather than a stream with a consumer group: a job that is given back returns to its place,
//! a cancelled one leaves the queue at once, the bound counts waiting jobs alone, and there are no group to lose in a
//! failover and no consumers to clean up. Who holds a job is told by its hash and by `leases`, which every script checks.
//!
//! The bounds [`Terms::max_queued`], [`Terms::max_queued_bytes`], [`Terms::max_kept_bytes`] and [`Terms::max_dead`] are
//! divided evenly among the partitions, and jobs wait in one order within each partition. While a slot of a cluster is moved between nodes,
//! calls for its partition fail with [`Error::Unavailable`].
//!
//! # Permissions
//! Least rule for an ACL user, with the prefix `abacus` (`cluster|slots` for clusters, `role` behind Sentinel only):
//! ```text
//! ACL SETUSER abacus on >password resetkeys ~abacus:* resetchannels -@all
//!   +eval +evalsha +time +info +select +cluster|slots +role
//!   +hset +hget +hmget +hdel +hkeys +hgetall +hincrby +hsetnx +zadd +zrem +zcard +zscore +zrange +zrangebyscore
//!   +zrevrange +zrevrangebyscore +zremrangebyrank +sadd +srem +smembers +xadd +xread +xrevrange
//!   +get +set +mget +strlen +hstrlen +exists +unlink +persist +pexpire +pexpireat
//! ```

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use abacus_tasks::{JobId, RequestName};
use async_trait::async_trait;
use bytes::Bytes;

use crate::{
    Broker, Claim, Error, Hold, KindRecord, Lease, LeaseKey, Notices, Outcome, Page, Position, Progress,
    Release, RequestQuery, RequestRecord, Rescued, Result, Snapshot, Stats, Submission, Submitted, Terms,
    WorkerRecord,
};

mod access;
mod asking;
mod blocking;
mod connection;
mod keys;
mod link;
mod notices;
mod reading;
mod record;
mod reply;
mod scripts;
mod server;
mod slot;
mod start;
mod topology;
mod trouble;
mod url;
mod wake;
mod workers;
mod working;

use access::Access;
use blocking::Idle;
pub use connection::{Connection, Secret};
use keys::{Base, Keys};
use scripts::{Call, Script};
use server::Server;
pub use start::StartError;
use start::StartResult;
use topology::Topology;
use url::RedisUrl;
use wake::Wakes;

/// A broker on Redis or Valkey.
pub struct Redis {
    terms: Terms,
    settings: RedisSettings,
    /// The terms as the arguments that every script begins with, after the lead.
    head: [String; 6],
    keys: Keys,
    server: Arc<Server>,
    wakes: Wakes,
    idle: Arc<Idle>,
    starts: AtomicUsize,
}

/// How a broker on Redis is used.
#[derive(Debug, Clone)]
pub struct RedisSettings {
    /// What all keys begin with: 1 to 64 of `A-Z a-z 0-9 . _ -`. Default `abacus`.
    pub prefix: String,
    /// The number of partitions, 1 to 1024, the same for every process that uses the prefix. 16 or more suit a
    /// cluster. Default 1.
    pub partitions: u16,
    /// How long a call may take, attempts and pauses together, 100 ms to 60 s. Default 5 s.
    pub timeout: Duration,
    /// For `rediss://`: the certificates to trust, in PEM, instead of the system's. Default none.
    pub roots: Option<Arc<[u8]>>,
    /// By how much this broker's time is ahead of the server's. Default not at all; for tests.
    pub lead: Lead,
}

/// By how much a broker's time is ahead of its server's: tests move it instead of waiting. Cloning shares it.
#[derive(Debug, Clone, Default)]
pub struct Lead(Arc<AtomicU64>);

/// The longest duration handed to a server: about 300 years, so that sums do not overflow.
const MAX_MILLIS: u64 = 10_000_000_000_000;

impl Redis {
    /// Connects to the broker at `url`, checks its servers, and founds its keyspace when it is new.
    ///
    /// `redis://[[user]:password@]host[:port][/database]`, with `rediss` for TLS, with `+cluster` and several hosts,
    /// or with `+sentinel`, several hosts and `/service-name[/database]`.
    ///
    /// # Errors
    /// [`StartError`] says what to do.
    pub async fn connect(url: &str, settings: RedisSettings, terms: Terms) -> StartResult<Arc<Self>> {
        settings.check()?;
        let url: RedisUrl =
            url.parse().map_err(|error: url::Malformed| StartError::Url(error.to_string()))?;
        let access = Access::new(&url, settings.roots.clone());
        let server = Server::new(Topology::new(url.place, access), settings.timeout);
        let keys = Keys::new(&settings.prefix, settings.partitions);
        start::check_servers(&server).await?;
        start::check_keyspace(&server, &keys, &settings.prefix).await?;
        // A connection is driven by the runtime it was opened on, which may not be that of the callers.
        server.topology.hang_up();
        let head = head(&terms, settings.partitions);
        Ok(Arc::new(Self {
            terms,
            settings,
            head,
            keys,
            server,
            wakes: Wakes::default(),
            idle: Arc::default(),
            starts: AtomicUsize::new(0),
        }))
    }

    /// A call on the keys of a base.
    fn call(&self, script: &'static Script, base: &Base) -> Call {
        self.begin(Call::new(script, base, None))
    }

    /// A call on a job, whose id is the first argument of the script's own.
    fn job_call(&self, script: &'static Script, job: &JobId) -> Call {
        let base = self.keys.of_job(job);
        self.begin(Call::new(script, base, Some(base.job(job)))).arg(job.as_str())
    }

    fn begin(&self, call: Call) -> Call {
        call.arg(self.settings.lead.0.load(Ordering::SeqCst)).arg(&self.head)
    }

    /// Grows by one each time.
    fn next_start(&self) -> usize {
        self.starts.fetch_add(1, Ordering::Relaxed)
    }
}

/// The terms as the scripts take them. See `scripts/parts/begin.lua`.
fn head(terms: &Terms, partitions: u16) -> [String; 6] {
    let kept = terms.max_kept_bytes / u64::from(partitions);
    let dead = terms.max_dead.div_ceil(usize::from(partitions));
    [
        terms.max_notices.max(1).to_string(),
        millis(terms.result_ttl).to_string(),
        terms.max_attempts.to_string(),
        kept.to_string(),
        dead.to_string(),
        partitions.to_string(),
    ]
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).map_or(MAX_MILLIS, |millis| millis.min(MAX_MILLIS))
}

/// A reply that none of the scripts gives: the keyspace was changed by somebody else.
fn unreadable(what: &str) -> Error {
    Error::Unavailable(format!("the server's record of {what} cannot be read"))
}

impl Lead {
    /// Moves the broker's time forward.
    pub fn advance(&self, duration: Duration) {
        self.0.fetch_add(millis(duration), Ordering::SeqCst);
    }
}

impl RedisSettings {
    fn check(&self) -> StartResult<()> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
        if !(1..=64).contains(&self.prefix.len()) || !self.prefix.bytes().all(allowed) {
            return Err(StartError::Setting(
                "the prefix must be 1 to 64 of the characters A-Z a-z 0-9 . _ -",
            ));
        }
        if !(1..=1024).contains(&self.partitions) {
            return Err(StartError::Setting("the number of partitions must be 1 to 1024"));
        }
        if !(Duration::from_millis(100)..=Duration::from_mins(1)).contains(&self.timeout) {
            return Err(StartError::Setting("the time limit of a call must be 100 ms to 60 s"));
        }
        Ok(())
    }
}

impl Default for RedisSettings {
    fn default() -> Self {
        Self {
            prefix: "abacus".to_owned(),
            partitions: 1,
            timeout: Duration::from_secs(5),
            roots: None,
            lead: Lead::default(),
        }
    }
}

impl fmt::Debug for Redis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redis")
            .field("settings", &self.settings)
            .field("terms", &self.terms)
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl Broker for Redis {
    fn terms(&self) -> &Terms {
        &self.terms
    }

    fn patience(&self) -> Duration {
        self.settings.timeout
    }

    fn partitions(&self) -> u16 {
        self.settings.partitions
    }

    async fn submit(&self, submission: Submission) -> Result<Submitted> {
        self.do_submit(submission).await
    }

    async fn cancel(&self, request: &RequestName) -> Result<RequestRecord> {
        self.do_cancel(request).await
    }

    async fn claim(&self, claim: Claim) -> Result<Vec<Lease>> {
        self.do_claim(&claim).await
    }

    async fn renew(&self, worker: &WorkerRecord, leases: &[LeaseKey]) -> Result<Vec<Hold>> {
        self.do_renew(worker, leases).await
    }

    async fn report(&self, lease: &LeaseKey, progress: Progress) -> Result<()> {
        self.do_report(lease, &progress).await
    }

    async fn append(&self, lease: &LeaseKey, index: u32, chunk: Bytes) -> Result<()> {
        self.do_append(lease, index, &chunk).await
    }

    async fn finish(&self, lease: &LeaseKey, outcome: Outcome) -> Result<()> {
        self.do_finish(lease, &outcome).await
    }

    async fn release(&self, lease: &LeaseKey, release: Release) -> Result<()> {
        self.do_release(lease, &release).await
    }

    async fn rescue(&self) -> Result<Vec<Rescued>> {
        self.do_rescue().await
    }

    async fn snapshot(&self, job: &JobId) -> Result<Option<Snapshot>> {
        self.do_snapshot(job).await
    }

    async fn chunks(&self, job: &JobId, from: u32, max_bytes: usize) -> Result<Vec<Bytes>> {
        self.do_chunks(job, from, max_bytes).await
    }

    async fn chunk_at(&self, job: &JobId, offset: u64) -> Result<(u32, u64)> {
        self.do_chunk_at(job, offset).await
    }

    async fn notices(&self, partition: u16, after: Option<Position>, wait: Duration) -> Result<Notices> {
        self.do_notices(partition, after, wait).await
    }

    async fn requests(&self, query: &RequestQuery) -> Result<Page<RequestRecord>> {
        self.do_requests(query).await
    }

    async fn kinds(&self) -> Result<Vec<KindRecord>> {
        self.do_kinds().await
    }

    async fn set_suspended(&self, kind: &str, suspended: bool) -> Result<()> {
        self.do_set_suspended(kind, suspended).await
    }

    async fn workers(&self) -> Result<Vec<WorkerRecord>> {
        self.do_workers().await
    }

    async fn stats(&self) -> Result<Stats> {
        self.do_stats().await
    }

    async fn dead(&self, after: Option<u64>, limit: usize) -> Result<Page<Snapshot>> {
        self.do_dead(after, limit).await
    }

    async fn retry(&self, job: &JobId) -> Result<Snapshot> {
        self.do_retry(job).await
    }
}
