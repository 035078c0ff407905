//! The verbs of those who work: claim, renew, report, append, finish, release, and rescue for those who died at it.

use std::collections::HashMap;

use abacus_tasks::{JobId, Lane};
use bytes::Bytes;
use futures_util::future;
use redis::Value;
use tokio::time::{Duration, Instant, timeout_at};

use super::{
    Redis,
    keys::Base,
    millis, record, reply,
    scripts::{self, Call, Script},
    unreadable,
};
use crate::{
    Claim, Error, Failure, Hold, Lease, LeaseKey, Outcome, Progress, Release, Rescued, Result, WorkerRecord,
};

/// How many jobs one script leases at most, so that it is short.
const CLAIMED_PER_STEP: usize = 128;
/// How many leases one script takes back, and how many expired jobs it forgets.
const RESCUED_PER_STEP: usize = 100;
/// How long a claim looks for what waits: a partition that does not tell in time is left out.
const LOOK: Duration = Duration::from_secs(1);
/// The longest time [`Claim::wait`] is honoured for.
const MAX_CLAIM_WAIT: Duration = Duration::from_secs(2);

impl Redis {
    pub(super) async fn do_claim(&self, claim: &Claim) -> Result<Vec<Lease>> {
        let deadline = Instant::now() + claim.wait.min(MAX_CLAIM_WAIT);
        if claim.kinds.is_empty() || claim.free.iter().all(|(_, slots)| *slots == 0) {
            return Ok(Vec::new());
        }
        if let Some(named) = &claim.job {
            let partitions =
                if claim.stop.is_cancelled() { vec![] } else { vec![self.keys.partition_of(named)] };
            return self.claim_from(&partitions, claim).await;
        }
        // Listens before it looks: what is queued in between is not missed.
        let mut wakes = self.wakes.listen(&self.server, &self.keys);
        let mut partitions = self.promising(claim).await?;
        loop {
            if claim.stop.is_cancelled() {
                return Ok(Vec::new());
            }
            let leases = self.claim_from(&partitions, claim).await?;
            if !leases.is_empty() {
                return Ok(leases);
            }
            // The wait can be cut short, a call of the server cannot: its leases would be nobody's.
            let woken = timeout_at(deadline, wakes.changed());
            match claim.stop.run_until_cancelled(woken).await {
                Some(Ok(())) => partitions = wakes.take_woken(),
                _ => return Ok(Vec::new()),
            }
        }
    }

    /// The partitions in which something waits that the claim could take.
    async fn promising(&self, claim: &Claim) -> Result<Vec<usize>> {
        let bases = self.keys.partitions();
        if bases.len() == 1 {
            return Ok(vec![0]);
        }
        let wanted = |queue: &str| {
            queue.split_once(':').is_some_and(|(kind, lane)| {
                let free = claim.free.iter().any(|(free, slots)| *slots > 0 && free.as_str() == lane);
                free && claim.kinds.iter().any(|claimed| claimed == kind)
            })
        };
        let looks = bases.iter().map(|base| async move {
            let mut command = redis::cmd("SMEMBERS");
            self.server.command_within(LOOK, base.slot, command.arg(base.key("queues"))).await
        });
        let looks = looks.enumerate().map(async |(partition, look)| Ok((partition, look.await?)));
        let mut promising: Vec<_> = those_that_answer(looks)
            .await?
            .into_iter()
            .filter(|(_, queues)| reply::strings(queues.clone()).iter().any(|queue| wanted(queue)))
            .map(|(partition, _)| partition)
            .collect();
        // Workers begin at different partitions.
        let start = self.next_start() % bases.len();
        promising.sort_by_key(|partition| (partition + bases.len() - start) % bases.len());
        Ok(promising)
    }

