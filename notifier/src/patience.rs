//! Waiting for a broker that is away: with growing pauses, for a bounded time.

use std::time::Duration;

use abacus_broker::Error;
use tokio::time::{Instant, sleep};

/// The first pause; each next one is twice as long.
const SHORTEST: Duration = Duration::from_millis(50);
/// The longest pause.
const LONGEST: Duration = Duration::from_secs(1);

/// The pauses between attempts at one thing, up to [`LONGEST`].
#[derive(Debug)]
pub(crate) struct Pauses(Duration);

/// The patience for one call.
#[derive(Debug)]
pub(crate) struct Patience {
    ends_at: Instant,
    pauses: Pauses,
}

impl Pauses {
    pub(crate) fn new() -> Self {
        Self(SHORTEST)
    }

    /// The next pause.
    pub(crate) fn next(&mut self) -> Duration {
        let pause = self.0;
        self.0 = (pause * 2).min(LONGEST);
        pause
    }
}

impl Patience {
    /// Patience that lasts this long from now.
    pub(crate) fn new(limit: Duration) -> Self {
        Self { ends_at: Instant::now() + limit, pauses: Pauses::new() }
    }

    /// Waits before the next try at what failed with `error`; gives it back when there is to be no other try.
    pub(crate) async fn wait(&mut self, error: Error) -> Result<(), Error> {
        let left = self.ends_at.saturating_duration_since(Instant::now());
        if left.is_zero() || !matches!(error, Error::Unavailable(_)) {
            return Err(error);
        }
        sleep(self.pauses.next().min(left)).await;
        Ok(())
    }
}

/// Asks the broker, again and again while it is away, for at most `limit` and the time of one call.
pub(crate) async fn ask<T, F: Future<Output = Result<T, Error>>>(
    limit: Duration,
    mut call: impl FnMut() -> F,
) -> Result<T, Error> {
    let mut patience = Patience::new(limit);
    loop {
        match call().await {
            Ok(answer) => return Ok(answer),
            Err(error) => patience.wait(error).await?,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_broker_that_comes_back_in_time_is_waited_for() {
        let start = Instant::now();
        let limit = Duration::from_secs(10);
        let answer = ask(limit, || async move {
            if start.elapsed() < Duration::from_secs(9) {
                return Err(Error::Unavailable("away".to_owned()));
            }
            Ok(7)
        });
        assert_eq!(answer.await, Ok(7));
        assert!(start.elapsed() <= Duration::from_secs(10));
    }

    #[tokio::test(start_paused = true)]
    async fn patience_ends_after_its_limit_and_at_once_for_other_refusals() {
        let start = Instant::now();
        let away = Error::Unavailable("away".to_owned());
        let answer: Result<(), _> =
            ask(Duration::from_secs(10), || std::future::ready(Err(away.clone()))).await;
        assert_eq!(answer, Err(away));
        assert_eq!(start.elapsed(), Duration::from_secs(10));
        let answer: Result<(), _> =
            ask(Duration::from_secs(10), || std::future::ready(Err(Error::LeaseLost))).await;
        assert_eq!(answer, Err(Error::LeaseLost));
        assert_eq!(start.elapsed(), Duration::from_secs(10));
    }

    #[test]
    fn pauses_grow_to_a_second() {
        let mut pauses = Pauses::new();
        let millis: Vec<_> = (0..7).map(|_| pauses.next().as_millis()).collect();
        assert_eq!(millis, [50, 100, 200, 400, 800, 1000, 1000]);
    }
}
