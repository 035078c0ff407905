//! Every instruction set against schoolbook multiplication and against the other ones.

use std::num::NonZeroUsize;

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::Unmonitored;
use crate::decimal::limb::{RADIX, divide, high, low};

fn run(order: Order<'_>, set: InstructionSet, threads: usize) -> [Vec<u64>; 2] {
    let threads = NonZeroUsize::new(threads).unwrap();
    let mut transformer = Transformer::new(Machine { threads, instructions: set });
    let mut monitor = Unmonitored;
    let mut progress = Progress::new(&mut monitor, 1.0);
    let products = transformer.run(order, &mut progress).unwrap();
    [products.product, products.square.unwrap_or_default()].map(|mut limbs| {
        limbs.truncate(limbs.iter().rposition(|limb| *limb != 0).map_or(0, |last| last + 1));
        limbs
    })
}

/// The product by the method of schools.
fn schoolbook(a: &[u64], b: &[u64]) -> Vec<u64> {
    let mut product = vec![0; a.len() + b.len()];
    for (i, x) in a.iter().enumerate() {
        let mut carry = 0;
        for (j, y) in b.iter().enumerate() {
            let sum = u128::from(*x) * u128::from(*y) + u128::from(product[i + j]) + u128::from(carry);
            (carry, product[i + j]) = divide(high(sum), low(sum));
        }
        product[i + b.len()] = carry;
    }
    product.truncate(product.iter().rposition(|limb| *limb != 0).map_or(0, |last| last + 1));
    product
}

/// Limbs that look random, from a seed (`SplitMix`, by Steele, Lea and Flood).
pub(super) fn limbs(length: usize, mut state: u64) -> Vec<u64> {
    let mut next = || {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (state ^ state >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ z >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ z >> 31) % RADIX
    };
    (0..length).map(|_| next()).collect()
}

/// A limb, often an extreme one.
fn limb() -> impl Strategy<Value = u64> {
    prop_oneof![Just(0), Just(RADIX - 1), 0..RADIX]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn products_are_those_of_schools(a in vec(limb(), 1..400), b in vec(limb(), 1..400)) {
        for set in InstructionSet::available() {
            prop_assert_eq!(&run(Order::Multiply(&a, &b), set, 1)[0], &schoolbook(&a, &b));
            prop_assert_eq!(&run(Order::Square(&a), set, 1)[0], &schoolbook(&a, &a));
            let both = [schoolbook(&a, &b), schoolbook(&b, &b)];
            prop_assert_eq!(run(Order::MultiplyAndSquare(&a, &b), set, 1), both);
        }
    }
}

#[test]
fn every_number_of_rows_is_right() {
    for length in (1..70).map(|i| i * 61).chain([2047, 2048, 2049, 4095, 4097]) {
        let (a, b) = (limbs(length, 1), limbs(length / 2 + 1, 2));
        let expected = schoolbook(&a, &b);
        for set in InstructionSet::available() {
            assert!(run(Order::Multiply(&a, &b), set, 1)[0] == expected, "{length} {set:?}");
        }
    }
}

#[test]
fn the_largest_limbs_are_right_at_any_length() {
    // (10^19n - 1)^2 = 10^38n - 2 10^19n + 1.
    for length in [1, 7, 64, 1000, 5000, 100_000, 700_001] {
        let nines = vec![RADIX - 1; length];
        let mut expected = vec![0; length];
        expected[0] = 1;
        expected.push(RADIX - 2);
        expected.resize(2 * length, RADIX - 1);
        for set in InstructionSet::available() {
            for threads in [1, 2, 3] {
                assert!(
                    run(Order::Square(&nines), set, threads)[0] == expected,
                    "{length} {set:?} {threads}"
                );
            }
        }
    }
}

#[test]
fn instruction_sets_and_threads_agree() {
    let (a, b) = (limbs(300_000, 3), limbs(333_333, 4));
    let expected = run(Order::MultiplyAndSquare(&a, &b), InstructionSet::Portable, 1);
    assert_eq!(expected[0], run(Order::Multiply(&b, &a), InstructionSet::Portable, 1)[0]);
    for set in InstructionSet::available() {
        for threads in [1, 2, 3] {
            assert!(run(Order::MultiplyAndSquare(&a, &b), set, threads) == expected, "{set:?} {threads}");
        }
        assert!(run(Order::Square(&b), set, 2)[0] == expected[1], "{set:?}");
    }
}

#[test]
fn it_stops_when_it_is_told_to() {
    let a = limbs(100_000, 5);
    let mut calls = 0;
    let mut monitor = |_: f64| {
        calls += 1;
        if calls < 3 { std::ops::ControlFlow::Continue(()) } else { std::ops::ControlFlow::Break(()) }
    };
    let mut progress = Progress::new(&mut monitor, 1.0);
    let mut transformer = Transformer::new(NonZeroUsize::new(2).unwrap().into());
    assert_eq!(transformer.run(Order::Square(&a), &mut progress).err(), Some(Interrupted));
    assert_eq!(calls, 3);
}
