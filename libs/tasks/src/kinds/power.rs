//! A power of an integer.

use std::time::Duration;

use abacus_api::v1::{self, task};
use abacus_arithmetic::{
    Decimal, digits_cost, power, power_cost, power_digits_bound, power_memory_bytes, power_modulo,
    reading_cost,
};

use super::{
    Content, Description, Kind,
    kernel::{Desk, Integer, Milestones, unless_broken},
    operand,
};
use crate::{Cost, Limits, Run, Size, Stop, Violations, limits::Limit};

const DIGITS: Limit = Limit {
    name: "power.digits",
    default: 1_000_000,
    // Far more than a message of the contract can hold. Reading as many digits takes about a tenth of a second.
    ceiling: 100_000_000,
    summary: "The largest number of digits of the base.",
};

const EXPONENT: Limit = Limit {
    name: "power.exponent",
    default: 1_000_000_000,
    // Signed 64-bit readers can hold every exponent.
    ceiling: i64::MAX.cast_unsigned(),
    summary: "The largest exponent.",
};

impl Kind for v1::Power {
    const DESCRIPTION: Description = Description {
        name: "power",
        summary: "A power of an integer.",
        limits: &[DIGITS, EXPONENT],
        example: || {
            let base = "-12345678901234567890".into();
            v1::Task { task: Some(task::Task::Power(v1::Power { base, exponent: 99 })) }
        },
    };

    fn check(&mut self, limits: &Limits, violations: &mut Violations) {
        operand::check([("base", &mut self.base)], &DIGITS, limits, violations);
        let most = limits.get(&EXPONENT);
        if self.exponent > most {
            let description = format!("is {}; the limit {} is {most}", self.exponent, EXPONENT.name);
            violations.push("exponent", description);
        }
    }

    fn content(&self) -> Content {
        Content::Integer
    }

    fn cost(&self) -> Cost {
        // A stored base that is damaged costs nothing: computing it fails at once.
        let base = operand::number(&self.base).map_or(Decimal::ZERO, |base| base.magnitude);
        let digits = power_digits_bound(&base, self.exponent);
        Cost {
            compute: times(&base, self.exponent).into_iter().fold(Duration::ZERO, Duration::saturating_add),
            // A sign.
            result_bytes: digits.saturating_add(1),
            // The text of the base comes on top.
            memory_bytes: power_memory_bytes(&base, self.exponent)
                .saturating_add(operand::digits(&self.base)),
        }
    }

    fn run(&self, run: &mut dyn Run) -> Result<Size, Stop> {
        let base = operand::number(&self.base)?;
        let milestones = Milestones::of(times(&base.magnitude, self.exponent));
        let desk = Desk::new(run);
        unless_broken(desk.monitor("reading", milestones.part(0))(1.0))?;
        let squaring = &mut desk.monitor("squaring", milestones.part(1));
        let magnitude = power(&base.magnitude, self.exponent, desk.threads(), squaring)?;
        let residue = power_modulo(&base.magnitude, self.exponent);
        let negative = base.negative && self.exponent % 2 == 1;
        desk.write_checked(&Integer { negative, magnitude }, residue, milestones.part(2))
    }
}

/// The estimated times of reading the base, of the power and of writing its digits.
fn times(base: &Decimal, exponent: u64) -> [Duration; 3] {
    let writing = digits_cost(power_digits_bound(base, exponent));
    [reading_cost(base.digit_count()), power_cost(base, exponent), writing]
}

#[cfg(test)]
mod tests {
    use num_bigint::BigInt;
    use proptest::prelude::*;

    use super::*;
    use crate::kinds::trial;

    fn task(base: &str, exponent: u64) -> task::Task {
        task::Task::Power(v1::Power { base: base.to_owned(), exponent })
    }

    #[test]
    fn every_wrong_field_is_named() {
        let faults = trial::faults(task("2x", 1_000_000_001));
        assert_eq!(faults.len(), 2);
        assert!(faults[0].starts_with("task.power.base: has 'x' as character 2"), "{faults:?}");
        assert_eq!(faults[1], "task.power.exponent: is 1000000001; the limit power.exponent is 1000000000");
        assert_eq!(trial::faults(task("", 0)).len(), 1);
        assert!(
            trial::faults(task(&"1".repeat(1_000_001), 0))[0].contains("the limit power.digits is 1000000")
        );
    }

    #[test]
    fn signs_and_zeros() {
        for (base, exponent, power) in [
            ("-2", 3, "-8"),
            ("-2", 4, "16"),
            ("-0", 3, "0"),
            ("0", 0, "1"),
            ("-7", 0, "1"),
            ("+007", 1, "7"),
            ("-1", 999_999_999, "-1"),
            ("-20", 5, "-3200000"),
        ] {
            let size = Size::Digits(operand::digits(power));
            assert_eq!(trial::compute(task(base, exponent)), (power.to_owned(), size), "{base}^{exponent}");
        }
    }

    #[test]
    fn a_large_result_is_told_by_its_cost() {
        let cost = trial::check(task("3", 1_000_000_000)).unwrap().cost();
        assert!((477_121_255..477_121_258).contains(&cost.result_bytes), "{cost:?}");
        let cost = trial::check(task(&"9".repeat(1000), 1_000_000_000)).unwrap().cost();
        assert_eq!(crate::Budget::default().excesses(&cost).len(), 3);
    }

    #[test]
    fn it_stops_at_any_call() {
        trial::interrupt_everywhere(task("-3", 0));
        trial::interrupt_everywhere(task("-3", 300_001));
    }

    proptest! {
        #[test]
        fn powers_are_those_of_integers(base in "[+-]?[0-9]{1,40}", exponent in 0_u32..60) {
            let expected = base.parse::<BigInt>().unwrap().pow(exponent).to_string();
            let (result, size) = trial::compute(task(&base, exponent.into()));
            prop_assert_eq!(size, Size::Digits(operand::digits(&result)));
            prop_assert_eq!(result, expected);
        }
    }
}
