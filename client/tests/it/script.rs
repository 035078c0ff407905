//! A `JobService` that plays a script: for each call what is answered and how it ends. Faults that the real mesh does not
//! make on demand.

use std::{
    collections::VecDeque,
    pin::Pin,
    sync::{Arc, Mutex},
    time::Duration,
};

use abacus_api::v1::{
    self, frame,
    job_service_server::{JobService, JobServiceServer},
};
use abacus_client::{Builder, Client};
use futures_util::{Stream, StreamExt, stream};
use tokio::net::TcpListener;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::{Code, Request, Response, Status, transport::Server};
use tonic_types::{ErrorDetails, StatusExt};

pub(crate) const JOB: &str = "fibonacci-ba7816bf8f01cfea414140de5dae2223";

/// What is served, in this order; whoever calls when nothing is left fails the test.
#[derive(Clone, Default)]
pub(crate) struct Script(Arc<Mutex<Parts>>);

#[derive(Default)]
struct Parts {
    submissions: VecDeque<Result<v1::SubmitJobResponse, Status>>,
    subscriptions: VecDeque<Played<v1::SubscribeResultsResponse>>,
    readings: VecDeque<Played<v1::ReadResultResponse>>,
    asked: Vec<v1::SubmitJobRequest>,
    /// The `authorization` of each submission.
    tokens: Vec<Option<String>>,
    subscribed: Vec<v1::SubscribeResultsRequest>,
    read: Vec<v1::ReadResultRequest>,
    cancelled: Vec<String>,
}

/// The messages of a stream, and its end: `Ok` after them, a status, or silence.
pub(crate) struct Played<M> {
    messages: Vec<M>,
    end: End,
}

pub(crate) enum End {
    Ok,
    Status(Status),
    Silence,
}

impl Script {
    /// Serves the script and tells a client of it, patient enough for all that is in it.
    pub(crate) async fn serve(&self) -> Client {
        self.builder().await.build().unwrap()
    }

    /// Serves the script and tells the settings of a client of it.
    pub(crate) async fn builder(&self) -> Builder {
        let port = self.serve_at(Server::builder()).await;
        let door = format!("http://127.0.0.1:{port}");
        Client::builder(door).stream_patience(Duration::from_secs(30)).call_patience(Duration::from_secs(30))
    }

    /// Serves the script in this way and tells the port.
    pub(crate) async fn serve_at(&self, mut server: Server) -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let service = JobServiceServer::new(self.clone());
        let serving = server.add_service(service).serve_with_incoming(TcpListenerStream::new(listener));
        spawn(async move { serving.await.unwrap() });
        port
    }

    pub(crate) fn submission(&self, answer: Result<v1::SubmitJobResponse, Status>) -> &Self {
        self.parts().submissions.push_back(answer);
        self
    }

    /// A stream of frames.
    pub(crate) fn subscription(&self, frames: Vec<v1::Frame>, end: End) -> &Self {
        let message = |frame| v1::SubscribeResultsResponse { frame: Some(frame) };
        let messages = frames.into_iter().map(message).collect();
        self.parts().subscriptions.push_back(Played { messages, end });
        self
    }

    /// A stream of a result.
    pub(crate) fn reading(&self, events: Vec<v1::read_result_response::Event>, end: End) -> &Self {
        let message = |event| v1::ReadResultResponse { event: Some(event) };
        let messages = events.into_iter().map(message).collect();
        self.parts().readings.push_back(Played { messages, end });
        self
    }

    /// The cursors that subscriptions came with.
    pub(crate) fn cursors(&self) -> Vec<String> {
        self.parts().subscribed.iter().map(|request| request.cursor.clone()).collect()
    }

    /// The offsets that readings came with.
    pub(crate) fn offsets(&self) -> Vec<u64> {
        self.parts().read.iter().map(|request| request.offset).collect()
    }

    /// The ids that submissions came with.
    pub(crate) fn request_ids(&self) -> Vec<String> {
        self.parts().asked.iter().map(|request| request.request_id.clone()).collect()
    }

    /// What submissions came with as `authorization`.
    pub(crate) fn tokens(&self) -> Vec<Option<String>> {
        self.parts().tokens.clone()
    }

    /// The requests that were cancelled.
    pub(crate) fn cancelled(&self) -> Vec<String> {
        self.parts().cancelled.clone()
    }

    fn parts(&self) -> std::sync::MutexGuard<'_, Parts> {
        self.0.lock().unwrap()
    }
}

type Streamed<M> = Pin<Box<dyn Stream<Item = Result<M, Status>> + Send>>;

fn play<M: Send + 'static>(played: Option<Played<M>>) -> Result<Response<Streamed<M>>, Status> {
    let Played { messages, end } = played.ok_or_else(|| refusal(Code::Internal, "SCRIPT_AT_ITS_END"))?;
    let messages = stream::iter(messages).map(Ok);
    Ok(Response::new(match end {
        End::Ok => messages.boxed(),
        End::Status(status) => messages.chain(stream::iter([Err(status)])).boxed(),
        End::Silence => messages.chain(stream::pending()).boxed(),
    }))
}

#[tonic::async_trait]
impl JobService for Script {
    async fn submit_job(
        &self,
        request: Request<v1::SubmitJobRequest>,
    ) -> Result<Response<v1::SubmitJobResponse>, Status> {
        let mut parts = self.parts();
        let token = request.metadata().get("authorization").map(|token| token.to_str().unwrap().to_owned());
        parts.tokens.push(token);
        parts.asked.push(request.into_inner());
        let answer = parts.submissions.pop_front();
        answer.unwrap_or_else(|| Err(refusal(Code::Internal, "SCRIPT_AT_ITS_END"))).map(Response::new)
    }

