//! Failed jobs stand among the dead letters until an operator or a client queues them again.

use abacus_broker::{Error, SharedBroker, Terms};
use abacus_tasks::{JobId, State};

use crate::{
    actors::{Client, Worker, fibonacci, seen},
    stand::Stand,
};

/// Fails a job for each of these numbers, in order.
async fn fail_each(broker: &SharedBroker, numbers: std::ops::Range<u64>) {
    let (alice, worker) = (Client::new(broker, "alice"), Worker::new(broker));
    for n in numbers {
        alice.ask(&fibonacci(n)).await;
        worker.fail(&worker.take().await, "no luck").await;
    }
}

/// The dead letters, read in pages.
async fn dead(broker: &SharedBroker, limit: usize) -> Vec<Vec<JobId>> {
    let (mut after, mut pages) = (None, Vec::new());
    loop {
        let page = broker.dead(after, limit).await.unwrap();
        assert!(page.entries.iter().all(|job| job.state == State::Failed && job.failure.is_some()));
        pages.push(page.entries.into_iter().map(|job| job.job).collect());
        if page.next.is_none() {
            return pages;
        }
        after = page.next;
    }
}

fn ids<const N: usize>(numbers: [u64; N]) -> Vec<JobId> {
    numbers.map(|n| fibonacci(n).job().clone()).to_vec()
}

pub(crate) async fn failed_jobs_are_listed_newest_first(stand: &impl Stand) {
    let broker = stand.broker(Terms::default()).await;
    assert_eq!(dead(&broker, 2).await, [ids([])]);
    fail_each(&broker, 0..5).await;
    assert_eq!(dead(&broker, 2).await, [ids([4, 3]), ids([2, 1]), ids([0])]);
    assert_eq!(dead(&broker, 5).await, [ids([4, 3, 2, 1, 0])]);
    let entry = broker.dead(None, 1).await.unwrap().entries.remove(0);
    assert_eq!(entry, seen(&broker, fibonacci(4).job()).await);
}

pub(crate) async fn a_retried_job_waits_with_all_its_attempts(stand: &impl Stand) {
    let broker = stand.broker(Terms { max_attempts: 1, ..Terms::default() }).await;
    let worker = Worker::new(&broker);
    fail_each(&broker, 0..2).await;
    let before = seen(&broker, fibonacci(0).job()).await;
    let job = broker.retry(fibonacci(0).job()).await.unwrap();
    assert_eq!((job.state, job.end_time, job.expire_time), (State::Queued, None, None));
    assert!(job.sequence > before.sequence && job.requests == before.requests);
    assert_eq!(dead(&broker, 9).await, [ids([1])]);
    let lease = worker.take().await;
    assert_eq!(lease.key.attempt, 2);
    worker.stumble(&lease, "no luck").await;
    assert_eq!(dead(&broker, 9).await, [ids([0, 1])], "it failed again, and later");
    broker.retry(fibonacci(0).job()).await.unwrap();
    worker.succeed(&worker.take().await, "one").await;
    let job = seen(&broker, fibonacci(0).job()).await;
    assert_eq!((job.state, job.attempt, job.failure), (State::Succeeded, 3, None));
    let job = fibonacci(0).job().clone();
    assert_eq!(broker.retry(&job).await, Err(Error::NotDead(job)), "it has ended since");
}

pub(crate) async fn retrying_again_changes_nothing(stand: &impl Stand) {
    let broker = stand.broker(Terms::default()).await;
    fail_each(&broker, 0..1).await;
    let job = broker.retry(fibonacci(0).job()).await.unwrap();
    assert_eq!(broker.retry(fibonacci(0).job()).await.unwrap(), job);
    assert_eq!(Worker::new(&broker).take_up_to(9).await.len(), 1);
}

pub(crate) async fn only_what_has_failed_is_retried(stand: &impl Stand) {
    let broker = stand.broker(Terms::default()).await;
    let (alice, worker) = (Client::new(&broker, "alice"), Worker::new(&broker));
    let job = fibonacci(1).job().clone();
    assert_eq!(broker.retry(&job).await, Err(Error::NoSuchJob(job.clone())));
    alice.ask(&fibonacci(1)).await;
    assert_eq!(broker.retry(&job).await, Err(Error::NotDead(job.clone())));
    let lease = worker.take().await;
    assert_eq!(broker.retry(&job).await, Err(Error::NotDead(job.clone())));
    worker.succeed(&lease, "one").await;
    assert_eq!(broker.retry(&job).await, Err(Error::NotDead(job)));
}

pub(crate) async fn a_job_asked_for_again_leaves_the_dead_letters(stand: &impl Stand) {
    let broker = stand.broker(Terms::default()).await;
    fail_each(&broker, 0..2).await;
    Client::new(&broker, "alice").ask(&fibonacci(1)).await;
    assert_eq!(dead(&broker, 9).await, [ids([0])]);
}

pub(crate) async fn the_oldest_dead_letters_are_forgotten_first(stand: &impl Stand) {
    let broker = stand.broker(Terms { max_dead: 3, ..Terms::default() }).await;
    fail_each(&broker, 0..5).await;
    assert_eq!(dead(&broker, 9).await, [ids([4, 3, 2])]);
    assert_eq!(seen(&broker, fibonacci(0).job()).await.state, State::Failed, "the job itself is kept");
    assert_eq!(broker.retry(fibonacci(0).job()).await.unwrap().state, State::Queued);
}

pub(crate) async fn an_expired_job_is_no_dead_letter(stand: &impl Stand) {
    let broker = stand.broker(Terms::default()).await;
    fail_each(&broker, 0..1).await;
    stand.advance(Terms::default().result_ttl * 2).await;
    assert_eq!(dead(&broker, 9).await, [ids([])]);
    let job = fibonacci(0).job().clone();
    assert_eq!(broker.retry(&job).await, Err(Error::NoSuchJob(job)));
}
