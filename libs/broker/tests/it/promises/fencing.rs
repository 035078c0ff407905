//! A worker that lost its lease can write nothing: a job has one terminal record.

use std::time::Duration;

use abacus_broker::{Error, Failure, Hold, Lease, LeaseKey, Outcome, Release, SharedBroker, Terms};
use abacus_tasks::State;
use bytes::Bytes;

use crate::{
    actors::{Client, Worker, content, fibonacci, halfway, seen, success},
    stand::Stand,
};

/// Tries every write under a lease, which must all be refused, and change nothing.
async fn can_write_nothing(broker: &SharedBroker, lease: &Lease) {
    let key = &lease.key;
    let before = (broker.snapshot(&key.job).await.unwrap(), content(broker, &key.job).await);
    let refused = Err(Error::LeaseLost);
    assert_eq!(broker.report(key, halfway()).await, refused);
    assert_eq!(broker.append(key, lease.chunks, Bytes::from_static(b"late")).await, refused);
    assert_eq!(broker.finish(key, success(lease, "late")).await, refused);
    let failure = Failure::new("LATE", "late");
    assert_eq!(broker.finish(key, Outcome::Failed(failure.clone())).await, refused);
    assert_eq!(broker.release(key, Release::Unharmed).await, refused);
    assert_eq!(broker.release(key, Release::Failed(failure)).await, refused);
    let after = (broker.snapshot(&key.job).await.unwrap(), content(broker, &key.job).await);
    assert_eq!(before, after);
}

pub(crate) async fn a_worker_that_was_replaced_can_write_nothing(stand: &impl Stand) {
    let broker = stand.broker(Terms::default()).await;
    Client::new(&broker, "alice").ask(&fibonacci(1)).await;
    let (late, next) = (Worker::new(&broker), Worker::new(&broker));
    let lost = late.take().await;
    stand.advance(Duration::from_secs(6)).await;
    broker.rescue().await.unwrap();
    can_write_nothing(&broker, &lost).await;
    assert_eq!(late.renew(&lost.key).await, Hold::Lost);
    let lease = next.take().await;
    can_write_nothing(&broker, &lost).await;
    assert_eq!(late.renew(&lost.key).await, Hold::Lost);
    next.succeed(&lease, "one").await;
    can_write_nothing(&broker, &lost).await;
    assert_eq!(content(&broker, fibonacci(1).job()).await, ["one"]);
}

pub(crate) async fn another_worker_can_write_nothing(stand: &impl Stand) {
    let broker = stand.broker(Terms::default()).await;
    Client::new(&broker, "alice").ask(&fibonacci(1)).await;
    let lease = Worker::new(&broker).take().await;
    let stranger = Worker::new(&broker);
    let key = LeaseKey { worker: stranger.id.clone(), ..lease.key.clone() };
    can_write_nothing(&broker, &Lease { key: key.clone(), ..lease.clone() }).await;
    assert_eq!(stranger.renew(&key).await, Hold::Lost);
    let key = LeaseKey { attempt: 2, ..lease.key.clone() };
    can_write_nothing(&broker, &Lease { key, ..lease }).await;
}

pub(crate) async fn a_lease_of_an_unknown_job_is_no_lease(stand: &impl Stand) {
    let broker = stand.broker(Terms::default()).await;
    Client::new(&broker, "alice").ask(&fibonacci(1)).await;
    let worker = Worker::new(&broker);
    let lease = worker.take().await;
    let key = LeaseKey { job: fibonacci(2).job().clone(), ..lease.key.clone() };
    can_write_nothing(&broker, &Lease { key: key.clone(), ..lease }).await;
    assert_eq!(worker.renew(&key).await, Hold::Lost);
}

pub(crate) async fn a_finished_job_stays_as_it_is(stand: &impl Stand) {
    let broker = stand.broker(Terms::default()).await;
    Client::new(&broker, "alice").ask(&fibonacci(1)).await;
    let worker = Worker::new(&broker);
    let lease = worker.take().await;
    worker.succeed(&lease, "one").await;
    let end = seen(&broker, fibonacci(1).job()).await;
    assert_eq!(end.state, State::Succeeded);
    let refused = Err(Error::LeaseLost);
    assert_eq!(broker.report(&lease.key, halfway()).await, refused);
    assert_eq!(broker.append(&lease.key, 1, Bytes::from_static(b"more")).await, refused);
    assert_eq!(broker.release(&lease.key, Release::Unharmed).await, refused);
    let failure = Outcome::Failed(Failure::new("LATE", "second thoughts"));
    assert_eq!(broker.finish(&lease.key, failure).await, Ok(()), "taken for a repetition");
    assert_eq!(worker.renew(&lease.key).await, Hold::Lost);
    assert_eq!(seen(&broker, fibonacci(1).job()).await, end);
    assert_eq!(content(&broker, fibonacci(1).job()).await, ["one"]);
}

pub(crate) async fn finishing_again_changes_nothing(stand: &impl Stand) {
    let broker = stand.broker(Terms::default()).await;
    let (client, worker) = (Client::new(&broker, "alice"), Worker::new(&broker));
    client.ask(&fibonacci(1)).await;
    client.ask(&fibonacci(2)).await;
    let leases = worker.take_up_to(2).await;
    worker.succeed(&leases[0], "one").await;
    worker.fail(&leases[1], "no luck").await;
    let ends = (seen(&broker, fibonacci(1).job()).await, seen(&broker, fibonacci(2).job()).await);
    let counters = broker.stats().await.unwrap().counters;
    worker.succeed(&leases[0], "one").await;
    worker.fail(&leases[1], "no luck").await;
    assert_eq!(ends, (seen(&broker, fibonacci(1).job()).await, seen(&broker, fibonacci(2).job()).await));
    assert_eq!(counters, broker.stats().await.unwrap().counters);
    assert_eq!((counters.succeeded, counters.failed), (1, 1));
    assert_eq!(broker.kinds().await.unwrap()[0].failures_in_a_row, 1);
}

pub(crate) async fn only_one_of_many_finishers_ends_a_job(stand: &impl Stand) {
    let broker = stand.broker(Terms { max_attempts: 100, ..Terms::default() }).await;
    Client::new(&broker, "alice").ask(&fibonacci(1)).await;
    let mut leases = Vec::new();
    for _ in 0..5 {
        leases.push(Worker::new(&broker).take().await);
        stand.advance(Duration::from_secs(6)).await;
        broker.rescue().await.unwrap();
    }
    leases.push(Worker::new(&broker).take().await);
    let mut accepted = Vec::new();
    for lease in &leases {
        if broker.finish(&lease.key, success(lease, "one")).await.is_ok() {
            accepted.push(lease.key.attempt);
        }
    }
    assert_eq!(accepted, [6]);
    assert_eq!(broker.stats().await.unwrap().counters.succeeded, 1);
}
