//! The sweep of the sieve up to z, which yields the special leaves that need it and, on the way, the numbers with two
//! prime factors above y.
//!
//! With every prime crossed out from its square on, the primes stay, so the numbers left up to n after b - 1 primes
//! are those without a divisor among these, and the primes from the wheel's last to the (b - 1)-th. Once the square
//! of a prime is beyond the segment, all that is left are the primes, and one.

use std::mem;

use super::plan::{Plan, float, nanoseconds};
use super::ranks::Ranks;
use super::roots::Roots;
use super::segment::{Segment, Turns, turns};
use super::tables::Tables;
use super::wheel::{BYTE_NUMBERS, PRIMES};
use crate::monitor::{Interrupted, Progress};

struct Sweep<'a, 'm> {
    plan: &'a Plan,
    tables: &'a Tables,
    progress: &'a mut Progress<'m>,
    /// Work that is not reported yet.
    pending: f64,
    segment: Segment,
    /// The first number of the segment, and the first beyond it.
    bounds: [u64; 2],
    /// Of the primes after the wheel's whose squares are below the end of the segment.
    turns: Vec<Turns>,
    /// For each of them, the numbers left before the segment when the primes before it are crossed out.
    before: Vec<u64>,
    /// The numbers left before the segment when all primes are crossed out.
    all_before: u64,
    /// Of the leaves.
    sum: i128,
}

/// The sum over the special leaves that are not [easy](super::leaves::easy), less the number of numbers up to x with
/// two prime factors, both above y.
pub(super) fn sweep(plan: &Plan, tables: &Tables, progress: &mut Progress<'_>) -> Result<i128, Interrupted> {
    let mut sweep = Sweep {
        plan,
        tables,
        progress,
        pending: 0.0,
        segment: Segment::new(plan.segment_bytes),
        bounds: [0; 2],
        turns: Vec::new(),
        before: Vec::new(),
        all_before: 0,
        sum: 0,
    };
    let mut roots = Roots::new(plan);
    let mut ranks = Ranks::default();
    let (mut pairs, mut greater) = (0, tables.count());
    for first in (0..=plan.z / BYTE_NUMBERS).step_by(plan.segment_bytes) {
        let [low, high] = sweep.start(first);
        sweep.cross()?;
        sweep.segment.rank(&mut ranks);
        sweep.leaves_of_primes(&ranks)?;
        while let Some(quotient) = roots.next_below(high)? {
            // The primes from this root on, up to the quotient.
            let left = sweep.all_before + ranks.up_to(quotient - low);
            pairs += i128::from(left) + PRIMES as i128 - 1 - greater as i128;
            greater += 1;
            sweep.note(nanoseconds::PAIR)?;
        }
        sweep.all_before += ranks.up_to(high - low - 1);
    }
    sweep.progress.advance(sweep.pending)?;
    Ok(sweep.sum - pairs)
}

impl Sweep<'_, '_> {
    /// Starts the segment at byte `first` and tells its bounds.
    fn start(&mut self, first: u64) -> [u64; 2] {
        self.segment.start(&self.tables.wheel, first);
        self.bounds = [first, first + self.plan.segment_bytes as u64].map(|byte| byte * BYTE_NUMBERS);
        self.pending += nanoseconds::BYTE * float(self.plan.segment_bytes as u64);
        self.bounds
    }

    /// Crosses out every prime whose square is in reach; before each, counts the leaves that are waiting for that.
    fn cross(&mut self) -> Result<(), Interrupted> {
        let [low, high] = self.bounds;
        let (last, last_with_leaves) =
            (self.tables.pi((high - 1).isqrt().min(self.plan.y)), self.last_with_leaves());
        for (at, b) in (PRIMES + 1..=last).enumerate() {
            let prime = self.tables.primes[b];
            if at == self.turns.len() {
                self.turns.push(turns(prime.into(), low / BYTE_NUMBERS));
                self.before.push(self.all_before);
            }
            let bits = 8.0 * float(self.plan.segment_bytes as u64) / f64::from(prime);
            self.note(nanoseconds::TURN + nanoseconds::CROSS * bits)?;
            if b > last_with_leaves {
                self.segment.cross(prime, &mut self.turns[at]);
                continue;
            }
            if at == 0 {
                self.segment.count();
            }
            self.leaves_between(b)?;
            self.before[at] += self.segment.total();
            self.segment.cross_counted(prime, &mut self.turns[at]);
        }
        Ok(())
    }

