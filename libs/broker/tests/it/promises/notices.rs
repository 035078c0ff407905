//! A notice tells of every change and of every asking.

use std::{pin::pin, time::Duration};

use abacus_broker::{Notice, Release, Terms};
use abacus_tasks::JobId;
use bytes::Bytes;
use tokio::time::timeout;

use crate::{
    actors::{Client, DEADLINE, Worker, fibonacci, halfway, notices_since, now, primes, seen},
    stand::Stand,
};

/// The sequence numbers that notices tell of a job.
fn sequences(notices: &[Notice], job: &JobId) -> Vec<u64> {
    let of_job = |notice: &Notice| match notice {
        Notice::Job { job: told, sequence, .. } if told == job => Some(*sequence),
        _ => None,
    };
    notices.iter().filter_map(of_job).collect()
}

pub(crate) async fn every_change_of_a_job_is_told(stand: &impl Stand) {
    let broker = stand.broker(Terms { max_attempts: 2, ..Terms::default() }).await;
    let (alice, worker, task) = (Client::new(&broker, "alice"), Worker::new(&broker), fibonacci(1));
    let start = now(&broker).await;
    let asked = alice.ask(&task).await;
    let mut sequence = vec![asked.snapshot.sequence];
    let next = async || seen(&broker, task.job()).await.sequence;
    let lease = worker.take().await;
    sequence.push(next().await);
    broker.report(&lease.key, halfway()).await.unwrap();
    sequence.push(next().await);
    broker.append(&lease.key, 0, Bytes::from_static(b"1")).await.unwrap();
    sequence.push(next().await);
    broker.release(&lease.key, Release::Unharmed).await.unwrap();
    sequence.push(next().await);
    worker.take().await;
    sequence.push(next().await);
    stand.advance(Duration::from_secs(6)).await;
    broker.rescue().await.unwrap();
    sequence.push(next().await);
    let lease = worker.take().await;
    sequence.push(next().await);
    worker.fail(&lease, "no luck").await;
    sequence.push(next().await);
    broker.retry(task.job()).await.unwrap();
    sequence.push(next().await);
    alice.cancel(&asked).await;
    sequence.push(next().await);
    assert!(sequence.is_sorted_by(|a, b| a < b), "each change counts: {sequence:?}");
    assert_eq!(sequences(&notices_since(&broker, start).await, task.job()), sequence);
}

pub(crate) async fn a_reader_waits_for_a_notice(stand: &impl Stand) {
    let broker = stand.broker(Terms::default()).await;
    let position = now(&broker).await;
    let mut waiting = pin!(broker.notices(0, Some(position), DEADLINE));
    // A head start, so that the reader has found nothing when the notice comes.
    assert!(timeout(Duration::from_millis(20), &mut waiting).await.is_err(), "there is nothing yet");
    Client::new(&broker, "alice").ask(&fibonacci(1)).await;
    let read = timeout(DEADLINE, waiting).await.expect("the reader is woken").unwrap();
    assert_eq!(sequences(&read.notices, fibonacci(1).job()).len(), 1);
    assert!(read.next > position && !read.gap);
}

pub(crate) async fn a_reader_without_news_is_answered_after_its_wait(stand: &impl Stand) {
    let broker = stand.broker(Terms::default()).await;
    Client::new(&broker, "alice").ask(&fibonacci(1)).await;
    let position = now(&broker).await;
    let waiting = broker.notices(0, Some(position), Duration::from_millis(20));
    let read = timeout(DEADLINE, waiting).await.expect("the wait ends").unwrap();
    assert!(read.notices.is_empty() && !read.gap);
    assert_eq!(read.next, position);
}

pub(crate) async fn without_a_position_reading_begins_with_what_comes(stand: &impl Stand) {
    let broker = stand.broker(Terms::default()).await;
    let alice = Client::new(&broker, "alice");
    alice.ask(&fibonacci(1)).await;
    let read = timeout(DEADLINE, broker.notices(0, None, DEADLINE * 2)).await.expect("no wait").unwrap();
    assert!(read.notices.is_empty() && !read.gap);
    alice.ask(&fibonacci(2)).await;
    let later = notices_since(&broker, read.next).await;
    assert!(sequences(&later, fibonacci(1).job()).is_empty());
    assert_eq!(sequences(&later, fibonacci(2).job()).len(), 1);
}

pub(crate) async fn who_asks_is_told(stand: &impl Stand) {
    let broker = stand.broker(Terms::default()).await;
    let worker = Worker::new(&broker);
    let names = ["creates", "joins", "is-answered"];
    let start = now(&broker).await;
    Client::new(&broker, names[0]).ask(&fibonacci(1)).await;
    Client::new(&broker, names[1]).ask(&fibonacci(1)).await;
    worker.succeed(&worker.take().await, "one").await;
    Client::new(&broker, names[2]).ask(&fibonacci(1)).await;
    let client = |notice: Notice| match notice {
        Notice::Job { client, .. } => client.map(|client| client.as_str().to_owned()),
        Notice::Kind { .. } => None,
    };
    let told: Vec<_> = notices_since(&broker, start).await.into_iter().filter_map(client).collect();
    assert_eq!(told, names);
}

pub(crate) async fn reading_on_misses_and_repeats_nothing(stand: &impl Stand) {
    let broker = stand.broker(Terms::default()).await;
    let alice = Client::new(&broker, "alice");
    let start = now(&broker).await;
    let mut told = Vec::new();
    let mut position = start;
    for n in 0..50 {
        alice.ask(&fibonacci(n)).await;
        if n % 7 == 0 {
            let read = broker.notices(0, Some(position), Duration::ZERO).await.unwrap();
            told.extend(read.notices);
            position = read.next;
        }
    }
    told.extend(notices_since(&broker, position).await);
    assert_eq!(told, notices_since(&broker, start).await);
    let jobs: Vec<_> = (0..50).map(|n| fibonacci(n).job().clone()).collect();
    let told: Vec<_> = told
        .into_iter()
        .filter_map(|notice| match notice {
            Notice::Job { job, .. } => Some(job),
            Notice::Kind { .. } => None,
        })
        .collect();
    assert_eq!(told, jobs);
}

pub(crate) async fn a_reader_too_far_behind_is_told_of_the_gap(stand: &impl Stand) {
    let broker = stand.broker(Terms { max_notices: 10, ..Terms::default() }).await;
    let (alice, worker) = (Client::new(&broker, "alice"), Worker::new(&broker));
    alice.ask(&primes(1)).await;
    let start = now(&broker).await;
    let lease = worker.take().await;
    assert!(!broker.notices(0, Some(start), Duration::ZERO).await.unwrap().gap);
    for _ in 0..600 {
        broker.report(&lease.key, halfway()).await.unwrap();
    }
    let read = broker.notices(0, Some(start), Duration::ZERO).await.unwrap();
    assert!(read.gap);
    let sequence = seen(&broker, primes(1).job()).await.sequence;
    let mut told = sequences(&read.notices, primes(1).job());
    told.extend(sequences(&notices_since(&broker, read.next).await, primes(1).job()));
    assert_eq!(told.last().copied().unwrap_or(sequence), sequence, "reading goes on from there");
    assert!(told.len() < 600, "the notices are bounded");
}
