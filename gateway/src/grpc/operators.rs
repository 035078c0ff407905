//! `OperatorService`.

use std::collections::BTreeMap;

use abacus_api::v1::{
    self, operator_service_server::OperatorService, worker_service_client::WorkerServiceClient,
};
use abacus_broker::{KindRecord, SharedBroker, Snapshot, Stats, WorkerRecord};
use abacus_chassis::{Reason, Refusal, channel, config::peer};
use abacus_tasks::{Violations, WorkerId, kinds};
use tonic::{Request, Response, Status};

use super::{job_id, one_wrong};
use crate::{
    error::{invalid, refused},
    page_token,
};

/// From how many failed attempts in a row on a kind is shown as in error.
const FAILING: u32 = 3;

/// The list of dead letters, to its page tokens.
const DEAD_LIST: &str = "dead";

/// Serves `OperatorService`.
pub(crate) struct Operators {
    pub(crate) broker: SharedBroker,
}

#[tonic::async_trait]
impl OperatorService for Operators {
    async fn list_kinds(
        &self,
        _: Request<v1::ListKindsRequest>,
    ) -> Result<Response<v1::ListKindsResponse>, Status> {
        let kinds = self.kinds().await?;
        Ok(Response::new(v1::ListKindsResponse { kinds }))
    }

    async fn suspend_kind(
        &self,
        request: Request<v1::SuspendKindRequest>,
    ) -> Result<Response<v1::SuspendKindResponse>, Status> {
        let kind = known_kind(&request.get_ref().kind)?;
        self.broker.set_suspended(kind, true).await.map_err(refused)?;
        tracing::info!(kind, "kind suspended");
        Ok(Response::new(v1::SuspendKindResponse { kind: self.kind(kind).await? }))
    }

    async fn resume_kind(
        &self,
        request: Request<v1::ResumeKindRequest>,
    ) -> Result<Response<v1::ResumeKindResponse>, Status> {
        let kind = known_kind(&request.get_ref().kind)?;
        self.broker.set_suspended(kind, false).await.map_err(refused)?;
        tracing::info!(kind, "kind resumed");
        Ok(Response::new(v1::ResumeKindResponse { kind: self.kind(kind).await? }))
    }

    async fn list_workers(
        &self,
        _: Request<v1::ListWorkersRequest>,
    ) -> Result<Response<v1::ListWorkersResponse>, Status> {
        let workers = self.broker.workers().await.map_err(refused)?;
        Ok(Response::new(v1::ListWorkersResponse { workers: workers.iter().map(Into::into).collect() }))
    }

    async fn drain_worker(
        &self,
        request: Request<v1::DrainWorkerRequest>,
    ) -> Result<Response<v1::DrainWorkerResponse>, Status> {
        let text = &request.get_ref().worker;
        let id: WorkerId = text.parse().map_err(|malformed| one_wrong("worker", format!("{malformed}")))?;
        let workers = self.broker.workers().await.map_err(refused)?;
        let worker = workers.iter().find(|worker| worker.id == id).ok_or_else(|| {
            let message = "no such worker is alive; ListWorkers tells those that are";
            Refusal::new(Reason::WorkerNotFound, message).resource("worker", id.as_str())
        })?;
        let address = peer(&format!("http://{}", worker.address)).map_err(|problem| {
            Refusal::new(Reason::Internal, "the worker has announced an address that cannot be used")
                .caused_by(problem)
        })?;
        let mut client = WorkerServiceClient::new(channel::channel(address));
        let response = client
            .drain(v1::DrainRequest { worker: id.to_string() })
            .await
            .map_err(|status| channel::relayed("worker", status))?;
        let v1::DrainResponse { worker, handed_back } = response.into_inner();
        tracing::info!(worker = %id, handed_back, "worker drained");
        Ok(Response::new(v1::DrainWorkerResponse { worker }))
    }

