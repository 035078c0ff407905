//! The leases this worker holds: what the heartbeat renews, and where orders to stop find the attempt they mean.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use abacus_broker::LeaseKey;
use parking_lot::Mutex;
use tokio_util::sync::CancellationToken;

use crate::handover::{Handover, Interrupt};

/// The leases of a worker. Clones share them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Leases(Arc<Inner>);

/// A lease that is held until this is dropped.
#[derive(Debug)]
pub(crate) struct Held {
    leases: Leases,
    key: LeaseKey,
}

#[derive(Debug, Default)]
struct Inner {
    register: Mutex<Register>,
    /// Fires once the register is closed and empty.
    drained: CancellationToken,
    handed_back: AtomicU32,
}

#[derive(Debug, Default)]
struct Register {
    held: HashMap<LeaseKey, Arc<Handover>>,
    closed: bool,
}

impl Leases {
    /// Notes that a lease is held by this computation; `None` once no more are taken.
    pub(crate) fn hold(&self, key: LeaseKey, handover: Arc<Handover>) -> Option<Held> {
        let mut register = self.0.register.lock();
        if register.closed {
            return None;
        }
        register.held.insert(key.clone(), handover);
        Some(Held { leases: self.clone(), key })
    }

    /// What the leases held are known by.
    pub(crate) fn keys(&self) -> Vec<LeaseKey> {
        self.0.register.lock().held.keys().cloned().collect()
    }

    /// Stops the attempt of a lease, if it is still held.
    pub(crate) fn interrupt(&self, key: &LeaseKey, why: Interrupt) {
        if let Some(handover) = self.0.register.lock().held.get(key) {
            handover.interrupt(why);
        }
    }

    /// Takes no more leases, and asks every attempt to hand its lease back.
    pub(crate) fn close(&self) {
        let mut register = self.0.register.lock();
        register.closed = true;
        for handover in register.held.values() {
            handover.interrupt(Interrupt::HandBack);
        }
        self.note_if_drained(&register);
    }

    /// Fires once no more leases are taken and none is held.
    pub(crate) fn drained(&self) -> &CancellationToken {
        &self.0.drained
    }

    /// Counts a lease that was handed back.
    pub(crate) fn count_handed_back(&self) {
        self.0.handed_back.fetch_add(1, Ordering::Relaxed);
    }

    /// How many leases were handed back.
    pub(crate) fn handed_back(&self) -> u32 {
        self.0.handed_back.load(Ordering::Relaxed)
    }

    fn note_if_drained(&self, register: &Register) {
        if register.closed && register.held.is_empty() {
            self.0.drained.cancel();
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut register = self.leases.0.register.lock();
        register.held.remove(&self.key);
        self.leases.note_if_drained(&register);
    }
}

#[cfg(test)]
mod tests {
    use abacus_tasks::{JobId, Lane, WorkerId};
    use uuid::Uuid;

    use super::*;
    use crate::{handover::Computation, slots::Slots};

    fn key(attempt: u32) -> LeaseKey {
        LeaseKey { job: JobId::derive("sum2", b""), attempt, worker: WorkerId::new(Uuid::nil()) }
    }

    fn computation() -> Computation {
        Computation::new(Slots::new([1, 0, 0]).take(Lane::Instant).unwrap())
    }

    #[tokio::test]
    async fn closing_asks_everyone_and_is_done_when_the_last_has_left() {
        let (leases, first, second) = (Leases::default(), computation(), computation());
        let first_held = leases.hold(key(1), first.handover()).unwrap();
        let second_held = leases.hold(key(2), second.handover()).unwrap();
        leases.interrupt(&key(1), Interrupt::Cancelled);
        leases.close();
        assert_eq!(first.interrupted().await, Interrupt::Cancelled);
        assert_eq!(second.interrupted().await, Interrupt::HandBack);
        assert!(leases.hold(key(3), computation().handover()).is_none());
        drop(first_held);
        assert_eq!(leases.keys(), [key(2)]);
        assert!(!leases.drained().is_cancelled());
        drop(second_held);
        assert!(leases.drained().is_cancelled());
    }
}
