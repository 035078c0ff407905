//! The product of three integers.

use std::time::Duration;

use abacus_api::v1::{self, task};
use abacus_arithmetic::{
    Decimal, digits_cost, product_cost, product_memory_bytes, product_modulo, reading_cost,
};

use super::{
    Content, Description, Kind,
    kernel::{Desk, Integer, Milestones, unless_broken},
    operand,
};
use crate::{Cost, Limits, Run, Size, Stop, Violations, limits::Limit};

const DIGITS: Limit = Limit {
    name: "mult3.digits",
    default: 1_000_000,
    // Far more than a message of the contract can hold. Reading as many digits takes about a tenth of a second.
    ceiling: 100_000_000,
    summary: "The largest number of digits of an operand.",
};

impl Kind for v1::Mult3 {
    const DESCRIPTION: Description = Description {
        name: "mult3",
        summary: "The product of three integers.",
        limits: &[DIGITS],
        example: || {
            let [first, second, third] = ["123456789", "-987654321", "1000000007"].map(String::from);
            v1::Task { task: Some(task::Task::Mult3(v1::Mult3 { first, second, third })) }
        },
    };

    fn check(&mut self, limits: &Limits, violations: &mut Violations) {
        let operands = [("first", &mut self.first), ("second", &mut self.second), ("third", &mut self.third)];
        operand::check(operands, &DIGITS, limits, violations);
    }

    fn content(&self) -> Content {
        Content::Integer
    }

    fn cost(&self) -> Cost {
        let digits: u64 = operands(self).map(operand::digits).iter().sum();
        Cost {
            compute: times(self).iter().sum(),
            // A sign.
            result_bytes: digits + 1,
            // The texts of the operands come on top.
            memory_bytes: product_memory_bytes(digits) + digits,
        }
    }

    fn run(&self, run: &mut dyn Run) -> Result<Size, Stop> {
        let milestones = Milestones::of(times(self));
        let desk = Desk::new(run);
        let mut reading = desk.monitor("reading", milestones.part(0));
        let mut numbers = Vec::with_capacity(3);
        for (text, done) in operands(self).into_iter().zip([0.0, 0.5, 1.0]) {
            numbers.push(operand::number(text)?);
            unless_broken(reading(done))?;
        }
        let negative = numbers.iter().filter(|number| number.negative).count() % 2 == 1;
        let mut factors: Vec<_> = numbers.into_iter().map(|number| number.magnitude).collect();
        let residues: Vec<_> = factors.iter().map(Decimal::modulo_mersenne61).collect();
        factors.sort_unstable();
        let [small, middle, large] = <[Decimal; 3]>::try_from(factors).expect("three operands");
        let multiply = |first: &Decimal, second: &Decimal, step| {
            let multiplying = &mut desk.monitor("multiplying", milestones.part(step));
            first.multiply(second, desk.threads(), multiplying)
        };
        let magnitude = multiply(&multiply(&small, &middle, 1)?, &large, 2)?;
        desk.write_checked(&Integer { negative, magnitude }, product_modulo(&residues), milestones.part(3))
    }
}

/// The estimated times of reading, of both products (the smaller operands are multiplied first) and of writing.
fn times(task: &v1::Mult3) -> [Duration; 4] {
    let mut digits = operands(task).map(operand::digits);
    digits.sort_unstable();
    let [small, middle, large] = digits;
    let reading = digits.into_iter().map(reading_cost).sum();
    let products = [product_cost(small, middle), product_cost(small + middle, large)];
    [reading, products[0], products[1], digits_cost(small + middle + large)]
}

fn operands(task: &v1::Mult3) -> [&str; 3] {
    [&task.first, &task.second, &task.third]
}

#[cfg(test)]
mod tests {
    use num_bigint::BigInt;
    use proptest::prelude::*;

    use super::*;
    use crate::kinds::trial;

    fn task(operands: [&str; 3]) -> task::Task {
        let [first, second, third] = operands.map(String::from);
        task::Task::Mult3(v1::Mult3 { first, second, third })
    }

    #[test]
    fn every_wrong_operand_is_named() {
        let faults = trial::faults(task(["", "7", "-"]));
        assert_eq!(faults.len(), 2);
        assert!(faults[0].starts_with("task.mult3.first: is required"), "{faults:?}");
        assert!(faults[1].starts_with("task.mult3.third: has a sign but no digits"), "{faults:?}");
        let long = "1".repeat(1_000_001);
        let faults = trial::faults(task([&long; 3]));
        assert!(faults.iter().all(|fault| fault.contains("the limit mult3.digits is 1000000")));
        assert_eq!(faults.len(), 3);
    }

    #[test]
    fn signs_multiply() {
        for (operands, product) in [
            (["-2", "-3", "-5"], "-30"),
            (["-2", "3", "-5"], "30"),
            (["-2", "0", "5"], "0"),
            (["-0", "-1", "+1"], "0"),
        ] {
            let digits = operand::digits(product);
            assert_eq!(trial::compute(task(operands)), (product.to_owned(), Size::Digits(digits)));
        }
    }

    #[test]
    fn large_factors_make_their_product() {
        let nines = "9".repeat(100_000);
        let power = format!("-1{}", "0".repeat(150_000));
        let product = format!("-{}8{}1{}", "9".repeat(99_999), "0".repeat(99_999), "0".repeat(150_000));
        assert_eq!(trial::compute(task([&nines, &power, &nines])), (product, Size::Digits(350_000)));
    }

    #[test]
    fn it_stops_at_any_call() {
        let large = "7".repeat(60_000);
        trial::interrupt_everywhere(task(["-3", &large, &large]));
    }

    proptest! {
        #[test]
        fn products_are_those_of_integers(operands in prop::array::uniform3("[+-]?[0-9]{1,60}")) {
            let expected: BigInt = operands.iter().map(|operand| operand.parse::<BigInt>().unwrap()).product();
            let (result, size) = trial::compute(task(operands.each_ref().map(String::as_str)));
            prop_assert_eq!(size, Size::Digits(operand::digits(&result)));
            prop_assert_eq!(result, expected.to_string());
        }

        #[test]
        fn equal_questions_are_one_job(digits in prop::array::uniform3("[1-9][0-9]{0,9}"), zeros in 0_usize..4) {
            let job = |sign: &str, zeros| {
                let padded = digits.each_ref().map(|digits| format!("{sign}{}{digits}", "0".repeat(zeros)));
                trial::check(task(padded.each_ref().map(String::as_str))).unwrap().job().clone()
            };
            prop_assert_eq!(job("", 0), job("+", zeros));
            prop_assert_eq!(job("-", 0), job("-", zeros));
            prop_assert_ne!(job("", 0), job("-", 0));
        }
    }
}
