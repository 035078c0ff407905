//! The broker in this process's memory: for trying things out, for one machine, and as the reference that shows what
//! each promise means.
//!
//! The one idea: a single mutex over plain collections, held only for a few map operations at a time, so that each
//! verb is one atomic step. No step looks through all jobs: waiting jobs are ordered by admission, leases by when they
//! run out, finished jobs by when they ended. Nothing is written to disk: the data ends with the process.
//!
//! There is one partition.

use std::{sync::Arc, time::Duration};

use abacus_tasks::{JobId, RequestName};
use async_trait::async_trait;
use bytes::Bytes;
use parking_lot::Mutex;
use tokio::{
    sync::Notify,
    time::{Instant, timeout_at},
};
use uuid::Uuid;

use crate::{
    Broker, Claim, Clock, Hold, KindRecord, Lease, LeaseKey, Notices, Outcome, Page, Position, Progress,
    Release, RequestQuery, RequestRecord, Rescued, Result, Snapshot, Stats, Submission, Submitted, Terms,
    Timestamp, WorkerRecord,
};

mod asking;
mod clients;
mod index;
mod job;
mod kinds;
mod reading;
mod ring;
mod store;
mod working;

use store::Store;

/// The longest time a call waits for something to happen.
const MAX_WAIT: Duration = Duration::from_mins(1);
/// The longest time [`Claim::wait`] is honoured for.
const MAX_CLAIM_WAIT: Duration = Duration::from_secs(2);
/// How many overdue entries one step of [`Broker::rescue`] handles before it lets others have the lock.
const RESCUE_STEP: usize = 500;

/// A broker in memory.
///
/// Beside the bytes of results it counts a flat kibibyte for each finished job against [`Terms::max_kept_bytes`], so
/// that many small results are bounded as well. The latest finished job is never forgotten for its size.
#[derive(Debug)]
pub struct Embedded {
    terms: Terms,
    clock: Clock,
    store: Mutex<Store>,
    /// Wakes waiting claims.
    queued: Notify,
    /// Wakes waiting readers of notices.
    noticed: Notify,
}

impl Embedded {
    /// A broker without any jobs.
    #[must_use]
    pub fn new(terms: Terms, clock: Clock) -> Arc<Self> {
        let store = Mutex::new(Store::new(terms.clone()));
        Arc::new(Self { terms, clock, store, queued: Notify::new(), noticed: Notify::new() })
    }

    /// Does one atomic step, then wakes those who wait for what it brought about.
    fn step<T>(&self, step: impl FnOnce(&mut Store, Timestamp) -> T) -> T {
        let mut store = self.store.lock();
        let answer = step(&mut store, self.clock.now());
        let wakes = store.take_wakes();
        drop(store);
        if wakes.queued {
            self.queued.notify_waiters();
        }
        if wakes.noticed {
            self.noticed.notify_waiters();
        }
        answer
    }
}

/// Tries until there is something or `wait` has passed, again each time `notify` says that something happened.
async fn wait_for<T>(notify: &Notify, wait: Duration, attempt: impl Fn() -> Option<T>) -> Option<T> {
    let deadline = Instant::now() + wait.min(MAX_WAIT);
    loop {
        // Created before the attempt: what happens between the two is not missed.
        let happened = notify.notified();
        if let Some(found) = attempt() {
            return Some(found);
        }
        timeout_at(deadline, happened).await.ok()?;
    }
}

#[async_trait]
impl Broker for Embedded {
    fn terms(&self) -> &Terms {
        &self.terms
    }

    fn partitions(&self) -> u16 {
        1
    }

    async fn submit(&self, submission: Submission) -> Result<Submitted> {
        let id = submission.request_id.unwrap_or_else(Uuid::now_v7);
        self.step(|store, now| store.submit(&submission, id, now))
    }

    async fn cancel(&self, request: &RequestName) -> Result<RequestRecord> {
        self.step(|store, now| store.cancel(request, now))
    }

