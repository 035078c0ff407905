//! Random walks: whatever is done in whatever order, a broker does what the model does. Each accepted job ends
//! exactly once, its sequence never falls, its chunks never change.

use std::{collections::BTreeSet, time::Duration};

use abacus_broker::{
    Claim, Error, Failure, LeaseKey, Outcome, Release, Result, SharedBroker, Submitted, Terms,
};
use abacus_tasks::{Lane, State, Task};
use bytes::Bytes;
use uuid::Uuid;

use crate::{
    actors::{Client, Worker, content, fibonacci, halfway, primes, summary},
    model::{Key, LEASE_STEPS, MAX_ATTEMPTS, MAX_QUEUED, Model, RESULT_STEPS, TASKS},
    stand::Stand,
};

const KINDS: [&str; 2] = ["fibonacci", "primes"];
const WALKS: u64 = 4;
const LENGTH: usize = 1_500;
/// One step of the model's time, so long that the time a walk takes does not matter.
const STEP: Duration = Duration::from_secs(400);

pub(crate) async fn random_walks_agree_with_the_model<S: Stand>(_: &S) {
    for seed in 0..WALKS {
        let stand = S::start().await;
        let mut walk = Walk::start(&stand, seed).await;
        for number in 0..LENGTH {
            let done = walk.stride(&stand).await;
            walk.compare(&format!("walk {seed}, stride {number}: {done}")).await;
        }
        walk.end().await;
    }
}

/// A broker and the model of it.
struct Walk {
    broker: SharedBroker,
    model: Model,
    random: Random,
    client: Client,
    workers: Vec<Worker>,
    /// The answers to the model's requests, by number.
    asked: Vec<Submitted>,
    /// Every lease that was ever given.
    leases: Vec<Key>,
    /// The leases that were closed by their worker: closing them again may be recognised.
    closed: BTreeSet<(Key, &'static str)>,
    /// The sequence numbers seen last, of jobs that are kept.
    sequences: [Option<(u64, String)>; TASKS],
}

/// `SplitMix64` (Steele, Lea, Flood, 2014): a stream of numbers that are as good as random, the same for each seed.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % bound as u64).unwrap()
    }
}

fn task(number: usize) -> Task {
    if number.is_multiple_of(2) { fibonacci(number as u64) } else { primes(number as u64) }
}

/// Chunk `index` of a task: determined by the task, as with real kinds.
fn chunk(task: usize, index: u32) -> Bytes {
    format!("{task}/{index};").into()
}

impl Walk {
    async fn start(stand: &impl Stand, seed: u64) -> Self {
        let before = |steps: u64| STEP * u32::try_from(steps - 1).unwrap() + STEP / 2;
        let terms = Terms {
            lease: before(LEASE_STEPS),
            result_ttl: before(RESULT_STEPS),
            request_ttl: STEP * 1_000_000,
            max_queued: MAX_QUEUED,
            max_attempts: u32::try_from(MAX_ATTEMPTS).unwrap(),
            ..Terms::default()
        };
        let broker = stand.broker(terms).await;
        Self {
            model: Model::default(),
            random: Random(seed),
            client: Client::new(&broker, "walker"),
            workers: (0..3).map(|_| Worker::new(&broker)).collect(),
            asked: Vec::new(),
            leases: Vec::new(),
            closed: BTreeSet::new(),
            sequences: Default::default(),
            broker,
        }
    }

    /// Does something at random to both, and compares the answers; says what it was.
    async fn stride(&mut self, stand: &impl Stand) -> String {
        match self.random.below(100) {
            0..14 => self.submit().await,
            14..18 => self.repeat().await,
            18..32 => self.cancel().await,
            32..50 => self.claim().await,
            50..57 => self.append().await,
            57..68 => self.finish().await,
            68..76 => self.release().await,
            76..80 => self.renew().await,
            80..83 => self.rescue().await,
            83..89 => self.retry().await,
            89..92 => self.suspend().await,
            _ => {
                stand.advance(STEP).await;
                self.model.step();
                "a step of time".to_owned()
            }
        }
    }

