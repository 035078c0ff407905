//! Reading results, by a script of faults.

use abacus_api::v1::{
    self,
    read_result_response::Event::{Chunk, Summary},
};
use abacus_client::{BigInt, Error, Event, Format, JobId, Piece, Received, State, reason};
use futures_util::{StreamExt, TryStreamExt};
use tokio::io::AsyncReadExt;
use tonic::{Code, Status};

use crate::script::{End, JOB, Script, chunk, damaged, frame, refusal, snapshot, summary, terminal};

fn job() -> JobId {
    JOB.parse().unwrap()
}

#[tokio::test]
async fn a_result_is_read_on_from_where_it_was_cut_or_damaged() {
    let script = Script::default();
    script
        .reading(vec![Chunk(chunk(0, "12"))], End::Status(Status::unavailable("cut")))
        .reading(vec![Chunk(chunk(2, "34")), Chunk(damaged(4, "57"))], End::Silence)
        .reading(vec![Chunk(chunk(4, "56"))], End::Ok)
        .reading(vec![Summary(summary("123456"))], End::Ok);
    let client = script.serve().await;
    assert_eq!(client.result(&job()).integer().await, Ok(BigInt::from(123_456)));
    assert_eq!(script.offsets(), [0, 2, 4, 6]);
}

#[tokio::test]
async fn a_result_that_stays_damaged_is_an_error_of_the_reader() {
    let script = Script::default();
    for _ in 0..3 {
        script.reading(vec![Chunk(damaged(0, "12"))], End::Silence);
    }
    let mut text = String::new();
    let error = script.serve().await.result(&job()).digits().read_to_string(&mut text).await.unwrap_err();
    assert_eq!((text.as_str(), error.kind()), ("", std::io::ErrorKind::InvalidData));
    let inner = error.get_ref().unwrap().downcast_ref::<Error>();
    assert!(matches!(inner, Some(Error::Damaged { .. })), "{inner:?}");
}

#[tokio::test]
async fn another_digest_is_an_error_before_the_end() {
    let script = Script::default();
    script.reading(vec![Chunk(chunk(0, "2\n3\n")), Summary(summary("2\n5\n"))], End::Ok);
    let primes: Vec<_> = script.serve().await.result(&job()).primes().collect().await;
    assert_eq!(primes[..2], [Ok(2), Ok(3)]);
    assert!(matches!(primes[2..], [Err(Error::Damaged { .. })]), "{primes:?}");
}

#[tokio::test]
async fn a_beginning_that_came_earlier_counts() {
    let script = Script::default();
    script
        .reading(vec![Chunk(chunk(2, "34")), Summary(summary("1234"))], End::Ok)
        .reading(vec![Chunk(chunk(2, "34")), Summary(summary("1234"))], End::Ok);
    let client = script.serve().await;
    let read = async |beginning: &[u8]| {
        let mut received = Received::new();
        received.update(beginning);
        client.result(&job()).after(received).text().await
    };
    assert_eq!(read(b"12").await, Ok("34".to_owned()));
    assert!(matches!(read(b"13").await, Err(Error::Damaged { .. })), "it was another beginning");
    assert_eq!(script.offsets(), [2, 2]);
}

#[tokio::test]
async fn a_job_that_runs_is_waited_for() {
    let script = Script::default();
    let running = || End::Status(refusal(Code::FailedPrecondition, reason::JOB_NOT_FINISHED));
    script
        .reading(vec![], running())
        .subscription(vec![snapshot("a")], End::Status(Status::unavailable("cut")))
        .subscription(vec![snapshot("b"), terminal("c", "7")], End::Ok)
        .reading(vec![Chunk(chunk(0, "7")), Summary(summary("7"))], End::Ok);
    let client = script.serve().await;
    let pieces: Vec<_> = client.result(&job()).format(Format::Decimal).pieces().try_collect().await.unwrap();
    let told = |event: fn(&Event) -> bool| {
        pieces.iter().any(|piece| matches!(piece, Piece::Event(told) if event(told)))
    };
    assert!(told(|event| matches!(event, Event::Disconnected(_))));
    assert!(told(|event| matches!(event, Event::Ended(_))));
    assert!(
        matches!(&pieces[pieces.len() - 2..], [Piece::Bytes(bytes), Piece::End(_)] if bytes == "7"),
        "{pieces:?}"
    );
}

#[tokio::test]
async fn a_job_that_fails_while_it_is_waited_for_has_no_result() {
    let failed = v1::Terminal {
        state: v1::JobState::Failed.into(),
        result: None,
        failure: Some(v1::Failure { reason: "ATTEMPTS_EXHAUSTED".into(), message: "three were lost".into() }),
    };
    let script = Script::default();
    script
        .reading(vec![], End::Status(refusal(Code::FailedPrecondition, reason::JOB_NOT_FINISHED)))
        .subscription(vec![snapshot("a"), frame("b", v1::frame::Event::Terminal(failed))], End::Ok);
    let Err(Error::NoResult(none)) = script.serve().await.result(&job()).text().await else { panic!("none") };
    assert_eq!((none.job, none.state), (job(), State::Failed));
    assert_eq!(none.failure.unwrap().reason(), "ATTEMPTS_EXHAUSTED");
}

#[tokio::test]
async fn a_refusal_is_told_by_its_reason() {
    let script = Script::default();
    script.reading(vec![], End::Status(refusal(Code::NotFound, reason::JOB_NOT_FOUND)));
    let error = script.serve().await.result(&job()).integer().await.unwrap_err();
    assert_eq!(error.reason(), Some(reason::JOB_NOT_FOUND));
}
