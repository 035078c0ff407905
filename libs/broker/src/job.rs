//! What is known about a job.

use std::time::Duration;

use abacus_tasks::{JobId, Lane, Size, State, WorkerId};
use bytes::Bytes;

use crate::clock::Timestamp;

/// All that is known about a job but the chunks of its result.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    /// Its id, which names its kind.
    pub job: JobId,
    /// Its task in canonical form.
    pub task: Bytes,
    /// The lane it was queued in.
    pub lane: Lane,
    /// Where it stands.
    pub state: State,
    /// True when it is queued and its kind is suspended.
    pub suspended: bool,
    /// Grows with each change that a subscriber can see.
    pub sequence: u64,
    /// The number of its latest attempt, from 1; 0 before the first. It never falls, whatever the job's fate: it is
    /// the fencing token of leases.
    pub attempt: u32,
    /// How many requests still want it: those that queued or joined its present life and were not cancelled before
    /// it ended. A request that was answered from the cache wants nothing more.
    pub requests: u32,
    /// The worker of its latest attempt.
    pub worker: Option<WorkerId>,
    /// The latest report of the running attempt.
    pub progress: Option<Progress>,
    /// How many chunks are stored.
    pub chunks: u32,
    /// How many bytes of its result are stored.
    pub bytes: u64,
    /// What the result is; set exactly when it succeeded.
    pub summary: Option<Summary>,
    /// Why it failed; while queued or running again, why the attempt before was lost or failed.
    pub failure: Option<Failure>,
    /// When it was first asked for.
    pub create_time: Timestamp,
    /// When its latest attempt started.
    pub start_time: Option<Timestamp>,
    /// When it reached its final state.
    pub end_time: Option<Timestamp>,
    /// When it will be forgotten; set exactly in a final state.
    pub expire_time: Option<Timestamp>,
    /// The trace it belongs to: a W3C `traceparent`, or empty.
    pub trace: String,
}

/// How far a running job is.
#[derive(Debug, Clone, PartialEq)]
pub struct Progress {
    /// The done part, 0.0 to 1.0.
    pub fraction: f64,
    /// What is being done, in a word or two.
    pub phase: String,
    /// The estimated time left.
    pub remaining: Option<Duration>,
}

/// What a whole result is, in its native format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// Its length in bytes.
    pub bytes: u64,
    /// In how many chunks it is stored.
    pub chunks: u32,
    /// How large it is in its own terms.
    pub size: Size,
    /// Its SHA-256.
    pub sha256: [u8; 32],
    /// How long the successful attempt computed.
    pub compute: Duration,
}

/// Why a job or an attempt ended without a result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// An `UPPER_SNAKE` word for programs.
    pub reason: String,
    /// A sentence for people.
    pub message: String,
}

impl Failure {
    /// The reason of an attempt whose lease ran out.
    pub const WORKER_LOST: &'static str = "WORKER_LOST";
    /// The reason of an attempt that was handed back by a draining worker.
    pub const HANDED_BACK: &'static str = "HANDED_BACK";
    /// The reason of a computation that ended with an error.
    pub const COMPUTATION_FAILED: &'static str = "COMPUTATION_FAILED";
    /// The reason of a job whose attempts are used up.
    pub const ATTEMPTS_EXHAUSTED: &'static str = "ATTEMPTS_EXHAUSTED";

    /// A failure with this reason and message.
    #[must_use]
    pub fn new(reason: &str, message: impl Into<String>) -> Self {
        Self { reason: reason.to_owned(), message: message.into() }
    }
}
