//! A dead worker's job runs again; a job that kills its workers ends.

use std::time::Duration;

use abacus_broker::{Error, Failure, Rescued, Terms};
use abacus_tasks::{Disposition, State};

use crate::{
    actors::{Client, Worker, fibonacci, halfway, seen, submission},
    stand::Stand,
};

/// Longer than a lease.
const TOO_LONG: Duration = Duration::from_secs(6);

pub(crate) async fn a_dead_workers_job_runs_again(stand: &impl Stand) {
    let broker = stand.broker(Terms::default()).await;
    Client::new(&broker, "alice").ask(&fibonacci(1)).await;
    let (dead, next) = (Worker::new(&broker), Worker::new(&broker));
    let lost = dead.take().await;
    broker.report(&lost.key, halfway()).await.unwrap();
    stand.advance(TOO_LONG).await;
    assert_eq!(broker.rescue().await.unwrap(), [Rescued { key: lost.key.clone(), dead: false }]);
    let job = seen(&broker, fibonacci(1).job()).await;
    assert_eq!((job.state, job.attempt, job.progress), (State::Queued, 1, None));
    assert_eq!(job.failure.unwrap().reason, Failure::WORKER_LOST);
    assert_eq!(next.take().await.key.attempt, 2);
    assert_eq!(broker.stats().await.unwrap().counters.retried, 1);
}

pub(crate) async fn a_lease_that_holds_is_not_taken_back(stand: &impl Stand) {
    let broker = stand.broker(Terms { lease: Duration::from_mins(1), ..Terms::default() }).await;
    Client::new(&broker, "alice").ask(&fibonacci(1)).await;
    Worker::new(&broker).take().await;
    stand.advance(Duration::from_secs(58)).await;
    assert!(broker.rescue().await.unwrap().is_empty());
    assert_eq!(seen(&broker, fibonacci(1).job()).await.state, State::Running);
}

pub(crate) async fn rescuing_again_changes_nothing(stand: &impl Stand) {
    let broker = stand.broker(Terms::default()).await;
    Client::new(&broker, "alice").ask(&fibonacci(1)).await;
    Worker::new(&broker).take().await;
    stand.advance(TOO_LONG).await;
    assert_eq!(broker.rescue().await.unwrap().len(), 1);
    let job = seen(&broker, fibonacci(1).job()).await;
    assert!(broker.rescue().await.unwrap().is_empty());
    assert_eq!(seen(&broker, fibonacci(1).job()).await, job);
}

pub(crate) async fn a_rescued_job_comes_first(stand: &impl Stand) {
    let broker = stand.broker(Terms::default()).await;
    let (client, worker) = (Client::new(&broker, "alice"), Worker::new(&broker));
    for n in 0..3 {
        client.ask(&fibonacci(n)).await;
    }
    worker.take().await;
    stand.advance(TOO_LONG).await;
    broker.rescue().await.unwrap();
    let jobs: Vec<_> = worker.take_up_to(3).await.into_iter().map(|lease| lease.key.job).collect();
    assert_eq!(jobs, [0, 1, 2].map(|n| fibonacci(n).job().clone()));
}

pub(crate) async fn a_job_that_kills_its_workers_ends_as_failed(stand: &impl Stand) {
    let broker = stand.broker(Terms { max_attempts: 2, ..Terms::default() }).await;
    Client::new(&broker, "alice").ask(&fibonacci(1)).await;
    for last in [false, true] {
        Worker::new(&broker).take().await;
        stand.advance(TOO_LONG).await;
        let rescued = broker.rescue().await.unwrap();
        assert_eq!(rescued.iter().map(|rescued| rescued.dead).collect::<Vec<_>>(), [last]);
    }
    let job = seen(&broker, fibonacci(1).job()).await;
    let failure = job.failure.unwrap();
    assert_eq!((job.state, failure.reason.as_str()), (State::Failed, Failure::ATTEMPTS_EXHAUSTED));
    assert!(failure.message.contains(Failure::WORKER_LOST), "{}", failure.message);
    assert!(job.end_time.is_some() && job.expire_time.is_some());
    assert!(Worker::new(&broker).finds_nothing().await);
    assert_eq!(broker.dead(None, 10).await.unwrap().entries.len(), 1);
}

pub(crate) async fn a_submission_drives_a_dead_workers_job_again(stand: &impl Stand) {
    let broker = stand.broker(Terms::default()).await;
    let client = Client::new(&broker, "alice");
    client.ask(&fibonacci(1)).await;
    Worker::new(&broker).take().await;
    stand.advance(TOO_LONG).await;
    let joined = client.ask(&fibonacci(1)).await;
    assert_eq!(joined.request.disposition, Disposition::Joined);
    assert_eq!((joined.snapshot.state, joined.snapshot.requests), (State::Queued, 2));
    assert_eq!(Worker::new(&broker).take().await.key.attempt, 2);
    assert!(broker.rescue().await.unwrap().is_empty());
}

pub(crate) async fn a_submission_creates_a_job_anew_whose_last_worker_died(stand: &impl Stand) {
    let broker = stand.broker(Terms { max_attempts: 1, ..Terms::default() }).await;
    let client = Client::new(&broker, "alice");
    client.ask(&fibonacci(1)).await;
    Worker::new(&broker).take().await;
    stand.advance(TOO_LONG).await;
    let created = client.ask(&fibonacci(1)).await;
    assert_eq!((created.request.disposition, created.snapshot.state), (Disposition::Created, State::Queued));
    assert_eq!(broker.stats().await.unwrap().counters.failed, 1, "the life before ended");
    assert_eq!(Worker::new(&broker).take().await.key.attempt, 2);
}

pub(crate) async fn a_refused_submission_leaves_a_dead_workers_job_alone(stand: &impl Stand) {
    let broker = stand.broker(Terms { max_attempts: 1, max_queued: 1, ..Terms::default() }).await;
    let alice = Client::new(&broker, "alice");
    alice.ask(&fibonacci(1)).await;
    Worker::new(&broker).take().await;
    alice.ask(&fibonacci(2)).await;
    stand.advance(TOO_LONG).await;
    let before = seen(&broker, fibonacci(1).job()).await;
    let refused = broker.submit(submission(&fibonacci(1), "bob")).await;
    assert!(matches!(refused, Err(Error::QueueFull { .. })), "{refused:?}");
    assert_eq!(seen(&broker, fibonacci(1).job()).await, before);
}

pub(crate) async fn every_overdue_lease_is_taken_back(stand: &impl Stand) {
    const JOBS: usize = 1_200;
    let broker = stand.broker(Terms::default()).await;
    let (client, worker) = (Client::new(&broker, "alice"), Worker::new(&broker));
    for n in 0..JOBS {
        client.ask(&fibonacci(n as u64)).await;
    }
    assert_eq!(worker.take_up_to(JOBS).await.len(), JOBS);
    stand.advance(TOO_LONG * 10).await;
    assert_eq!(broker.rescue().await.unwrap().len(), JOBS);
    assert_eq!(worker.take_up_to(JOBS).await.len(), JOBS);
}
