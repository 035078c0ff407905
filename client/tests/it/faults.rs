//! Whatever ends a stream, the client goes on where it was, or says why it cannot.

use std::time::Duration;

use abacus_api::v1;
use abacus_client::{Client, End, Error, Event, Follow, JobId, Task, reason};
use futures_util::StreamExt;
use tonic::{Code, Status};

use crate::script::{
    self, JOB, Script, chunk, chunk_frame, damaged, frame, passing, refusal, snapshot, submitted, terminal,
};

fn job() -> JobId {
    JOB.parse().unwrap()
}

/// The bytes, how often the connection was lost, and the end.
async fn follow(client: &Client) -> (String, usize, Result<(), Error>) {
    let mut events = client.subscribe(&job());
    let (mut text, mut cuts) = (String::new(), 0);
    while let Some(event) = events.next().await {
        match event {
            Ok(Event::Chunk(chunk)) => {
                assert_eq!(chunk.offset, text.len() as u64, "a gap or a repeat");
                text.push_str(std::str::from_utf8(&chunk.bytes).unwrap());
            }
            Ok(Event::Disconnected(cut)) => {
                assert!(!cut.cause.is_empty());
                cuts += 1;
            }
            Ok(Event::Ended(outcome)) => assert!(matches!(outcome.end, End::Succeeded(_))),
            Ok(_) => {}
            Err(error) => return (text, cuts, Err(error)),
        }
    }
    (text, cuts, Ok(()))
}

#[tokio::test]
async fn any_end_but_the_terminal_frame_is_resumed_with_the_last_cursor() {
    let script = Script::default();
    let shutting_down = passing(Code::Unavailable, "SHUTTING_DOWN", Duration::from_millis(10));
    script
        .subscription(
            vec![snapshot("a"), chunk_frame("b", chunk(0, "12"))],
            script::End::Status(shutting_down),
        )
        .subscription(vec![snapshot("c")], script::End::Ok)
        .subscription(vec![], script::End::Status(Status::unknown("the connection was reset")))
        .subscription(
            vec![snapshot("d"), chunk_frame("e", chunk(2, "34"))],
            script::End::Status(Status::cancelled("")),
        )
        .subscription(vec![snapshot("f"), terminal("g", "1234")], script::End::Ok);
    let client = script.serve().await;
    assert_eq!(follow(&client).await, ("1234".to_owned(), 4, Ok(())));
    assert_eq!(script.cursors(), ["", "b", "c", "c", "e"]);
}

#[tokio::test]
async fn a_damaged_chunk_is_asked_for_again_and_never_told() {
    let script = Script::default();
    script
        .subscription(
            vec![snapshot("a"), chunk_frame("b", chunk(0, "12")), chunk_frame("c", damaged(2, "35"))],
            script::End::Silence,
        )
        .subscription(
            vec![snapshot("d"), chunk_frame("e", chunk(2, "34")), terminal("f", "1234")],
            script::End::Ok,
        );
    let client = script.serve().await;
    assert_eq!(follow(&client).await, ("1234".to_owned(), 1, Ok(())));
    assert_eq!(script.cursors(), ["", "b"], "the damaged chunk does not count");
}

#[tokio::test]
async fn what_stays_damaged_is_an_error() {
    let script = Script::default();
    for _ in 0..3 {
        script.subscription(vec![snapshot("a"), chunk_frame("b", damaged(0, "12"))], script::End::Silence);
    }
    let (text, cuts, end) = follow(&script.serve().await).await;
    assert_eq!((text.as_str(), cuts), ("", 2));
    assert!(
        matches!(end, Err(Error::Damaged { job, what }) if job.as_str() == JOB && what.contains("checksum"))
    );
}

#[tokio::test]
async fn a_gap_is_damage_and_a_repeat_is_left_out() {
    let script = Script::default();
    script
        .subscription(
            vec![snapshot("a"), chunk_frame("b", chunk(0, "12")), chunk_frame("c", chunk(5, "6"))],
            script::End::Silence,
        )
        .subscription(
            vec![chunk_frame("d", chunk(0, "12")), chunk_frame("e", chunk(1, "234")), terminal("f", "1234")],
            script::End::Ok,
        );
    let client = script.serve().await;
    assert_eq!(follow(&client).await, ("1234".to_owned(), 1, Ok(())));
}

#[tokio::test]
async fn a_whole_with_another_digest_is_an_error() {
    for wrong in ["1235", "12345"] {
        let script = Script::default();
        script.subscription(vec![chunk_frame("a", chunk(0, "1234")), terminal("b", wrong)], script::End::Ok);
        let (_, cuts, end) = follow(&script.serve().await).await;
        assert_eq!(cuts, 0, "there is nothing to ask for again");
        assert!(matches!(end, Err(Error::Damaged { .. })), "{end:?}");
    }
}

#[tokio::test]
async fn an_expired_cursor_is_told_by_its_reason() {
    let script = Script::default();
    script
        .subscription(vec![snapshot("a")], script::End::Status(Status::unavailable("")))
        .subscription(vec![], script::End::Status(refusal(Code::OutOfRange, "CURSOR_EXPIRED")));
    let (_, cuts, end) = follow(&script.serve().await).await;
    assert_eq!(cuts, 1);
    assert_eq!(end.unwrap_err().reason(), Some(reason::CURSOR_EXPIRED));
}

