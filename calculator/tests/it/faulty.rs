//! A broker with faults that tests switch on and off.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use abacus_broker::{
    Broker, Claim, Embedded, Error, Hold, KindRecord, Lease, LeaseKey, Notices, Outcome, Page, Position,
    Progress, Release, RequestQuery, RequestRecord, Rescued, Result, Snapshot, Stats, Submission, Submitted,
    Terms, WorkerRecord, WorkerState,
};
use abacus_tasks::{JobId, RequestName};
use async_trait::async_trait;
use bytes::Bytes;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// An embedded broker behind faults.
pub(crate) struct Faulty {
    inner: Arc<Embedded>,
    /// While true, claims never answer.
    pub(crate) hanging: watch::Sender<bool>,
    /// How often the verb of this name fails from now on.
    away: Mutex<HashMap<&'static str, u32>>,
    /// What is done to each lease before the worker gets it.
    pub(crate) forge: Mutex<fn(&mut Lease)>,
    /// Each renewal: the state of the worker, how many leases.
    pub(crate) renewals: Mutex<Vec<(WorkerState, usize)>>,
}

impl Faulty {
    pub(crate) fn new(inner: &Arc<Embedded>) -> Arc<Self> {
        Arc::new(Self {
            inner: Arc::clone(inner),
            hanging: watch::Sender::new(false),
            away: Mutex::default(),
            forge: Mutex::new(|_| {}),
            renewals: Mutex::default(),
        })
    }

    /// Lets a verb fail so many times.
    pub(crate) fn fail(&self, verb: &'static str, times: u32) {
        self.away.lock().unwrap().insert(verb, times);
    }

    /// How many failures are still to come.
    pub(crate) fn failures_left(&self, verb: &'static str) -> u32 {
        self.away.lock().unwrap().get(verb).copied().unwrap_or(0)
    }

    fn reach(&self, verb: &'static str) -> Result<&Embedded> {
        let mut away = self.away.lock().unwrap();
        match away.get_mut(verb) {
            Some(times) if *times > 0 => {
                *times -= 1;
                Err(Error::Unavailable("a fault of the test".to_owned()))
            }
            _ => Ok(&self.inner),
        }
    }
}

#[async_trait]
impl Broker for Faulty {
    fn terms(&self) -> &Terms {
        self.inner.terms()
    }
    fn partitions(&self) -> u16 {
        self.inner.partitions()
    }
    async fn submit(&self, submission: Submission) -> Result<Submitted> {
        self.reach("submit")?.submit(submission).await
    }
    async fn cancel(&self, request: &RequestName) -> Result<RequestRecord> {
        self.reach("cancel")?.cancel(request).await
    }
    async fn claim(&self, claim: Claim) -> Result<Vec<Lease>> {
        let hangs = *self.hanging.borrow();
        let _ = self.hanging.subscribe().wait_for(|hanging| !hanging).await;
        // A call that is under way when the worker is told to stop still leases.
        let stop = if hangs { CancellationToken::new() } else { claim.stop.clone() };
        let claim = Claim { stop, ..claim };
        let mut leases = self.reach("claim")?.claim(claim).await?;
        leases.iter_mut().for_each(*self.forge.lock().unwrap());
        Ok(leases)
    }
    async fn renew(&self, worker: &WorkerRecord, leases: &[LeaseKey]) -> Result<Vec<Hold>> {
        self.renewals.lock().unwrap().push((worker.state, leases.len()));
        self.reach("renew")?.renew(worker, leases).await
    }
    async fn report(&self, lease: &LeaseKey, progress: Progress) -> Result<()> {
        self.reach("report")?.report(lease, progress).await
    }
    async fn append(&self, lease: &LeaseKey, index: u32, chunk: Bytes) -> Result<()> {
        self.reach("append")?.append(lease, index, chunk).await
    }
    async fn finish(&self, lease: &LeaseKey, outcome: Outcome) -> Result<()> {
        self.reach("finish")?.finish(lease, outcome).await
    }
    async fn release(&self, lease: &LeaseKey, release: Release) -> Result<()> {
        self.reach("release")?.release(lease, release).await
    }
    async fn rescue(&self) -> Result<Vec<Rescued>> {
        self.reach("rescue")?.rescue().await
    }
    async fn snapshot(&self, job: &JobId) -> Result<Option<Snapshot>> {
        self.inner.snapshot(job).await
    }
    async fn chunks(&self, job: &JobId, from: u32, max_bytes: usize) -> Result<Vec<Bytes>> {
        self.inner.chunks(job, from, max_bytes).await
    }
    async fn notices(&self, partition: u16, after: Option<Position>, wait: Duration) -> Result<Notices> {
        self.inner.notices(partition, after, wait).await
    }
    async fn requests(&self, query: &RequestQuery) -> Result<Page<RequestRecord>> {
        self.inner.requests(query).await
    }
    async fn kinds(&self) -> Result<Vec<KindRecord>> {
        self.inner.kinds().await
    }
    async fn set_suspended(&self, kind: &str, suspended: bool) -> Result<()> {
        self.inner.set_suspended(kind, suspended).await
    }
    async fn workers(&self) -> Result<Vec<WorkerRecord>> {
        self.inner.workers().await
    }
    async fn stats(&self) -> Result<Stats> {
        self.inner.stats().await
    }
    async fn dead(&self, after: Option<u64>, limit: usize) -> Result<Page<Snapshot>> {
        self.inner.dead(after, limit).await
    }
    async fn retry(&self, job: &JobId) -> Result<Snapshot> {
        self.inner.retry(job).await
    }
}
