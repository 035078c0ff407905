//! Many tasks with known results, submitted until they are accepted and followed until each has ended.

use std::{cell::Cell, collections::HashMap};

use abacus_api::v1::{
    self, frame::Event, job_service_client::JobServiceClient, subscribe_results_request::Target, task::Task,
};
use futures_util::{StreamExt, stream};
use tonic::transport::Channel;

use super::{
    Apart, eventually,
    subscriber::{Subscriber, try_again},
};
use crate::follow::{asked, bytes_of};

/// How many submissions are on their way at once.
const AT_ONCE: usize = 8;

/// Tasks, each with the text of its result, and how far their submission is.
pub(super) struct Orders {
    jobs: JobServiceClient<Channel>,
    client: &'static str,
    tasks: Vec<(Task, String)>,
    accepted: Cell<usize>,
    refused: Cell<usize>,
}

impl Orders {
    /// Of a client who asks for nothing else.
    pub(super) fn new(mesh: &Apart, client: &'static str, tasks: Vec<(Task, String)>) -> Self {
        Self { jobs: mesh.jobs(), client, tasks, accepted: Cell::new(0), refused: Cell::new(0) }
    }

    /// Submits all tasks, each until it is accepted, and tells the results to expect of their jobs.
    pub(super) async fn submit(&self) -> HashMap<String, String> {
        let submissions = self.tasks.iter().enumerate().map(async |(number, (task, result))| {
            let job = self.submit_one(number, task.clone()).await;
            (job, result.clone())
        });
        stream::iter(submissions).buffer_unordered(AT_ONCE).collect().await
    }

    /// Waits until so many are accepted.
    pub(super) async fn accepted(&self, count: usize) {
        eventually("tasks are accepted", async || (self.accepted.get() >= count).then_some(())).await;
    }

    /// Waits until one more is accepted.
    pub(super) async fn next_accepted(&self) {
        self.accepted(self.accepted.get() + 1).await;
    }

    /// Waits until one was refused, or its submission was cut.
    pub(super) async fn refused(&self) {
        eventually("a task is refused", async || (self.refused.get() > 0).then_some(())).await;
    }

    /// Who follows the client.
    pub(super) fn subscriber(&self, mesh: &Apart) -> Subscriber {
        let target = Some(Target::Client(self.client.to_owned()));
        Subscriber::new(mesh, v1::SubscribeResultsRequest { target, ..Default::default() })
    }

    /// Follows the client until all of its jobs have ended, each once, and tells their results.
    pub(super) async fn results(&self, subscriber: &mut Subscriber) -> HashMap<String, String> {
        let (mut results, mut ended) = (HashMap::<String, Vec<u8>>::new(), HashMap::new());
        while ended.len() < self.tasks.len() {
            let frame = subscriber.next().await;
            let result = results.entry(frame.job.clone()).or_default();
            match frame.event.as_ref().unwrap() {
                Event::Chunk(chunk) => {
                    assert_eq!(chunk.offset, result.len() as u64, "a gap or a repeat in {}", frame.job);
                    result.extend(bytes_of(chunk));
                }
                Event::Terminal(terminal) => {
                    let before = ended.insert(frame.job.clone(), terminal.state());
                    assert_eq!(before, None, "{} has ended before", frame.job);
                }
                _ => {}
            }
        }
        let text = |(job, state)| {
            assert_eq!(state, v1::JobState::Succeeded, "{job}");
            let text = String::from_utf8(results.remove(&job).unwrap()).unwrap();
            (job, text)
        };
        ended.into_iter().map(text).collect()
    }

    /// Submits a task again and again with one request id, which makes all of it one call.
    async fn submit_one(&self, number: usize, task: Task) -> String {
        let request_id = format!("00000000-0000-4000-8000-{number:012x}");
        let request = v1::SubmitJobRequest { request_id, ..asked(task, self.client) };
        loop {
            match self.jobs.clone().submit_job(request.clone()).await {
                Ok(response) => {
                    self.accepted.set(self.accepted.get() + 1);
                    return response.into_inner().job.unwrap().id;
                }
                Err(status) => {
                    self.refused.set(self.refused.get() + 1);
                    try_again(status).await;
                }
            }
        }
    }
}
