//! Following jobs: digits in several chunks, resuming after any frame, cancelling, requests of a client.

use std::time::Duration;

use abacus_api::v1::{self, frame::Event, job_service_client::JobServiceClient};
use abacus_tasks::identity::hex;
use sha2::{Digest, Sha256};
use tonic::{Code, Status, transport::Channel};

use crate::process::Mesh;

pub(crate) const FIBONACCI_MILLION_SHA256: &str =
    "aef6e8c19df607aa07940f2abde8460d1b34c18df1a6f46b5fc04dfe9be51706";

/// The longest time that one subscription in these tests may take.
const DEADLINE: Duration = Duration::from_mins(1);

#[tokio::test]
async fn a_million_th_fibonacci_number_arrives_in_several_verified_chunks() {
    let mesh = Mesh::start();
    let mut jobs = mesh.jobs().await;
    let job = submit(&mut jobs, fibonacci(1_000_000), "").await.job.unwrap().id;
    // A job that has ended sends chunks as large as the subscriber takes, whatever it was stored in.
    let request = v1::SubscribeResultsRequest { max_chunk_bytes: 65_536, ..subscription(&job) };
    let frames = follow(&mut jobs, request).await.unwrap();
    let chunks = chunks(&frames);
    assert!(chunks.len() > 1, "{} chunks", chunks.len());
    let digits = contiguous(&chunks);
    assert_eq!(hex(&Sha256::digest(&digits)), FIBONACCI_MILLION_SHA256);
    let summary = summary(&frames);
    assert_eq!(summary.sha256, FIBONACCI_MILLION_SHA256);
    assert_eq!(summary.bytes, 208_988);
    assert_eq!(summary.chunks, u32::try_from(chunks.len()).unwrap());
    assert_eq!(summary.size, Some(v1::result_summary::Size::Digits(208_988)));
}

#[tokio::test]
async fn a_subscription_cut_after_any_frame_and_resumed_yields_the_identical_digits() {
    let mesh = Mesh::start();
    let mut jobs = mesh.jobs().await;
    let job = submit(&mut jobs, fibonacci(1_000_000), "").await.job.unwrap().id;
    let request = v1::SubscribeResultsRequest { max_chunk_bytes: 20_000, ..subscription(&job) };
    // From here on the job has ended, so that each subscription has the same frames.
    follow(&mut jobs, request.clone()).await.unwrap();
    let whole = follow(&mut jobs, request.clone()).await.unwrap();
    let digits = contiguous(&chunks(&whole));
    assert_eq!(hex(&Sha256::digest(&digits)), FIBONACCI_MILLION_SHA256);

    for cut in 0..whole.len() {
        let mut stream = jobs.subscribe_results(request.clone()).await.unwrap().into_inner();
        let mut frames = Vec::new();
        while frames.len() <= cut {
            frames.push(stream.message().await.unwrap().unwrap().frame.unwrap());
        }
        drop(stream);
        let cursor = frames.last().unwrap().cursor.clone();
        let resumed =
            follow(&mut jobs, v1::SubscribeResultsRequest { cursor, ..request.clone() }).await.unwrap();
        frames.extend(resumed);
        assert_eq!(contiguous(&chunks(&frames)), digits, "cut after frame {cut}");
        let terminals = frames.iter().filter(|frame| matches!(frame.event, Some(Event::Terminal(_))));
        assert_eq!(terminals.count(), 1, "cut after frame {cut}");
        assert_eq!(summary(&frames), summary(&whole), "cut after frame {cut}");
    }
}

#[tokio::test]
async fn chunks_arrive_while_the_job_is_computed() {
    let mesh = Mesh::start();
    let mut jobs = mesh.jobs().await;
    // Half a gigabyte: it is not done when the first chunk is here, however busy the machine.
    let task = v1::task::Task::Primes(v1::Primes { start: 0, end: 1_000_000_000, ..v1::Primes::default() });
    let submitted = submit(&mut jobs, task, "").await;
    let (job, request) = (submitted.job.unwrap().id, submitted.request.unwrap().name);
    let mut stream = jobs.subscribe_results(subscription(&job)).await.unwrap().into_inner();
    loop {
        match stream.message().await.unwrap().unwrap().frame.unwrap().event {
            Some(Event::Chunk(chunk)) => break assert_eq!(chunk.offset, 0),
            Some(Event::Terminal(terminal)) => panic!("no chunk came before {terminal:?}"),
            _ => {}
        }
    }
    let job = jobs.get_job(v1::GetJobRequest { job }).await.unwrap().into_inner().job.unwrap();
    assert_eq!(job.state(), v1::JobState::Running);
    jobs.cancel_request(v1::CancelRequestRequest { name: request }).await.unwrap();
}

