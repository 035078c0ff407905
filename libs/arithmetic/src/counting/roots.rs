//! The quotients of x by the primes between y and the root of x, in ascending order.

use super::plan::Plan;
use crate::monitor::{Interrupted, Unmonitored};
use crate::sieve::primes;
use std::ops::ControlFlow;

/// Numbers among which primes are sieved at a time.
pub(super) const WINDOW: u64 = 1 << 22;

/// Walks down the primes.
pub(super) struct Roots {
    x: u64,
    /// Primes above this are wanted.
    y: u64,
    /// Primes up to this are not sieved yet.
    bound: u64,
    window: Vec<u64>,
}

impl Roots {
    pub(super) fn new(plan: &Plan) -> Self {
        Self { x: plan.x, y: plan.y, bound: plan.x.isqrt(), window: Vec::new() }
    }

    /// The next quotient, if it is below `high`.
    pub(super) fn next_below(&mut self, high: u64) -> Result<Option<u64>, Interrupted> {
        while self.window.is_empty() && self.bound > self.y {
            let least = self.y.max(self.bound.saturating_sub(WINDOW));
            let window = &mut self.window;
            primes(least + 1, self.bound, &mut Unmonitored, &mut |block| {
                window.extend_from_slice(block);
                ControlFlow::Continue(())
            })?;
            self.bound = least;
        }
        let Some(prime) = self.window.last() else { return Ok(None) };
        let quotient = self.x / prime;
        if quotient >= high {
            return Ok(None);
        }
        self.window.pop();
        Ok(Some(quotient))
    }
}
