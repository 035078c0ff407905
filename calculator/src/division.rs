//! A long task in parts, as its compute thread sees it: each part is a job of its own, which any worker may compute.
//!
//! The thread asks for parts ahead and puts their results together in order. The part it needs next is on the shelf;
//! or has been computed, and is read; or waits in the queue, and is taken from there and computed at once; or is being
//! computed elsewhere, and meanwhile the thread computes one that waits. So it never waits for what nobody does, and
//! as parts have no parts, nothing waits in a circle. Whatever else goes wrong with a part (the broker is away, its kind
//! is suspended, it was cancelled or has failed), the thread computes that stretch as if it had no parts.

mod shelf;
mod window;

use std::{num::NonZeroUsize, ops::ControlFlow, sync::Arc, time::Duration};

use abacus_broker::{Broker, Lease, LeaseKey, Snapshot};
use abacus_tasks::{Parts, Run, State, Stop, Task};
use bytes::{Bytes, BytesMut};
use sha2::{Digest as _, Sha256};
use tokio::{runtime::Handle, select, time::sleep};

pub(crate) use self::shelf::Shelf;
use self::window::Window;
use crate::{compute::compute_within, execution, handover::Handover, worker::Worker};

/// Bytes of a result that are read at once, at most.
const READ_BYTES: usize = 4 << 20;

/// The shortest and the longest wait between two looks at a part that is being computed elsewhere.
const PAUSES: [Duration; 2] = [Duration::from_millis(5), Duration::from_millis(40)];

/// How often a part that waits may turn out not to be taken: others take it first once, or nobody may.
const VAIN_CLAIMS: u32 = 3;

/// What a computation needs in order to be divided, made where its attempt begins.
pub(crate) struct Division {
    worker: Arc<Worker>,
    runtime: Handle,
    window: Window,
}

/// The surroundings of a computation that may be divided.
pub(crate) struct Divided<'a> {
    run: &'a mut dyn Run,
    handover: &'a Arc<Handover>,
    division: Division,
    /// The latest progress, which is repeated while the thread is busy with parts: so it learns when to stop.
    progress: (f64, &'static str),
}

/// How a part stands.
enum Look {
    /// Its result.
    Done(Bytes),
    /// Whoever is free may take it.
    Waits,
    /// It is being computed.
    Runs,
    /// It is not to be had.
    Gone,
}

impl Division {
    /// For an attempt and its trace; on the runtime.
    pub(crate) fn new(worker: &Arc<Worker>, attempt: LeaseKey, trace: String) -> Self {
        let runtime = Handle::current();
        let window = Window::new(worker, runtime.clone(), attempt, trace);
        Self { worker: Arc::clone(worker), runtime, window }
    }
}

impl<'a> Divided<'a> {
    /// Surroundings like `run`, of the computation that meets its follower at `handover`; on its compute thread.
    pub(crate) fn new(run: &'a mut dyn Run, handover: &'a Arc<Handover>, division: Division) -> Self {
        Self { run, handover, division, progress: (0.0, "starting") }
    }

    /// The result of a part, by whatever way is shortest.
    fn obtain(&mut self, part: &Task) -> Result<Option<Bytes>, Stop> {
        let (mut pause, mut vain) = (PAUSES[0], 0);
        loop {
            self.pulse()?;
            match self.look(part)? {
                Look::Done(result) => return Ok(Some(result)),
                Look::Waits if vain < VAIN_CLAIMS => match self.take(part) {
                    Some(lease) => {
                        if let Some(result) = self.compute(part, lease) {
                            return Ok(Some(result));
                        }
                    }
                    None => vain += 1,
                },
                Look::Runs if self.help()? => pause = PAUSES[0],
                Look::Runs => {
                    self.wait(async { sleep(pause).await })?;
                    pause = (pause * 2).min(PAUSES[1]);
                }
                Look::Waits | Look::Gone => return Ok(None),
            }
        }
    }

    fn look(&self, part: &Task) -> Result<Look, Stop> {
        let worker = &self.division.worker;
        if let Some(result) = worker.shelf.get(part.job()) {
            return Ok(Look::Done(result));
        }
        let look = self.wait(look(&*worker.broker, part))?;
        if let Look::Done(result) = &look {
            worker.shelf.put(part.job(), result.clone());
        }
        Ok(look)
    }

    /// Takes a part that waits in the queue. Not to be cut short: its lease would be nobody's.
    fn take(&self, part: &Task) -> Option<Lease> {
        let Division { worker, runtime, .. } = &self.division;
        runtime.block_on(worker.take(part.job())).ok().flatten()
    }