    async fn list_dead_jobs(
        &self,
        request: Request<v1::ListDeadJobsRequest>,
    ) -> Result<Response<v1::ListDeadJobsResponse>, Status> {
        let v1::ListDeadJobsRequest { page_size, page_token } = request.into_inner();
        let mut violations = Violations::new();
        let limit = page_token::page_size(page_size, &mut violations);
        violations.into_result(()).map_err(invalid)?;
        let after = page_token::read(DEAD_LIST, &page_token)?;
        let page = self.broker.dead(after, limit).await.map_err(refused)?;
        Ok(Response::new(v1::ListDeadJobsResponse {
            jobs: page.entries.iter().map(Snapshot::to_brief).collect(),
            next_page_token: page_token::issue(DEAD_LIST, page.next),
        }))
    }

    async fn retry_job(
        &self,
        request: Request<v1::RetryJobRequest>,
    ) -> Result<Response<v1::RetryJobResponse>, Status> {
        let id = job_id(&request.get_ref().job)?;
        let snapshot = self.broker.retry(&id).await.map_err(refused)?;
        tracing::info!(job.id = %id, kind = id.kind(), "job retried by an operator");
        Ok(Response::new(v1::RetryJobResponse { job: Some(snapshot.to_brief()) }))
    }

    async fn get_stats(
        &self,
        _: Request<v1::GetStatsRequest>,
    ) -> Result<Response<v1::GetStatsResponse>, Status> {
        let stats = self.broker.stats().await.map_err(refused)?;
        let workers = self.broker.workers().await.map_err(refused)?;
        Ok(Response::new(v1::GetStatsResponse {
            queues: stats.queues.iter().map(Into::into).collect(),
            counters: Some((&stats.counters).into()),
            kept_jobs: stats.kept_jobs,
            kept_bytes: stats.kept_bytes,
            workers: u32::try_from(workers.len()).unwrap_or(u32::MAX),
        }))
    }
}

impl Operators {
    /// Every kind, in the order of the contract.
    async fn kinds(&self) -> Result<Vec<v1::Kind>, Status> {
        let records = self.broker.kinds().await.map_err(refused)?;
        let records = records.iter().map(|record| (record.kind.as_str(), record)).collect();
        let workers = self.broker.workers().await.map_err(refused)?;
        let stats = self.broker.stats().await.map_err(refused)?;
        Ok(kinds::all().iter().map(|kind| shown(kind, &records, &workers, &stats)).collect())
    }

    async fn kind(&self, name: &str) -> Result<Option<v1::Kind>, Status> {
        Ok(self.kinds().await?.into_iter().find(|kind| kind.name == name))
    }
}

fn shown(
    kind: &kinds::Description,
    records: &BTreeMap<&str, &KindRecord>,
    workers: &[WorkerRecord],
    stats: &Stats,
) -> v1::Kind {
    let serving = workers.iter().filter(|worker| worker.kinds.iter().any(|name| name == kind.name)).count();
    let queues = || stats.queues.iter().filter(|queue| queue.kind == kind.name);
    let shown_as = match records.get(kind.name) {
        Some(record) if record.suspended => v1::KindStatus::Suspended,
        _ if serving == 0 => v1::KindStatus::Queue,
        Some(record) if record.failures_in_a_row >= FAILING => v1::KindStatus::Error,
        _ => v1::KindStatus::Active,
    };
    v1::Kind {
        name: kind.name.to_owned(),
        summary: kind.summary.to_owned(),
        status: shown_as.into(),
        example: Some((kind.example)()),
        workers: u32::try_from(serving).unwrap_or(u32::MAX),
        queued: queues().map(|queue| queue.queued).sum(),
        running: queues().map(|queue| queue.running).sum(),
    }
}

fn known_kind(name: &str) -> Result<&'static str, Refusal> {
    kinds::find(name).map(|kind| kind.name).ok_or_else(|| {
        let names: Vec<_> = kinds::all().iter().map(|kind| kind.name).collect();
        one_wrong("kind", format!("is no kind of task; there are: {}", names.join(", ")))
    })
}
