//! Products and squares of any two integers are those of num-bigint, with all instructions that the machine has.
//!
//! The first two bytes say where the others are cut in two, and how often each half is repeated, so that short inputs
//! make long factors.

#![no_main]

use std::num::NonZeroUsize;

use abacus_arithmetic::{Decimal, InstructionSet, Machine, Unmonitored};
use libfuzzer_sys::fuzz_target;
use num_bigint::BigUint;

fuzz_target!(|bytes: &[u8]| {
    let [cut, repeated, rest @ ..] = bytes else { return };
    let (first, second) = rest.split_at(usize::from(*cut).min(rest.len()));
    let binary = [first, second].map(|half| BigUint::from_bytes_le(&half.repeat(1 + usize::from(repeated % 64))));
    for instructions in InstructionSet::available() {
        let machine = Machine { threads: NonZeroUsize::MIN, instructions };
        let [first, second] = binary.each_ref().map(|number| {
            Decimal::from_binary(number, machine, &mut Unmonitored).expect("nobody interrupts")
        });
        let product = |one: &Decimal, other: &Decimal| {
            let product = one.multiply(other, machine, &mut Unmonitored).expect("nobody interrupts");
            product.to_binary(machine, &mut Unmonitored).expect("nobody interrupts")
        };
        assert_eq!(product(&first, &second), &binary[0] * &binary[1]);
        assert_eq!(product(&first, &first), &binary[0] * &binary[0]);
    }
});
