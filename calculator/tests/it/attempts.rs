//! Attempts: fenced, stopped, repeated, resumed.

use std::{sync::Arc, time::Duration};

use abacus_broker::{
    Broker, Claim, Clock, Embedded, Failure, Lease, Outcome, Release, SharedBroker, Summary, Terms,
};
use abacus_tasks::{Lane, Size, State, Task, WorkerId};
use bytes::Bytes;
use uuid::Uuid;

use crate::{
    calculator::{
        Calculator, FOR_EVER, broker, fibonacci, result, settings, snapshot, spin, submit, sum, until,
        until_ended, until_job,
    },
    faulty::Faulty,
    results::fibonacci_digits,
};

/// Another worker takes a job.
async fn claim_elsewhere(broker: &dyn Broker, task: &Task) -> Lease {
    let claim = Claim {
        worker: WorkerId::new(Uuid::from_u128(7)),
        kinds: vec![task.job().kind().to_owned()],
        free: vec![(Lane::of(&task.cost()), 1)],
        job: None,
        wait: Duration::ZERO,
        stop: tokio_util::sync::CancellationToken::new(),
    };
    let leases = broker.claim(claim).await.unwrap();
    <[Lease; 1]>::try_from(leases).expect("the job waits")[0].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_job_stops() {
    let broker: SharedBroker = broker();
    let calculator = Calculator::start(settings(), &broker).await;
    let task = spin("cancelled", FOR_EVER);
    let submitted = submit(&*broker, &task).await;
    calculator.until_busy(Lane::Long, 1).await;
    broker.cancel(&submitted.request.name).await.unwrap();
    calculator.until_busy(Lane::Long, 0).await;
    assert_eq!(snapshot(&*broker, task.job()).await.state, State::Cancelled);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_attempt_whose_lease_was_taken_over_is_abandoned_and_writes_nothing() {
    let clock = Clock::manual();
    let embedded = Embedded::new(Terms::default(), clock.clone());
    let (broker, cut_off): (SharedBroker, _) = (embedded.clone(), Faulty::new(&embedded));
    cut_off.fail("renew", u32::MAX);
    let heartbeat: SharedBroker = cut_off;
    let calculator = Calculator::start_apart(settings(), &broker, &heartbeat).await;
    let task = spin("taken over", FOR_EVER);
    submit(&*broker, &task).await;
    calculator.until_busy(Lane::Long, 1).await;

    clock.advance(Terms::default().lease * 2);
    until_job(&*broker, task.job(), |job| job.state == State::Queued).await;
    let lease = claim_elsewhere(&*broker, &task).await;
    assert_eq!(lease.key.attempt, 2);
    // The next report of the first attempt is refused; nothing else tells it.
    calculator.until_busy(Lane::Long, 0).await;
    let taken = snapshot(&*broker, task.job()).await;
    assert_eq!((taken.state, taken.attempt, taken.progress), (State::Running, 2, None));
    assert_eq!(taken.worker, Some(lease.key.worker.clone()));

    let (bytes, chunks, size) = (5, 1, Size::Count(5));
    let summary = Summary { bytes, chunks, size, sha256: [0; 32], compute: Duration::ZERO };
    let outcome = Outcome::Succeeded { last: Some(Bytes::from_static(b"other")), summary };
    broker.finish(&lease.key, outcome).await.unwrap();
    assert_eq!(result(&*broker, task.job()).await.0, b"other");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_later_attempt_goes_on_after_the_stored_chunks_and_the_result_is_the_same() {
    let broker: SharedBroker = broker();
    let task = fibonacci(50_000);
    let expected = fibonacci_digits(50_000).into_bytes();
    submit(&*broker, &task).await;
    let lease = claim_elsewhere(&*broker, &task).await;
    let stored = [&expected[..1500], &expected[1500..1510]].map(Bytes::copy_from_slice);
    for (index, chunk) in (0..).zip(stored) {
        broker.append(&lease.key, index, chunk).await.unwrap();
    }
    broker.release(&lease.key, Release::Unharmed).await.unwrap();

    let _calculator = Calculator::start(settings(), &broker).await;
    let ended = until_ended(&*broker, task.job()).await;
    assert_eq!((ended.state, ended.attempt), (State::Succeeded, 2));
    let (result, chunks) = result(&*broker, task.job()).await;
    assert_eq!(result, expected);
    assert_eq!(chunks[..4], [1500, 10, 1024, 1024], "what was stored stays");
    let summary = ended.summary.unwrap();
    assert_eq!((summary.bytes, summary.chunks as usize), (expected.len() as u64, chunks.len()));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_attempt_that_fails_by_itself_is_repeated() {
    let embedded = broker();
    let faulty = Faulty::new(&embedded);
    // The first attempt begins at a wrong chunk, so that its writes are refused.
    *faulty.forge.lock().unwrap() = |lease| lease.chunks += u32::from(lease.key.attempt == 1);
    let broker: SharedBroker = faulty;
    let _calculator = Calculator::start(settings(), &broker).await;
    let task = fibonacci(50_000);
    submit(&*broker, &task).await;
    let ended = until_ended(&*broker, task.job()).await;
    assert_eq!((ended.state, ended.attempt), (State::Succeeded, 2));
    assert_eq!(result(&*broker, task.job()).await.0, fibonacci_digits(50_000).into_bytes());
    assert_eq!(broker.stats().await.unwrap().counters.retried, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_that_cannot_be_read_fails_at_once() {
    let embedded = broker();
    let faulty = Faulty::new(&embedded);
    *faulty.forge.lock().unwrap() = |lease| lease.task = Bytes::from_static(&[0xff]);
    let broker: SharedBroker = faulty;
    let calculator = Calculator::start(settings(), &broker).await;
    let task = sum("1", "2");
    submit(&*broker, &task).await;
    let ended = until_ended(&*broker, task.job()).await;
    assert_eq!((ended.state, ended.attempt), (State::Failed, 1));
    assert_eq!(ended.failure.unwrap().reason, Failure::COMPUTATION_FAILED);
    calculator.until_busy(Lane::Instant, 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_job_delays_no_other_lane_and_keeps_its_lease() {
    let terms = Terms { lease: Duration::from_secs(2), ..Terms::default() };
    let broker: SharedBroker = Embedded::new(terms, Clock::system());
    let calculator = Calculator::start(settings(), &broker).await;
    let (long, waiting) = (spin("long", FOR_EVER), spin("waiting", FOR_EVER));
    submit(&*broker, &long).await;
    calculator.until_busy(Lane::Long, 1).await;
    submit(&*broker, &waiting).await;
    let start = std::time::Instant::now();
    let mut sums = 0_u32;
    // Longer than the lease by itself: only renewing can keep it.
    while start.elapsed() < Duration::from_secs(3) {
        sums += 1;
        let task = sum(&sums.to_string(), "1");
        submit(&*broker, &task).await;
        assert_eq!(until_ended(&*broker, task.job()).await.state, State::Succeeded);
    }
    let long = snapshot(&*broker, long.job()).await;
    assert_eq!((long.state, long.attempt), (State::Running, 1));
    assert_eq!(snapshot(&*broker, waiting.job()).await.state, State::Queued);
    assert_eq!(calculator.worker().await.finished, u64::from(sums));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_jobs_of_a_dead_worker_run_again() {
    let terms = Terms { lease: Duration::from_millis(300), ..Terms::default() };
    let broker: Arc<Embedded> = Embedded::new(terms, Clock::system());
    let task = sum("1", "2");
    submit(&*broker, &task).await;
    claim_elsewhere(&*broker, &task).await;
    let shared: SharedBroker = broker.clone();
    let calculator = Calculator::start(settings(), &shared).await;
    let ended = until_ended(&*broker, task.job()).await;
    assert_eq!((ended.state, ended.attempt), (State::Succeeded, 2));
    assert_eq!(ended.worker, Some(calculator.id.clone()));
    until("the worker is known", async || {
        let workers = broker.workers().await.unwrap();
        workers.iter().any(|worker| worker.id == calculator.id).then_some(())
    })
    .await;
}
