//! What all watches of a process share, and the questions that they ask the broker through it.

use abacus_broker::{Clock, Conversions, RequestRecord, SharedBroker, Snapshot};
use abacus_chassis::Refusal;
use abacus_tasks::JobId;

use crate::config::Settings;
use crate::error;
use crate::patience::ask;
use crate::watchers::Watchers;

/// What all watches of a process share.
pub(crate) struct Desk {
    pub(crate) broker: SharedBroker,
    pub(crate) watchers: Watchers,
    pub(crate) conversions: Conversions,
    pub(crate) settings: Settings,
}

impl Desk {
    pub(super) async fn snapshot(&self, job: &JobId) -> Result<Option<Snapshot>, Refusal> {
        let answer = ask(self.settings.broker_patience, || self.broker.snapshot(job)).await;
        answer.map_err(error::broker)
    }

    /// Whether a request may have been noted in its client's list just before its job is made, which are two steps
    /// where they lie on different servers. An older one whose job is missing was forgotten, or never made.
    pub(super) fn is_young(&self, request: &RequestRecord) -> bool {
        let (now, asked) = (Clock::system().now(), request.create_time);
        // The clocks of servers differ, in both directions.
        now.since(asked).max(asked.since(now)) < self.settings.broker_patience
    }
}
