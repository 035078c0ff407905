//! The n-th Fibonacci number.

use std::time::Duration;

use abacus_api::v1::{self, task};
use abacus_arithmetic::{
    decimal_digits_of_fibonacci, digits_cost, fibonacci, fibonacci_cost, fibonacci_modulo,
    product_memory_bytes,
};

use super::{
    Content, Description, Kind,
    kernel::{Desk, Milestones},
};
use crate::{Cost, Limits, Run, Size, Stop, Violations, limits::Limit};

const N: Limit = Limit {
    name: "fibonacci.n",
    default: 1_000_000_000,
    // Up to here the estimates of abacus-arithmetic hold; F(10^10) has two thousand million digits.
    ceiling: 10_000_000_000,
    summary: "The largest index n.",
};

impl Kind for v1::Fibonacci {
    const DESCRIPTION: Description = Description {
        name: "fibonacci",
        summary: "The n-th Fibonacci number.",
        limits: &[N],
        example: || v1::Task { task: Some(task::Task::Fibonacci(v1::Fibonacci { n: 1000 })) },
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
        let result_bytes = decimal_digits_of_fibonacci(self.n);
        Cost {
            compute: times(self.n).iter().sum(),
            result_bytes,
            memory_bytes: product_memory_bytes(result_bytes),
        }
    }

    fn run(&self, run: &mut dyn Run) -> Result<Size, Stop> {
        let milestones = Milestones::of(times(self.n));
        let desk = Desk::new(run);
        let number = fibonacci(self.n, desk.threads(), &mut desk.monitor("doubling", milestones.part(0)))?;
        desk.write_checked(&number.into(), fibonacci_modulo(self.n), milestones.part(1))
    }
}

/// The estimated times of computing F(n) and of writing its digits.
fn times(n: u64) -> [Duration; 2] {
    [fibonacci_cost(n), digits_cost(decimal_digits_of_fibonacci(n))]
}

#[cfg(test)]
mod tests {
    use num_bigint::BigUint;
    use proptest::prelude::*;

    use super::*;
    use crate::kinds::trial;

    fn task(n: u64) -> task::Task {
        task::Task::Fibonacci(v1::Fibonacci { n })
    }

    #[test]
    fn the_first_hundreds_are_sums_of_the_two_before() {
        let (mut current, mut next) = (BigUint::ZERO, BigUint::from(1_u32));
        for n in 0..400 {
            let expected = current.to_string();
            let digits = u64::try_from(expected.len()).unwrap();
            assert_eq!(trial::compute(task(n)), (expected, Size::Digits(digits)), "F({n})");
            (current, next) = (next.clone(), current + next);
        }
    }

    #[test]
    fn large_indices_are_refused() {
        let faults = trial::faults(task(1_000_000_001));
        assert_eq!(faults, ["task.fibonacci.n: is 1000000001; the limit fibonacci.n is 1000000000"]);
        assert!(trial::check(task(1_000_000_000)).is_ok());
    }

    #[test]
    fn the_largest_default_task_is_affordable_in_bytes() {
        let cost = trial::check(task(1_000_000_000)).unwrap().cost();
        let excesses = crate::Budget::default().excesses(&cost);
        assert!(excesses.iter().all(|excess| excess.subject == "compute"), "{excesses:?}");
    }

    #[test]
    fn it_stops_at_any_call() {
        trial::interrupt_everywhere(task(500_000));
    }

    #[test]
    fn doubling_comes_before_digits() {
        let mut run = trial::Trial::default();
        trial::check(task(1_000_000)).unwrap().run(&mut run).unwrap();
        let mut phases: Vec<_> = run.reports.iter().map(|(_, phase)| *phase).collect();
        phases.dedup();
        assert_eq!(phases, ["doubling", "digits"]);
        assert!(run.reports.is_sorted_by(|before, after| before.0 <= after.0), "one fraction for both");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(16))]
        #[test]
        fn three_neighbours_add_up(n in 0_u64..50_000) {
            let number = |n| trial::compute(task(n)).0.parse::<BigUint>().unwrap();
            prop_assert_eq!(number(n) + number(n + 1), number(n + 2));
        }
    }
}
