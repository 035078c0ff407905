//! Subscriptions to a client: every request, kept now or made later.

use abacus_api::v1::{self, frame::Event};
use abacus_broker::Terms;
use abacus_notifier::Settings;
use abacus_tasks::{Cursor, JobId};
use bytesize::ByteSize;

use crate::stage::{Stage, Story, of_client, rereading, sort, sorts};

/// The next frames up to a terminal one, that included.
async fn delivery(frames: &mut crate::stage::Frames) -> Vec<v1::Frame> {
    let mut delivery = Vec::new();
    loop {
        delivery.push(frames.next().await);
        if delivery.last().is_some_and(|frame| sort(frame) == "terminal") {
            return delivery;
        }
    }
}

fn resumed(client: &str, cursor: &str) -> v1::SubscribeResultsRequest {
    v1::SubscribeResultsRequest { cursor: cursor.to_owned(), ..of_client(client) }
}

#[tokio::test]
async fn requests_are_delivered_whether_made_before_or_after() {
    let stage = Stage::new().await;
    let before = stage.submit(stage.sum(), "alice").await.snapshot.job;
    stage.submit(stage.sum(), "bob").await;
    let mut frames = stage.watch(of_client("alice")).await.unwrap();
    assert_eq!(frames.next().await.job, before.as_str());
    let after = stage.submit(stage.sum(), "alice").await.snapshot.job;
    assert_eq!(frames.next().await.job, after.as_str());
    for job in [&after, &before] {
        stage.compute(job, &[b"12"]).await;
        let told = delivery(&mut frames).await;
        assert_eq!(sorts(&told), ["chunk", "terminal"]);
        assert!(told.iter().all(|frame| frame.job == job.as_str()));
    }
}

#[tokio::test]
async fn the_cursor_stays_small_and_resumes() {
    let stage = Stage::new().await;
    let mut jobs = Vec::new();
    for _ in 0..30 {
        jobs.push(stage.submit(stage.sum(), "alice").await.snapshot.job);
    }
    for job in &jobs {
        stage.compute(job, &[b"12", b"34"]).await;
    }
    let mut frames = stage.watch(of_client("alice")).await.unwrap();
    let mut all = Vec::new();
    while all.iter().filter(|frame| sort(frame) == "terminal").count() < 30 {
        all.push(frames.next().await);
    }
    let whole = Story::of(&all);
    let last = Cursor::from_token(&all.last().unwrap().cursor).unwrap();
    assert_eq!((last.requests().up_to(), last.len()), (30, 0));

    // A cut after any frame, and the rest is told, no more.
    for count in (1..all.len()).step_by(7) {
        let mut story = Story::of(&all[..count]);
        let mut frames = stage.watch(resumed("alice", &all[count - 1].cursor)).await.unwrap();
        while story.terminals.len() < 30 {
            story.hear(&frames.next().await);
        }
        assert_eq!(story, whole, "cut after {count} frames");
    }
    let mut frames = stage.watch(resumed("alice", &all.last().unwrap().cursor)).await.unwrap();
    let another = stage.submit(stage.sum(), "alice").await.snapshot.job;
    assert_eq!(frames.next().await.job, another.as_str(), "nothing of the done requests comes again");
}

#[tokio::test]
async fn the_cursor_stays_small_while_an_old_request_is_open() {
    let stage = Stage::new().await;
    stage.submit(stage.primes(), "alice").await;
    let mut frames = stage.watch(of_client("alice")).await.unwrap();
    frames.next().await;
    let mut last = String::new();
    for _ in 0..20 {
        let job = stage.submit(stage.sum(), "alice").await.snapshot.job;
        stage.compute(&job, &[b"12"]).await;
        last = delivery(&mut frames).await.pop().unwrap().cursor;
    }
    assert!(last.len() <= 40, "{last}");
    let mut again = stage.watch(resumed("alice", &last)).await.unwrap();
    assert!(again.next().await.job.starts_with("primes"));
    let another = stage.submit(stage.sum(), "alice").await.snapshot.job;
    assert_eq!(again.next().await.job, another.as_str(), "nothing of the done requests comes again");
}

#[tokio::test]
async fn a_job_asked_for_again_is_delivered_again() {
    let stage = Stage::new().await;
    let task = stage.sum();
    // An older request keeps the cursor from passing over the others.
    let older = stage.submit(stage.primes(), "alice").await.snapshot.job;
    let job = stage.submit(task.clone(), "alice").await.snapshot.job;
    let request = v1::SubscribeResultsRequest { max_chunk_bytes: 1024, ..of_client("alice") };
    let mut frames = stage.watch(request).await.unwrap();
    assert_eq!(sorts(&[frames.next().await, frames.next().await]), ["snapshot", "snapshot"]);
    stage.compute(&job, &[&[b'4'; 2048]]).await;
    let first = delivery(&mut frames).await;
    stage.submit(task, "alice").await;
    let second = delivery(&mut frames).await;
    assert_eq!(sorts(&second), ["snapshot", "chunk", "chunk", "terminal"]);
    assert_eq!(Story::of(&second).bytes, Story::of(&first).bytes);

    // Resumed within the second delivery, the first one is not repeated.
    let mut again = stage.watch(resumed("alice", &second[1].cursor)).await.unwrap();
    let mut story = Story::of(&second[..2]);
    let rest = delivery(&mut again).await;
    for frame in &rest {
        story.hear(frame);
    }
    assert_eq!(story.bytes, Story::of(&second).bytes);
    // Resumed after the first one, the second one comes whole.
    let mut again = stage.watch(resumed("alice", &first.last().unwrap().cursor)).await.unwrap();
    let rest = delivery(&mut again).await;
    assert_eq!(Story::of(&rest).bytes, Story::of(&second).bytes);
    // Resumed after both, only the older request is left.
    let mut again = stage.watch(resumed("alice", &second.last().unwrap().cursor)).await.unwrap();
    stage.compute(&older, &[b"2\n"]).await;
    assert!(delivery(&mut again).await.iter().all(|frame| frame.job == older.as_str()));
}

