//! What is known is not computed again; what failed or was cancelled is.

use abacus_broker::{Submission, Terms};
use abacus_tasks::{Disposition, State};

use crate::{
    actors::{Client, Worker, content, fibonacci, seen, submission},
    stand::Stand,
};

pub(crate) async fn a_finished_job_answers_at_once(stand: &impl Stand) {
    let broker = stand.broker(Terms::default()).await;
    let (alice, worker) = (Client::new(&broker, "alice"), Worker::new(&broker));
    alice.ask(&fibonacci(1)).await;
    worker.succeed(&worker.take().await, "one").await;
    let cached = Client::new(&broker, "bob").ask(&fibonacci(1)).await;
    assert_eq!(cached.request.disposition, Disposition::Cached);
    assert_eq!(cached.snapshot.state, State::Succeeded);
    assert_eq!(content(&broker, fibonacci(1).job()).await, ["one"]);
    assert!(worker.finds_nothing().await);
    assert_eq!(broker.stats().await.unwrap().counters.cached, 1);
}

pub(crate) async fn a_cached_answer_needs_no_room_and_no_worker(stand: &impl Stand) {
    let broker = stand.broker(Terms { max_queued: 1, ..Terms::default() }).await;
    let (alice, worker) = (Client::new(&broker, "alice"), Worker::new(&broker));
    alice.ask(&fibonacci(1)).await;
    worker.succeed(&worker.take().await, "one").await;
    alice.ask(&fibonacci(2)).await;
    broker.set_suspended("fibonacci", true).await.unwrap();
    let asking = Submission { reject_if_suspended: true, ..submission(&fibonacci(1), "bob") };
    assert_eq!(broker.submit(asking).await.unwrap().request.disposition, Disposition::Cached);
}

pub(crate) async fn a_failed_job_is_computed_again_when_it_is_asked_for_again(stand: &impl Stand) {
    let broker = stand.broker(Terms::default()).await;
    let (alice, worker) = (Client::new(&broker, "alice"), Worker::new(&broker));
    alice.ask(&fibonacci(1)).await;
    worker.fail(&worker.take().await, "no luck").await;
    let before = seen(&broker, fibonacci(1).job()).await;
    let again = alice.ask(&fibonacci(1)).await;
    assert_eq!(again.request.disposition, Disposition::Created);
    let job = again.snapshot;
    assert_eq!((job.state, job.failure, job.end_time, job.expire_time), (State::Queued, None, None, None));
    assert_eq!((job.attempt, job.requests), (1, 1));
    assert!(job.sequence > before.sequence);
    let lease = worker.take().await;
    assert_eq!(lease.key.attempt, 2, "attempt numbers go on growing");
    worker.succeed(&lease, "one").await;
    assert_eq!(seen(&broker, fibonacci(1).job()).await.state, State::Succeeded);
}

pub(crate) async fn a_cancelled_job_is_computed_again_when_it_is_asked_for_again(stand: &impl Stand) {
    let broker = stand.broker(Terms::default()).await;
    let (alice, worker) = (Client::new(&broker, "alice"), Worker::new(&broker));
    let first = alice.ask(&fibonacci(1)).await;
    worker.take().await;
    alice.cancel(&first).await;
    let again = alice.ask(&fibonacci(1)).await;
    assert_eq!(again.request.disposition, Disposition::Created);
    assert_eq!((again.snapshot.state, again.snapshot.requests), (State::Queued, 1));
    assert_eq!(worker.take().await.key.attempt, 2);
}

pub(crate) async fn a_new_life_has_all_its_attempts(stand: &impl Stand) {
    let broker = stand.broker(Terms { max_attempts: 2, ..Terms::default() }).await;
    let (alice, worker) = (Client::new(&broker, "alice"), Worker::new(&broker));
    for life in 0..3 {
        alice.ask(&fibonacci(1)).await;
        for attempt in 1..=2 {
            let lease = worker.take().await;
            assert_eq!(lease.key.attempt, life * 2 + attempt);
            worker.stumble(&lease, "no luck").await;
        }
        assert_eq!(seen(&broker, fibonacci(1).job()).await.state, State::Failed, "life {life}");
    }
}

pub(crate) async fn a_new_life_is_wanted_by_those_who_asked_for_it(stand: &impl Stand) {
    let broker = stand.broker(Terms::default()).await;
    let (alice, bob, worker) =
        (Client::new(&broker, "alice"), Client::new(&broker, "bob"), Worker::new(&broker));
    let answered = alice.ask(&fibonacci(1)).await;
    worker.fail(&worker.take().await, "no luck").await;
    let asked = bob.ask(&fibonacci(1)).await;
    assert_eq!(asked.snapshot.requests, 1);
    alice.cancel(&answered).await;
    assert_eq!(seen(&broker, fibonacci(1).job()).await.state, State::Queued, "bob still wants it");
    bob.cancel(&asked).await;
    assert_eq!(seen(&broker, fibonacci(1).job()).await.state, State::Cancelled);
}
