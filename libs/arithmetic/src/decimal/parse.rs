//! Integers from decimal text.
//!
//! The digits are cut into leaves of equal width, and neighbours are joined with a power of ten that is squared from
//! level to level, so reading costs a few products of the result's size.

use std::fmt;

use num_bigint::{BigInt, BigUint, Sign};

use super::Halving;

/// Digits up to which num-bigint's quadratic reading is the fastest.
const LEAF_DIGITS: u64 = 1000;

/// The text is not a decimal integer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidDecimal {
    /// Where a decimal digit was expected, in bytes from the start of the text; the text's length when it ended
    /// too early.
    pub position: usize,
}

/// Reads an integer: an optional `+` or `-`, then one or more ASCII digits, and nothing else.
///
/// Leading zeros and the sign of zero have no meaning: `+007` is 7, `-0` is 0. A million digits take tens of
/// milliseconds; the caller bounds the length.
///
/// # Errors
/// [`InvalidDecimal`] with the position of the first byte that does not fit.
pub fn parse_decimal(text: &str) -> Result<BigInt, InvalidDecimal> {
    let bytes = text.as_bytes();
    let (sign, digits) = match bytes {
        [b'-', digits @ ..] => (Sign::Minus, digits),
        [b'+', digits @ ..] | digits => (Sign::Plus, digits),
    };
    let misfit =
        if digits.is_empty() { Some(0) } else { digits.iter().position(|digit| !digit.is_ascii_digit()) };
    if let Some(misfit) = misfit {
        return Err(InvalidDecimal { position: bytes.len() - digits.len() + misfit });
    }
    Ok(BigInt::from_biguint(sign, join_leaves(digits)))
}

impl fmt::Display for InvalidDecimal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "expected a decimal digit at byte {}", self.position)
    }
}

impl std::error::Error for InvalidDecimal {}

/// The number with these ASCII digits.
fn join_leaves(digits: &[u8]) -> BigUint {
    let halving = Halving::of(u64::try_from(digits.len()).expect("a length in memory"), LEAF_DIGITS);
    let leaf_digits = usize::try_from(halving.leaf_digits).expect("a leaf has hundreds of digits");
    let mut exponent = halving.leaf_digits;
    // Least significant first; 5^exponent joins two of the parts, the factor 2^exponent is a shift.
    let mut parts: Vec<BigUint> = digits
        .rchunks(leaf_digits)
        .map(|leaf| BigUint::parse_bytes(leaf, 10).expect("ASCII digits only"))
        .collect();
    let mut five: Option<BigUint> = None;
    while parts.len() > 1 {
        let factor = match five {
            None => BigUint::from(5u32).pow(u32::try_from(exponent).expect("a leaf has hundreds of digits")),
            Some(below) => &below * &below,
        };
        parts = parts.chunks(2).map(|pair| join(pair, &factor, exponent)).collect();
        exponent *= 2;
        five = Some(factor);
    }
    parts.pop().expect("at least one digit")
}

/// `low + high 10^exponent`, or `low` alone.
fn join(pair: &[BigUint], five: &BigUint, exponent: u64) -> BigUint {
    match pair {
        [low, high] => ((high * five) << exponent) + low,
        rest => rest.iter().sum(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn normalises() {
        for (text, value) in [("7", 7), ("+007", 7), ("-0", 0), ("+0", 0), ("-00012", -12), ("000", 0)] {
            let parsed = parse_decimal(text).unwrap();
            assert_eq!(parsed, BigInt::from(value), "{text}");
        }
        assert_eq!(parse_decimal("-0").unwrap().sign(), Sign::NoSign);
    }

    #[test]
    fn names_the_byte_that_does_not_fit() {
        let cases = [
            ("", 0),
            ("-", 1),
            ("+", 1),
            ("--1", 1),
            ("+-1", 1),
            (" 1", 0),
            ("1 ", 1),
            ("12a4", 2),
            ("1_000", 1),
            ("1.5", 1),
            ("1e3", 1),
            ("0x10", 1),
            ("٣", 0),
            ("1٣", 1),
            ("12\n", 2),
            ("-1-", 2),
        ];
        for (text, position) in cases {
            assert_eq!(parse_decimal(text), Err(InvalidDecimal { position }), "{text:?}");
        }
    }
}
