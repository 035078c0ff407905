//! A result is numbered chunks that never change: no gap, no repeat.

use std::time::Duration;

use abacus_broker::{Error, Outcome, Progress, Release, Terms};
use abacus_tasks::State;
use bytes::Bytes;

use crate::{
    actors::{Client, Worker, content, fibonacci, seen, summary},
    stand::Stand,
};

pub(crate) async fn chunks_are_read_back_in_order_from_any_number(stand: &impl Stand) {
    let broker = stand.broker(Terms::default()).await;
    Client::new(&broker, "alice").ask(&fibonacci(1)).await;
    let lease = Worker::new(&broker).take().await;
    assert!(content(&broker, fibonacci(1).job()).await.is_empty());
    let chunks: Vec<_> = (0..12_u8).map(|n| Bytes::from(vec![n; 1 + usize::from(n)])).collect();
    for (index, chunk) in (0..).zip(&chunks) {
        broker.append(&lease.key, index, chunk.clone()).await.unwrap();
        let job = seen(&broker, fibonacci(1).job()).await;
        assert_eq!(job.chunks, index + 1);
    }
    for from in 0..=12 {
        let read = broker.chunks(fibonacci(1).job(), from, usize::MAX).await.unwrap();
        assert_eq!(read, chunks[from as usize..]);
    }
    assert!(broker.chunks(fibonacci(1).job(), 99, usize::MAX).await.unwrap().is_empty());
    assert!(content(&broker, fibonacci(2).job()).await.is_empty(), "an unknown job");
    assert_eq!(seen(&broker, fibonacci(1).job()).await.bytes, (1..=12).sum::<u64>());
}

pub(crate) async fn reading_takes_no_more_than_fits_but_at_least_one(stand: &impl Stand) {
    let broker = stand.broker(Terms::default()).await;
    Client::new(&broker, "alice").ask(&fibonacci(1)).await;
    let lease = Worker::new(&broker).take().await;
    for index in 0..6 {
        broker.append(&lease.key, index, Bytes::from(vec![7; 100])).await.unwrap();
    }
    let count =
        async |from, max_bytes| broker.chunks(fibonacci(1).job(), from, max_bytes).await.unwrap().len();
    assert_eq!(count(0, 0).await, 1);
    assert_eq!(count(0, 99).await, 1);
    assert_eq!(count(0, 299).await, 2);
    assert_eq!(count(0, 300).await, 3);
    assert_eq!(count(4, 1_000).await, 2);
}

pub(crate) async fn the_chunk_that_holds_a_byte_is_found(stand: &impl Stand) {
    let broker = stand.broker(Terms::default()).await;
    let alice = Client::new(&broker, "alice");
    alice.ask(&fibonacci(1)).await;
    let at = async |offset| broker.chunk_at(fibonacci(1).job(), offset).await.unwrap();
    assert_eq!((at(0).await, at(7).await), ((0, 0), (0, 0)));
    let worker = Worker::new(&broker);
    let lease = worker.take().await;
    // More chunks than one step of a search looks at.
    for index in 0..2_500_u32 {
        let chunk = Bytes::from(vec![7; 1 + index as usize % 3]);
        broker.append(&lease.key, index, chunk).await.unwrap();
    }
    // Each three chunks hold 1, 2 and 3 bytes.
    let places = [(0, (0, 0)), (1, (1, 1)), (2, (1, 1)), (3, (2, 3)), (5, (2, 3)), (6, (3, 6))];
    for (offset, place) in places {
        assert_eq!(at(offset).await, place, "byte {offset}");
    }
    assert_eq!(at(4_000).await, (2_000, 3_999));
    assert_eq!(
        (at(4_998).await, at(4_999).await, at(1 << 40).await),
        ((2_499, 4_998), (2_500, 4_999), (2_500, 4_999))
    );

    alice.ask(&fibonacci(2)).await;
    let lease = worker.take().await;
    worker.succeed(&lease, "42").await;
    let at = async |offset| broker.chunk_at(fibonacci(2).job(), offset).await.unwrap();
    assert_eq!((at(1).await, at(2).await), ((0, 0), (1, 2)), "a result that rode in the finish");
    assert_eq!(broker.chunk_at(fibonacci(3).job(), 5).await.unwrap(), (0, 0), "an unknown job");
}

