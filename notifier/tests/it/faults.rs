//! Slow subscribers, lost notices, a broker that is away, a process that stops.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use abacus_api::v1;
use abacus_broker::{
    Broker, Claim, Clock, Embedded, Error, Hold, KindRecord, Lease, LeaseKey, Notices, Outcome, Page,
    Position, Progress, Release, RequestQuery, RequestRecord, Rescued, Result, Snapshot, Stats, Submission,
    Submitted, Terms, WorkerRecord,
};
use abacus_chassis::{Reason, Refusal};
use abacus_notifier::Settings;
use abacus_tasks::{JobId, RequestName};
use async_trait::async_trait;
use bytes::Bytes;
use tokio::sync::Notify;
use tokio::time::timeout;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;
use tonic_types::StatusExt as _;

use crate::stage::{
    DEADLINE, Frames, Stage, Story, embedded, of_client, of_job, of_jobs, rereading, sort, sorts,
};

/// An embedded broker between which and its users something can fail.
struct Faulty {
    inner: Arc<Embedded>,
    /// Nothing can be read.
    away: AtomicBool,
    /// No notices are told.
    silent: AtomicBool,
    /// How many more times a job is not found.
    unmade: AtomicUsize,
    /// How many chunks were read.
    chunks_read: AtomicUsize,
    /// Somebody has found it away.
    missed: Notify,
}

impl Faulty {
    fn new() -> (Arc<Self>, Clock) {
        let (inner, clock) = embedded();
        let faulty = Self {
            inner,
            away: AtomicBool::new(false),
            silent: AtomicBool::new(false),
            unmade: AtomicUsize::new(0),
            chunks_read: AtomicUsize::new(0),
            missed: Notify::new(),
        };
        (Arc::new(faulty), clock)
    }

    fn reached(&self) -> Result<&Embedded> {
        if self.away.load(Ordering::SeqCst) {
            self.missed.notify_one();
            return Err(Error::Unavailable("taken away by the test".to_owned()));
        }
        Ok(&self.inner)
    }

