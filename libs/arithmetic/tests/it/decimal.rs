//! Decimal text against num-bigint's own conversions.

use abacus_arithmetic::{Unmonitored, parse_decimal, write_decimal};
use num_bigint::{BigInt, BigUint, Sign};
use proptest::prelude::*;
use std::ops::ControlFlow;

use crate::decimal;

fn integer(longest: usize) -> impl Strategy<Value = BigUint> {
    prop::collection::vec(prop_oneof![4 => any::<u32>(), 1 => Just(0), 1 => Just(u32::MAX)], 0..longest)
        .prop_map(BigUint::new)
}

proptest! {
    #[test]
    fn small_numbers_agree(value in any::<u128>()) {
        prop_assert_eq!(decimal(&value.into()), value.to_string());
    }

    #[test]
    fn numbers_agree(value in integer(400)) {
        prop_assert_eq!(decimal(&value), value.to_string());
    }

    #[test]
    fn numbers_around_powers_of_ten_agree(exponent in 0u32..3000, factor in 1u32..12, offset in -2i32..=2) {
        let value = BigInt::from(10).pow(exponent) * factor + offset;
        if let (Sign::Plus | Sign::NoSign, value) = value.into_parts() {
            prop_assert_eq!(decimal(&value), value.to_string());
        }
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
        let text = value.to_string();
        prop_assert!(decimal(&value) == text);
        prop_assert!(parse_decimal(&text) == Ok(value.into()));
    }
}

#[test]
fn zero_is_one_digit() {
    assert_eq!(decimal(&BigUint::ZERO), "0");
}

#[test]
fn a_million_digits_there_and_back() {
    let nines: BigUint = BigUint::from(10u32).pow(1_000_000) - 1u32;
    let text = decimal(&nines);
    assert!(text == "9".repeat(1_000_000));
    assert!(parse_decimal(&text) == Ok(nines.into()));
    let power = decimal(&BigUint::from(10u32).pow(1_000_000));
    assert!(power == format!("1{}", "0".repeat(1_000_000)));
}

#[test]
fn large_texts_come_in_several_pieces() {
    let value = BigUint::from(7u32).pow(400_000);
    let mut lengths = Vec::new();
    write_decimal(&value, &mut Unmonitored, &mut |piece| {
        lengths.push(piece.len());
        ControlFlow::Continue(())
    })
    .unwrap();
    assert_eq!(lengths.iter().sum::<usize>(), 338_040);
    assert!(lengths.iter().all(|&length| length < 100_000), "{lengths:?}");
}