#[tokio::test]
async fn a_list_of_primes_arrives_whole() {
    let mesh = Mesh::start();
    let mut jobs = mesh.jobs().await;
    let task = v1::task::Task::Primes(v1::Primes { start: 0, end: 30_000_000, ..v1::Primes::default() });
    let job = submit(&mut jobs, task, "").await.job.unwrap().id;
    let frames = follow(&mut jobs, subscription(&job)).await.unwrap();
    let text = contiguous(&chunks(&frames));
    assert_eq!(text.split(|byte| *byte == b'\n').count() - 1, 1_857_859, "pi(30,000,000)");
    assert!(text.ends_with(b"\n29999999\n"), "the last prime below 30,000,000");
    assert_eq!(hex(&Sha256::digest(&text)), summary(&frames).sha256);
}

#[tokio::test]
async fn subscribers_who_stop_reading_hold_up_nobody() {
    let mesh = Mesh::start();
    let mut jobs = mesh.jobs().await;
    let task = v1::task::Task::Primes(v1::Primes { start: 0, end: 30_000_000, ..v1::Primes::default() });
    let job = submit(&mut jobs, task, "").await.job.unwrap().id;
    let mut stalled = Vec::new();
    for _ in 0..6 {
        // Each on a connection of its own, so that they share the gateway's to the notifier only.
        let mut stream = mesh.jobs().await.subscribe_results(subscription(&job)).await.unwrap().into_inner();
        stream.message().await.unwrap();
        stalled.push(stream);
    }
    for _ in 0..3 {
        let following = follow(&mut jobs, subscription(&job));
        let frames = tokio::time::timeout(DEADLINE, following).await.expect("frames go on").unwrap();
        assert_eq!(contiguous(&chunks(&frames)).len() as u64, summary(&frames).bytes);
    }
    drop(stalled);
}

#[tokio::test]
async fn formats_are_converted_and_those_that_do_not_fit_are_refused() {
    let mesh = Mesh::start();
    let mut jobs = mesh.jobs().await;
    let sum = v1::task::Task::Sum2(v1::Sum2 { first: "-256".into(), second: "0".into() });
    let job = submit(&mut jobs, sum, "").await.job.unwrap().id;
    let in_format = |format: v1::ResultFormat| v1::SubscribeResultsRequest {
        format: format.into(),
        ..subscription(&job)
    };
    let hexadecimal = follow(&mut jobs, in_format(v1::ResultFormat::Hex)).await.unwrap();
    assert_eq!(contiguous(&chunks(&hexadecimal)), b"-100");
    assert_eq!(summary(&hexadecimal).format(), v1::ResultFormat::Hex);
    let binary = follow(&mut jobs, in_format(v1::ResultFormat::Binary)).await.unwrap();
    assert_eq!(contiguous(&chunks(&binary)), [0xff, 0x00]);
    let refused = follow(&mut jobs, in_format(v1::ResultFormat::Bitmap)).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
    assert_eq!(reason(&refused), "INVALID_FIELD");
}

