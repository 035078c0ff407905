//! The sieve of an interval, segment by segment, modulo 30: one byte for 30 numbers, one bit for each that has no
//! divisor 2, 3 or 5.
//!
//! A base prime p = 30 q + r crosses out its multiples p m with m prime to 30, of which there are eight in every p
//! bytes: a cycle. How is chosen by its size:
//!
//! | part | base primes | one idea |
//! |---|---|---|
//! | `patterns` | 7 to 103 | periodic bytes, two primes to a pattern, all patterns at once |
//! | `cycles` | up to 2^18 | whole cycles only, block by block, on a segment with margins |
//! | `steps` | up to 2^22 | from one multiple to the next, sorted by what comes next |
//! | `far` | larger | made anew for each chunk of many segments, with hits sorted by place |
//!
//! A base prime's turn in a segment costs as much as ten hits, so a segment is as large as its share of the last-level
//! cache allows, and a chunk as memory does; cycles go through a segment in blocks that fit the caches before that one.
//! Reference: J. Sorenson, "An Introduction to Prime Number Sieves", 1990.

use super::cycles::{self, Buffer, Cycles};
use super::far::{self, Far};
use super::patterns::{self, Patterns};
use super::plan::Plan;
use super::residues::BasePrime;
use super::segment::{self, Segment};
use super::steps::{self, Steps};
use super::survivors;
use crate::monitor::{Interrupted, Progress, Unmonitored};

/// Calls `visit` with segments that hold the primes from 7 on of the plan's interval, in order.
pub(super) fn each_segment(
    plan: &Plan,
    progress: &mut Progress<'_>,
    visit: &mut dyn FnMut(&Segment<'_>) -> Result<(), Interrupted>,
) -> Result<(), Interrupted> {
    let mut sieve = Sieve::of(plan)?;
    let mut far = (plan.bound > far::FIRST).then(|| Far::of(plan));
    progress.advance(plan.preparation_work())?;
    let (mut first, last) = (plan.start / 30, plan.end / 30 + 1);
    while first < last {
        let chunk = first..last.min(first + far::CHUNK_BYTES);
        if let Some(far) = &mut far {
            far.sieve(&chunk, plan, progress)?;
        }
        while first < chunk.end {
            let length = (chunk.end - first).min(plan.segment_bytes);
            let bytes = sieve.advance(length);
            if let Some(far) = &far {
                far.clear(bytes, first - chunk.start);
            }
            segment::keep_within(bytes, first, &(plan.start..=plan.end));
            let mut segment = Segment { first_byte: first, bytes };
            survivors::test(&mut segment, plan, progress)?;
            visit(&segment)?;
            progress.advance(plan.segment_work(length))?;
            first += length;
        }
    }
    Ok(())
}

/// The primes above those of the patterns up to a bound, but for the far ones.
fn base_primes(bound: u32) -> Result<Vec<u32>, Interrupted> {
    let mut primes = Vec::new();
    if bound > patterns::LARGEST {
        let plan = Plan::of_base_primes(patterns::LARGEST + 1, bound.min(far::FIRST));
        each_segment(&plan, &mut Progress::new(&mut Unmonitored, 0.0), &mut |segment| {
            primes.extend(segment.base_primes().map(|base| base.prime));
            Ok(())
        })?;
    }
    Ok(primes)
}

/// The state of the sieve between segments.
struct Sieve {
    /// Base primes, of which those from `entered` on have their squares beyond what is sieved so far.
    primes: Vec<u32>,
    entered: usize,
    next_byte: u64,
    patterns: Patterns,
    buffer: Buffer,
    small_cycles: Cycles,
    large_cycles: Cycles,
    steps: Steps,
}

impl Sieve {
    fn of(plan: &Plan) -> Result<Self, Interrupted> {
        Ok(Self {
            primes: base_primes(plan.bound)?,
            entered: 0,
            next_byte: plan.start / 30,
            patterns: Patterns::new(plan.segment_bytes),
            buffer: Buffer::new(plan.segment_bytes, plan.bound.min(steps::FIRST)),
            small_cycles: Cycles::default(),
            large_cycles: Cycles::default(),
            steps: Steps::default(),
        })
    }

    /// Sieves the next `length` bytes, at most a segment; fewer only at last.
    fn advance(&mut self, length: u64) -> &mut [u8] {
        let first = self.next_byte;
        self.next_byte += length;
        self.enter(first);
        self.buffer.length = usize::try_from(length).expect("a segment");
        self.patterns.fill(self.buffer.segment(), first);
        self.steps.cross_out(self.buffer.segment());
        self.large_cycles.cross_out(&mut self.buffer, cycles::LARGE_BLOCK);
        self.small_cycles.cross_out(&mut self.buffer, cycles::SMALL_BLOCK);
        self.buffer.segment()
    }

    /// Lets the base primes in whose squares are before the next byte; they begin in the segment that starts at byte
    /// `first`.
    fn enter(&mut self, first: u64) {
        while let Some(&prime) = self.primes.get(self.entered) {
            if u64::from(prime) * u64::from(prime) >= self.next_byte.saturating_mul(30) {
                return;
            }
            self.entered += 1;
            let base = BasePrime::of(prime);
            if prime < cycles::FIRST_LARGE {
                self.small_cycles.add(base, first);
            } else if prime < steps::FIRST {
                self.large_cycles.add(base, first);
            } else {
                self.steps.add(base, first);
            }
        }
    }
}