    /// Takes from one partition after the other until the slots are filled.
    async fn claim_from(&self, partitions: &[usize], claim: &Claim) -> Result<Vec<Lease>> {
        let mut free: HashMap<Lane, usize> = HashMap::new();
        for (lane, slots) in &claim.free {
            *free.entry(*lane).or_default() += slots;
        }
        let mut leases: Vec<Lease> = Vec::new();
        let mut trouble = None;
        for partition in partitions {
            loop {
                let call = self.claim_call(&self.keys.partitions()[*partition], claim, &free);
                let Some(call) = call else { return Ok(leases) };
                let taken = match self.server.run(&call).await {
                    Ok(taken) => reply::list(taken),
                    // What was leased before the trouble is not to be lost.
                    Err(_) if !leases.is_empty() => return Ok(leases),
                    Err(error) => {
                        trouble = Some(error);
                        break;
                    }
                };
                let taken: Vec<_> = taken.into_iter().filter_map(|taken| read_lease(taken, claim)).collect();
                for lease in &taken {
                    let slots = free.entry(lease.lane).or_default();
                    *slots = slots.saturating_sub(1);
                }
                let full = taken.len() >= CLAIMED_PER_STEP;
                leases.extend(taken);
                if !full {
                    break;
                }
            }
        }
        match trouble {
            Some(error) if leases.is_empty() => Err(error),
            _ => Ok(leases),
        }
    }

    /// `None` when no slot is free.
    fn claim_call(&self, base: &Base, claim: &Claim, free: &HashMap<Lane, usize>) -> Option<Call> {
        let mut room = CLAIMED_PER_STEP;
        let mut lanes = Vec::new();
        for lane in Lane::ALL {
            let slots = free.get(&lane).copied().unwrap_or_default().min(room);
            if slots > 0 {
                room -= slots;
                lanes.push((record::lane_letter(lane), slots));
            }
        }
        if lanes.is_empty() {
            return None;
        }
        let call = self
            .call(&scripts::CLAIM, base)
            .arg(&record::worker_bytes(&claim.worker)[..])
            .arg(millis(self.terms.lease))
            .arg(claim.job.as_ref().map_or("", JobId::as_str))
            .arg(lanes.len());
        Some(call.arg(lanes).arg(&claim.kinds))
    }

    pub(super) async fn do_renew(&self, worker: &WorkerRecord, leases: &[LeaseKey]) -> Result<Vec<Hold>> {
        // Well below the lease, so that the leases of other partitions are renewed in time again.
        let limit = self.terms.lease / 3;
        let announce = self.announce(worker, limit);
        let mut places = vec![Vec::new(); self.keys.partitions().len()];
        for (place, lease) in leases.iter().enumerate() {
            places[self.keys.partition_of(&lease.job)].push(place);
        }
        let renew = places.iter().zip(self.keys.partitions()).filter(|(places, _)| !places.is_empty());
        let renew =
            renew.map(|(places, base)| {
                let call = self
                    .call(&scripts::RENEW, base)
                    .arg(&record::worker_bytes(&worker.id)[..])
                    .arg(millis(self.terms.lease));
                let call = places.iter().fold(call, |call, place| {
                    let lease = &leases[*place];
                    call.arg(lease.job.as_str()).arg(lease.attempt)
                });
                async move {
                    self.server.run_within(limit, &call).await.map(|holds| (places, reply::strings(holds)))
                }
            });
        let (announced, renewed) = future::join(announce, those_that_answer(renew)).await;
        let renewed = match (announced, renewed) {
            (Ok(()), Err(_)) => Vec::new(),
            (Err(error), Ok(renewed)) if renewed.is_empty() => return Err(error),
            (_, renewed) => renewed?,
        };
        // A partition that does not answer takes no lease away: its scripts will tell who holds it.
        let mut holds = vec![Hold::Held; leases.len()];
        for (places, found) in renewed {
            for (place, found) in places.iter().zip(found) {
                holds[*place] = match found.as_str() {
                    "held" => Hold::Held,
                    "cancelled" => Hold::Cancelled,
                    _ => Hold::Lost,
                };
            }
        }
        // A lease is held by the worker it names, which a caller may have mixed up.
        for (hold, lease) in holds.iter_mut().zip(leases) {
            if lease.worker != worker.id {
                *hold = Hold::Lost;
            }
        }
        Ok(holds)
    }

    pub(super) async fn do_report(&self, lease: &LeaseKey, progress: &Progress) -> Result<()> {
        let call = self.lease_call(&scripts::REPORT, lease).arg(record::write_progress(progress));
        ending(self.server.run(&call).await?)
    }

    pub(super) async fn do_append(&self, lease: &LeaseKey, index: u32, chunk: &Bytes) -> Result<()> {
        let call = self.lease_call(&scripts::APPEND, lease).arg(index).arg(&chunk[..]);
        ending(self.server.run(&call).await?)
    }

