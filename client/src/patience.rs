//! How long to wait before trying again, and when to stop trying.

use std::{
    hash::{BuildHasher, RandomState},
    time::Duration,
};

use tokio::time::Instant;

/// What the first wait is drawn from.
const FIRST: Duration = Duration::from_millis(50);

/// What the longest wait is drawn from.
const LONGEST: Duration = Duration::from_secs(5);

/// Counts failures in a row.
#[derive(Debug)]
pub(crate) struct Patience {
    limit: Duration,
    since: Option<Instant>,
    failures: u32,
}

impl Patience {
    /// Ends when nothing has succeeded for so long.
    pub(crate) fn new(limit: Duration) -> Self {
        Self { limit, since: None, failures: 0 }
    }

    /// The wait after one more failure, or `None` when patience has ended.
    ///
    /// Drawn anew each time between nothing and a bound that doubles ("full jitter"), so that many clients that lost
    /// the same server do not come back in step; on top of it what the server asked for.
    pub(crate) fn next(&mut self, asked: Option<Duration>) -> Option<Duration> {
        let since = *self.since.get_or_insert_with(Instant::now);
        let bound = FIRST.saturating_mul(1 << self.failures.min(16)).min(LONGEST);
        self.failures = self.failures.saturating_add(1);
        let wait = asked.unwrap_or_default().saturating_add(bound.mul_f64(chance()));
        let left = self.limit.checked_sub(since.elapsed()).filter(|left| !left.is_zero())?;
        Some(wait.min(left))
    }

    /// Begins again from the shortest wait: something has succeeded.
    pub(crate) fn reset(&mut self) {
        (self.since, self.failures) = (None, 0);
    }

    /// For how long nothing has succeeded.
    pub(crate) fn lasted(&self) -> Duration {
        self.since.map(|since| since.elapsed()).unwrap_or_default()
    }

    /// How many failures there were in a row.
    pub(crate) fn failures(&self) -> u32 {
        self.failures
    }
}

/// A number from 0.0 to 1.0 from the standard library's hasher, whose keys are random. Good enough to spread waits.
fn chance() -> f64 {
    f64::from(u32::try_from(RandomState::new().hash_one(()) >> 32).expect("32 bits are left"))
        / f64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn waits_are_drawn_below_a_bound_that_grows_to_its_greatest() {
        let mut patience = Patience::new(Duration::from_hours(1));
        assert!(patience.next(None).unwrap() <= FIRST);
        assert!(patience.next(None).unwrap() <= FIRST * 2);
        let waits: Vec<_> = (0..200).map(|_| patience.next(None).unwrap()).collect();
        assert!(waits.iter().all(|wait| *wait <= LONGEST));
        assert!(waits[20..].iter().any(|wait| *wait > LONGEST / 2), "{waits:?}");
        assert!(waits[20..].iter().any(|wait| *wait < LONGEST / 2), "{waits:?}");
        patience.reset();
        assert!(patience.next(None).unwrap() <= FIRST);
        assert_eq!(patience.failures(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn the_server_is_given_the_time_it_asked_for() {
        let asked = Duration::from_secs(20);
        let wait = Patience::new(Duration::from_hours(1)).next(Some(asked)).unwrap();
        assert!((asked..=asked + FIRST).contains(&wait));
    }

    #[tokio::test(start_paused = true)]
    async fn it_ends_after_its_limit_and_never_waits_past_it() {
        let limit = Duration::from_secs(2);
        let mut patience = Patience::new(limit);
        assert_eq!(patience.next(Some(Duration::from_mins(1))), Some(limit));
        tokio::time::advance(limit).await;
        assert_eq!(patience.next(None), None);
        patience.reset();
        assert!(patience.next(None).is_some());
        assert_eq!(Patience::new(Duration::ZERO).next(None), None, "one try only");
    }
}