    async fn batch_submit_jobs(
        &self,
        _: Request<v1::BatchSubmitJobsRequest>,
    ) -> Result<Response<v1::BatchSubmitJobsResponse>, Status> {
        Err(refusal(Code::Internal, "NOT_IN_SCRIPT"))
    }

    type RunJobStream = Streamed<v1::RunJobResponse>;

    async fn run_job(&self, _: Request<v1::RunJobRequest>) -> Result<Response<Self::RunJobStream>, Status> {
        Err(refusal(Code::Internal, "NOT_IN_SCRIPT"))
    }

    async fn get_job(
        &self,
        request: Request<v1::GetJobRequest>,
    ) -> Result<Response<v1::GetJobResponse>, Status> {
        let id = request.into_inner().job;
        Ok(Response::new(v1::GetJobResponse { job: Some(v1::Job { id, ..v1::Job::default() }) }))
    }

    async fn list_requests(
        &self,
        _: Request<v1::ListRequestsRequest>,
    ) -> Result<Response<v1::ListRequestsResponse>, Status> {
        Err(refusal(Code::Internal, "NOT_IN_SCRIPT"))
    }

    async fn cancel_request(
        &self,
        request: Request<v1::CancelRequestRequest>,
    ) -> Result<Response<v1::CancelRequestResponse>, Status> {
        let name = request.into_inner().name;
        self.parts().cancelled.push(name.clone());
        let request = v1::Request { name, job: JOB.to_owned(), ..Default::default() };
        Ok(Response::new(v1::CancelRequestResponse { request: Some(request), job: None }))
    }

    type SubscribeResultsStream = Streamed<v1::SubscribeResultsResponse>;

    async fn subscribe_results(
        &self,
        request: Request<v1::SubscribeResultsRequest>,
    ) -> Result<Response<Self::SubscribeResultsStream>, Status> {
        let mut parts = self.parts();
        parts.subscribed.push(request.into_inner());
        play(parts.subscriptions.pop_front())
    }

    type ReadResultStream = Streamed<v1::ReadResultResponse>;

    async fn read_result(
        &self,
        request: Request<v1::ReadResultRequest>,
    ) -> Result<Response<Self::ReadResultStream>, Status> {
        let mut parts = self.parts();
        parts.read.push(request.into_inner());
        play(parts.readings.pop_front())
    }
}

/// The answer to a submission: a request of this number for the job.
pub(crate) fn submitted(number: u32) -> v1::SubmitJobResponse {
    let name = request_name(number);
    v1::SubmitJobResponse {
        request: Some(v1::Request { name, job: JOB.to_owned(), ..Default::default() }),
        job: Some(job(v1::JobState::Queued)),
    }
}

pub(crate) fn request_name(number: u32) -> String {
    format!("clients/anonymous/requests/00000000-0000-4000-8000-{number:012}")
}

pub(crate) fn job(state: v1::JobState) -> v1::Job {
    v1::Job { id: JOB.to_owned(), state: state.into(), ..Default::default() }
}

/// A frame of the job.
pub(crate) fn frame(cursor: &str, event: frame::Event) -> v1::Frame {
    v1::Frame { job: JOB.to_owned(), cursor: cursor.to_owned(), event: Some(event), ..Default::default() }
}

pub(crate) fn snapshot(cursor: &str) -> v1::Frame {
    frame(cursor, frame::Event::Snapshot(v1::Snapshot { job: Some(job(v1::JobState::Running)) }))
}

/// A chunk, as it is or with a wrong checksum.
pub(crate) fn chunk(offset: u64, text: &str) -> v1::Chunk {
    let content = Some(v1::chunk::Content::Text(text.to_owned()));
    v1::Chunk { index: 0, offset, content, crc32c: crc32c::crc32c(text.as_bytes()) }
}

pub(crate) fn damaged(offset: u64, text: &str) -> v1::Chunk {
    let whole = chunk(offset, text);
    v1::Chunk { crc32c: whole.crc32c ^ 1, ..whole }
}

pub(crate) fn chunk_frame(cursor: &str, chunk: v1::Chunk) -> v1::Frame {
    frame(cursor, frame::Event::Chunk(chunk))
}

pub(crate) fn terminal(cursor: &str, text: &str) -> v1::Frame {
    let state = v1::JobState::Succeeded.into();
    frame(cursor, frame::Event::Terminal(v1::Terminal { state, result: Some(summary(text)), failure: None }))
}

pub(crate) fn summary(text: &str) -> v1::ResultSummary {
    use sha2::{Digest, Sha256};
    v1::ResultSummary {
        bytes: text.len() as u64,
        sha256: abacus_tasks::identity::hex(&Sha256::digest(text)),
        ..Default::default()
    }
}

/// A refusal as the mesh makes it.
pub(crate) fn refusal(code: Code, reason: &str) -> Status {
    let mut details = ErrorDetails::new();
    details.set_error_info(reason, "abacus", std::collections::HashMap::new());
    Status::with_error_details(code, "what to do", details)
}

/// A refusal that passes after so long.
pub(crate) fn passing(code: Code, reason: &str, delay: Duration) -> Status {
    let mut details = ErrorDetails::new();
    details.set_error_info(reason, "abacus", std::collections::HashMap::new());
    details.set_retry_info(Some(delay));
    Status::with_error_details(code, "what to do", details)
}

#[expect(clippy::disallowed_methods, reason = "it ends with the test's runtime")]
pub(crate) fn spawn(task: impl Future<Output = ()> + Send + 'static) {
    tokio::spawn(task);
}
