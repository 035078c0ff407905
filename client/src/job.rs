//! What is known about jobs, requests and results. Each wraps its message of the contract and reads it with types;
//! `message()` gives the whole of it, for what has no accessor here.

use std::{
    fmt,
    time::{Duration, SystemTime},
};

use abacus_api::v1;
use abacus_tasks::{Disposition, Format, JobId, Lane, RequestName, State};

use crate::{Error, Task};

/// One computation of one task, as it stood when it was told.
#[derive(Debug, Clone, PartialEq)]
pub struct Job {
    id: JobId,
    message: Box<v1::Job>,
}

/// One client's asking for a job.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    name: RequestName,
    job: JobId,
    message: Box<v1::Request>,
}

macro_rules! view {
    ($(#[$doc:meta])* $name:ident($message:ty)) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq)]
        pub struct $name($message);

        impl $name {
            /// The message of the contract.
            #[must_use]
            pub fn message(&self) -> &$message {
                &self.0
            }
        }

        impl From<$message> for $name {
            fn from(message: $message) -> Self {
                Self(message)
            }
        }
    };
}
pub(crate) use view;

view! {
    /// How far a running job is.
    Progress(v1::Progress)
}

view! {
    /// Why a job, or an attempt at it, ended without a result.
    Failure(v1::Failure)
}

view! {
    /// What a whole result is, in the format it was asked for in.
    Summary(v1::ResultSummary)
}

impl Job {
    pub(crate) fn read(message: Option<v1::Job>) -> Result<Self, Error> {
        let message = message.ok_or_else(|| Error::Incomprehensible("no job is told".to_owned()))?;
        Ok(Self { id: job_id(&message.id)?, message: Box::new(message) })
    }

    /// Its id: the same for equal tasks, on any mesh.
    #[must_use]
    pub fn id(&self) -> &JobId {
        &self.id
    }

    /// What it computes. `None` in answers that leave out large tasks; [`Client::job`](crate::Client::job) always tells.
    #[must_use]
    pub fn task(&self) -> Option<Task> {
        self.message.task.clone().map(Task::from)
    }

    /// Where it stands. `None` for a state that only a newer contract knows.
    #[must_use]
    pub fn state(&self) -> Option<State> {
        state(self.message.state())
    }

    /// True when it has ended, whatever the outcome.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.state().is_some_and(State::is_terminal)
    }

    /// True when it waits because its kind is suspended.
    #[must_use]
    pub fn is_suspended(&self) -> bool {
        self.message.suspended
    }

    /// The queue class it has by its estimated cost.
    #[must_use]
    pub fn lane(&self) -> Option<Lane> {
        lane(self.message.lane())
    }

    /// The number of its latest attempt, from 1; 0 before the first.
    #[must_use]
    pub fn attempt(&self) -> u32 {
        self.message.attempt
    }

    /// How far it is, while it runs and has reported.
    #[must_use]
    pub fn progress(&self) -> Option<Progress> {
        self.message.progress.clone().map(Progress)
    }

    /// How many bytes of its result are stored, in its native format.
    #[must_use]
    pub fn stored_bytes(&self) -> u64 {
        self.message.bytes
    }

    /// What its result is, in its native format, once it has succeeded.
    #[must_use]
    pub fn summary(&self) -> Option<Summary> {
        self.message.result.clone().map(Summary)
    }

    /// Why it failed; while it is to be repeated, why its latest attempt ended.
    #[must_use]
    pub fn failure(&self) -> Option<Failure> {
        self.message.failure.clone().map(Failure)
    }

    /// When it was first asked for, by the mesh's clock.
    #[must_use]
    pub fn created(&self) -> Option<SystemTime> {
        time(self.message.create_time)
    }

    /// When its latest attempt started.
    #[must_use]
    pub fn started(&self) -> Option<SystemTime> {
        time(self.message.start_time)
    }

    /// When it ended.
    #[must_use]
    pub fn ended(&self) -> Option<SystemTime> {
        time(self.message.end_time)
    }

    /// When it will be forgotten, once it has ended.
    #[must_use]
    pub fn expires(&self) -> Option<SystemTime> {
        time(self.message.expire_time)
    }

    /// The message of the contract.
    #[must_use]
    pub fn message(&self) -> &v1::Job {
        &self.message
    }
}

