//! A notifier with its broker, a worker's hands, and subscribers that wait with a deadline.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use abacus_api::v1::{
    self, frame::Event, subscribe_results_request::Target, watch_service_client::WatchServiceClient,
};
use abacus_broker::{
    Claim, Clock, Embedded, Lease, LeaseKey, Outcome, SharedBroker, Submission, Submitted, Summary, Terms,
};
use abacus_chassis::{Life, ServerSettings};
use abacus_notifier::{Parts, Settings};
use abacus_tasks::{JobId, Lane, Limits, Size, Task, WorkerId};
use bytes::Bytes;
use sha2::{Digest as _, Sha256};
use tokio::net::TcpListener;
use tokio::time::{Instant, timeout, timeout_at};
use tonic::transport::Channel;
use tonic::{Status, Streaming};
use uuid::Uuid;

/// The longest time that anything in these tests may take.
pub(crate) const DEADLINE: Duration = Duration::from_secs(30);

pub(crate) struct Stage {
    pub(crate) broker: SharedBroker,
    pub(crate) clock: Clock,
    pub(crate) life: Life,
    channel: Channel,
    worker: WorkerId,
    tasks: AtomicU64,
    /// Leases that were claimed on the way to another one.
    leases: Mutex<HashMap<JobId, Lease>>,
}

/// A subscriber, for all of whose frames together there is one deadline: heartbeats do not put it off.
pub(crate) struct Frames {
    answers: Streaming<v1::WatchResponse>,
    deadline: Instant,
}

/// What a subscriber knows of the jobs that were told to it.
#[derive(Debug, Default, Clone, PartialEq)]
pub(crate) struct Story {
    pub(crate) bytes: HashMap<String, Vec<u8>>,
    pub(crate) indices: HashMap<String, u32>,
    pub(crate) terminals: HashMap<String, v1::Terminal>,
}

impl Stage {
    pub(crate) async fn new() -> Self {
        Self::with(Terms::default(), Settings::default()).await
    }

    pub(crate) async fn with(terms: Terms, settings: Settings) -> Self {
        let clock = Clock::manual();
        let broker = Embedded::new(terms, clock.clone());
        Self::over(broker.clone(), broker, clock, settings).await
    }

    /// With a broker of its own for the notifier, which may be an obstructed view of the worker's.
    pub(crate) async fn over(
        notifiers: SharedBroker,
        broker: SharedBroker,
        clock: Clock,
        settings: Settings,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let life = Life::new(DEADLINE);
        let parts = Parts { broker: notifiers, settings, server: ServerSettings::default() };
        abacus_notifier::serve(listener, parts, &life).unwrap();
        let channel = abacus_chassis::channel::channel(address.parse().unwrap());
        let worker = WorkerId::new(Uuid::now_v7());
        let (tasks, leases) = (AtomicU64::new(0), Mutex::default());
        Self { broker, clock, life, channel, worker, tasks, leases }
    }

    pub(crate) fn channel(&self) -> Channel {
        self.channel.clone()
    }

    /// A task whose result is an integer, another one each time.
    pub(crate) fn sum(&self) -> Task {
        let number = self.tasks.fetch_add(1, Ordering::Relaxed);
        let parameters = v1::Sum2 { first: number.to_string(), second: "0".to_owned() };
        task(v1::task::Task::Sum2(parameters))
    }

    /// A task whose result is a list of primes, another one each time.
    pub(crate) fn primes(&self) -> Task {
        let end = 1_000_000 + self.tasks.fetch_add(1, Ordering::Relaxed);
        task(v1::task::Task::Primes(v1::Primes { start: 0, end, ..v1::Primes::default() }))
    }

    pub(crate) async fn submit(&self, task: Task, client: &str) -> Submitted {
        let submission = Submission {
            task,
            lane: Lane::Short,
            client: client.parse().unwrap(),
            request_id: None,
            reject_if_suspended: false,
            trace: String::new(),
        };
        self.broker.submit(submission).await.unwrap()
    }

    /// A job that waits.
    pub(crate) async fn queued(&self) -> JobId {
        self.submit(self.sum(), "anonymous").await.snapshot.job
    }

    /// The lease of a job; jobs that wait before it are leased too.
    pub(crate) async fn claim(&self, job: &JobId) -> Lease {
        loop {
            if let Some(lease) = self.leases.lock().unwrap().remove(job) {
                return lease;
            }
            let claim = Claim {
                worker: self.worker.clone(),
                kinds: vec![job.kind().to_owned()],
                free: vec![(Lane::Short, 1)],
                job: None,
                wait: Duration::ZERO,
                stop: tokio_util::sync::CancellationToken::new(),
            };
            let lease = self.broker.claim(claim).await.unwrap().pop().expect("the job waits");
            self.leases.lock().unwrap().insert(lease.key.job.clone(), lease);
        }
    }

    /// Appends chunks from number `from` on.
    pub(crate) async fn append(&self, key: &LeaseKey, from: u32, chunks: &[&[u8]]) {
        for (number, chunk) in (from..).zip(chunks) {
            self.broker.append(key, number, Bytes::copy_from_slice(chunk)).await.unwrap();
        }
    }

    /// Ends a job whose chunks are stored.
    pub(crate) async fn succeed(&self, key: &LeaseKey, whole: &[u8]) {
        let chunks = self.broker.snapshot(&key.job).await.unwrap().unwrap().chunks;
        let summary = Summary {
            bytes: whole.len() as u64,
            chunks,
            size: Size::Digits(whole.len() as u64),
            sha256: Sha256::digest(whole).into(),
            compute: Duration::from_millis(3),
        };
        self.broker.finish(key, Outcome::Succeeded { last: None, summary }).await.unwrap();
    }

