//! The n-th prime: a number that is expected to be near it, the count of primes up to there, and a short sieve from
//! there to the prime.
//!
//! Riemann's R is closer to the count of primes up to x than the root of x, for every x whose count is known; were it
//! farther off, the sieve would only take longer.

use std::ops::ControlFlow;

use super::interval::{self, sieving_work};
use super::plan::{float, truncated};
use super::wheel::index;
use crate::monitor::{Interrupted, Monitor, Progress};
use crate::sieve::{self, primes};

/// Numbers sieved at a time, at least and at most.
const WINDOW: [u64; 2] = [1 << 12, 1 << 25];

/// The time of finding the expected number, in nanoseconds.
const EXPECTING: f64 = 1e4;

/// The number of primes below 2^64 (OEIS A007053).
const PRIMES_OF_64_BITS: u64 = 425_656_284_035_217_743;

/// The n-th prime, 2 for 1; none for 0, and none if it has more than 64 bits.
///
/// # Errors
/// [`Interrupted`] when the monitor says so.
pub fn nth_prime(n: u64, monitor: &mut dyn Monitor) -> Result<Option<u64>, Interrupted> {
    if n == 0 || n > PRIMES_OF_64_BITS {
        Progress::new(monitor, 0.0).finish()?;
        return Ok(None);
    }
    let near = near(n);
    let mut progress = Progress::new(monitor, work(n));
    let count = interval::count_within(0, near, &mut progress)?;
    let found = if count < n {
        search_above(near, n - count, &mut progress)?
    } else {
        Some(search_below(near, count - n, &mut progress)?)
    };
    progress.finish()?;
    Ok(found)
}

/// The estimated work of [`nth_prime`], in nanoseconds.
pub(crate) fn work(n: u64) -> f64 {
    let near = near(n);
    EXPECTING + interval::work(0, near) + sieving_work(near.saturating_sub(distance(near)), near)
}

/// The estimated memory of [`nth_prime`], in bytes: of the count, or of the sieve and its primes.
pub(crate) fn memory_bytes(n: u64) -> u64 {
    let near = near(n);
    let window = distance(near).min(WINDOW[1]);
    let primes = window / u64::from(near.max(2).ilog2()) * 3 / 2;
    let sieving = sieve::memory_bytes(near.saturating_sub(window), near) + primes * 8;
    interval::memory_bytes(0, near).max(sieving)
}

/// As far as the count is typically from R.
fn distance(near: u64) -> u64 {
    near.isqrt() / 5 + WINDOW[0]
}

/// The prime that has `more - 1` primes between itself and `near`.
fn search_above(near: u64, mut more: u64, progress: &mut Progress<'_>) -> Result<Option<u64>, Interrupted> {
    let mut last = near;
    while last < u64::MAX {
        let end = last.saturating_add(window(last, more));
        let found = list(last + 1, end, progress)?;
        let count = found.len() as u64;
        if more <= count {
            return Ok(Some(found[index(more) - 1]));
        }
        (last, more) = (end, more - count);
    }
    Ok(None)
}

/// The prime that has `fewer` primes between itself and `near`, which may be prime itself.
fn search_below(near: u64, mut fewer: u64, progress: &mut Progress<'_>) -> Result<u64, Interrupted> {
    let mut end = near;
    loop {
        let start = end.saturating_sub(window(end, fewer));
        let found = list(start, end, progress)?;
        let count = found.len() as u64;
        if fewer < count {
            return Ok(found[index(count - fewer) - 1]);
        }
        (end, fewer) = (start - 1, fewer - count);
    }
}

/// How many numbers are expected to hold some more than this many primes.
fn window(near: u64, primes: u64) -> u64 {
    primes.saturating_mul(u64::from(near.max(2).ilog2())).clamp(WINDOW[0], WINDOW[1])
}

/// The primes of an interval.
fn list(start: u64, end: u64, progress: &mut Progress<'_>) -> Result<Vec<u64>, Interrupted> {
    let mut found = Vec::new();
    let mut monitor = progress.part(sieving_work(start, end));
    primes(start, end, &mut monitor, &mut |block| {
        found.extend_from_slice(block);
        ControlFlow::Continue(())
    })?;
    Ok(found)
}

/// A number that about n primes do not exceed.
fn near(n: u64) -> u64 {
    let n = float(n);
    // Newton's method; the slope of R is near 1 / ln x.
    let start = (n * n.max(2.0).ln()).max(2.0);
    let mut number = start;
    for _ in 0..12 {
        let next = (number - (riemann(number) - n) * number.ln()).max(2.0);
        // Nearer than what R is off by.
        let is_near = (next - number).abs() < 1.0 + 1e-12 * number;
        number = next;
        if is_near {
            break;
        }
    }
    truncated(number)
}

/// Riemann's R of a number of at least 2, by J. P. Gram's series.
fn riemann(x: f64) -> f64 {
    let log = x.ln();
    let (mut sum, mut power) = (1.0, 1.0);
    for k in 1..400_u32 {
        let k = f64::from(k);
        power *= log / k;
        let term = power / (k * zeta(k + 1.0));
        sum += term;
        if term < sum * f64::EPSILON / 4.0 && k > log {
            break;
        }
    }
    sum
}

/// Riemann's zeta of a number of at least 2, by ten terms and the integral of the others.
fn zeta(s: f64) -> f64 {
    let first: f64 = (1..10).map(|j| f64::from(j).powf(-s)).sum();
    let next = 10_f64.powf(-s);
    first + next * (10.0 / (s - 1.0) + 0.5 + s / 120.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::monitor::Unmonitored;

    #[test]
    fn riemanns_function_is_close() {
        // R(10^k) to the nearest integer: OEIS A057793.
        let values = [(1, 5), (2, 26), (3, 168), (6, 78_527), (9, 50_847_455), (12, 37_607_910_542)];
        for (exponent, value) in values {
            let difference = riemann(10_f64.powi(exponent)) - float(value);
            assert!(difference.abs() < 0.6, "10^{exponent}: {difference}");
        }
        // pi(2^63) (OEIS A007053) is found within a part in 10^9.
        assert!(near(216_289_611_853_439_384).abs_diff(1 << 63) < 1 << 33);
    }

    #[test]
    fn some_numbers_have_no_prime() {
        for n in [0, PRIMES_OF_64_BITS + 1, u64::MAX] {
            assert_eq!(nth_prime(n, &mut Unmonitored), Ok(None), "{n}");
        }
    }

    #[test]
    fn searches_end_at_the_bounds_of_64_bits() {
        let mut monitor = Unmonitored;
        // 2^64 - 59 is the greatest prime (OEIS A013603).
        let progress = &mut Progress::new(&mut monitor, 0.0);
        let greatest = u64::MAX - 58;
        assert_eq!(search_above(greatest - 1, 1, progress), Ok(Some(greatest)));
        assert_eq!(search_above(greatest, 1, progress), Ok(None));
        assert_eq!(search_below(u64::MAX, 0, progress), Ok(greatest));
        assert_eq!(search_below(29, 9, progress), Ok(2));
    }

    #[test]
    fn both_ways_lead_over_several_windows() {
        let mut monitor = Unmonitored;
        let progress = &mut Progress::new(&mut monitor, 0.0);
        assert_eq!(search_above(0, 5_000_000, progress), Ok(Some(86_028_121)));
        assert_eq!(search_below(86_028_121, 4_999_999, progress), Ok(2));
    }
}
