//! The primes of an interval.
//!
//! Segments of the numbers prime to 30 are sieved one after another by the base primes up to the root of the end
//! ([`segments`]). In a short interval high up it is quicker to sieve by fewer, and to test each number that is left
//! ([`survivors`]). Memory stays below 64 MiB wherever the interval lies: large base primes are not kept.

mod cycles;
mod far;
mod patterns;
mod plan;
mod residues;
mod segment;
mod segments;
mod steps;
mod survivors;
#[cfg(test)]
mod tests;
mod wheel;

use std::ops::ControlFlow;

use plan::Plan;
use segment::{Segment, Word};

use crate::monitor::{Interrupted, Monitor, Progress, unless_broken};

/// Primes handed to the sink at a time, at most.
const BLOCK_PRIMES: usize = 8192;

/// Hands every prime p with `start <= p <= end` to `sink`, in order, in blocks of 1 to 8192.
///
/// Both ends are included, up to and including [`u64::MAX`]; an interval with `start > end` is empty.
///
/// # Errors
/// [`Interrupted`] when the monitor or the sink says so; the sink has then heard the first primes of the interval.
pub fn primes(
    start: u64,
    end: u64,
    monitor: &mut dyn Monitor,
    sink: &mut dyn FnMut(&[u64]) -> ControlFlow<()>,
) -> Result<(), Interrupted> {
    let mut block = Block { primes: vec![0; BLOCK_PRIMES], length: 0, sink };
    let smallest = smallest(start, end);
    block.primes[..smallest.len()].copy_from_slice(smallest);
    block.length = smallest.len();
    each_segment(start, end, monitor, &mut |segment| {
        block.extend(segment)?;
        // What is known is handed over before the next segment is sieved.
        block.flush()
    })
}

/// Primes on their way to a sink.
struct Block<'a> {
    primes: Vec<u64>,
    /// How many there are.
    length: usize,
    sink: &'a mut dyn FnMut(&[u64]) -> ControlFlow<()>,
}

impl Block<'_> {
    fn extend(&mut self, segment: &Segment<'_>) -> Result<(), Interrupted> {
        for word in segment.words() {
            let room = self.primes[self.length..].first_chunk_mut().expect("as much as a word needs");
            self.length += word.list(room);
            if self.length > BLOCK_PRIMES - Word::BITS {
                self.flush()?;
            }
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<(), Interrupted> {
        match std::mem::take(&mut self.length) {
            0 => Ok(()),
            length => unless_broken((self.sink)(&self.primes[..length])),
        }
    }
}

/// The number of primes p with `start <= p <= end`, as [`primes`] would list them.
///
/// # Errors
/// [`Interrupted`] when the monitor says so.
pub(crate) fn count_primes(start: u64, end: u64, monitor: &mut dyn Monitor) -> Result<u64, Interrupted> {
    let mut count = smallest(start, end).len() as u64;
    each_segment(start, end, monitor, &mut |segment| {
        count += segment.count();
        Ok(())
    })?;
    Ok(count)
}

/// The primes of the interval that the sieve does not know of.
fn smallest(start: u64, end: u64) -> &'static [u64] {
    const PRIMES: &[u64] = &[2, 3, 5];
    let before = |bound: u64| PRIMES.partition_point(|prime| *prime < bound);
    &PRIMES[before(start)..before(end.saturating_add(1)).max(before(start))]
}

/// Calls `visit` with the other primes of the interval, in order.
fn each_segment(
    start: u64,
    end: u64,
    monitor: &mut dyn Monitor,
    visit: &mut dyn FnMut(&Segment<'_>) -> Result<(), Interrupted>,
) -> Result<(), Interrupted> {
    if start > end {
        return Progress::new(monitor, 0.0).finish();
    }
    let plan = Plan::of(start, end);
    let mut progress = Progress::new(monitor, plan.work());
    segments::each_segment(&plan, &mut progress, visit)?;
    progress.finish()
}

/// The estimated work of sieving an interval that is not empty, in nanoseconds.
pub(crate) fn work(start: u64, end: u64) -> f64 {
    Plan::of(start, end).work()
}

/// The estimated memory of sieving an interval that is not empty, in bytes.
pub(crate) fn memory_bytes(start: u64, end: u64) -> u64 {
    Plan::of(start, end).memory_bytes()
}
