//! No gap, no repeat: a subscription that is cut anywhere and resumed tells the same as one that is not.

use abacus_api::v1::{self, ResultFormat, frame::Event};
use abacus_broker::Release;
use abacus_tasks::JobId;
use proptest::prelude::*;

use crate::stage::{Stage, Story, of_job, of_jobs, sort, sorts};

/// Takes `count` frames of each subscription, then resumes with the cursor of the last one, up to the end.
async fn in_cuts(stage: &Stage, request: &v1::SubscribeResultsRequest, count: usize) -> Story {
    let mut story = Story::default();
    let mut request = request.clone();
    loop {
        let mut frames = stage.watch(request.clone()).await.unwrap();
        for _ in 0..count {
            let Some(frame) = frames.message().await.unwrap() else { return story };
            story.hear(&frame);
            request.cursor = frame.cursor;
        }
    }
}

/// Cuts the subscription once, after its first `count` frames.
async fn cut_after(stage: &Stage, request: &v1::SubscribeResultsRequest, count: usize) -> Story {
    let mut story = Story::default();
    let mut request = request.clone();
    let mut frames = stage.watch(request.clone()).await.unwrap();
    for _ in 0..count {
        let frame = frames.next().await;
        story.hear(&frame);
        request.cursor = frame.cursor;
    }
    drop(frames);
    for frame in stage.watch(request).await.unwrap().rest().await {
        story.hear(&frame);
    }
    story
}

/// A result that fits the format, of about `length` bytes.
fn native(format: ResultFormat, length: usize) -> Vec<u8> {
    match format {
        ResultFormat::Values | ResultFormat::Bitmap => {
            let prime = |n: &u64| (2..*n).take_while(|d| d * d <= *n).all(|d| !n.is_multiple_of(d));
            let mut list = Vec::new();
            for prime in (2..).filter(prime).take_while(|prime| *prime <= 1_000_000) {
                if list.len() >= length {
                    break;
                }
                list.extend(format!("{prime}\n").bytes());
            }
            list
        }
        _ => (0..length).map(|index| b'1' + u8::try_from(index * index % 9).unwrap()).collect(),
    }
}

/// A finished job with this result in chunks of these sizes, taken again and again.
async fn finished(stage: &Stage, format: ResultFormat, native: &[u8], sizes: &[usize]) -> JobId {
    let task = match format {
        ResultFormat::Values | ResultFormat::Bitmap => {
            // The list ends at its last prime, and so does the interval.
            let last = native.split(|byte| *byte == b'\n').rev().nth(1).unwrap();
            let end = str::from_utf8(last).unwrap().parse().unwrap();
            crate::stage::task(v1::task::Task::Primes(v1::Primes { start: 0, end, ..v1::Primes::default() }))
        }
        _ => stage.sum(),
    };
    let (mut rest, mut chunks) = (native, Vec::new());
    for size in sizes.iter().cycle() {
        if rest.is_empty() {
            break;
        }
        let (chunk, after) = rest.split_at((*size).min(rest.len()));
        chunks.push(chunk);
        rest = after;
    }
    stage.succeeded(task, &chunks).await
}

#[test]
fn a_subscription_cut_after_every_frame_and_resumed_tells_the_same_bytes() {
    use ResultFormat::{Binary, Bitmap, Decimal, Hex, Values};
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let formats = prop::sample::select(vec![Decimal, Hex, Binary, Values, Bitmap]);
    let sizes = prop::collection::vec(16_usize..5_000, 1..4);
    proptest!(ProptestConfig::with_cases(12), |(
        format in formats,
        length in 2_usize..30_000,
        sizes in sizes,
        max_chunk_bytes in 1_024_u32..4_096,
    )| {
        runtime.block_on(async {
            let stage = Stage::new().await;
            let native = native(format, length);
            let job = finished(&stage, format, &native, &sizes).await;
            let request =
                v1::SubscribeResultsRequest { format: format.into(), max_chunk_bytes, ..of_job(&job) };
            let frames = stage.watch(request.clone()).await.unwrap().rest().await;
            let whole = Story::of(&frames);
            assert!(whole.terminals.len() == 1 && frames.len() >= 3);
            if matches!(format, Decimal | Values) {
                assert_eq!(whole.bytes[job.as_str()], native);
            }
            let chunks = whole.terminals[job.as_str()].result.as_ref().unwrap().chunks;
            assert_eq!(chunks as usize, frames.len() - 2, "chunks of resumed streams count too");
            // Two frames at a time: the snapshot, which each stream begins with, and one more.
            assert_eq!(in_cuts(&stage, &request, 2).await, whole);
            for count in 0..=frames.len() {
                assert_eq!(cut_after(&stage, &request, count).await, whole, "cut after {count} frames");
            }
        });
    });
}

