//! What is told of a job, in which order.

use std::time::Duration;

use abacus_api::v1::{self, frame::Event};
use abacus_broker::{Failure, Outcome, Progress, Release, Terms};
use abacus_notifier::Settings;
use bytesize::ByteSize;
use sha2::{Digest as _, Sha256};

use crate::stage::{Stage, Story, of_client, of_job, of_jobs, sort, sorts};

fn progress(fraction: f64) -> Progress {
    Progress { fraction, phase: "adding".to_owned(), remaining: Some(Duration::from_secs(7)) }
}

fn hex(bytes: &[u8]) -> String {
    abacus_tasks::identity::hex(bytes)
}

#[tokio::test]
async fn a_finished_job_is_told_whole() {
    let stage = Stage::new().await;
    let job = stage.succeeded(stage.sum(), &[b"123", b"456"]).await;
    let frames = stage.watch(of_job(&job)).await.unwrap().rest().await;
    assert_eq!(sorts(&frames), ["snapshot", "chunk", "terminal"]);
    let Some(Event::Snapshot(v1::Snapshot { job: Some(told) })) = &frames[0].event else { panic!() };
    assert_eq!((told.id.as_str(), told.state()), (job.as_str(), v1::JobState::Succeeded));
    assert!(told.task.is_some());
    let story = Story::of(&frames);
    assert_eq!(story.bytes[job.as_str()], b"123456");
    let terminal = &story.terminals[job.as_str()];
    assert_eq!(terminal.state(), v1::JobState::Succeeded);
    let result = terminal.result.as_ref().unwrap();
    assert_eq!((result.bytes, result.chunks, result.format()), (6, 1, v1::ResultFormat::Decimal));
    assert_eq!(result.size, Some(v1::result_summary::Size::Digits(6)));
    assert_eq!(result.sha256, hex(&Sha256::digest(b"123456")));
    assert!(frames.iter().all(|frame| frame.attempt == 1 && frame.job == job.as_str()));
}

#[tokio::test]
async fn a_job_is_told_as_it_goes() {
    let stage = Stage::new().await;
    let job = stage.queued().await;
    let mut frames = stage.watch(of_job(&job)).await.unwrap();
    let snapshot = frames.next().await;
    assert_eq!((sort(&snapshot), snapshot.attempt), ("snapshot", 0));
    let lease = stage.claim(&job).await;
    stage.broker.report(&lease.key, progress(0.5)).await.unwrap();
    let Event::Progress(told) = frames.event().await else { panic!() };
    assert_eq!(told.remaining.unwrap().seconds, 7);
    stage.append(&lease.key, 0, &[b"12"]).await;
    assert_eq!(sort(&frames.next().await), "chunk");
    stage.append(&lease.key, 1, &[b"34"]).await;
    assert_eq!(sort(&frames.next().await), "chunk");
    stage.succeed(&lease.key, b"1234").await;
    assert_eq!(sorts(&frames.rest().await), ["terminal"]);
}

#[tokio::test]
async fn progress_that_comes_too_quickly_is_told_a_little_later() {
    let stage = Stage::new().await;
    let job = stage.queued().await;
    let lease = stage.claim(&job).await;
    let mut frames = stage.watch(of_job(&job)).await.unwrap();
    frames.next().await;
    for fraction in [0.25, 0.5, 0.75] {
        stage.broker.report(&lease.key, progress(fraction)).await.unwrap();
        let Event::Progress(told) = frames.event().await else { panic!() };
        assert!((told.fraction - fraction).abs() < f64::EPSILON);
    }
}

#[tokio::test]
async fn sequence_numbers_never_fall() {
    let stage = Stage::new().await;
    let job = stage.queued().await;
    let mut frames = stage.watch(of_job(&job)).await.unwrap();
    let first = frames.next().await;
    stage.compute(&job, &[&b"1"[..]; 40]).await;
    let mut sequence = first.sequence;
    for frame in frames.rest().await {
        assert!(frame.sequence >= sequence);
        sequence = frame.sequence;
    }
}

