//! The client itself: one call for each thing one can ask of the mesh.

use std::{future::Future, sync::Arc};

use abacus_api::v1::{
    self, job_service_client::JobServiceClient, operator_service_client::OperatorServiceClient,
};
use abacus_tasks::{ClientName, JobId, RequestName};
use async_stream::try_stream;
use futures_util::{Stream, StreamExt, stream::BoxStream};
use tokio::{runtime::Handle, time::timeout};
use tonic::{Response, Status};

use crate::{
    Builder, CancelGuard, Error, Follow, Job, Operators, Refusal, Request, Run, StoredResult, Submission,
    Submitted, Subscription, Unreachable,
    builder::Settings,
    connection::Door,
    error::{Passing, Trouble, Violation},
    patience::Patience,
};

/// The largest answer that is taken: a page of requests, a job with its operands.
const MAX_ANSWER_BYTES: usize = 64 << 20;

/// A connection to Abacus. Clones share it; calls may be made from any task at any time.
///
/// Each call is repeated when it was cut or refused with a delay, for as long as
/// [`call_patience`](Builder::call_patience) allows.
#[derive(Clone)]
pub struct Client(Arc<Shared>);

struct Shared {
    jobs: JobServiceClient<Door>,
    operators: OperatorServiceClient<Door>,
    name: ClientName,
    endpoint: String,
    settings: Settings,
    runtime: Handle,
}

/// How a request stands after its cancelling.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Cancelled {
    /// The request, now cancelled.
    pub request: Request,
    /// Its job, which goes on when other requests want it. `None` when it is no longer kept.
    pub job: Option<Job>,
}

impl Client {
    /// A client of the mesh at this endpoint: `http://host:port` or `https://host:port`.
    pub fn builder(endpoint: impl Into<String>) -> Builder {
        Builder::new(endpoint.into())
    }

    pub(crate) fn new(door: Door, name: ClientName, runtime: Handle, builder: Builder) -> Self {
        let Builder { endpoint, settings, .. } = builder;
        let jobs = JobServiceClient::new(door.clone()).max_decoding_message_size(MAX_ANSWER_BYTES);
        let operators = OperatorServiceClient::new(door).max_decoding_message_size(MAX_ANSWER_BYTES);
        Self(Arc::new(Shared { jobs, operators, name, endpoint, settings, runtime }))
    }

    /// Who asks.
    #[must_use]
    pub fn name(&self) -> &ClientName {
        &self.0.name
    }

    /// Asks for a task. Once this is answered, the job reaches exactly one final state.
    ///
    /// # Errors
    /// [`Error::Refused`] with every wrong field, or because of budget, queue or suspension; [`Error::Unreachable`].
    ///
    /// # Cancel safety
    /// A submission whose future was dropped may have been accepted or not. Submitting again under the same
    /// [`request_id`](Submission::request_id) asks once in any case.
    pub async fn submit(&self, submission: impl Into<Submission>) -> Result<Submitted, Error> {
        let request = submission.into().to_message(self.name().as_str());
        let response = self.jobs(|mut jobs| {
            let request = request.clone();
            async move { jobs.submit_job(request).await }
        });
        response.await?.try_into()
    }

    /// Asks for 1 to 1000 tasks in one call. Each is accepted or refused on its own; the answers are in the same order.
    ///
    /// # Errors
    /// As [`Client::submit`], when the call as a whole is refused or not answered.
    ///
    /// # Cancel safety
    /// As [`Client::submit`].
    pub async fn submit_all(
        &self,
        submissions: impl IntoIterator<Item = impl Into<Submission>>,
    ) -> Result<Vec<Result<Submitted, Refusal>>, Error> {
        let client = self.name().as_str();
        let requests: Vec<_> = submissions.into_iter().map(|one| one.into().to_message(client)).collect();
        let count = requests.len();
        let request = v1::BatchSubmitJobsRequest { requests };
        let response = self.jobs(|mut jobs| {
            let request = request.clone();
            async move { jobs.batch_submit_jobs(request).await }
        });
        let results = response.await?.results;
        if results.len() != count {
            let message = format!("{} answers to {count} submissions", results.len());
            return Err(Error::Incomprehensible(message));
        }
        results.into_iter().map(|result| answered(result.result)).collect()
    }

