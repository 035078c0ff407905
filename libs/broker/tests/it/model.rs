//! What a broker should do, said slowly: a few tasks of two kinds in one lane, everything in plain lists, time in
//! steps. Knows nothing of notices, lanes and pages.

use std::collections::BTreeSet;

use abacus_broker::{Counters, Hold};
use abacus_tasks::{Disposition, State};

/// How many tasks there are: those of even number are of one kind, those of odd number of another.
pub(crate) const TASKS: usize = 8;
/// How many jobs may wait in one queue.
pub(crate) const MAX_QUEUED: usize = 3;
/// How many attempts a job has.
pub(crate) const MAX_ATTEMPTS: usize = 2;
/// After how many steps without renewal a lease has run out.
pub(crate) const LEASE_STEPS: u64 = 3;
/// How many steps after its end a job is forgotten.
pub(crate) const RESULT_STEPS: u64 = 6;

/// The whole broker.
#[derive(Debug, Default)]
pub(crate) struct Model {
    pub(crate) jobs: [Option<Job>; TASKS],
    pub(crate) requests: Vec<Request>,
    pub(crate) suspended: [bool; 2],
    pub(crate) counters: Counters,
    time: u64,
    admissions: u64,
}

/// A job that is kept.
#[derive(Debug, Clone)]
pub(crate) struct Job {
    pub(crate) state: State,
    pub(crate) attempt: u32,
    pub(crate) chunks: u32,
    /// The requests that still want it.
    pub(crate) askers: BTreeSet<usize>,
    /// Who holds or held the lease of the latest attempt.
    pub(crate) worker: Option<usize>,
    /// How many attempts of this life count.
    used: usize,
    admission: u64,
    /// When it was leased, renewed, or ended last.
    since: u64,
    /// True when the latest attempt was ended by a cancel.
    stopped: bool,
    retried: bool,
}

/// A request that was recorded.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) task: usize,
    pub(crate) cancelled: bool,
    pub(crate) disposition: Disposition,
}

/// What a lease is known by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    pub(crate) task: usize,
    pub(crate) attempt: u32,
    pub(crate) worker: usize,
}

impl Model {
    /// One step of time passes.
    pub(crate) fn step(&mut self) {
        self.time += 1;
        for job in &mut self.jobs {
            let time = self.time;
            job.take_if(|job| job.state.is_terminal() && time - job.since >= RESULT_STEPS);
        }
    }

    /// Asks for a task; `None` when the queue is full. The request is number `requests.len() - 1` then.
    pub(crate) fn submit(&mut self, task: usize) -> Option<Disposition> {
        let disposition = self.ask(task, self.requests.len())?;
        self.requests.push(Request { task, cancelled: false, disposition });
        Some(disposition)
    }

    /// Asks again under the id of a request.
    pub(crate) fn repeat(&mut self, number: usize) -> Option<Disposition> {
        let task = self.requests[number].task;
        if self.jobs[task].is_none() {
            let disposition = self.ask(task, number)?;
            self.requests[number] = Request { task, cancelled: false, disposition };
        }
        Some(self.requests[number].disposition)
    }

    fn ask(&mut self, task: usize, number: usize) -> Option<Disposition> {
        let corpse = self.overdue(task);
        let last = corpse && self.jobs[task].as_ref().is_some_and(|job| job.used >= MAX_ATTEMPTS);
        let state = self.jobs[task].as_ref().map(|job| job.state);
        match state {
            Some(State::Queued | State::Running) if !last => {
                if corpse {
                    self.give_up(task);
                }
                self.jobs[task].as_mut().unwrap().askers.insert(number);
                self.counters.joined += 1;
                Some(Disposition::Joined)
            }
            Some(State::Succeeded) => {
                self.counters.cached += 1;
                Some(Disposition::Cached)
            }
            _ if self.waiting(task % 2).len() >= MAX_QUEUED => None,
            _ => {
                if corpse {
                    self.give_up(task);
                }
                self.admissions += 1;
                let (attempt, chunks, worker) = self.jobs[task]
                    .as_ref()
                    .map_or((0, 0, None), |job| (job.attempt, job.chunks, job.worker));
                let stopped = self.jobs[task].as_ref().is_some_and(|job| job.stopped);
                self.jobs[task] = Some(Job {
                    state: State::Queued,
                    attempt,
                    chunks,
                    askers: BTreeSet::from([number]),
                    worker,
                    used: 0,
                    admission: self.admissions,
                    since: self.time,
                    stopped,
                    retried: false,
                });
                self.counters.created += 1;
                Some(Disposition::Created)
            }
        }
    }

    /// Cancels a request; answers its state then.
    pub(crate) fn cancel(&mut self, number: usize) -> Option<State> {
        let request = &mut self.requests[number];
        if let Some(job) = self.jobs[request.task].as_mut().filter(|job| !job.state.is_terminal()) {
            request.cancelled = true;
            if job.askers.remove(&number) && job.askers.is_empty() {
                job.stopped |= job.state == State::Running;
                self.counters.cancelled += 1;
                self.end(self.requests[number].task, State::Cancelled);
            }
        }
        self.request_state(number)
    }

