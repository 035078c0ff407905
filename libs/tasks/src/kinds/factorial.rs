//! The factorial of n.

use std::time::Duration;

use abacus_api::v1::{self, task};
use abacus_arithmetic::{
    digits_cost, factorial, factorial_check_cost, factorial_cost, factorial_digits_bound,
    factorial_memory_bytes, factorial_modulo,
};

use super::{
    Content, Description, Kind,
    kernel::{Desk, Milestones},
};
use crate::{Cost, Limits, Run, Size, Stop, Violations, limits::Limit};

const N: Limit = Limit {
    name: "factorial.n",
    default: 100_000_000,
    // Its factorial has more than eight thousand million digits.
    ceiling: 1_000_000_000,
    summary: "The largest n whose factorial is computed.",
};

impl Kind for v1::Factorial {
    const DESCRIPTION: Description = Description {
        name: "factorial",
        summary: "The factorial of n.",
        limits: &[N],
        example: || v1::Task { task: Some(task::Task::Factorial(v1::Factorial { n: 1000 })) },
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
        Cost {
            compute: times(self.n).iter().sum(),
            result_bytes: factorial_digits_bound(self.n),
            memory_bytes: factorial_memory_bytes(self.n),
        }
    }

    fn run(&self, run: &mut dyn Run) -> Result<Size, Stop> {
        let milestones = Milestones::of(times(self.n));
        let desk = Desk::new(run);
        let number = factorial(self.n, desk.threads(), &mut desk.monitor("multiplying", milestones.part(0)))?;
        let residue = factorial_modulo(self.n, &mut desk.monitor("checking", milestones.part(1)))?;
        desk.write_checked(&number.into(), residue, milestones.part(2))
    }
}

/// The estimated times of the product, of its check and of writing its digits.
fn times(n: u64) -> [Duration; 3] {
    [factorial_cost(n), factorial_check_cost(n), digits_cost(factorial_digits_bound(n))]
}

#[cfg(test)]
mod tests {
    use num_bigint::BigUint;

    use super::*;
    use crate::kinds::trial;

    fn task(n: u64) -> task::Task {
        task::Task::Factorial(v1::Factorial { n })
    }

    #[test]
    fn the_first_hundreds_are_products() {
        let mut expected = BigUint::from(1_u32);
        for n in 0..400_u64 {
            expected *= n.max(1);
            let digits = expected.to_string();
            let size = Size::Digits(u64::try_from(digits.len()).unwrap());
            assert_eq!(trial::compute(task(n)), (digits, size), "{n}!");
        }
    }

    #[test]
    fn a_large_n_is_refused() {
        let faults = trial::faults(task(100_000_001));
        assert_eq!(faults, ["task.factorial.n: is 100000001; the limit factorial.n is 100000000"]);
    }

    #[test]
    fn the_largest_default_task_is_affordable_in_bytes() {
        let cost = trial::check(task(100_000_000)).unwrap().cost();
        let excesses = crate::Budget::default().excesses(&cost);
        assert!(excesses.iter().all(|excess| excess.subject == "compute"), "{excesses:?}");
    }

    #[test]
    fn it_stops_at_any_call() {
        trial::interrupt_everywhere(task(0));
        trial::interrupt_everywhere(task(50_000));
    }
}
