//! The time a computation has left, estimated from how fast it has come this far.

use std::time::Duration;

/// Before this much time no estimate is made: too little is known.
const SETTLING: Duration = Duration::from_secs(1);

/// The speed counts for what it was over about the last quarter of the time: steady, yet it follows a change.
const MEMORY: f64 = 0.25;

/// Estimates are of no use beyond this.
const FURTHEST: Duration = Duration::from_hours(24 * 365);

/// What is remembered of a computation's speed.
#[derive(Debug, Default)]
pub(super) struct Estimate {
    /// Time and fraction of the report before.
    last: (Duration, f64),
    /// Smoothed, in fractions per second.
    speed: f64,
}

impl Estimate {
    /// The time left for a computation that has done `fraction` of its work after `elapsed`; `None` while it cannot
    /// be told. To be called with growing times.
    pub(super) fn remaining(&mut self, elapsed: Duration, fraction: f64) -> Option<Duration> {
        let (before, done) = self.last;
        let step = elapsed.saturating_sub(before).as_secs_f64();
        self.last = (elapsed, fraction);
        // A fraction that falls begins another phase: the speed so far says nothing about it that a pause would not.
        if step > 0.0 && fraction >= done {
            let weight = (step / (MEMORY * elapsed.as_secs_f64())).min(1.0);
            self.speed += ((fraction - done) / step - self.speed) * weight;
        }
        if elapsed < SETTLING || self.speed <= 0.0 {
            return None;
        }
        let left = (1.0 - fraction).max(0.0) / self.speed;
        Duration::try_from_secs_f64(left).ok().filter(|left| *left <= FURTHEST)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The estimates of a computation that reports each tenth of a second.
    fn estimates(seconds: u32, fraction: impl Fn(f64) -> f64) -> Vec<Option<f64>> {
        let mut estimate = Estimate::default();
        let reports = (1..=seconds * 10).map(|tenth| Duration::from_millis(u64::from(tenth) * 100));
        reports
            .map(|at| estimate.remaining(at, fraction(at.as_secs_f64())).map(|left| left.as_secs_f64()))
            .collect()
    }

    #[test]
    fn steady_work_is_foretold_exactly_after_a_second() {
        let estimates = estimates(10, |at| at / 10.0);
        assert!(estimates[..9].iter().all(Option::is_none), "too early to tell");
        for (tenth, left) in (10..=100_u32).zip(&estimates[9..]) {
            let exact = f64::from(100 - tenth) / 10.0;
            assert!((left.unwrap() - exact).abs() < 1e-6, "after {tenth} tenths: {left:?}");
        }
    }

    #[test]
    fn work_that_slows_down_is_noticed() {
        // Nine tenths in the first three seconds, the last tenth in twenty-seven.
        let estimates = estimates(9, |at| if at < 3.0 { at * 0.3 } else { 0.9 + (at - 3.0) / 270.0 });
        let left = estimates.last().unwrap().unwrap();
        assert!((8.0..=25.0).contains(&left), "{left} of 21 s");
    }

    #[test]
    fn what_stands_still_or_falls_back_has_no_wild_estimate() {
        assert!(estimates(5, |_| 0.0).iter().all(Option::is_none));
        let phases = estimates(10, |at| (at / 5.0).fract());
        assert!(phases.iter().flatten().all(|left| (0.0..=10.0).contains(left)), "{phases:?}");
    }
}