    async fn submit(&mut self) -> String {
        let number = self.random.below(TASKS);
        let answer = self.client.ask_as(Uuid::now_v7(), &task(number)).await;
        match (self.model.submit(number), answer) {
            (Some(disposition), Ok(asked)) => {
                assert_eq!(asked.request.disposition, disposition, "task {number}");
                let before = self.asked.last().map_or(0, |last| last.request.order);
                assert!(asked.request.order > before, "{} after {before}", asked.request.order);
                self.asked.push(asked);
            }
            (None, Err(Error::QueueFull { bound: MAX_QUEUED, .. })) => {}
            (expected, answer) => panic!("submit task {number}: {answer:?} instead of {expected:?}"),
        }
        format!("submit task {number}")
    }

    async fn repeat(&mut self) -> String {
        let Some(number) = self.one_of(self.asked.len()) else { return String::new() };
        let asked = self.asked[number].request.clone();
        let answer = self.client.ask_as(asked.name.id, &task(self.model.requests[number].task)).await;
        match (self.model.repeat(number), answer) {
            (Some(disposition), Ok(again)) => {
                let state = self.model.request_state(number);
                assert_eq!((again.request.disposition, again.request.order), (disposition, asked.order));
                assert_eq!(again.request.state, state, "request {number}");
            }
            (None, Err(Error::QueueFull { .. })) => {}
            (expected, answer) => panic!("repeat request {number}: {answer:?} instead of {expected:?}"),
        }
        format!("repeat request {number}")
    }

    async fn cancel(&mut self) -> String {
        let Some(number) = self.mostly_late(self.asked.len()) else { return String::new() };
        let answer = self.client.cancel(&self.asked[number]).await;
        assert_eq!(answer.state, self.model.cancel(number), "cancel request {number}");
        format!("cancel request {number}")
    }

    async fn claim(&mut self) -> String {
        let (worker, kind, count) = (self.random.below(3), self.random.below(2), 1 + self.random.below(3));
        let named = (self.random.below(3) == 0).then(|| self.random.below(TASKS));
        let claim = Claim {
            kinds: vec![KINDS[kind].to_owned()],
            job: named.map(|number| task(number).job().clone()),
            ..self.workers[worker].claim_for(&[(Lane::Short, count)])
        };
        let leases = self.broker.claim(claim).await.unwrap();
        let keys = match named {
            Some(task) => self.model.claim_named(worker, kind, task),
            None => self.model.claim(worker, kind, count),
        };
        let expected: Vec<_> = keys.iter().map(|key| self.key(*key)).collect();
        assert_eq!(
            leases.iter().map(|lease| &lease.key).collect::<Vec<_>>(),
            expected.iter().collect::<Vec<_>>()
        );
        self.leases.extend(keys);
        format!("worker {worker} takes {} of {count} jobs of kind {kind}", leases.len())
    }

    async fn append(&mut self) -> String {
        let Some(key) = self.some_lease() else { return String::new() };
        let lease = self.key(key);
        let next = self.model.jobs[key.task].as_ref().map_or(0, |job| job.chunks);
        let index = (next + 1).saturating_sub(u32::try_from(self.random.below(3)).unwrap());
        let holds = self.model.holds(key);
        let expected = match index {
            _ if !holds => Err(Error::LeaseLost),
            index if index > next => Err(Error::OutOfOrder { expected: next }),
            _ => Ok(()),
        };
        assert_eq!(self.broker.append(&lease, index, chunk(key.task, index)).await, expected, "{key:?}");
        if holds && index == next {
            self.model.append(key.task);
        }
        let reported = self.broker.report(&lease, halfway()).await;
        assert_eq!(reported.is_ok(), holds);
        format!("append chunk {index} of {next} by {key:?}")
    }