    /// Submits a task and follows its job: a stream of what happens, chunks of the result included.
    ///
    /// # Errors
    /// As [`Client::submit`].
    pub async fn run(&self, submission: impl Into<Submission>) -> Result<Run, Error> {
        let submission = submission.into();
        let submitted = self.submit(submission.clone()).await?;
        Ok(Run::new(self, submitted, submission))
    }

    /// Follows jobs. The stream resumes by itself after any cut.
    pub fn subscribe(&self, follow: impl Into<Follow>) -> Subscription {
        Subscription::new(self.clone(), follow.into())
    }

    /// The result of a job, to be read; waits for it where it is not there yet.
    pub fn result(&self, job: &JobId) -> StoredResult {
        StoredResult::new(self.clone(), job.clone())
    }

    /// A job as it stands.
    ///
    /// # Errors
    /// [`Error::Refused`] with `JOB_NOT_FOUND`; [`Error::Unreachable`].
    pub async fn job(&self, job: &JobId) -> Result<Job, Error> {
        let response = self.jobs(|mut jobs| {
            let request = v1::GetJobRequest { job: job.to_string() };
            async move { jobs.get_job(request).await }
        });
        Job::read(response.await?.job)
    }

    /// The requests of this client, newest first. Pages are asked for as the stream is read.
    ///
    /// # Errors
    /// The stream yields an error and ends when a page cannot be had.
    #[must_use]
    pub fn requests(&self) -> BoxStream<'static, Result<Request, Error>> {
        self.requests_of(self.name().clone())
    }

    /// The requests of any client, newest first, as [`Client::requests`].
    #[must_use]
    pub fn requests_of(&self, client: ClientName) -> BoxStream<'static, Result<Request, Error>> {
        let this = self.clone();
        let pages = pages(move |page_token| {
            let (this, client) = (this.clone(), client.to_string());
            async move {
                let request = v1::ListRequestsRequest { client, page_size: 0, page_token };
                let response = this.jobs(|mut jobs| {
                    let request = request.clone();
                    async move { jobs.list_requests(request).await }
                });
                let v1::ListRequestsResponse { requests, next_page_token } = response.await?;
                let requests = requests.into_iter().map(|request| Request::read(Some(request)));
                Ok((requests.collect::<Result<_, _>>()?, next_page_token))
            }
        });
        pages.boxed()
    }

    /// Cancels a request. Its job stops when no other request wants it. Cancelling again, or after the end, changes
    /// nothing.
    ///
    /// # Errors
    /// [`Error::Refused`] with `REQUEST_NOT_FOUND`; [`Error::Unreachable`].
    pub async fn cancel(&self, request: &RequestName) -> Result<Cancelled, Error> {
        let response = self.jobs(|mut jobs| {
            let request = v1::CancelRequestRequest { name: request.to_string() };
            async move { jobs.cancel_request(request).await }
        });
        let v1::CancelRequestResponse { request, job } = response.await?;
        let job = job.map(|job| Job::read(Some(job))).transpose()?;
        Ok(Cancelled { request: Request::read(request)?, job })
    }

    /// A guard that cancels a request when it is dropped.
    pub fn cancel_on_drop(&self, request: &RequestName) -> CancelGuard {
        CancelGuard::new(self.clone(), request.clone())
    }

    /// The calls of operators: kinds, workers, dead letters, figures.
    #[must_use]
    pub fn operators(&self) -> Operators {
        Operators::new(self.clone())
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.0.settings
    }

    pub(crate) fn runtime(&self) -> &Handle {
        &self.0.runtime
    }

    pub(crate) fn job_service(&self) -> JobServiceClient<Door> {
        self.0.jobs.clone()
    }

    /// Calls `JobService` until it answers for good.
    pub(crate) async fn jobs<T, F>(&self, call: impl Fn(JobServiceClient<Door>) -> F) -> Result<T, Error>
    where
        F: Future<Output = Result<Response<T>, Status>>,
    {
        self.patiently(|| call(self.0.jobs.clone())).await
    }

    /// Calls `OperatorService` until it answers for good.
    pub(crate) async fn operate<T, F>(
        &self,
        call: impl Fn(OperatorServiceClient<Door>) -> F,
    ) -> Result<T, Error>
    where
        F: Future<Output = Result<Response<T>, Status>>,
    {
        self.patiently(|| call(self.0.operators.clone())).await
    }

    async fn patiently<T, F>(&self, call: impl Fn() -> F) -> Result<T, Error>
    where
        F: Future<Output = Result<Response<T>, Status>>,
    {
        let mut patience = Patience::new(self.settings().call_patience);
        loop {
            match self.in_time(call()).await {
                Ok(answer) => return Ok(answer),
                Err(Trouble::Lasting(error)) => return Err(error),
                Err(Trouble::Passing(passing)) => match patience.next(passing.retry_delay()) {
                    Some(wait) => tokio::time::sleep(wait).await,
                    None => return Err(self.given_up(&patience, passing)),
                },
            }
        }
    }

    /// One call, with its time-out.
    pub(crate) async fn in_time<T, F>(&self, call: F) -> Result<T, Trouble>
    where
        F: Future<Output = Result<Response<T>, Status>>,
    {
        let limit = self.settings().call_timeout;
        match timeout(limit, call).await {
            Ok(answer) => Ok(answer?.into_inner()),
            Err(_) => Err(Trouble::passing(format!("no answer within {limit:.1?}"))),
        }
    }

    /// What is told when patience has ended: the refusal, if there was one.
    pub(crate) fn given_up(&self, patience: &Patience, passing: Passing) -> Error {
        let Passing { cause, refusal } = passing;
        refusal.map_or_else(
            || {
                let (tries, tried_for) = (patience.failures(), patience.lasted());
                Unreachable { endpoint: self.0.endpoint.clone(), tries, tried_for, cause }.into()
            },
            Error::Refused,
        )
    }
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Shared { name, endpoint, settings, .. } = &*self.0;
        f.debug_struct("Client")
            .field("endpoint", endpoint)
            .field("name", name)
            .field("settings", settings)
            .finish_non_exhaustive()
    }
}

