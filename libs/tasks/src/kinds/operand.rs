//! The parameter that several kinds share: a decimal integer of any size, as text.
//!
//! Its syntax is an optional sign and one or more ASCII digits; the canonical form has no `+`, no needless zeros and
//! no `-0`. Checking looks at the text alone: no number is made of it.

use abacus_arithmetic::Decimal;

use super::kernel::Integer;
use crate::{Limits, Stop, Violations, limits::Limit};

/// Normalises the operands in place and notes each one that is no decimal integer within `limit`.
pub(super) fn check<const N: usize>(
    operands: [(&'static str, &mut String); N],
    limit: &Limit,
    limits: &Limits,
    violations: &mut Violations,
) {
    let most = limits.get(limit);
    for (field, text) in operands {
        match fault(text, limit.name, most) {
            Some(description) => violations.push(field, description),
            None => normalise(text),
        }
    }
}

/// Number of digits of a canonical operand.
pub(super) fn digits(text: &str) -> u64 {
    super::kernel::length(split_sign(text).1)
}

/// The number of a checked operand.
pub(super) fn number(text: &str) -> Result<Integer, Stop> {
    let (negative, digits) = split_sign(text);
    let magnitude = Decimal::from_digits(digits)
        .map_err(|invalid| Stop::Fail(format!("an operand is damaged: {invalid}")))?;
    Ok(Integer { negative, magnitude })
}

/// Whether `text` is a decimal integer in canonical form.
pub(crate) fn is_canonical(text: &str) -> bool {
    let (negative, digits) = split_sign(text);
    let plain = !text.starts_with('+') && digits.iter().all(u8::is_ascii_digit);
    plain && (text == "0" || matches!(digits, [b'1'..=b'9', ..])) && (text != "0" || !negative)
}

/// Whether there is a minus, and what follows the sign.
fn split_sign(text: &str) -> (bool, &[u8]) {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    (text.starts_with('-'), digits.as_bytes())
}

/// What is wrong with an operand. The length is looked at first, so that a text of any length is refused at once.
fn fault(text: &str, limit: &str, most: u64) -> Option<String> {
    const SYNTAX: &str = "a decimal integer is an optional sign and digits";
    let digits = split_sign(text).1;
    if text.is_empty() {
        return Some(format!("is required and is empty: {SYNTAX}"));
    }
    if digits.is_empty() {
        return Some(format!("has a sign but no digits: {SYNTAX}"));
    }
    let count = super::kernel::length(digits);
    if count > most {
        return Some(format!("has {count} digits, counting all after the sign; the limit {limit} is {most}"));
    }
    let signs = text.len() - digits.len();
    let at = signs + digits.iter().position(|byte| !byte.is_ascii_digit())?;
    // All before `at` are ASCII: a character begins there, and bytes count characters.
    let wrong = text[at..].chars().next()?;
    Some(format!("has {wrong:?} as character {}: {SYNTAX}", at + 1))
}

/// Brings a faultless operand into canonical form.
fn normalise(text: &mut String) {
    let (negative, digits) = split_sign(text);
    let zeros = digits.iter().take_while(|digit| **digit == b'0').count();
    if zeros == digits.len() {
        text.replace_range(.., "0");
    } else {
        let needless = text.len() - digits.len() + zeros;
        text.replace_range(..needless, if negative { "-" } else { "" });
    }
}

#[cfg(test)]
mod tests {
    use num_bigint::BigInt;
    use proptest::prelude::*;

    use super::*;

    const LIMIT: Limit = Limit { name: "sum2.digits", default: 1000, ceiling: 1000, summary: "test" };

    fn checked(text: &str) -> Result<String, String> {
        let mut text = text.to_owned();
        let mut violations = Violations::new();
        check([("first", &mut text)], &LIMIT, &Limits::default(), &mut violations);
        violations.into_result(text).map_err(|violations| violations.into_iter().next().unwrap().description)
    }

    #[test]
    fn each_fault_is_told() {
        for (text, told) in [
            ("", "is required"),
            ("-", "has a sign but no digits"),
            ("+", "has a sign but no digits"),
            ("12a4", "has 'a' as character 3"),
            ("--4", "has '-' as character 2"),
            (" 4", "has ' ' as character 1"),
            ("4\n", r"has '\n' as character 2"),
            ("1é", "has 'é' as character 2"),
            ("٣", "has '٣' as character 1"),
            ("1e3", "has 'e' as character 2"),
        ] {
            let description = checked(text).unwrap_err();
            assert!(description.contains(told), "{text:?}: {description}");
        }
    }

    #[test]
    fn the_limit_counts_digits_without_the_sign() {
        assert!(checked(&format!("-{}", "9".repeat(1000))).is_ok());
        let description = checked(&format!("-{}", "9".repeat(1001))).unwrap_err();
        assert!(description.contains("1001") && description.contains("sum2.digits is 1000"), "{description}");
    }

    #[test]
    fn a_huge_operand_is_refused_in_a_few_words() {
        for text in ["9".repeat(10_000_000), "é".repeat(5_000_000)] {
            let description = checked(&text).unwrap_err();
            assert!(description.len() < 200 && description.contains("10000000"), "{description}");
        }
    }

    proptest! {
        #[test]
        fn canonical_forms_are_those_of_the_number(text in "[+-]?0{0,3}[0-9]{1,40}") {
            let canonical = checked(&text).unwrap();
            prop_assert_eq!(&canonical, &text.parse::<BigInt>().unwrap().to_string());
            prop_assert!(is_canonical(&canonical));
            prop_assert_eq!(is_canonical(&text), canonical == text);
            prop_assert_eq!(checked(&canonical), Ok(canonical));
        }

        #[test]
        fn no_other_text_passes(text in ".{0,6}") {
            let digits = text.strip_prefix(['+', '-']).unwrap_or(&text);
            let fits = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
            prop_assert_eq!(checked(&text).is_ok(), fits);
            prop_assert!(fits || !is_canonical(&text));
        }
    }
}
