//! The kernels through their public interface: known answers, slow models, interruption.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helper functions too")]

mod decimal;
mod fibonacci;
mod interruption;
mod primes;

use std::fmt::Write;
use std::ops::ControlFlow;

use abacus_arithmetic::{Unmonitored, write_decimal};
use num_bigint::BigUint;
use sha2::{Digest, Sha256};

/// The digits as one text.
fn decimal(value: &BigUint) -> String {
    let mut digits = Vec::new();
    let mut sink = |piece: &[u8]| {
        assert!(!piece.is_empty());
        digits.extend_from_slice(piece);
        ControlFlow::Continue(())
    };
    write_decimal(value, &mut Unmonitored, &mut sink).unwrap();
    String::from_utf8(digits).unwrap()
}

fn sha256(text: &str) -> String {
    Sha256::digest(text).iter().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").unwrap();
        hex
    })
}
