//! The primes of an interval.
//!
//! There are two sieves. That of [`wheel`] is the fastest as soon as an interval is long enough to be worth its base
//! primes, and is used while these take bounded memory: up to 4.5 10^15. The other one is for what lies above, and for
//! short intervals: a bitmap of the odd numbers is sieved piece by piece by the primes up to 2^20, or fewer for a short
//! interval; where that does not reach the root of the end, the composites that survive are cleared in one of two ways,
//! whichever is estimated to be cheaper: by the large base primes, produced by the same machine and not kept, out of
//! larger bitmaps; or by testing each survivor alone. Memory stays below about 64 MiB wherever the interval lies.

mod bitmap;
mod plan;
mod strides;
mod survivors;
mod wheel;

use std::ops::ControlFlow;

use bitmap::Bitmap;
use plan::Plan;
use plan::float;
use strides::Strides;
use wheel::Segment;

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
    let mut block = Block { primes: Vec::with_capacity(BLOCK_PRIMES), sink };
    each_piece(start, end, monitor, &mut |piece| {
        match piece {
            Piece::Small(primes) => block.extend(primes.iter().copied())?,
            Piece::Bitmap(bitmap) => block.extend(bitmap.numbers())?,
            Piece::Segment(segment) => block.extend(segment.primes())?,
        }
        // What is known is handed over before the next piece is sieved.
        block.flush()
    })
}

/// Primes on their way to a sink.
struct Block<'a> {
    primes: Vec<u64>,
    sink: &'a mut dyn FnMut(&[u64]) -> ControlFlow<()>,
}

impl Block<'_> {
    fn extend(&mut self, primes: impl Iterator<Item = u64>) -> Result<(), Interrupted> {
        for prime in primes {
            self.primes.push(prime);
            if self.primes.len() == BLOCK_PRIMES {
                self.flush()?;
            }
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<(), Interrupted> {
        if self.primes.is_empty() {
            return Ok(());
        }
        let answer = (self.sink)(&self.primes);
        self.primes.clear();
        unless_broken(answer)
    }
}

/// The number of primes p with `start <= p <= end`, as [`primes`] would list them.
///
/// # Errors
/// [`Interrupted`] when the monitor says so.
pub(crate) fn count_primes(start: u64, end: u64, monitor: &mut dyn Monitor) -> Result<u64, Interrupted> {
    let mut count = 0;
    each_piece(start, end, monitor, &mut |piece| {
        count += match piece {
            Piece::Small(primes) => u64::try_from(primes.len()).expect("three at most"),
            Piece::Bitmap(bitmap) => bitmap.count(),
            Piece::Segment(segment) => segment.count(),
        };
        Ok(())
    })?;
    Ok(count)
}

/// Some of the primes of an interval.
enum Piece<'a> {
    /// Those that a sieve does not know of.
    Small(&'a [u64]),
    Bitmap(&'a Bitmap),
    Segment(&'a Segment<'a>),
}

type Visit<'a> = dyn FnMut(Piece<'_>) -> Result<(), Interrupted> + 'a;

/// Calls `visit` with the primes of the interval, in order.
fn each_piece(
    start: u64,
    end: u64,
    monitor: &mut dyn Monitor,
    visit: &mut Visit<'_>,
) -> Result<(), Interrupted> {
    if start > end {
        return Progress::new(monitor, 0.0).finish();
    }
    let mut progress = Progress::new(monitor, work(start, end));
    let small: &[u64] = if is_wheel_cheaper(start, end) { &[2, 3, 5] } else { &[2] };
    let within = small.iter().skip_while(|prime| **prime < start).take_while(|prime| **prime <= end).count();
    let skipped = small.iter().take_while(|prime| **prime < start).count();
    visit(Piece::Small(&small[skipped..][..within]))?;
    if is_wheel_cheaper(start, end) {
        wheel::each_segment(start, end, &mut progress, &mut |segment| visit(Piece::Segment(segment)))?;
    } else {
        each_bitmap(start, end, &mut progress, &mut |bitmap| visit(Piece::Bitmap(bitmap)))?;
    }
    progress.finish()
}

/// The estimated work of sieving an interval that is not empty, in nanoseconds.
pub(crate) fn work(start: u64, end: u64) -> f64 {
    if is_wheel_cheaper(start, end) { wheel::work(start, end) } else { Plan::of(start, end).work() }
}

/// The estimated memory of sieving an interval that is not empty, in bytes.
pub(crate) fn memory_bytes(start: u64, end: u64) -> u64 {
    if is_wheel_cheaper(start, end) { wheel::memory_bytes(end) } else { Plan::of(start, end).memory_bytes() }
}

fn is_wheel_cheaper(start: u64, end: u64) -> bool {
    plan::root(end) <= wheel::LARGEST_ROOT && wheel::work(start, end) < Plan::of(start, end).work()
}

/// Calls `visit` with bitmaps that hold the odd primes of the interval, in order; at least one.
fn each_bitmap(
    start: u64,
    end: u64,
    progress: &mut Progress<'_>,
    visit: &mut dyn FnMut(&Bitmap) -> Result<(), Interrupted>,
) -> Result<(), Interrupted> {
    let plan = Plan::of(start, end);
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
        survivors::clear_composites(&mut bitmap, &plan, progress)?;
        visit(&bitmap)?;
    }
    Ok(())
}
