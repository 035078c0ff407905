//! The primes of an interval.
//!
//! The one idea: a bitmap of the odd numbers is sieved piece by piece by the small primes, with pieces that fit the
//! second-level cache. Small are those up to 2^20, or fewer for a short interval. Where that does not reach the root
//! of the interval's end, the composites that survive are cleared in one of two ways, whichever is estimated to be
//! cheaper: by the large base primes, produced by the same machine and not kept, out of larger bitmaps; or by testing
//! each survivor alone, which is best for short intervals high up. Memory stays below about 20 MiB wherever the
//! interval lies.

mod bitmap;
mod plan;
mod strides;
mod survivors;

use std::ops::ControlFlow;

use bitmap::Bitmap;
pub(crate) use plan::Plan;
use plan::float;
use strides::Strides;

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
    let mut block = Vec::with_capacity(BLOCK_PRIMES);
    if contains_two(start, end) {
        block.push(2);
    }
    each_bitmap(start, end, monitor, &mut |bitmap| {
        for prime in bitmap.numbers() {
            block.push(prime);
            if block.len() == BLOCK_PRIMES {
                unless_broken(sink(&block))?;
                block.clear();
            }
        }
        // What is known is handed over before the next bitmap is sieved.
        if block.is_empty() {
            return Ok(());
        }
        let answer = sink(&block);
        block.clear();
        unless_broken(answer)
    })
}

/// The number of primes p with `start <= p <= end`, as [`primes`] would list them.
///
/// # Errors
/// [`Interrupted`] when the monitor says so.
pub(crate) fn count_primes(start: u64, end: u64, monitor: &mut dyn Monitor) -> Result<u64, Interrupted> {
    let mut count = u64::from(contains_two(start, end));
    each_bitmap(start, end, monitor, &mut |bitmap| {
        count += bitmap.count();
        Ok(())
    })?;
    Ok(count)
}

/// Bitmaps hold odd numbers only.
fn contains_two(start: u64, end: u64) -> bool {
    (start..=end).contains(&2)
}

/// Calls `visit` with bitmaps that hold the odd primes of the interval, in order; at least one if it is not empty.
fn each_bitmap(
    start: u64,
    end: u64,
    monitor: &mut dyn Monitor,
    visit: &mut dyn FnMut(&Bitmap) -> Result<(), Interrupted>,
) -> Result<(), Interrupted> {
    if start > end {
        return Progress::new(monitor, 0.0).finish();
    }
    let plan = Plan::of(start, end);
    let mut progress = Progress::new(monitor, plan.work());
    let mut strides = Strides::up_to(plan.small_bound, plan.first_word());
    progress.advance(plan.preparation_work())?;
    for range in plan.bitmaps() {
        let mut bitmap = Bitmap::new(range);
        for piece in bitmap.pieces() {
            let work = float(piece.length()) * plan.word_work();
            strides.sieve(piece);
            progress.advance(work)?;
        }
        bitmap.keep_within(start, end);
        survivors::clear_composites(&mut bitmap, &plan, &mut progress)?;
        visit(&bitmap)?;
    }
    progress.finish()
}
