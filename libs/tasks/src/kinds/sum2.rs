//! The sum of two integers.
//!
//! The operands are decimal and so is the result, so the digits are added as they stand: a conversion to binary and
//! back would take a hundred times as long.

use std::{cmp::Ordering, iter, time::Duration};

use abacus_api::v1::{self, task};

use super::{
    Content, Description, Kind,
    kernel::{length, unless_broken},
    operand,
};
use crate::{Cost, Limits, Run, Size, Stop, Violations, limits::Limit};

const DIGITS: Limit = Limit {
    name: "sum2.digits",
    default: 1_000_000,
    // Far more than a message of the contract can hold.
    ceiling: 1_000_000_000,
    summary: "The largest number of digits of an operand.",
};

/// Digits added, or written, between two questions whether to go on: well below a millisecond's work.
const BLOCK_DIGITS: usize = 64 << 10;

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
        let digits = operand::digits(&self.first).max(operand::digits(&self.second));
        Cost {
            // Measured at about 5 ns a digit, carries and writing included.
            compute: Duration::from_nanos(1000 + 5 * digits),
            // A carry and a sign.
            result_bytes: digits + 2,
            memory_bytes: 3 * digits + (1 << 20),
        }
    }

    fn run(&self, run: &mut dyn Run) -> Result<Size, Stop> {
        let (negative, digits) = sum(&self.first, &self.second, run)?;
        if negative {
            unless_broken(run.write(b"-"))?;
        }
        for block in digits.chunks(BLOCK_DIGITS) {
            unless_broken(run.write(block))?;
        }
        Ok(Size::Digits(length(&digits)))
    }
}

/// The sum of two canonical operands: whether it is negative, and its digits.
fn sum(first: &str, second: &str, run: &mut dyn Run) -> Result<(bool, Vec<u8>), Stop> {
    let ((negative, larger), (other_negative, smaller)) = {
        let (first, second) = (operand::split_sign(first), operand::split_sign(second));
        if compare(first.1, second.1).is_lt() { (second, first) } else { (first, second) }
    };
    let factor = if negative == other_negative { 1 } else { -1 };
    let digits = combine(larger, smaller, factor, run)?;
    Ok((negative && digits != b"0", digits))
}

/// Compares two numbers without leading zeros.
fn compare(first: &[u8], second: &[u8]) -> Ordering {
    first.len().cmp(&second.len()).then_with(|| first.cmp(second))
}

/// The digits of `larger + factor * smaller`, where `factor` is 1 or -1, and the result not negative.
fn combine(larger: &[u8], smaller: &[u8], factor: i8, run: &mut dyn Run) -> Result<Vec<u8>, Stop> {
    // From the last digit to the first, the way carries go.
    let mut digits = Vec::with_capacity(larger.len() + 1);
    let mut carry = 0;
    let blocks = smaller.rchunks(BLOCK_DIGITS).chain(iter::repeat(&[][..]));
    for (block, other) in larger.rchunks(BLOCK_DIGITS).zip(blocks) {
        let others = other.iter().rev().copied().chain(iter::repeat(b'0'));
        digits.extend(block.iter().rev().zip(others).map(|(digit, other)| {
            let value = value(*digit) + factor * value(other) + carry;
            carry = i8::from(value > 9) - i8::from(value < 0);
            (value - 10 * carry).unsigned_abs() + b'0'
        }));
        unless_broken(run.report(part(digits.len(), larger.len()), "adding"))?;
    }
    if carry == 1 {
        digits.push(b'1');
    }
    let zeros = digits.iter().rev().take_while(|digit| **digit == b'0').count();
    digits.truncate((digits.len() - zeros).max(1));
    digits.reverse();
    Ok(digits)
}

/// The value of an ASCII digit.
fn value(digit: u8) -> i8 {
    (digit - b'0').cast_signed()
}

#[expect(clippy::cast_precision_loss, reason = "a measure of progress")]
fn part(done: usize, whole: usize) -> f64 {
    done as f64 / whole as f64
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
    fn carries_cross_blocks() {
        let nines = "9".repeat(3 * BLOCK_DIGITS);
        let power = format!("1{}", "0".repeat(3 * BLOCK_DIGITS));
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