    /// Does the whole of a waiting job.
    pub(crate) async fn compute(&self, job: &JobId, chunks: &[&[u8]]) {
        let lease = self.claim(job).await;
        self.append(&lease.key, 0, chunks).await;
        self.succeed(&lease.key, &chunks.concat()).await;
    }

    /// A job that has succeeded with this result.
    pub(crate) async fn succeeded(&self, task: Task, chunks: &[&[u8]]) -> JobId {
        let job = self.submit(task, "anonymous").await.snapshot.job;
        self.compute(&job, chunks).await;
        job
    }

    pub(crate) async fn watch(&self, subscription: v1::SubscribeResultsRequest) -> Result<Frames, Status> {
        let mut client = WatchServiceClient::new(self.channel());
        let request = v1::WatchRequest { subscription: Some(subscription) };
        let watching = timeout(DEADLINE, client.watch(request)).await.expect("an answer in time");
        Ok(Frames { answers: watching?.into_inner(), deadline: Instant::now() + DEADLINE })
    }
}

impl Frames {
    /// The next message of the stream; `None` at its end.
    pub(crate) async fn message(&mut self) -> Result<Option<v1::Frame>, Status> {
        let message = timeout_at(self.deadline, self.answers.message()).await.expect("frames in time");
        Ok(message?.map(|answer| answer.frame.expect("each answer has a frame")))
    }

    pub(crate) async fn next(&mut self) -> v1::Frame {
        self.message().await.expect("the stream goes on").expect("the stream has not ended")
    }

    /// The event of the next frame.
    pub(crate) async fn event(&mut self) -> Event {
        self.next().await.event.unwrap()
    }

    /// Skips frames until one is of this sort; gives that.
    pub(crate) async fn until(&mut self, wanted: &str) -> v1::Frame {
        loop {
            let frame = self.next().await;
            if sort(&frame) == wanted {
                return frame;
            }
        }
    }

    /// All frames up to the end of the stream.
    pub(crate) async fn rest(&mut self) -> Vec<v1::Frame> {
        let mut frames = Vec::new();
        while let Some(frame) = self.message().await.expect("the stream ends with OK") {
            frames.push(frame);
        }
        frames
    }

    /// The status with which the stream ends.
    pub(crate) async fn refusal(&mut self) -> Status {
        loop {
            match self.message().await {
                Ok(frame) => assert!(frame.is_some(), "the stream ended with OK"),
                Err(status) => return status,
            }
        }
    }
}

impl Story {
    /// Hears one more frame; checks that chunks are neither missing nor repeated nor damaged.
    pub(crate) fn hear(&mut self, frame: &v1::Frame) {
        assert!(!self.terminals.contains_key(&frame.job), "nothing follows a terminal frame");
        match frame.event.as_ref().unwrap() {
            Event::Chunk(chunk) => {
                let content = content(chunk);
                let bytes = self.bytes.entry(frame.job.clone()).or_default();
                let index = self.indices.entry(frame.job.clone()).or_default();
                assert_eq!((chunk.index, chunk.offset), (*index, bytes.len() as u64));
                assert_eq!(chunk.crc32c, crc32c::crc32c(content));
                bytes.extend_from_slice(content);
                *index += 1;
            }
            Event::Terminal(terminal) => {
                self.terminals.insert(frame.job.clone(), terminal.clone());
            }
            _ => {}
        }
    }

    pub(crate) fn of(frames: &[v1::Frame]) -> Self {
        let mut story = Self::default();
        for frame in frames {
            story.hear(frame);
        }
        story
    }
}

pub(crate) fn of_job(job: &JobId) -> v1::SubscribeResultsRequest {
    of(Target::Job(job.to_string()))
}

pub(crate) fn of_jobs(jobs: &[JobId]) -> v1::SubscribeResultsRequest {
    of(Target::Jobs(v1::JobList { jobs: jobs.iter().map(ToString::to_string).collect() }))
}

pub(crate) fn of_client(client: &str) -> v1::SubscribeResultsRequest {
    of(Target::Client(client.to_owned()))
}

pub(crate) fn of(target: Target) -> v1::SubscribeResultsRequest {
    v1::SubscribeResultsRequest { target: Some(target), ..Default::default() }
}

pub(crate) fn task(parameters: v1::task::Task) -> Task {
    Task::check(v1::Task { task: Some(parameters) }, &Limits::default()).unwrap()
}

/// The content of a chunk.
pub(crate) fn content(chunk: &v1::Chunk) -> &[u8] {
    match chunk.content.as_ref().unwrap() {
        v1::chunk::Content::Text(text) => text.as_bytes(),
        v1::chunk::Content::Binary(bytes) => bytes,
    }
}

/// What a frame tells, in one word.
pub(crate) fn sort(frame: &v1::Frame) -> &'static str {
    match frame.event.as_ref().unwrap() {
        Event::Snapshot(_) => "snapshot",
        Event::Progress(_) => "progress",
        Event::Chunk(_) => "chunk",
        Event::Retrying(_) => "retrying",
        Event::Suspended(_) => "suspended",
        Event::Resumed(_) => "resumed",
        Event::Heartbeat(_) => "heartbeat",
        Event::Terminal(_) => "terminal",
    }
}

pub(crate) fn sorts(frames: &[v1::Frame]) -> Vec<&'static str> {
    frames.iter().map(sort).collect()
}

/// Settings under which a lost notice is made up for at once.
pub(crate) fn rereading() -> Settings {
    Settings { reread: Duration::from_millis(50), ..Settings::default() }
}

/// A broker whose parts can be taken away.
pub(crate) fn embedded() -> (Arc<Embedded>, Clock) {
    let clock = Clock::manual();
    (Embedded::new(Terms::default(), clock.clone()), clock)
}
