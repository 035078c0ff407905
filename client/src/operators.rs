//! What operators ask.

use std::time::{Duration, SystemTime};

use abacus_api::v1;
use abacus_tasks::{JobId, Lane, WorkerId};
use futures_util::{StreamExt, stream::BoxStream};

use crate::{Client, Error, Job, Task, client::pages, job};

/// The calls of operators. From [`Client::operators`].
///
/// All of them fail with [`Error::Refused`] or [`Error::Unreachable`]; repeating any of them changes nothing more.
#[derive(Debug, Clone)]
pub struct Operators {
    client: Client,
}

/// Whether jobs of a kind are computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KindStatus {
    /// They are.
    Active,
    /// An operator has suspended the kind.
    Suspended,
    /// Observed: its latest attempts failed.
    Error,
    /// Observed: no worker serves it, so its jobs stay in the queue.
    Queue,
}

/// Whether a worker takes jobs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WorkerState {
    /// It takes jobs.
    Serving,
    /// It takes no new jobs and hands back those it has.
    Draining,
    /// Its claim loop is stuck: its jobs will run elsewhere.
    Stuck,
}

job::view! {
    /// A kind of task.
    Kind(v1::Kind)
}

job::view! {
    /// A running calculator process.
    Worker(v1::Worker)
}

job::view! {
    /// Queue depths and counters; `message()` has all of them.
    Stats(v1::GetStatsResponse)
}

impl Operators {
    pub(crate) fn new(client: Client) -> Self {
        Self { client }
    }

    /// All kinds of tasks, in the order of the contract.
    ///
    /// # Errors
    /// [`Error::Refused`], [`Error::Unreachable`].
    pub async fn kinds(&self) -> Result<Vec<Kind>, Error> {
        let call = self.client.operate(async |mut mesh| mesh.list_kinds(v1::ListKindsRequest {}).await);
        Ok(call.await?.kinds.into_iter().map(Kind).collect())
    }

    /// Suspends a kind: its jobs are accepted and wait; those that run go on.
    ///
    /// # Errors
    /// [`Error::Refused`] with `INVALID_FIELD` when there is no such kind; [`Error::Unreachable`].
    pub async fn suspend(&self, kind: &str) -> Result<Kind, Error> {
        let call = self.client.operate(|mut mesh| {
            let request = v1::SuspendKindRequest { kind: kind.to_owned() };
            async move { mesh.suspend_kind(request).await }
        });
        told(call.await?.kind, "kind").map(Kind)
    }

    /// Resumes a kind.
    ///
    /// # Errors
    /// [`Error::Refused`] with `INVALID_FIELD` when there is no such kind; [`Error::Unreachable`].
    pub async fn resume(&self, kind: &str) -> Result<Kind, Error> {
        let call = self.client.operate(|mut mesh| {
            let request = v1::ResumeKindRequest { kind: kind.to_owned() };
            async move { mesh.resume_kind(request).await }
        });
        told(call.await?.kind, "kind").map(Kind)
    }

    /// The workers that gave a sign of life within the last ten seconds.
    ///
    /// # Errors
    /// [`Error::Refused`], [`Error::Unreachable`].
    pub async fn workers(&self) -> Result<Vec<Worker>, Error> {
        let call = self.client.operate(async |mut mesh| mesh.list_workers(v1::ListWorkersRequest {}).await);
        Ok(call.await?.workers.into_iter().map(Worker).collect())
    }

    /// Tells a worker to take no new jobs and to hand back those it has.
    ///
    /// # Errors
    /// [`Error::Refused`] with `WORKER_NOT_FOUND`; [`Error::Unreachable`].
    pub async fn drain(&self, worker: &WorkerId) -> Result<Worker, Error> {
        let call = self.client.operate(|mut mesh| {
            let request = v1::DrainWorkerRequest { worker: worker.to_string() };
            async move { mesh.drain_worker(request).await }
        });
        told(call.await?.worker, "worker").map(Worker)
    }

