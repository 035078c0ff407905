//! Everything one can ask of the real mesh.

use std::time::Duration;

use abacus_client::{
    BigInt, Disposition, Error, Event, Follow, Format, Job, KindStatus, RequestName, State, Submission, Task,
    Uuid, WorkerState, blocking, reason,
};
use futures_util::{StreamExt, TryStreamExt};
use tokio::io::AsyncReadExt;

use crate::mesh::Mesh;

/// More than a page of the list of requests.
const MANY: usize = 250;

#[tokio::test(flavor = "multi_thread")]
async fn results_in_every_form() {
    let mesh = Mesh::start();
    let client = mesh.client();
    let result = async |task| {
        let submitted = client.submit(task).await.unwrap();
        client.result(submitted.job().id())
    };
    let factor = BigInt::from(10).pow(200);
    let product = result(Task::mult3(&factor, -3, "+4")).await;
    assert_eq!(product.clone().integer().await, Ok(&factor * -12));
    assert_eq!(product.clone().text().await, Ok(format!("-12{}", "0".repeat(200))));
    let hexadecimal = format!("{:x}", &factor * -12);
    assert_eq!(product.clone().format(Format::Hex).text().await, Ok(hexadecimal));
    assert_eq!(
        product.primes().try_collect::<Vec<_>>().await.unwrap_err().reason(),
        Some(reason::INVALID_FIELD)
    );

    let list = result(Task::primes(90..=110)).await;
    assert_eq!(list.clone().primes().try_collect::<Vec<_>>().await, Ok(vec![97, 101, 103, 107, 109]));
    assert_eq!(list.integer().await.unwrap_err().reason(), Some(reason::INVALID_FIELD));
    let gaps = result(Task::prime_gaps(90..=110)).await;
    assert_eq!(gaps.clone().primes().try_collect::<Vec<_>>().await, Ok(vec![97, 101, 103, 107, 109]));
    assert_eq!(gaps.clone().format(Format::Values).text().await.unwrap(), "97\n101\n103\n107\n109\n");
    let mut bytes = Vec::new();
    gaps.bytes().read_to_end(&mut bytes).await.unwrap();
    assert_eq!(bytes, [7, 2, 1, 2, 1]);
    assert_eq!(result(Task::prime_count(0..=1000)).await.integer().await, Ok(168.into()));
    assert_eq!(result(Task::sum2(i64::MAX, 1)).await.integer().await, Ok(BigInt::from(i64::MAX) + 1));
    assert!(result(Task::surprise(0)).await.text().await.unwrap().contains("C4"));
    assert_eq!(result(Task::spin("x", Duration::ZERO)).await.text().await, Ok("x".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_tells_chunks_and_the_end() {
    let mesh = Mesh::start();
    let client = mesh.client();
    let run = client.run(Submission::new(Task::primes(0..=30_000_000)).format(Format::Values)).await.unwrap();
    let job = run.submitted().job().id().clone();
    let events: Vec<_> = run.try_collect().await.unwrap();
    assert!(matches!(&events[0], Event::Snapshot(told) if *told.id() == job));
    let Some(Event::Ended(outcome)) = events.last() else { panic!("{:?}", events.last()) };
    let summary = outcome.clone().summary().unwrap();
    assert_eq!((summary.count(), summary.digits()), (Some(1_857_859), None));
    let bytes: usize =
        events.iter().map(|event| if let Event::Chunk(chunk) = event { chunk.bytes.len() } else { 0 }).sum();
    assert_eq!(bytes as u64, summary.bytes());

    let told = client.job(&job).await.unwrap();
    assert_eq!((told.state(), told.task()), (Some(State::Succeeded), Some(Task::primes(0..=30_000_000))));
    assert_eq!(told.summary().unwrap().sha256(), summary.sha256());
    assert!(
        told.created() <= told.started() && told.started() <= told.ended() && told.ended() < told.expires()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_takes_a_while_tells_how_far_it_is() {
    let mesh = Mesh::start();
    let spin = Task::spin("tells", Duration::from_secs(1));
    let run = mesh.client().run(Submission::new(spin)).await.unwrap();
    let events: Vec<_> = run.try_collect().await.unwrap();
    assert!(events.iter().any(|event| matches!(event, Event::Progress { .. })));
    assert!(matches!(events.last(), Some(Event::Ended(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn batches_lists_and_cancels() {
    let mesh = Mesh::start();
    let client = mesh.builder().client_name("many").build().unwrap();
    let tasks = (0..MANY).map(|number| Task::sum2(number, 1)).chain([Task::sum2("x", "")]);
    let answers = client.submit_all(tasks).await.unwrap();
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), MANY);
    let refusal = answers[MANY].clone().unwrap_err();
    let fields: Vec<_> = refusal.violations().iter().map(|violation| violation.field.as_str()).collect();
    assert_eq!(
        (refusal.reason(), fields),
        (reason::INVALID_FIELD, vec!["task.sum2.first", "task.sum2.second"])
    );

    let requests: Vec<_> = client.requests().try_collect().await.unwrap();
    assert_eq!(requests.len(), MANY, "over several pages");
    assert!(client.requests_of("nobody".parse().unwrap()).next().await.is_none());

    let spin = client.submit(Task::spin("long", Duration::from_mins(1))).await.unwrap();
    assert_eq!(spin.request().disposition(), Some(Disposition::Created));
    let cancelled = client.cancel(spin.request().name()).await.unwrap();
    assert_eq!(cancelled.request.state(), Some(State::Cancelled));
    assert_eq!(cancelled.job.as_ref().and_then(Job::state), Some(State::Cancelled));
    let Err(Error::Refused(refused)) = client.result(spin.job().id()).text().await else {
        panic!("it has none")
    };
    assert_eq!(refused.reason(), reason::NO_RESULT);
    let nobody = RequestName { client: client.name().clone(), id: Uuid::nil() };
    assert_eq!(client.cancel(&nobody).await.unwrap_err().reason(), Some(reason::REQUEST_NOT_FOUND));
}

#[tokio::test(flavor = "multi_thread")]
async fn several_jobs_in_one_subscription() {
    let mesh = Mesh::start();
    let client = mesh.builder().client_name("pair").build().unwrap();
    let mut all = client.subscribe(Follow::client(client.name()).metadata_only());
    let one = client.submit(Task::fibonacci(100)).await.unwrap().job().id().clone();
    let other = client.submit(Task::fibonacci(101)).await.unwrap().job().id().clone();
    let events: Vec<_> = client.subscribe(Follow::jobs([&one, &other])).try_collect().await.unwrap();
    for job in [&one, &other] {
        let ends = events.iter().filter(|event| matches!(event, Event::Ended(end) if end.job == *job));
        assert_eq!(ends.count(), 1);
    }
    let mut ended = 0;
    while ended < 2 {
        let event = all.next().await.unwrap().unwrap();
        assert!(!matches!(event, Event::Chunk(_)), "it was asked for metadata only");
        ended += usize::from(matches!(event, Event::Ended(_)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn operators_see_and_steer() {
    let mesh = Mesh::start();
    let client = mesh.client();
    let operators = client.operators();
    while operators.workers().await.unwrap().is_empty() {}
    assert_eq!(operators.suspend("spin").await.unwrap().status(), Some(KindStatus::Suspended));
    let spin = || Submission::new(Task::spin("waits", Duration::ZERO));
    let refused = client.submit(spin().reject_if_suspended()).await.unwrap_err();
    assert_eq!(refused.reason(), Some(reason::KIND_SUSPENDED));
    let submitted = client.submit(spin()).await.unwrap();
    assert!(submitted.job().is_suspended());
    operators.resume("spin").await.unwrap();
    assert_eq!(client.result(submitted.job().id()).text().await, Ok("waits".to_owned()));

    let kinds = operators.kinds().await.unwrap();
    assert!(kinds.len() >= 6);
    for kind in kinds {
        client.submit(kind.example().unwrap()).await.unwrap();
        assert!(!kind.summary().is_empty());
    }
    assert_eq!(operators.resume("prime").await.unwrap_err().reason(), Some(reason::INVALID_FIELD));
    let workers = operators.workers().await.unwrap();
    assert_eq!((workers.len(), workers[0].state()), (1, Some(WorkerState::Serving)));
    assert!(workers[0].lanes().all(|(lane, slots, _)| lane.is_some() && slots > 0));
    assert!(operators.dead_jobs().next().await.is_none());
    let retried = operators.retry(submitted.job().id()).await.unwrap_err();
    assert_eq!(retried.reason(), Some(reason::JOB_NOT_DEAD));
    assert_eq!(operators.stats().await.unwrap().message().workers, 1);
    let worker = workers[0].id().parse().unwrap();
    assert_eq!(operators.drain(&worker).await.unwrap().state(), Some(WorkerState::Draining));
}

#[test]
fn without_a_runtime() {
    let mesh = Mesh::start();
    let client = blocking::Client::new(mesh.builder()).unwrap();
    assert_eq!(client.compute(Task::sum2(20, 22)), Ok(42.into()));
    let submitted = client.submit(Task::primes(1..=10)).unwrap();
    let job = submitted.job().id();
    assert_eq!(client.primes(job).collect::<Result<Vec<_>, _>>(), Ok(vec![2, 3, 5, 7]));
    let mut text = String::new();
    std::io::Read::read_to_string(&mut client.bytes(job), &mut text).unwrap();
    assert_eq!(text, "2\n3\n5\n7\n");
    let events: Vec<_> = client.run(Task::fibonacci(10)).unwrap().collect::<Result<_, _>>().unwrap();
    assert!(matches!(events.last(), Some(Event::Ended(_))));
    assert_eq!(client.job(job).unwrap().state(), Some(State::Succeeded));
    client.cancel(submitted.request().name()).unwrap();
    assert!(!client.block_on(client.asynchronous().operators().kinds()).unwrap().is_empty());
}
