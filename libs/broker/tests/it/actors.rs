//! Who appears in the tests: tasks, clients that ask for them, workers that compute them.

use std::time::Duration;

use abacus_api::v1::{self, task};
use abacus_broker::{
    Claim, Direction, Failure, Hold, Lease, LeaseKey, Notice, Outcome, Position, Progress, Release,
    RequestQuery, RequestRecord, Result, SharedBroker, Snapshot, Submission, Submitted, Summary, Timestamp,
    WorkerLane, WorkerRecord, WorkerState,
};
use abacus_tasks::{ClientName, JobId, Lane, Limits, Size, Task, WorkerId};
use bytes::Bytes;
use uuid::Uuid;

/// How long a test waits for what must happen before it fails.
pub(crate) const DEADLINE: Duration = Duration::from_secs(10);

/// A task of kind fibonacci.
pub(crate) fn fibonacci(n: u64) -> Task {
    checked(task::Task::Fibonacci(v1::Fibonacci { n }))
}

/// A task of kind spin.
pub(crate) fn spin(label: &str) -> Task {
    checked(task::Task::Spin(v1::Spin { label: label.to_owned(), ..v1::Spin::default() }))
}

/// A task of kind primes.
pub(crate) fn primes(start: u64) -> Task {
    checked(task::Task::Primes(v1::Primes { start, end: start + 10, ..v1::Primes::default() }))
}

fn checked(task: task::Task) -> Task {
    Task::check(v1::Task { task: Some(task) }, &Limits::default()).unwrap()
}

/// What a finished job counts as that one request wanted.
pub(crate) fn kept(task: &Task, result: usize) -> u64 {
    (result + task.canonical().len() + 128) as u64
}

/// The submission of a task by a client, in lane short.
pub(crate) fn submission(task: &Task, client: &str) -> Submission {
    Submission {
        task: task.clone(),
        lane: Lane::Short,
        client: client.parse().unwrap(),
        request_id: None,
        reject_if_suspended: false,
        trace: String::new(),
    }
}

/// What is known about a job that is kept.
pub(crate) async fn seen(broker: &SharedBroker, job: &JobId) -> Snapshot {
    broker.snapshot(job).await.unwrap().expect("the job is kept")
}

/// All stored chunks of a job.
pub(crate) async fn content(broker: &SharedBroker, job: &JobId) -> Vec<Bytes> {
    broker.chunks(job, 0, usize::MAX).await.unwrap()
}

/// The notices given since a position.
pub(crate) async fn notices_since(broker: &SharedBroker, mut position: Position) -> Vec<Notice> {
    let mut notices = Vec::new();
    loop {
        let read = broker.notices(0, Some(position), Duration::ZERO).await.unwrap();
        assert!(!read.gap, "no notice is lost here");
        if read.notices.is_empty() {
            return notices;
        }
        notices.extend(read.notices);
        position = read.next;
    }
}

/// The position of the newest notice.
pub(crate) async fn now(broker: &SharedBroker) -> Position {
    broker.notices(0, None, Duration::ZERO).await.unwrap().next
}

/// One who asks.
pub(crate) struct Client {
    broker: SharedBroker,
    pub(crate) name: ClientName,
}

impl Client {
    pub(crate) fn new(broker: &SharedBroker, name: &str) -> Self {
        Self { broker: broker.clone(), name: name.parse().unwrap() }
    }

    /// Asks for a task in lane short.
    pub(crate) async fn ask(&self, task: &Task) -> Submitted {
        self.ask_in(Lane::Short, task).await
    }

    /// Asks for a task in a lane.
    pub(crate) async fn ask_in(&self, lane: Lane, task: &Task) -> Submitted {
        let submission = Submission { lane, ..submission(task, self.name.as_str()) };
        self.broker.submit(submission).await.unwrap()
    }

    /// Asks under an id of one's own.
    pub(crate) async fn ask_as(&self, id: Uuid, task: &Task) -> Result<Submitted> {
        let submission = Submission { request_id: Some(id), ..submission(task, self.name.as_str()) };
        self.broker.submit(submission).await
    }

    /// Cancels what was asked.
    pub(crate) async fn cancel(&self, asked: &Submitted) -> RequestRecord {
        self.broker.cancel(&asked.request.name).await.unwrap()
    }

