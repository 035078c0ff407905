//! The header `Accept` (RFC 9110, section 12.5.1): which of the media types on offer a caller likes best.

use http::{HeaderMap, header};

/// The index of the offer that the caller likes best, the earliest among equals; `None` when it accepts none.
pub(super) fn best(headers: &HeaderMap, offers: &[&str]) -> Option<usize> {
    let ranges = ranges(headers);
    if ranges.is_empty() {
        return Some(0);
    }
    let rated = offers.iter().enumerate().map(|(index, offer)| (quality(&ranges, offer), index));
    let (quality, best) = rated.max_by_key(|(quality, index)| (*quality, std::cmp::Reverse(*index)))?;
    (quality > 0).then_some(best)
}

/// Whether the caller names this media type itself, not by a wildcard: as browsers name `text/html`.
pub(super) fn names(headers: &HeaderMap, media_type: &str) -> bool {
    ranges(headers).iter().any(|range| range.pattern == media_type && range.thousandths > 0)
}

/// One element of the header.
struct Range {
    /// `type/subtype`, `type/*` or `*/*`, in lower case.
    pattern: String,
    /// The weight, 0 to 1000.
    thousandths: u16,
}

fn ranges(headers: &HeaderMap) -> Vec<Range> {
    let texts = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let elements = texts.flat_map(|text| text.split(',')).filter(|text| !text.trim().is_empty());
    elements.map(range).collect()
}

fn range(element: &str) -> Range {
    let mut parts = element.split(';').map(str::trim);
    let pattern = parts.next().unwrap_or_default().to_ascii_lowercase();
    let weight = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
    Range { pattern, thousandths: weight.map_or(1000, thousandths) }
}

/// A weight: 0 to 1 with at most three digits behind the point; one that is malformed counts as 1.
fn thousandths(weight: &str) -> u16 {
    let (whole, part) = weight.split_once('.').unwrap_or((weight, ""));
    let fits = part.len() <= 3 && part.bytes().all(|byte| byte.is_ascii_digit());
    match whole {
        "0" if fits => format!("{part:0<3}").parse().unwrap_or(1000),
        _ => 1000,
    }
}

/// The weight of an offer: that of the most specific range which matches.
fn quality(ranges: &[Range], offer: &str) -> u16 {
    let group = offer.split_once('/').map_or(offer, |(group, _)| group);
    let patterns = [offer.to_owned(), format!("{group}/*"), "*/*".to_owned()];
    let matching = patterns.iter().find_map(|pattern| ranges.iter().find(|range| range.pattern == *pattern));
    matching.map_or(0, |range| range.thousandths)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    const OFFERS: [&str; 3] = ["text/plain", "application/json", "application/octet-stream"];

    fn accepting(text: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(header::ACCEPT, HeaderValue::from_static(text))])
    }

    fn chosen(text: &'static str) -> Option<&'static str> {
        best(&accepting(text), &OFFERS).map(|index| OFFERS[index])
    }

    #[test]
    fn the_first_is_chosen_unless_another_is_liked_better() {
        assert_eq!(best(&HeaderMap::new(), &OFFERS), Some(0));
        for first in
            ["*/*", "", "text/*", "application/json;q=0.9, */*;q=0.9", "text/plain, application/json"]
        {
            assert_eq!(chosen(first), Some("text/plain"), "{first}");
        }
        assert_eq!(chosen("Application/JSON"), Some("application/json"));
        assert_eq!(chosen("application/*"), Some("application/json"));
        assert_eq!(
            chosen("text/plain;q=0.5, application/octet-stream;q=0.51"),
            Some("application/octet-stream")
        );
        assert_eq!(chosen("*/*, text/plain;q=0"), Some("application/json"));
    }

    #[test]
    fn nothing_is_chosen_when_nothing_is_accepted() {
        for none in ["image/png", "text/html", "*/*;q=0", "text/plain;q=0.000"] {
            assert_eq!(chosen(none), None, "{none}");
        }
    }

    #[test]
    fn browsers_name_the_type_of_pages() {
        assert!(names(&accepting("text/html,application/xhtml+xml,*/*;q=0.8"), "text/html"));
        assert!(!names(&accepting("*/*"), "text/html") && !names(&accepting("text/html;q=0"), "text/html"));
    }
}
