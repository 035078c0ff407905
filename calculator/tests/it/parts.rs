//! Long tasks in parts: computed by whoever is free, found again by tasks that overlap, the same whatever happens.

use std::{ops::ControlFlow, time::Duration};

use abacus_api::v1::{self, task};
use abacus_broker::{
    Broker, Claim, Clock, Direction, Embedded, Lease, RequestQuery, RequestRecord, SharedBroker, Terms,
};
use abacus_calculator::Settings;
use abacus_tasks::{ClientName, Disposition, JobId, Lane, Run, State, Task, WorkerId};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{
    calculator::{
        Calculator, FOR_EVER, broker, checked, result, settings, snapshot, spin, submit, until, until_ended,
        until_job,
    },
    faulty::Faulty,
};

/// The length of the blocks that lists are divided into, at the height of these tests.
const BLOCK: u64 = 1 << 28;

/// The length of the blocks that counts are divided into, at the height of these tests.
const COUNTED_BLOCK: u64 = 1 << 30;

/// Of a calculator with so many long slots. Results are large here: so are the chunks.
fn roomy(slots: usize) -> Settings {
    Settings { long_slots: Some(slots), chunk_size: "64KiB".parse().unwrap(), ..settings() }
}

/// The primes of an interval, in gaps.
fn list(start: u64, end: u64) -> Task {
    checked(task::Task::Primes(v1::Primes { start, end, gaps: true, ..v1::Primes::default() }))
}

/// The task of a block.
fn block(number: u64) -> Task {
    list(number * BLOCK, (number + 1) * BLOCK - 1)
}

/// The result of a task that is computed at once, on this thread.
fn at_once(task: &Task) -> Vec<u8> {
    struct Whole(Vec<u8>);
    impl Run for Whole {
        fn report(&mut self, _: f64, _: &'static str) -> ControlFlow<()> {
            ControlFlow::Continue(())
        }
        fn write(&mut self, bytes: &[u8]) -> ControlFlow<()> {
            self.0.extend_from_slice(bytes);
            ControlFlow::Continue(())
        }
    }
    let mut whole = Whole(Vec::new());
    task.run(&mut whole).unwrap();
    whole.0
}

/// What was asked for by those who divide, oldest first.
async fn asked(broker: &dyn Broker) -> Vec<RequestRecord> {
    let (client, direction) = (ClientName::parts(), Direction::OldestFirst);
    broker.requests(&RequestQuery { client, after: None, direction, limit: 1000 }).await.unwrap().entries
}

/// Waits for the end of a task, which must have the right result.
async fn until_right(broker: &dyn Broker, task: &Task) {
    let ended = until_ended(broker, task.job()).await;
    assert_eq!(ended.state, State::Succeeded, "{:?}", ended.failure);
    // Not by assert_eq, which would print megabytes.
    assert!(result(broker, task.job()).await.0 == at_once(task), "another result than computed at once");
}

