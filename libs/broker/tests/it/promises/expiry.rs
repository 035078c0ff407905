//! A finished job is kept for a time, an unfinished one for as long as it takes.

use std::time::Duration;

use abacus_broker::Terms;
use abacus_tasks::{Disposition, State};

use crate::{
    actors::{Client, Worker, content, fibonacci, kept, seen},
    stand::Stand,
};

const HOUR: Duration = Duration::from_hours(1);

pub(crate) async fn a_finished_job_is_kept_for_its_time_and_no_longer(stand: &impl Stand) {
    let broker = stand.broker(Terms { result_ttl: 2 * HOUR, ..Terms::default() }).await;
    let (alice, worker) = (Client::new(&broker, "alice"), Worker::new(&broker));
    for n in 0..3 {
        alice.ask(&fibonacci(n)).await;
    }
    let leases = worker.take_up_to(2).await;
    worker.succeed(&leases[0], "zero").await;
    worker.fail(&leases[1], "no luck").await;
    let asked = alice.ask(&fibonacci(2)).await;
    alice.cancel(&asked).await;
    alice.cancel(&alice.ask(&fibonacci(3)).await).await;
    stand.advance(HOUR).await;
    broker.rescue().await.unwrap();
    for n in [0, 1, 3] {
        let job = seen(&broker, fibonacci(n).job()).await;
        assert!(job.state.is_terminal(), "{n}");
        let kept = job.expire_time.unwrap().since(job.end_time.unwrap());
        assert_eq!(kept, 2 * HOUR);
    }
    stand.advance(HOUR + HOUR / 2).await;
    for n in [0, 1, 3] {
        assert_eq!(broker.snapshot(fibonacci(n).job()).await, Ok(None), "{n}");
        assert!(content(&broker, fibonacci(n).job()).await.is_empty());
    }
    assert_eq!(alice.requests().await[0].state, None);
}

pub(crate) async fn an_unfinished_job_is_never_forgotten(stand: &impl Stand) {
    let broker = stand.broker(Terms { max_attempts: 99, ..Terms::default() }).await;
    let (alice, worker) = (Client::new(&broker, "alice"), Worker::new(&broker));
    alice.ask(&fibonacci(1)).await;
    alice.ask(&fibonacci(2)).await;
    worker.take().await;
    for _ in 0..3 {
        stand.advance(Duration::from_hours(48)).await;
        broker.rescue().await.unwrap();
    }
    for n in [1, 2] {
        let job = seen(&broker, fibonacci(n).job()).await;
        assert_eq!((job.state, job.expire_time), (State::Queued, None));
    }
    assert_eq!(worker.take_up_to(9).await.len(), 2);
}

pub(crate) async fn an_expired_job_is_computed_again(stand: &impl Stand) {
    let broker = stand.broker(Terms { result_ttl: HOUR, ..Terms::default() }).await;
    let (alice, worker) = (Client::new(&broker, "alice"), Worker::new(&broker));
    alice.ask(&fibonacci(1)).await;
    worker.succeed(&worker.take().await, "one").await;
    stand.advance(HOUR * 2).await;
    let again = alice.ask(&fibonacci(1)).await;
    assert_eq!((again.request.disposition, again.snapshot.state), (Disposition::Created, State::Queued));
    assert_eq!((again.snapshot.requests, again.snapshot.summary), (1, None));
    worker.succeed(&worker.take().await, "one").await;
    assert_eq!(seen(&broker, fibonacci(1).job()).await.state, State::Succeeded);
}

pub(crate) async fn what_has_expired_takes_no_room(stand: &impl Stand) {
    let broker = stand.broker(Terms { result_ttl: HOUR, ..Terms::default() }).await;
    let (alice, worker) = (Client::new(&broker, "alice"), Worker::new(&broker));
    for n in 0..20 {
        alice.ask(&fibonacci(n)).await;
        worker.succeed(&worker.take().await, "result").await;
    }
    alice.ask(&fibonacci(20)).await;
    let stats = broker.stats().await.unwrap();
    let kept: u64 = (0..20).map(|n| kept(&fibonacci(n), 6)).sum();
    assert_eq!((stats.kept_jobs, stats.kept_bytes), (21, kept));
    stand.advance(HOUR * 2).await;
    broker.rescue().await.unwrap();
    let stats = broker.stats().await.unwrap();
    assert_eq!((stats.kept_jobs, stats.kept_bytes), (1, 0));
}
