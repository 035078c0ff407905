//! How a broker refuses.

use abacus_tasks::{JobId, Lane, RequestName};

/// The answer of a broker.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a broker did not do what it was asked, by what the caller can do about it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The queue is at its bound: try again later.
    #[error("the queue of kind {kind}, lane {lane} is full: {bound} jobs wait")]
    QueueFull {
        /// The kind.
        kind: String,
        /// The lane.
        lane: Lane,
        /// [`Terms::max_queued`](crate::Terms::max_queued).
        bound: usize,
    },
    /// The tasks of the jobs that wait or run, and their requests, are at their bound: try again later.
    #[error("the jobs that wait or run take the {bound} bytes they may")]
    TasksFull {
        /// [`Terms::max_queued_bytes`](crate::Terms::max_queued_bytes).
        bound: u64,
    },
    /// The kind is suspended and the submission asked not to wait.
    #[error("kind {0} is suspended")]
    KindSuspended(String),
    /// The request id stands for a request for another job: use a new one.
    #[error("the request id was used for job {0}")]
    RequestIdReused(JobId),
    /// The job is not kept.
    #[error("no job {0}")]
    NoSuchJob(JobId),
    /// The request is not kept.
    #[error("no request {0}")]
    NoSuchRequest(RequestName),
    /// The job has not failed.
    #[error("job {0} has not failed")]
    NotDead(JobId),
    /// Another attempt, a cancel or a finish has ended this lease: stop working on the job.
    #[error("the lease has ended")]
    LeaseLost,
    /// The chunk is not the next one.
    #[error("chunk {expected} is the next one")]
    OutOfOrder {
        /// The number of the next chunk.
        expected: u32,
    },
    /// The broker could not be reached in time, or has no memory left: try again later.
    #[error("the broker is unavailable: {0}")]
    Unavailable(String),
}
