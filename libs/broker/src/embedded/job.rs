//! One job as the embedded broker keeps it.

use abacus_tasks::{State, WorkerId};
use bytes::Bytes;

use crate::{LeaseKey, Snapshot, Submission, Timestamp};

/// What a request that wants a job counts as.
pub(super) const REQUEST_BYTES: u64 = 128;

/// A job: what everybody may see of it, and what only the broker needs to know.
#[derive(Debug)]
pub(super) struct Job {
    /// What everybody may see, but for `suspended`, which is filled in when it is read.
    pub(super) seen: Snapshot,
    /// The stored chunks.
    pub(super) content: Vec<Bytes>,
    /// The offset of the end of each stored chunk.
    ends: Vec<u64>,
    /// Its kind's place in [`Kinds`](super::kinds::Kinds).
    pub(super) kind: usize,
    /// Which life of the job this is; requests of an earlier life do not want this one.
    pub(super) life: u64,
    /// Its place in its queue, kept while attempts are repeated: smaller ones come first. No two jobs share one.
    pub(super) admission: u64,
    /// When it was given that place.
    pub(super) admission_time: Timestamp,
    /// How many of its attempts do not count: those of earlier lives and those handed back unharmed.
    pub(super) spared: u32,
    /// When the lease runs out, while it runs.
    pub(super) lease_until: Timestamp,
    /// Its place among the ended jobs, when it has ended.
    pub(super) ended: u64,
    /// Its place among the dead letters.
    pub(super) dead: Option<u64>,
    /// How the lease that was closed last was closed, so that closing it again is recognised.
    pub(super) closed: Option<(LeaseKey, Closing)>,
    /// True when an operator has queued it again and it has not ended since.
    pub(super) retried: bool,
}

/// How a lease was closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Closing {
    /// By [`finish`](crate::Broker::finish).
    Finished,
    /// By [`release`](crate::Broker::release).
    Released,
    /// By the cancel of the last request.
    Cancelled,
}

impl Job {
    /// A job that was never asked for before; its first life begins when it is admitted.
    pub(super) fn new(submission: &Submission, kind: usize, now: Timestamp) -> Self {
        let seen = Snapshot {
            job: submission.task.job().clone(),
            task: submission.task.canonical().clone(),
            lane: submission.lane,
            state: State::Queued,
            suspended: false,
            sequence: 0,
            attempt: 0,
            requests: 0,
            worker: None,
            progress: None,
            chunks: 0,
            bytes: 0,
            summary: None,
            failure: None,
            create_time: now,
            start_time: None,
            end_time: None,
            expire_time: None,
            trace: submission.trace.clone(),
        };
        Self {
            seen,
            content: Vec::new(),
            ends: Vec::new(),
            kind,
            life: 0,
            admission: 0,
            admission_time: now,
            spared: 0,
            lease_until: now,
            ended: 0,
            dead: None,
            closed: None,
            retried: false,
        }
    }

    /// True when it has ended so long ago that it counts as forgotten.
    pub(super) fn expired(&self, now: Timestamp) -> bool {
        self.seen.expire_time.is_some_and(|time| time <= now)
    }

    /// True when it runs under a lease that has run out.
    pub(super) fn overdue(&self, now: Timestamp) -> bool {
        self.seen.state == State::Running && self.lease_until <= now
    }

    /// How many attempts of this life were made that count.
    pub(super) fn attempts(&self) -> u32 {
        self.seen.attempt - self.spared
    }

    /// What it takes beside its result: its task, and the requests that want it.
    pub(super) fn weight(&self) -> u64 {
        self.seen.task.len() as u64 + REQUEST_BYTES * u64::from(self.seen.requests)
    }

    /// The lease it runs or last ran under.
    pub(super) fn key(&self) -> Option<LeaseKey> {
        let worker = self.seen.worker.clone()?;
        Some(LeaseKey { job: self.seen.job.clone(), attempt: self.seen.attempt, worker })
    }

    /// True when it runs under this lease.
    pub(super) fn runs_under(&self, key: &LeaseKey) -> bool {
        self.seen.state == State::Running
            && self.seen.attempt == key.attempt
            && self.seen.worker.as_ref() == Some(&key.worker)
    }

    /// True when the lease closed last is this one, closed in this way.
    pub(super) fn was_closed(&self, key: &LeaseKey, how: Closing) -> bool {
        self.closed.as_ref().is_some_and(|(closed, closing)| closed == key && *closing == how)
    }

    /// Notes how its lease is closed, if it runs.
    pub(super) fn close(&mut self, how: Closing) {
        if self.seen.state == State::Running {
            self.closed = self.key().map(|key| (key, how));
        }
    }

    /// Starts its next attempt.
    pub(super) fn start(&mut self, worker: &WorkerId, now: Timestamp) {
        self.seen.state = State::Running;
        self.seen.attempt += 1;
        self.seen.worker = Some(worker.clone());
        self.seen.start_time = Some(now);
    }

    /// Stores the next chunk.
    pub(super) fn store(&mut self, chunk: Bytes) {
        self.seen.chunks += 1;
        self.seen.bytes += chunk.len() as u64;
        self.ends.push(self.seen.bytes);
        self.content.push(chunk);
    }

    /// The number and the first byte's offset of the chunk that holds this byte, or of the next chunk to be stored.
    pub(super) fn chunk_at(&self, offset: u64) -> (u32, u64) {
        let before = self.ends.partition_point(|end| *end <= offset);
        let start = before.checked_sub(1).map_or(0, |last| self.ends[last]);
        (u32::try_from(before).expect("chunks are numbered by a u32"), start)
    }
}
