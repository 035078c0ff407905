//! A subscription to a client: which of its requests are listed, followed, done.
//!
//! The list is read oldest first, as far as there is room to follow. Requests for a job that is being delivered
//! share that delivery; one that comes after its end has the job delivered again. A list tells of a cancelled
//! request only when it is read again, so that is done from time to time.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound::{Excluded, Unbounded};

use abacus_broker::{Direction, Page, RequestQuery, RequestRecord};
use abacus_chassis::Refusal;
use abacus_tasks::{ClientName, Cursor, JobId, State, cursor::Position, format::Format};

use super::{Desk, Watch, give_turn};
use crate::error;
use crate::patience::ask;

/// How many requests are read at once: their snapshots wait together to be told.
const PAGE: usize = 20;

pub(super) struct Requests {
    client: ClientName,
    /// Every request up to this order was read.
    listed: u64,
    /// The requests that were read and are not done.
    open: BTreeMap<u64, JobId>,
    /// How many may be open.
    bound: usize,
    /// The list may go on behind `listed`.
    grown: bool,
    /// Open requests may have been cancelled.
    recheck: bool,
    /// The job of the request behind `listed`, which is in the list but not yet made.
    awaited: Option<JobId>,
}

/// What becomes of a request that was read in the list.
enum Served {
    /// The delivery of its job serves it.
    Open,
    /// Nothing is to be told of it.
    Done,
    /// Its job may not be made yet.
    Later,
}

impl Requests {
    /// The requests of a client from where the cursor stands.
    pub(super) async fn open(desk: &Desk, client: ClientName, cursor: &Cursor) -> Result<Self, Refusal> {
        let listed = cursor.requests().up_to();
        let requests = Self {
            client,
            listed,
            open: BTreeMap::new(),
            bound: desk.settings.max_followed,
            grown: true,
            recheck: false,
            awaited: None,
        };
        let done = cursor.requests().last();
        if done > 0 {
            // Orders begin anew with a new list: one that does not reach the cursor is another list.
            let newest = requests.page(desk, None, Direction::NewestFirst).await?;
            if newest.entries.first().is_none_or(|record| record.order < done) {
                return Err(error::requests_expired(requests.client.as_str()));
            }
        }
        Ok(requests)
    }

    /// The list may have grown.
    pub(super) fn grown(&mut self) {
        self.grown = true;
    }

    /// Open requests may have been cancelled.
    pub(super) fn recheck(&mut self) {
        self.recheck = true;
    }

    /// Whether the list waits for this job to be made.
    pub(super) fn awaits(&self, job: &JobId) -> bool {
        self.awaited.as_ref() == Some(job)
    }

    /// True when the list is to be read.
    pub(super) fn has_to_read(&self) -> bool {
        self.recheck || (self.grown && self.open.len() < self.bound)
    }

    /// Counts these requests as done.
    pub(super) fn close_all(&mut self, orders: &BTreeSet<u64>) {
        for order in orders {
            self.open.remove(order);
        }
    }

    async fn page(
        &self,
        desk: &Desk,
        after: Option<u64>,
        direction: Direction,
    ) -> Result<Page<RequestRecord>, Refusal> {
        let limit = match direction {
            Direction::OldestFirst => PAGE,
            Direction::NewestFirst => 1,
        };
        let query = RequestQuery { client: self.client.clone(), after, direction, limit };
        let answer = ask(desk.settings.broker_patience, || desk.broker.requests(&query)).await;
        answer.map_err(error::broker)
    }
}

impl Watch {
    /// Reads the client's list where that is to be done.
    pub(super) async fn read_requests(&mut self) -> Result<(), Refusal> {
        let Some(requests) = &mut self.requests else { return Ok(()) };
        if std::mem::take(&mut requests.recheck) {
            return self.find_cancelled().await;
        }
        requests.grown = false;
        if let Some(job) = requests.awaited.take()
            && !self.follows.contains_key(&job)
        {
            self.watcher.unfollow(&job);
        }
        let after = (requests.listed > 0).then_some(requests.listed);
        let page = requests.page(&self.desk, after, Direction::OldestFirst).await?;
        for record in &page.entries {
            if !self.open_request(record).await? {
                // A notice of its job has the list read on, or the next reading of everything.
                return Ok(());
            }
        }
        if let Some(requests) = &mut self.requests {
            requests.grown |= page.next.is_some();
        }
        Ok(())
    }

