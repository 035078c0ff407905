//! Integers in decimal against num-bigint's binary ones.

use abacus_arithmetic::{Decimal, Unmonitored, parse_decimal};
use num_bigint::{BigInt, BigUint, Sign};
use proptest::prelude::*;
use std::ops::ControlFlow;

use crate::{ONE_THREAD, decimal, integer, written};

fn product(first: &Decimal, second: &Decimal) -> Decimal {
    first.multiply(second, ONE_THREAD, &mut Unmonitored).unwrap()
}

fn sum(first: &Decimal, second: &Decimal) -> Decimal {
    let mut sum = first.clone();
    sum.add(second);
    sum
}

/// Numbers with rows of zeros and nines, where carries and borrows travel far.
fn nearly_round() -> impl Strategy<Value = BigUint> {
    (0u32..300, 1u32..12, -2i32..=2).prop_map(|(exponent, factor, offset)| {
        let value: BigInt = BigInt::from(10).pow(exponent) * factor + offset;
        value.into_parts().1
    })
}

fn any_integer() -> impl Strategy<Value = BigUint> {
    prop_oneof![integer(200), nearly_round()]
}

proptest! {
    #[test]
    fn small_numbers_agree(value in any::<u128>(), short in any::<u64>()) {
        prop_assert_eq!(written(&value.into()), value.to_string());
        prop_assert_eq!(Decimal::from(short).to_string(), short.to_string());
    }

    #[test]
    fn sums_and_differences_are_those_of_binary_integers(first in any_integer(), second in any_integer()) {
        let (one, other) = (decimal(&first), decimal(&second));
        prop_assert_eq!(sum(&one, &other), decimal(&(&first + &second)));
        prop_assert_eq!(one.cmp(&other), first.cmp(&second));
        let expected = (first >= second).then(|| decimal(&(&first - &second)));
        prop_assert_eq!(one.checked_sub(&other), expected);
    }

    #[test]
    fn products_form_a_ring(first in any_integer(), second in any_integer(), third in any_integer()) {
        let [a, b, c] = [&first, &second, &third].map(decimal);
        prop_assert_eq!(&product(&a, &b), &decimal(&(&first * &second)));
        prop_assert_eq!(product(&product(&a, &b), &c), product(&a, &product(&b, &c)));
        prop_assert_eq!(product(&a, &sum(&b, &c)), sum(&product(&a, &b), &product(&a, &c)));
    }

    #[test]
    fn small_factors_and_divisors_agree(value in any_integer(), small in any::<u64>()) {
        let mut number = decimal(&value);
        number.multiply_small(small);
        prop_assert_eq!(&number, &decimal(&(&value * small)));
        let remainder = number.divide_small(7);
        prop_assert_eq!(remainder.map(BigUint::from), Some(&value * small % 7u32));
        prop_assert_eq!(&number, &decimal(&(&value * small / 7u32)));
        let remainder = number.divide_small(small);
        prop_assert_eq!(remainder.is_none(), small == 0);
        if small > 0 {
            prop_assert_eq!(&number, &decimal(&(&value * small / 7u32 / small)));
        }
    }

    #[test]
    fn halves_agree(value in any_integer()) {
        let mut number = decimal(&value);
        prop_assert_eq!(number.is_odd(), value.bit(0));
        prop_assert_eq!(number.halve(), value.bit(0));
        prop_assert_eq!(number, decimal(&(value >> 1u32)));
    }

    #[test]
    fn residues_agree(value in integer(400)) {
        let residue = value.clone() % ((1u64 << 61) - 1);
        prop_assert_eq!(BigUint::from(decimal(&value).modulo_mersenne61()), residue);
    }

    #[test]
    fn conversions_agree(value in integer(1500)) {
        let number = Decimal::from_binary(&value, ONE_THREAD, &mut Unmonitored).unwrap();
        prop_assert_eq!(number.to_binary(ONE_THREAD, &mut Unmonitored).unwrap(), value.clone());
        prop_assert_eq!(written(&number), value.to_string());
    }

    #[test]
    fn conversions_of_round_numbers_agree(exponent in 0u32..20_000, offset in -1i32..=1) {
        let value = (BigInt::from(2).pow(exponent) + offset).into_parts().1;
        let number = Decimal::from_binary(&value, ONE_THREAD, &mut Unmonitored).unwrap();
        prop_assert!(number.to_binary(ONE_THREAD, &mut Unmonitored).unwrap() == value);
        let value = (BigInt::from(10).pow(exponent / 4) + offset).into_parts().1;
        prop_assert!(decimal(&value).to_binary(ONE_THREAD, &mut Unmonitored).unwrap() == value);
    }

    #[test]
    fn any_stretch_of_digits_is_given(value in any_integer(), start in 0u64..700, length in 0u64..700) {
        let (number, text) = (decimal(&value), value.to_string());
        prop_assert_eq!(number.digit_count(), u64::try_from(text.len()).unwrap());
        let expected = text.bytes().skip(usize::try_from(start).unwrap()).take(usize::try_from(length).unwrap());
        prop_assert_eq!(number.digits(start..start + length), expected.collect::<Vec<_>>());
        prop_assert_eq!(written(&number), text);
    }

    #[test]
    fn what_is_written_is_read(value in integer(1500), negative in any::<bool>(), zeros in 0usize..50) {
        let sign = if negative { "-" } else { "+" };
        let expected = BigInt::from_biguint(if negative { Sign::Minus } else { Sign::Plus }, value.clone());
        prop_assert_eq!(parse_decimal(&expected.to_string()), Ok(expected.clone()));
        prop_assert_eq!(parse_decimal(&format!("{sign}{}{value}", "0".repeat(zeros))), Ok(expected));
    }

    #[test]
    fn any_text_is_read_or_its_first_misfit_named(text in "[-+]{0,2}[0-9]{0,5}[-+ a.\u{661}]{0,1}[0-9]{0,3}") {
        let unsigned = text.strip_prefix(['+', '-']).unwrap_or(&text);
        let misfit = unsigned.find(|c: char| !c.is_ascii_digit()).or(unsigned.is_empty().then_some(0));
        let position = misfit.map(|misfit| text.len() - unsigned.len() + misfit);
        prop_assert_eq!(parse_decimal(&text).err().map(|error| error.position), position);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn large_numbers_agree(value in integer(40_000)) {
        let number = Decimal::from_binary(&value, ONE_THREAD, &mut Unmonitored).unwrap();
        let text = value.to_string();
        prop_assert!(written(&number) == text);
        prop_assert!(parse_decimal(&text) == Ok(value.into()));
    }
}

#[test]
fn zero_is_one_digit() {
    assert_eq!(written(&Decimal::ZERO), "0");
    assert_eq!(Decimal::ZERO.to_string(), "0");
    assert_eq!(Decimal::ZERO.digit_count(), 1);
    assert_eq!(Decimal::ZERO.digits(0..5), b"0");
    assert_eq!(Decimal::from(0u64), Decimal::ZERO);
    assert_eq!(Decimal::default().divide_small(0), None);
    assert_eq!(product(&Decimal::ZERO, &Decimal::from(5u64)), Decimal::ZERO);
}

#[test]
fn a_million_digits_there_and_back() {
    let nines: BigUint = BigUint::from(10u32).pow(1_000_000) - 1u32;
    let number = Decimal::from_binary(&nines, ONE_THREAD, &mut Unmonitored).unwrap();
    assert!(written(&number) == "9".repeat(1_000_000));
    assert!(number.to_binary(ONE_THREAD, &mut Unmonitored).unwrap() == nines);
}

#[test]
fn large_texts_come_in_several_pieces() {
    let value: Decimal = "7".repeat(338_040).parse().unwrap();
    let mut lengths = Vec::new();
    let mut sink = |piece: &[u8]| {
        lengths.push(piece.len());
        ControlFlow::Continue(())
    };
    value.write(&mut Unmonitored, &mut sink).unwrap();
    assert_eq!(lengths.iter().sum::<usize>(), 338_040);
    assert!(lengths.len() > 5 && lengths.iter().all(|&length| length <= 64 << 10), "{lengths:?}");
}
