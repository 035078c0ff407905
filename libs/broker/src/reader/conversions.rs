//! The common bound of all conversions of a process: each holds digits, number and rewritten result at once.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The bytes that one permit of room stands for.
const UNIT: u64 = 1024;
/// How many times a result's length its conversion takes: its digits, the number twice while it is made, the rewritten
/// result.
const COPIES: u64 = 4;

/// Bounds on results that are rewritten in a format which needs all of them in memory. Clones share the room.
#[derive(Debug, Clone)]
pub struct Conversions {
    longest: usize,
    room: Arc<Semaphore>,
    units: u32,
}

/// Room that is held until it is dropped.
pub(super) type Room = OwnedSemaphorePermit;

impl Conversions {
    /// Converts results of at most `longest` native bytes, all those under way at once in about `memory` bytes. A
    /// single one may take more.
    #[must_use]
    pub fn new(longest: usize, memory: u64) -> Self {
        let units = u32::try_from((memory / UNIT).max(1)).unwrap_or(u32::MAX).min(Self::MOST);
        let room = Semaphore::new(usize::try_from(units).unwrap_or(Semaphore::MAX_PERMITS));
        Self { longest, room: Arc::new(room), units }
    }

    /// Semaphores of any platform have that many permits, which are 256 GiB of room.
    const MOST: u32 = 1 << 28;

    /// The longest result, in native bytes, that is converted.
    pub(super) fn longest(&self) -> usize {
        self.longest
    }

    /// Takes the room for a result of this length; `None` while others hold it.
    pub(super) fn begin(&self, native_bytes: u64) -> Option<Room> {
        let units = native_bytes.saturating_mul(COPIES).div_ceil(UNIT).max(1);
        let units = u32::try_from(units).unwrap_or(u32::MAX).min(self.units);
        Arc::clone(&self.room).try_acquire_many_owned(units).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_counted_in_bytes_and_comes_back() {
        let conversions = Conversions::new(1 << 20, 64 * 1024);
        let half = conversions.begin(8 * 1024).unwrap();
        let other = conversions.clone().begin(8 * 1024).unwrap();
        assert!(conversions.begin(1).is_none());
        drop(half);
        assert!(conversions.begin(8 * 1024 + 1).is_none());
        let _one = conversions.begin(1).unwrap();
        drop(other);
    }

    #[test]
    fn one_that_is_larger_than_all_room_is_converted_alone() {
        let conversions = Conversions::new(1 << 20, 1024);
        let all = conversions.begin(u64::MAX).unwrap();
        assert!(conversions.begin(1).is_none());
        drop(all);
        assert!(conversions.begin(1).is_some());
    }
}
