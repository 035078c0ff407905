//! The worker: claims jobs for its free slots, and stops doing so when it drains.
//!
//! One claim loop per lane, so that a lane whose slots are all busy never delays another. What wakes a loop: a free
//! slot, a job. What it changes: it leases jobs and begins their attempts. If it dies, the process stops; if it
//! hangs, the heartbeat notices that its turns fail to come, and renews nothing any more. It ends when the worker
//! drains: a claim under way is let finish, because a dropped one may have leased jobs, and those are handed back.

use std::{sync::Arc, time::Duration};

use abacus_broker::{Claim, Error, Lease, LeaseKey, Release, Result, SharedBroker};
use abacus_chassis::Life;
use abacus_tasks::{JobId, Lane};
use tokio::{
    select,
    time::{sleep, timeout},
};

use crate::{
    backoff::{Backoff, persistently},
    compute::Compute,
    division::Shelf,
    execution,
    leases::Leases,
    slots::Slots,
    status::Status,
};

/// What the parts of a worker share.
pub(crate) struct Worker {
    pub(crate) status: Status,
    pub(crate) slots: Slots,
    pub(crate) compute: Compute,
    pub(crate) leases: Leases,
    pub(crate) broker: SharedBroker,
    /// Results of parts that were needed lately.
    pub(crate) shelf: Shelf,
    /// How long a claim waits for a job, and a loop for a free slot before it begins its next turn.
    pub(crate) claim_wait: Duration,
    pub(crate) life: Life,
}

/// Claims jobs of a lane until the worker drains; then waits for the soft stop.
pub(crate) async fn claim_loop(worker: Arc<Worker>, lane: Lane) {
    let drain = worker.status.drain();
    let mut backoff = Backoff::default();
    while !drain.is_cancelled() {
        worker.status.turn(lane);
        let free = select! {
            () = drain.cancelled() => break,
            free = timeout(worker.claim_wait, worker.slots.some_free(lane)) => free,
        };
        let Ok(free) = free else { continue };
        match worker.claim(lane, free).await {
            Ok(leases) => {
                backoff.reset();
                for lease in leases {
                    execution::begin(&worker, lease);
                }
            }
            Err(error) => {
                tracing::debug!(%lane, cause = %error, "cannot claim");
                select! {
                    () = drain.cancelled() => {}
                    () = sleep(backoff.next()) => {}
                }
            }
        }
    }
    worker.life.soft().cancelled().await;
}

/// Hands back what the worker has as soon as it drains; then waits for the soft stop.
pub(crate) async fn drainer(worker: Arc<Worker>) {
    worker.status.drain().cancelled().await;
    tracing::info!(jobs = worker.leases.keys().len(), "draining");
    worker.leases.close();
    worker.life.soft().cancelled().await;
}

impl Worker {
    /// Stops claiming, hands back every job, and tells how many were handed back since the worker began to drain.
    ///
    /// # Cancel safety
    /// The worker drains anyway.
    pub(crate) async fn drain(&self) -> u32 {
        self.status.drain().cancel();
        self.leases.drained().cancelled().await;
        self.leases.handed_back()
    }

    /// Gives a lease back. Tries for as long as it could hold; after that it is rescued anyway.
    pub(crate) async fn release(&self, key: &LeaseKey, release: &Release) -> Result<()> {
        let released = persistently(|| self.broker.release(key, release.clone()));
        let timed_out = |_| Err(Error::Unavailable("the lease could not be given back in time".to_owned()));
        timeout(self.broker.terms().lease, released).await.unwrap_or_else(timed_out)
    }

    /// Counts a lease that was handed back, if that was because the worker drains.
    pub(crate) fn count_handed_back(&self) {
        if self.status.drain().is_cancelled() {
            self.leases.count_handed_back();
        }
    }

    async fn claim(&self, lane: Lane, free: usize) -> Result<Vec<Lease>> {
        let identity = self.status.identity();
        let claim = Claim {
            worker: identity.id.clone(),
            kinds: identity.kinds.clone(),
            free: vec![(lane, free)],
            job: None,
            wait: self.claim_wait,
            stop: self.status.drain().clone(),
        };
        self.broker.claim(claim).await
    }

    /// Takes this very job if it waits, whatever its lane, to be computed in a slot that is taken already.
    pub(crate) async fn take(&self, job: &JobId) -> Result<Option<Lease>> {
        let claim = Claim {
            worker: self.status.identity().id.clone(),
            kinds: vec![job.kind().to_owned()],
            free: Lane::ALL.map(|lane| (lane, 1)).to_vec(),
            job: Some(job.clone()),
            wait: Duration::ZERO,
            stop: self.status.drain().clone(),
        };
        Ok(self.broker.claim(claim).await?.pop())
    }
}