#[tokio::test]
async fn a_part_of_a_finished_result_can_be_read() {
    let mesh = Mesh::start();
    let mut jobs = mesh.jobs().await;
    let job = submit(&mut jobs, fibonacci(1000), "").await.job.unwrap().id;
    follow(&mut jobs, subscription(&job)).await.unwrap();
    let request = v1::ReadResultRequest { job: job.clone(), offset: 200, limit: 5, ..Default::default() };
    let mut stream = jobs.read_result(request).await.unwrap().into_inner();
    let mut text = String::new();
    let mut last = None;
    while let Some(message) = stream.message().await.unwrap() {
        match message.event.unwrap() {
            v1::read_result_response::Event::Chunk(chunk) => {
                assert_eq!(chunk.offset, 200 + text.len() as u64);
                text.push_str(std::str::from_utf8(&bytes_of(&chunk)).unwrap());
            }
            v1::read_result_response::Event::Summary(summary) => last = Some(summary),
        }
    }
    assert_eq!(text, "84922", "digits 200 to 204 of F(1000), which ends in ...849228875");
    assert_eq!(last.unwrap().bytes, 209);

    let beyond = v1::ReadResultRequest { job, offset: 210, ..Default::default() };
    let refused = jobs.read_result(beyond).await.map(|_| ()).unwrap_err();
    assert_eq!((refused.code(), reason(&refused)), (Code::InvalidArgument, "INVALID_FIELD".to_owned()));
}

#[tokio::test]
async fn an_unfinished_result_cannot_be_read() {
    let mesh = Mesh::start();
    let mut jobs = mesh.jobs().await;
    let job = submit(&mut jobs, spin("unfinished", 60), "").await.job.unwrap().id;
    let request = v1::ReadResultRequest { job, ..Default::default() };
    let refused = jobs.read_result(request).await.map(|_| ()).unwrap_err();
    assert_eq!((refused.code(), reason(&refused)), (Code::FailedPrecondition, "JOB_NOT_FINISHED".to_owned()));
}

#[tokio::test]
async fn a_request_is_cancelled_and_its_job_with_the_last_one() {
    let mesh = Mesh::start();
    let mut jobs = mesh.jobs().await;
    let alice = submit(&mut jobs, spin("cancelled", 60), "alice").await.request.unwrap();
    let bob = submit(&mut jobs, spin("cancelled", 60), "bob").await.request.unwrap();
    assert_eq!(bob.disposition(), v1::Disposition::Joined);

    let cancel = |name: &str| v1::CancelRequestRequest { name: name.to_owned() };
    let answer = jobs.cancel_request(cancel(&alice.name)).await.unwrap().into_inner();
    assert_eq!(answer.request.unwrap().state(), v1::JobState::Cancelled);
    assert!(answer.job.unwrap().end_time.is_none(), "bob still wants it");
    let answer = jobs.cancel_request(cancel(&bob.name)).await.unwrap().into_inner();
    assert_eq!(answer.job.unwrap().state(), v1::JobState::Cancelled);

    let refused =
        jobs.read_result(v1::ReadResultRequest { job: bob.job.clone(), ..Default::default() }).await;
    assert_eq!(reason(&refused.map(|_| ()).unwrap_err()), "NO_RESULT");
    let frames = follow(&mut jobs, subscription(&bob.job)).await.unwrap();
    let Some(Event::Terminal(terminal)) = &frames.last().unwrap().event else { panic!("no terminal frame") };
    assert_eq!(terminal.state(), v1::JobState::Cancelled);
}

#[tokio::test]
async fn a_repeated_call_with_its_request_id_is_the_same_call() {
    let mesh = Mesh::start();
    let mut jobs = mesh.jobs().await;
    let request = v1::SubmitJobRequest {
        task: Some(v1::Task { task: Some(fibonacci(10)) }),
        client: "alice".into(),
        request_id: "67e55044-10b1-426f-9247-bb680e5fe0c8".into(),
        ..Default::default()
    };
    let first = jobs.submit_job(request.clone()).await.unwrap().into_inner().request.unwrap();
    let again = jobs.submit_job(request.clone()).await.unwrap().into_inner().request.unwrap();
    assert_eq!((&first.name, first.disposition), (&again.name, again.disposition));
    let other = v1::SubmitJobRequest { task: Some(v1::Task { task: Some(fibonacci(11)) }), ..request };
    let refused = jobs.submit_job(other).await.unwrap_err();
    assert_eq!((refused.code(), reason(&refused)), (Code::AlreadyExists, "REQUEST_ID_REUSED".to_owned()));
}

