//! What operators see: workers, kinds, queues, counts.

use std::time::Duration;

use abacus_broker::{Counters, KindRecord, Terms, WorkerRecord, WorkerState};
use abacus_tasks::Lane;

use crate::{
    actors::{Client, Worker, fibonacci, primes},
    stand::Stand,
};

pub(crate) async fn a_worker_is_known_for_some_time_after_it_was_announced(stand: &impl Stand) {
    let broker = stand.broker(Terms { worker_ttl: Duration::from_mins(1), ..Terms::default() }).await;
    let (first, second) = (Worker::new(&broker), Worker::new(&broker));
    assert!(broker.workers().await.unwrap().is_empty());
    broker.renew(&first.record(), &[]).await.unwrap();
    let known = broker.workers().await.unwrap();
    assert_eq!(known.len(), 1);
    let heartbeat_time = known[0].heartbeat_time;
    assert!(heartbeat_time > first.record().heartbeat_time, "the broker tells the time");
    assert_eq!(known[0], WorkerRecord { heartbeat_time, ..first.record() });
    stand.advance(Duration::from_secs(40)).await;
    broker.renew(&second.record(), &[]).await.unwrap();
    let mut ids = [first.id.clone(), second.id.clone()];
    ids.sort();
    let known: Vec<_> = broker.workers().await.unwrap().into_iter().map(|worker| worker.id).collect();
    assert_eq!(known, ids);
    stand.advance(Duration::from_secs(40)).await;
    let known: Vec<_> = broker.workers().await.unwrap().into_iter().map(|worker| worker.id).collect();
    assert_eq!(known, std::slice::from_ref(&second.id));
    broker.rescue().await.unwrap();
    assert_eq!(broker.workers().await.unwrap().len(), 1);
}

pub(crate) async fn a_worker_is_known_as_it_was_announced_last(stand: &impl Stand) {
    let broker = stand.broker(Terms::default()).await;
    let worker = Worker::new(&broker);
    broker.renew(&worker.record(), &[]).await.unwrap();
    let draining = WorkerRecord { state: WorkerState::Draining, finished: 9, ..worker.record() };
    broker.renew(&draining, &[]).await.unwrap();
    let known = broker.workers().await.unwrap();
    assert_eq!((known.len(), known[0].state, known[0].finished), (1, WorkerState::Draining, 9));
}

pub(crate) async fn failures_of_a_kind_are_counted_until_one_succeeds(stand: &impl Stand) {
    let broker = stand.broker(Terms::default()).await;
    let (alice, worker) = (Client::new(&broker, "alice"), Worker::new(&broker));
    let kinds = async || broker.kinds().await.unwrap();
    let failures = |failures_in_a_row| {
        [KindRecord { kind: "fibonacci".to_owned(), suspended: false, failures_in_a_row }]
    };
    alice.ask(&fibonacci(1)).await;
    alice.ask(&fibonacci(2)).await;
    worker.take().await;
    assert!(kinds().await.is_empty());
    stand.advance(Duration::from_secs(6)).await;
    broker.rescue().await.unwrap();
    assert!(kinds().await.is_empty(), "a lost worker is not the kind's fault");
    worker.stumble(&worker.take().await, "no luck").await;
    assert_eq!(kinds().await, failures(1));
    worker.fail(&worker.take().await, "no luck").await;
    assert_eq!(kinds().await, failures(2));
    worker.succeed(&worker.take().await, "two").await;
    assert_eq!(kinds().await, failures(0));
}

pub(crate) async fn queues_are_counted(stand: &impl Stand) {
    let broker = stand.broker(Terms::default()).await;
    let (alice, worker) = (Client::new(&broker, "alice"), Worker::new(&broker));
    assert!(broker.stats().await.unwrap().queues.is_empty());
    for n in 0..3 {
        alice.ask(&fibonacci(n)).await;
    }
    alice.ask_in(Lane::Long, &primes(1)).await;
    stand.advance(Duration::from_secs(3)).await;
    alice.ask(&fibonacci(3)).await;
    let lease = worker.take().await;
    let queue = async |kind: &str, lane| {
        let queues = broker.stats().await.unwrap().queues;
        queues.into_iter().find(|queue| queue.kind == kind && queue.lane == lane)
    };
    let short = queue("fibonacci", Lane::Short).await.unwrap();
    assert_eq!((short.queued, short.running), (3, 1));
    let oldest = short.oldest.unwrap();
    assert!(oldest >= Duration::from_secs(3) && oldest < Duration::from_mins(1), "{oldest:?}");
    let long = queue("primes", Lane::Long).await.unwrap();
    assert_eq!((long.queued, long.running), (1, 0));
    assert_eq!(queue("primes", Lane::Short).await, None);
    worker.succeed(&lease, "zero").await;
    for lease in worker.take_up_to(3).await {
        worker.fail(&lease, "no luck").await;
    }
    assert_eq!(queue("fibonacci", Lane::Short).await, None);
}

pub(crate) async fn what_happened_is_counted(stand: &impl Stand) {
    let broker = stand.broker(Terms::default()).await;
    let (alice, worker) = (Client::new(&broker, "alice"), Worker::new(&broker));
    let asked = alice.ask(&fibonacci(1)).await;
    alice.cancel(&asked).await;
    alice.ask(&fibonacci(2)).await;
    alice.ask(&fibonacci(2)).await;
    worker.stumble(&worker.take().await, "no luck").await;
    worker.succeed(&worker.take().await, "two").await;
    alice.ask(&fibonacci(2)).await;
    alice.ask(&fibonacci(3)).await;
    worker.fail(&worker.take().await, "no luck").await;
    let counters = broker.stats().await.unwrap().counters;
    let expected =
        Counters { created: 3, joined: 1, cached: 1, succeeded: 1, failed: 1, cancelled: 1, retried: 1 };
    assert_eq!(counters, expected);
}
