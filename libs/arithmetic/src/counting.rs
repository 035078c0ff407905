//! The number of primes up to x, without finding them all.
//!
//! The one idea (E. Meissel, D. H. Lehmer): of the numbers up to x, count those without a divisor among the primes up
//! to some y; they are 1, the primes above y, and products of two primes above y, which are counted by a sieve up to
//! x / y. The former count is a sum over leaves, products of primes of up to y and a little more, of such counts for
//! smaller x with fewer primes: J. Lagarias, V. Miller, A. Odlyzko, "Computing pi(x): the Meissel-Lehmer method",
//! Mathematics of Computation 44 (1985). Leaves whose counts follow from the primes up to y are taken out of the
//! sieve as in M. Deleglise, J. Rivat, "Computing pi(x)", Mathematics of Computation 65 (1996); the others read the
//! sieve as it goes along, from counts of its blocks (compare T. Oliveira e Silva, "Computing pi(x): the combinatorial
//! method", Revista do DETUA 4 (2006)).
//!
//! Here y is the third root of x up to 10^10, then x^(5/12) / 7, six times that root for 2^63. Tables take about one
//! byte for each number up to y, and what is sieved some MiB: in all 4 MiB for 10^13, below 32 MiB for any x. The time
//! grows somewhat slower than x^(2/3): 0.1 s for 10^13 and 10 s for 10^16.

mod interval;
mod leaves;
mod nth;
mod plan;
mod ranks;
mod roots;
mod segment;
mod sweep;
mod tables;
mod wheel;

pub use interval::{count_primes, prime_count};
pub(crate) use interval::{memory_bytes, work};
pub use nth::nth_prime;
pub(crate) use nth::{memory_bytes as nth_memory_bytes, work as nth_work};
use plan::Plan;
use tables::Tables;

use crate::monitor::{Interrupted, Progress};

/// The combinatorial count is right from here on: y is above the wheel's primes.
const LEAST: u64 = 20_000;

/// The number of primes up to an x of at least [`LEAST`].
fn combinatorial(x: u64, progress: &mut Progress<'_>) -> Result<u64, Interrupted> {
    let plan = Plan::of(x);
    let tables = Tables::new(&plan, progress)?;
    let without_small_divisors = leaves::ordinary(&plan, &tables, progress)?
        + leaves::easy(&plan, &tables, progress)?
        + sweep::sweep(&plan, &tables, progress)?;
    // Less one, which is not prime.
    let above = u64::try_from(without_small_divisors - 1).expect("the primes above y are not less than none");
    Ok(tables.count() as u64 + above)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::monitor::Unmonitored;
    use crate::sieve;

    fn counted(x: u64) -> u64 {
        combinatorial(x, &mut Progress::new(&mut Unmonitored, 0.0)).unwrap()
    }

    fn sieved(start: u64, end: u64) -> u64 {
        sieve::count_primes(start, end, &mut Unmonitored).unwrap()
    }

    #[test]
    fn small_counts_are_those_of_the_sieve() {
        // Each of the first, then steps that meet every residue, and every interval between two squares of primes.
        let numbers = (LEAST..LEAST + 400).chain((LEAST..3_000_000).step_by(1009));
        let (mut count, mut before) = (sieved(0, LEAST - 1), LEAST - 1);
        for x in numbers {
            if x < before {
                (count, before) = (sieved(0, LEAST - 1), LEAST - 1);
            }
            count += sieved(before + 1, x);
            before = x;
            assert_eq!(counted(x), count, "{x}");
        }
    }

    #[test]
    fn counts_around_powers_are_those_of_the_sieve() {
        for root in [151_u64, 256, 499] {
            for power in [root.pow(2), root.pow(3), root * (root + 2), (root + 2).pow(2) * 7] {
                let before = sieved(0, power - 1);
                for x in power - 1..=power + 1 {
                    assert_eq!(counted(x), before + sieved(power, x), "{x}");
                }
            }
        }
    }

    #[test]
    fn differences_are_those_of_the_sieve() {
        for (start, length) in
            [(999_983_u64, 12_345_u64), (1 << 30, 1 << 20), (10_u64.pow(11) + 7, 5_000_000)]
        {
            let end = start + length;
            assert_eq!(counted(end) - counted(start - 1), sieved(start, end), "{start}..={end}");
        }
    }

    #[test]
    fn known_counts() {
        // OEIS A006880.
        let counts = [78_498, 664_579, 5_761_455, 50_847_534, 455_052_511, 4_118_054_813, 37_607_912_018];
        for (exponent, count) in (6..).zip(counts) {
            assert_eq!(counted(10_u64.pow(exponent)), count, "10^{exponent}");
        }
    }
}
