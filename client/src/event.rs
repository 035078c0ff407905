//! What a subscription tells.

use std::time::Duration;

use abacus_tasks::{JobId, State};
use bytes::Bytes;

use crate::{Failure, Job, Progress, Submitted, Summary, error::NoResult};

/// Something that happened to a job, or to the connection to it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Event {
    /// The job as it stands: first of all, and again after each time the stream was resumed.
    Snapshot(Job),
    /// How far it is, at most about ten times a second.
    Progress {
        /// The job.
        job: JobId,
        /// How far.
        progress: Progress,
    },
    /// The next bytes of its result. Each comes exactly once and in order, whatever is cut in between; its checksum has
    /// been compared.
    Chunk(Chunk),
    /// An attempt was lost, failed or handed back, and will be repeated. The chunks so far stay valid.
    Retrying {
        /// The job.
        job: JobId,
        /// Why the attempt ended.
        failure: Failure,
    },
    /// The kind of the waiting job was suspended.
    Suspended {
        /// The job.
        job: JobId,
    },
    /// The kind of the waiting job was resumed.
    Resumed {
        /// The job.
        job: JobId,
    },
    /// The end of a job: nothing more comes of it. Length and digest of its result have been compared with what came,
    /// if all of it came.
    Ended(Outcome),
    /// The stream was cut, or could not be opened again. It goes on by itself.
    Disconnected(Disconnected),
    /// The stream goes on.
    Reconnected,
    /// The mesh did not know the job any more, and [`Run`](crate::Run) has asked for its task again. What had come is
    /// not repeated: equal tasks have equal results.
    Resubmitted(Submitted),
}

/// The next bytes of a result.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Chunk {
    /// The job.
    pub job: JobId,
    /// Where the first byte stands in the whole result.
    pub offset: u64,
    /// The bytes; at least one.
    pub bytes: Bytes,
    /// Whether the format is one of characters (decimal, hexadecimal, values, text), not of bytes.
    pub is_text: bool,
}

/// How a job ended.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Outcome {
    /// The job.
    pub job: JobId,
    /// The end.
    pub end: End,
}

/// The ways to end.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum End {
    /// With a result, in the format that was asked for.
    Succeeded(Summary),
    /// Without one: it could not be computed.
    Failed(Failure),
    /// Without one: nobody wanted it any more.
    Cancelled,
}

/// A cut of the connection, and what is done about it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Disconnected {
    /// What happened, for people.
    pub cause: String,
    /// When it is tried again.
    pub retry_in: Duration,
    /// How many tries have failed in a row, from 1.
    pub tries: u32,
}

impl Event {
    /// The job it is about; `None` when it is about the connection.
    #[must_use]
    pub fn job(&self) -> Option<&JobId> {
        match self {
            Self::Snapshot(job) => Some(job.id()),
            Self::Progress { job, .. }
            | Self::Retrying { job, .. }
            | Self::Suspended { job }
            | Self::Resumed { job } => Some(job),
            Self::Chunk(chunk) => Some(&chunk.job),
            Self::Ended(outcome) => Some(&outcome.job),
            Self::Resubmitted(submitted) => Some(submitted.job().id()),
            Self::Disconnected(_) | Self::Reconnected => None,
        }
    }
}

impl Outcome {
    /// What the result is.
    ///
    /// # Errors
    /// [`NoResult`] when there is none.
    pub fn summary(self) -> Result<Summary, NoResult> {
        let Self { job, end } = self;
        match end {
            End::Succeeded(summary) => Ok(summary),
            End::Failed(failure) => Err(NoResult { job, state: State::Failed, failure: Some(failure) }),
            End::Cancelled => Err(NoResult { job, state: State::Cancelled, failure: None }),
        }
    }
}
