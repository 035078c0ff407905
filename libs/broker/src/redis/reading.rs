//! The verbs of those who read, and of operators: snapshots, chunks, dead letters, kinds, workers, counts.

use std::{cmp::Reverse, collections::BTreeMap, time::Duration};

use abacus_tasks::{JobId, Lane};
use bytes::Bytes;
use futures_util::future;
use redis::Value;

use super::{Redis, keys::Base, millis, record, reply, scripts, unreadable, workers};
use crate::{Counters, Error, KindRecord, Page, QueueStats, Result, Snapshot, Stats, WorkerRecord};

/// Results up to this length are told at once; longer ones are read past the script.
const AT_ONCE_BYTES: usize = 64 << 10;

/// How many chunks one script measures, so that it is short.
const MEASURED_PER_STEP: usize = 500;

/// What one partition knows of a kind.
#[derive(Debug, Default, Clone, Copy)]
struct KindInPartition {
    suspended: bool,
    /// True once it was suspended or has failed here.
    notable: bool,
    failures: u32,
    failed_micros: u64,
    succeeded_micros: u64,
}

impl Redis {
    pub(super) async fn do_snapshot(&self, job: &JobId) -> Result<Option<Snapshot>> {
        let value = self.server.run(&self.job_call(&scripts::SNAPSHOT, job)).await?;
        Ok(record::snapshot(job, value))
    }

    pub(super) async fn do_chunks(&self, job: &JobId, from: u32, max_bytes: usize) -> Result<Vec<Bytes>> {
        let call = self.job_call(&scripts::CHUNKS, job).arg(from).arg(max_bytes).arg(AT_ONCE_BYTES);
        let mut reply = reply::list(self.server.run(&call).await?).into_iter();
        let number: u32 = reply.next().and_then(reply::number).unwrap_or_default();
        if reply.len() > 0 || number == 0 {
            return Ok(record::contents(reply));
        }
        let base = self.keys.of_job(job);
        let mut command = redis::cmd("MGET");
        for index in from..from.saturating_add(number) {
            command.arg(base.chunk(job, index));
        }
        Ok(record::contents(reply::list(self.server.command(base.slot, &command).await?)))
    }

    pub(super) async fn do_chunk_at(&self, job: &JobId, offset: u64) -> Result<(u32, u64)> {
        let (mut number, mut start) = (0, 0);
        loop {
            let call = self.job_call(&scripts::LOCATE, job).arg(offset).arg(number).arg(start);
            let reply = self.server.run(&call.arg(MEASURED_PER_STEP)).await?;
            let mut reply = reply::list(reply).into_iter();
            let mut next =
                || reply.next().and_then(reply::number::<u64>).ok_or_else(|| unreadable("a result"));
            let found = next()? == 1;
            number = u32::try_from(next()?).map_err(|_| unreadable("a result"))?;
            start = next()?;
            if found {
                return Ok((number, start));
            }
        }
    }

    pub(super) async fn do_dead(&self, after: Option<u64>, limit: usize) -> Result<Page<Snapshot>> {
        let limit = limit.max(1);
        let listed = self.keys.partitions().iter().map(|base| self.dead_in(base, after, limit + 1));
        let mut listed: Vec<_> = future::try_join_all(listed).await?.into_iter().flatten().collect();
        listed.sort_unstable_by_key(|(order, _)| Reverse(*order));
        let more = listed.len() > limit;
        listed.truncate(limit);
        let next = if more { listed.last().map(|(order, _)| *order) } else { None };
        let snapshots = future::try_join_all(listed.iter().map(|(_, job)| self.do_snapshot(job))).await?;
        Ok(Page { entries: snapshots.into_iter().flatten().collect(), next })
    }

    async fn dead_in(&self, base: &Base, after: Option<u64>, limit: usize) -> Result<Vec<(u64, JobId)>> {
        let from = after.map_or_else(|| "+inf".to_owned(), |order| format!("({order}"));
        let mut command = redis::cmd("ZREVRANGEBYSCORE");
        command.arg(base.key("dead")).arg((from, "-inf", "WITHSCORES", "LIMIT", 0, limit));
        let listed = self.server.command(base.slot, &command).await?;
        Ok(scored(listed).into_iter().filter_map(|(job, order)| Some((order, job.parse().ok()?))).collect())
    }