    /// Where a request stands.
    pub(crate) fn request_state(&self, number: usize) -> Option<State> {
        let request = &self.requests[number];
        let state = self.jobs[request.task].as_ref().map(|job| job.state);
        if request.cancelled { Some(State::Cancelled) } else { state }
    }

    /// Leases up to `count` jobs of a kind.
    pub(crate) fn claim(&mut self, worker: usize, kind: usize, count: usize) -> Vec<Key> {
        let waiting = if self.suspended[kind] { Vec::new() } else { self.waiting(kind) };
        self.lease(worker, waiting.into_iter().take(count))
    }

    /// Leases a task's job if it waits.
    pub(crate) fn claim_named(&mut self, worker: usize, kind: usize, task: usize) -> Vec<Key> {
        let waits = !self.suspended[kind] && self.waiting(kind).contains(&task);
        self.lease(worker, waits.then_some(task).into_iter())
    }

    fn lease(&mut self, worker: usize, tasks: impl Iterator<Item = usize>) -> Vec<Key> {
        let lease = |task: usize| {
            let job = self.jobs[task].as_mut().unwrap();
            job.state = State::Running;
            job.attempt += 1;
            job.used += 1;
            job.worker = Some(worker);
            job.since = self.time;
            job.stopped = false;
            Key { task, attempt: job.attempt, worker }
        };
        tasks.map(lease).collect()
    }

    /// True when the lease is the one its job runs under.
    pub(crate) fn holds(&self, key: Key) -> bool {
        let job = self.jobs[key.task].as_ref();
        job.is_some_and(|job| {
            job.state == State::Running && job.attempt == key.attempt && job.worker == Some(key.worker)
        })
    }

    /// Renews a lease.
    pub(crate) fn renew(&mut self, key: Key) -> Hold {
        let held = self.holds(key);
        match &mut self.jobs[key.task] {
            Some(job) if held => {
                job.since = self.time;
                Hold::Held
            }
            Some(job) if job.stopped && (job.attempt, job.worker) == (key.attempt, Some(key.worker)) => {
                Hold::Cancelled
            }
            _ => Hold::Lost,
        }
    }

    /// Stores the next chunk of a running job.
    pub(crate) fn append(&mut self, task: usize) {
        self.jobs[task].as_mut().unwrap().chunks += 1;
    }

    /// Ends a running job with a result whose last chunk was not stored before.
    pub(crate) fn succeed(&mut self, task: usize) {
        self.append(task);
        self.counters.succeeded += 1;
        self.end(task, State::Succeeded);
    }

    /// Ends a running job without a result.
    pub(crate) fn fail(&mut self, task: usize) {
        self.counters.failed += 1;
        self.end(task, State::Failed);
    }

    /// Hands a running job back unharmed.
    pub(crate) fn hand_back(&mut self, task: usize) {
        let job = self.jobs[task].as_mut().unwrap();
        job.used -= 1;
        job.state = State::Queued;
    }

    /// Ends an attempt that was lost or failed; says whether it was the last one.
    pub(crate) fn give_up(&mut self, task: usize) -> bool {
        let job = self.jobs[task].as_mut().unwrap();
        if job.used >= MAX_ATTEMPTS {
            self.fail(task);
            return true;
        }
        job.state = State::Queued;
        self.counters.retried += 1;
        false
    }

    /// Takes back what has run out: the leases, each with whether its job is dead.
    pub(crate) fn rescue(&mut self) -> Vec<(Key, bool)> {
        let overdue: Vec<_> = (0..TASKS).filter(|task| self.overdue(*task)).collect();
        let take_back = |task: usize| {
            let job = self.jobs[task].as_ref().unwrap();
            let key = Key { task, attempt: job.attempt, worker: job.worker.unwrap() };
            (key, self.give_up(task))
        };
        overdue.into_iter().map(take_back).collect()
    }

    /// Queues a failed job again; says whether it was failed, or was queued again before and has not ended since.
    pub(crate) fn retry(&mut self, task: usize) -> bool {
        let Some(job) = &mut self.jobs[task] else { return false };
        if job.state == State::Failed {
            self.admissions += 1;
            (job.state, job.used, job.retried, job.admission) = (State::Queued, 0, true, self.admissions);
        }
        job.retried
    }

    fn overdue(&self, task: usize) -> bool {
        let runs = |job: &&Job| job.state == State::Running;
        self.jobs[task].as_ref().filter(runs).is_some_and(|job| self.time - job.since >= LEASE_STEPS)
    }

    fn end(&mut self, task: usize, state: State) {
        let job = self.jobs[task].as_mut().unwrap();
        (job.state, job.since, job.retried) = (state, self.time, false);
    }

    fn waiting(&self, kind: usize) -> Vec<usize> {
        let queued = |task: &usize| self.jobs[*task].as_ref().is_some_and(|job| job.state == State::Queued);
        let mut waiting: Vec<_> = (kind..TASKS).step_by(2).filter(queued).collect();
        waiting.sort_by_key(|task| self.jobs[*task].as_ref().unwrap().admission);
        waiting
    }
}
