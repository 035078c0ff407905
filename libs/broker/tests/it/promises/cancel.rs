//! A request's cancel detaches that request; a job nobody asks for any more stops.

use abacus_broker::{Error, Hold, Release, Terms};
use abacus_tasks::{RequestName, State};
use bytes::Bytes;
use uuid::Uuid;

use crate::{
    actors::{Client, Worker, fibonacci, halfway, seen, success},
    stand::Stand,
};

pub(crate) async fn a_job_goes_on_for_those_who_still_want_it(stand: &impl Stand) {
    let broker = stand.broker(Terms::default()).await;
    let (alice, bob, worker) =
        (Client::new(&broker, "alice"), Client::new(&broker, "bob"), Worker::new(&broker));
    let (asked, joined) = (alice.ask(&fibonacci(1)).await, bob.ask(&fibonacci(1)).await);
    let lease = worker.take().await;
    assert_eq!(alice.cancel(&asked).await.state, Some(State::Cancelled));
    assert_eq!(
        alice.cancel(&asked).await.state,
        Some(State::Cancelled),
        "again: no second request is detached"
    );
    let job = seen(&broker, fibonacci(1).job()).await;
    assert_eq!((job.state, job.requests), (State::Running, 1));
    assert_eq!(worker.renew(&lease.key).await, Hold::Held);
    worker.succeed(&lease, "one").await;
    assert_eq!(bob.requests().await[0].state, Some(State::Succeeded));
    assert_eq!(alice.requests().await[0].state, Some(State::Cancelled));
    assert_eq!(bob.cancel(&joined).await.state, Some(State::Succeeded));
}

pub(crate) async fn the_last_cancel_ends_a_waiting_job(stand: &impl Stand) {
    let broker = stand.broker(Terms { max_queued: 1, ..Terms::default() }).await;
    let (alice, worker) = (Client::new(&broker, "alice"), Worker::new(&broker));
    let asked = alice.ask(&fibonacci(1)).await;
    let request = alice.cancel(&asked).await;
    assert_eq!((request.state, &request.name), (Some(State::Cancelled), &asked.request.name));
    let job = seen(&broker, fibonacci(1).job()).await;
    assert_eq!((job.state, job.requests), (State::Cancelled, 0));
    assert!(job.sequence > asked.snapshot.sequence && job.end_time.is_some());
    assert!(worker.finds_nothing().await);
    assert_eq!(broker.stats().await.unwrap().counters.cancelled, 1);
    alice.ask(&fibonacci(2)).await;
    assert_eq!(worker.take().await.key.job, *fibonacci(2).job(), "its place in the queue is free");
}

pub(crate) async fn the_last_cancel_ends_a_running_job_and_its_lease(stand: &impl Stand) {
    let broker = stand.broker(Terms::default()).await;
    let (alice, worker) = (Client::new(&broker, "alice"), Worker::new(&broker));
    let (first, second) = (alice.ask(&fibonacci(1)).await, alice.ask(&fibonacci(1)).await);
    let lease = worker.take().await;
    alice.cancel(&first).await;
    alice.cancel(&second).await;
    let job = seen(&broker, fibonacci(1).job()).await;
    assert_eq!((job.state, job.progress.is_none()), (State::Cancelled, true));
    assert_eq!(worker.renew(&lease.key).await, Hold::Cancelled);
    let lost = Err(Error::LeaseLost);
    assert_eq!(broker.report(&lease.key, halfway()).await, lost);
    assert_eq!(broker.append(&lease.key, 0, Bytes::from_static(b"1")).await, lost);
    assert_eq!(broker.finish(&lease.key, success(&lease, "one")).await, lost);
    assert_eq!(broker.release(&lease.key, Release::Unharmed).await, lost);
    assert_eq!(seen(&broker, fibonacci(1).job()).await, job);
}

pub(crate) async fn a_cancelled_lease_is_told_so_until_another_attempt_begins(stand: &impl Stand) {
    let broker = stand.broker(Terms::default()).await;
    let (alice, worker, next) = (Client::new(&broker, "alice"), Worker::new(&broker), Worker::new(&broker));
    let asked = alice.ask(&fibonacci(1)).await;
    let lease = worker.take().await;
    alice.cancel(&asked).await;
    for _ in 0..2 {
        assert_eq!(worker.renew(&lease.key).await, Hold::Cancelled);
    }
    alice.ask(&fibonacci(1)).await;
    assert_eq!(worker.renew(&lease.key).await, Hold::Cancelled, "the new life waits");
    next.take().await;
    assert_eq!(worker.renew(&lease.key).await, Hold::Lost);
}

pub(crate) async fn cancelling_after_the_end_changes_nothing(stand: &impl Stand) {
    let broker = stand.broker(Terms::default()).await;
    let (alice, worker) = (Client::new(&broker, "alice"), Worker::new(&broker));
    let asked = alice.ask(&fibonacci(1)).await;
    worker.succeed(&worker.take().await, "one").await;
    let job = seen(&broker, fibonacci(1).job()).await;
    assert_eq!(alice.cancel(&asked).await.state, Some(State::Succeeded));
    assert_eq!(seen(&broker, fibonacci(1).job()).await, job);
    assert_eq!(alice.requests().await[0].state, Some(State::Succeeded));
}

pub(crate) async fn only_a_known_request_can_be_cancelled(stand: &impl Stand) {
    let broker = stand.broker(Terms::default()).await;
    let alice = Client::new(&broker, "alice");
    let asked = alice.ask(&fibonacci(1)).await;
    let unknown = RequestName { id: Uuid::now_v7(), ..asked.request.name.clone() };
    assert_eq!(broker.cancel(&unknown).await, Err(Error::NoSuchRequest(unknown)));
    let anothers = RequestName { client: "bob".parse().unwrap(), ..asked.request.name };
    assert_eq!(broker.cancel(&anothers).await, Err(Error::NoSuchRequest(anothers)));
    assert_eq!(seen(&broker, fibonacci(1).job()).await.state, State::Queued);
}
