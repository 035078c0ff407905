//! Waiting before asking the broker again: longer each time, and never in step with others.

use std::{
    hash::{BuildHasher, RandomState},
    time::Duration,
};

use abacus_broker::{Error, Result};

/// The wait after the first failure.
const FIRST: Duration = Duration::from_millis(20);

/// The longest wait.
const LONGEST: Duration = Duration::from_secs(1);

/// How long to wait after each failure in a row.
#[derive(Debug, Default)]
pub(crate) struct Backoff {
    failures: u32,
}

impl Backoff {
    /// The wait after one more failure: doubled each time up to a second, less up to half of it at random.
    pub(crate) fn next(&mut self) -> Duration {
        let doubled = FIRST.saturating_mul(1 << self.failures.min(16)).min(LONGEST);
        self.failures = self.failures.saturating_add(1);
        doubled.mul_f64(1.0 - chance() / 2.0)
    }

    /// Begins again from the shortest wait.
    pub(crate) fn reset(&mut self) {
        self.failures = 0;
    }
}

/// The duration, more or less up to a quarter of it at random.
pub(crate) fn jittered(duration: Duration) -> Duration {
    duration.mul_f64(0.75 + chance() / 2.0)
}

/// Repeats a call until the broker has answered it.
///
/// # Errors
/// The broker's, except [`Error::Unavailable`].
///
/// # Cancel safety
/// As the call itself: it has happened or not.
pub(crate) async fn persistently<T, F>(call: impl Fn() -> F) -> Result<T>
where
    F: Future<Output = Result<T>>,
{
    let mut backoff = Backoff::default();
    loop {
        match call().await {
            Err(Error::Unavailable(_)) => tokio::time::sleep(backoff.next()).await,
            answered => return answered,
        }
    }
}

/// A number from 0.0 to 1.0 from the standard library's hasher, whose keys are random. Good enough to spread waits.
fn chance() -> f64 {
    f64::from(u32::try_from(RandomState::new().hash_one(()) >> 32).expect("32 bits are left"))
        / f64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[test]
    fn waits_grow_to_a_bound_and_differ() {
        let mut backoff = Backoff::default();
        let waits: Vec<_> = (0..40).map(|_| backoff.next()).collect();
        assert!((FIRST / 2..=FIRST).contains(&waits[0]));
        assert!(waits[10..].iter().all(|wait| (LONGEST / 2..=LONGEST).contains(wait)), "{waits:?}");
        assert!(waits[10..].iter().any(|wait| *wait != waits[10]), "{waits:?}");
        backoff.reset();
        assert!(backoff.next() <= FIRST);
        let second = Duration::from_secs(1);
        assert!((0..100).all(|_| (second * 3 / 4..=second * 5 / 4).contains(&jittered(second))));
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_is_repeated_while_the_broker_is_away_and_not_after_an_answer() {
        let away = || Err(Error::Unavailable("away".to_owned()));
        let calls = Cell::new(0);
        let answer = persistently(async || {
            calls.set(calls.get() + 1);
            if calls.get() < 20 { away() } else { Ok(calls.get()) }
        });
        assert_eq!(answer.await, Ok(20));
        assert_eq!(persistently(async || Err::<(), _>(Error::LeaseLost)).await, Err(Error::LeaseLost));
    }
}