#[tokio::test]
async fn a_repeated_attempt_is_told_and_its_chunks_stay() {
    let stage = Stage::new().await;
    let job = stage.queued().await;
    let mut frames = stage.watch(of_job(&job)).await.unwrap();
    let mut heard = vec![frames.next().await];
    let lease = stage.claim(&job).await;
    stage.append(&lease.key, 0, &[b"12"]).await;
    heard.push(frames.next().await);
    let failure = Failure::new(Failure::COMPUTATION_FAILED, "out of luck");
    stage.broker.release(&lease.key, Release::Failed(failure)).await.unwrap();
    let retrying = frames.next().await;
    let Some(Event::Retrying(v1::Retrying { failure: Some(failure) })) = &retrying.event else { panic!() };
    assert_eq!(failure.reason, "COMPUTATION_FAILED");
    let lease = stage.claim(&job).await;
    assert_eq!((lease.chunks, lease.bytes), (1, 2));
    stage.append(&lease.key, 1, &[b"34"]).await;
    stage.succeed(&lease.key, b"1234").await;
    heard.extend(frames.rest().await);
    assert_eq!(sorts(&heard), ["snapshot", "chunk", "chunk", "terminal"]);
    assert_eq!(Story::of(&heard).bytes[job.as_str()], b"1234");
    assert_eq!(heard.last().unwrap().attempt, 2);
}

#[tokio::test]
async fn a_lost_worker_is_told() {
    let stage = Stage::new().await;
    let job = stage.queued().await;
    let mut frames = stage.watch(of_job(&job)).await.unwrap();
    frames.next().await;
    stage.claim(&job).await;
    stage.clock.advance(Terms::default().lease * 2);
    stage.broker.rescue().await.unwrap();
    let Event::Retrying(retrying) = frames.event().await else { panic!() };
    assert_eq!(retrying.failure.unwrap().reason, Failure::WORKER_LOST);
}

#[tokio::test]
async fn suspending_and_resuming_the_kind_of_a_waiting_job_is_told() {
    let stage = Stage::new().await;
    let job = stage.queued().await;
    let mut frames = stage.watch(of_job(&job)).await.unwrap();
    frames.next().await;
    stage.broker.set_suspended("sum2", true).await.unwrap();
    assert_eq!(sort(&frames.next().await), "suspended");
    stage.broker.set_suspended("sum2", false).await.unwrap();
    assert_eq!(sort(&frames.next().await), "resumed");
    stage.compute(&job, &[b"1"]).await;
    assert_eq!(sorts(&frames.rest().await), ["chunk", "terminal"]);
}

#[tokio::test]
async fn a_failed_job_ends_with_its_failure() {
    let stage = Stage::new().await;
    let job = stage.queued().await;
    let lease = stage.claim(&job).await;
    let failure = Failure::new(Failure::COMPUTATION_FAILED, "impossible");
    stage.broker.finish(&lease.key, Outcome::Failed(failure)).await.unwrap();
    let frames = stage.watch(of_job(&job)).await.unwrap().rest().await;
    assert_eq!(sorts(&frames), ["snapshot", "terminal"]);
    let terminal = &Story::of(&frames).terminals[job.as_str()];
    assert_eq!((terminal.state(), &terminal.result), (v1::JobState::Failed, &None));
    assert_eq!(terminal.failure.as_ref().unwrap().message, "impossible");
}

#[tokio::test]
async fn a_cancelled_job_ends_cancelled() {
    let stage = Stage::new().await;
    let submitted = stage.submit(stage.sum(), "alice").await;
    let mut frames = stage.watch(of_job(&submitted.snapshot.job)).await.unwrap();
    frames.next().await;
    stage.broker.cancel(&submitted.request.name).await.unwrap();
    let Event::Terminal(terminal) = frames.event().await else { panic!() };
    assert_eq!(terminal.state(), v1::JobState::Cancelled);
    assert!(frames.rest().await.is_empty());
}

#[tokio::test]
async fn silence_is_broken_by_heartbeats() {
    let heartbeat = Duration::from_millis(100);
    let settings = Settings { heartbeat, ..Settings::default() };
    let stage = Stage::with(Terms::default(), settings).await;
    let mut of_job = stage.watch(of_job(&stage.queued().await)).await.unwrap();
    let mut of_client = stage.watch(of_client("nobody")).await.unwrap();
    assert_eq!(sort(&of_job.next().await), "snapshot");
    for frames in [&mut of_job, &mut of_client] {
        for _ in 0..2 {
            let frame = frames.next().await;
            assert_eq!((sort(&frame), frame.job.as_str(), frame.sequence), ("heartbeat", "", 0));
            assert!(!frame.cursor.is_empty());
        }
    }
}

