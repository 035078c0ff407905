//! Decimal digits to an integer, in less than quadratic time.

use num_bigint::{BigInt, BigUint, Sign};

/// From how many digits on a number is divided. Below, the quadratic conversion is as quick.
const LEAF: usize = 2048;

/// The integer that these digits write, with an optional minus; `None` when they write none.
pub(crate) fn parse(text: &[u8]) -> Option<BigInt> {
    let (sign, digits) = match text.strip_prefix(b"-") {
        Some(digits) => (Sign::Minus, digits),
        None => (Sign::Plus, text),
    };
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    // The k-th is 10^(LEAF * 2^k): each half of a number has its own.
    let mut powers = Vec::new();
    let mut length = LEAF;
    while length < digits.len() {
        let power = powers.last().map_or_else(
            || BigUint::from(10_u8).pow(u32::try_from(LEAF).expect("a small constant")),
            |half: &BigUint| half * half,
        );
        powers.push(power);
        length *= 2;
    }
    Some(BigInt::from_biguint(sign, value(digits, &powers)))
}

/// The value of at most `LEAF << powers.len()` digits.
fn value(digits: &[u8], powers: &[BigUint]) -> BigUint {
    let Some((power, smaller)) = powers.split_last() else {
        return BigUint::parse_bytes(digits, 10).expect("one digit at least, and only digits");
    };
    let low = LEAF << smaller.len();
    if digits.len() <= low {
        return value(digits, smaller);
    }
    let (high, low) = digits.split_at(digits.len() - low);
    value(high, smaller) * power + value(low, smaller)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_any_length_read_back() {
        for length in [1, 2, LEAF - 1, LEAF, LEAF + 1, 2 * LEAF, 2 * LEAF + 1, 5 * LEAF + 7] {
            let digits: String =
                (0..length).map(|place| char::from(b'1' + u8::try_from(place * 7 % 9).unwrap())).collect();
            for text in [digits.clone(), format!("-{digits}")] {
                // The same by the library's own, quadratic conversion.
                assert_eq!(parse(text.as_bytes()), text.parse().ok(), "{length} digits");
            }
        }
        let power = format!("1{}", "0".repeat(3 * LEAF));
        assert_eq!(parse(power.as_bytes()).unwrap().to_string(), power);
        assert_eq!(parse(b"0"), Some(BigInt::ZERO));
    }

    #[test]
    fn what_writes_no_integer_is_none() {
        for text in ["", "-", "+1", "1 ", "1\n", "0x1", "--1", "1-"] {
            assert_eq!(parse(text.as_bytes()), None, "{text:?}");
        }
    }
}