    /// Comes back once somebody has found it away.
    async fn come_back(&self) {
        timeout(DEADLINE, self.missed.notified()).await.expect("it is missed in time");
        self.away.store(false, Ordering::SeqCst);
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
        self.inner.submit(submission).await
    }
    async fn cancel(&self, request: &RequestName) -> Result<RequestRecord> {
        self.inner.cancel(request).await
    }
    async fn claim(&self, claim: Claim) -> Result<Vec<Lease>> {
        self.inner.claim(claim).await
    }
    async fn renew(&self, worker: &WorkerRecord, leases: &[LeaseKey]) -> Result<Vec<Hold>> {
        self.inner.renew(worker, leases).await
    }
    async fn report(&self, lease: &LeaseKey, progress: Progress) -> Result<()> {
        self.inner.report(lease, progress).await
    }
    async fn append(&self, lease: &LeaseKey, index: u32, chunk: Bytes) -> Result<()> {
        self.inner.append(lease, index, chunk).await
    }
    async fn finish(&self, lease: &LeaseKey, outcome: Outcome) -> Result<()> {
        self.inner.finish(lease, outcome).await
    }
    async fn release(&self, lease: &LeaseKey, release: Release) -> Result<()> {
        self.inner.release(lease, release).await
    }
    async fn rescue(&self) -> Result<Vec<Rescued>> {
        self.inner.rescue().await
    }
    async fn snapshot(&self, job: &JobId) -> Result<Option<Snapshot>> {
        let broker = self.reached()?;
        let unmade =
            self.unmade.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |times| times.checked_sub(1));
        if unmade.is_ok() { Ok(None) } else { broker.snapshot(job).await }
    }
    async fn chunks(&self, job: &JobId, from: u32, max_bytes: usize) -> Result<Vec<Bytes>> {
        let chunks = self.reached()?.chunks(job, from, max_bytes).await?;
        self.chunks_read.fetch_add(chunks.len(), Ordering::SeqCst);
        Ok(chunks)
    }
    async fn notices(&self, partition: u16, after: Option<Position>, wait: Duration) -> Result<Notices> {
        let notices = self.reached()?.notices(partition, after, wait).await?;
        if self.silent.load(Ordering::SeqCst) {
            return Ok(Notices { next: notices.next, ..Notices::default() });
        }
        self.reached().map(|_| notices)
    }
    async fn requests(&self, query: &RequestQuery) -> Result<Page<RequestRecord>> {
        self.reached()?.requests(query).await
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

async fn faulty(settings: Settings) -> (Arc<Faulty>, Stage) {
    let (broker, clock) = Faulty::new();
    let stage = Stage::over(broker.clone(), broker.inner.clone(), clock, settings).await;
    (broker, stage)
}

/// Waits until the notifier says that it is ready, which is once its tails are bound.
async fn ready(stage: &Stage, service: &str) {
    let mut health = HealthClient::new(stage.channel());
    let request = HealthCheckRequest { service: service.to_owned() };
    let mut statuses = health.watch(request).await.unwrap().into_inner();
    let serving =
        async { while statuses.message().await.unwrap().unwrap().status() != ServingStatus::Serving {} };
    timeout(DEADLINE, serving).await.expect("ready in time");
}

#[tokio::test]
async fn a_slow_subscriber_loses_nothing_holds_up_nobody_and_little_is_read_ahead() {
    let (broker, stage) = faulty(Settings::default()).await;
    let chunk = vec![b'7'; 1 << 20];
    let job = stage.succeeded(stage.sum(), &[&chunk[..]; 48]).await;
    let mut slow = stage.watch(of_job(&job)).await.unwrap();
    let first = slow.next().await;

    // Meanwhile another one on a connection of its own reads everything.
    let quick =
        Stage::over(broker.inner.clone(), broker.inner.clone(), stage.clock.clone(), Settings::default())
            .await;
    let story = Story::of(&quick.watch(of_job(&job)).await.unwrap().rest().await);
    assert_eq!(story.bytes[job.as_str()].len(), 48 << 20);

    let read = broker.chunks_read.load(Ordering::SeqCst);
    assert!(read <= 4, "{read} MiB were read for one who reads nothing");
    let mut heard = vec![first];
    heard.extend(slow.rest().await);
    assert_eq!(Story::of(&heard), story);
}

#[tokio::test]
async fn many_who_leave_early_do_not_cut_off_those_who_stay() {
    let stage = Stage::new().await;
    let waiting = stage.queued().await;
    let mut patient = stage.watch(of_job(&waiting)).await.unwrap();
    patient.next().await;
    let whole = vec![b'7'; 1 << 20];
    let job = stage.succeeded(stage.sum(), &[&whole]).await;
    for _ in 0..1_500 {
        let request = v1::SubscribeResultsRequest { max_chunk_bytes: 64 << 10, ..of_job(&job) };
        let mut hasty = stage.watch(request).await.unwrap();
        hasty.until("chunk").await;
    }
    stage.compute(&waiting, &[b"12"]).await;
    patient.until("terminal").await;
}

#[tokio::test]
async fn a_slow_subscriber_hears_the_latest_progress_only() {
    let stage = Stage::new().await;
    let job = stage.queued().await;
    let lease = stage.claim(&job).await;
    let mut frames = stage.watch(of_job(&job)).await.unwrap();
    frames.next().await;
    for step in 1..=1000 {
        let progress = Progress { fraction: f64::from(step) / 1000.0, phase: String::new(), remaining: None };
        stage.broker.report(&lease.key, progress).await.unwrap();
    }
    stage.succeed(&lease.key, b"").await;
    let told = frames.rest().await;
    assert!(told.len() < 100, "{} frames", told.len());
    assert_eq!(sort(told.last().unwrap()), "terminal");
}

#[tokio::test]
async fn lost_notices_cost_only_time() {
    let (broker, stage) = faulty(rereading()).await;
    ready(&stage, "").await;
    broker.silent.store(true, Ordering::SeqCst);
    let job = stage.submit(stage.sum(), "alice").await.snapshot.job;
    let mut of_job = stage.watch(of_job(&job)).await.unwrap();
    let mut of_client = stage.watch(of_client("alice")).await.unwrap();
    assert_eq!(sort(&of_job.next().await), "snapshot");
    assert_eq!(sort(&of_client.next().await), "snapshot");
    stage.compute(&job, &[b"12"]).await;
    assert_eq!(sorts(&of_job.rest().await), ["chunk", "terminal"]);
    of_client.until("terminal").await;
    let later = stage.submit(stage.sum(), "alice").await.snapshot.job;
    assert_eq!(of_client.next().await.job, later.as_str());
}

#[tokio::test]
async fn a_request_whose_job_is_not_made_yet_is_waited_for() {
    let (broker, stage) = faulty(rereading()).await;
    broker.unmade.store(3, Ordering::SeqCst);
    let first = stage.submit(stage.sum(), "alice").await.snapshot.job;
    let second = stage.submit(stage.sum(), "alice").await.snapshot.job;
    let mut frames = stage.watch(of_client("alice")).await.unwrap();
    assert_eq!(frames.next().await.job, first.as_str());
    assert_eq!(frames.next().await.job, second.as_str());
}

#[tokio::test]
async fn an_old_request_whose_job_is_missing_holds_up_nobody() {
    let (broker, stage) = faulty(Settings { reread: Duration::from_mins(10), ..Settings::default() }).await;
    // Far from the system's time, by which a request is young.
    stage.clock.advance(Duration::from_hours(1));
    let lost = stage.submit(stage.sum(), "bob").await;
    let later = stage.submit(stage.sum(), "bob").await.snapshot.job;
    broker.unmade.store(1, Ordering::SeqCst);
    let mut frames = stage.watch(of_client("bob")).await.unwrap();
    assert_eq!(frames.next().await.job, later.as_str(), "not {}", lost.snapshot.job);
}

#[tokio::test]
async fn a_gap_in_the_notices_has_everything_read_again() {
    let reread = Duration::from_mins(10);
    let settings = Settings { reread, ..Settings::default() };
    let stage = Stage::with(Terms { max_notices: 1, ..Terms::default() }, settings).await;
    ready(&stage, "").await;
    for _ in 0..20 {
        let (job, other) = (stage.queued().await, stage.queued().await);
        let mut frames = stage.watch(of_job(&job)).await.unwrap();
        frames.next().await;
        let (mine, others) = (stage.claim(&job).await, stage.claim(&other).await);
        // The other job's notice takes the place of the one that tells of the end of this job.
        stage.succeed(&mine.key, b"").await;
        stage.succeed(&others.key, b"").await;
        assert_eq!(sort(frames.rest().await.last().unwrap()), "terminal");
    }
}

#[tokio::test]
async fn an_outage_of_the_broker_is_waited_for() {
    let reread = Duration::from_mins(10);
    let (broker, stage) = faulty(Settings { reread, ..Settings::default() }).await;
    ready(&stage, "abacus.v1.WatchService").await;
    let job = stage.queued().await;
    let mut frames = stage.watch(of_job(&job)).await.unwrap();
    frames.next().await;
    broker.away.store(true, Ordering::SeqCst);
    stage.compute(&job, &[b"12"]).await;
    broker.come_back().await;
    assert_eq!(sorts(&frames.rest().await), ["chunk", "terminal"]);
}

#[tokio::test]
async fn a_subscription_that_begins_during_an_outage_is_served_after_it() {
    let (broker, stage) = faulty(Settings::default()).await;
    ready(&stage, "").await;
    let job = stage.succeeded(stage.sum(), &[b"12"]).await;
    broker.away.store(true, Ordering::SeqCst);
    let (watching, ()) = tokio::join!(stage.watch(of_job(&job)), broker.come_back());
    assert_eq!(sorts(&watching.unwrap().rest().await), ["snapshot", "chunk", "terminal"]);
}

#[tokio::test]
async fn a_broker_that_stays_away_ends_the_stream_so_that_it_can_be_resumed() {
    let broker_patience = Duration::from_millis(100);
    let settings = Settings { broker_patience, ..rereading() };
    let (broker, stage) = faulty(settings).await;
    let job = stage.queued().await;
    let mut frames = stage.watch(of_job(&job)).await.unwrap();
    let cursor = frames.next().await.cursor;
    broker.away.store(true, Ordering::SeqCst);
    let status = frames.refusal().await;
    assert_eq!(Refusal::reason_of(&status), Some(Reason::BrokerUnavailable));
    assert!(status.get_details_retry_info().is_some());
    let status = stage.watch(of_job(&job)).await.err().unwrap();
    assert_eq!(Refusal::reason_of(&status), Some(Reason::BrokerUnavailable));
    broker.away.store(false, Ordering::SeqCst);
    let request = v1::SubscribeResultsRequest { cursor, ..of_job(&job) };
    let mut frames = stage.watch(request).await.unwrap();
    stage.compute(&job, &[b"12"]).await;
    frames.until("terminal").await;
}

#[tokio::test]
async fn at_the_soft_stop_streams_end_and_the_process_ends() {
    let stage = Stage::new().await;
    ready(&stage, "abacus.v1.WatchService").await;
    let mut of_job = stage.watch(of_job(&stage.queued().await)).await.unwrap();
    let mut of_client = stage.watch(of_client("alice")).await.unwrap();
    of_job.next().await;
    stage.life.stop();
    for frames in [&mut of_job, &mut of_client] {
        let status = frames.refusal().await;
        assert_eq!(Refusal::reason_of(&status), Some(Reason::ShuttingDown));
    }
    let Stage { life, .. } = stage;
    let code = timeout(DEADLINE, life.finish()).await.expect("an end in time");
    assert_eq!(code, std::process::ExitCode::SUCCESS);
}

#[tokio::test]
async fn a_job_with_much_to_tell_does_not_keep_others_from_what_is_due_by_time() {
    let (broker, stage) = faulty(rereading()).await;
    ready(&stage, "").await;
    let chunk = vec![b'7'; 1 << 20];
    let large = stage.succeeded(stage.sum(), &[&chunk[..]; 96]).await;
    let other = stage.queued().await;
    let lease = stage.claim(&other).await;
    let request = v1::SubscribeResultsRequest { max_chunk_bytes: 1024, ..of_jobs(&[large, other.clone()]) };
    let mut frames = stage.watch(request).await.unwrap();
    frames.until("chunk").await;
    // What becomes of the other job is known only from reading it again.
    broker.silent.store(true, Ordering::SeqCst);
    for fraction in [0.25, 0.5] {
        let progress = Progress { fraction, phase: String::new(), remaining: None };
        stage.broker.report(&lease.key, progress).await.unwrap();
        let told = until_told_of(&mut frames, &other).await;
        assert_eq!(sort(&told), "progress");
    }
    stage.succeed(&lease.key, b"").await;
    assert_eq!(sort(&until_told_of(&mut frames, &other).await), "terminal");
}

/// The next frame of this job, before any other job ends.
async fn until_told_of(frames: &mut Frames, job: &JobId) -> v1::Frame {
    loop {
        let frame = frames.next().await;
        if frame.job == job.as_str() {
            return frame;
        }
        assert_ne!(sort(&frame), "terminal", "the other one came first");
    }
}
