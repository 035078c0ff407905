//! The verbs of those who read, and of operators.

use abacus_tasks::{JobId, RequestName, State};
use bytes::Bytes;

use super::store::Store;
use crate::{
    Error, KindRecord, Notices, Page, Position, QueueStats, RequestQuery, RequestRecord, Result, Snapshot,
    Stats, Timestamp, WorkerRecord,
};

impl Store {
    /// See [`Broker::snapshot`](crate::Broker::snapshot).
    pub(super) fn snapshot(&self, id: &JobId, now: Timestamp) -> Option<Snapshot> {
        self.job(id, now).map(|job| self.view(job))
    }

    /// See [`Broker::chunks`](crate::Broker::chunks).
    pub(super) fn chunks(&self, id: &JobId, from: u32, max_bytes: usize, now: Timestamp) -> Vec<Bytes> {
        let Some(job) = self.job(id, now) else { return Vec::new() };
        let mut total = 0_usize;
        let fits = |(index, chunk): &(usize, &Bytes)| {
            total = total.saturating_add(chunk.len());
            *index == 0 || total <= max_bytes
        };
        let from = usize::try_from(from).unwrap_or(usize::MAX);
        let stored = job.content.iter().skip(from).enumerate();
        stored.take_while(fits).map(|(_, chunk)| chunk.clone()).collect()
    }

    /// See [`Broker::chunk_at`](crate::Broker::chunk_at).
    pub(super) fn chunk_at(&self, id: &JobId, offset: u64, now: Timestamp) -> (u32, u64) {
        self.job(id, now).map_or((0, 0), |job| job.chunk_at(offset))
    }

    /// The position of the newest notice.
    pub(super) fn newest_notice(&self) -> Position {
        self.index.notices.newest()
    }

    /// See [`Broker::notices`](crate::Broker::notices); does not wait.
    pub(super) fn notices(&self, after: Position) -> Notices {
        self.index.notices.after(after)
    }

    /// See [`Broker::requests`](crate::Broker::requests).
    pub(super) fn requests(&self, query: &RequestQuery, now: Timestamp) -> Page<RequestRecord> {
        let (requests, next) = self.clients.page(query, now);
        let record = |(order, request): (u64, &super::clients::Request)| {
            let name = RequestName { client: query.client.clone(), id: request.id };
            self.record(name, (order, request), now)
        };
        Page { entries: requests.into_iter().map(record).collect(), next }
    }

    /// See [`Broker::kinds`](crate::Broker::kinds).
    pub(super) fn kinds(&self) -> Vec<KindRecord> {
        self.index.kinds.records()
    }

    /// See [`Broker::set_suspended`](crate::Broker::set_suspended).
    pub(super) fn set_suspended(&mut self, kind: &str, suspended: bool) {
        if self.index.kinds.set_suspended(kind, suspended) {
            self.index.wakes.queued = true;
            self.index.tell_kind(kind);
        }
    }

    /// See [`Broker::workers`](crate::Broker::workers).
    pub(super) fn workers(&self, now: Timestamp) -> Vec<WorkerRecord> {
        let ttl = self.index.terms.worker_ttl;
        self.workers.values().filter(|worker| worker.heartbeat_time + ttl > now).cloned().collect()
    }

    /// See [`Broker::stats`](crate::Broker::stats).
    pub(super) fn stats(&self, now: Timestamp) -> Stats {
        let busy =
            self.index.kinds.queues().filter(|(_, _, queue)| !queue.waiting.is_empty() || queue.running > 0);
        let queues = busy.map(|(kind, lane, queue)| QueueStats {
            kind: kind.to_owned(),
            lane,
            queued: queue.waiting.len() as u64,
            running: queue.running,
            oldest: queue
                .waiting
                .values()
                .next()
                .and_then(|id| self.jobs.get(id))
                .map(|job| now.since(job.admission_time)),
        });
        Stats {
            queues: queues.collect(),
            counters: self.index.counters,
            kept_jobs: self.jobs.len() as u64,
            kept_bytes: self.index.kept_bytes,
        }
    }

    /// See [`Broker::dead`](crate::Broker::dead).
    pub(super) fn dead(&self, after: Option<u64>, limit: usize, now: Timestamp) -> Page<Snapshot> {
        let limit = limit.max(1);
        let letters = self.index.dead.range(..after.unwrap_or(u64::MAX)).rev();
        let mut kept = letters.filter_map(|(order, id)| self.job(id, now).map(|job| (*order, job)));
        let page: Vec<_> = kept.by_ref().take(limit).collect();
        let next = kept.next().and(page.last()).map(|(order, _)| *order);
        Page { entries: page.into_iter().map(|(_, job)| self.view(job)).collect(), next }
    }

    /// See [`Broker::retry`](crate::Broker::retry).
    pub(super) fn retry(&mut self, id: &JobId, now: Timestamp) -> Result<Snapshot> {
        let kept = self.jobs.get_mut(id).filter(|job| !job.expired(now));
        let job = kept.ok_or_else(|| Error::NoSuchJob(id.clone()))?;
        if job.seen.state == State::Failed {
            self.index.retry(job, now);
        } else if !job.retried {
            return Err(Error::NotDead(id.clone()));
        }
        self.snapshot(id, now).ok_or_else(|| Error::NoSuchJob(id.clone()))
    }
}
