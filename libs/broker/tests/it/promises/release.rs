//! A lease can be given back: unharmed, or after an attempt that failed.

use abacus_broker::{Failure, Hold, Release, Terms};
use abacus_tasks::State;

use crate::{
    actors::{Client, Worker, fibonacci, halfway, seen},
    stand::Stand,
};

pub(crate) async fn a_handed_back_job_waits_at_once_and_loses_no_attempt(stand: &impl Stand) {
    let broker = stand.broker(Terms { max_attempts: 1, ..Terms::default() }).await;
    Client::new(&broker, "alice").ask(&fibonacci(1)).await;
    let worker = Worker::new(&broker);
    for attempt in 1..=4 {
        let lease = worker.take().await;
        assert_eq!(lease.key.attempt, attempt);
        broker.report(&lease.key, halfway()).await.unwrap();
        broker.release(&lease.key, Release::Unharmed).await.unwrap();
        let job = seen(&broker, fibonacci(1).job()).await;
        assert_eq!((job.state, job.attempt, job.progress), (State::Queued, attempt, None));
        assert_eq!(job.failure.unwrap().reason, Failure::HANDED_BACK);
        assert_eq!(worker.renew(&lease.key).await, Hold::Lost);
    }
    worker.stumble(&worker.take().await, "no luck").await;
    assert_eq!(seen(&broker, fibonacci(1).job()).await.state, State::Failed, "its one attempt is used up");
}

pub(crate) async fn a_failed_attempt_is_repeated_until_the_attempts_are_used_up(stand: &impl Stand) {
    let broker = stand.broker(Terms { max_attempts: 3, ..Terms::default() }).await;
    Client::new(&broker, "alice").ask(&fibonacci(1)).await;
    let worker = Worker::new(&broker);
    for attempt in 1..=2 {
        worker.stumble(&worker.take().await, &format!("stumbled at {attempt}")).await;
        let job = seen(&broker, fibonacci(1).job()).await;
        assert_eq!(job.state, State::Queued);
        let failure = job.failure.unwrap();
        assert_eq!(failure, Failure::new(Failure::COMPUTATION_FAILED, format!("stumbled at {attempt}")));
    }
    worker.stumble(&worker.take().await, "stumbled at 3").await;
    let job = seen(&broker, fibonacci(1).job()).await;
    let failure = job.failure.unwrap();
    assert_eq!((job.state, failure.reason.as_str()), (State::Failed, Failure::ATTEMPTS_EXHAUSTED));
    assert!(failure.message.contains("stumbled at 3"), "{}", failure.message);
    assert!(worker.finds_nothing().await);
    let counters = broker.stats().await.unwrap().counters;
    assert_eq!((counters.retried, counters.failed), (2, 1));
}

pub(crate) async fn a_success_forgets_the_failures_before(stand: &impl Stand) {
    let broker = stand.broker(Terms::default()).await;
    Client::new(&broker, "alice").ask(&fibonacci(1)).await;
    let worker = Worker::new(&broker);
    worker.stumble(&worker.take().await, "no luck").await;
    worker.succeed(&worker.take().await, "one").await;
    let job = seen(&broker, fibonacci(1).job()).await;
    assert_eq!((job.state, job.failure), (State::Succeeded, None));
}

pub(crate) async fn a_given_back_job_comes_first(stand: &impl Stand) {
    let broker = stand.broker(Terms::default()).await;
    let (client, worker) = (Client::new(&broker, "alice"), Worker::new(&broker));
    for n in 0..4 {
        client.ask(&fibonacci(n)).await;
    }
    let leases = worker.take_up_to(2).await;
    broker.release(&leases[1].key, Release::Unharmed).await.unwrap();
    worker.stumble(&leases[0], "no luck").await;
    let jobs: Vec<_> = worker.take_up_to(4).await.into_iter().map(|lease| lease.key.job).collect();
    assert_eq!(jobs, [0, 1, 2, 3].map(|n| fibonacci(n).job().clone()));
}

pub(crate) async fn giving_back_again_changes_nothing(stand: &impl Stand) {
    let broker = stand.broker(Terms { max_attempts: 2, ..Terms::default() }).await;
    Client::new(&broker, "alice").ask(&fibonacci(1)).await;
    let (first, second) = (Worker::new(&broker), Worker::new(&broker));
    let lease = first.take().await;
    first.stumble(&lease, "no luck").await;
    let job = seen(&broker, fibonacci(1).job()).await;
    first.stumble(&lease, "no luck").await;
    assert_eq!(seen(&broker, fibonacci(1).job()).await, job);
    second.take().await;
    let job = seen(&broker, fibonacci(1).job()).await;
    first.stumble(&lease, "no luck").await;
    assert_eq!(seen(&broker, fibonacci(1).job()).await, job, "nor once another has it");
    assert_eq!(broker.stats().await.unwrap().counters.retried, 1);
}
