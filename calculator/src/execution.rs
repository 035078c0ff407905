//! One attempt at a job, from its lease to its end.
//!
//! A compute thread computes; a task on the runtime follows it and writes to the broker what comes: chunks in order,
//! the latest progress, the outcome. Every write is fenced by the lease. When the lease is gone, the computation is
//! stopped and forgotten; when the broker is away, the attempt goes on and repeats its write until the broker says
//! whether the lease still holds. A small job costs one write: its only chunk rides in the outcome.
//!
//! If a follower dies, its lease ends with its heartbeat's register and is rescued.

use std::{convert::Infallible, sync::Arc, time::Instant};

use abacus_broker::{Error, Failure, Lease, LeaseKey, Outcome, Progress, Release};
use abacus_tasks::{Lane, Run, Stop, Task};
use bytes::Bytes;
use tokio::select;

use crate::{
    backoff::persistently,
    compute::Stored,
    division::{Divided, Division},
    figures,
    handover::{Computation, Event, Handover, Interrupt},
    worker::Worker,
};

/// An attempt as its follower sees it.
struct Attempt {
    worker: Arc<Worker>,
    key: LeaseKey,
    lane: Lane,
    began: Instant,
    /// How many chunks are stored: the number of the next one.
    chunks: u32,
}

/// How an attempt ends.
enum Ending {
    /// The job ends with it.
    Outcome(Outcome),
    /// The job waits again.
    Release(Release),
    /// There is nothing left to write to: the job was cancelled.
    Cancelled,
    /// There is nothing left to write to: the lease has ended.
    Lost,
}

/// Begins an attempt in a free slot of its lane. Without a slot, or when the worker drains, hands the lease back.
pub(crate) fn begin(worker: &Arc<Worker>, lease: Lease) {
    let (attempt, Lease { task, lane, chunks, bytes, trace, .. }) = Attempt::new(worker, lease);
    let hand_back = |attempt: Attempt| worker.life.track("attempt", attempt.end(Ending::UNHARMED));
    // A caller of Calculate may have taken the slot while the claim waited.
    let Some(slot) = worker.slots.take(lane) else { return hand_back(attempt) };
    let task = match Task::from_canonical(&task) {
        Ok(task) => task,
        Err(error) => return worker.life.track("attempt", attempt.end(Ending::failed(error.to_string()))),
    };
    let division = Division::new(worker, attempt.key.clone(), trace.clone());
    let body = Box::new(move |run: &mut dyn Run, handover: &Arc<Handover>| {
        task.run(&mut Divided::new(run, handover, division))
    });
    let computation = worker.compute.begin(slot, Stored { chunks, bytes }, body);
    attempt.attend(computation, &trace);
}

/// Begins an attempt that is computed within another one, on that one's thread: tells where its output goes, and what
/// is stored of it. `None` when the worker drains; the lease is then handed back.
pub(crate) fn begin_within(worker: &Arc<Worker>, lease: Lease) -> Option<(Arc<Handover>, Stored)> {
    let stored = Stored { chunks: lease.chunks, bytes: lease.bytes };
    let (attempt, lease) = Attempt::new(worker, lease);
    let computation = Computation::new(None);
    let handover = computation.handover();
    attempt.attend(computation, &lease.trace).then_some((handover, stored))
}

impl Attempt {
    fn new(worker: &Arc<Worker>, lease: Lease) -> (Self, Lease) {
        let Lease { key, lane, chunks, .. } = lease.clone();
        (Self { worker: Arc::clone(worker), key, lane, began: Instant::now(), chunks }, lease)
    }

    /// Keeps the lease and follows the computation to its end, in the background. False when the worker drains: the
    /// lease is handed back, and the computation stops.
    fn attend(mut self, computation: Computation, trace: &str) -> bool {
        let worker = Arc::clone(&self.worker);
        let Some(held) = worker.leases.hold(self.key.clone(), computation.handover()) else {
            worker.life.track("attempt", self.end(Ending::UNHARMED));
            return false;
        };
        // The trace joins this event to those of whoever asked.
        let trace = (!trace.is_empty()).then_some(trace);
        let LeaseKey { job, attempt, worker: _ } = &self.key;
        tracing::info!(job.id = %job, kind = job.kind(), attempt, lane = %self.lane, trace, "job started");
        worker.life.track("attempt", async move {
            let Err(ending) = self.follow(&computation).await;
            // What is left of the computation stops while the broker is told.
            drop(computation);
            self.end(ending).await;
            drop(held);
        });
        true
    }

