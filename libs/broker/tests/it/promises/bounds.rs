//! Everything has a bound, beyond which there is a clear refusal, or the oldest makes room.

use std::time::Duration;

use abacus_broker::{Error, Outcome, Release, Terms};
use abacus_tasks::{Disposition, Lane, State};
use bytes::Bytes;

use crate::{
    actors::{Client, Worker, content, fibonacci, kept, primes, seen, spin, submission, summary},
    stand::Stand,
};

pub(crate) async fn a_full_queue_refuses_and_nothing_is_changed(stand: &impl Stand) {
    let broker = stand.broker(Terms { max_queued: 2, ..Terms::default() }).await;
    let alice = Client::new(&broker, "alice");
    alice.ask(&fibonacci(1)).await;
    alice.ask(&fibonacci(2)).await;
    let refused = broker.submit(submission(&fibonacci(3), "bob")).await;
    let (kind, lane) = ("fibonacci".to_owned(), Lane::Short);
    assert_eq!(refused, Err(Error::QueueFull { kind, lane, bound: 2 }));
    assert_eq!(broker.snapshot(fibonacci(3).job()).await, Ok(None));
    assert!(Client::new(&broker, "bob").requests().await.is_empty());
    assert_eq!(broker.stats().await.unwrap().counters.created, 2);
}

pub(crate) async fn a_full_queue_bounds_nothing_else(stand: &impl Stand) {
    let broker = stand.broker(Terms { max_queued: 1, ..Terms::default() }).await;
    let (alice, worker) = (Client::new(&broker, "alice"), Worker::new(&broker));
    alice.ask(&fibonacci(1)).await;
    assert_eq!(alice.ask(&fibonacci(1)).await.request.disposition, Disposition::Joined);
    alice.ask(&primes(1)).await;
    alice.ask_in(Lane::Long, &fibonacci(2)).await;
    let lease = worker.take().await;
    alice.ask(&fibonacci(3)).await;
    broker.release(&lease.key, Release::Unharmed).await.unwrap();
    assert_eq!(seen(&broker, fibonacci(1).job()).await.state, State::Queued, "what was accepted is kept");
    assert!(broker.submit(submission(&fibonacci(4), "alice")).await.is_err());
}

pub(crate) async fn a_claim_makes_room_in_a_full_queue(stand: &impl Stand) {
    let broker = stand.broker(Terms { max_queued: 1, ..Terms::default() }).await;
    let (alice, worker) = (Client::new(&broker, "alice"), Worker::new(&broker));
    for n in 0..5 {
        alice.ask(&fibonacci(n)).await;
        assert!(broker.submit(submission(&fibonacci(100), "alice")).await.is_err());
        worker.take().await;
    }
}

pub(crate) async fn the_oldest_requests_of_a_client_are_forgotten_first(stand: &impl Stand) {
    let broker = stand.broker(Terms { max_requests: 3, ..Terms::default() }).await;
    let (alice, bob) = (Client::new(&broker, "alice"), Client::new(&broker, "bob"));
    bob.ask(&fibonacci(9)).await;
    for n in 1..=5 {
        alice.ask(&fibonacci(n)).await;
    }
    let orders: Vec<_> = alice.requests().await.iter().map(|request| request.order).collect();
    assert_eq!(orders, [3, 4, 5]);
    assert_eq!(bob.requests().await.len(), 1, "each client has a bound of its own");
}

pub(crate) async fn a_forgotten_request_goes_on_wanting_its_job(stand: &impl Stand) {
    let broker = stand.broker(Terms { max_requests: 1, ..Terms::default() }).await;
    let (alice, bob) = (Client::new(&broker, "alice"), Client::new(&broker, "bob"));
    let forgotten = alice.ask(&fibonacci(1)).await;
    alice.ask(&fibonacci(2)).await;
    let name = forgotten.request.name;
    assert_eq!(broker.cancel(&name).await, Err(Error::NoSuchRequest(name)));
    let joined = bob.ask(&fibonacci(1)).await;
    bob.cancel(&joined).await;
    let job = seen(&broker, fibonacci(1).job()).await;
    assert_eq!((job.state, job.requests), (State::Queued, 1));
}