    async fn finish(&mut self) -> String {
        let Some(key) = self.some_lease() else { return String::new() };
        let chunks = self.model.jobs[key.task].as_ref().map_or(0, |job| job.chunks);
        let succeeds = self.random.below(2) > 0;
        let outcome = if succeeds {
            let bytes = (0..=chunks).map(|index| chunk(key.task, index).len() as u64).sum();
            Outcome::Succeeded { last: Some(chunk(key.task, chunks)), summary: summary(chunks + 1, bytes) }
        } else {
            Outcome::Failed(Failure::new(Failure::COMPUTATION_FAILED, "no luck"))
        };
        let answer = self.broker.finish(&self.key(key), outcome).await;
        if self.check_closing(key, "finish", &answer) {
            if succeeds { self.model.succeed(key.task) } else { self.model.fail(key.task) }
        }
        format!("finish by {key:?}")
    }

    async fn release(&mut self) -> String {
        let Some(key) = self.some_lease() else { return String::new() };
        let unharmed = self.random.below(2) == 0;
        let release = if unharmed {
            Release::Unharmed
        } else {
            Release::Failed(Failure::new(Failure::COMPUTATION_FAILED, "no luck"))
        };
        let answer = self.broker.release(&self.key(key), release).await;
        if self.check_closing(key, "release", &answer) {
            if unharmed {
                self.model.hand_back(key.task);
            } else {
                self.model.give_up(key.task);
            }
        }
        format!("release by {key:?}")
    }

    /// Compares the answer to the closing of a lease; true when it held until now.
    fn check_closing(&mut self, key: Key, how: &'static str, answer: &Result<()>) -> bool {
        let held = self.model.holds(key);
        if held {
            assert_eq!(*answer, Ok(()), "{how} by {key:?}");
            self.closed.insert((key, how));
        } else if !self.closed.contains(&(key, how)) {
            assert_eq!(*answer, Err(Error::LeaseLost), "{how} by {key:?}");
        }
        held
    }

    async fn renew(&mut self) -> String {
        let Some(key) = self.some_lease() else { return String::new() };
        let hold = self.workers[key.worker].renew(&self.key(key)).await;
        assert_eq!(hold, self.model.renew(key), "{key:?}");
        format!("renew {key:?}")
    }

    async fn rescue(&mut self) -> String {
        let rescued = self.broker.rescue().await.unwrap();
        let expected = self.model.rescue();
        let mut rescued: Vec<_> =
            rescued.into_iter().map(|one| (one.key.job.clone(), one.key, one.dead)).collect();
        let mut expected: Vec<_> = expected
            .into_iter()
            .map(|(key, dead)| (task(key.task).job().clone(), self.key(key), dead))
            .collect();
        rescued.sort_by(|a, b| a.0.cmp(&b.0));
        expected.sort_by(|a, b| a.0.cmp(&b.0));
        assert_eq!(rescued, expected);
        format!("rescue {}", rescued.len())
    }

    async fn retry(&mut self) -> String {
        let failed =
            |number: &usize| self.model.jobs[*number].as_ref().is_some_and(|job| job.state == State::Failed);
        let dead = (0..TASKS).find(failed).filter(|_| self.random.below(2) == 0);
        let number = dead.unwrap_or_else(|| self.random.below(TASKS));
        let answer = self.broker.retry(task(number).job()).await;
        assert_eq!(answer.is_ok(), self.model.retry(number), "{answer:?}");
        format!("retry task {number}")
    }

    async fn suspend(&mut self) -> String {
        let (kind, suspended) = (self.random.below(2), self.random.below(3) == 0);
        self.broker.set_suspended(KINDS[kind], suspended).await.unwrap();
        self.model.suspended[kind] = suspended;
        format!("suspend kind {kind}: {suspended}")
    }

    fn one_of(&mut self, count: usize) -> Option<usize> {
        (count > 0).then(|| self.random.below(count))
    }

    /// A number below `count`, mostly one of the last five.
    fn mostly_late(&mut self, count: usize) -> Option<usize> {
        let first = if self.random.below(5) == 0 { 0 } else { count.saturating_sub(5) };
        self.one_of(count - first).map(|number| first + number)
    }

