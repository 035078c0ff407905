//! Holding an answer back until a job has ended, for callers who would rather wait than ask again.

use std::time::Duration;

use abacus_api::v1::{self, frame::Event, job_service_server::JobService, subscribe_results_request::Target};
use abacus_broker::Snapshot;
use futures_util::StreamExt;
use http::HeaderMap;

use super::{Rest, incoming::call};

impl Rest {
    /// Whether the job has ended, within this time. A caller whose job was accepted is told of that, whatever happens to
    /// the waiting: when it cannot go on it is over early.
    pub(super) async fn ends_within(&self, time: Duration, snapshot: &Snapshot, headers: &HeaderMap) -> bool {
        if snapshot.state.is_terminal() {
            return true;
        }
        let ending = self.end(snapshot, headers);
        tokio::time::timeout(time, ending).await.unwrap_or_default()
    }

    /// Waits for the terminal frame; false when the stream ends without.
    async fn end(&self, snapshot: &Snapshot, headers: &HeaderMap) -> bool {
        let subscription = v1::SubscribeResultsRequest {
            target: Some(Target::Job(snapshot.job.to_string())),
            metadata_only: true,
            ..v1::SubscribeResultsRequest::default()
        };
        let Ok(frames) = self.jobs.subscribe_results(call(headers, subscription)).await else { return false };
        let mut frames = frames.into_inner();
        while let Some(Ok(message)) = frames.next().await {
            let event = message.frame.and_then(|frame| frame.event);
            if matches!(event, Some(Event::Terminal(_))) {
                return true;
            }
        }
        false
    }
}
