//! A subscriber as the contract asks for: whatever ends its stream before the terminal frame, it subscribes again with
//! its last cursor.

use std::time::Duration;

use abacus_api::v1::{self, frame::Event, job_service_client::JobServiceClient};
use tokio::time::{sleep, timeout};
use tonic::{Code, Status, Streaming, transport::Channel};

use super::{Apart, PACE, channel, running::Running};
use crate::follow::{chunks, contiguous, reason, subscription, summary};

/// The longest time without news: a lease that runs out, and a busy machine.
const SILENCE: Duration = Duration::from_secs(30);

pub(super) struct Subscriber {
    jobs: JobServiceClient<Channel>,
    request: v1::SubscribeResultsRequest,
    stream: Option<Streaming<v1::SubscribeResultsResponse>>,
    /// All frames so far.
    pub(super) frames: Vec<v1::Frame>,
    /// How often the stream had to be resumed.
    pub(super) cuts: usize,
}

impl Subscriber {
    pub(super) fn new(mesh: &Apart, request: v1::SubscribeResultsRequest) -> Self {
        Self { jobs: mesh.jobs(), request, stream: None, frames: Vec::new(), cuts: 0 }
    }

    /// Of one job.
    pub(super) fn of(mesh: &Apart, job: &str) -> Self {
        Self::new(mesh, subscription(job))
    }

    /// Goes on at another gateway.
    pub(super) fn move_to(&mut self, gateway: &Running) {
        self.jobs = JobServiceClient::new(channel(gateway));
        self.stream = None;
        self.cuts += 1;
    }

    /// The next frame that tells something, from this stream or from one that resumes it.
    pub(super) async fn next(&mut self) -> &v1::Frame {
        let frame = timeout(SILENCE, self.news()).await.expect("a frame, in time");
        self.frames.push(frame);
        self.frames.last().unwrap()
    }

    /// Reads on to the chunk of this number, at least.
    pub(super) async fn chunk(&mut self, index: u32) {
        while !matches!(&self.next().await.event, Some(Event::Chunk(chunk)) if chunk.index >= index) {}
    }

    /// Reads on to the terminal frame. Checks that there is one and nothing after it, that the chunks have neither gap
    /// nor repeat, and that their bytes are those that the summary tells of.
    pub(super) async fn end(&mut self) -> Vec<u8> {
        while !matches!(self.next().await.event, Some(Event::Terminal(_))) {}
        let mut stream = self.stream.take().unwrap();
        assert_eq!(stream.message().await.unwrap(), None, "the terminal frame is the last one");
        let terminals = self.frames.iter().filter(|frame| matches!(frame.event, Some(Event::Terminal(_))));
        assert_eq!(terminals.count(), 1);
        let bytes = contiguous(&chunks(&self.frames));
        assert_eq!(summary(&self.frames).bytes, bytes.len() as u64);
        bytes
    }

    /// The failures of attempts it was told of, each with the number of chunks that had come before.
    pub(super) fn retries(&self) -> Vec<(String, usize)> {
        let mut chunks = 0;
        let mut retries = Vec::new();
        for frame in &self.frames {
            match frame.event.as_ref().unwrap() {
                Event::Chunk(_) => chunks += 1,
                Event::Retrying(retrying) => {
                    retries.push((retrying.failure.clone().unwrap().reason, chunks));
                }
                _ => {}
            }
        }
        retries
    }

    async fn news(&mut self) -> v1::Frame {
        loop {
            let frame = self.resumed().await;
            self.request.cursor.clone_from(&frame.cursor);
            if !matches!(frame.event, Some(Event::Heartbeat(_))) {
                return frame;
            }
        }
    }

    async fn resumed(&mut self) -> v1::Frame {
        loop {
            let Some(stream) = &mut self.stream else {
                match self.jobs.subscribe_results(self.request.clone()).await {
                    Ok(response) => self.stream = Some(response.into_inner()),
                    Err(status) => try_again(status).await,
                }
                continue;
            };
            match stream.message().await {
                Ok(Some(message)) => return message.frame.unwrap(),
                Ok(None) => {}
                Err(status) => try_again(status).await,
            }
            self.stream = None;
            self.cuts += 1;
        }
    }
}

/// Waits a moment after what may pass: a cut, or a refusal to be repeated. Any other refusal is a fault.
pub(super) async fn try_again(status: Status) {
    assert!(status.code() == Code::Unavailable || reason(&status).is_empty(), "{status:?}");
    sleep(PACE).await;
}