    pub(super) async fn do_retry(&self, job: &JobId) -> Result<Snapshot> {
        let mut reply = reply::list(self.server.run(&self.job_call(&scripts::RETRY, job)).await?).into_iter();
        match reply.next().and_then(reply::string).as_deref() {
            Some("unknown") => Err(Error::NoSuchJob(job.clone())),
            Some("alive") => Err(Error::NotDead(job.clone())),
            _ => {
                reply.next().and_then(|value| record::snapshot(job, value)).ok_or_else(|| unreadable("a job"))
            }
        }
    }

    pub(super) async fn do_set_suspended(&self, kind: &str, suspended: bool) -> Result<()> {
        let set = self.keys.partitions().iter().map(|base| {
            let call = self.call(&scripts::SUSPEND, base).arg(kind).arg(u8::from(suspended));
            async move { self.server.run(&call).await }
        });
        future::try_join_all(set).await.map(drop)
    }

    pub(super) async fn do_kinds(&self) -> Result<Vec<KindRecord>> {
        let reads = self.keys.partitions().iter().map(|base| async move {
            let mut command = redis::cmd("HGETALL");
            self.server.command(base.slot, command.arg(base.key("kinds"))).await
        });
        let mut kinds: BTreeMap<String, Vec<KindInPartition>> = BTreeMap::new();
        for fields in future::try_join_all(reads).await? {
            for (kind, known) in read_kinds(fields) {
                kinds.entry(kind).or_default().push(known);
            }
        }
        Ok(kinds.into_iter().filter_map(|(kind, partitions)| kind_record(kind, &partitions)).collect())
    }

    pub(super) async fn announce(&self, worker: &WorkerRecord, limit: Duration) -> Result<()> {
        let call = self
            .call(&scripts::ANNOUNCE, &self.keys.workers())
            .arg(&record::worker_bytes(&worker.id)[..])
            .arg(workers::write(worker))
            .arg(millis(self.terms.worker_ttl));
        self.server.run_within(limit, &call).await.map(drop)
    }

    pub(super) async fn do_workers(&self) -> Result<Vec<WorkerRecord>> {
        let call = self.call(&scripts::WORKERS, &self.keys.workers()).arg(millis(self.terms.worker_ttl));
        let listed = reply::list(self.server.run(&call).await?);
        let mut list: Vec<_> = listed.into_iter().filter_map(workers::read).collect();
        list.sort_by(|one, other| one.id.cmp(&other.id));
        Ok(list)
    }

    pub(super) async fn do_stats(&self) -> Result<Stats> {
        let reads = self.keys.partitions().iter().map(|base| {
            let call = self.call(&scripts::STATS, base);
            async move { self.server.run(&call).await }
        });
        let mut stats = Stats::default();
        let mut queues: BTreeMap<(String, Lane), QueueStats> = BTreeMap::new();
        for partition in future::try_join_all(reads).await? {
            let mut parts = reply::list(partition).into_iter();
            for queue in parts.next().map(reply::list).unwrap_or_default().into_iter().filter_map(read_queue)
            {
                let key = (queue.kind.clone(), queue.lane);
                let sum = queues.entry(key).or_insert_with(|| QueueStats {
                    queued: 0,
                    running: 0,
                    oldest: None,
                    ..queue.clone()
                });
                sum.queued += queue.queued;
                sum.running += queue.running;
                sum.oldest = sum.oldest.max(queue.oldest);
            }
            for (name, value) in parts.next().map(reply::map).unwrap_or_default() {
                add_counter(
                    &mut stats,
                    &reply::string(name).unwrap_or_default(),
                    reply::number(value).unwrap_or_default(),
                );
            }
            stats.kept_jobs += parts.next().and_then(reply::number::<u64>).unwrap_or_default();
        }
        stats.queues = queues.into_values().collect();
        stats.kept_jobs += stats.queues.iter().map(|queue| queue.queued + queue.running).sum::<u64>();
        Ok(stats)
    }
}

