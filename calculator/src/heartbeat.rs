//! The heartbeat: tells the broker that this worker lives, and keeps its leases.
//!
//! It beats on a thread with a runtime of its own, so that nothing else in the process can delay it. What wakes it:
//! the renew interval, the beginning of a drain. What it changes: it renews the leases of all attempts, stops those
//! that the broker no longer knows, and sets the port's readiness. It renews only while every claim loop has had a
//! turn lately: a worker that hangs must lose its jobs. If it dies, the process stops. It ends after the soft stop,
//! once no lease is held any more.

use std::{convert::Infallible, io, sync::Arc, thread, time::Duration};

use abacus_broker::{Hold, LeaseKey, SharedBroker, WorkerState};
use abacus_chassis::health::Readiness;
use tokio::{
    runtime, select,
    sync::oneshot,
    time::{MissedTickBehavior, interval},
};

use crate::{figures, handover::Interrupt, worker::Worker};

/// The heartbeat of a worker.
pub(crate) struct Heartbeat {
    /// Whose.
    pub(crate) worker: Arc<Worker>,
    /// Its own broker, shared with nobody.
    pub(crate) broker: SharedBroker,
    /// What it sets.
    pub(crate) readiness: Readiness,
    /// Between two beats.
    pub(crate) interval: Duration,
}

impl Heartbeat {
    /// Starts the thread. The process stops when it ends before the soft stop.
    ///
    /// # Errors
    /// The operating system's, when it has no room for another thread or runtime.
    pub(crate) fn start(self) -> io::Result<()> {
        let life = self.worker.life.clone();
        let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
        let (alive, ended) = oneshot::channel::<Infallible>();
        thread::Builder::new().name("heartbeat".to_owned()).spawn(move || {
            let _alive = alive;
            runtime.block_on(async {
                let hard = self.worker.life.hard().clone();
                hard.run_until_cancelled(self.run()).await;
            });
        })?;
        life.spawn("heartbeat", async move {
            // The sender is dropped when the thread ends, however it ends.
            let _ = ended.await;
        });
        Ok(())
    }

    async fn run(self) {
        let (drain, drained) = (self.worker.status.drain(), self.worker.leases.drained());
        let mut ticks = interval(self.interval);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        ticks.tick().await;
        let mut away = false;
        loop {
            let draining = drain.is_cancelled();
            self.beat(&mut away).await;
            select! {
                _ = ticks.tick() => {}
                () = drain.cancelled(), if !draining => {}
                () = async { tokio::join!(self.worker.life.soft().cancelled(), drained.cancelled()); } => return,
            }
        }
    }

    /// Announces the worker, renews what it holds. `away` is whether the broker was away at the beat before.
    async fn beat(&self, away: &mut bool) {
        let status = &self.worker.status;
        let record = status.record();
        let leases = if record.state == WorkerState::Stuck { Vec::new() } else { self.worker.leases.keys() };
        let renewed = self.broker.renew(&record, &leases).await;
        if renewed.is_err() {
            figures::heartbeat_missed();
        }
        let was_away = std::mem::replace(away, renewed.is_err());
        match &renewed {
            Ok(holds) => {
                status.announced();
                self.obey(&leases, holds);
                if was_away {
                    tracing::info!("the broker is back");
                }
            }
            Err(error) if !was_away => tracing::warn!(cause = %error, "the broker is away"),
            Err(_) => {}
        }
        self.tell_readiness(record.state, renewed.is_ok());
    }

    /// Stops the attempts whose leases no longer hold.
    fn obey(&self, leases: &[LeaseKey], holds: &[Hold]) {
        for (lease, hold) in leases.iter().zip(holds) {
            match hold {
                Hold::Held => {}
                Hold::Cancelled => self.worker.leases.interrupt(lease, Interrupt::Cancelled),
                Hold::Lost => self.worker.leases.interrupt(lease, Interrupt::Lost),
            }
        }
    }

    /// A worker becomes ready with its first announcement; it stays so while the broker is away, which is not its
    /// fault and which no other worker could make up for.
    fn tell_readiness(&self, state: WorkerState, announced: bool) {
        match state {
            WorkerState::Serving if announced => self.readiness.serving(),
            WorkerState::Serving => {}
            WorkerState::Draining | WorkerState::Stuck => self.readiness.not_serving(),
        }
    }
}
