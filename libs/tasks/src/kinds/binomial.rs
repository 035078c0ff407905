//! The number of ways to choose k of n things.

use std::time::Duration;

use abacus_api::v1::{self, task};
use abacus_arithmetic::{
    binomial, binomial_check_cost, binomial_cost, binomial_digits_bound, binomial_memory_bytes,
    binomial_modulo, digits_cost,
};

use super::{
    Content, Description, Kind,
    kernel::{Desk, Milestones},
};
use crate::{Cost, Limits, Run, Size, Stop, Violations, limits::Limit};

const N: Limit = Limit {
    name: "binomial.n",
    default: i64::MAX.cast_unsigned(),
    // Signed 64-bit readers can hold every n.
    ceiling: i64::MAX.cast_unsigned(),
    summary: "The largest n to choose from.",
};

impl Kind for v1::Binomial {
    const DESCRIPTION: Description = Description {
        name: "binomial",
        summary: "The number of ways to choose k of n things.",
        limits: &[N],
        example: || v1::Task { task: Some(task::Task::Binomial(v1::Binomial { n: 1000, k: 500 })) },
    };

    fn check(&mut self, limits: &Limits, violations: &mut Violations) {
        let most = limits.get(&N);
        if self.n > most {
            violations.push("n", format!("is {}; the limit {} is {most}", self.n, N.name));
        }
    }

    fn content(&self) -> Content {
        Content::Integer
    }

    fn cost(&self) -> Cost {
        let times = times(self.n, self.k);
        Cost {
            compute: times.into_iter().fold(Duration::ZERO, Duration::saturating_add),
            result_bytes: binomial_digits_bound(self.n, self.k),
            memory_bytes: binomial_memory_bytes(self.n, self.k),
        }
    }

    fn run(&self, run: &mut dyn Run) -> Result<Size, Stop> {
        let (n, k) = (self.n, self.k);
        let milestones = Milestones::of(times(n, k));
        let desk = Desk::new(run);
        let multiplying = &mut desk.monitor("multiplying", milestones.part(0));
        let number = binomial(n, k, desk.threads(), multiplying)?;
        let residue = binomial_modulo(n, k, &mut desk.monitor("checking", milestones.part(1)))?;
        desk.write_checked(&number.into(), residue, milestones.part(2))
    }
}

/// The estimated times of the product, of its check and of writing its digits.
fn times(n: u64, k: u64) -> [Duration; 3] {
    [binomial_cost(n, k), binomial_check_cost(n, k), digits_cost(binomial_digits_bound(n, k))]
}

#[cfg(test)]
mod tests {
    use num_bigint::BigUint;

    use super::*;
    use crate::kinds::trial;

    fn task(n: u64, k: u64) -> task::Task {
        task::Task::Binomial(v1::Binomial { n, k })
    }

    fn digits(n: u64, k: u64) -> String {
        trial::compute(task(n, k)).0
    }

    #[test]
    fn rows_of_pascals_triangle() {
        for n in [0, 1, 2, 30, 67] {
            let mut expected = BigUint::from(1_u32);
            for k in 0..=n {
                assert_eq!(digits(n, k), expected.to_string(), "{n} over {k}");
                expected = expected * (n - k) / (k + 1);
            }
            assert_eq!(trial::compute(task(n, n + 1)), ("0".to_owned(), Size::Digits(1)));
        }
    }

    #[test]
    fn n_may_be_far_greater_than_k() {
        let n = i64::MAX.cast_unsigned();
        let expected = BigUint::from(n) * (n - 1) / 2_u32;
        assert_eq!(digits(n, 2), expected.to_string());
        assert_eq!(digits(n, n - 2), expected.to_string());
    }

    #[test]
    fn a_large_n_is_refused_and_a_large_result_is_told_by_its_cost() {
        let faults = trial::faults(task(u64::MAX, 2));
        assert_eq!(faults.len(), 1);
        assert!(faults[0].starts_with("task.binomial.n: is 18446744073709551615"), "{faults:?}");
        let n = i64::MAX.cast_unsigned();
        let cost = trial::check(task(n, n / 2)).unwrap().cost();
        assert_eq!(crate::Budget::default().excesses(&cost).len(), 3);
        assert!(crate::Budget::default().excesses(&trial::check(task(n, 1000)).unwrap().cost()).is_empty());
    }

    #[test]
    fn it_stops_at_any_call() {
        trial::interrupt_everywhere(task(3, 5));
        trial::interrupt_everywhere(task(200_000, 100_000));
        trial::interrupt_everywhere(task(1 << 60, 3000));
    }
}