/// Reads members with scores, as older and newer protocol versions tell them.
fn scored(value: Value) -> Vec<(String, u64)> {
    let list = reply::list(value);
    let pairs: Vec<(Value, Value)> = if list.first().is_some_and(|first| matches!(first, Value::Array(_))) {
        list.into_iter().flat_map(reply::map).collect()
    } else {
        reply::map(Value::Array(list))
    };
    let read = |(member, score)| {
        let score = match score {
            // Orders are whole numbers below 2^53, which a double holds exactly.
            Value::Double(score) => format!("{score:.0}").parse().ok()?,
            score => reply::number(score)?,
        };
        Some((reply::string(member)?, score))
    };
    pairs.into_iter().filter_map(read).collect()
}

fn read_kinds(fields: Value) -> BTreeMap<String, KindInPartition> {
    let mut kinds: BTreeMap<String, KindInPartition> = BTreeMap::new();
    for (field, value) in reply::map(fields) {
        let (Some(field), Some(value)) = (reply::string(field), reply::number::<u64>(value)) else {
            continue;
        };
        let Some((what, kind)) = field.split_once(':') else { continue };
        let known = kinds.entry(kind.to_owned()).or_default();
        known.notable |= what != "o";
        match what {
            "s" => known.suspended = value == 1,
            "f" => known.failures = u32::try_from(value).unwrap_or(u32::MAX),
            "g" => known.failed_micros = value,
            _ => known.succeeded_micros = value,
        }
    }
    kinds
}

/// Failures of a partition count unless another partition has seen a success since. With one partition the number is
/// exact; with several it may count failures from before a success elsewhere, if another failure followed.
fn kind_record(kind: String, partitions: &[KindInPartition]) -> Option<KindRecord> {
    if !partitions.iter().any(|known| known.notable) {
        return None;
    }
    let succeeded = partitions.iter().map(|known| known.succeeded_micros).max()?;
    let failed = partitions.iter().filter(|known| known.failed_micros > succeeded);
    let suspended = partitions.iter().any(|known| known.suspended);
    Some(KindRecord { kind, suspended, failures_in_a_row: failed.map(|known| known.failures).sum() })
}

fn read_queue(queue: Value) -> Option<QueueStats> {
    let mut parts = reply::list(queue).into_iter();
    let name = reply::string(parts.next()?)?;
    let (kind, lane) = name.split_once(':')?;
    let queued = reply::number(parts.next()?)?;
    let oldest = reply::int(parts.next()?).and_then(|millis| u64::try_from(millis).ok());
    Some(QueueStats {
        kind: kind.to_owned(),
        lane: lane.parse().ok()?,
        queued,
        running: reply::number(parts.next()?)?,
        oldest: oldest.map(Duration::from_millis),
    })
}

fn add_counter(stats: &mut Stats, name: &str, value: u64) {
    let Counters { created, joined, cached, succeeded, failed, cancelled, retried } = &mut stats.counters;
    let counter = match name {
        "created" => created,
        "joined" => joined,
        "cached" => cached,
        "succeeded" => succeeded,
        "failed" => failed,
        "cancelled" => cancelled,
        "retried" => retried,
        "bytes" => &mut stats.kept_bytes,
        _ => return,
    };
    *counter += value;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_before_a_success_elsewhere_do_not_count() {
        let failed =
            KindInPartition { failures: 2, failed_micros: 10, notable: true, ..KindInPartition::default() };
        let succeeded = KindInPartition { succeeded_micros: 20, ..KindInPartition::default() };
        let later = KindInPartition { failures: 1, failed_micros: 30, ..KindInPartition::default() };
        let in_a_row =
            |known: &[KindInPartition]| kind_record("sum2".to_owned(), known).unwrap().failures_in_a_row;
        assert_eq!(kind_record("sum2".to_owned(), &[succeeded]), None, "nothing to tell of it");
        assert_eq!(in_a_row(&[failed]), 2);
        assert_eq!(in_a_row(&[failed, succeeded]), 0);
        assert_eq!(in_a_row(&[failed, succeeded, later]), 1);
    }
}
