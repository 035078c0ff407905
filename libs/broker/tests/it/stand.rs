//! What an implementation brings to be tested.

use std::time::Duration;

use abacus_broker::{SharedBroker, Terms};

/// A place where an implementation of the broker is tried out, shared with no other test.
pub(crate) trait Stand: Sized {
    /// An empty stand.
    async fn start() -> Self;

    /// A broker without any jobs, working by these terms. Called once for each stand.
    async fn broker(&self, terms: Terms) -> SharedBroker;

    /// Lets time pass for the broker, at least this much and not much more.
    async fn advance(&self, duration: Duration);
}
