//! Clearing the composites that have no small divisor, from a bitmap high up.

use super::bitmap::{Bitmap, PIECE_WORDS, word_of};
use super::plan::{Cleaning, Plan, float, root};
use super::strides::Strides;
use crate::miller_rabin::passes_strong_tests;
use crate::monitor::{Interrupted, Progress};

/// Words whose numbers are tested between two reports: a few milliseconds.
const TESTED_WORDS: u64 = 256;

/// Leaves only primes in a bitmap that has been sieved by the plan's small primes.
pub(super) fn clear_composites(
    bitmap: &mut Bitmap,
    plan: &Plan,
    progress: &mut Progress<'_>,
) -> Result<(), Interrupted> {
    match plan.cleaning {
        Cleaning::Nothing => Ok(()),
        Cleaning::LargePrimes => cross_out_large_primes(bitmap, plan, progress),
        Cleaning::Testing => test_each(bitmap, plan, progress),
    }
}

/// Produces the base primes above the small bound and crosses out the multiples of each.
fn cross_out_large_primes(
    bitmap: &mut Bitmap,
    plan: &Plan,
    progress: &mut Progress<'_>,
) -> Result<(), Interrupted> {
    let bound = root(bitmap.last_number());
    if bound <= plan.small_bound {
        return Ok(());
    }
    let words = word_of(plan.small_bound.into())..word_of(bound.into()) + 1;
    let work = plan.production_work(bound) + float(bitmap.length()) * plan.far_word_work();
    let work = work / float((words.end - words.start).div_ceil(PIECE_WORDS));
    // The root of a 32-bit number has 16 bits: these strides leave primes only.
    let mut strides = Strides::up_to(root(bound.into()), words.start);
    let mut first = words.start;
    while first < words.end {
        let next = words.end.min(first + PIECE_WORDS);
        let mut bases = Bitmap::new(first..next);
        bases.pieces().for_each(|piece| strides.sieve(piece));
        bases.keep_within(u64::from(plan.small_bound) + 1, bound.into());
        bases.numbers().for_each(|prime| bitmap.clear_multiples(prime));
        progress.advance(work)?;
        first = next;
    }
    Ok(())
}

/// Tests the numbers that are left.
fn test_each(bitmap: &mut Bitmap, plan: &Plan, progress: &mut Progress<'_>) -> Result<(), Interrupted> {
    let mut first = 0;
    while first < bitmap.length() {
        let next = bitmap.length().min(first + TESTED_WORDS);
        bitmap.retain(first..next, passes_strong_tests);
        progress.advance(float(next - first) * plan.testing_work())?;
        first = next;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Unmonitored, is_prime};

    #[test]
    fn both_ways_leave_the_primes() {
        for start in [1 << 40, 1_000_000_000_000_000, u64::MAX / 1000] {
            let end = start + 100_000;
            let expected: Vec<_> = (start..=end).filter(|&number| is_prime(number)).collect();
            for cleaning in [Cleaning::LargePrimes, Cleaning::Testing] {
                let mut plan = Plan::of(start, end);
                plan.cleaning = cleaning;
                let mut monitor = Unmonitored;
                let mut progress = Progress::new(&mut monitor, 1.0);
                let mut bitmap = Bitmap::new(word_of(start)..word_of(end) + 1);
                let mut strides = Strides::up_to(plan.small_bound, word_of(start));
                bitmap.pieces().for_each(|piece| strides.sieve(piece));
                bitmap.keep_within(start, end);
                clear_composites(&mut bitmap, &plan, &mut progress).unwrap();
                assert!(bitmap.numbers().eq(expected.iter().copied()), "{cleaning:?} from {start}");
            }
        }
    }
}
