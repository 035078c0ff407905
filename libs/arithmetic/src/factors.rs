//! Where the factors of factorials and binomial coefficients come from.

use std::ops::ControlFlow;

use crate::decimal::multiply_modulo;
use crate::estimate::primes_count_bound;
use crate::monitor::{Interrupted, Progress};
use crate::sieve;

/// Primes whose powers are found between two questions to the monitor: about a millisecond's work.
const BLOCK_PRIMES: usize = 1 << 15;

/// The primes up to n.
pub(crate) fn primes_up_to(n: u64, progress: &mut Progress<'_>) -> Result<Vec<u64>, Interrupted> {
    let most = primes_count_bound(2, n);
    let mut primes = Vec::with_capacity(usize::try_from(most).unwrap_or(0));
    let mut monitor = |_| match progress.advance(0.0) {
        Ok(()) => ControlFlow::Continue(()),
        Err(Interrupted) => ControlFlow::Break(()),
    };
    sieve::primes(2, n, &mut monitor, &mut |block| {
        primes.extend_from_slice(block);
        ControlFlow::Continue(())
    })?;
    Ok(primes)
}

/// The power of each prime that `power_of` gives, without those that are one.
pub(crate) fn prime_powers(
    primes: &[u64],
    progress: &mut Progress<'_>,
    power_of: impl Fn(u64) -> u64,
) -> Result<Vec<u64>, Interrupted> {
    let mut powers = Vec::with_capacity(primes.len());
    for block in primes.chunks(BLOCK_PRIMES) {
        powers.extend(block.iter().map(|&prime| power_of(prime)).filter(|&power| power > 1));
        progress.advance(0.0)?;
    }
    Ok(powers)
}

/// The product of the numbers from `start` to `end`, which is not less, modulo the prime 2^61 - 1.
pub(crate) fn interval_modulo(start: u64, end: u64) -> u64 {
    // Several products are made side by side, as each waits for the one before.
    let mut lanes = [1; 8];
    let mut next = start;
    while end - next >= 8 {
        for lane in &mut lanes {
            *lane = multiply_modulo(*lane, next);
            next += 1;
        }
    }
    let rest = (next..=end).fold(1, multiply_modulo);
    lanes.into_iter().fold(rest, multiply_modulo)
}