#[tokio::test]
async fn a_run_asks_again_for_a_job_that_was_forgotten_and_repeats_nothing() {
    let script = Script::default();
    script
        .submission(Ok(submitted(1)))
        .submission(Ok(submitted(2)))
        .subscription(
            vec![snapshot("a"), chunk_frame("b", chunk(0, "12"))],
            script::End::Status(Status::unavailable("")),
        )
        .subscription(vec![], script::End::Status(refusal(Code::NotFound, "JOB_NOT_FOUND")))
        .subscription(
            vec![
                snapshot("c"),
                chunk_frame("d", chunk(0, "1")),
                chunk_frame("e", chunk(1, "234")),
                terminal("f", "1234"),
            ],
            script::End::Ok,
        );
    let client = script.serve().await;
    let mut run = client.run(Task::fibonacci(7)).await.unwrap();
    let (mut text, mut again) = (String::new(), 0);
    while let Some(event) = run.next().await {
        match event.unwrap() {
            Event::Chunk(chunk) => {
                assert_eq!(chunk.offset, text.len() as u64);
                text.push_str(std::str::from_utf8(&chunk.bytes).unwrap());
            }
            Event::Resubmitted(_) => again += 1,
            _ => {}
        }
    }
    assert_eq!((text.as_str(), again), ("1234", 1));
    assert_eq!(script.cursors(), ["", "b", ""]);
    assert_eq!(run.submitted().request().name().to_string(), script::request_name(2));
    let ids = script.request_ids();
    assert_ne!(ids[0], ids[1], "a new question has a new id");
}

#[tokio::test]
async fn silence_counts_as_a_cut_and_a_heartbeat_does_not() {
    let script = Script::default();
    let heartbeat =
        v1::Frame { event: Some(v1::frame::Event::Heartbeat(v1::Heartbeat {})), ..Default::default() };
    script
        .subscription(vec![snapshot("a"), heartbeat], script::End::Silence)
        .subscription(vec![terminal("b", "")], script::End::Ok);
    let client = script.builder().await.silence(Duration::from_millis(200)).build().unwrap();
    assert_eq!(follow(&client).await, (String::new(), 1, Ok(())));
}

#[tokio::test]
async fn patience_ends() {
    let script = Script::default();
    for _ in 0..1000 {
        script.subscription(vec![], script::End::Status(Status::unavailable("away")));
    }
    let client = script.builder().await.stream_patience(Duration::from_millis(200)).build().unwrap();
    let (_, cuts, end) = follow(&client).await;
    let Err(Error::Unreachable(unreachable)) = end else { panic!("{end:?}") };
    assert!(cuts > 0 && unreachable.tries as usize > cuts, "{unreachable}");
    assert!(unreachable.cause.contains("away"), "{unreachable}");
}

#[tokio::test]
async fn a_subscription_can_be_taken_up_by_another_with_its_cursor() {
    let script = Script::default();
    script
        .subscription(vec![snapshot("a"), chunk_frame("b", chunk(0, "12"))], script::End::Silence)
        .subscription(
            vec![snapshot("c"), chunk_frame("d", chunk(2, "34")), terminal("e", "1234")],
            script::End::Ok,
        )
        .subscription(vec![], script::End::Ok);
    let client = script.serve().await;
    let mut first = client.subscribe(&job());
    assert_eq!(first.cursor(), None);
    while !matches!(first.next().await.unwrap().unwrap(), Event::Chunk(_)) {}
    let cursor = first.cursor().unwrap().clone();
    assert_eq!(cursor.as_str(), "b");
    drop(first);

    let mut second = client.subscribe(Follow::job(&job()).after(&cursor));
    let mut text = String::new();
    while let Some(event) = second.next().await {
        if let Event::Chunk(chunk) = event.unwrap() {
            assert_eq!(chunk.offset, 2);
            text.push_str(std::str::from_utf8(&chunk.bytes).unwrap());
        }
    }
    assert_eq!(text, "34");
    let end = second.cursor().unwrap().clone();
    assert!(client.subscribe(Follow::job(&job()).after(&end)).next().await.is_none(), "all has been told");
    assert_eq!(script.cursors(), ["", "b", "e"]);
}

#[tokio::test]
async fn each_event_is_told_with_its_types() {
    use v1::frame::Event as Told;
    let failure = v1::Failure { reason: "WORKER_LOST".into(), message: "the worker is gone".into() };
    let progress = v1::Progress {
        fraction: 0.5,
        phase: "doubling".into(),
        remaining: Some(Duration::from_secs(3).try_into().unwrap()),
    };
    let failed =
        v1::Terminal { state: v1::JobState::Failed.into(), result: None, failure: Some(failure.clone()) };
    let script = Script::default();
    script.subscription(
        vec![
            snapshot("a"),
            frame("b", Told::Suspended(v1::Suspended {})),
            frame("c", Told::Resumed(v1::Resumed {})),
            frame("d", Told::Progress(progress)),
            frame("e", Told::Retrying(v1::Retrying { failure: Some(failure) })),
            frame("f", Told::Terminal(failed)),
        ],
        script::End::Ok,
    );
    let events: Vec<_> = script.serve().await.subscribe(&job()).map(Result::unwrap).collect().await;
    assert!(events.iter().all(|event| event.job() == Some(&job())));
    let [
        Event::Snapshot(told),
        Event::Suspended { .. },
        Event::Resumed { .. },
        Event::Progress { progress, .. },
        Event::Retrying { failure, .. },
        Event::Ended(outcome),
    ] = &events[..]
    else {
        panic!("{events:?}")
    };
    assert_eq!(told.state(), Some(abacus_client::State::Running));
    assert_eq!((progress.fraction(), progress.phase()), (0.5, "doubling"));
    assert_eq!(progress.remaining(), Some(Duration::from_secs(3)));
    assert_eq!(failure.reason(), "WORKER_LOST");
    let none = outcome.clone().summary().unwrap_err();
    assert_eq!(none.to_string(), format!("{JOB} failed: the worker is gone (WORKER_LOST)"));
}