    /// All requests, oldest first.
    pub(crate) async fn requests(&self) -> Vec<RequestRecord> {
        let query = RequestQuery {
            client: self.name.clone(),
            after: None,
            direction: Direction::OldestFirst,
            limit: 10_000,
        };
        self.broker.requests(&query).await.unwrap().entries
    }
}

/// One who computes.
pub(crate) struct Worker {
    broker: SharedBroker,
    pub(crate) id: WorkerId,
}

impl Worker {
    pub(crate) fn new(broker: &SharedBroker) -> Self {
        Self { broker: broker.clone(), id: WorkerId::new(Uuid::now_v7()) }
    }

    /// A claim for every kind the tests use, which does not wait.
    pub(crate) fn claim_for(&self, free: &[(Lane, usize)]) -> Claim {
        let kinds = ["fibonacci", "primes", "spin"].map(str::to_owned).to_vec();
        Claim {
            worker: self.id.clone(),
            kinds,
            free: free.to_vec(),
            job: None,
            wait: Duration::ZERO,
            stop: tokio_util::sync::CancellationToken::new(),
        }
    }

    /// Takes up to `count` jobs of lane short.
    pub(crate) async fn take_up_to(&self, count: usize) -> Vec<Lease> {
        self.broker.claim(self.claim_for(&[(Lane::Short, count)])).await.unwrap()
    }

    /// Takes the job of lane short that waits longest; there must be one.
    pub(crate) async fn take(&self) -> Lease {
        self.take_up_to(1).await.pop().expect("a job waits")
    }

    /// Says that nothing waits in lane short.
    pub(crate) async fn finds_nothing(&self) -> bool {
        self.take_up_to(1).await.is_empty()
    }

    /// What this worker tells of itself.
    pub(crate) fn record(&self) -> WorkerRecord {
        WorkerRecord {
            id: self.id.clone(),
            address: "127.0.0.1:50052".to_owned(),
            version: "1.2.3".to_owned(),
            kinds: vec!["fibonacci".to_owned(), "spin".to_owned()],
            lanes: vec![WorkerLane { lane: Lane::Short, slots: 2, busy: 1 }],
            state: WorkerState::Serving,
            start_time: Timestamp::from_millis(1_000),
            heartbeat_time: Timestamp::default(),
            finished: 7,
        }
    }

    /// Renews one lease.
    pub(crate) async fn renew(&self, key: &LeaseKey) -> Hold {
        let holds = self.broker.renew(&self.record(), std::slice::from_ref(key)).await.unwrap();
        assert_eq!(holds.len(), 1);
        holds[0]
    }

    /// Ends a job with a result of one chunk, which rides in the finish.
    pub(crate) async fn succeed(&self, lease: &Lease, result: &'static str) {
        self.broker.finish(&lease.key, success(lease, result)).await.unwrap();
    }

    /// Ends a job without a result.
    pub(crate) async fn fail(&self, lease: &Lease, message: &str) {
        let failure = Failure::new(Failure::COMPUTATION_FAILED, message);
        self.broker.finish(&lease.key, Outcome::Failed(failure)).await.unwrap();
    }

    /// Gives a job back after a failed attempt.
    pub(crate) async fn stumble(&self, lease: &Lease, message: &str) {
        let failure = Failure::new(Failure::COMPUTATION_FAILED, message);
        self.broker.release(&lease.key, Release::Failed(failure)).await.unwrap();
    }
}

/// A result whose last chunk, the next one after those the lease found, rides in the finish.
pub(crate) fn success(lease: &Lease, last: &'static str) -> Outcome {
    let (chunks, bytes) = (lease.chunks + 1, lease.bytes + last.len() as u64);
    Outcome::Succeeded { last: Some(Bytes::from_static(last.as_bytes())), summary: summary(chunks, bytes) }
}

/// What a result of this many chunks and bytes is.
pub(crate) fn summary(chunks: u32, bytes: u64) -> Summary {
    Summary { bytes, chunks, size: Size::Digits(bytes), sha256: [7; 32], compute: Duration::from_millis(3) }
}

/// Half done.
pub(crate) fn halfway() -> Progress {
    Progress { fraction: 0.5, phase: "doubling".to_owned(), remaining: Some(Duration::from_secs(2)) }
}
