//! The leaves that need no sieve: the ordinary ones, and of the special ones those whose count of numbers without
//! small divisors is one, or a count of primes up to y.

use super::plan::{Plan, nanoseconds};
use super::tables::Tables;
use super::wheel::{LAST_PRIME, PRIMES};
use crate::monitor::{Interrupted, Progress};

/// The sum over the ordinary leaves: n up to y, without a divisor among the primes of the wheel.
pub(super) fn ordinary(plan: &Plan, tables: &Tables, progress: &mut Progress<'_>) -> Result<i128, Interrupted> {
    const STEP: u64 = 1 << 20;
    let mut sum = 0;
    for least in (0..plan.y).step_by(1 << 20) {
        tables.factors.each([least, plan.y.min(least + STEP)], LAST_PRIME, |n, odd| {
            let count = i128::from(tables.wheel.count(plan.x / n));
            sum += if odd { -count } else { count };
        });
        progress.advance(0.0)?;
    }
    Ok(sum)
}

/// The sum over the special leaves p q, with two primes of at most y, that exceed z.
pub(super) fn easy(plan: &Plan, tables: &Tables, progress: &mut Progress<'_>) -> Result<i128, Interrupted> {
    let a = tables.primes.len() - 2;
    let first = tables.pi(plan.y.isqrt()).max(PRIMES as usize) + 1;
    let mut sum = 0;
    for b in first..=a {
        sum += of_prime(plan, tables, b);
        progress.advance(0.0)?;
    }
    Ok(sum)
}

/// The sum over the leaves p q of the b-th prime p.
fn of_prime(plan: &Plan, tables: &Tables, b: usize) -> i128 {
    let prime = tables.prime(b);
    let quotient = plan.x / prime;
    let pi = |number: u64| tables.pi(number.clamp(prime, plan.y));
    // From here on, x / (p q) is less than p.
    let mut last = pi(quotient / prime);
    let mut sum = (tables.primes.len() - 2 - last) as u64;
    // Down to here several q share a count of primes.
    let sparse = pi(quotient.isqrt());
    let hard = pi(plan.z / prime);
    while last > hard {
        let most = quotient / tables.prime(last);
        let count = tables.pi(most);
        let next = if last > sparse { pi(quotient / tables.prime(count + 1)).max(hard) } else { last - 1 };
        sum += (count - b + 2) as u64 * (last - next) as u64;
        last = next;
    }
    sum.into()
}
