//! The time-bounded right of one attempt to write to a job.

use std::time::Duration;

use abacus_tasks::{JobId, Lane, WorkerId};
use bytes::Bytes;
use tokio_util::sync::CancellationToken;

use crate::{Failure, Summary};

/// What a worker is ready to take.
#[derive(Debug, Clone)]
pub struct Claim {
    /// Who takes it.
    pub worker: WorkerId,
    /// The kinds it computes.
    pub kinds: Vec<String>,
    /// Its free slots by lane; a lane without free slots is left out.
    pub free: Vec<(Lane, usize)>,
    /// The only job to be taken, or none other than that; `None` for whichever waits longest. A claim that names its
    /// job looks once, whatever `wait` says.
    pub job: Option<JobId>,
    /// How long to wait when there is nothing; at most 2 s.
    pub wait: Duration,
    /// Fires when the worker takes nothing more: a claim that waits ends at once with an empty list, and none that looks
    /// later leases anything, so that a worker which drains never takes back what it has just handed back.
    pub stop: CancellationToken,
}

/// What a lease is known by: every write names it, and one that was taken over is refused.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct LeaseKey {
    /// The job.
    pub job: JobId,
    /// The attempt: the fencing token.
    pub attempt: u32,
    /// Whose lease it is.
    pub worker: WorkerId,
}

/// A job that was leased to a worker.
#[derive(Debug, Clone)]
pub struct Lease {
    /// What the lease is known by.
    pub key: LeaseKey,
    /// The task in canonical form.
    pub task: Bytes,
    /// The lane it waited in.
    pub lane: Lane,
    /// How many chunks earlier attempts have stored.
    pub chunks: u32,
    /// How many bytes those hold: this attempt's output up to there is already stored.
    pub bytes: u64,
    /// The trace it belongs to: a W3C `traceparent`, or empty.
    pub trace: String,
}

/// Whether a lease still holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hold {
    /// It does.
    Held,
    /// The job was cancelled.
    Cancelled,
    /// It does not: the job was taken over or has ended.
    Lost,
}

/// How an attempt ends its job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// With a result, of which all chunks but perhaps the last are stored.
    Succeeded {
        /// The last chunk, when there is one that is not stored yet: a small result needs no other write than this.
        last: Option<Bytes>,
        /// What the whole result is.
        summary: Summary,
    },
    /// Without a result; another attempt would end the same way.
    Failed(Failure),
}

/// How an attempt gives its lease back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Release {
    /// Through no fault of the job: the attempt does not count against its number of attempts.
    Unharmed,
    /// The attempt failed, and another may succeed; it counts.
    Failed(Failure),
}

/// A lease that ran out and was taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rescued {
    /// Whose lease it was.
    pub key: LeaseKey,
    /// True when the job's attempts are used up, so that it failed instead of waiting again.
    pub dead: bool,
}
