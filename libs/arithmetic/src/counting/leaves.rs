//! The leaves that need no sieve: the ordinary ones, and of the special ones those whose count of numbers without
//! small divisors is one, or a count of primes up to y.

use std::mem;

use super::plan::{Plan, float, nanoseconds};
use super::tables::Tables;
use super::wheel::{LAST_PRIME, PRIMES};
use crate::monitor::{Interrupted, Progress};

/// Numbers among which ordinary leaves are looked for at a time.
const STEP: u64 = 1 << 18;

/// The sum over the ordinary leaves: n up to y, without a divisor among the primes of the wheel.
pub(super) fn ordinary(
    plan: &Plan,
    tables: &Tables,
    progress: &mut Progress<'_>,
) -> Result<i128, Interrupted> {
    let steps = plan.y / STEP + 1;
    let mut sum = 0;
    for least in (0..steps).map(|step| step * STEP) {
        tables.factors.each([least, plan.y.min(least + STEP)], LAST_PRIME, |n, odd| {
            let count = i128::from(tables.wheel.count(plan.x / n));
            sum += if odd { -count } else { count };
        });
        progress.advance(plan.ordinary() / float(steps))?;
    }
    Ok(sum)
}

/// The sum over the special leaves p q, with two primes of at most y, that exceed z.
pub(super) fn easy(plan: &Plan, tables: &Tables, progress: &mut Progress<'_>) -> Result<i128, Interrupted> {
    let first = tables.pi(plan.y.isqrt()).max(PRIMES) + 1;
    let (mut sum, mut pending) = (0, 0.0);
    for b in first..=tables.count() {
        let (leaves, steps) = of_prime(plan, tables, b);
        sum += i128::from(leaves);
        pending += nanoseconds::EASY_TURN + nanoseconds::EASY * float(steps);
        if pending > nanoseconds::REPORT {
            progress.advance(mem::take(&mut pending))?;
        }
    }
    progress.advance(pending)?;
    Ok(sum)
}

/// The sum over the leaves p q of the b-th prime p, and the steps that it took.
fn of_prime(plan: &Plan, tables: &Tables, b: usize) -> (u64, u64) {
    let prime = tables.prime(b);
    let quotient = plan.x / prime;
    let pi = |number: u64| tables.pi(number.clamp(prime, plan.y));
    // From here on x / (p q) is less than p, and one is the only number left.
    let mut last = pi(quotient / prime);
    let mut sum = (tables.count() - last) as u64;
    // Down to here x / (p q) is less than q, so that several q share a count of primes.
    let sparse = pi(quotient.isqrt());
    let hard = pi(plan.z / prime);
    let mut steps = 0;
    while last > hard {
        let count = tables.pi(quotient / tables.prime(last));
        let next = if last > sparse { pi(quotient / tables.prime(count + 1)).max(hard) } else { last - 1 };
        // What is left up to x / (p q) is one, and the primes from p on.
        sum += ((count + 2 - b) * (last - next)) as u64;
        last = next;
        steps += 1;
    }
    (sum, steps)
}