pub(crate) async fn a_stored_chunk_never_changes(stand: &impl Stand) {
    let broker = stand.broker(Terms::default()).await;
    Client::new(&broker, "alice").ask(&fibonacci(1)).await;
    let lease = Worker::new(&broker).take().await;
    for (index, chunk) in [(0, "first"), (1, "second")] {
        broker.append(&lease.key, index, Bytes::from(chunk)).await.unwrap();
    }
    let job = seen(&broker, fibonacci(1).job()).await;
    for (index, chunk) in [(1, "second"), (0, "first"), (0, "changed")] {
        broker.append(&lease.key, index, Bytes::from(chunk)).await.unwrap();
    }
    assert_eq!(content(&broker, fibonacci(1).job()).await, ["first", "second"]);
    assert_eq!(seen(&broker, fibonacci(1).job()).await, job);
}

pub(crate) async fn a_chunk_is_not_left_out(stand: &impl Stand) {
    let broker = stand.broker(Terms::default()).await;
    Client::new(&broker, "alice").ask(&fibonacci(1)).await;
    let lease = Worker::new(&broker).take().await;
    let append = |index| broker.append(&lease.key, index, Bytes::from_static(b"x"));
    assert_eq!(append(1).await, Err(Error::OutOfOrder { expected: 0 }));
    append(0).await.unwrap();
    assert_eq!(append(2).await, Err(Error::OutOfOrder { expected: 1 }));
    assert_eq!(content(&broker, fibonacci(1).job()).await, ["x"]);
}

pub(crate) async fn the_next_attempt_goes_on_where_the_last_one_stopped(stand: &impl Stand) {
    let broker = stand.broker(Terms::default()).await;
    let (alice, worker) = (Client::new(&broker, "alice"), Worker::new(&broker));
    alice.ask(&fibonacci(1)).await;
    let lease = worker.take().await;
    broker.append(&lease.key, 0, Bytes::from_static(b"12")).await.unwrap();
    broker.release(&lease.key, Release::Unharmed).await.unwrap();
    let lease = worker.take().await;
    assert_eq!((lease.chunks, lease.bytes), (1, 2));
    broker.append(&lease.key, 1, Bytes::from_static(b"345")).await.unwrap();
    stand.advance(Duration::from_secs(6)).await;
    broker.rescue().await.unwrap();
    let lease = worker.take().await;
    assert_eq!((lease.chunks, lease.bytes), (2, 5));
    worker.fail(&lease, "no luck").await;
    alice.ask(&fibonacci(1)).await;
    let lease = worker.take().await;
    assert_eq!((lease.chunks, lease.bytes), (2, 5), "a new life keeps what is stored too");
    worker.succeed(&lease, "6").await;
    assert_eq!(content(&broker, fibonacci(1).job()).await, ["12", "345", "6"]);
}

pub(crate) async fn a_small_result_rides_in_the_finish(stand: &impl Stand) {
    let broker = stand.broker(Terms::default()).await;
    Client::new(&broker, "alice").ask(&fibonacci(1)).await;
    let worker = Worker::new(&broker);
    let lease = worker.take().await;
    worker.succeed(&lease, "42").await;
    let job = seen(&broker, fibonacci(1).job()).await;
    assert_eq!((job.state, job.chunks, job.bytes), (State::Succeeded, 1, 2));
    assert_eq!(job.summary, Some(summary(1, 2)));
    assert_eq!(content(&broker, fibonacci(1).job()).await, ["42"]);
}

pub(crate) async fn a_result_may_be_stored_wholly_before_the_finish(stand: &impl Stand) {
    let broker = stand.broker(Terms::default()).await;
    let (alice, worker) = (Client::new(&broker, "alice"), Worker::new(&broker));
    alice.ask(&fibonacci(1)).await;
    alice.ask(&fibonacci(2)).await;
    let leases = worker.take_up_to(2).await;
    broker.append(&leases[0].key, 0, Bytes::from_static(b"42")).await.unwrap();
    let end = Outcome::Succeeded { last: None, summary: summary(1, 2) };
    broker.finish(&leases[0].key, end).await.unwrap();
    assert_eq!(content(&broker, fibonacci(1).job()).await, ["42"]);
    let empty = Outcome::Succeeded { last: None, summary: summary(0, 0) };
    broker.finish(&leases[1].key, empty).await.unwrap();
    let job = seen(&broker, fibonacci(2).job()).await;
    assert_eq!((job.state, job.chunks), (State::Succeeded, 0), "an empty result is a result");
}

