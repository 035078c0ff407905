//! The headers that ask for a part of a result, or for none if it is known already: `Range`, `If-Range`,
//! `If-None-Match` (RFC 9110, sections 13 and 14).

use std::ops::Range;

use http::{HeaderMap, header};

use super::incoming::text_of;

/// What is asked for of a result.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// Nothing: the caller holds it already.
    Nothing,
    /// All of it.
    Whole,
    /// These bytes, at least one.
    Part(Range<u64>),
    /// Bytes behind its end.
    Beyond,
}

/// What is asked for of a result of this length, if it can be told in parts, and this strong tag.
pub(super) fn asked(headers: &HeaderMap, tag: &str, length: Option<u64>) -> Asked {
    if matches(headers, tag) {
        return Asked::Nothing;
    }
    // A tag that has changed, a weak one or a date: the part would not fit to what the caller holds.
    let stale = text_of(headers, header::IF_RANGE).is_some_and(|known| known.trim() != tag);
    match (text_of(headers, header::RANGE), length) {
        (Some(range), Some(length)) if !stale => part(range, length),
        _ => Asked::Whole,
    }
}

/// Whether `If-None-Match` lists the tag. The comparison is weak.
pub(super) fn matches(headers: &HeaderMap, tag: &str) -> bool {
    let known = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    known.flat_map(|list| list.split(',')).any(|known| known.trim() == "*" || opaque(known) == opaque(tag))
}

/// One range of bytes. Several at once, other units and what is malformed are as good as not sent.
fn part(text: &str, length: u64) -> Asked {
    let bounds = text.trim().strip_prefix("bytes=").and_then(|bounds| bounds.trim().split_once('-'));
    let Some((first, last)) = bounds else { return Asked::Whole };
    match (number(first), number(last)) {
        (Some(first), Some(last)) if first > last => Asked::Whole,
        (Some(first), _) if first >= length && (last.is_empty() || number(last).is_some()) => Asked::Beyond,
        (Some(first), Some(last)) => Asked::Part(first..last.saturating_add(1).min(length)),
        (Some(first), None) if last.is_empty() => Asked::Part(first..length),
        (None, Some(0)) if first.is_empty() => Asked::Beyond,
        (None, Some(_)) if first.is_empty() && length == 0 => Asked::Beyond,
        (None, Some(suffix)) if first.is_empty() => Asked::Part(length.saturating_sub(suffix)..length),
        _ => Asked::Whole,
    }
}

/// Digits; more than fit count as the largest number.
fn number(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};

    use super::*;

    const TAG: &str = "\"abc\"";

    fn of(headers: &[(HeaderName, &'static str)]) -> Asked {
        let headers = headers.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value)));
        asked(&headers.collect(), TAG, Some(100))
    }

    fn range(text: &'static str) -> Asked {
        of(&[(header::RANGE, text)])
    }

    #[test]
    fn parts_are_cut_to_the_length() {
        assert_eq!(range("bytes=0-0"), Asked::Part(0..1));
        assert_eq!(range("bytes=10-19"), Asked::Part(10..20));
        assert_eq!(range("bytes=90-1000"), Asked::Part(90..100));
        assert_eq!(range("bytes=90-"), Asked::Part(90..100));
        assert_eq!(range("bytes=-10"), Asked::Part(90..100));
        assert_eq!(range("bytes=-1000"), Asked::Part(0..100));
        assert_eq!(range("bytes=0-99999999999999999999999"), Asked::Part(0..100));
    }

    #[test]
    fn what_lies_behind_the_end_is_told() {
        for text in ["bytes=100-", "bytes=100-200", "bytes=-0", "bytes=99999999999999999999999-"] {
            assert_eq!(range(text), Asked::Beyond, "{text}");
        }
    }

    #[test]
    fn what_cannot_be_read_asks_for_everything() {
        for text in
            ["bytes=5-4", "bytes=a-b", "bytes=1-2,5-6", "lines=1-2", "bytes=", "bytes=-", "bytes=+1-2", "1-2"]
        {
            assert_eq!(range(text), Asked::Whole, "{text}");
        }
        let headers = HeaderMap::from_iter([(header::RANGE, HeaderValue::from_static("bytes=1-2"))]);
        assert_eq!(asked(&headers, TAG, None), Asked::Whole, "it cannot be told in parts");
    }

    #[test]
    fn conditions_are_heeded() {
        assert_eq!(of(&[(header::IF_NONE_MATCH, "\"x\", W/\"abc\"")]), Asked::Nothing);
        assert_eq!(of(&[(header::IF_NONE_MATCH, "*")]), Asked::Nothing);
        assert_eq!(of(&[(header::IF_NONE_MATCH, "\"x\"")]), Asked::Whole);
        let range = (header::RANGE, "bytes=1-2");
        assert_eq!(of(&[range.clone(), (header::IF_RANGE, "\"abc\"")]), Asked::Part(1..3));
        for changed in ["\"x\"", "W/\"abc\"", "Sun, 06 Nov 1994 08:49:37 GMT"] {
            assert_eq!(of(&[range.clone(), (header::IF_RANGE, changed)]), Asked::Whole, "{changed}");
        }
    }
}
