//! What is refused, and how.

use abacus_api::v1::{self, SubscribeResultsRequest, subscribe_results_request::Target};
use abacus_broker::Terms;
use abacus_chassis::{Reason, Refusal};
use abacus_notifier::Settings;
use abacus_tasks::{Cursor, JobId, Subscription, cursor::Position};
use bytesize::ByteSize;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use crate::stage::{Stage, of, of_client, of_job, of_jobs, rereading, sorts};

/// The status with which a subscription is refused, before or after it began.
async fn refused(stage: &Stage, request: SubscribeResultsRequest) -> Status {
    match stage.watch(request).await {
        Ok(mut frames) => frames.refusal().await,
        Err(status) => status,
    }
}

fn reason(status: &Status) -> Reason {
    Refusal::reason_of(status).unwrap_or_else(|| panic!("no reason in {status:?}"))
}

fn absent() -> JobId {
    JobId::derive("sum2", b"never asked for")
}

#[tokio::test]
async fn every_wrong_field_is_named() {
    let stage = Stage::new().await;
    let status = refused(&stage, SubscribeResultsRequest::default()).await;
    assert_eq!((status.code(), reason(&status)), (Code::InvalidArgument, Reason::InvalidField));
    let mut request = of(Target::Job("x".to_owned()));
    request.max_chunk_bytes = 1;
    request.format = 77;
    let status = refused(&stage, request).await;
    let details = status.get_error_details();
    let violations = &details.bad_request().unwrap().field_violations;
    let fields: Vec<_> = violations.iter().map(|violation| violation.field.as_str()).collect();
    assert_eq!(fields, ["job", "format", "max_chunk_bytes"]);
}

#[tokio::test]
async fn a_format_that_does_not_fit_is_named() {
    let stage = Stage::new().await;
    let mut request = of_job(&stage.queued().await);
    request.format = v1::ResultFormat::Bitmap.into();
    let status = refused(&stage, request).await;
    assert_eq!(reason(&status), Reason::InvalidField);
    let details = status.get_error_details();
    assert_eq!(details.bad_request().unwrap().field_violations[0].field, "format");
}

#[tokio::test]
async fn a_cursor_must_be_one_of_ours_and_fit_the_target() {
    let stage = Stage::new().await;
    let job = stage.submit(stage.sum(), "alice").await.snapshot.job;
    let mut request = of_job(&job);
    request.cursor = "forged".to_owned();
    assert_eq!(reason(&refused(&stage, request.clone()).await), Reason::CursorInvalid);

    stage.compute(&job, &[b"12"]).await;
    let mut frames = stage.watch(of_client("alice")).await.unwrap();
    let cursor = frames.until("terminal").await.cursor;
    request.cursor.clone_from(&cursor);
    assert_eq!(reason(&refused(&stage, request).await), Reason::CursorInvalid);
    let of_another = SubscribeResultsRequest { cursor, ..of_client("bob") };
    assert_eq!(reason(&refused(&stage, of_another).await), Reason::CursorInvalid);

    let mut in_decimal = stage.watch(of_job(&job)).await.unwrap();
    let mut in_hex = of_job(&job);
    in_hex.cursor = in_decimal.until("chunk").await.cursor;
    in_hex.format = v1::ResultFormat::Hex.into();
    assert_eq!(reason(&refused(&stage, in_hex).await), Reason::CursorInvalid);
}

#[tokio::test]
async fn a_cursor_behind_the_end_of_the_result_is_refused() {
    let stage = Stage::new().await;
    let job = stage.succeeded(stage.sum(), &[b"12"]).await;
    let mut request = of_job(&job);
    let scope = Subscription::check(&request).unwrap().scope();
    let mut cursor = Cursor::new(scope);
    let position = Position { offset: 3, index: 1, ..Default::default() };
    cursor.set_position(&job, position);
    request.cursor = cursor.to_token();
    assert_eq!(reason(&refused(&stage, request).await), Reason::CursorInvalid);
}

#[tokio::test]
async fn a_forged_chunk_number_does_no_harm() {
    let stage = Stage::new().await;
    let job = stage.succeeded(stage.sum(), &[b"12"]).await;
    let mut request = of_job(&job);
    let mut cursor = Cursor::new(Subscription::check(&request).unwrap().scope());
    cursor.set_position(&job, Position { index: u32::MAX, ..Position::default() });
    request.cursor = cursor.to_token();
    let told = stage.watch(request).await.unwrap().rest().await;
    assert_eq!(sorts(&told), ["snapshot", "chunk", "terminal"]);
}

#[tokio::test]
async fn an_unknown_job_is_not_found() {
    let stage = Stage::new().await;
    let status = refused(&stage, of_jobs(&[stage.queued().await, absent()])).await;
    assert_eq!((status.code(), reason(&status)), (Code::NotFound, Reason::JobNotFound));
    let details = status.get_error_details();
    let resource = details.resource_info().unwrap();
    assert_eq!((resource.resource_type.as_str(), &resource.resource_name[..]), ("job", absent().as_str()));
}

#[tokio::test]
async fn a_cursor_of_a_job_that_was_forgotten_has_expired() {
    let stage = Stage::new().await;
    let job = stage.succeeded(stage.sum(), &[b"12"]).await;
    let mut frames = stage.watch(of_job(&job)).await.unwrap();
    let cursors = [frames.next().await.cursor, frames.next().await.cursor];
    stage.clock.advance(Terms::default().result_ttl * 2);
    for cursor in cursors {
        let status = refused(&stage, SubscribeResultsRequest { cursor, ..of_job(&job) }).await;
        assert_eq!((status.code(), reason(&status)), (Code::OutOfRange, Reason::CursorExpired));
    }
}

#[tokio::test]
async fn a_cursor_of_a_list_of_requests_that_was_forgotten_has_expired() {
    let stage = Stage::new().await;
    let job = stage.submit(stage.sum(), "alice").await.snapshot.job;
    stage.compute(&job, &[b"12"]).await;
    let mut frames = stage.watch(of_client("alice")).await.unwrap();
    let cursor = frames.until("terminal").await.cursor;
    stage.clock.advance(Terms::default().request_ttl * 2);
    let status = refused(&stage, SubscribeResultsRequest { cursor, ..of_client("alice") }).await;
    assert_eq!(reason(&status), Reason::CursorExpired);
}

#[tokio::test]
async fn a_job_that_is_forgotten_while_it_is_followed_ends_the_stream() {
    let stage = Stage::with(Terms::default(), rereading()).await;
    let chunk = vec![b'7'; 1 << 20];
    let job = stage.succeeded(stage.sum(), &[&chunk[..]; 64]).await;
    let mut frames = stage.watch(of_job(&job)).await.unwrap();
    frames.until("chunk").await;
    stage.clock.advance(Terms::default().result_ttl * 2);
    stage.broker.rescue().await.unwrap();
    assert_eq!(reason(&frames.refusal().await), Reason::CursorExpired);
}

#[tokio::test]
async fn a_long_integer_is_not_converted() {
    let settings = Settings { max_convertible: ByteSize::kib(1), ..Settings::default() };
    let stage = Stage::with(Terms::default(), settings).await;
    let job = stage.succeeded(stage.sum(), &[&[b'7'; 1025]]).await;
    let mut request = of_job(&job);
    request.format = v1::ResultFormat::Hex.into();
    let status = refused(&stage, request).await;
    assert_eq!((status.code(), reason(&status)), (Code::ResourceExhausted, Reason::FormatTooLarge));
}