    async fn claim(&self, claim: Claim) -> Result<Vec<Lease>> {
        let attempt = || {
            if claim.stop.is_cancelled() {
                return Some(Vec::new());
            }
            let leases = self.step(|store, now| store.claim(&claim, now));
            (!leases.is_empty()).then_some(leases)
        };
        let wait = if claim.job.is_some() { Duration::ZERO } else { claim.wait.min(MAX_CLAIM_WAIT) };
        let waiting = wait_for(&self.queued, wait, attempt);
        // Looking and leasing is one step without a pause, so that nothing is leased by a wait that is cut short.
        Ok(claim.stop.run_until_cancelled(waiting).await.flatten().unwrap_or_default())
    }

    async fn renew(&self, worker: &WorkerRecord, leases: &[LeaseKey]) -> Result<Vec<Hold>> {
        Ok(self.step(|store, now| store.renew(worker, leases, now)))
    }

    async fn report(&self, lease: &LeaseKey, progress: Progress) -> Result<()> {
        self.step(|store, _| store.report(lease, progress))
    }

    async fn append(&self, lease: &LeaseKey, index: u32, chunk: Bytes) -> Result<()> {
        self.step(|store, _| store.append(lease, index, chunk))
    }

    async fn finish(&self, lease: &LeaseKey, outcome: Outcome) -> Result<()> {
        self.step(|store, now| store.finish(lease, outcome, now))
    }

    async fn release(&self, lease: &LeaseKey, release: Release) -> Result<()> {
        self.step(|store, now| store.release(lease, release, now))
    }

    async fn rescue(&self) -> Result<Vec<Rescued>> {
        while self.step(|store, now| store.forget_overdue(now, RESCUE_STEP)) == RESCUE_STEP {}
        let mut rescued = Vec::new();
        loop {
            let step = self.step(|store, now| store.rescue(now, RESCUE_STEP));
            let more = step.len() == RESCUE_STEP;
            rescued.extend(step);
            if !more {
                return Ok(rescued);
            }
        }
    }

    async fn snapshot(&self, job: &JobId) -> Result<Option<Snapshot>> {
        Ok(self.step(|store, now| store.snapshot(job, now)))
    }

    async fn chunks(&self, job: &JobId, from: u32, max_bytes: usize) -> Result<Vec<Bytes>> {
        Ok(self.step(|store, now| store.chunks(job, from, max_bytes, now)))
    }

    async fn chunk_at(&self, job: &JobId, offset: u64) -> Result<(u32, u64)> {
        Ok(self.step(|store, now| store.chunk_at(job, offset, now)))
    }

    async fn notices(&self, _partition: u16, after: Option<Position>, wait: Duration) -> Result<Notices> {
        let Some(after) = after else {
            return Ok(Notices { next: self.step(|store, _| store.newest_notice()), ..Notices::default() });
        };
        let attempt = || {
            let read = self.step(|store, _| store.notices(after));
            (read.gap || !read.notices.is_empty()).then_some(read)
        };
        let none = Notices { next: after, ..Notices::default() };
        Ok(wait_for(&self.noticed, wait, attempt).await.unwrap_or(none))
    }

    async fn requests(&self, query: &RequestQuery) -> Result<Page<RequestRecord>> {
        Ok(self.step(|store, now| store.requests(query, now)))
    }

    async fn kinds(&self) -> Result<Vec<KindRecord>> {
        Ok(self.step(|store, _| store.kinds()))
    }

    async fn set_suspended(&self, kind: &str, suspended: bool) -> Result<()> {
        self.step(|store, _| store.set_suspended(kind, suspended));
        Ok(())
    }

    async fn workers(&self) -> Result<Vec<WorkerRecord>> {
        Ok(self.step(|store, now| store.workers(now)))
    }

    async fn stats(&self) -> Result<Stats> {
        Ok(self.step(|store, now| store.stats(now)))
    }

    async fn dead(&self, after: Option<u64>, limit: usize) -> Result<Page<Snapshot>> {
        Ok(self.step(|store, now| store.dead(after, limit, now)))
    }

    async fn retry(&self, job: &JobId) -> Result<Snapshot> {
        self.step(|store, now| store.retry(job, now))
    }
}