    pub(super) async fn do_finish(&self, lease: &LeaseKey, outcome: &Outcome) -> Result<()> {
        let call = self.lease_call(&scripts::FINISH, lease);
        let call = match outcome {
            Outcome::Succeeded { last, summary } => call
                .arg("s")
                .arg(record::write_summary(summary))
                .arg(summary.chunks)
                .arg(u8::from(last.is_some()))
                .arg(last.as_deref().unwrap_or_default()),
            Outcome::Failed(failure) => call.arg("f").arg(record::write_failure(failure)),
        };
        ending(self.server.run(&call).await?)
    }

    pub(super) async fn do_release(&self, lease: &LeaseKey, release: &Release) -> Result<()> {
        let (counts, failure) = match release {
            Release::Unharmed => (0, Failure::new(Failure::HANDED_BACK, "a worker handed the job back")),
            Release::Failed(failure) => (1, failure.clone()),
        };
        let call = self.lease_call(&scripts::RELEASE, lease).arg(counts).arg(record::write_failure(&failure));
        ending(self.server.run(&call).await?)
    }

    pub(super) async fn do_rescue(&self) -> Result<Vec<Rescued>> {
        let rescues = self.keys.partitions().iter().map(|base| self.rescue_partition(base));
        Ok(those_that_answer(rescues).await?.into_iter().flatten().collect())
    }

    async fn rescue_partition(&self, base: &Base) -> Result<Vec<Rescued>> {
        let mut rescued = Vec::new();
        loop {
            let call = self.call(&scripts::RESCUE, base).arg(RESCUED_PER_STEP);
            let mut reply = reply::list(self.server.run(&call).await?).into_iter();
            let more = reply.next().and_then(reply::int) == Some(1);
            rescued.extend(reply.filter_map(read_rescued));
            if !more {
                return Ok(rescued);
            }
        }
    }

    /// A call that is fenced by a lease.
    fn lease_call(&self, script: &'static Script, lease: &LeaseKey) -> Call {
        let worker = record::worker_bytes(&lease.worker);
        self.job_call(script, &lease.job).arg(lease.attempt).arg(&worker[..])
    }
}

/// Waits for all, and takes what succeeded; fails when all have failed.
async fn those_that_answer<T>(
    calls: impl IntoIterator<Item = impl Future<Output = Result<T>>>,
) -> Result<Vec<T>> {
    let (mut answers, mut trouble) = (Vec::new(), None);
    for answer in future::join_all(calls).await {
        match answer {
            Ok(answer) => answers.push(answer),
            Err(error) => trouble = Some(error),
        }
    }
    match trouble {
        Some(error) if answers.is_empty() => Err(error),
        _ => Ok(answers),
    }
}

/// Reads `'ok'`, `'lost'` or `{'order', next index}`.
fn ending(value: Value) -> Result<()> {
    let mut parts = match value {
        Value::Array(parts) => parts,
        word => vec![word],
    }
    .into_iter();
    match parts.next().and_then(reply::string).as_deref() {
        Some("ok") => Ok(()),
        Some("lost") => Err(Error::LeaseLost),
        Some("order") => {
            let expected =
                parts.next().and_then(reply::number).ok_or_else(|| unreadable("a chunk's number"))?;
            Err(Error::OutOfOrder { expected })
        }
        _ => Err(unreadable("the end of a step")),
    }
}

fn read_lease(taken: Value, claim: &Claim) -> Option<Lease> {
    let mut parts = reply::list(taken).into_iter();
    let job: JobId = reply::string(parts.next()?)?.parse().ok()?;
    let attempt = reply::number(parts.next()?)?;
    Some(Lease {
        key: LeaseKey { job, attempt, worker: claim.worker.clone() },
        task: reply::bytes(parts.next()?)?,
        lane: record::lane(&reply::string(parts.next()?)?)?,
        chunks: reply::number(parts.next()?)?,
        bytes: reply::number(parts.next()?)?,
        trace: parts.next().and_then(reply::string).unwrap_or_default(),
    })
}

fn read_rescued(value: Value) -> Option<Rescued> {
    let mut parts = reply::list(value).into_iter();
    let job = reply::string(parts.next()?)?.parse().ok()?;
    let attempt = reply::number(parts.next()?)?;
    let worker = record::worker(&reply::bytes(parts.next()?)?)?;
    Some(Rescued { key: LeaseKey { job, attempt, worker }, dead: reply::int(parts.next()?) == Some(1) })
}
