//! Tasks whose results are known from elsewhere.

use abacus_api::v1::{self, task::Task};
use abacus_tasks::identity::hex;
use sha2::{Digest, Sha256};

use super::Apart;
use crate::follow::submit;

/// A list that takes seconds and comes in about 200 chunks: the primes from 9 * 10^18 to 9 * 10^18 + 3 * 10^7.
pub(super) fn long_list() -> Task {
    const START: u64 = 9_000_000_000_000_000_000;
    Task::Primes(v1::Primes { start: START, end: START + 30_000_000, ..v1::Primes::default() })
}

/// Submits a task and tells its job's id.
pub(super) async fn submitted(mesh: &Apart, task: Task) -> String {
    submit(&mut mesh.jobs(), task, "").await.job.unwrap().id
}

/// Checks the text of the long list against one made by GMP: trial division by the primes up to a million, then its
/// primality test.
pub(super) fn assert_is_the_long_list(text: &[u8]) {
    assert_eq!(text.len(), 687_657 * 20);
    assert_eq!(
        hex(&Sha256::digest(text)),
        "75e6a435059ce61e7d9e03839707dadc9a192b73d972b9ae9686c9f643116c95"
    );
}

/// `first` + 1.
pub(super) fn successor(first: u64) -> Task {
    Task::Sum2(v1::Sum2 { first: first.to_string(), second: "1".into() })
}
