//! All data of the embedded broker, and what every verb needs of it: finding jobs and forgetting them.

use std::collections::{BTreeMap, HashMap};

use abacus_tasks::{JobId, State, WorkerId};

use super::{
    clients::Clients,
    index::{Index, Wakes},
    job::Job,
};
use crate::{Error, LeaseKey, Result, Snapshot, Terms, Timestamp, WorkerRecord};

/// All data. The verbs are in the files named after who uses them: those who ask, those who work, those who read.
#[derive(Debug)]
pub(super) struct Store {
    /// Boxed, so that growing the map moves pointers.
    pub(super) jobs: HashMap<JobId, Box<Job>>,
    pub(super) index: Index,
    pub(super) clients: Clients,
    pub(super) workers: BTreeMap<WorkerId, WorkerRecord>,
}

impl Store {
    pub(super) fn new(terms: Terms) -> Self {
        Self {
            jobs: HashMap::new(),
            clients: Clients::new(&terms),
            workers: BTreeMap::new(),
            index: Index::new(terms),
        }
    }

    /// Who has something to do after this step.
    pub(super) fn take_wakes(&mut self) -> Wakes {
        std::mem::take(&mut self.index.wakes)
    }

    /// A job that is kept: one that has expired is not, even while it is still stored.
    pub(super) fn job(&self, id: &JobId, now: Timestamp) -> Option<&Job> {
        self.jobs.get(id).map(|job| &**job).filter(|job| !job.expired(now))
    }

    /// A job as everybody may see it.
    pub(super) fn view(&self, job: &Job) -> Snapshot {
        let waits = job.seen.state == State::Queued;
        Snapshot { suspended: waits && self.index.kinds.at(job.kind).suspended, ..job.seen.clone() }
    }

    /// The job that runs under this lease, and the index to change it with.
    pub(super) fn held(&mut self, key: &LeaseKey) -> Result<(&mut Job, &mut Index)> {
        let job = self.jobs.get_mut(&key.job).filter(|job| job.runs_under(key)).ok_or(Error::LeaseLost)?;
        Ok((job, &mut self.index))
    }

    /// Forgets at most `limit` things whose time has passed or that no longer fit; returns how many it handled.
    pub(super) fn forget_overdue(&mut self, now: Timestamp, limit: usize) -> usize {
        let jobs = self.forget_jobs(now, limit);
        let clients = self.clients.forget_overdue(now, limit);
        jobs.max(clients)
    }

    /// Forgets at most `limit` finished jobs that have expired or no longer fit, the longest finished first.
    pub(super) fn forget_jobs(&mut self, now: Timestamp, limit: usize) -> usize {
        for done in 0..limit {
            let Some((_, id)) = self.index.finished.first_key_value() else { return done };
            let overfull = self.index.overfull();
            if !overfull && self.job(id, now).is_some() {
                return done;
            }
            let id = id.clone();
            self.forget(&id);
        }
        limit
    }

    /// Forgets a finished job.
    pub(super) fn forget(&mut self, id: &JobId) {
        if let Some(mut job) = self.jobs.remove(id) {
            self.index.revive(&mut job);
        }
    }
}