    /// The last prime that has leaves in this segment, or in a later one.
    fn last_with_leaves(&self) -> usize {
        let bound = (self.plan.x / self.bounds[0].max(1)).min(self.plan.z).isqrt();
        self.tables.pi(bound.min(self.plan.y))
    }

    /// The leaves of the b-th prime, when those before it are crossed out.
    fn leaves_between(&mut self, b: usize) -> Result<(), Interrupted> {
        let at = b - 1 - PRIMES;
        let (before, primes_left, low) = (self.before[at], at as u64, self.bounds[0]);
        let mut counter = self.segment.counter();
        let (sum, candidates, leaves) = each_leaf(self.plan, self.tables, (b, self.bounds), |most| {
            before + counter.up_to(most - low) - primes_left
        });
        self.sum += sum;
        self.note(nanoseconds::ASK + nanoseconds::CANDIDATE * candidates + nanoseconds::HARD[0] * leaves)
    }

    /// The leaves of primes whose squares are beyond this segment, when nothing is left in it but primes.
    fn leaves_of_primes(&mut self, ranks: &Ranks) -> Result<(), Interrupted> {
        let low = self.bounds[0];
        for b in PRIMES + 1 + self.turns.len()..=self.last_with_leaves() {
            let (all_before, primes_left) = (self.all_before, (b - 1 - PRIMES) as u64);
            let (sum, candidates, leaves) = each_leaf(self.plan, self.tables, (b, self.bounds), |most| {
                all_before + ranks.up_to(most - low) - primes_left
            });
            self.sum += sum;
            self.note(
                nanoseconds::ASK + nanoseconds::CANDIDATE * candidates + nanoseconds::HARD[1] * leaves,
            )?;
        }
        Ok(())
    }

    /// Takes note of work that is done, and reports it now and then.
    fn note(&mut self, work: f64) -> Result<(), Interrupted> {
        self.pending += work;
        if self.pending < nanoseconds::REPORT {
            return Ok(());
        }
        self.progress.advance(mem::take(&mut self.pending))
    }
}

/// The sum over the leaves p m, for the b-th prime p, whose n = x / (p m) lies within the bounds, of what `count` says
/// of n; how many numbers were considered, beside primes, and how many leaves there were.
#[inline]
fn each_leaf(
    plan: &Plan,
    tables: &Tables,
    (b, [low, high]): (usize, [u64; 2]),
    mut count: impl FnMut(u64) -> u64,
) -> (i128, f64, f64) {
    let prime = tables.prime(b);
    let quotient = plan.x / prime;
    let least = quotient / high;
    let most = (quotient / low.max(1)).min(plan.y);
    let (mut sum, mut leaves) = (0_i128, 0);
    if prime * prime <= plan.y {
        let least = least.max(plan.y / prime);
        tables.factors.each([least, most], prime, |m, odd| {
            let count = i128::from(count(quotient / m));
            sum += if odd { count } else { -count };
            leaves += 1;
        });
        return (sum, float(most.saturating_sub(least)), float(leaves));
    }
    let (least, most) = (least.max(prime), most.min(plan.z / prime));
    if least < most {
        let range = tables.pi(least) + 1..=tables.pi(most);
        leaves = range.clone().count() as u64;
        sum = tables.primes[range].iter().rev().map(|&q| i128::from(count(quotient / u64::from(q)))).sum();
    }
    (sum, 0.0, float(leaves))
}