impl Request {
    pub(crate) fn read(message: Option<v1::Request>) -> Result<Self, Error> {
        let message = message.ok_or_else(|| Error::Incomprehensible("no request is told".to_owned()))?;
        let name = message.name.parse();
        let name =
            name.map_err(|_| Error::Incomprehensible(format!("{:?} names no request", message.name)))?;
        Ok(Self { name, job: job_id(&message.job)?, message: Box::new(message) })
    }

    /// Its name, `clients/{client}/requests/{uuid}`; it cancels the request.
    #[must_use]
    pub fn name(&self) -> &RequestName {
        &self.name
    }

    /// The job it asks for.
    #[must_use]
    pub fn job(&self) -> &JobId {
        &self.job
    }

    /// When it was asked, by the mesh's clock.
    #[must_use]
    pub fn created(&self) -> Option<SystemTime> {
        time(self.message.create_time)
    }

    /// How it was answered at that time. `None` for a way that only a newer contract knows.
    #[must_use]
    pub fn disposition(&self) -> Option<Disposition> {
        match self.message.disposition() {
            v1::Disposition::Created => Some(Disposition::Created),
            v1::Disposition::Joined => Some(Disposition::Joined),
            v1::Disposition::Cached => Some(Disposition::Cached),
            v1::Disposition::Unspecified => None,
        }
    }

    /// Where its job stands now; cancelled if this request was, whatever the job does for others. `None` when the job is
    /// no longer kept.
    #[must_use]
    pub fn state(&self) -> Option<State> {
        state(self.message.state())
    }

    /// The message of the contract.
    #[must_use]
    pub fn message(&self) -> &v1::Request {
        &self.message
    }
}

impl Progress {
    /// The done part of the work, from 0 to 1.
    #[must_use]
    pub fn fraction(&self) -> f64 {
        self.0.fraction
    }

    /// What is being done, in a word or two.
    #[must_use]
    pub fn phase(&self) -> &str {
        &self.0.phase
    }

    /// The estimated time left, where it can be told.
    #[must_use]
    pub fn remaining(&self) -> Option<Duration> {
        duration(self.0.remaining)
    }
}

impl Failure {
    /// An `UPPER_SNAKE` word for programs.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.0.reason
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.0.message, self.0.reason)
    }
}

impl Summary {
    /// How the result is written that the figures describe.
    #[must_use]
    pub fn format(&self) -> Format {
        match self.0.format() {
            v1::ResultFormat::Unspecified => Format::Text,
            v1::ResultFormat::Decimal => Format::Decimal,
            v1::ResultFormat::Hex => Format::Hex,
            v1::ResultFormat::Binary => Format::Binary,
            v1::ResultFormat::Values => Format::Values,
            v1::ResultFormat::Bitmap => Format::Bitmap,
            v1::ResultFormat::Gaps => Format::Gaps,
        }
    }

    /// Its length in bytes.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.0.bytes
    }

    /// Integers: the number of decimal digits, without the sign.
    #[must_use]
    pub fn digits(&self) -> Option<u64> {
        match self.0.size {
            Some(v1::result_summary::Size::Digits(digits)) => Some(digits),
            _ => None,
        }
    }

    /// Primes: how many; text: the number of characters or notes.
    #[must_use]
    pub fn count(&self) -> Option<u64> {
        match self.0.size {
            Some(v1::result_summary::Size::Count(count)) => Some(count),
            _ => None,
        }
    }

    /// The SHA-256 of its bytes, as 64 lower-case hexadecimal digits.
    #[must_use]
    pub fn sha256(&self) -> &str {
        &self.0.sha256
    }

    /// How long the successful attempt computed.
    #[must_use]
    pub fn compute_time(&self) -> Option<Duration> {
        duration(self.0.compute_time)
    }
}

pub(crate) fn job_id(text: &str) -> Result<JobId, Error> {
    text.parse().map_err(|_| Error::Incomprehensible(format!("{text:?} names no job")))
}

pub(crate) fn state(state: v1::JobState) -> Option<State> {
    State::ALL.into_iter().find(|known| v1::JobState::from(*known) == state)
}

pub(crate) fn lane(lane: v1::Lane) -> Option<Lane> {
    Lane::ALL.into_iter().find(|known| v1::Lane::from(*known) == lane)
}

pub(crate) fn time(timestamp: Option<prost_types::Timestamp>) -> Option<SystemTime> {
    SystemTime::try_from(timestamp?).ok()
}

pub(crate) fn duration(duration: Option<prost_types::Duration>) -> Option<Duration> {
    Duration::try_from(duration?).ok()
}