#[tokio::test]
async fn the_requests_of_a_client_are_paged_newest_first() {
    let mesh = Mesh::start();
    let mut jobs = mesh.jobs().await;
    let batch =
        v1::BatchSubmitJobsRequest { requests: (0..25).map(|n| asked(fibonacci(n), "alice")).collect() };
    let results = jobs.batch_submit_jobs(batch).await.unwrap().into_inner().results;
    assert_eq!(results.len(), 25);
    let (mut token, mut names, mut pages) = (String::new(), Vec::new(), 0);
    loop {
        let request = v1::ListRequestsRequest { client: "alice".into(), page_size: 10, page_token: token };
        let page = jobs.list_requests(request).await.unwrap().into_inner();
        names.extend(page.requests.into_iter().map(|request| request.name));
        pages += 1;
        token = page.next_page_token;
        if token.is_empty() {
            break;
        }
    }
    assert_eq!((names.len(), pages), (25, 3));
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), 25, "each once");
}

#[tokio::test]
async fn a_batch_accepts_and_refuses_one_by_one() {
    let mesh = Mesh::start();
    let mut jobs = mesh.jobs().await;
    let requests =
        vec![asked(fibonacci(7), "alice"), v1::SubmitJobRequest::default(), asked(fibonacci(7), "a b")];
    let batch = v1::BatchSubmitJobsRequest { requests };
    let results = jobs.batch_submit_jobs(batch).await.unwrap().into_inner().results;
    let refusals: Vec<_> = results
        .into_iter()
        .map(|result| match result.result.unwrap() {
            v1::batch_submit_jobs_result::Result::Submitted(_) => None,
            v1::batch_submit_jobs_result::Result::Refusal(refusal) => Some(refusal),
        })
        .collect();
    assert_eq!(refusals[0], None);
    assert_eq!(refusals[1].as_ref().unwrap().violations[0].field, "task");
    assert_eq!(refusals[2].as_ref().unwrap().violations[0].field, "client");
    assert_eq!(refusals[2].as_ref().unwrap().code, i32::from(Code::InvalidArgument));
}

#[tokio::test]
async fn a_client_is_followed_through_the_requests_it_makes() {
    let mesh = Mesh::start();
    let mut jobs = mesh.jobs().await;
    let target = Some(v1::subscribe_results_request::Target::Client("alice".into()));
    let request = v1::SubscribeResultsRequest { target, ..Default::default() };
    submit(&mut jobs, fibonacci(20), "alice").await;
    let mut stream = jobs.subscribe_results(request).await.unwrap().into_inner();
    let mut results = Vec::new();
    for n in [20, 30, 40] {
        if n > 20 {
            submit(&mut jobs, fibonacci(n), "alice").await;
        }
        let mut text = Vec::new();
        loop {
            let frame = stream.message().await.unwrap().unwrap().frame.unwrap();
            match frame.event.unwrap() {
                Event::Chunk(chunk) => text.extend(bytes_of(&chunk)),
                Event::Terminal(_) => break,
                _ => {}
            }
        }
        results.push(String::from_utf8(text).unwrap());
    }
    assert_eq!(results, ["6765", "832040", "102334155"]);
}

#[tokio::test]
async fn unknown_jobs_and_foreign_cursors_are_refused_explicitly() {
    let mesh = Mesh::start();
    let mut jobs = mesh.jobs().await;
    let unknown = "fibonacci-00000000000000000000000000000000";
    let refused = follow(&mut jobs, subscription(unknown)).await.unwrap_err();
    assert_eq!((refused.code(), reason(&refused)), (Code::NotFound, "JOB_NOT_FOUND".to_owned()));
    let request = v1::SubscribeResultsRequest { cursor: "abc".into(), ..subscription(unknown) };
    let refused = follow(&mut jobs, request).await.unwrap_err();
    assert_eq!((refused.code(), reason(&refused)), (Code::InvalidArgument, "CURSOR_INVALID".to_owned()));
    let refused = jobs.get_job(v1::GetJobRequest { job: unknown.into() }).await.unwrap_err();
    assert_eq!(reason(&refused), "JOB_NOT_FOUND");
}

