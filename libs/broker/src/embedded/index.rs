//! Everything that is kept about the jobs beside the jobs themselves: the orders they stand in, the counts, the
//! notices. Each transition of a job is one function here, so that no order and no count is forgotten.

use std::collections::BTreeMap;

use abacus_tasks::{ClientName, JobId, State, WorkerId};

use super::{
    job::{Closing, Job},
    kinds::Kinds,
    ring::Ring,
};
use crate::{Counters, Failure, Lease, LeaseKey, Notice, Submission, Terms, Timestamp};

/// About what the record of a finished job, its request and its index entries take beside the result.
const RECORD_BYTES: u64 = 1024;

/// The orders, counts and notices.
#[derive(Debug)]
pub(super) struct Index {
    pub(super) terms: Terms,
    pub(super) kinds: Kinds,
    /// Running jobs, by when their leases run out.
    pub(super) leases: BTreeMap<(Timestamp, u64), JobId>,
    /// Finished jobs in the order in which they ended, in which they also expire.
    pub(super) finished: BTreeMap<u64, JobId>,
    /// Failed jobs in the order in which they failed.
    pub(super) dead: BTreeMap<u64, JobId>,
    pub(super) notices: Ring,
    pub(super) counters: Counters,
    /// What the jobs that wait or run take beside their results.
    pub(super) pending_bytes: u64,
    /// The bytes of finished jobs, with their results.
    pub(super) kept_bytes: u64,
    pub(super) wakes: Wakes,
    serial: u64,
}

/// Who has something to do after a step.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Wakes {
    /// Waiting claims.
    pub(super) queued: bool,
    /// Waiting readers of notices.
    pub(super) noticed: bool,
}

impl Index {
    pub(super) fn new(terms: Terms) -> Self {
        Self {
            kinds: Kinds::default(),
            leases: BTreeMap::new(),
            finished: BTreeMap::new(),
            dead: BTreeMap::new(),
            notices: Ring::new(terms.max_notices),
            counters: Counters::default(),
            pending_bytes: 0,
            kept_bytes: 0,
            wakes: Wakes::default(),
            serial: 0,
            terms,
        }
    }

    /// True when finished jobs are to be forgotten for their size. The latest one never is: somebody waits for it.
    pub(super) fn overfull(&self) -> bool {
        let jobs = self.finished.len() as u64;
        jobs > 1 && self.kept_bytes.saturating_add(jobs * RECORD_BYTES) > self.terms.max_kept_bytes
    }

    fn next_serial(&mut self) -> u64 {
        self.serial += 1;
        self.serial
    }

    /// Tells that a job has changed.
    pub(super) fn tell(&mut self, job: &mut Job) {
        job.seen.sequence += 1;
        self.give_notice(job, None);
    }

    /// Tells that a client has asked for a job.
    pub(super) fn tell_asked(&mut self, job: &Job, client: &ClientName) {
        self.give_notice(job, Some(client.clone()));
    }

    /// Tells that a kind was suspended or resumed.
    pub(super) fn tell_kind(&mut self, kind: &str) {
        self.notices.push(Notice::Kind { kind: kind.to_owned() });
        self.wakes.noticed = true;
    }

    fn give_notice(&mut self, job: &Job, client: Option<ClientName>) {
        self.notices.push(Notice::Job { job: job.seen.job.clone(), sequence: job.seen.sequence, client });
        self.wakes.noticed = true;
    }

    /// Begins a life of a job that is new or has ended without a result: it waits, with all its attempts before it,
    /// for the one client that asks for it now. What was stored of its result stays.
    pub(super) fn begin_life(&mut self, job: &mut Job, submission: &Submission, now: Timestamp) {
        job.seen.lane = submission.lane;
        job.seen.trace.clone_from(&submission.trace);
        job.seen.requests = 1;
        job.seen.failure = None;
        self.admit(job, now);
        job.life = job.admission;
        job.retried = false;
        self.counters.created += 1;
        job.seen.sequence += 1;
        self.tell_asked(job, &submission.client);
    }

    /// Queues a failed job again for those who wanted it.
    pub(super) fn retry(&mut self, job: &mut Job, now: Timestamp) {
        self.revive(job);
        self.admit(job, now);
        job.retried = true;
        self.tell(job);
    }

    /// Puts a job that neither waits nor runs at the end of its queue, with all its attempts.
    fn admit(&mut self, job: &mut Job, now: Timestamp) {
        job.admission = self.next_serial();
        job.admission_time = now;
        job.spared = job.seen.attempt;
        self.pending_bytes += job.weight();
        self.queue(job);
    }

    fn queue(&mut self, job: &mut Job) {
        job.seen.state = State::Queued;
        job.seen.progress = None;
        self.kinds.queue_of(job).waiting.insert(job.admission, job.seen.job.clone());
        self.wakes.queued = true;
    }

