//! The n-th prime number.

use abacus_api::v1::{self, task};
use abacus_arithmetic::{Decimal, nth_prime, nth_prime_cost, nth_prime_memory_bytes};

use super::{Content, Description, Kind, kernel::Desk};
use crate::{Cost, Limits, Run, Size, Stop, Violations, limits::Limit};

/// The number of primes up to 2^63 - 1 (OEIS A007053): signed 64-bit readers can hold every result.
const MOST: u64 = 216_289_611_853_439_384;

const N: Limit = Limit {
    name: "nth_prime.n",
    default: MOST,
    ceiling: MOST,
    summary: "The largest n whose prime is looked for.",
};

impl Kind for v1::NthPrime {
    const DESCRIPTION: Description = Description {
        name: "nth_prime",
        summary: "The n-th prime number.",
        limits: &[N],
        example: || v1::Task { task: Some(task::Task::NthPrime(v1::NthPrime { n: 1_000_000 })) },
    };

    fn check(&mut self, limits: &Limits, violations: &mut Violations) {
        let most = limits.get(&N);
        if self.n == 0 {
            violations.push("n", "is 0 and must be at least 1: the first prime is 2");
        } else if self.n > most {
            violations.push("n", format!("is {}; the limit {} is {most}", self.n, N.name));
        }
    }

    fn content(&self) -> Content {
        Content::Integer
    }

    fn cost(&self) -> Cost {
        Cost {
            compute: nth_prime_cost(self.n),
            result_bytes: 20,
            memory_bytes: nth_prime_memory_bytes(self.n),
        }
    }

    fn run(&self, run: &mut dyn Run) -> Result<Size, Stop> {
        let desk = Desk::new(run);
        let prime = nth_prime(self.n, &mut desk.monitor("counting", 0.0..1.0))?;
        let prime = prime.expect("a checked n is at least 1 and its prime is below 2^63");
        desk.write_integer(&Decimal::from(prime).into(), 1.0..1.0)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::kinds::trial;

    fn task(n: u64) -> task::Task {
        task::Task::NthPrime(v1::NthPrime { n })
    }

    #[test]
    fn known_primes() {
        // OEIS A006988.
        for (n, prime) in
            [(1, "2"), (2, "3"), (10, "29"), (1_000_000, "15485863"), (1_000_000_000, "22801763489")]
        {
            let size = Size::Digits(prime.len().try_into().unwrap());
            assert_eq!(trial::compute(task(n)), (prime.to_owned(), size), "{n}");
        }
    }

    #[test]
    fn there_is_no_prime_zero_and_none_beyond_63_bits() {
        assert_eq!(
            trial::faults(task(0)),
            ["task.nth_prime.n: is 0 and must be at least 1: the first prime is 2"]
        );
        let faults = trial::faults(task(MOST + 1));
        let limit = "task.nth_prime.n: is 216289611853439385; the limit nth_prime.n is 216289611853439384";
        assert_eq!(faults, [limit]);
    }

    #[test]
    fn every_n_is_affordable() {
        let [middle, most] = [1_000_000_000_000, MOST].map(|n| trial::check(task(n)).unwrap().cost());
        assert!(middle.compute < Duration::from_secs(1) && most.compute > Duration::from_mins(1), "{most:?}");
        assert!(crate::Budget::default().excesses(&most).is_empty(), "{most:?}");
    }

    #[test]
    fn it_stops_at_any_call() {
        trial::interrupt_everywhere(task(1));
        trial::interrupt_everywhere(task(300_000_000));
    }
}
