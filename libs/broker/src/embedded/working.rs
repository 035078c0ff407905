//! The verbs of those who work: claim, renew, report, append, finish, release, and rescue for those who died at it.

use abacus_tasks::State;
use bytes::Bytes;

use super::{
    job::{Closing, Job},
    store::Store,
};
use crate::{
    Claim, Error, Hold, Lease, LeaseKey, Outcome, Progress, Release, Rescued, Result, Summary, Timestamp,
    WorkerRecord,
};

/// How many finished jobs an ending job pushes out at most, beyond the bound of kept bytes. The rest goes with the
/// next steps.
const FORGOTTEN_PER_END: usize = 8;

impl Store {
    /// See [`Broker::claim`](crate::Broker::claim); does not wait.
    pub(super) fn claim(&mut self, claim: &Claim, now: Timestamp) -> Vec<Lease> {
        let Self { jobs, index, .. } = self;
        let kinds: Vec<_> = claim.kinds.iter().filter_map(|kind| index.kinds.find(kind)).collect();
        if let Some(named) = &claim.job {
            let free = |lane| claim.free.iter().any(|(free, slots)| *free == lane && *slots > 0);
            let job = jobs.get_mut(named).filter(|job| kinds.contains(&job.kind) && free(job.seen.lane));
            let job = job.filter(|job| index.kinds.take(job));
            return job.map(|job| index.lease(job, &claim.worker, now)).into_iter().collect();
        }
        let mut leases = Vec::new();
        for (lane, slots) in &claim.free {
            for _ in 0..*slots {
                let Some(id) = index.kinds.take_longest_waiting(&kinds, *lane) else { break };
                let job = jobs.get_mut(&id).expect("a waiting job is not forgotten");
                leases.push(index.lease(job, &claim.worker, now));
            }
        }
        leases
    }

    /// See [`Broker::renew`](crate::Broker::renew).
    pub(super) fn renew(&mut self, worker: &WorkerRecord, leases: &[LeaseKey], now: Timestamp) -> Vec<Hold> {
        let record = WorkerRecord { heartbeat_time: now, ..worker.clone() };
        self.workers.insert(worker.id.clone(), record);
        leases.iter().map(|key| self.renew_one(key, now)).collect()
    }

    fn renew_one(&mut self, key: &LeaseKey, now: Timestamp) -> Hold {
        if let Ok((job, index)) = self.held(key) {
            index.extend(job, now);
            return Hold::Held;
        }
        let cancelled =
            |job: &Job| job.seen.attempt == key.attempt && job.was_closed(key, Closing::Cancelled);
        if self.job(&key.job, now).is_some_and(cancelled) { Hold::Cancelled } else { Hold::Lost }
    }

    /// See [`Broker::report`](crate::Broker::report).
    pub(super) fn report(&mut self, key: &LeaseKey, progress: Progress) -> Result<()> {
        let (job, index) = self.held(key)?;
        job.seen.progress = Some(progress);
        index.tell(job);
        Ok(())
    }

    /// See [`Broker::append`](crate::Broker::append).
    pub(super) fn append(&mut self, key: &LeaseKey, number: u32, chunk: Bytes) -> Result<()> {
        let (job, index) = self.held(key)?;
        if number < job.seen.chunks {
            return Ok(());
        }
        if number > job.seen.chunks {
            return Err(Error::OutOfOrder { expected: job.seen.chunks });
        }
        job.store(chunk);
        index.tell(job);
        Ok(())
    }

    /// See [`Broker::finish`](crate::Broker::finish).
    pub(super) fn finish(&mut self, key: &LeaseKey, outcome: Outcome, now: Timestamp) -> Result<()> {
        if self.repeats(key, Closing::Finished, now) {
            return Ok(());
        }
        let (job, index) = self.held(key)?;
        match outcome {
            Outcome::Succeeded { last, summary } => {
                store_last(job, last, &summary)?;
                job.seen.summary = Some(summary);
                job.seen.failure = None;
                job.close(Closing::Finished);
                index.counters.succeeded += 1;
                index.kinds.note_success(job.kind);
                index.end(job, State::Succeeded, now);
            }
            Outcome::Failed(failure) => {
                job.close(Closing::Finished);
                index.kinds.note_failure(job.kind);
                index.fail(job, failure, now);
            }
        }
        self.forget_jobs(now, FORGOTTEN_PER_END);
        Ok(())
    }

    /// See [`Broker::release`](crate::Broker::release).
    pub(super) fn release(&mut self, key: &LeaseKey, release: Release, now: Timestamp) -> Result<()> {
        if self.repeats(key, Closing::Released, now) {
            return Ok(());
        }
        let (job, index) = self.held(key)?;
        job.close(Closing::Released);
        match release {
            Release::Unharmed => index.hand_back(job),
            Release::Failed(failure) => {
                index.kinds.note_failure(job.kind);
                index.give_up_attempt(job, failure, now);
            }
        }
        Ok(())
    }

    /// Takes back at most `limit` leases that have run out, the earliest first, and forgets the workers that were not
    /// announced in time.
    pub(super) fn rescue(&mut self, now: Timestamp, limit: usize) -> Vec<Rescued> {
        let ttl = self.index.terms.worker_ttl;
        self.workers.retain(|_, worker| worker.heartbeat_time + ttl > now);
        let mut rescued = Vec::new();
        while rescued.len() < limit {
            let Some(((until, _), id)) = self.index.leases.first_key_value() else { break };
            if *until > now {
                break;
            }
            let job = self.jobs.get_mut(id).expect("a running job is not forgotten");
            let key = job.key().expect("a running job has a worker");
            self.index.take_back(job, now);
            rescued.push(Rescued { key, dead: job.seen.state == State::Failed });
        }
        rescued
    }

    /// True when this lease was closed in this way before: then nothing is left to be done.
    fn repeats(&self, key: &LeaseKey, how: Closing, now: Timestamp) -> bool {
        self.job(&key.job, now).is_some_and(|job| job.was_closed(key, how))
    }
}

/// Stores the last chunk of a result, whose number the summary tells.
fn store_last(job: &mut Job, last: Option<Bytes>, summary: &Summary) -> Result<()> {
    let expected = job.seen.chunks;
    match last {
        Some(chunk) if summary.chunks == expected + 1 => job.store(chunk),
        _ if summary.chunks == expected => {}
        _ => return Err(Error::OutOfOrder { expected }),
    }
    Ok(())
}
