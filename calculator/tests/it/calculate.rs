//! `Calculate`: past the queue and the cache.

use std::time::Duration;

use abacus_api::v1::{
    self, CalculateRequest, CalculateResponse, calculate_response::Event, chunk, result_summary, task,
};
use abacus_broker::SharedBroker;
use abacus_chassis::{Reason, Refusal};
use abacus_tasks::{Lane, Task};
use sha2::{Digest, Sha256};
use tokio::time::timeout;
use tonic::{Code, Streaming};
use tonic_types::StatusExt as _;

use crate::{
    calculator::{
        Calculator, DEADLINE, FOR_EVER, broker, fibonacci, settings, spin, submit, sum, until_ended,
    },
    results::fibonacci_digits,
};

async fn calculate(
    calculator: &Calculator,
    task: &Task,
) -> Result<Streaming<CalculateResponse>, tonic::Status> {
    let request = CalculateRequest { task: Some(task.to_message()) };
    calculator.client.clone().calculate(request).await.map(tonic::Response::into_inner)
}

async fn next(stream: &mut Streaming<CalculateResponse>) -> Option<Event> {
    let message = timeout(DEADLINE, stream.message()).await.expect("a message in time").unwrap()?;
    Some(message.event.expect("each message has an event"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_result_is_streamed_whole_with_its_summary() {
    let broker: SharedBroker = broker();
    let calculator = Calculator::start(settings(), &broker).await;
    let task = fibonacci(50_000);
    let expected = fibonacci_digits(50_000);
    let mut stream = calculate(&calculator, &task).await.unwrap();
    let (mut result, mut chunks) = (String::new(), 0);
    let terminal = loop {
        match next(&mut stream).await.expect("the terminal message comes before the end") {
            Event::Progress(progress) => assert!((0.0..=1.0).contains(&progress.fraction)),
            Event::Chunk(chunk) => {
                assert_eq!((chunk.index, chunk.offset), (chunks, result.len() as u64));
                let Some(chunk::Content::Text(text)) = chunk.content else { panic!("digits are text") };
                assert_eq!(chunk.crc32c, crc32c::crc32c(text.as_bytes()));
                result.push_str(&text);
                chunks += 1;
            }
            Event::Terminal(terminal) => break terminal,
        }
    };
    assert!(next(&mut stream).await.is_none(), "nothing comes after it");
    assert_eq!(result, expected);
    assert_eq!((terminal.state(), terminal.failure), (v1::JobState::Succeeded, None));
    let summary = terminal.result.unwrap();
    assert_eq!((summary.bytes, summary.chunks), (expected.len() as u64, chunks));
    assert_eq!(summary.format(), v1::ResultFormat::Decimal);
    assert_eq!(summary.size, Some(result_summary::Size::Digits(expected.len() as u64)));
    assert_eq!(summary.sha256, abacus_tasks::identity::hex(&Sha256::digest(&expected)));
    assert!(broker.snapshot(task.job()).await.unwrap().is_none(), "no job was made");
}

#[tokio::test(flavor = "multi_thread")]
async fn leaving_the_stream_stops_the_computation_and_only_a_free_slot_admits_one() {
    let broker: SharedBroker = broker();
    let calculator = Calculator::start(settings(), &broker).await;
    let mut stream = calculate(&calculator, &spin("left", FOR_EVER)).await.unwrap();
    assert!(matches!(next(&mut stream).await, Some(Event::Progress(_))));

    let refused = calculate(&calculator, &spin("refused", FOR_EVER)).await.unwrap_err();
    assert_eq!(refused.code(), Code::ResourceExhausted);
    assert_eq!(Refusal::reason_of(&refused), Some(Reason::NoFreeSlot));
    let mut other_lane = calculate(&calculator, &sum("1", "2")).await.unwrap();
    assert!(matches!(next(&mut other_lane).await, Some(Event::Chunk(_))));

    drop(stream);
    calculator.until_busy(Lane::Long, 0).await;
    assert!(calculate(&calculator, &spin("admitted", FOR_EVER)).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_whose_slot_was_taken_meanwhile_is_handed_back_and_computed_later() {
    let broker: SharedBroker = broker();
    let calculator = Calculator::start(settings(), &broker).await;
    let stream = calculate(&calculator, &spin("first", FOR_EVER)).await.unwrap();
    let task = spin("second", Duration::from_millis(1500));
    submit(&*broker, &task).await;
    drop(stream);
    assert_eq!(until_ended(&*broker, task.job()).await.state, abacus_tasks::State::Succeeded);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_that_is_not_valid_is_refused_with_every_field() {
    let broker: SharedBroker = broker();
    let calculator = Calculator::start(settings(), &broker).await;
    let wrong = task::Task::Sum2(v1::Sum2 { first: "one".to_owned(), second: String::new() });
    let refusals = [
        (Some(v1::Task { task: Some(wrong) }), vec!["task.sum2.first", "task.sum2.second"]),
        (None, vec!["task"]),
    ];
    for (task, fields) in refusals {
        let refused = calculator.client.clone().calculate(CalculateRequest { task }).await.unwrap_err();
        assert_eq!(Refusal::reason_of(&refused), Some(Reason::InvalidField));
        let violations = refused.get_details_bad_request().unwrap().field_violations;
        let found: Vec<_> = violations.into_iter().map(|violation| violation.field).collect();
        assert_eq!(found, fields);
    }
}
