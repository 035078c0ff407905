//! Integers from decimal text.

use std::fmt;
use std::str::FromStr;

use num_bigint::{BigInt, Sign};

use super::Decimal;

/// Bytes of a limb's digits.
const LIMB_BYTES: usize = 19;

/// The text is not a decimal integer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidDecimal {
    /// Where a decimal digit was expected, in bytes from the start of the text; the text's length when it ended
    /// too early.
    pub position: usize,
}

/// Reads an integer: an optional `+` or `-`, then one or more ASCII digits, and nothing else.
///
/// Leading zeros and the sign of zero have no meaning: `+007` is 7, `-0` is 0. The caller bounds the length.
///
/// # Errors
/// [`InvalidDecimal`] with the position of the first byte that does not fit.
pub fn parse_decimal(text: &str) -> Result<BigInt, InvalidDecimal> {
    let (sign, digits) = match text.as_bytes() {
        [b'-', digits @ ..] => (Sign::Minus, digits),
        [b'+', digits @ ..] | digits => (Sign::Plus, digits),
    };
    let number = Decimal::from_digits(digits).map_err(|InvalidDecimal { position }| InvalidDecimal {
        position: text.len() - digits.len() + position,
    })?;
    Ok(BigInt::from_biguint(sign, number.to_binary_unmonitored()))
}

impl Decimal {
    /// Reads one or more ASCII digits, the most significant first; leading zeros have no meaning.
    ///
    /// # Errors
    /// [`InvalidDecimal`] with the position of the first byte that is not a digit.
    pub fn from_digits(digits: &[u8]) -> Result<Self, InvalidDecimal> {
        if digits.is_empty() {
            return Err(InvalidDecimal { position: 0 });
        }
        if let Some(position) = digits.iter().position(|byte| !byte.is_ascii_digit()) {
            return Err(InvalidDecimal { position });
        }
        Ok(Self::from_limbs(digits.rchunks(LIMB_BYTES).map(limb_of).collect()))
    }
}

impl FromStr for Decimal {
    type Err = InvalidDecimal;

    fn from_str(text: &str) -> Result<Self, InvalidDecimal> {
        Self::from_digits(text.as_bytes())
    }
}

impl fmt::Display for InvalidDecimal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "expected a decimal digit at byte {}", self.position)
    }
}

impl std::error::Error for InvalidDecimal {}

/// The number of up to 19 digits.
fn limb_of(digits: &[u8]) -> u64 {
    let (rest, groups) = digits.as_rchunks::<8>();
    let rest = rest.iter().fold(0, |limb, &digit| limb * 10 + u64::from(digit - b'0'));
    groups.iter().fold(rest, |limb, &group| limb * 100_000_000 + group_of(group))
}

/// The number of eight digits: neighbours are joined in one word, first digits, then pairs, then fours.
fn group_of(digits: [u8; 8]) -> u64 {
    let values = u64::from_le_bytes(digits) & 0x0f0f_0f0f_0f0f_0f0f;
    let pairs = (values.wrapping_mul((10 << 8) + 1) >> 8) & 0x00ff_00ff_00ff_00ff;
    let fours = (pairs.wrapping_mul((100 << 16) + 1) >> 16) & 0x0000_ffff_0000_ffff;
    fours.wrapping_mul((10_000 << 32) + 1) >> 32
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
        assert!("0".repeat(40).parse::<Decimal>().unwrap().is_zero());
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
        assert_eq!("+1".parse::<Decimal>(), Err(InvalidDecimal { position: 0 }), "without a sign");
    }
}