/// Takes a part that waits, as another worker.
async fn take(broker: &dyn Broker, part: &Task) -> Lease {
    until("the part is taken", async || {
        let claim = Claim {
            worker: WorkerId::new(Uuid::from_u128(7)),
            kinds: vec!["primes".to_owned()],
            free: vec![(Lane::Long, 1)],
            job: Some(part.job().clone()),
            wait: Duration::ZERO,
            stop: CancellationToken::new(),
        };
        broker.claim(claim).await.unwrap().pop()
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_list_is_the_same_in_parts_and_overlapping_ones_share_them() {
    let broker: SharedBroker = broker();
    let _calculator = Calculator::start(roomy(2), &broker).await;
    let first = list(1000, 4 * BLOCK + 77_777);
    submit(&*broker, &first).await;
    until_right(&*broker, &first).await;
    let parts: Vec<JobId> = asked(&*broker).await.into_iter().map(|request| request.job).collect();
    assert_eq!(parts, [1, 2, 3].map(|number| block(number).job().clone()), "its whole blocks, in order");
    for part in &parts {
        let part = snapshot(&*broker, part).await;
        assert_eq!((part.state, part.lane, part.attempt), (State::Succeeded, Lane::Long, 1));
    }

    // The last three fourths of block 1 are cut out of what is kept.
    let second = list(BLOCK + BLOCK / 4 - 1000, 6 * BLOCK);
    submit(&*broker, &second).await;
    until_right(&*broker, &second).await;
    let more: Vec<JobId> = asked(&*broker).await[3..].iter().map(|request| request.job.clone()).collect();
    assert_eq!(more, [4, 5].map(|number| block(number).job().clone()), "the others are at hand");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_at_hand_is_read_from_the_broker() {
    let broker: SharedBroker = broker();
    let small = Settings { part_cache_size: "0B".parse().unwrap(), ..roomy(1) };
    let (first, second) = (list(0, 3 * BLOCK), list(0, 4 * BLOCK - 1));
    let calculator = Calculator::start(small.clone(), &broker).await;
    submit(&*broker, &first).await;
    until_right(&*broker, &first).await;
    drop(calculator);
    let _another = Calculator::start(small, &broker).await;
    submit(&*broker, &second).await;
    until_right(&*broker, &second).await;
    let asked = asked(&*broker).await;
    let answers: Vec<_> = asked[3..].iter().map(|request| request.disposition).collect();
    assert_eq!(
        answers,
        [Disposition::Cached, Disposition::Cached, Disposition::Cached, Disposition::Created]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn counts_are_divided_too() {
    let broker: SharedBroker = broker();
    let _calculator = Calculator::start(roomy(2), &broker).await;
    // So high that sieving is the quickest way to count.
    let (start, end) = (1 << 49, (1 << 49) + 3 * COUNTED_BLOCK);
    let count = v1::Primes { start, end, count_only: true, ..v1::Primes::default() };
    let count = checked(task::Task::Primes(count));
    submit(&*broker, &count).await;
    until_right(&*broker, &count).await;
    assert_eq!(asked(&*broker).await.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn several_workers_compute_the_parts_of_one_list() {
    let broker: SharedBroker = broker();
    let calculators =
        [Calculator::start(roomy(1), &broker).await, Calculator::start(roomy(1), &broker).await];
    for calculator in &calculators {
        until("it is announced", async || {
            let workers = broker.workers().await.unwrap();
            workers.iter().any(|worker| worker.id == calculator.id).then_some(())
        })
        .await;
    }
    let long = list(0, 8 * BLOCK - 1);
    submit(&*broker, &long).await;
    until_right(&*broker, &long).await;
    for calculator in &calculators {
        let mut computed = 0;
        for number in 0..8 {
            let worker = snapshot(&*broker, block(number).job()).await.worker;
            computed += usize::from(worker.as_ref() == Some(&calculator.id));
        }
        assert!(computed >= 2, "{computed} of 8 parts");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_parts_of_a_cancelled_task_are_given_up() {
    let broker: SharedBroker = broker();
    let _calculator = Calculator::start(roomy(1), &broker).await;
    let long = list(0, 400 * BLOCK);
    let request = submit(&*broker, &long).await.request.name;
    let part = until_job_of(&*broker, 0).await;
    broker.cancel(&request).await.unwrap();
    until("nothing of it waits or runs", async || {
        broker.stats().await.unwrap().queues.is_empty().then_some(())
    })
    .await;
    assert!(asked(&*broker).await.len() < 400, "not all were asked for: the first was {}", part.job);
}

/// The request for the part with this number, once it was made.
async fn until_job_of(broker: &dyn Broker, number: usize) -> RequestRecord {
    until("the part is asked for", async || asked(broker).await.get(number).cloned()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn where_parts_cannot_be_asked_for_the_whole_is_computed() {
    let embedded = broker();
    let faulty = Faulty::new(&embedded);
    let broker: SharedBroker = faulty.clone();
    let _calculator = Calculator::start(roomy(1), &broker).await;
    let long = list(0, 3 * BLOCK);
    faulty.fail("submit", u32::MAX);
    submit(&*embedded, &long).await;
    until_right(&*broker, &long).await;
    assert!(asked(&*broker).await.len() < 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_whose_worker_dies_is_computed_by_the_one_who_needs_it() {
    let terms = Terms { lease: Duration::from_millis(500), ..Terms::default() };
    let broker: SharedBroker = Embedded::new(terms, Clock::system());
    let long = list(0, 3 * BLOCK - 1);
    // The part is there before anybody divides: its worker is dead.
    let part = block(1);
    let other = long_lane(&*broker, &part).await;
    let dead = take(&*broker, &part).await;
    assert_eq!(dead.key.job, other);
    let calculator = Calculator::start(roomy(1), &broker).await;
    submit(&*broker, &long).await;
    until_right(&*broker, &long).await;
    let part = snapshot(&*broker, part.job()).await;
    assert_eq!((part.state, part.attempt, part.worker), (State::Succeeded, 2, Some(calculator.id.clone())));
}

/// Somebody else asks for a part.
async fn long_lane(broker: &dyn Broker, part: &Task) -> JobId {
    let submission = abacus_broker::Submission {
        task: part.clone(),
        lane: Lane::Long,
        client: ClientName::anonymous(),
        request_id: None,
        reject_if_suspended: false,
        trace: String::new(),
    };
    broker.submit(submission).await.unwrap().snapshot.job
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_that_waits_behind_other_work_is_taken_from_the_queue() {
    let broker: SharedBroker = broker();
    let calculator = Calculator::start(roomy(2), &broker).await;
    let (busy, long) = (spin("busy", FOR_EVER), list(0, 3 * BLOCK - 1));
    submit(&*broker, &busy).await;
    calculator.until_busy(Lane::Long, 1).await;
    submit(&*broker, &long).await;
    calculator.until_busy(Lane::Long, 2).await;
    until_right(&*broker, &long).await;
    for number in 0..3 {
        let part = snapshot(&*broker, block(number).job()).await;
        assert_eq!((part.state, part.attempt), (State::Succeeded, 1), "it was computed under a lease");
    }
    assert_eq!(snapshot(&*broker, busy.job()).await.state, State::Running);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_drained_worker_hands_back_its_task_and_the_part_of_it() {
    // Were an attempt counted, there would be no second.
    let terms = Terms { max_attempts: 1, ..Terms::default() };
    let broker: SharedBroker = Embedded::new(terms, Clock::system());
    let calculator = Calculator::start(roomy(1), &broker).await;
    let long = list(0, 6 * BLOCK - 1);
    submit(&*broker, &long).await;
    until_job(&*broker, long.job(), |job| job.chunks > 20).await;
    calculator.life.stop();
    until("nothing runs", async || {
        let queues = broker.stats().await.unwrap().queues;
        queues.iter().all(|queue| queue.running == 0).then_some(())
    })
    .await;
    assert_eq!(snapshot(&*broker, long.job()).await.state, State::Queued);
    let _another = Calculator::start(roomy(1), &broker).await;
    until_right(&*broker, &long).await;
    assert_eq!(broker.stats().await.unwrap().counters.failed, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_goes_on_alone_when_its_kind_is_suspended() {
    let broker: SharedBroker = broker();
    let _calculator = Calculator::start(roomy(1), &broker).await;
    let long = list(0, 5 * BLOCK - 1);
    submit(&*broker, &long).await;
    until_job_of(&*broker, 0).await;
    broker.set_suspended("primes", true).await.unwrap();
    until_right(&*broker, &long).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_computed_past_the_queue_has_no_parts() {
    let broker: SharedBroker = broker();
    let calculator = Calculator::start(roomy(1), &broker).await;
    let request = v1::CalculateRequest { task: Some(list(0, 3 * BLOCK).to_message()) };
    let mut stream = calculator.client.clone().calculate(request).await.unwrap().into_inner();
    let mut bytes = Vec::new();
    while let Some(message) = stream.message().await.unwrap() {
        if let Some(v1::calculate_response::Event::Chunk(chunk)) = message.event {
            match chunk.content {
                Some(v1::chunk::Content::Binary(binary)) => bytes.extend(binary),
                other => panic!("gaps are bytes: {other:?}"),
            }
        }
    }
    assert!(bytes == at_once(&list(0, 3 * BLOCK)));
    assert!(asked(&*broker).await.is_empty());
}
