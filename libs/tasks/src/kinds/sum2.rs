//! The sum of two integers.
//!
//! The operands are decimal and so is the result: they are added in decimal.

use std::time::Duration;

use abacus_api::v1::{self, task};
use abacus_arithmetic::{digits_cost, reading_cost};

use super::{
    Content, Description, Kind,
    kernel::{Desk, Integer, unless_broken},
    operand,
};
use crate::{Cost, Limits, Run, Size, Stop, Violations, limits::Limit};

const DIGITS: Limit = Limit {
    name: "sum2.digits",
    default: 1_000_000,
    // Far more than a message of the contract can hold. Reading as many digits takes about a tenth of a second.
    ceiling: 100_000_000,
    summary: "The largest number of digits of an operand.",
};

impl Kind for v1::Sum2 {
    const DESCRIPTION: Description = Description {
        name: "sum2",
        summary: "The sum of two integers.",
        limits: &[DIGITS],
        example: || {
            let (first, second) = ("123456789012345678901234567890".into(), "-987654321".into());
            v1::Task { task: Some(task::Task::Sum2(v1::Sum2 { first, second })) }
        },
    };

    fn check(&mut self, limits: &Limits, violations: &mut Violations) {
        let operands = [("first", &mut self.first), ("second", &mut self.second)];
        operand::check(operands, &DIGITS, limits, violations);
    }

    fn content(&self) -> Content {
        Content::Integer
    }

    fn cost(&self) -> Cost {
        let [first, second] = [&self.first, &self.second].map(|text| operand::digits(text));
        let digits = first.max(second);
        Cost {
            compute: Duration::from_micros(1)
                + reading_cost(first)
                + reading_cost(second)
                + digits_cost(digits),
            // A carry and a sign.
            result_bytes: digits + 2,
            // Two operands of 8 bytes for 19 digits, a carry, and the pieces of the result.
            memory_bytes: digits + (1 << 20),
        }
    }

    fn run(&self, run: &mut dyn Run) -> Result<Size, Stop> {
        let first = operand::number(&self.first)?;
        unless_broken(run.report(0.25, "reading"))?;
        let second = operand::number(&self.second)?;
        unless_broken(run.report(0.5, "reading"))?;
        Desk::new(run).write_integer(&sum(first, second), 0.5..1.0)
    }
}

fn sum(mut first: Integer, second: Integer) -> Integer {
    if first.negative == second.negative {
        first.magnitude.add(&second.magnitude);
        return first;
    }
    let (larger, smaller) =
        if first.magnitude < second.magnitude { (second, first) } else { (first, second) };
    let magnitude = larger.magnitude.checked_sub(&smaller.magnitude).expect("the smaller is subtracted");
    Integer { negative: larger.negative, magnitude }
}

#[cfg(test)]
mod tests {
    use num_bigint::BigInt;
    use proptest::prelude::*;

    use super::*;
    use crate::kinds::trial;

    fn task(first: impl Into<String>, second: impl Into<String>) -> task::Task {
        task::Task::Sum2(v1::Sum2 { first: first.into(), second: second.into() })
    }

    #[test]
    fn every_wrong_operand_is_named() {
        let faults = trial::faults(task("", "1x"));
        assert_eq!(faults.len(), 2);
        assert!(faults[0].starts_with("task.sum2.first: is required"), "{faults:?}");
        assert!(faults[1].starts_with("task.sum2.second: has 'x' as character 2"), "{faults:?}");
    }

    #[test]
    fn carries_and_signs() {
        for (first, second, sum) in [
            ("999", "1", "1000"),
            ("-999", "-1", "-1000"),
            ("1000", "-1", "999"),
            ("1", "-1000", "-999"),
            ("5", "-5", "0"),
            ("-5", "5", "0"),
            ("-0", "+0", "0"),
            ("+007", "-0", "7"),
        ] {
            let digits = u64::try_from(sum.trim_start_matches('-').len()).unwrap();
            assert_eq!(trial::compute(task(first, second)), (sum.to_owned(), Size::Digits(digits)));
        }
    }

    #[test]
    fn carries_go_all_the_way() {
        let nines = "9".repeat(200_000);
        let power = format!("1{}", "0".repeat(200_000));
        assert_eq!(trial::compute(task(nines.as_str(), "1")).0, power);
        assert_eq!(trial::compute(task(power, "-1")).0, nines);
    }

    #[test]
    fn it_stops_at_any_call() {
        trial::interrupt_everywhere(task("-9", "7"));
        trial::interrupt_everywhere(task(format!("-{}", "9".repeat(200_000)), "-7"));
    }

    proptest! {
        #[test]
        fn sums_are_those_of_integers(first in "[+-]?[0-9]{1,60}", second in "[+-]?[0-9]{1,60}") {
            let expected: BigInt = first.parse::<BigInt>().unwrap() + second.parse::<BigInt>().unwrap();
            let (result, size) = trial::compute(task(first.as_str(), second.as_str()));
            prop_assert_eq!(size, Size::Digits(operand::digits(&result)));
            prop_assert_eq!(result, expected.to_string());
            prop_assert_eq!(trial::compute(task(second, first)).0, expected.to_string());
        }

        #[test]
        fn equal_questions_are_one_job(first in "[0-9]{1,9}", second in "[1-9][0-9]{0,9}", zeros in 0_usize..4) {
            let plain = trial::check(task(first.as_str(), format!("-{second}"))).unwrap();
            let zeros = "0".repeat(zeros);
            let padded = task(format!("+{zeros}{first}"), format!("-{zeros}{second}"));
            prop_assert_eq!(&plain, &trial::check(padded).unwrap());
        }
    }
}