#[tokio::test]
async fn several_jobs_are_resumed_each_where_it_stood() {
    let stage = Stage::new().await;
    let long = vec![b'3'; 5_000];
    let mut jobs = Vec::new();
    for _ in 0..5 {
        jobs.push(stage.succeeded(stage.sum(), &[&long]).await);
    }
    let request = v1::SubscribeResultsRequest { max_chunk_bytes: 1024, ..of_jobs(&jobs) };
    let frames = stage.watch(request.clone()).await.unwrap().rest().await;
    let whole = Story::of(&frames);
    assert_eq!(whole.terminals.len(), 5);
    for count in 0..=frames.len() {
        assert_eq!(cut_after(&stage, &request, count).await, whole, "cut after {count} frames");
    }
}

#[tokio::test]
async fn a_done_job_is_not_told_again() {
    let stage = Stage::new().await;
    let (done, open) = (stage.succeeded(stage.sum(), &[b"1"]).await, stage.queued().await);
    let mut request = of_jobs(&[done, open.clone()]);
    let mut frames = stage.watch(request.clone()).await.unwrap();
    request.cursor = frames.until("terminal").await.cursor;
    stage.compute(&open, &[b"2"]).await;
    let frames = stage.watch(request.clone()).await.unwrap().rest().await;
    assert!(frames.iter().all(|frame| frame.job == open.as_str()));
    assert_eq!(sorts(&frames), ["snapshot", "chunk", "terminal"]);
    request.cursor.clone_from(&frames[2].cursor);
    assert!(stage.watch(request).await.unwrap().rest().await.is_empty());
}

#[tokio::test]
async fn an_attempt_that_cuts_its_chunks_otherwise_continues_the_same_bytes() {
    let stage = Stage::new().await;
    let job = stage.submit(stage.primes(), "anonymous").await.snapshot.job;
    let first = stage.claim(&job).await;
    stage.append(&first.key, 0, &[b"2\n3", b"\n"]).await;
    let mut frames = stage.watch(of_job(&job)).await.unwrap();
    let mut story = Story::default();
    let mut cursor = String::new();
    for _ in 0..3 {
        let frame = frames.next().await;
        story.hear(&frame);
        cursor = frame.cursor;
    }
    drop(frames);
    stage.broker.release(&first.key, Release::Unharmed).await.unwrap();
    let second = stage.claim(&job).await;
    stage.append(&second.key, 2, &[b"5\n7\n11\n"]).await;
    stage.succeed(&second.key, b"2\n3\n5\n7\n11\n").await;
    let request = v1::SubscribeResultsRequest { cursor, ..of_job(&job) };
    for frame in stage.watch(request).await.unwrap().rest().await {
        story.hear(&frame);
    }
    assert_eq!(story.bytes[job.as_str()], b"2\n3\n5\n7\n11\n");
    assert_eq!(story.terminals.len(), 1);
}

#[tokio::test]
async fn heartbeats_and_states_carry_cursors_that_resume_too() {
    let stage = Stage::new().await;
    let job = stage.queued().await;
    let lease = stage.claim(&job).await;
    stage.append(&lease.key, 0, &[b"12"]).await;
    let mut frames = stage.watch(of_job(&job)).await.unwrap();
    frames.until("chunk").await;
    stage.broker.release(&lease.key, Release::Unharmed).await.unwrap();
    let cursor = frames.until("retrying").await.cursor;
    let lease = stage.claim(&job).await;
    stage.append(&lease.key, 1, &[b"34"]).await;
    let mut frames = stage.watch(v1::SubscribeResultsRequest { cursor, ..of_job(&job) }).await.unwrap();
    assert_eq!(sort(&frames.next().await), "snapshot");
    let Event::Chunk(chunk) = frames.event().await else { panic!() };
    assert_eq!((chunk.index, chunk.offset), (1, 2));
}
