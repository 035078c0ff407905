//! What no caller should send: refused with every wrong field named, never a panic.

mod requests;

use abacus_api::v1;
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use proptest::{
    prelude::*,
    strategy::ValueTree,
    test_runner::{Config, TestRng, TestRunner},
};
use tonic::{Code, Request, Status, client::Grpc, codegen::http::uri::PathAndQuery, transport::Channel};
use tonic_types::StatusExt;

use crate::{
    follow::{asked, reason},
    process::Mesh,
    raw::RawCodec,
};

/// How many random messages are sent, over all methods.
const MESSAGES: usize = 100_000;

/// How many of them are on their way at once.
const AT_ONCE: usize = 64;

#[tokio::test]
async fn a_ten_megabyte_integer_is_refused_by_name() {
    let mesh = Mesh::start();
    let mut jobs = mesh.jobs().await;
    let task = v1::task::Task::Sum2(v1::Sum2 { first: "7".repeat(10_000_000), second: "1".into() });
    let refused = jobs.submit_job(asked(task, "")).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
    let details = refused.get_error_details();
    let violations = &details.bad_request().unwrap().field_violations;
    assert_eq!(violations.len(), 1);
    assert_eq!(violations[0].field, "task.sum2.first");
    assert!(violations[0].description.contains("1000000"), "{}", violations[0].description);
    assert!(refused.message().len() < 500, "the operand is not echoed");
}

#[tokio::test]
async fn a_message_over_the_limit_is_refused_with_its_reason() {
    let mesh = Mesh::start_with(&["--max-message-size", "1MiB"]);
    let mut jobs = mesh.jobs().await;
    let task = v1::task::Task::Sum2(v1::Sum2 { first: "7".repeat(2_000_000), second: "1".into() });
    let refused = jobs.submit_job(asked(task, "")).await.unwrap_err();
    assert_eq!((refused.code(), reason(&refused)), (Code::ResourceExhausted, "MESSAGE_TOO_LARGE".to_owned()));
}

#[tokio::test]
async fn what_costs_too_much_is_refused_with_the_estimate() {
    let mesh = Mesh::start_with(&["--max-compute", "100ms", "--max-result-size", "1KiB"]);
    let mut jobs = mesh.jobs().await;
    let task = v1::task::Task::Fibonacci(v1::Fibonacci { n: 100_000_000 });
    let refused = jobs.submit_job(asked(task, "")).await.unwrap_err();
    assert_eq!((refused.code(), reason(&refused)), (Code::ResourceExhausted, "BUDGET_EXCEEDED".to_owned()));
    let details = refused.get_error_details();
    let subjects: Vec<_> = details
        .quota_failure()
        .unwrap()
        .violations
        .iter()
        .map(|violation| violation.subject.as_str())
        .collect();
    assert_eq!(subjects, ["compute", "result_bytes"]);
    assert!(refused.message().contains("estimated"), "{}", refused.message());
}

#[tokio::test]
async fn a_full_queue_refuses_and_says_when_to_ask_again() {
    let mesh = Mesh::start_with(&["--max-queued", "1", "--kinds", "sum2"]);
    let mut jobs = mesh.jobs().await;
    let mut submit = async |label: &str| jobs.submit_job(asked(crate::follow::spin(label, 1), "")).await;
    submit("first").await.unwrap();
    submit("first").await.expect("joining needs no place in the queue");
    let refused = submit("second").await.unwrap_err();
    assert_eq!((refused.code(), reason(&refused)), (Code::ResourceExhausted, "QUEUE_FULL".to_owned()));
    let details = refused.get_error_details();
    assert!(details.retry_info().is_some() && details.quota_failure().is_some());
}

#[tokio::test]
async fn random_bytes_as_messages_are_invalid_arguments() {
    let mesh = Mesh::start_with(&["--log", "warn"]);
    let channel = mesh.connect().await;
    let paths = [
        "/abacus.v1.JobService/SubmitJob",
        "/abacus.v1.JobService/BatchSubmitJobs",
        "/abacus.v1.JobService/RunJob",
        "/abacus.v1.JobService/SubscribeResults",
        "/abacus.v1.JobService/ReadResult",
        "/abacus.v1.JobService/GetJob",
        "/abacus.v1.JobService/CancelRequest",
        "/abacus.v1.OperatorService/SuspendKind",
    ];
    let mut runner = TestRunner::new_with_rng(
        Config::default(),
        TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha),
    );
    let messages = messages();
    let calls = (0..MESSAGES).map(|index| {
        let message = messages.new_tree(&mut runner).unwrap().current();
        (paths[index % paths.len()], Bytes::from(message))
    });
    let refused = stream::iter(calls)
        .map(|(path, message)| {
            let channel = channel.clone();
            async move { (path, message.clone(), send(channel, path, message).await) }
        })
        .buffer_unordered(AT_ONCE)
        .fold(0_usize, async |refused, (path, message, answer)| {
            let Err(status) = answer else { return refused };
            let reason = reason(&status);
            let fits = match status.code() {
                Code::InvalidArgument => !reason.is_empty(),
                Code::NotFound => reason.ends_with("_NOT_FOUND"),
                Code::ResourceExhausted => reason == "BUDGET_EXCEEDED",
                _ => false,
            };
            assert!(fits, "{path} with {message:02x?} was answered {status:?}");
            refused + 1
        })
        .await;
    assert!(refused > MESSAGES / 2, "only {refused} of {MESSAGES} were refused");
    let health = mesh.operators().await.list_kinds(v1::ListKindsRequest {}).await;
    assert!(!health.unwrap().into_inner().kinds.is_empty(), "it serves on");
}

/// Random bytes, and well-formed messages with a byte changed.
fn messages() -> impl Strategy<Value = Vec<u8>> {
    use prost::Message;
    let sum = v1::task::Task::Sum2(v1::Sum2 { first: "12".into(), second: "x".into() });
    let well_formed = asked(sum, "some client").encode_to_vec();
    let changed = (any::<prop::sample::Index>(), any::<u8>()).prop_map(move |(at, byte)| {
        let mut message = well_formed.clone();
        let at = at.index(message.len());
        message[at] = byte;
        message
    });
    prop_oneof![prop::collection::vec(any::<u8>(), 0..80), changed]
}

/// Calls a method with these bytes as its message; reads the first answer only.
pub(crate) async fn send(channel: Channel, path: &'static str, message: Bytes) -> Result<(), Status> {
    let mut client = Grpc::new(channel);
    client.ready().await.map_err(|error| Status::unavailable(error.to_string()))?;
    let path = PathAndQuery::from_static(path);
    let mut answers = client.server_streaming(Request::new(message), path, RawCodec).await?.into_inner();
    answers.message().await.map(|_| ())
}