pub(crate) async fn a_result_does_not_end_with_a_gap(stand: &impl Stand) {
    let broker = stand.broker(Terms::default()).await;
    Client::new(&broker, "alice").ask(&fibonacci(1)).await;
    let lease = Worker::new(&broker).take().await;
    broker.append(&lease.key, 0, Bytes::from_static(b"1")).await.unwrap();
    let end =
        |chunks| Outcome::Succeeded { last: Some(Bytes::from_static(b"3")), summary: summary(chunks, 3) };
    assert_eq!(broker.finish(&lease.key, end(3)).await, Err(Error::OutOfOrder { expected: 1 }));
    let job = seen(&broker, fibonacci(1).job()).await;
    assert_eq!((job.state, job.chunks), (State::Running, 1));
    broker.finish(&lease.key, end(2)).await.unwrap();
    assert_eq!(content(&broker, fibonacci(1).job()).await, ["1", "3"]);
}

pub(crate) async fn the_latest_progress_is_known_while_a_job_runs(stand: &impl Stand) {
    let broker = stand.broker(Terms::default()).await;
    Client::new(&broker, "alice").ask(&fibonacci(1)).await;
    let worker = Worker::new(&broker);
    let lease = worker.take().await;
    for fraction in [0.25, 0.5, 0.75] {
        let progress = Progress {
            fraction,
            phase: "doubling".to_owned(),
            remaining: Some(Duration::from_millis(1_500)),
        };
        broker.report(&lease.key, progress.clone()).await.unwrap();
        assert_eq!(seen(&broker, fibonacci(1).job()).await.progress, Some(progress));
    }
    worker.succeed(&lease, "one").await;
    assert_eq!(seen(&broker, fibonacci(1).job()).await.progress, None);
}

pub(crate) async fn a_byte_is_found_in_its_chunk(stand: &impl Stand) {
    const CHUNKS: u32 = 1_100;
    let broker = stand.broker(Terms::default()).await;
    let (alice, worker) = (Client::new(&broker, "alice"), Worker::new(&broker));
    let job = fibonacci(1).job().clone();
    assert_eq!(broker.chunk_at(&job, 0).await, Ok((0, 0)), "there is no job");
    alice.ask(&fibonacci(1)).await;
    assert_eq!(broker.chunk_at(&job, 5).await, Ok((0, 0)), "nothing is stored");
    let lease = worker.take().await;
    // Chunks of 1, 2, 3, 1, 2, 3, ... bytes.
    for index in 0..CHUNKS {
        let chunk = Bytes::from(vec![7; index as usize % 3 + 1]);
        broker.append(&lease.key, index, chunk).await.unwrap();
    }
    for (offset, expected) in [(0, (0, 0)), (1, (1, 1)), (2, (1, 1)), (3, (2, 3)), (5, (2, 3)), (6, (3, 6))] {
        assert_eq!(broker.chunk_at(&job, offset).await, Ok(expected), "{offset}");
    }
    assert_eq!(broker.chunk_at(&job, 2_100).await, Ok((1_050, 2_100)));
    let bytes = seen(&broker, &job).await.bytes;
    assert_eq!(broker.chunk_at(&job, bytes - 1).await, Ok((CHUNKS - 1, bytes - 2)));
    for beyond in [bytes, bytes + 1, u64::MAX >> 11] {
        assert_eq!(broker.chunk_at(&job, beyond).await, Ok((CHUNKS, bytes)), "{beyond}");
    }
}

pub(crate) async fn a_byte_of_a_small_result_is_found(stand: &impl Stand) {
    let broker = stand.broker(Terms::default()).await;
    let (alice, worker) = (Client::new(&broker, "alice"), Worker::new(&broker));
    alice.ask(&fibonacci(1)).await;
    worker.succeed(&worker.take().await, "12345").await;
    let job = fibonacci(1).job().clone();
    assert_eq!(broker.chunk_at(&job, 4).await, Ok((0, 0)));
    assert_eq!(broker.chunk_at(&job, 5).await, Ok((1, 5)));
}