    /// Computes a later part that waits. False when none does.
    fn help(&mut self) -> Result<bool, Stop> {
        let ahead: Vec<_> = self.division.window.ahead().cloned().collect();
        for part in ahead {
            self.pulse()?;
            if self.division.worker.shelf.get(part.job()).is_some() {
                continue;
            }
            if let Some(lease) = self.take(&part) {
                self.compute(&part, lease);
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Computes a part on this thread, under a lease of its own; its result stands on the shelf, too. `None` when it was
    /// interrupted or has failed, be it because this computation is to stop.
    fn compute(&mut self, part: &Task, lease: Lease) -> Option<Bytes> {
        let Division { worker, runtime, .. } = &self.division;
        let begun = {
            let _runtime = runtime.enter();
            execution::begin_within(worker, lease)
        };
        let (within, stored) = begun?;
        self.handover.set_within(Some(Arc::clone(&within)));
        let (run, (fraction, phase)) = (&mut *self.run, self.progress);
        let result = compute_within(part, &within, (worker.compute.cut(), stored), &mut || {
            run.report(fraction, phase)
        });
        self.handover.set_within(None);
        if let Some(result) = &result {
            worker.shelf.put(part.job(), result.clone());
        }
        result
    }

    /// Says that the thread is alive, and hears whether to stop.
    fn pulse(&mut self) -> Result<(), Stop> {
        let (fraction, phase) = self.progress;
        match self.run.report(fraction, phase) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(Stop::Interrupted),
        }
    }

    /// Waits for something on the runtime, for as long as the computation goes on.
    fn wait<T>(&self, future: impl Future<Output = T>) -> Result<T, Stop> {
        self.division.runtime.block_on(async {
            select! {
                biased;
                () = self.handover.stopped().cancelled() => Err(Stop::Interrupted),
                done = future => Ok(done),
            }
        })
    }

    /// Asks for parts up to the bound of the window.
    fn refill(&mut self) -> Result<(), Stop> {
        let Division { runtime, window, .. } = &mut self.division;
        runtime.block_on(async {
            select! {
                biased;
                () = self.handover.stopped().cancelled() => Err(Stop::Interrupted),
                () = window.refill() => Ok(()),
            }
        })
    }
}

impl Run for Divided<'_> {
    fn report(&mut self, fraction: f64, phase: &'static str) -> ControlFlow<()> {
        self.progress = (fraction, phase);
        self.run.report(fraction, phase)
    }

    fn write(&mut self, bytes: &[u8]) -> ControlFlow<()> {
        self.run.write(bytes)
    }

    fn threads(&self) -> NonZeroUsize {
        self.run.threads()
    }

    fn announce(&mut self, parts: Parts) -> bool {
        self.division.window.announce(parts);
        // If it is to stop, the next call says so.
        let _ = self.refill();
        true
    }

    fn part(&mut self, part: &Task) -> Result<Option<Bytes>, Stop> {
        let asked = self.division.window.next(part);
        let result = self.refill().and_then(|()| self.obtain(part));
        if !matches!(result, Ok(Some(_))) {
            self.division.window.leave(asked);
        }
        result
    }

    fn kept(&mut self, task: &Task) -> Result<Option<Bytes>, Stop> {
        self.pulse()?;
        Ok(match self.look(task)? {
            Look::Done(result) => Some(result),
            Look::Waits | Look::Runs | Look::Gone => None,
        })
    }
}

/// How a part stands in the broker; its result when it has one.
async fn look(broker: &dyn Broker, part: &Task) -> Look {
    let Ok(Some(snapshot)) = broker.snapshot(part.job()).await else { return Look::Gone };
    match snapshot.state {
        State::Queued => Look::Waits,
        State::Running => Look::Runs,
        State::Succeeded => read(broker, &snapshot).await.map_or(Look::Gone, Look::Done),
        State::Failed | State::Cancelled => Look::Gone,
    }
}

/// A finished result, compared with what is said about it.
async fn read(broker: &dyn Broker, snapshot: &Snapshot) -> Option<Bytes> {
    let summary = snapshot.summary.as_ref()?;
    let mut result = BytesMut::with_capacity(usize::try_from(summary.bytes).ok()?);
    let mut number = 0;
    while number < summary.chunks {
        let chunks = broker.chunks(&snapshot.job, number, READ_BYTES).await.ok()?;
        // It may have been forgotten meanwhile.
        number += u32::try_from(chunks.len()).ok().filter(|count| *count > 0)?;
        for chunk in &chunks {
            result.extend_from_slice(chunk);
        }
    }
    let is_whole = result.len() as u64 == summary.bytes && Sha256::digest(&result)[..] == summary.sha256;
    if !is_whole {
        tracing::warn!(job.id = %snapshot.job, "the stored result of a part is damaged");
    }
    is_whole.then(|| result.freeze())
}
