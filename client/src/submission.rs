//! Asking for a task, and the answer.

use abacus_api::v1;
use abacus_tasks::Format;
use uuid::Uuid;

use crate::{Error, Job, Request, Task};

/// A task to be submitted, and how. A [`Task`] becomes one by itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Submission {
    pub(crate) task: Task,
    pub(crate) id: Uuid,
    pub(crate) reject_if_suspended: bool,
    pub(crate) format: Option<Format>,
}

/// An accepted submission.
#[derive(Debug, Clone, PartialEq)]
pub struct Submitted {
    request: Request,
    job: Job,
}

impl Submission {
    /// Asks for a task, under a new request id.
    #[must_use]
    pub fn new(task: Task) -> Self {
        Self { task, id: Uuid::new_v4(), reject_if_suspended: false, format: None }
    }

    /// Asks under this request id: the same id with the same task again is the same call and gets the same answer, also
    /// from another process. For programs that note what they are about to ask before they ask.
    #[must_use]
    pub fn request_id(mut self, id: Uuid) -> Self {
        self.id = id;
        self
    }

    /// Asks to be refused with `KIND_SUSPENDED` instead of being queued while the kind is suspended.
    #[must_use]
    pub fn reject_if_suspended(mut self) -> Self {
        self.reject_if_suspended = true;
        self
    }

    /// How [`Client::run`](crate::Client::run) is to tell the result. Default: digits in decimal, primes one per line,
    /// text as it is.
    #[must_use]
    pub fn format(mut self, format: Format) -> Self {
        self.format = Some(format);
        self
    }

    pub(crate) fn to_message(&self, client: &str) -> v1::SubmitJobRequest {
        v1::SubmitJobRequest {
            task: Some(self.task.message().clone()),
            client: client.to_owned(),
            request_id: self.id.to_string(),
            reject_if_suspended: self.reject_if_suspended,
        }
    }
}

impl From<Task> for Submission {
    fn from(task: Task) -> Self {
        Self::new(task)
    }
}

impl Submitted {
    /// The request as recorded: its name cancels it, its disposition tells whether the task was queued, joined a job that
    /// was under way, or was answered from the cache.
    #[must_use]
    pub fn request(&self) -> &Request {
        &self.request
    }

    /// The job it asks for, as it stood.
    #[must_use]
    pub fn job(&self) -> &Job {
        &self.job
    }

    /// The message of the contract.
    #[must_use]
    pub fn to_message(&self) -> v1::SubmitJobResponse {
        v1::SubmitJobResponse {
            request: Some(self.request.message().clone()),
            job: Some(self.job.message().clone()),
        }
    }
}

impl TryFrom<v1::SubmitJobResponse> for Submitted {
    type Error = Error;

    fn try_from(response: v1::SubmitJobResponse) -> Result<Self, Error> {
        Ok(Self { request: Request::read(response.request)?, job: Job::read(response.job)? })
    }
}