    /// Follows the job of a request that was read in the list, unless it is done; false when the list is to be read
    /// from there later.
    async fn open_request(&mut self, record: &RequestRecord) -> Result<bool, Refusal> {
        let RequestRecord { order, job, .. } = record;
        let served = self.serve_request(record).await?;
        let Some(requests) = &mut self.requests else { return Ok(true) };
        if let Served::Later = served {
            requests.awaited = Some(job.clone());
            return Ok(false);
        }
        // Those between are no longer listed.
        self.outbox.set_done(requests.listed + 1..=order - 1);
        requests.listed = *order;
        if let Served::Open = served {
            requests.open.insert(*order, job.clone());
        } else {
            self.outbox.set_done(*order..=*order);
        }
        Ok(true)
    }

    /// Has a request served by the delivery of its job.
    async fn serve_request(&mut self, record: &RequestRecord) -> Result<Served, Refusal> {
        let RequestRecord { order, job, .. } = record;
        if self.cursor().requests().contains(*order) {
            return Ok(Served::Done);
        }
        match self.follows.get_mut(job) {
            // It ends for a request that was cancelled; the others are served.
            Some(_) if record.state == Some(State::Cancelled) => Ok(Served::Done),
            Some(follow) => {
                follow.serve(*order);
                Ok(Served::Open)
            }
            None => {
                let started = self.cursor().position(job);
                self.follow_request(record, started).await
            }
        }
    }

    /// Begins to follow the job of a request, or goes on where its delivery was started.
    async fn follow_request(
        &mut self,
        record: &RequestRecord,
        started: Option<Position>,
    ) -> Result<Served, Refusal> {
        let RequestRecord { order, job, .. } = record;
        let cancelled = record.state == Some(State::Cancelled);
        self.watcher.follow(job);
        let Some(snapshot) = self.desk.snapshot(job).await? else {
            if !cancelled && self.desk.is_young(record) {
                return Ok(Served::Later);
            }
            self.watcher.unfollow(job);
            return if started.is_some() && !cancelled {
                Err(error::job_expired(job))
            } else {
                Ok(Served::Done)
            };
        };
        // A client asks for all sorts of jobs: those that the format does not fit come in their own.
        let content = snapshot.content();
        let position = started.unwrap_or_default();
        let format = Format::resolve(self.manner.format, &content).ok().filter(|_| !position.native);
        let format = format.unwrap_or_else(|| Format::native(&content));
        let follow = self.follow(snapshot, format, position);
        follow.serve(*order);
        if cancelled {
            follow.cancel(*order);
        }
        Ok(Served::Open)
    }

    /// Looks through the open requests for cancelled ones.
    async fn find_cancelled(&mut self) -> Result<(), Refusal> {
        let mut after = 0;
        while let Some(requests) = &self.requests
            && let Some((next, _)) = requests.open.range((Excluded(after), Unbounded)).next()
        {
            let before = (*next > 1).then_some(next - 1);
            let page = requests.page(&self.desk, before, Direction::OldestFirst).await?;
            // Requests that are no longer listed count as passed over.
            after = page.entries.last().map_or(u64::MAX, |record| record.order);
            for record in page.entries.iter().filter(|record| record.state == Some(State::Cancelled)) {
                self.cancel_request(record.order);
            }
        }
        Ok(())
    }

    /// Ends the delivery of a job for a request that was cancelled.
    fn cancel_request(&mut self, order: u64) {
        let Some(requests) = &mut self.requests else { return };
        let Some(job) = requests.open.get(&order).cloned() else { return };
        let Some(follow) = self.follows.get_mut(&job) else { return };
        if follow.cancel(order) {
            give_turn(&mut self.turns, follow, job);
        } else {
            requests.open.remove(&order);
            self.outbox.set_done(order..=order);
        }
    }
}