    /// Leases a job that was just taken from its queue.
    pub(super) fn lease(&mut self, job: &mut Job, worker: &WorkerId, now: Timestamp) -> Lease {
        job.start(worker, now);
        job.lease_until = now + self.terms.lease;
        self.leases.insert((job.lease_until, job.admission), job.seen.job.clone());
        self.kinds.queue_of(job).running += 1;
        self.tell(job);
        Lease {
            key: LeaseKey { job: job.seen.job.clone(), attempt: job.seen.attempt, worker: worker.clone() },
            task: job.seen.task.clone(),
            lane: job.seen.lane,
            chunks: job.seen.chunks,
            bytes: job.seen.bytes,
            trace: job.seen.trace.clone(),
        }
    }

    /// Lets the lease of a running job hold for the whole term from now on.
    pub(super) fn extend(&mut self, job: &mut Job, now: Timestamp) {
        self.leases.remove(&(job.lease_until, job.admission));
        job.lease_until = now + self.terms.lease;
        self.leases.insert((job.lease_until, job.admission), job.seen.job.clone());
    }

    fn stop(&mut self, job: &Job) {
        self.leases.remove(&(job.lease_until, job.admission));
        self.kinds.queue_of(job).running -= 1;
    }

    /// Ends an attempt through no fault of the job: it waits again, at its old place.
    pub(super) fn hand_back(&mut self, job: &mut Job) {
        self.stop(job);
        job.spared += 1;
        job.seen.failure = Some(Failure::new(Failure::HANDED_BACK, "a worker handed the job back"));
        self.queue(job);
        self.tell(job);
    }

    /// Ends an attempt that was lost or failed: the job waits again, at its old place, or fails when that was its last
    /// attempt.
    pub(super) fn give_up_attempt(&mut self, job: &mut Job, cause: Failure, now: Timestamp) {
        let attempts = job.attempts();
        if attempts >= self.terms.max_attempts {
            let Failure { reason, message } = cause;
            let message = format!("{attempts} attempts failed; the last one: {reason}: {message}");
            return self.fail(job, Failure::new(Failure::ATTEMPTS_EXHAUSTED, message), now);
        }
        self.stop(job);
        job.seen.failure = Some(cause);
        self.counters.retried += 1;
        self.queue(job);
        self.tell(job);
    }

    /// Takes back the lease of a job whose worker was not heard of in time.
    pub(super) fn take_back(&mut self, job: &mut Job, now: Timestamp) {
        let worker = job.seen.worker.as_ref().map_or("", WorkerId::as_str);
        let cause = Failure::new(Failure::WORKER_LOST, format!("{worker} was not heard of in time"));
        self.give_up_attempt(job, cause, now);
    }

    /// Ends a job without a result; it joins the dead letters.
    pub(super) fn fail(&mut self, job: &mut Job, failure: Failure, now: Timestamp) {
        job.seen.failure = Some(failure);
        self.counters.failed += 1;
        let order = self.next_serial();
        job.dead = Some(order);
        self.dead.insert(order, job.seen.job.clone());
        while self.dead.len() > self.terms.max_dead {
            self.dead.pop_first();
        }
        self.end(job, State::Failed, now);
    }

    /// Ends a job that nobody asks for any more.
    pub(super) fn cancel(&mut self, job: &mut Job, now: Timestamp) {
        job.close(Closing::Cancelled);
        self.counters.cancelled += 1;
        self.end(job, State::Cancelled, now);
    }

    /// Ends a waiting or running job.
    pub(super) fn end(&mut self, job: &mut Job, state: State, now: Timestamp) {
        match job.seen.state {
            State::Running => self.stop(job),
            _ => {
                self.kinds.queue_of(job).waiting.remove(&job.admission);
            }
        }
        job.seen.state = state;
        job.seen.progress = None;
        job.seen.end_time = Some(now);
        job.seen.expire_time = Some(now + self.terms.result_ttl);
        job.retried = false;
        job.ended = self.next_serial();
        self.finished.insert(job.ended, job.seen.job.clone());
        self.pending_bytes -= job.weight();
        self.kept_bytes += job.seen.bytes + job.weight();
        self.tell(job);
    }

    /// Takes an ended job out of the orders of the ended ones, to be forgotten or to live again.
    pub(super) fn revive(&mut self, job: &mut Job) {
        if job.seen.end_time.take().is_some() {
            self.finished.remove(&job.ended);
            self.kept_bytes -= job.seen.bytes + job.weight();
        }
        if let Some(order) = job.dead.take() {
            self.dead.remove(&order);
        }
        job.seen.expire_time = None;
    }
}
