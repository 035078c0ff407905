use abacus_broker::{Failure, Timestamp};
use abacus_tasks::Lane;

use super::*;

fn snapshot(state: State, attempt: u32) -> Snapshot {
    Snapshot {
        job: JobId::derive("sum2", b"a"),
        task: Bytes::new(),
        lane: Lane::Long,
        state,
        suspended: false,
        sequence: 1,
        attempt,
        requests: 1,
        worker: None,
        progress: None,
        chunks: 0,
        bytes: 0,
        summary: None,
        failure: None,
        create_time: Timestamp::default(),
        start_time: None,
        end_time: None,
        expire_time: None,
        trace: String::new(),
    }
}

fn suspended(state: State, suspended: bool) -> Snapshot {
    Snapshot { suspended, ..snapshot(state, 0) }
}

fn running(fraction: f64) -> Snapshot {
    let progress = Progress { fraction, phase: "adding".to_owned(), remaining: None };
    Snapshot { progress: Some(progress), ..snapshot(State::Running, 1) }
}

fn follow(snapshot: Snapshot) -> Follow {
    Follow::new(snapshot, Format::Decimal, Position::default())
}

/// The names of the events between two snapshots.
fn between(before: Snapshot, now: Snapshot) -> Vec<&'static str> {
    let name = |event: &Event| match event {
        Event::Retrying(_) => "retrying",
        Event::Suspended(_) => "suspended",
        Event::Resumed(_) => "resumed",
        _ => "unexpected",
    };
    follow(before).observe(now).iter().map(name).collect()
}

#[test]
fn each_repeated_attempt_is_told_even_if_its_end_was_not_seen() {
    use State::{Cancelled, Failed, Queued, Running, Succeeded};
    let told = [
        ((Running, 1), (Queued, 1)),
        ((Running, 1), (Running, 2)),
        ((Running, 1), (Succeeded, 2)),
        ((Queued, 1), (Queued, 2)),
        ((Queued, 0), (Running, 2)),
        ((Running, 1), (Failed, 3)),
    ];
    for ((before, first), (now, last)) in told {
        assert_eq!(between(snapshot(before, first), snapshot(now, last)), ["retrying"], "{before} {now}");
    }
    let silent = [
        ((Queued, 0), (Running, 1)),
        ((Queued, 1), (Running, 2)),
        ((Running, 1), (Succeeded, 1)),
        ((Running, 2), (Failed, 2)),
        ((Queued, 1), (Cancelled, 1)),
        ((Queued, 0), (Succeeded, 1)),
    ];
    for ((before, first), (now, last)) in silent {
        assert!(between(snapshot(before, first), snapshot(now, last)).is_empty(), "{before} {now}");
    }
}

#[test]
fn the_failure_of_the_attempt_before_is_told() {
    let failure = Some(Failure::new(Failure::WORKER_LOST, "its lease ran out"));
    let events =
        follow(snapshot(State::Running, 1)).observe(Snapshot { failure, ..snapshot(State::Queued, 1) });
    let [Event::Retrying(retrying)] = &events[..] else { panic!("{events:?}") };
    assert_eq!(retrying.failure.as_ref().unwrap().reason, "WORKER_LOST");
}

#[test]
fn suspending_is_told_of_a_waiting_job_and_resuming_of_one_that_lives() {
    use State::{Cancelled, Queued, Running};
    assert_eq!(between(suspended(Queued, false), suspended(Queued, true)), ["suspended"]);
    assert_eq!(between(suspended(Queued, true), suspended(Queued, false)), ["resumed"]);
    assert_eq!(between(suspended(Queued, true), suspended(Running, false)), ["resumed"]);
    assert!(between(suspended(Queued, true), suspended(Cancelled, false)).is_empty());
    assert!(between(suspended(Queued, true), suspended(Queued, true)).is_empty());
    let handed_back = Snapshot { suspended: true, ..snapshot(Queued, 1) };
    assert_eq!(between(snapshot(Running, 1), handed_back), ["retrying", "suspended"]);
}

#[test]
fn the_latest_progress_is_told_ten_times_a_second_at_most() {
    let start = Instant::now();
    let mut follow = follow(snapshot(State::Running, 1));
    assert_eq!(follow.progress(start), Telling::Nothing);
    let told = |telling| match telling {
        Telling::Now(progress) => progress.fraction,
        other => panic!("{other:?}"),
    };
    follow.observe(running(0.25));
    assert!((told(follow.progress(start)) - 0.25).abs() < f64::EPSILON);
    assert_eq!(follow.progress(start + PROGRESS_EVERY), Telling::Nothing, "it is told once");
    follow.observe(running(0.5));
    assert_eq!(follow.progress(start), Telling::At(start + PROGRESS_EVERY));
    follow.observe(running(0.75));
    assert_eq!(follow.progress(start), Telling::Nothing, "it is put off once");
    follow.resume();
    assert!((told(follow.progress(start + PROGRESS_EVERY)) - 0.75).abs() < f64::EPSILON);
}

#[test]
fn progress_in_the_snapshot_counts_as_told_and_so_does_that_of_a_job_that_ended() {
    let start = Instant::now();
    assert_eq!(follow(running(0.5)).progress(start), Telling::Nothing);
    let mut ended = follow(snapshot(State::Running, 1));
    ended.observe(Snapshot { state: State::Succeeded, ..running(1.0) });
    assert_eq!(ended.progress(start), Telling::Nothing);
}

#[test]
fn a_result_that_vanished_is_looked_for_again_once_for_each_change() {
    let mut follow = follow(running(0.5));
    assert!(follow.is_worth_another_look());
    assert!(follow.is_stale());
    follow.observe(running(0.5));
    assert!(!follow.is_worth_another_look());
    follow.observe(Snapshot { sequence: 2, ..running(0.5) });
    assert!(follow.is_worth_another_look());
}

#[test]
fn a_delivery_ends_when_all_its_requests_are_cancelled() {
    let mut follow = follow(running(0.5));
    follow.serve(3);
    follow.serve(5);
    assert!(!follow.cancel(3));
    assert_eq!(follow.ended_without_result(), None);
    assert!(follow.cancel(5));
    assert_eq!(follow.ended_without_result().unwrap().state(), v1::JobState::Cancelled);
    assert!(matches!(follow.end(), Mark::Delivered(orders) if orders == BTreeSet::from([5])));
    follow.serve(8);
    assert_eq!(follow.ended_without_result(), None, "a later request has it delivered after all");
}
