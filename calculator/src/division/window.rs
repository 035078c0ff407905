//! The parts of one task that are asked for ahead, as jobs like any other: whoever is free computes them.
//!
//! Only a window of them is asked for, some for each slot of the mesh, so that neither the queue nor the broker's memory
//! holds more than the task can soon use. What is left of it when the attempt ends is not wanted any more.

use std::{
    collections::VecDeque,
    sync::Arc,
    time::{Duration, Instant},
};

use abacus_broker::{Broker, LeaseKey, SharedBroker, Submission, WorkerState};
use abacus_tasks::{ClientName, JobId, Lane, Parts, RequestName, State, Task};
use tokio::{runtime::Handle, time::timeout};
use uuid::Uuid;

use crate::worker::Worker;

/// Parts asked for ahead for each long slot of the mesh: one that is computed, and one to go on with.
const PER_SLOT: usize = 2;

/// The most parts that are asked for ahead, however many slots there are.
const MOST: usize = 512;

/// For how long the number of slots counts as known.
const KNOWN: Duration = Duration::from_secs(5);

/// A part that will be needed.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) task: Task,
    /// The request for it; `None` when nothing was asked: its result is at hand, or the broker refused.
    request: Option<RequestName>,
}

/// What is asked for ahead.
pub(super) struct Window {
    worker: Arc<Worker>,
    runtime: Handle,
    /// The attempt that needs the parts.
    parent: LeaseKey,
    trace: String,
    coming: Option<Parts>,
    asked: VecDeque<Asked>,
    bound: usize,
    /// When the bound was found out.
    known: Option<Instant>,
}

impl Window {
    /// An empty window, of an attempt and its trace.
    pub(super) fn new(worker: &Arc<Worker>, runtime: Handle, parent: LeaseKey, trace: String) -> Self {
        let (worker, asked) = (Arc::clone(worker), VecDeque::new());
        Self { worker, runtime, parent, trace, coming: None, asked, bound: PER_SLOT, known: None }
    }

    /// Announces what will be needed.
    pub(super) fn announce(&mut self, parts: Parts) {
        self.coming = Some(parts);
    }

    /// The parts that were asked for and come later, the next one first.
    pub(super) fn ahead(&self) -> impl Iterator<Item = &Task> {
        self.asked.iter().map(|asked| &asked.task)
    }

    /// The next part, which is this one, whether it was asked for or not.
    pub(super) fn next(&mut self, part: &Task) -> Asked {
        let coming = || self.coming.as_mut()?.next().map(|task| Asked { task, request: None });
        let next = self.asked.pop_front().or_else(coming);
        next.filter(|next| next.task == *part).unwrap_or_else(|| Asked { task: part.clone(), request: None })
    }

    /// Asks for further parts until the window is full or the broker refuses.
    ///
    /// # Cancel safety
    /// Whatever was asked for is known.
    pub(super) async fn refill(&mut self) {
        self.find_bound().await;
        while self.asked.len() < self.bound {
            let Some(task) = self.coming.as_mut().and_then(Iterator::next) else { return };
            if self.worker.shelf.get(task.job()).is_some() {
                self.asked.push_back(Asked { task, request: None });
            } else if !self.ask(task).await {
                return;
            }
        }
    }

    async fn ask(&mut self, task: Task) -> bool {
        let name = RequestName { client: ClientName::parts(), id: Uuid::new_v4() };
        let submission = Submission {
            task: task.clone(),
            lane: Lane::Long,
            client: name.client.clone(),
            request_id: Some(name.id),
            // Nobody would compute it; this worker does.
            reject_if_suspended: true,
            trace: self.trace.clone(),
        };
        // Noted first, so that it is not forgotten if this is dropped in between.
        self.asked.push_back(Asked { task, request: Some(name) });
        let submitted = self.worker.broker.submit(submission).await;
        if let (Err(error), Some(asked)) = (&submitted, self.asked.back_mut()) {
            tracing::debug!(job.id = %asked.task.job(), cause = %error, "a part cannot be asked for");
            asked.request = None;
        }
        submitted.is_ok()
    }

    /// Two parts for each long slot of those that compute this kind.
    async fn find_bound(&mut self) {
        if self.known.is_some_and(|known| known.elapsed() < KNOWN) {
            return;
        }
        self.known = Some(Instant::now());
        let Ok(workers) = self.worker.broker.workers().await else { return };
        let kind = self.parent.job.kind();
        let serving = workers.iter().filter(|worker| {
            worker.state == WorkerState::Serving && worker.kinds.iter().any(|one| one == kind)
        });
        let lanes = serving.flat_map(|worker| &worker.lanes).filter(|slots| slots.lane == Lane::Long);
        let slots: usize = lanes.map(|slots| usize::try_from(slots.slots).unwrap_or(MOST)).sum();
        self.bound = (PER_SLOT * slots).clamp(PER_SLOT, MOST);
    }

    /// Says that a part is not needed any more.
    pub(super) fn leave(&mut self, asked: Asked) {
        self.detach(vec![asked]);
    }

    fn detach(&self, asked: Vec<Asked>) {
        let requests = asked.into_iter().filter_map(|asked| Some((asked.task.job().clone(), asked.request?)));
        let requests: Vec<_> = requests.collect();
        if requests.is_empty() {
            return;
        }
        let _runtime = self.runtime.enter();
        let broker = Arc::clone(&self.worker.broker);
        let detached = detach(Arc::clone(&broker), self.parent.job.clone(), requests);
        self.worker.life.track("parts", async move {
            // What is not detached by then is computed for nobody, and kept for the next task that needs it.
            let _ = timeout(broker.terms().lease, detached).await;
        });
    }
}

/// An attempt that ends before it needs all that it asked for.
impl Drop for Window {
    fn drop(&mut self) {
        let asked = std::mem::take(&mut self.asked);
        self.detach(asked.into());
    }
}

/// Detaches requests from their jobs. While the task itself is still wanted, its next attempt goes on with what was
/// begun: only what waits is given up.
async fn detach(broker: SharedBroker, parent: JobId, requests: Vec<(JobId, RequestName)>) {
    let wanted = state(&*broker, &parent).await.is_some_and(|state| !state.is_terminal());
    for (job, request) in requests {
        if wanted && state(&*broker, &job).await == Some(State::Running) {
            continue;
        }
        if let Err(error) = broker.cancel(&request).await {
            tracing::debug!(job.id = %job, cause = %error, "a part is computed for nobody");
        }
    }
}

async fn state(broker: &dyn Broker, job: &JobId) -> Option<State> {
    broker.snapshot(job).await.ok().flatten().map(|snapshot| snapshot.state)
}
