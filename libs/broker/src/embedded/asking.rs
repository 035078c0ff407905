//! The verbs of those who ask: submit and cancel.

use abacus_tasks::{Disposition, JobId, RequestName, State};
use uuid::Uuid;

use super::{
    clients::Request,
    job::{Job, REQUEST_BYTES},
    store::Store,
};
use crate::{Error, RequestRecord, Result, Submission, Submitted, Timestamp};

/// How many overdue things each submission forgets: more than it adds, so that they never pile up.
const FORGOTTEN_PER_SUBMISSION: usize = 2;

impl Store {
    /// See [`Broker::submit`](crate::Broker::submit); `id` is the request's.
    pub(super) fn submit(&mut self, submission: &Submission, id: Uuid, now: Timestamp) -> Result<Submitted> {
        self.forget_overdue(now, FORGOTTEN_PER_SUBMISSION);
        let name = RequestName { client: submission.client.clone(), id };
        if let Some(answer) = self.repeated(&name, submission, now)? {
            return Ok(answer);
        }
        let job = submission.task.job();
        let (disposition, stands) = self.foresee(job, now);
        self.check_room(submission, disposition, stands)?;
        self.bring_up_to_date(job, now);
        let life = match disposition {
            Disposition::Created => self.create(submission, now),
            Disposition::Joined | Disposition::Cached => self.join(submission, disposition),
        };
        let request = Request { id, job: job.clone(), life, create_time: now, disposition, cancelled: false };
        self.clients.record(&name.client, request);
        self.answer(&name, now).ok_or(Error::NoSuchRequest(name))
    }

    /// See [`Broker::cancel`](crate::Broker::cancel).
    pub(super) fn cancel(&mut self, name: &RequestName, now: Timestamp) -> Result<RequestRecord> {
        let missing = || Error::NoSuchRequest(name.clone());
        let (_, request) = self.clients.find(&name.client, &name.id, now).ok_or_else(missing)?;
        let wanted = self.jobs.get_mut(&request.job).filter(|job| !job.seen.state.is_terminal());
        if let Some(job) = wanted.filter(|_| !request.cancelled) {
            // A request of an earlier life was answered when that life ended; it does not hold this one.
            if job.life == request.life {
                let weight = job.weight();
                job.seen.requests = job.seen.requests.saturating_sub(1);
                self.index.pending_bytes -= weight - job.weight();
                if job.seen.requests == 0 {
                    self.index.cancel(job, now);
                }
            }
            self.clients.set_cancelled(name);
        }
        let (order, request) = self.clients.find(&name.client, &name.id, now).ok_or_else(missing)?;
        Ok(self.record(name.clone(), (order, request), now))
    }

    /// The answer to a request that was already recorded and whose job is kept.
    fn repeated(
        &self,
        name: &RequestName,
        submission: &Submission,
        now: Timestamp,
    ) -> Result<Option<Submitted>> {
        match self.clients.find(&name.client, &name.id, now) {
            Some((_, request)) if request.job != *submission.task.job() => {
                Err(Error::RequestIdReused(request.job.clone()))
            }
            Some(_) => Ok(self.answer(name, now)),
            None => Ok(None),
        }
    }

    fn answer(&self, name: &RequestName, now: Timestamp) -> Option<Submitted> {
        let (order, request) = self.clients.find(&name.client, &name.id, now)?;
        let snapshot = self.view(self.job(&request.job, now)?);
        Some(Submitted { request: self.record(name.clone(), (order, request), now), snapshot })
    }

    /// Forgets the job if it has expired, and takes its lease back if that has run out.
    fn bring_up_to_date(&mut self, id: &JobId, now: Timestamp) {
        let Some(job) = self.jobs.get_mut(id) else { return };
        if job.expired(now) {
            self.forget(id);
        } else if job.overdue(now) {
            self.index.take_back(job, now);
        }
    }

    /// How a submission will be answered, and where the job will stand, once it is brought up to date.
    fn foresee(&self, id: &JobId, now: Timestamp) -> (Disposition, State) {
        let Some(job) = self.job(id, now) else { return (Disposition::Created, State::Queued) };
        let used_up = job.attempts() >= self.index.terms.max_attempts;
        match job.seen.state {
            State::Running if job.overdue(now) && used_up => (Disposition::Created, State::Queued),
            State::Running if job.overdue(now) => (Disposition::Joined, State::Queued),
            State::Queued | State::Running => (Disposition::Joined, job.seen.state),
            State::Succeeded => (Disposition::Cached, State::Succeeded),
            State::Failed | State::Cancelled => (Disposition::Created, State::Queued),
        }
    }

    fn check_room(&mut self, submission: &Submission, disposition: Disposition, stands: State) -> Result<()> {
        let kind = submission.task.job().kind();
        let place = self.index.kinds.place(kind);
        let known = self.index.kinds.at(place);
        if stands == State::Queued && submission.reject_if_suspended && known.suspended {
            return Err(Error::KindSuspended(kind.to_owned()));
        }
        let bound = self.index.terms.max_queued;
        if disposition == Disposition::Created && known.waiting(submission.lane) >= bound {
            return Err(Error::QueueFull { kind: kind.to_owned(), lane: submission.lane, bound });
        }
        if disposition == Disposition::Cached {
            return Ok(());
        }
        let mut pending = self.index.pending_bytes;
        let mut more = REQUEST_BYTES;
        if disposition == Disposition::Created {
            more += submission.task.canonical().len() as u64;
            // A job whose last worker is lost ends first.
            let lost = self.jobs.get(submission.task.job()).filter(|job| job.seen.state == State::Running);
            pending -= lost.map_or(0, |job| job.weight());
        }
        let bound = self.index.terms.max_queued_bytes;
        if pending > 0 && pending + more > bound {
            return Err(Error::TasksFull { bound });
        }
        Ok(())
    }

    /// Begins a life of the job and returns its number.
    fn create(&mut self, submission: &Submission, now: Timestamp) -> u64 {
        let id = submission.task.job();
        let place = self.index.kinds.place(id.kind());
        let job = self.jobs.entry(id.clone()).or_insert_with(|| Box::new(Job::new(submission, place, now)));
        self.index.revive(job);
        self.index.begin_life(job, submission, now);
        job.life
    }

    /// Adds a request to a kept job and returns the number of its life.
    fn join(&mut self, submission: &Submission, disposition: Disposition) -> u64 {
        let Some(job) = self.jobs.get_mut(submission.task.job()) else { return 0 };
        if disposition == Disposition::Joined {
            let weight = job.weight();
            job.seen.requests = job.seen.requests.saturating_add(1);
            self.index.pending_bytes += job.weight() - weight;
            self.index.counters.joined += 1;
        } else {
            // Nothing is left to be wanted: the request does not count as an asker.
            self.index.counters.cached += 1;
        }
        self.index.tell_asked(job, &submission.client);
        job.life
    }

    /// A request as everybody may see it.
    pub(super) fn record(
        &self,
        name: RequestName,
        (order, request): (u64, &Request),
        now: Timestamp,
    ) -> RequestRecord {
        let state = self.job(&request.job, now).map(|job| job.seen.state);
        RequestRecord {
            name,
            job: request.job.clone(),
            order,
            create_time: request.create_time,
            disposition: request.disposition,
            state: if request.cancelled { Some(State::Cancelled) } else { state },
        }
    }
}