#[tokio::test]
async fn requests_for_a_job_that_is_being_delivered_share_the_delivery() {
    let stage = Stage::new().await;
    let task = stage.sum();
    let job = stage.submit(task.clone(), "alice").await.snapshot.job;
    let mut frames = stage.watch(of_client("alice")).await.unwrap();
    frames.next().await;
    stage.submit(task.clone(), "alice").await;
    // A later request that is told proves that the one before was read.
    stage.submit(stage.sum(), "alice").await;
    assert_eq!(sort(&frames.next().await), "snapshot");
    stage.compute(&job, &[b"12"]).await;
    let told = delivery(&mut frames).await;
    let cursor = Cursor::from_token(&told.last().unwrap().cursor).unwrap();
    assert_eq!(cursor.requests().up_to(), 2);
}

#[tokio::test]
async fn a_request_cancelled_while_its_job_goes_on_ends_cancelled() {
    let stage = Stage::with(Terms::default(), rereading()).await;
    let task = stage.sum();
    let mine = stage.submit(task.clone(), "alice").await;
    stage.submit(task, "bob").await;
    let mut alice = stage.watch(of_client("alice")).await.unwrap();
    let mut bob = stage.watch(of_client("bob")).await.unwrap();
    alice.next().await;
    bob.next().await;
    stage.broker.cancel(&mine.request.name).await.unwrap();
    let told = alice.next().await;
    let Some(Event::Terminal(terminal)) = &told.event else { panic!("{told:?}") };
    assert_eq!(terminal.state(), v1::JobState::Cancelled);
    let cursor = Cursor::from_token(&told.cursor).unwrap();
    assert_eq!((cursor.requests().up_to(), cursor.len()), (1, 0));
    stage.compute(&mine.snapshot.job, &[b"12"]).await;
    assert_eq!(sorts(&delivery(&mut bob).await), ["chunk", "terminal"]);
    // A new subscription tells of the cancelled request too, and of no result.
    let mut again = stage.watch(of_client("alice")).await.unwrap();
    let told = delivery(&mut again).await;
    assert_eq!(sorts(&told), ["snapshot", "terminal"]);
    assert_eq!(Story::of(&told).terminals[mine.snapshot.job.as_str()].state(), v1::JobState::Cancelled);
}

#[tokio::test]
async fn of_many_requests_a_bounded_number_is_followed_and_the_others_wait_in_order() {
    let settings = Settings { max_followed: 2, ..Settings::default() };
    let stage = Stage::with(Terms::default(), settings).await;
    let mut jobs = Vec::new();
    for _ in 0..60 {
        jobs.push(stage.submit(stage.sum(), "alice").await.snapshot.job);
    }
    let mut frames = stage.watch(of_client("alice")).await.unwrap();
    let mut story = Story::default();
    for job in &jobs {
        stage.compute(job, &[b"7"]).await;
        while !story.terminals.contains_key(job.as_str()) {
            let frame = frames.next().await;
            story.hear(&frame);
        }
    }
    assert_eq!(story.bytes.len(), 60);
}

#[tokio::test]
async fn jobs_that_the_format_does_not_fit_come_in_their_own() {
    let stage = Stage::new().await;
    let sum = stage.submit(stage.sum(), "alice").await.snapshot.job;
    let primes = stage.submit(stage.primes(), "alice").await.snapshot.job;
    stage.compute(&sum, &[b"255"]).await;
    stage.compute(&primes, &[b"2\n3\n"]).await;
    let mut request = of_client("alice");
    request.format = v1::ResultFormat::Hex.into();
    let mut frames = stage.watch(request).await.unwrap();
    let mut story = Story::default();
    while story.terminals.len() < 2 {
        story.hear(&frames.next().await);
    }
    assert_eq!(
        (&story.bytes[sum.as_str()][..], &story.bytes[primes.as_str()][..]),
        (&b"ff"[..], &b"2\n3\n"[..])
    );
}

#[tokio::test]
async fn a_result_too_large_for_the_format_comes_in_its_own_also_when_resumed() {
    let settings = Settings { max_convertible: ByteSize::kib(1), ..Settings::default() };
    let stage = Stage::with(Terms::default(), settings).await;
    let large = stage.submit(stage.sum(), "alice").await.snapshot.job;
    let small = stage.submit(stage.sum(), "alice").await.snapshot.job;
    let digits = [b'7'; 3_000];
    stage.compute(&large, &[&digits]).await;
    stage.compute(&small, &[b"255"]).await;
    let mut request = v1::SubscribeResultsRequest { max_chunk_bytes: 1024, ..of_client("alice") };
    request.format = v1::ResultFormat::Hex.into();
    let mut story = Story::default();
    // A cut after each chunk.
    while story.terminals.len() < 2 {
        let mut frames = stage.watch(request.clone()).await.unwrap();
        let mut chunks = 0;
        while chunks < 1 && story.terminals.len() < 2 {
            let frame = frames.next().await;
            chunks += usize::from(sort(&frame) == "chunk");
            story.hear(&frame);
            request.cursor = frame.cursor;
        }
    }
    assert_eq!(story.bytes[large.as_str()], digits);
    assert_eq!(story.bytes[small.as_str()], b"ff");
    let told = |job: &JobId| story.terminals[job.as_str()].result.as_ref().unwrap().format();
    assert_eq!((told(&large), told(&small)), (v1::ResultFormat::Decimal, v1::ResultFormat::Hex));
}
