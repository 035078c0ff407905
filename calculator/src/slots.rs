//! Slots: how many tasks of each lane this worker has in hand at once.
//!
//! Whatever computes holds a slot until both its thread and whoever follows it have let go, so that a worker never
//! takes what it has no room for. A slot that is given back wakes the lane's claim loop.

use std::sync::Arc;

use abacus_broker::WorkerLane;
use abacus_tasks::Lane;
use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::figures;

/// The slots of a worker. Clones share them.
#[derive(Debug, Clone)]
pub(crate) struct Slots(Arc<[OfLane; 3]>);

/// The right to have one task in hand, given back when dropped.
#[derive(Debug)]
pub(crate) struct Slot {
    slots: Slots,
    lane: Lane,
}

#[derive(Debug)]
struct OfLane {
    slots: usize,
    free: Mutex<usize>,
    freed: Notify,
}

impl Slots {
    /// This many slots per lane, in the order of [`Lane::ALL`], all free.
    pub(crate) fn new(slots: [usize; 3]) -> Self {
        for lane in Lane::ALL {
            figures::slots(lane, slots[lane as usize]);
        }
        Self(Arc::new(slots.map(|slots| OfLane { slots, free: Mutex::new(slots), freed: Notify::new() })))
    }

    /// The lanes that have slots.
    pub(crate) fn lanes(&self) -> impl Iterator<Item = Lane> {
        Lane::ALL.into_iter().filter(|lane| self.of(*lane).slots > 0)
    }

    /// How many slots are free.
    pub(crate) fn free(&self, lane: Lane) -> usize {
        *self.of(lane).free.lock()
    }

    /// Takes a slot if one is free.
    pub(crate) fn take(&self, lane: Lane) -> Option<Slot> {
        let mut free = self.of(lane).free.lock();
        *free = free.checked_sub(1)?;
        figures::taken(lane);
        Some(Slot { slots: self.clone(), lane })
    }

    /// Waits until a slot is free, and tells how many are. Only one may wait per lane: its claim loop.
    ///
    /// # Cancel safety
    /// Nothing is taken, nothing is lost.
    pub(crate) async fn some_free(&self, lane: Lane) -> usize {
        loop {
            let free = self.free(lane);
            if free > 0 {
                return free;
            }
            self.of(lane).freed.notified().await;
        }
    }

    /// Slots and load, as the worker tells of them.
    pub(crate) fn load(&self) -> Vec<WorkerLane> {
        let count = |slots: usize| u32::try_from(slots).unwrap_or(u32::MAX);
        let load = |lane| {
            let slots = self.of(lane).slots;
            WorkerLane { lane, slots: count(slots), busy: count(slots - self.free(lane)) }
        };
        self.lanes().map(load).collect()
    }

    fn of(&self, lane: Lane) -> &OfLane {
        &self.0[lane as usize]
    }
}

impl Slot {
    /// The lane it belongs to.
    pub(crate) fn lane(&self) -> Lane {
        self.lane
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let lane = self.slots.of(self.lane);
        figures::freed(self.lane);
        *lane.free.lock() += 1;
        lane.freed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_slot_that_is_given_back_wakes_the_one_who_waits() {
        let slots = Slots::new([1, 0, 2]);
        assert!(slots.take(Lane::Short).is_none(), "the lane has no slots");
        let slot = slots.take(Lane::Instant).unwrap();
        assert!(slots.take(Lane::Instant).is_none());
        let (free, ()) = tokio::join!(slots.some_free(Lane::Instant), async { drop(slot) });
        assert_eq!(free, 1);
    }

    #[test]
    fn load_tells_of_the_lanes_that_have_slots() {
        let slots = Slots::new([1, 0, 2]);
        let _slot = slots.take(Lane::Long).unwrap();
        let load: Vec<_> = slots.load().into_iter().map(|lane| (lane.lane, lane.slots, lane.busy)).collect();
        assert_eq!(load, [(Lane::Instant, 1, 0), (Lane::Long, 2, 1)]);
    }
}
