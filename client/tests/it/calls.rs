//! Single calls: repeated when they may be, refused with everything that was told.

use std::time::Duration;

use abacus_client::{Client, Error, Submission, Task, Uuid, reason};
use tokio::{net::TcpListener, time::timeout};
use tonic::{Code, Status};

use crate::script::{Script, passing, refusal, request_name, submitted};

const LIMIT: Duration = Duration::from_secs(20);

#[tokio::test]
async fn a_submission_is_repeated_under_one_id_until_it_is_answered() {
    let script = Script::default();
    script
        .submission(Err(Status::unavailable("cut")))
        .submission(Err(passing(Code::ResourceExhausted, "QUEUE_FULL", Duration::from_millis(20))))
        .submission(Err(Status::internal("stream no longer needed")))
        .submission(Ok(submitted(1)));
    let client = script.serve().await;
    let submitted = client.submit(Task::fibonacci(7)).await.unwrap();
    assert_eq!(submitted.request().name().to_string(), request_name(1));
    let ids = script.request_ids();
    assert_eq!(ids.len(), 4);
    assert!(ids.iter().all(|id| *id == ids[0] && id.parse::<Uuid>().is_ok()), "{ids:?}");
}

#[tokio::test]
async fn an_id_of_ones_own_is_kept_and_others_differ() {
    let script = Script::default();
    script.submission(Ok(submitted(1))).submission(Ok(submitted(2)));
    let client = script.serve().await;
    let id = Uuid::from_u128(7);
    client.submit(Submission::new(Task::fibonacci(7)).request_id(id)).await.unwrap();
    client.submit(Task::fibonacci(7)).await.unwrap();
    let ids = script.request_ids();
    assert_eq!(ids[0], id.to_string());
    assert_ne!(ids[1], ids[0]);
}

#[tokio::test]
async fn a_lasting_refusal_is_told_at_once() {
    let script = Script::default();
    script.submission(Err(refusal(Code::ResourceExhausted, "BUDGET_EXCEEDED")));
    let error = script.serve().await.submit(Task::fibonacci(7)).await.unwrap_err();
    assert_eq!(error.reason(), Some(reason::BUDGET_EXCEEDED));
    assert_eq!(script.request_ids().len(), 1);
}

#[tokio::test]
async fn when_patience_ends_the_refusal_is_told_with_its_delay() {
    let script = Script::default();
    let delay = Duration::from_millis(50);
    for _ in 0..1000 {
        script.submission(Err(passing(Code::ResourceExhausted, "QUEUE_FULL", delay)));
    }
    let client = script.builder().await.call_patience(Duration::from_millis(300)).build().unwrap();
    let Err(Error::Refused(refusal)) = client.submit(Task::fibonacci(7)).await else {
        panic!("it is refused")
    };
    assert_eq!((refusal.reason(), refusal.retry_delay()), (reason::QUEUE_FULL, Some(delay)));
    assert!(script.request_ids().len() > 1);
}

#[tokio::test]
async fn nobody_there_is_told_with_the_address() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let client = Client::builder(&endpoint).call_patience(Duration::from_millis(100)).build().unwrap();
    let error = client.submit(Task::fibonacci(7)).await.unwrap_err();
    assert!(matches!(error, Error::Unreachable(_)) && error.to_string().contains(&endpoint), "{error}");
}

#[tokio::test]
async fn a_server_that_never_answers_does_not_hold_a_call() {
    // It accepts connections by the kernel's hand and says nothing.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let short = Duration::from_millis(100);
    let client =
        Client::builder(&endpoint).call_timeout(short).call_patience(Duration::ZERO).build().unwrap();
    let call = timeout(LIMIT, client.submit(Task::fibonacci(7))).await.expect("the call has its own limit");
    assert!(matches!(call, Err(Error::Unreachable(_))), "{call:?}");
}

#[tokio::test]
async fn dropping_cancels_only_what_was_asked_to() {
    let script = Script::default();
    for number in 1..=3 {
        script.submission(Ok(submitted(number)));
    }
    let client = script.serve().await;
    let task = || Task::fibonacci(7);
    drop(client.run(task()).await.unwrap());
    let kept = client.run(task()).await.unwrap();
    client.cancel_on_drop(kept.submitted().request().name()).keep();
    drop(client.run(task()).await.unwrap().cancel_on_drop(&client));
    let cancelled = async {
        while script.cancelled().is_empty() {
            tokio::task::yield_now().await;
        }
    };
    timeout(LIMIT, cancelled).await.expect("it is cancelled in the background");
    assert_eq!(script.cancelled(), [request_name(3)]);

    let guard = client.cancel_on_drop(kept.submitted().request().name());
    let cancelled = guard.cancel().await.unwrap();
    assert_eq!(cancelled.request.name().to_string(), request_name(2));
    assert_eq!(script.cancelled(), [request_name(3), request_name(2)], "once");
}
