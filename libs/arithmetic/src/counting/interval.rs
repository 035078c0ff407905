//! The primes of an interval, counted in the way that is estimated to be quicker: by sieving it, or by the counts up
//! to its ends.

use super::plan::Plan;
use super::{LEAST, combinatorial};
use crate::monitor::{Interrupted, Monitor, Progress, Unmonitored};
use crate::sieve;

/// How the primes of an interval will be counted, with the work of that.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Way {
    Sieving(f64),
    Difference(f64),
}

/// The number of primes p with `start <= p <= end`, as [`primes`](crate::primes) would list them.
///
/// # Errors
/// [`Interrupted`] when the monitor says so.
pub fn count_primes(start: u64, end: u64, monitor: &mut dyn Monitor) -> Result<u64, Interrupted> {
    let mut progress = Progress::new(monitor, work(start, end));
    let count = count_within(start, end, &mut progress)?;
    progress.finish()?;
    Ok(count)
}

/// The number of primes up to x: 4 for 10, and the 425 656 284 035 217 743 of 64 bits for [`u64::MAX`].
///
/// # Errors
/// [`Interrupted`] when the monitor says so.
pub fn prime_count(x: u64, monitor: &mut dyn Monitor) -> Result<u64, Interrupted> {
    count_primes(0, x, monitor)
}

/// [`count_primes`], as a part of a computation.
pub(super) fn count_within(start: u64, end: u64, progress: &mut Progress<'_>) -> Result<u64, Interrupted> {
    match Way::of(start, end) {
        Way::Sieving(work) => sieve::count_primes(start, end, &mut progress.part(work)),
        Way::Difference(_) => {
            let above = up_to(end, progress)?;
            let below = start.checked_sub(1).map_or(Ok(0), |last| up_to(last, progress))?;
            Ok(above - below)
        }
    }
}

/// The estimated work of [`count_primes`], in nanoseconds.
pub(crate) fn work(start: u64, end: u64) -> f64 {
    let (Way::Sieving(work) | Way::Difference(work)) = Way::of(start, end);
    work
}

/// The estimated memory of [`count_primes`], in bytes.
pub(crate) fn memory_bytes(start: u64, end: u64) -> u64 {
    match Way::of(start, end) {
        Way::Sieving(_) if start > end => 0,
        Way::Sieving(_) => sieve::memory_bytes(start, end),
        Way::Difference(_) => Plan::of(end).memory_bytes(),
    }
}

impl Way {
    fn of(start: u64, end: u64) -> Self {
        let sieving = sieving_work(start, end);
        let counting = work_up_to(end) + start.checked_sub(1).map_or(0.0, work_up_to);
        if end >= LEAST && counting < sieving { Self::Difference(counting) } else { Self::Sieving(sieving) }
    }
}

/// The number of primes up to x.
fn up_to(x: u64, progress: &mut Progress<'_>) -> Result<u64, Interrupted> {
    if x < LEAST { sieve::count_primes(0, x, &mut Unmonitored) } else { combinatorial(x, progress) }
}

fn work_up_to(x: u64) -> f64 {
    if x < LEAST { sieving_work(0, x) } else { Plan::of(x).work() }
}

pub(super) fn sieving_work(start: u64, end: u64) -> f64 {
    if start > end { 0.0 } else { sieve::work(start, end) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_intervals_are_counted_at_their_ends() {
        let high = 1_000_000_000_000_000;
        for (start, end, difference) in [
            (1, 0, false),
            (0, 10_000, false),
            (0, 10_000_000, true),
            (0, u64::MAX, true),
            (high, high + 1_000_000, false),
            (high, 2 * high, true),
            (high, u64::MAX, true),
            (u64::MAX - 1_000_000, u64::MAX, false),
        ] {
            let way = Way::of(start, end);
            assert_eq!(matches!(way, Way::Difference(_)), difference, "{start}..={end}: {way:?}");
        }
    }
}