    /// Writes what comes from the computation to the broker, until the attempt ends: it only returns how.
    async fn follow(&mut self, computation: &Computation) -> Result<Infallible, Ending> {
        loop {
            match computation.next().await {
                Event::Progress(progress) => self.report(computation, progress).await?,
                Event::Chunk(chunk) => self.append(computation, chunk).await?,
                Event::Interrupted(interrupt) => return Err(interrupt.into()),
                Event::Ended(Ok(finished)) => {
                    let (last, summary) = (finished.last, finished.summary);
                    return Err(Ending::Outcome(Outcome::Succeeded { last, summary }));
                }
                Event::Ended(Err(stop)) => return Err(stop.into()),
            }
        }
    }

    /// Progress is replaced by the next: one try is enough.
    async fn report(&self, computation: &Computation, progress: Progress) -> Result<(), Ending> {
        let reported = select! {
            biased;
            interrupt = computation.interrupted() => return Err(interrupt.into()),
            reported = self.worker.broker.report(&self.key, progress) => reported,
        };
        match reported {
            Ok(()) | Err(Error::Unavailable(_)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    async fn append(&mut self, computation: &Computation, chunk: Bytes) -> Result<(), Ending> {
        let (broker, index) = (&self.worker.broker, self.chunks);
        select! {
            biased;
            interrupt = computation.interrupted() => return Err(interrupt.into()),
            appended = persistently(|| broker.append(&self.key, index, chunk.clone())) => appended?,
        }
        self.chunks += 1;
        Ok(())
    }

    /// Tells the broker how the attempt ends, as far as there is somebody to tell.
    async fn end(self, ending: Ending) {
        match ending {
            Ending::Outcome(outcome) => self.finish(outcome).await,
            Ending::Release(release) => self.release(release).await,
            Ending::Cancelled => self.tell("job cancelled", None),
            Ending::Lost => self.tell("job lost", None),
        }
    }

    async fn finish(self, outcome: Outcome) {
        let failure = match &outcome {
            Outcome::Succeeded { .. } => None,
            Outcome::Failed(failure) => Some(failure.message.clone()),
        };
        // Nothing but the broker's answer ends this: even while draining a result is better finished than repeated.
        match persistently(|| self.worker.broker.finish(&self.key, outcome.clone())).await {
            Ok(()) => {
                self.worker.status.count_finished();
                let event = if failure.is_some() { "job failed" } else { "job finished" };
                self.tell(event, failure.as_deref());
            }
            Err(error) => match Ending::from(error) {
                Ending::Release(release) => self.release(release).await,
                _ => self.tell("job lost", None),
            },
        }
    }

    async fn release(self, release: Release) {
        let released = self.worker.release(&self.key, &release).await;
        match (released, release) {
            (Ok(()), Release::Unharmed) => {
                self.worker.count_handed_back();
                self.tell("job handed back", None);
            }
            (Ok(()), Release::Failed(failure)) => self.tell("attempt failed", Some(&failure.message)),
            (Err(error), _) => self.tell("job lost", Some(&error.to_string())),
        }
    }

    /// Logs and counts the end of this attempt.
    fn tell(&self, event: &'static str, cause: Option<&str>) {
        let LeaseKey { job, attempt, worker: _ } = &self.key;
        let (kind, elapsed) = (job.kind(), self.began.elapsed());
        figures::ended(kind, event, elapsed);
        tracing::info!(job.id = %job, kind, attempt, lane = %self.lane, ?elapsed, cause, "{event}");
    }
}

impl Ending {
    const UNHARMED: Self = Self::Release(Release::Unharmed);

    /// The job fails: another attempt would end the same way.
    fn failed(message: String) -> Self {
        Self::Outcome(Outcome::Failed(Failure::new(Failure::COMPUTATION_FAILED, message)))
    }

    /// The attempt fails: another one may succeed.
    fn may_be_repeated(message: String) -> Self {
        Self::Release(Release::Failed(Failure::new(Failure::COMPUTATION_FAILED, message)))
    }
}

impl From<Interrupt> for Ending {
    fn from(interrupt: Interrupt) -> Self {
        match interrupt {
            Interrupt::HandBack => Self::UNHARMED,
            Interrupt::Cancelled => Self::Cancelled,
            Interrupt::Lost => Self::Lost,
        }
    }
}

impl From<Stop> for Ending {
    fn from(stop: Stop) -> Self {
        match stop {
            // Nobody has told it to stop: that would have come first.
            Stop::Interrupted => Self::may_be_repeated("the computation stopped by itself".to_owned()),
            Stop::Retry(message) => Self::may_be_repeated(message),
            Stop::Fail(message) => Self::failed(message),
        }
    }
}

impl From<Error> for Ending {
    fn from(error: Error) -> Self {
        match error {
            Error::LeaseLost | Error::NoSuchJob(_) => Self::Lost,
            error => Self::may_be_repeated(format!("the result could not be stored: {error}")),
        }
    }
}
