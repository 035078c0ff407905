//! The broker: where jobs wait, where their results are kept, and where everybody learns that something changed.
//!
//! One trait, [`Broker`], and implementations that keep the same promises; `tests/it` holds the promises as a suite
//! that runs over each of them. The truth about a job is its [`Snapshot`] and its numbered chunks; a [`Notice`] only
//! says that it is worth reading them again. Every write to a running job is fenced by its lease: a worker whose
//! lease was taken over can write nothing.
//!
//! The broker computes nothing and knows no network protocol of the services.

use std::{sync::Arc, time::Duration};

use abacus_tasks::{JobId, RequestName};
use async_trait::async_trait;
use bytes::Bytes;

pub mod clock;
pub mod embedded;
mod error;
mod job;
mod lease;
pub mod message;
mod notice;
mod reader;
pub mod redis;
mod registry;
mod request;
mod settings;
mod terms;

pub use clock::{Clock, Timestamp};
pub use embedded::Embedded;
pub use error::{Error, Result};
pub use job::{Failure, Progress, Snapshot, Summary};
pub use lease::{Claim, Hold, Lease, LeaseKey, Outcome, Release, Rescued};
pub use notice::{Notice, Notices, Position};
pub use reader::{Conversions, Next, Piece, ReadError, Reader, Reading};
pub use redis::{Connection, StartError};
pub use registry::{Counters, KindRecord, QueueStats, Stats, WorkerLane, WorkerRecord, WorkerState};
pub use request::{Direction, Page, RequestQuery, RequestRecord, Submission, Submitted};
pub use settings::Settings;
pub use terms::Terms;

/// A broker that is shared by the parts of a process.
pub type SharedBroker = Arc<dyn Broker>;