    /// A lease that was given, mostly one of the latest.
    fn some_lease(&mut self) -> Option<Key> {
        self.mostly_late(self.leases.len()).map(|number| self.leases[number])
    }

    fn key(&self, key: Key) -> LeaseKey {
        let worker = self.workers[key.worker].id.clone();
        LeaseKey { job: task(key.task).job().clone(), attempt: key.attempt, worker }
    }

    /// Compares every job.
    async fn compare(&mut self, done: &str) {
        for number in 0..TASKS {
            let snapshot = self.broker.snapshot(task(number).job()).await.unwrap();
            let Some(model) = &self.model.jobs[number] else {
                assert_eq!(snapshot, None, "{done}; task {number} is not kept");
                self.sequences[number] = None;
                continue;
            };
            let job = snapshot.unwrap_or_else(|| panic!("{done}; task {number} is kept"));
            let waits = model.state == State::Queued;
            let worker = model.worker.map(|worker| self.workers[worker].id.clone());
            assert_eq!(
                (job.state, job.attempt, job.chunks),
                (model.state, model.attempt, model.chunks),
                "{done}; {number}"
            );
            assert_eq!(
                (job.suspended, job.worker.clone()),
                (waits && self.model.suspended[number % 2], worker),
                "{done}"
            );
            if !job.state.is_terminal() {
                assert_eq!(job.requests as usize, model.askers.len(), "{done}; task {number}");
            }
            assert_eq!(job.end_time.is_some(), job.state.is_terminal(), "{done}; task {number}");
            assert_eq!(job.summary.is_some(), job.state == State::Succeeded, "{done}; task {number}");
            let stored: Vec<_> = (0..job.chunks).map(|index| chunk(number, index)).collect();
            assert_eq!(content(&self.broker, &job.job).await, stored, "{done}; task {number}");
            self.compare_sequence(
                number,
                job.sequence,
                format!("{:?}", (job.state, job.attempt, job.chunks)),
                done,
            );
        }
    }

    /// The sequence never falls, and grows when what is seen has changed.
    fn compare_sequence(&mut self, number: usize, sequence: u64, seen: String, done: &str) {
        if let Some((before, seen_before)) = &self.sequences[number] {
            assert!(sequence >= *before, "{done}; task {number}: {before} -> {sequence}");
            assert!(
                seen == *seen_before || sequence > *before,
                "{done}; task {number}: {seen_before} -> {seen}"
            );
        }
        self.sequences[number] = Some((sequence, seen));
    }

    /// Lets every accepted job end, and compares the counts: each has ended exactly once.
    async fn end(mut self) {
        for kind in KINDS {
            self.broker.set_suspended(kind, false).await.unwrap();
        }
        self.model.suspended = [false; 2];
        for number in 0..TASKS {
            let job = self.model.jobs[number].clone().filter(|job| job.state == State::Running);
            if let Some((attempt, worker)) = job.and_then(|job| Some((job.attempt, job.worker?))) {
                let key = self.key(Key { task: number, attempt, worker });
                self.broker.release(&key, Release::Unharmed).await.unwrap();
                self.model.hand_back(number);
            }
        }
        for lease in self.workers[0].take_up_to(TASKS).await {
            let number = (0..TASKS).find(|number| *task(*number).job() == lease.key.job).unwrap();
            assert_eq!(self.model.jobs[number].as_ref().unwrap().state, State::Queued);
            let failure = Outcome::Failed(Failure::new(Failure::COMPUTATION_FAILED, "the walk is over"));
            self.broker.finish(&lease.key, failure).await.unwrap();
            self.model.fail(number);
        }
        assert!(self.workers[0].finds_nothing().await);
        assert!(self.model.jobs.iter().flatten().all(|job| job.state.is_terminal()));
        let counters = self.broker.stats().await.unwrap().counters;
        assert_eq!(counters, self.model.counters);
    }
}
