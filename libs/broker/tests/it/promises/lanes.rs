//! Cheap jobs never wait behind expensive ones; within a lane the longest waiting comes first.

use std::time::Duration;

use abacus_broker::Terms;
use abacus_tasks::Lane;

use crate::{
    actors::{Client, Worker, fibonacci, primes, spin},
    stand::Stand,
};

pub(crate) async fn jobs_of_a_queue_are_taken_in_their_order(stand: &impl Stand) {
    let broker = stand.broker(Terms::default()).await;
    let (alice, worker) = (Client::new(&broker, "alice"), Worker::new(&broker));
    for n in (0..20).rev() {
        alice.ask(&fibonacci(n)).await;
    }
    let mut taken = Vec::new();
    for size in 1..=6 {
        taken.extend(worker.take_up_to(size).await.into_iter().map(|lease| lease.key.job));
    }
    let jobs: Vec<_> = (0..20).rev().map(|n| fibonacci(n).job().clone()).collect();
    assert_eq!(taken, jobs);
}

pub(crate) async fn the_longest_waiting_of_all_kinds_comes_first(stand: &impl Stand) {
    let broker = stand.broker(Terms::default()).await;
    let (alice, worker) = (Client::new(&broker, "alice"), Worker::new(&broker));
    let tasks = [spin("a"), fibonacci(1), primes(1), fibonacci(2), spin("b"), primes(2)];
    for task in &tasks {
        alice.ask(task).await;
        stand.advance(Duration::from_millis(5)).await;
    }
    for task in &tasks {
        assert_eq!(worker.take().await.key.job, *task.job());
    }
}

pub(crate) async fn a_lane_does_not_wait_for_another(stand: &impl Stand) {
    let broker = stand.broker(Terms::default()).await;
    let (alice, worker) = (Client::new(&broker, "alice"), Worker::new(&broker));
    for n in 0..10 {
        alice.ask_in(Lane::Long, &fibonacci(n)).await;
    }
    alice.ask_in(Lane::Instant, &fibonacci(10)).await;
    let leases = broker.claim(worker.claim_for(&[(Lane::Instant, 5), (Lane::Short, 5)])).await.unwrap();
    assert_eq!(leases.len(), 1);
    assert_eq!((&leases[0].key.job, leases[0].lane), (fibonacci(10).job(), Lane::Instant));
    let leases = broker.claim(worker.claim_for(&[(Lane::Long, 2)])).await.unwrap();
    let taken: Vec<_> = leases.iter().map(|lease| &lease.key.job).collect();
    assert_eq!(taken, [fibonacci(0).job(), fibonacci(1).job()]);
}

pub(crate) async fn a_new_life_waits_in_the_lane_it_is_asked_for_in(stand: &impl Stand) {
    let broker = stand.broker(Terms::default()).await;
    let (alice, worker) = (Client::new(&broker, "alice"), Worker::new(&broker));
    let asked = alice.ask_in(Lane::Long, &fibonacci(1)).await;
    alice.cancel(&asked).await;
    assert_eq!(alice.ask(&fibonacci(1)).await.snapshot.lane, Lane::Short);
    assert!(broker.claim(worker.claim_for(&[(Lane::Long, 1)])).await.unwrap().is_empty());
    assert_eq!(worker.take().await.lane, Lane::Short);
}
