//! What the worker tells of itself, and whether its claim loops are alive.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

use abacus_broker::{Clock, Timestamp, WorkerRecord, WorkerState};
use abacus_tasks::{Lane, WorkerId};
use tokio_util::sync::CancellationToken;

use crate::slots::Slots;

/// What is fixed about a worker.
#[derive(Debug)]
pub(crate) struct Identity {
    /// Its id.
    pub(crate) id: WorkerId,
    /// Where its gRPC service can be reached: `host:port`.
    pub(crate) address: String,
    /// The kinds it computes.
    pub(crate) kinds: Vec<String>,
}

/// A worker's view of itself.
#[derive(Debug)]
pub(crate) struct Status {
    identity: Identity,
    clock: Clock,
    start_time: Timestamp,
    slots: Slots,
    drain: CancellationToken,
    turns: Turns,
    finished: AtomicU64,
    /// When the broker last heard of it, in milliseconds.
    heartbeat: AtomicU64,
}

/// When each claim loop last began a turn.
#[derive(Debug)]
struct Turns {
    origin: Instant,
    /// Milliseconds after the origin, by lane.
    last: [AtomicU64; 3],
    /// A loop without a turn for longer than this is stuck.
    patience: Duration,
}

impl Status {
    /// The status of a worker that starts now, drains once `drain` fires, and is stuck when a lane that has slots
    /// has had no turn for longer than `patience`.
    pub(crate) fn new(
        identity: Identity,
        slots: Slots,
        clock: Clock,
        (drain, patience): (CancellationToken, Duration),
    ) -> Self {
        let turns = Turns { origin: Instant::now(), last: Default::default(), patience };
        let start_time = clock.now();
        let (finished, heartbeat) = (AtomicU64::new(0), AtomicU64::new(start_time.as_millis()));
        Self { identity, clock, start_time, slots, drain, turns, finished, heartbeat }
    }

    /// What is fixed about the worker.
    pub(crate) fn identity(&self) -> &Identity {
        &self.identity
    }

    /// Fires when the worker begins to drain.
    pub(crate) fn drain(&self) -> &CancellationToken {
        &self.drain
    }

    /// Notes that the lane's claim loop begins a turn.
    pub(crate) fn turn(&self, lane: Lane) {
        let now = u64::try_from(self.turns.origin.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.turns.last[lane as usize].store(now, Ordering::Relaxed);
    }

    /// Counts a job that reached its end here.
    pub(crate) fn count_finished(&self) {
        self.finished.fetch_add(1, Ordering::Relaxed);
    }

    /// Notes that the broker has just heard of this worker.
    pub(crate) fn announced(&self) {
        self.heartbeat.store(self.clock.now().as_millis(), Ordering::Relaxed);
    }

    /// Whether it takes jobs.
    pub(crate) fn state(&self) -> WorkerState {
        if self.drain.is_cancelled() {
            WorkerState::Draining
        } else if self.slots.lanes().any(|lane| self.is_stuck(lane)) {
            WorkerState::Stuck
        } else {
            WorkerState::Serving
        }
    }

    /// All of it.
    pub(crate) fn record(&self) -> WorkerRecord {
        let Identity { id, address, kinds } = &self.identity;
        WorkerRecord {
            id: id.clone(),
            address: address.clone(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            kinds: kinds.clone(),
            lanes: self.slots.load(),
            state: self.state(),
            start_time: self.start_time,
            heartbeat_time: Timestamp::from_millis(self.heartbeat.load(Ordering::Relaxed)),
            finished: self.finished.load(Ordering::Relaxed),
        }
    }

    fn is_stuck(&self, lane: Lane) -> bool {
        let last = Duration::from_millis(self.turns.last[lane as usize].load(Ordering::Relaxed));
        self.turns.origin.elapsed().saturating_sub(last) > self.turns.patience
    }
}
