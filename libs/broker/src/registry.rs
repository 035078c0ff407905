//! What operators see: kinds, workers, queues, counters.

use std::time::Duration;

use abacus_tasks::{Lane, WorkerId};

use crate::clock::Timestamp;

/// What is known about a kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KindRecord {
    /// The kind's name.
    pub kind: String,
    /// True when an operator has suspended it.
    pub suspended: bool,
    /// How many of its latest attempts in a row failed by themselves (not by a lost worker).
    pub failures_in_a_row: u32,
}

/// What a worker tells of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkerRecord {
    /// Its id.
    pub id: WorkerId,
    /// Where its gRPC service listens: `host:port`.
    pub address: String,
    /// Its version.
    pub version: String,
    /// The kinds it computes.
    pub kinds: Vec<String>,
    /// Its slots.
    pub lanes: Vec<WorkerLane>,
    /// Whether it takes jobs.
    pub state: WorkerState,
    /// When it started.
    pub start_time: Timestamp,
    /// When it was last announced; set by the broker.
    pub heartbeat_time: Timestamp,
    /// How many jobs it has finished since its start.
    pub finished: u64,
}

/// The slots of a worker in one lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WorkerLane {
    /// The lane.
    pub lane: Lane,
    /// How many jobs it computes at once.
    pub slots: u32,
    /// How many it computes now.
    pub busy: u32,
}

/// Whether a worker takes jobs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WorkerState {
    /// It does.
    Serving,
    /// It takes none, and has handed back those it had.
    Draining,
    /// Its claim loop is stuck: it renews nothing.
    Stuck,
}

/// Queue depths and counters.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stats {
    /// The queues that have jobs waiting or running, by kind and lane.
    pub queues: Vec<QueueStats>,
    /// Counts since the broker's data began.
    pub counters: Counters,
    /// How many jobs are kept, in any state.
    pub kept_jobs: u64,
    /// How many bytes of results are kept, with their tasks and requests as [`Terms::max_kept_bytes`](crate::Terms)
    /// counts them.
    pub kept_bytes: u64,
}

/// One queue: the jobs of a kind and lane.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueStats {
    /// The kind's name.
    pub kind: String,
    /// The lane.
    pub lane: Lane,
    /// How many jobs wait.
    pub queued: u64,
    /// How many jobs run.
    pub running: u64,
    /// How long the longest waiting job has waited.
    pub oldest: Option<Duration>,
}

/// Counts of what happened.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counters {
    /// Requests that queued a new computation.
    pub created: u64,
    /// Requests that joined one.
    pub joined: u64,
    /// Requests answered from the cache.
    pub cached: u64,
    /// Jobs that succeeded.
    pub succeeded: u64,
    /// Jobs that failed.
    pub failed: u64,
    /// Jobs that were cancelled.
    pub cancelled: u64,
    /// Attempts that were repeated after a loss or a failure.
    pub retried: u64,
}
