//! How long something takes: on the clock, and of the processor.

use std::ops::Add;
use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};

/// How long something took.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Lap {
    /// On the clock, in seconds.
    pub(crate) wall: f64,
    /// Of the processor, of all threads together, in seconds.
    pub(crate) cpu: f64,
}

impl Lap {
    /// What each of this many took.
    pub(crate) fn per(self, count: u32) -> Self {
        Self { wall: self.wall / f64::from(count), cpu: self.cpu / f64::from(count) }
    }
}

impl Add for Lap {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { wall: self.wall + other.wall, cpu: self.cpu + other.cpu }
    }
}

/// Does something, and tells how long it took.
pub(crate) fn timed<T>(work: impl FnOnce() -> T) -> (T, Lap) {
    let (start, cpu) = (Instant::now(), processor());
    let result = work();
    let lap = Lap { wall: start.elapsed().as_secs_f64(), cpu: processor().saturating_sub(cpu).as_secs_f64() };
    (result, lap)
}

/// The time of the processor that this process has used.
fn processor() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::try_from(time).expect("the time that was used is not negative")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_of_the_processor_never_falls() {
        let (result, lap) = timed(|| (0..1_000_000u64).fold(0, u64::wrapping_add));
        assert_eq!(result, 499_999_500_000);
        assert!(lap.wall >= 0.0 && lap.cpu >= 0.0, "{lap:?}");
    }

    #[test]
    fn laps_add_up_and_are_shared_out() {
        let lap = Lap { wall: 1.0, cpu: 2.0 } + Lap { wall: 3.0, cpu: 6.0 };
        assert_eq!(lap.per(4), Lap { wall: 1.0, cpu: 2.0 });
    }
}