pub(crate) async fn the_longest_finished_results_make_room_for_new_ones(stand: &impl Stand) {
    const RESULT: usize = 100_000;
    let broker = stand.broker(Terms { max_kept_bytes: 350_000, ..Terms::default() }).await;
    let (alice, worker) = (Client::new(&broker, "alice"), Worker::new(&broker));
    alice.ask(&primes(1)).await;
    let running = worker.take().await;
    broker.append(&running.key, 0, Bytes::from(vec![7; RESULT])).await.unwrap();
    for n in 1..=6 {
        alice.ask(&fibonacci(n)).await;
        let lease = worker.take().await;
        broker.append(&lease.key, 0, Bytes::from(vec![1; RESULT])).await.unwrap();
        let last = Outcome::Succeeded { last: None, summary: summary(1, RESULT as u64) };
        broker.finish(&lease.key, last).await.unwrap();
        stand.advance(Duration::from_millis(10)).await;
    }
    broker.rescue().await.unwrap();
    for n in 1..=3 {
        assert_eq!(broker.snapshot(fibonacci(n).job()).await, Ok(None), "{n}");
        assert!(content(&broker, fibonacci(n).job()).await.is_empty());
    }
    for n in 4..=6 {
        assert_eq!(content(&broker, fibonacci(n).job()).await[0].len(), RESULT, "{n}");
    }
    assert_eq!(seen(&broker, &running.key.job).await.chunks, 1);
    assert_eq!(broker.stats().await.unwrap().kept_bytes, 3 * kept(&fibonacci(4), RESULT));
    assert_eq!(alice.ask(&fibonacci(1)).await.request.disposition, Disposition::Created);
}

pub(crate) async fn the_tasks_of_unfinished_jobs_are_bounded_by_their_bytes(stand: &impl Stand) {
    let large = "x".repeat(60);
    // Two fit, each with one request.
    let bound = 2 * kept(&spin(&format!("{large}99")), 0) + 100;
    let broker = stand.broker(Terms { max_queued_bytes: bound, ..Terms::default() }).await;
    let (alice, worker) = (Client::new(&broker, "alice"), Worker::new(&broker));
    let refuses = async |number: u32| {
        let refused = broker.submit(submission(&spin(&format!("{large}{number}")), "bob")).await;
        refused == Err(Error::TasksFull { bound })
    };
    // However they end, they make room again.
    for round in 0..6 {
        let first = alice.ask(&spin(&format!("{large}{round}0"))).await;
        let second = alice.ask(&spin(&format!("{large}{round}1"))).await;
        assert!(refuses(99).await);
        assert_eq!(broker.snapshot(spin(&format!("{large}99")).job()).await, Ok(None));
        let leases = worker.take_up_to(2).await;
        assert!(refuses(99).await, "running jobs count too");
        match round {
            0 => {
                alice.cancel(&first).await;
                alice.cancel(&second).await;
            }
            1 => {
                worker.fail(&leases[0], "no luck").await;
                broker.retry(&leases[0].key.job).await.unwrap();
                assert!(refuses(99).await, "it waits again");
                worker.fail(&worker.take().await, "no luck").await;
                worker.fail(&leases[1], "no luck").await;
                alice.ask(&spin(&format!("{large}{round}0"))).await;
                worker.succeed(&worker.take().await, "1").await;
            }
            _ => {
                worker.succeed(&leases[0], "1").await;
                worker.succeed(&leases[1], "1").await;
            }
        }
    }
    assert_eq!(alice.ask(&spin(&format!("{large}20"))).await.request.disposition, Disposition::Cached);
}

pub(crate) async fn the_requests_for_an_unfinished_job_are_bounded(stand: &impl Stand) {
    let broker = stand.broker(Terms { max_queued_bytes: 1_000, ..Terms::default() }).await;
    let (alice, worker) = (Client::new(&broker, "alice"), Worker::new(&broker));
    let mut asked = Vec::new();
    while let Ok(submitted) = broker.submit(submission(&fibonacci(1), "alice")).await {
        asked.push(submitted);
        assert!(asked.len() < 10, "there is a bound");
    }
    assert_eq!(seen(&broker, fibonacci(1).job()).await.requests as usize, asked.len());
    assert_eq!(alice.requests().await.len(), asked.len());
    // Those who leave make room.
    for one in asked.drain(..3) {
        alice.cancel(&one).await;
        alice.cancel(&one).await;
    }
    for _ in 0..3 {
        alice.ask(&fibonacci(1)).await;
    }
    assert!(broker.submit(submission(&fibonacci(1), "alice")).await.is_err());
    worker.succeed(&worker.take().await, "1").await;
    alice.ask(&fibonacci(1)).await;
}

pub(crate) async fn large_tasks_of_finished_jobs_are_bounded_too(stand: &impl Stand) {
    let task = |number: usize| spin(&format!("{}{number:02}", "x".repeat(60)));
    // Without their tasks and requests, ten would fit.
    let max_kept_bytes = 9 * (1_024 + kept(&task(0), 5));
    let broker = stand.broker(Terms { max_kept_bytes, ..Terms::default() }).await;
    let (alice, worker) = (Client::new(&broker, "alice"), Worker::new(&broker));
    for number in 0..20 {
        alice.ask(&task(number)).await;
        worker.succeed(&worker.take().await, "small").await;
        stand.advance(Duration::from_millis(10)).await;
    }
    broker.rescue().await.unwrap();
    assert_eq!(broker.stats().await.unwrap().kept_jobs, 9);
}