#[tokio::test]
async fn one_subscription_follows_a_hundred_jobs() {
    let stage = Stage::new().await;
    let mut jobs = Vec::new();
    for _ in 0..100 {
        jobs.push(stage.queued().await);
    }
    let mut frames = stage.watch(of_jobs(&jobs)).await.unwrap();
    for job in &jobs {
        let frame = frames.next().await;
        assert_eq!((sort(&frame), frame.job.as_str()), ("snapshot", job.as_str()));
    }
    for job in &jobs {
        stage.compute(job, &[job.as_str().as_bytes()]).await;
    }
    let story = Story::of(&frames.rest().await);
    assert_eq!(story.terminals.len(), 100);
    for job in &jobs {
        assert_eq!(story.bytes[job.as_str()], job.as_str().as_bytes());
    }
}

#[tokio::test]
async fn a_large_result_does_not_hold_up_the_others() {
    let stage = Stage::new().await;
    let chunk = vec![b'7'; 1 << 20];
    let large = stage.succeeded(stage.sum(), &[&chunk[..]; 8]).await;
    let small = stage.succeeded(stage.sum(), &[b"1"]).await;
    let frames = stage.watch(of_jobs(&[large.clone(), small.clone()])).await.unwrap().rest().await;
    let end = |job: &str| frames.iter().position(|frame| sort(frame) == "terminal" && frame.job == job);
    assert!(end(small.as_str()) < end(large.as_str()));
    assert_eq!(Story::of(&frames).bytes[large.as_str()].len(), 8 << 20);
}

#[tokio::test]
async fn without_chunks_states_and_the_summary_in_the_asked_format_are_told() {
    let stage = Stage::new().await;
    let job = stage.succeeded(stage.sum(), &[b"25", b"5"]).await;
    let mut request = of_job(&job);
    request.metadata_only = true;
    let frames = stage.watch(request.clone()).await.unwrap().rest().await;
    assert_eq!(sorts(&frames), ["snapshot", "terminal"]);
    let result = Story::of(&frames).terminals[job.as_str()].result.clone().unwrap();
    assert_eq!((result.bytes, result.chunks), (3, 2));
    request.format = v1::ResultFormat::Hex.into();
    let frames = stage.watch(request).await.unwrap().rest().await;
    assert_eq!(sorts(&frames), ["snapshot", "terminal"]);
    let result = Story::of(&frames).terminals[job.as_str()].result.clone().unwrap();
    assert_eq!((result.bytes, result.format()), (2, v1::ResultFormat::Hex));
    assert_eq!(result.sha256, hex(&Sha256::digest(b"ff")));
}

#[tokio::test]
async fn an_empty_result_has_no_chunk() {
    let stage = Stage::new().await;
    let job = stage.succeeded(stage.sum(), &[]).await;
    let frames = stage.watch(of_job(&job)).await.unwrap().rest().await;
    assert_eq!(sorts(&frames), ["snapshot", "terminal"]);
}

#[tokio::test]
async fn conversions_that_find_no_room_come_later() {
    let settings = Settings { conversion_memory: ByteSize::kib(4), ..Settings::default() };
    let stage = Stage::with(Terms::default(), settings).await;
    let whole = vec![b'7'; 3 << 20];
    let job = stage.succeeded(stage.sum(), &whole.chunks(1 << 20).collect::<Vec<_>>()).await;
    let in_hex = v1::SubscribeResultsRequest { format: v1::ResultFormat::Hex.into(), ..of_job(&job) };
    let mut first = stage.watch(in_hex.clone()).await.unwrap();
    let mut story = Story::default();
    story.hear(&first.until("chunk").await);
    let mut second = stage.watch(in_hex).await.unwrap();
    let (others, mine) = tokio::join!(second.rest(), first.rest());
    for frame in &mine {
        story.hear(frame);
    }
    assert_eq!(Story::of(&others), story);
}
