//! What is known of the numbers up to y: the primes, their counts, and which numbers can be leaves.

use std::ops::ControlFlow;

use super::plan::{Plan, float, nanoseconds};
use super::ranks::{Ranks, WORD_NUMBERS};
use super::wheel::{Wheel, coprime, index, number};
use crate::monitor::{Interrupted, Progress, Unmonitored};
use crate::sieve::primes;

/// No two primes below 2^32 are farther apart (T. Nicely, "First occurrence prime gaps").
const WIDEST_GAP: u64 = 354;

/// The tables of one count.
pub(super) struct Tables {
    pub(super) wheel: Wheel,
    /// The b-th prime at position b, up to the first prime above y; zero at position 0.
    pub(super) primes: Vec<u32>,
    /// The bits of primes from 7 on.
    ranks: Ranks,
    pub(super) factors: Factors,
}

/// For each number coprime to 30, its least prime factor and whether it has an odd number of them.
///
/// Twice the least prime factor, plus one for an odd number of factors; less than two if a square divides it. What
/// has no factor below 2^15, be it 1 or prime, counts as if it had one that is larger.
pub(super) struct Factors {
    codes: Vec<u16>,
}

/// The code of a number without prime factors.
const EMPTY: u16 = u16::MAX - 1;

impl Tables {
    pub(super) fn new(plan: &Plan, progress: &mut Progress<'_>) -> Result<Self, Interrupted> {
        let primes = primes_beyond(plan.y, progress)?;
        let factors = Factors::up_to(plan.y, &primes, progress)?;
        let mut bytes = vec![0; index((plan.y / WORD_NUMBERS + 1) * 8)];
        for &prime in primes.iter().filter(|prime| (7..=plan.y).contains(&u64::from(**prime))) {
            let position = coprime(prime.into()) - 1;
            bytes[position / 8] |= 1 << (position % 8);
        }
        let mut ranks = Ranks::default();
        ranks.count(&bytes);
        Ok(Self { wheel: Wheel::new(), primes, ranks, factors })
    }

    /// The number of primes up to a number that is at least 5 and at most y.
    pub(super) fn pi(&self, number: u64) -> usize {
        index(self.ranks.up_to(number) + 3)
    }

    /// The number of primes up to y.
    pub(super) fn count(&self) -> usize {
        self.primes.len() - 2
    }

    /// The b-th prime, from 1 up to one beyond y.
    pub(super) fn prime(&self, b: usize) -> u64 {
        self.primes[b].into()
    }
}

/// Zero and the primes up to the first one above y.
fn primes_beyond(y: u64, progress: &mut Progress<'_>) -> Result<Vec<u32>, Interrupted> {
    let mut found = vec![0];
    let mut before = 0;
    primes(0, y + WIDEST_GAP, &mut Unmonitored, &mut |block| {
        found.extend(block.iter().map(|&prime| u32::try_from(prime).expect("y is below 2^31")));
        let sieved = block[block.len() - 1];
        let work = f64::from(u32::try_from(sieved - before).expect("y is below 2^31")) * nanoseconds::LIST;
        before = sieved;
        match progress.advance(work) {
            Ok(()) => ControlFlow::Continue(()),
            Err(Interrupted) => ControlFlow::Break(()),
        }
    })?;
    let beyond = found.partition_point(|&prime| u64::from(prime) <= y);
    found.truncate(beyond + 1);
    Ok(found)
}

impl Factors {
    fn up_to(y: u64, primes: &[u32], progress: &mut Progress<'_>) -> Result<Self, Interrupted> {
        let mut codes = vec![EMPTY; coprime(y)];
        let mut pending = 0.0;
        for &prime in primes.iter().filter(|prime| **prime >= 7) {
            let code = u16::try_from(2 * prime + 1).unwrap_or(u16::MAX);
            let prime = u64::from(prime);
            for cofactor in (0..coprime(y / prime)).map(number) {
                let multiple = &mut codes[coprime(prime * cofactor) - 1];
                *multiple = (*multiple ^ 1).min(code - 1 + (*multiple & 1 ^ 1));
            }
            for cofactor in (0..coprime(y / (prime * prime))).map(number) {
                codes[coprime(prime * prime * cofactor) - 1] = 0;
            }
            pending += nanoseconds::NOTE * (1.0 + float(y / prime));
            if pending > nanoseconds::REPORT {
                progress.advance(std::mem::take(&mut pending))?;
            }
        }
        progress.advance(pending)?;
        Ok(Self { codes })
    }

    /// Calls `visit` with each number m, in descending order, that is above `least`, at most `most`, has no divisor
    /// up to `prime` and is not divisible by a square; and with whether its number of prime factors is odd.
    #[inline]
    pub(super) fn each(&self, bounds: [u64; 2], prime: u64, mut visit: impl FnMut(u64, bool)) {
        let [least, most] = bounds.map(coprime);
        let bound = u16::try_from(2 * prime + 1).unwrap_or(u16::MAX);
        if least >= most {
            return;
        }
        for (offset, &code) in self.codes[least..most].iter().enumerate().rev() {
            if code > bound {
                visit(number(least + offset), code % 2 == 1);
            }
        }
    }
}
