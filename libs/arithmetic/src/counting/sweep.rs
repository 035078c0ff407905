//! The sweep of the sieve up to z, which yields the special leaves that need it and, on the way, the numbers with two
//! prime factors above y.
//!
//! With every prime crossed out from its square on, the primes stay, so the numbers left up to n after b - 1 primes
//! are phi(n, b - 1) and the primes from the wheel's last to the (b - 1)-th; and once the square of a prime is beyond
//! the segment, all that is left are primes, and one.

use super::plan::{Plan, nanoseconds};
use super::ranks::Ranks;
use super::roots::Roots;
use super::segment::{Segment, Turns, turns};
use super::tables::Tables;
use super::wheel::{BYTE_NUMBERS, PRIMES};
use crate::monitor::{Interrupted, Progress};

struct Sweep<'a> {
    plan: &'a Plan,
    tables: &'a Tables,
    segment: Segment,
    /// The first number of the segment, and the first beyond it.
    low: u64,
    high: u64,
    /// Of the primes after the wheel's whose squares are below the end of the segment.
    turns: Vec<Turns>,
    /// The numbers left before the segment when the primes before that one are crossed out.
    before: Vec<u64>,
    /// The numbers left before the segment when all primes are crossed out.
    all_before: u64,
    sum: i128,
    pending: f64,
}

/// The hard leaves' sum, less the number of numbers up to x with two prime factors above y.
pub(super) fn sweep(plan: &Plan, tables: &Tables, progress: &mut Progress<'_>) -> Result<i128, Interrupted> {
    let bytes: usize = std::env::var("SEG").ok().and_then(|a| a.parse().ok()).unwrap_or(32768);
    let mut sweep = Sweep {
        plan,
        tables,
        segment: Segment::new(bytes),
        low: 0,
        high: 0,
        turns: Vec::new(),
        before: Vec::new(),
        all_before: 0,
        sum: 0,
        pending: 0.0,
    };
    let a = (tables.primes.len() - 2) as i128;
    let mut roots = Roots::new(plan);
    let mut ranks = Ranks::default();
    let mut pairs = 0_i128;
    let mut visited = 0_i128;
    for first in (0..=plan.z / BYTE_NUMBERS).step_by(bytes) {
        (sweep.low, sweep.high) = (first * BYTE_NUMBERS, (first + bytes as u64) * BYTE_NUMBERS);
        sweep.segment.start(&tables.wheel, first);
        sweep.cross(progress)?;
        sweep.segment.rank(&mut ranks);
        sweep.leaves_of_primes(&ranks, progress)?;
        while let Some(quotient) = roots.next_below(sweep.high)? {
            pairs += i128::from(sweep.all_before + ranks.up_to(quotient - sweep.low) + PRIMES - 1);
            visited += 1;
        }
        sweep.all_before += ranks.up_to(sweep.high - sweep.low - 1);
    }
    pairs -= visited * a + visited * (visited - 1) / 2;
    Ok(sweep.sum - pairs)
}

impl Sweep<'_> {
    /// The last prime that has leaves in this segment, or in a later one.
    fn last_with_leaves(&self) -> usize {
        let bound = (self.plan.x / self.low.max(1)).min(self.plan.z).isqrt().min(self.plan.y);
        self.tables.pi(bound)
    }

    /// Crosses out every prime whose square is in reach; counts, before each, the leaves that need this.
    fn cross(&mut self, progress: &mut Progress<'_>) -> Result<(), Interrupted> {
        let root = (self.high - 1).isqrt().min(self.plan.y);
        let (last, last_counted) = (self.tables.pi(root), self.last_with_leaves());
        for b in PRIMES as usize + 1..=last {
            let at = b - PRIMES as usize - 1;
            let prime = self.tables.primes[b];
            if at == self.turns.len() {
                self.turns.push(turns(prime.into(), self.low / BYTE_NUMBERS));
                self.before.push(self.all_before);
            }
            if b > last_counted {
                self.segment.cross(prime, &mut self.turns[at]);
                continue;
            }
            if at == 0 {
                self.segment.count();
            }
            let mut counter = self.segment.counter();
            let before = self.before[at] - at as u64;
            let low = self.low;
            let sum = each_leaf(self.plan, self.tables, b, [self.low, self.high], |most| {
                before + counter.up_to(most - low)
            });
            self.sum += i128::from(sum);
            self.before[at] += self.segment.total();
            self.segment.cross_counted(prime, &mut self.turns[at]);
            progress.advance(0.0)?;
        }
        Ok(())
    }

    /// The leaves of primes whose squares are beyond this segment.
    fn leaves_of_primes(&mut self, ranks: &Ranks, progress: &mut Progress<'_>) -> Result<(), Interrupted> {
        let first = PRIMES as usize + 1 + self.turns.len();
        for b in first..=self.last_with_leaves() {
            let before = self.all_before - (b as u64 - 1 - PRIMES);
            let low = self.low;
            let sum = each_leaf(self.plan, self.tables, b, [self.low, self.high], |most| {
                before.wrapping_add(ranks.up_to(most - low))
            });
            self.sum += i128::from(sum);
            progress.advance(0.0)?;
        }
        Ok(())
    }
}

/// The sum of the leaves p m of the b-th prime p whose n = x / (p m) lies in the segment.
fn each_leaf(plan: &Plan, tables: &Tables, b: usize, [low, high]: [u64; 2], mut count: impl FnMut(u64) -> u64) -> i64 {
    let prime = tables.prime(b);
    let quotient = plan.x / prime;
    let least = quotient / high;
    let most = (quotient / low.max(1)).min(plan.y);
    let mut sum = 0_i64;
    if prime * prime <= plan.y {
        tables.factors.each([least.max(plan.y / prime), most], prime, |m, odd| {
            let count = count(quotient / m).cast_signed();
            sum += if odd { count } else { -count };
        });
    } else {
        let most = most.min(plan.z / prime);
        let least = least.max(prime).min(plan.y);
        if most > least {
            let range = tables.pi(least) + 1..=tables.pi(most);
            for &q in tables.primes[range].iter().rev() {
                sum += count(quotient / u64::from(q)).cast_signed();
            }
        }
    }
    sum
}