    /// The dead letters: jobs that failed, newest first. Pages are asked for as the stream is read.
    ///
    /// # Errors
    /// The stream yields an error and ends when a page cannot be had.
    #[must_use]
    pub fn dead_jobs(&self) -> BoxStream<'static, Result<Job, Error>> {
        let client = self.client.clone();
        let pages = pages(move |page_token| {
            let client = client.clone();
            async move {
                let request = v1::ListDeadJobsRequest { page_size: 0, page_token };
                let call = client.operate(|mut mesh| {
                    let request = request.clone();
                    async move { mesh.list_dead_jobs(request).await }
                });
                let v1::ListDeadJobsResponse { jobs, next_page_token } = call.await?;
                let jobs = jobs.into_iter().map(|job| Job::read(Some(job)));
                Ok((jobs.collect::<Result<_, _>>()?, next_page_token))
            }
        });
        pages.boxed()
    }

    /// Queues a failed job once more, with all its attempts.
    ///
    /// # Errors
    /// [`Error::Refused`] with `JOB_NOT_FOUND` or `JOB_NOT_DEAD` (also when the answer to a first try was lost);
    /// [`Error::Unreachable`].
    pub async fn retry(&self, job: &JobId) -> Result<Job, Error> {
        let call = self.client.operate(|mut mesh| {
            let request = v1::RetryJobRequest { job: job.to_string() };
            async move { mesh.retry_job(request).await }
        });
        Job::read(call.await?.job)
    }

    /// Queue depths and counters.
    ///
    /// # Errors
    /// [`Error::Refused`], [`Error::Unreachable`].
    pub async fn stats(&self) -> Result<Stats, Error> {
        let call = self.client.operate(async |mut mesh| mesh.get_stats(v1::GetStatsRequest {}).await);
        call.await.map(Stats)
    }
}

impl Kind {
    /// Its name, as in `fibonacci`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// What it computes, in a sentence.
    #[must_use]
    pub fn summary(&self) -> &str {
        &self.0.summary
    }

    /// Whether its jobs are computed. `None` for a status that only a newer contract knows.
    #[must_use]
    pub fn status(&self) -> Option<KindStatus> {
        match self.0.status() {
            v1::KindStatus::Active => Some(KindStatus::Active),
            v1::KindStatus::Suspended => Some(KindStatus::Suspended),
            v1::KindStatus::Error => Some(KindStatus::Error),
            v1::KindStatus::Queue => Some(KindStatus::Queue),
            v1::KindStatus::Unspecified => None,
        }
    }

    /// A task of this kind to try.
    #[must_use]
    pub fn example(&self) -> Option<Task> {
        self.0.example.clone().map(Task::from)
    }
}

impl Worker {
    /// Its id, new at each start.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.0.id
    }

    /// Whether it takes jobs. `None` for a state that only a newer contract knows.
    #[must_use]
    pub fn state(&self) -> Option<WorkerState> {
        match self.0.state() {
            v1::WorkerState::Serving => Some(WorkerState::Serving),
            v1::WorkerState::Draining => Some(WorkerState::Draining),
            v1::WorkerState::Stuck => Some(WorkerState::Stuck),
            v1::WorkerState::Unspecified => None,
        }
    }

    /// When it started, by its clock.
    #[must_use]
    pub fn started(&self) -> Option<SystemTime> {
        job::time(self.0.start_time)
    }

    /// Its slots: lane, how many jobs it computes at once, how many it computes now.
    pub fn lanes(&self) -> impl Iterator<Item = (Option<Lane>, u32, u32)> {
        self.0.lanes.iter().map(|slots| (job::lane(slots.lane()), slots.slots, slots.busy))
    }
}

impl Stats {
    /// The queues that have jobs waiting or running, each with the age of the job that has waited longest, and its lane.
    pub fn queues(&self) -> impl Iterator<Item = (&v1::QueueStats, Option<Duration>, Option<Lane>)> {
        let queues = self.0.queues.iter();
        queues.map(|queue| (queue, job::duration(queue.oldest), job::lane(queue.lane())))
    }
}

fn told<T>(part: Option<T>, what: &str) -> Result<T, Error> {
    part.ok_or_else(|| Error::Incomprehensible(format!("no {what} is told")))
}