/// Queue, results and notices. All methods take `&self` and may be called from many tasks at once.
///
/// # Bounds
/// [`Terms`] bounds the jobs, and the list of each client. The number of clients is not bounded: each list of up to
/// [`Terms::max_requests`] takes memory until [`Terms::request_ttl`] after its last request, some 250 bytes a request.
/// Who lets clients in bounds how many names they use. Nor are the results of running jobs counted before they end.
///
/// # Repeating
/// Every method may be repeated after its answer was lost: the second call does no more than the first and gives the
/// same answer, except that a repeated [`claim`](Broker::claim) may lease further jobs, the first ones being rescued
/// once their leases have run out.
///
/// # Errors
/// Every method fails with [`Error::Unavailable`] when the broker cannot be reached within a bounded time. When only
/// some of the partitions can, [`claim`](Broker::claim), [`renew`](Broker::renew) and [`rescue`](Broker::rescue) do what
/// can be done in those.
///
/// # Cancel safety
/// A dropped call has happened wholly or not at all. A dropped `claim` may have leased jobs that nobody computes;
/// they are rescued, but a caller that wants them at once lets `claim` finish.
#[async_trait]
pub trait Broker: Send + Sync + 'static {
    /// The bounds and durations this broker works by.
    fn terms(&self) -> &Terms;

    /// The longest that a call takes before it fails with [`Error::Unavailable`], waits that it was asked for aside.
    fn patience(&self) -> Duration {
        Duration::ZERO
    }

    /// The number of partitions, at least 1: each has notices of its own.
    fn partitions(&self) -> u16;

    // The life of a job.

    /// Records a request and, in one atomic step, joins the job if it waits or runs, answers from the cache if it
    /// has succeeded, or queues it: when it is new, has expired, has failed or was cancelled. A job that claims to run
    /// but whose lease has run out is queued again rather than joined as it stands.
    ///
    /// A job that is queued after a failure or a cancel begins a new life: it has all its attempts, whose numbers go
    /// on growing, is wanted by this request alone, and keeps the chunks that are stored, for a result is determined
    /// by its task.
    ///
    /// A request id that the client has used before gets the request recorded then and the job as it stands now,
    /// whatever became of it. Only when that job is no longer kept is it asked for anew, at the request's old place.
    ///
    /// # Errors
    /// [`Error::QueueFull`], [`Error::TasksFull`], [`Error::KindSuspended`], [`Error::RequestIdReused`]; then nothing has changed.
    async fn submit(&self, submission: Submission) -> Result<Submitted>;

    /// Detaches a request from its job; the last request that leaves an unfinished job cancels it, at once and for
    /// good: the lease of its worker ends too. Detaching again, or after the end, changes nothing: the state of the
    /// request goes on being that of the job. A request of an earlier life of the job is cancelled without detaching
    /// anybody from this one.
    ///
    /// # Errors
    /// [`Error::NoSuchRequest`].
    async fn cancel(&self, request: &RequestName) -> Result<RequestRecord>;

    /// Leases waiting jobs of the asked kinds that are not suspended, at most as many per lane as the claim has free
    /// slots, the longest waiting first. Waits up to `claim.wait` when there is none, then answers an empty list. A claim
    /// that names a job leases that one, wherever it stands in its queue, or nothing, and does not wait.
    async fn claim(&self, claim: Claim) -> Result<Vec<Lease>>;

    /// Announces a worker for [`Terms::worker_ttl`] and extends its leases to [`Terms::lease`] from now. Answers for
    /// each lease, in order, whether it still holds. A lease whose partition cannot be reached while others can counts
    /// as held: it is not renewed, and its next fenced write tells whether it was taken over.
    async fn renew(&self, worker: &WorkerRecord, leases: &[LeaseKey]) -> Result<Vec<Hold>>;

    /// Replaces the progress of a running job.
    ///
    /// # Errors
    /// [`Error::LeaseLost`].
    async fn report(&self, lease: &LeaseKey, progress: Progress) -> Result<()>;

    /// Appends chunk number `index` of the result, 1 to [`Terms::max_chunk_bytes`] long. Chunks stored by an earlier
    /// attempt stay: the next one to append is number [`Lease::chunks`], starting at byte [`Lease::bytes`].
    /// Appending a chunk again that is already stored changes nothing.
    ///
    /// # Errors
    /// [`Error::LeaseLost`], [`Error::OutOfOrder`].
    async fn append(&self, lease: &LeaseKey, index: u32, chunk: Bytes) -> Result<()>;

    /// Ends a running job, exactly once. Finishing again by the same lease changes nothing. The summary's number of
    /// chunks says which one the last is: it must be the next one, or stored already.
    ///
    /// # Errors
    /// [`Error::LeaseLost`], [`Error::OutOfOrder`] for a summary of more or fewer chunks.
    async fn finish(&self, lease: &LeaseKey, outcome: Outcome) -> Result<()>;

    /// Gives a lease back, so that the job waits again, or fails when its attempts are used up. Giving back again
    /// changes nothing.
    ///
    /// # Errors
    /// [`Error::LeaseLost`].
    async fn release(&self, lease: &LeaseKey, release: Release) -> Result<()>;

    /// Takes back every lease that has run out: its job waits again, or fails when its attempts are used up. Also
    /// forgets what has expired. To be called about once a second by at least one process.
    async fn rescue(&self) -> Result<Vec<Rescued>>;

    // What is known about jobs and requests.

    /// What is known about a job; `None` when it never was or has expired.
    async fn snapshot(&self, job: &JobId) -> Result<Option<Snapshot>>;

    /// Stored chunks from number `from` on, in order: at least one if there is one, and no more than fit
    /// `max_bytes` together beyond the first. Empty when there is none yet or the job is not kept.
    async fn chunks(&self, job: &JobId, from: u32, max_bytes: usize) -> Result<Vec<Bytes>>;

    /// Where byte `offset` of a result is stored: the number of the chunk that holds it and the offset of that chunk's
    /// first byte. For a byte that is not stored yet, what the next chunk to be appended will have: the number of
    /// stored chunks and of stored bytes.
    ///
    /// As it stands here it reads everything before; a broker that knows the lengths of its chunks does better.
    async fn chunk_at(&self, job: &JobId, offset: u64) -> Result<(u32, u64)> {
        const BYTES_AT_ONCE: usize = 1 << 20;
        let (mut number, mut start) = (0, 0);
        loop {
            let chunks = self.chunks(job, number, BYTES_AT_ONCE).await?;
            if chunks.is_empty() {
                return Ok((number, start));
            }
            for chunk in chunks {
                let end = start + chunk.len() as u64;
                if offset < end {
                    return Ok((number, start));
                }
                (number, start) = (number + 1, end);
            }
        }
    }

    /// Notices of a partition after a position. Waits up to `wait` when there is none, then answers none. Without a
    /// position: answers at once the position of the newest notice.
    async fn notices(&self, partition: u16, after: Option<Position>, wait: Duration) -> Result<Notices>;

    /// The requests of a client.
    ///
    /// Oldest first, no page goes past a request whose job is still being asked for: every listed one has been
    /// answered, and a later page lists no earlier one, so that whoever reads on after the last order misses none. A
    /// page that ends there has a `next`, be it empty or not; an empty one is answered only after a short wait, so that
    /// reading on at once is no hot loop. A request whose submitter went away half-way holds the list up for twice the
    /// time limit of a call and a second at most; from then on it is listed as it stands, which may be without a job.
    /// Newest first, all are listed.
    async fn requests(&self, query: &RequestQuery) -> Result<Page<RequestRecord>>;

    // For operators.

    /// The kinds that were ever suspended or have failed.
    async fn kinds(&self) -> Result<Vec<KindRecord>>;

    /// Suspends or resumes a kind: jobs of a suspended kind are accepted and wait.
    async fn set_suspended(&self, kind: &str, suspended: bool) -> Result<()>;

    /// The workers that were announced within the last [`Terms::worker_ttl`], by id.
    async fn workers(&self) -> Result<Vec<WorkerRecord>>;

    /// Queue depths and counters.
    async fn stats(&self) -> Result<Stats>;

    /// The failed jobs, newest first, after the given order (exclusive; `None`: from the newest).
    async fn dead(&self, after: Option<u64>, limit: usize) -> Result<Page<Snapshot>>;

    /// Queues a failed job again, at the end of its queue, with all its attempts, for the requests that wanted it
    /// when it failed.
    ///
    /// # Errors
    /// [`Error::NoSuchJob`], [`Error::NotDead`].
    async fn retry(&self, job: &JobId) -> Result<Snapshot>;
}