/// The entries of a list, page by page: `page` takes a token and gives the entries and the next token.
pub(crate) fn pages<T, F>(page: impl Fn(String) -> F + Send) -> impl Stream<Item = Result<T, Error>> + Send
where
    T: Send,
    F: Future<Output = Result<(Vec<T>, String), Error>> + Send,
{
    try_stream! {
        let mut token = String::new();
        loop {
            let (entries, next) = page(token).await?;
            for entry in entries {
                yield entry;
            }
            if next.is_empty() {
                break;
            }
            token = next;
        }
    }
}

/// How one submission of a batch was answered.
fn answered(
    result: Option<v1::batch_submit_jobs_result::Result>,
) -> Result<Result<Submitted, Refusal>, Error> {
    use v1::batch_submit_jobs_result::Result::{Refusal as Refused, Submitted as Accepted};
    match result {
        Some(Accepted(response)) => Ok(Ok(response.try_into()?)),
        Some(Refused(refusal)) => Ok(Err(refusal.into())),
        None => Err(Error::Incomprehensible("neither accepted nor refused".to_owned())),
    }
}

impl From<v1::Refusal> for Refusal {
    fn from(refusal: v1::Refusal) -> Self {
        let v1::Refusal { code, reason, message, violations, retry_after } = refusal;
        let violation =
            |one: v1::FieldViolation| Violation { field: one.field, description: one.description };
        let violations = violations.into_iter().map(violation).collect();
        Self { code, reason, message, violations, retry_delay: crate::job::duration(retry_after) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Task;

    #[test]
    fn outside_of_a_runtime_no_client_is_made() {
        let built = Client::builder("http://127.0.0.1:1").build();
        assert!(matches!(&built, Err(Error::Setup(text)) if text.contains("runtime")), "{built:?}");
    }

    #[tokio::test]
    async fn calls_can_be_made_from_any_task() {
        fn assert_can_be_sent(_: &impl Send) {}
        let client = Client::builder("http://127.0.0.1:1").build().unwrap();
        let job: JobId = format!("spin-{}", "0".repeat(32)).parse().unwrap();
        assert_can_be_sent(&client);
        assert_can_be_sent(&client.submit(Task::fibonacci(1)));
        assert_can_be_sent(&client.submit_all([Task::fibonacci(1)]));
        assert_can_be_sent(&client.run(Task::fibonacci(1)));
        assert_can_be_sent(&client.subscribe(&job));
        assert_can_be_sent(&client.result(&job).integer());
        assert_can_be_sent(&client.result(&job).primes());
        assert_can_be_sent(&client.result(&job).digits());
        assert_can_be_sent(&client.requests());
        assert_can_be_sent(&client.operators().kinds());
    }
}
