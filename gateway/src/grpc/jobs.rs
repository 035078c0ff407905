//! `JobService`.

use abacus_api::v1::{self, job_service_server::JobService};
use abacus_broker::{Conversions, Direction, RequestQuery, SharedBroker, Snapshot, Submitted};
use abacus_chassis::{Refusal, streams::Streams};
use abacus_tasks::{RequestName, Violations};
use futures_util::{StreamExt, stream, stream::BoxStream};
use tonic::{Request, Response, Status};

use super::{job_id, one_wrong, streams as frames, trace_of};
use crate::{
    error::{invalid, no_such_job, refused},
    intake::Intake,
    page_token,
    watch::Watch,
};

/// Most submissions in one batch.
const MAX_BATCH: usize = 1000;

/// How many submissions of a batch are with the broker at once.
const BATCH_CONCURRENCY: usize = 64;

type Stream<T> = BoxStream<'static, Result<T, Status>>;

/// Serves `JobService`.
pub(crate) struct Jobs {
    pub(crate) intake: Intake,
    pub(crate) broker: SharedBroker,
    pub(crate) watch: Watch,
    pub(crate) streams: Streams,
    pub(crate) conversions: Conversions,
}

#[tonic::async_trait]
impl JobService for Jobs {
    async fn submit_job(
        &self,
        request: Request<v1::SubmitJobRequest>,
    ) -> Result<Response<v1::SubmitJobResponse>, Status> {
        let (metadata, _, request) = request.into_parts();
        let submitted = self.intake.submit(request, trace_of(metadata.as_ref())).await?;
        Ok(Response::new(response(&submitted)))
    }

    async fn batch_submit_jobs(
        &self,
        request: Request<v1::BatchSubmitJobsRequest>,
    ) -> Result<Response<v1::BatchSubmitJobsResponse>, Status> {
        let (metadata, _, request) = request.into_parts();
        let count = request.requests.len();
        if !(1..=MAX_BATCH).contains(&count) {
            let description = format!("has {count} submissions; must have 1 to {MAX_BATCH}");
            return Err(one_wrong("requests", description).into());
        }
        let trace = trace_of(metadata.as_ref());
        let results = stream::iter(request.requests)
            .map(|request| async move {
                let result = match self.intake.submit(request, trace).await {
                    Ok(submitted) => v1::batch_submit_jobs_result::Result::Submitted(response(&submitted)),
                    Err(refusal) => v1::batch_submit_jobs_result::Result::Refusal(told(&refusal)),
                };
                v1::BatchSubmitJobsResult { result: Some(result) }
            })
            .buffered(BATCH_CONCURRENCY)
            .collect()
            .await;
        Ok(Response::new(v1::BatchSubmitJobsResponse { results }))
    }

    type RunJobStream = Stream<v1::RunJobResponse>;

    async fn run_job(
        &self,
        request: Request<v1::RunJobRequest>,
    ) -> Result<Response<Self::RunJobStream>, Status> {
        let admission = self.streams.admit(request.metadata().as_ref())?;
        let (metadata, _, request) = request.into_parts();
        let trace = trace_of(metadata.as_ref());
        let (submitted, subscription) = frames::submit_and_follow(&self.intake, request, trace).await?;
        let stream = frames::run(response(&submitted), self.watch.clone(), subscription);
        Ok(Response::new(admission.bind(stream).boxed()))
    }

    async fn get_job(
        &self,
        request: Request<v1::GetJobRequest>,
    ) -> Result<Response<v1::GetJobResponse>, Status> {
        let snapshot = self.snapshot(&request.get_ref().job).await?;
        Ok(Response::new(v1::GetJobResponse { job: Some((&snapshot).into()) }))
    }

    async fn list_requests(
        &self,
        request: Request<v1::ListRequestsRequest>,
    ) -> Result<Response<v1::ListRequestsResponse>, Status> {
        let v1::ListRequestsRequest { client, page_size, page_token } = request.into_inner();
        let mut violations = Violations::new();
        let limit = page_token::page_size(page_size, &mut violations);
        let parsed = client.parse().map_err(|malformed| violations.push("client", format!("{malformed}")));
        let (Ok(name), true) = (parsed, violations.is_empty()) else {
            return Err(invalid(violations).into());
        };

        let list = format!("clients/{client}/requests");
        let after = page_token::read(&list, &page_token)?;
        let query = RequestQuery { client: name, after, direction: Direction::NewestFirst, limit };
        let page = self.broker.requests(&query).await.map_err(refused)?;
        Ok(Response::new(v1::ListRequestsResponse {
            requests: page.entries.iter().map(Into::into).collect(),
            next_page_token: page_token::issue(&list, page.next),
        }))
    }

    async fn cancel_request(
        &self,
        request: Request<v1::CancelRequestRequest>,
    ) -> Result<Response<v1::CancelRequestResponse>, Status> {
        let name: RequestName =
            request.get_ref().name.parse().map_err(|malformed| one_wrong("name", format!("{malformed}")))?;
        let record = self.broker.cancel(&name).await.map_err(refused)?;
        tracing::info!(job.id = %record.job, client = %name.client, request = %name.id, "request cancelled");
        let snapshot = self.broker.snapshot(&record.job).await.map_err(refused)?;
        Ok(Response::new(v1::CancelRequestResponse {
            request: Some((&record).into()),
            job: snapshot.as_ref().map(Snapshot::to_brief),
        }))
    }

    type SubscribeResultsStream = Stream<v1::SubscribeResultsResponse>;

    async fn subscribe_results(
        &self,
        request: Request<v1::SubscribeResultsRequest>,
    ) -> Result<Response<Self::SubscribeResultsStream>, Status> {
        let admission = self.streams.admit(request.metadata().as_ref())?;
        let stream = frames::subscribe(&self.watch, request.into_inner()).await?;
        Ok(Response::new(admission.bind(stream).boxed()))
    }

    type ReadResultStream = Stream<v1::ReadResultResponse>;

    async fn read_result(
        &self,
        request: Request<v1::ReadResultRequest>,
    ) -> Result<Response<Self::ReadResultStream>, Status> {
        let admission = self.streams.admit(request.metadata().as_ref())?;
        let stream =
            frames::read_result(self.broker.clone(), request.into_inner(), self.conversions.clone()).await?;
        Ok(Response::new(admission.bind(stream).boxed()))
    }
}

impl Jobs {
    /// What is known about the job with this id.
    ///
    /// # Errors
    /// `INVALID_FIELD`, `JOB_NOT_FOUND`, `BROKER_UNAVAILABLE`.
    pub(crate) async fn snapshot(&self, job: &str) -> Result<Snapshot, Refusal> {
        let id = job_id(job)?;
        let snapshot = self.broker.snapshot(&id).await.map_err(refused)?;
        snapshot.ok_or_else(|| no_such_job(id.as_str()))
    }
}

/// The answer to a submission.
pub(crate) fn response(submitted: &Submitted) -> v1::SubmitJobResponse {
    v1::SubmitJobResponse {
        request: Some((&submitted.request).into()),
        job: Some(submitted.snapshot.to_brief()),
    }
}

/// A refusal as a part of an answer.
fn told(refusal: &Refusal) -> v1::Refusal {
    v1::Refusal {
        code: refusal.reason().code().into(),
        reason: refusal.reason().name().to_owned(),
        message: refusal.message().to_owned(),
        violations: refusal
            .violations()
            .map(|(field, description)| v1::FieldViolation {
                field: field.to_owned(),
                description: description.to_owned(),
            })
            .collect(),
        retry_after: refusal.retry_delay().and_then(|delay| delay.try_into().ok()),
    }
}
