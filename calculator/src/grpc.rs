//! `WorkerService`: shows the worker, drains it, computes past the queue and the cache.

mod message;

use std::sync::Arc;

use abacus_api::v1::{
    CalculateRequest, CalculateResponse, DrainRequest, DrainResponse, GetWorkerRequest, GetWorkerResponse,
    worker_service_server,
};
use abacus_chassis::{
    Reason, Refusal,
    streams::{Bound, Streams},
};
use abacus_tasks::{Lane, Limits, Run, Task, Violations};
use futures_util::{Stream, StreamExt as _, stream};
use tonic::{Request, Response, Status};

use self::message::Writer;
use crate::{
    compute::Stored,
    handover::{Computation, Event, Handover},
    slots::Slot,
    worker::Worker,
};

/// The service's full name.
pub(crate) const NAME: &str = worker_service_server::SERVICE_NAME;

/// The door of a worker.
pub(crate) struct Service {
    pub(crate) worker: Arc<Worker>,
    pub(crate) limits: Limits,
    pub(crate) streams: Streams,
}

impl Service {
    /// The service as tonic serves it, with this bound on request messages.
    pub(crate) fn into_server(
        self,
        max_message_bytes: usize,
    ) -> worker_service_server::WorkerServiceServer<Self> {
        worker_service_server::WorkerServiceServer::new(self).max_decoding_message_size(max_message_bytes)
    }

    /// A slot for a task of this lane, at once or not at all.
    fn slot(&self, lane: Lane) -> Result<Slot, Refusal> {
        if self.worker.status.drain().is_cancelled() {
            let message = "this worker is draining; ask another one, or submit the task as a job";
            return Err(Refusal::new(Reason::WorkerDraining, message));
        }
        self.worker.slots.take(lane).ok_or_else(|| {
            let message =
                "every slot of the task's lane is busy; ask again later, or submit the task as a job";
            Refusal::new(Reason::NoFreeSlot, message).quota("slots", format!("the slots of the lane {lane}"))
        })
    }
}

#[tonic::async_trait]
impl worker_service_server::WorkerService for Service {
    async fn get_worker(&self, _: Request<GetWorkerRequest>) -> Result<Response<GetWorkerResponse>, Status> {
        let worker = Some((&self.worker.status.record()).into());
        Ok(Response::new(GetWorkerResponse { worker }))
    }

    async fn drain(&self, request: Request<DrainRequest>) -> Result<Response<DrainResponse>, Status> {
        let (asked, here) = (&request.get_ref().worker, &self.worker.status.identity().id);
        if !asked.is_empty() && asked != here.as_str() {
            let message = "another worker listens here by now; ListWorkers tells those that are alive";
            return Err(Refusal::new(Reason::WorkerNotFound, message).resource("worker", asked).into());
        }
        let handed_back = self.worker.drain().await;
        let worker = Some((&self.worker.status.record()).into());
        Ok(Response::new(DrainResponse { worker, handed_back }))
    }

    type CalculateStream = Bound<CalculateResponse, Status>;

    async fn calculate(
        &self,
        request: Request<CalculateRequest>,
    ) -> Result<Response<Self::CalculateStream>, Status> {
        let admission = self.streams.admit(request.metadata().as_ref())?;
        let task = request.into_inner().task.unwrap_or_default();
        let task = Task::check(task, &self.limits).map_err(|violations| invalid(&violations))?;
        let slot = self.slot(Lane::of(&task.cost()))?;
        let writer = Writer::new(&task.content());
        let body = Box::new(move |run: &mut dyn Run, _: &Arc<Handover>| task.run(run));
        let computation = self.worker.compute.begin(slot, Stored::default(), body);
        Ok(Response::new(admission.bind(messages(computation, writer).map(Ok))))
    }
}

/// The messages of a computation, which stops when they are dropped.
fn messages(
    computation: Computation,
    writer: Writer,
) -> impl Stream<Item = CalculateResponse> + Send + 'static {
    let batches = stream::unfold(Some((computation, writer)), async |running| {
        let (computation, mut writer) = running?;
        let event = computation.next().await;
        let ended = matches!(event, Event::Ended(_) | Event::Interrupted(_));
        let batch = writer.messages(event);
        Some((batch, (!ended).then_some((computation, writer))))
    });
    batches.flat_map(stream::iter)
}

fn invalid(violations: &Violations) -> Refusal {
    let refusal = Refusal::new(Reason::InvalidField, "the task is not valid; mend the fields named");
    violations.iter().fold(refusal, |refusal, violation| {
        refusal.violation(violation.field.clone(), violation.description.clone())
    })
}
