//! What to compute.

use std::{fmt::Display, ops::RangeInclusive, time::Duration};

use abacus_api::v1::{self, task};

/// A task: a kind with its parameters. Equal tasks are computed once, whoever asks.
///
/// The mesh checks the parameters; what it does not take is refused with every wrong field named. A kind that has no
/// constructor here is made from its message: `Task::from(v1::Task { .. })`.
#[derive(Debug, Clone, PartialEq)]
pub struct Task(v1::Task);

impl Task {
    /// The `n`-th Fibonacci number, an integer of about `n / 4.785` digits. `n` is at most 10^9 unless the mesh is set
    /// otherwise.
    #[must_use]
    pub fn fibonacci(n: u64) -> Self {
        Self::of(task::Task::Fibonacci(v1::Fibonacci { n }))
    }

    /// The primes of an interval, both ends included, in ascending order. The end is at most 2^63 - 1.
    #[must_use]
    pub fn primes(interval: RangeInclusive<u64>) -> Self {
        let (start, end) = interval.into_inner();
        Self::of(task::Task::Primes(v1::Primes { start, end, ..v1::Primes::default() }))
    }

    /// As [`primes`](Task::primes), computed and kept as gaps: a byte for each prime instead of ten. Whoever reads it with
    /// [`StoredResult::primes`](crate::StoredResult::primes) sees no difference but the speed.
    #[must_use]
    pub fn prime_gaps(interval: RangeInclusive<u64>) -> Self {
        let (start, end) = interval.into_inner();
        Self::of(task::Task::Primes(v1::Primes { start, end, gaps: true, ..v1::Primes::default() }))
    }

    /// How many primes there are in an interval, both ends included: an integer.
    #[must_use]
    pub fn prime_count(interval: RangeInclusive<u64>) -> Self {
        let (start, end) = interval.into_inner();
        Self::of(task::Task::Primes(v1::Primes { start, end, count_only: true, ..v1::Primes::default() }))
    }

    /// The sum of two integers, given as anything that is shown in decimal: `i64`, `&str`, `BigInt`. Each has at most a
    /// million digits unless the mesh is set otherwise.
    #[must_use]
    pub fn sum2(first: impl Display, second: impl Display) -> Self {
        Self::of(task::Task::Sum2(v1::Sum2 { first: first.to_string(), second: second.to_string() }))
    }

    /// The product of three integers, given as for [`Task::sum2`].
    #[must_use]
    pub fn mult3(first: impl Display, second: impl Display, third: impl Display) -> Self {
        let [first, second, third] = [first.to_string(), second.to_string(), third.to_string()];
        Self::of(task::Task::Mult3(v1::Mult3 { first, second, third }))
    }

    /// The factorial of `n`: 1 * 2 * .. * n. `n` is at most 10^8 unless the mesh is set otherwise.
    #[must_use]
    pub fn factorial(n: u64) -> Self {
        Self::of(task::Task::Factorial(v1::Factorial { n }))
    }

    /// How many ways there are to choose `k` of `n` things: 0 when `k` exceeds `n`, which is at most 2^63 - 1.
    #[must_use]
    pub fn binomial(n: u64, k: u64) -> Self {
        Self::of(task::Task::Binomial(v1::Binomial { n, k }))
    }

    /// A power of an integer, given as for [`Task::sum2`]. The exponent is at most 10^9 unless the mesh is set otherwise.
    #[must_use]
    pub fn power(base: impl Display, exponent: u64) -> Self {
        Self::of(task::Task::Power(v1::Power { base: base.to_string(), exponent }))
    }

    /// The `n`-th prime number, where 2 is the first. `n` is at least 1, and the prime below 2^63.
    #[must_use]
    pub fn nth_prime(n: u64) -> Self {
        Self::of(task::Task::NthPrime(v1::NthPrime { n }))
    }

    /// A well-known melody, as text: note names with their lengths in beats. Any number chooses one.
    #[must_use]
    pub fn surprise(first: u32) -> Self {
        Self::of(task::Task::Surprise(v1::Surprise { first }))
    }

    /// Keeps one thread busy for a time, at most ten minutes unless the mesh is set otherwise. The result is the label.
    #[must_use]
    pub fn spin(label: impl Into<String>, duration: Duration) -> Self {
        // A duration beyond the contract's range is far beyond any limit: it is sent as the longest and refused.
        let longest = prost_types::Duration { seconds: i64::MAX, nanos: 0 };
        let duration = Some(duration.try_into().unwrap_or(longest));
        Self::of(task::Task::Spin(v1::Spin { label: label.into(), duration }))
    }

    /// The message of the contract.
    #[must_use]
    pub fn message(&self) -> &v1::Task {
        &self.0
    }

    fn of(task: task::Task) -> Self {
        Self(v1::Task { task: Some(task) })
    }
}

impl From<v1::Task> for Task {
    fn from(message: v1::Task) -> Self {
        Self(message)
    }
}

impl From<Task> for v1::Task {
    fn from(task: Task) -> Self {
        task.0
    }
}
