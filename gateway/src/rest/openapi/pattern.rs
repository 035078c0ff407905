//! Regular expressions (of ECMA-262, as JSON Schema has them) for numbers within bounds, written as text: JSON Schema
//! bounds numbers, not their digits.

/// Digits of 0 to `most`, with or without leading zeros.
pub(super) fn up_to(most: u64) -> String {
    format!("^{}$", digits_up_to(most))
}

/// Seconds with an `s` behind them and at most nine digits behind a point: 0 to `most_ms` milliseconds.
pub(super) fn seconds_up_to(most_ms: u64) -> String {
    let (seconds, rest_ms) = (most_ms / 1000, most_ms % 1000);
    let below = seconds.checked_sub(1).map(|below| format!("{}(?:\\.[0-9]{{1,9}})?", digits_up_to(below)));
    let last = format!("0*{seconds}(?:\\.(?:{}))?", fraction_up_to(rest_ms));
    let alternatives: Vec<_> = below.into_iter().chain([last]).collect();
    format!("^(?:{})s$", alternatives.join("|"))
}

/// One to nine digits behind a point: up to so many thousandths.
fn fraction_up_to(thousandths: u64) -> String {
    let text = format!("{thousandths:03}");
    let nonzero = text.bytes().enumerate().filter(|(_, digit)| *digit != b'0');
    let smaller = nonzero
        .map(|(index, digit)| format!("{}[0-{}][0-9]{{0,{}}}", &text[..index], digit - b'0' - 1, 8 - index));
    // The digits themselves, of which fewer are less.
    let equal = format!("{}(?:{}(?:{}0{{0,6}})?)?", &text[..1], &text[1..2], &text[2..]);
    smaller.chain([equal]).collect::<Vec<_>>().join("|")
}

fn digits_up_to(most: u64) -> String {
    let text = most.to_string();
    let shorter = match text.len() {
        1 => None,
        2 => Some("[0-9]".to_owned()),
        length => Some(format!("[0-9]{{1,{}}}", length - 1)),
    };
    let alternatives: Vec<_> = shorter.into_iter().chain(prefixes(&text)).chain([text.clone()]).collect();
    format!("0*(?:{})", alternatives.join("|"))
}

/// Expressions for the texts of as many digits that are smaller: equal up to one digit, smaller there, any behind it.
fn prefixes(text: &str) -> impl Iterator<Item = String> {
    text.char_indices().filter(|(_, digit)| *digit != '0').map(|(index, digit)| {
        let smaller = u32::from(digit) - u32::from('0') - 1;
        let behind = match text.len() - index - 1 {
            0 => String::new(),
            1 => "[0-9]".to_owned(),
            count => format!("[0-9]{{{count}}}"),
        };
        format!("{}[0-{smaller}]{behind}", &text[..index])
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn digits_match_exactly_when_they_are_at_most_the_bound(most in any::<u64>(), shift in 0..64_u32, other in any::<u64>(), zeros in 0..3_usize) {
            let most = most >> shift;
            for number in [other >> shift, most, most.saturating_add(1), most.saturating_sub(1), 0] {
                let text = format!("{}{number}", "0".repeat(zeros));
                prop_assert_eq!(matches(&up_to(most), &text), number <= most, "{} {}", most, text);
            }
        }

        #[test]
        fn seconds_match_exactly_when_they_are_at_most_the_bound(most_ms in 0..2_000_000_u64, nanos in 0..2_100_000_000_000_u64) {
            for nanos in [nanos, most_ms * 1_000_000, most_ms * 1_000_000 + 1] {
                let text = format!("{}.{:09}s", nanos / 1_000_000_000, nanos % 1_000_000_000);
                prop_assert_eq!(matches(&seconds_up_to(most_ms), &text), nanos <= most_ms * 1_000_000, "{} {}", most_ms, text);
            }
        }
    }

    #[test]
    fn digits_behind_the_point_may_be_fewer_or_none() {
        let fitting =
            [(600_000, "600s"), (50, "0s"), (2500, "2.5s"), (2500, "2.50s"), (2500, "2.4s"), (250, "0.2s")];
        for (most_ms, text) in fitting {
            assert!(matches(&seconds_up_to(most_ms), text), "{text} {most_ms}");
        }
        for (most_ms, text) in
            [(600_000, "601s"), (50, "1s"), (2500, "2.51s"), (2500, "2.6s"), (250, "0.3s"), (0, "0.1s")]
        {
            assert!(!matches(&seconds_up_to(most_ms), text), "{text} {most_ms}");
        }
    }

    fn matches(pattern: &str, text: &str) -> bool {
        regex::Regex::new(pattern).unwrap().is_match(text)
    }
}