#[tokio::test]
async fn the_cursor_of_an_expired_job_is_told_so() {
    let mesh = Mesh::start_with(&["--result-ttl", "1s"]);
    let mut jobs = mesh.jobs().await;
    let job = submit(&mut jobs, fibonacci(100), "").await.job.unwrap().id;
    let frames = follow(&mut jobs, subscription(&job)).await.unwrap();
    let chunk = frames.iter().find(|frame| matches!(frame.event, Some(Event::Chunk(_))));
    let cursor = chunk.unwrap().cursor.clone();
    while jobs.get_job(v1::GetJobRequest { job: job.clone() }).await.is_ok() {
        tokio::task::yield_now().await;
    }
    let request = v1::SubscribeResultsRequest { cursor, ..subscription(&job) };
    let refused = follow(&mut jobs, request).await.unwrap_err();
    assert_eq!((refused.code(), reason(&refused)), (Code::OutOfRange, "CURSOR_EXPIRED".to_owned()));
}

pub(crate) fn fibonacci(n: u64) -> v1::task::Task {
    v1::task::Task::Fibonacci(v1::Fibonacci { n })
}

/// A spin of so many seconds.
pub(crate) fn spin(label: &str, seconds: i64) -> v1::task::Task {
    let duration = Some(prost_types::Duration { seconds, nanos: 0 });
    v1::task::Task::Spin(v1::Spin { label: label.into(), duration })
}

/// A submission of this task by this client.
pub(crate) fn asked(task: v1::task::Task, client: &str) -> v1::SubmitJobRequest {
    let task = Some(v1::Task { task: Some(task) });
    v1::SubmitJobRequest { task, client: client.into(), ..Default::default() }
}

/// Submits a task.
pub(crate) async fn submit(
    jobs: &mut JobServiceClient<Channel>,
    task: v1::task::Task,
    client: &str,
) -> v1::SubmitJobResponse {
    jobs.submit_job(asked(task, client)).await.unwrap().into_inner()
}

/// A subscription to one job.
pub(crate) fn subscription(job: &str) -> v1::SubscribeResultsRequest {
    let target = Some(v1::subscribe_results_request::Target::Job(job.into()));
    v1::SubscribeResultsRequest { target, ..Default::default() }
}

/// All frames of a subscription.
async fn follow(
    jobs: &mut JobServiceClient<Channel>,
    request: v1::SubscribeResultsRequest,
) -> Result<Vec<v1::Frame>, Status> {
    let mut stream = jobs.subscribe_results(request).await?.into_inner();
    let mut frames = Vec::new();
    while let Some(message) = stream.message().await? {
        frames.push(message.frame.unwrap());
    }
    Ok(frames)
}

pub(crate) fn chunks(frames: &[v1::Frame]) -> Vec<v1::Chunk> {
    let chunk = |frame: &v1::Frame| match &frame.event {
        Some(Event::Chunk(chunk)) => Some(chunk.clone()),
        _ => None,
    };
    frames.iter().filter_map(chunk).collect()
}

/// The bytes of chunks that follow each other without gap or repeat.
pub(crate) fn contiguous(chunks: &[v1::Chunk]) -> Vec<u8> {
    let mut whole = Vec::new();
    for (index, chunk) in chunks.iter().enumerate() {
        assert_eq!(usize::try_from(chunk.index).unwrap(), index);
        assert_eq!(usize::try_from(chunk.offset).unwrap(), whole.len());
        let bytes = bytes_of(chunk);
        assert_eq!(chunk.crc32c, crc32c::crc32c(&bytes));
        whole.extend(bytes);
    }
    whole
}

pub(crate) fn bytes_of(chunk: &v1::Chunk) -> Vec<u8> {
    match chunk.content.as_ref().unwrap() {
        v1::chunk::Content::Text(text) => text.clone().into_bytes(),
        v1::chunk::Content::Binary(bytes) => bytes.to_vec(),
    }
}

pub(crate) fn summary(frames: &[v1::Frame]) -> v1::ResultSummary {
    match frames.last().unwrap().event.as_ref().unwrap() {
        Event::Terminal(terminal) => terminal.result.clone().unwrap(),
        other => panic!("the last frame is {other:?}"),
    }
}

/// The reason that a refusal carries.
pub(crate) fn reason(status: &Status) -> String {
    use tonic_types::StatusExt;
    status.get_error_details().error_info().map(|info| info.reason.clone()).unwrap_or_default()
}
