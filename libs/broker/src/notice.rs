//! Wake-up calls: what changed, not how.

use abacus_tasks::{ClientName, JobId};

/// Something worth reading again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// A job has changed, or was asked for.
    Job {
        /// The job.
        job: JobId,
        /// Its sequence number after the change.
        sequence: u64,
        /// Who asked for it, when this notice tells of a request. The request can be read from the client's list.
        client: Option<ClientName>,
    },
    /// A kind was suspended or resumed.
    Kind {
        /// The kind's name.
        kind: String,
    },
}

/// A position among the notices of a partition; later ones are greater.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position(pub u64, pub u64);

/// Notices of a partition.
#[derive(Debug, Clone, Default)]
pub struct Notices {
    /// In the order they were given.
    pub notices: Vec<Notice>,
    /// Where to read on.
    pub next: Position,
    /// True when notices between the asked position and these are no longer kept: everything watched is worth
    /// reading again.
    pub gap: bool,
}
