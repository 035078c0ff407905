//! The embedded broker keeps the promises.

use std::time::Duration;

use abacus_broker::{Clock, Embedded, SharedBroker, Terms};
use abacus_tasks::State;

use crate::{
    actors::{Client, Worker, fibonacci, seen},
    promises::promises,
    stand::Stand,
};

/// A process of its own, as it were, with a clock that is moved by hand.
struct EmbeddedStand(Clock);

impl Stand for EmbeddedStand {
    async fn start() -> Self {
        Self(Clock::manual())
    }

    async fn broker(&self, terms: Terms) -> SharedBroker {
        Embedded::new(terms, self.0.clone())
    }

    async fn advance(&self, duration: Duration) {
        self.0.advance(duration);
    }
}

promises!(EmbeddedStand);

/// Finishes `count` small jobs, then tells how many jobs are kept; the latest one must be.
async fn kept_after(count: u64, max_kept_bytes: u64) -> u64 {
    let broker: SharedBroker = Embedded::new(Terms { max_kept_bytes, ..Terms::default() }, Clock::manual());
    let (alice, worker) = (Client::new(&broker, "alice"), Worker::new(&broker));
    for n in 0..count {
        alice.ask(&fibonacci(n)).await;
        worker.succeed(&worker.take().await, "small").await;
        assert_eq!(seen(&broker, fibonacci(n).job()).await.state, State::Succeeded, "the latest is kept");
    }
    broker.stats().await.unwrap().kept_jobs
}

#[tokio::test]
async fn many_small_results_are_bounded_too() {
    let kept = kept_after(100, 20 * 1024).await;
    assert!((10..=20).contains(&kept), "{kept} are kept");
}

#[tokio::test]
async fn the_latest_result_is_kept_however_large_it_is() {
    assert_eq!(kept_after(3, 0).await, 1);
}
