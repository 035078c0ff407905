//! One client's asking for a job.

use abacus_tasks::{ClientName, Disposition, JobId, Lane, RequestName, State, Task};
use uuid::Uuid;

use crate::{Snapshot, clock::Timestamp};

/// A client's asking for a task.
#[derive(Debug, Clone)]
pub struct Submission {
    /// What to compute.
    pub task: Task,
    /// The lane to queue it in.
    pub lane: Lane,
    /// Who asks.
    pub client: ClientName,
    /// The id that makes repeating the submission safe; the broker makes one up when there is none.
    pub request_id: Option<Uuid>,
    /// Whether to refuse when the job would have to wait because its kind is suspended.
    pub reject_if_suspended: bool,
    /// The trace it belongs to: a W3C `traceparent`, or empty.
    pub trace: String,
}

/// How a submission was answered.
#[derive(Debug, Clone, PartialEq)]
pub struct Submitted {
    /// The request as recorded.
    pub request: RequestRecord,
    /// Its job.
    pub snapshot: Snapshot,
}

/// A request as recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestRecord {
    /// Its name.
    pub name: RequestName,
    /// The job asked for.
    pub job: JobId,
    /// Its place in the client's list: later requests have greater ones, from 1. No two requests of a list have had the
    /// same; a refused one may have used one up.
    pub order: u64,
    /// When it was asked.
    pub create_time: Timestamp,
    /// How it was answered.
    pub disposition: Disposition,
    /// Where its job stands now; cancelled if this request was cancelled; `None` when the job is no longer kept.
    pub state: Option<State>,
}

/// Which requests of a client to list.
#[derive(Debug, Clone)]
pub struct RequestQuery {
    /// Whose.
    pub client: ClientName,
    /// The order of the last request that was already listed (exclusive); `None` from the first in that direction.
    pub after: Option<u64>,
    /// Oldest or newest first.
    pub direction: Direction,
    /// How many at most, at least 1.
    pub limit: usize,
}

/// In which order to list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Older entries first.
    OldestFirst,
    /// Newer entries first.
    NewestFirst,
}

/// A part of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The entries.
    pub entries: Vec<T>,
    /// Where the next page begins: the order of the last entry, or where this page began if it is empty; `None` when
    /// the list ends here.
    pub next: Option<u64>,
}
