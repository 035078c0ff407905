//! The kernels through their public interface: known answers, slow models, interruption.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helper functions too")]

mod combinatorics;
mod decimal;
mod fibonacci;
mod gaps;
mod interruption;
mod primes;

use std::fmt::Write;
use std::num::NonZeroUsize;
use std::ops::ControlFlow;

use abacus_arithmetic::{Decimal, Unmonitored};
use num_bigint::BigUint;
use proptest::prelude::*;
use sha2::{Digest, Sha256};

const ONE_THREAD: NonZeroUsize = NonZeroUsize::MIN;

/// The digits as they are written.
fn written(value: &Decimal) -> String {
    let mut digits = Vec::new();
    let mut sink = |piece: &[u8]| {
        assert!((1..=64 << 10).contains(&piece.len()));
        digits.extend_from_slice(piece);
        ControlFlow::Continue(())
    };
    value.write(&mut Unmonitored, &mut sink).unwrap();
    String::from_utf8(digits).unwrap()
}

/// The number, by way of num-bigint's own conversion.
fn decimal(value: &BigUint) -> Decimal {
    value.to_string().parse().unwrap()
}

/// Binary integers of up to `longest` times 32 bits, with rows of zeros and ones.
fn integer(longest: usize) -> impl Strategy<Value = BigUint> {
    prop::collection::vec(prop_oneof![4 => any::<u32>(), 1 => Just(0), 1 => Just(u32::MAX)], 0..longest)
        .prop_map(BigUint::new)
}

fn sha256(text: &str) -> String {
    Sha256::digest(text).iter().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").unwrap();
        hex
    })
}
