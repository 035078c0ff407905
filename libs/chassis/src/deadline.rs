//! The caller's deadline, as gRPC sends it: the header `grpc-timeout`.
//!
//! tonic applies it to the response head only, so unary calls and streams are bounded here.

use std::time::Duration;

use http::HeaderMap;

/// How long the caller will wait, counted from the arrival of the request; `None` when it did not say or the
/// header cannot be read (which tonic ignores too).
///
/// One to eight digits and a unit: `H`, `M`, `S`, `m`, `u` or `n`
/// (<https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md>).
pub(crate) fn timeout_of(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get("grpc-timeout")?.to_str().ok()?;
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    if !(1..=8).contains(&digits.len()) || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let value: u64 = digits.parse().ok()?;
    match unit {
        "H" => Some(Duration::from_secs(value * 3600)),
        "M" => Some(Duration::from_secs(value * 60)),
        "S" => Some(Duration::from_secs(value)),
        "m" => Some(Duration::from_millis(value)),
        "u" => Some(Duration::from_micros(value)),
        "n" => Some(Duration::from_nanos(value)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn parsed(text: &'static str) -> Option<Duration> {
        let mut headers = HeaderMap::new();
        headers.insert("grpc-timeout", HeaderValue::from_static(text));
        timeout_of(&headers)
    }

    #[test]
    fn all_units_are_read() {
        assert_eq!(parsed("2H"), Some(Duration::from_hours(2)));
        assert_eq!(parsed("3M"), Some(Duration::from_mins(3)));
        assert_eq!(parsed("99999999S"), Some(Duration::from_secs(99_999_999)));
        assert_eq!(parsed("150m"), Some(Duration::from_millis(150)));
        assert_eq!(parsed("20u"), Some(Duration::from_micros(20)));
        assert_eq!(parsed("0n"), Some(Duration::ZERO));
    }

    #[test]
    fn anything_else_is_no_deadline() {
        for wrong in ["", "S", "5", "5s", "-5S", "+5S", "123456789S", "5 S", "5SS"] {
            assert_eq!(parsed(wrong), None, "{wrong}");
        }
        assert_eq!(timeout_of(&HeaderMap::new()), None);
    }
}
