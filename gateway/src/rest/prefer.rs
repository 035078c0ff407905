//! The header `Prefer` (RFC 7240): how long a caller is ready to wait for an answer before it is told where to look.

use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue, Response};

/// The longest wait; a caller that asks for more is told that it got this.
pub(super) const LONGEST_WAIT: Duration = Duration::from_mins(1);

const PREFER: HeaderName = HeaderName::from_static("prefer");
const APPLIED: HeaderName = HeaderName::from_static("preference-applied");

/// What a caller prefers. Preferences that are unknown or malformed count as not sent (RFC 7240, section 2).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Prefer {
    /// Rather be told where to look than wait longer.
    respond_async: bool,
    /// How long to wait at most.
    pub(super) wait: Option<Duration>,
}

impl Prefer {
    /// The preferences of a request; of one that is given twice the first counts.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let mut prefer = Self::default();
        let texts = headers.get_all(PREFER).iter().filter_map(|value| value.to_str().ok());
        for preference in texts.flat_map(|text| text.split(',')) {
            // What follows a semicolon are parameters, of which none is known.
            let preference = preference.split(';').next().unwrap_or_default();
            let (name, value) = preference.split_once('=').unwrap_or((preference, ""));
            let value = value.trim().trim_matches('"');
            match name.trim().to_ascii_lowercase().as_str() {
                "respond-async" => prefer.respond_async = true,
                "wait" if prefer.wait.is_none() => prefer.wait = seconds(value),
                _ => {}
            }
        }
        prefer
    }

    /// Tells in an answer which preferences were followed.
    pub(super) fn applied<B>(self, mut response: Response<B>) -> Response<B> {
        let mut followed = Vec::new();
        if self.respond_async {
            followed.push("respond-async".to_owned());
        }
        if let Some(wait) = self.wait {
            followed.push(format!("wait={}", wait.as_secs()));
        }
        if let (false, Ok(value)) = (followed.is_empty(), HeaderValue::from_str(&followed.join(", "))) {
            response.headers_mut().insert(APPLIED, value);
        }
        response
    }
}

/// Whole seconds, at most [`LONGEST_WAIT`].
fn seconds(text: &str) -> Option<Duration> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    // More digits than fit ask for more than is granted.
    digits.then(|| text.parse().map_or(LONGEST_WAIT, Duration::from_secs).min(LONGEST_WAIT))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prefer(texts: &[&'static str]) -> Prefer {
        Prefer::of(&texts.iter().map(|text| (PREFER, HeaderValue::from_static(text))).collect())
    }

    fn applied(texts: &[&'static str]) -> Option<String> {
        let response = prefer(texts).applied(Response::new(()));
        response.headers().get(APPLIED).map(|value| value.to_str().unwrap().to_owned())
    }

    #[test]
    fn waits_are_read_and_bounded() {
        assert_eq!(prefer(&["respond-async, wait=10"]).wait, Some(Duration::from_secs(10)));
        assert_eq!(prefer(&["Respond-Async", "WAIT = \"5\"; x=1"]).wait, Some(Duration::from_secs(5)));
        assert_eq!(prefer(&["wait=61"]).wait, Some(LONGEST_WAIT));
        assert_eq!(prefer(&["wait=99999999999999999999999"]).wait, Some(LONGEST_WAIT));
        assert_eq!(prefer(&["wait=1, wait=2"]).wait, Some(Duration::from_secs(1)));
    }

    #[test]
    fn what_is_unknown_or_malformed_counts_as_not_sent() {
        for text in ["", "wait", "wait=", "wait=-1", "wait=soon", "handling=lenient", ",;=,"] {
            assert_eq!(prefer(&[text]), Prefer::default(), "{text}");
        }
    }

    #[test]
    fn what_was_followed_is_told() {
        assert_eq!(applied(&["respond-async"]).as_deref(), Some("respond-async"));
        assert_eq!(applied(&["wait=100, respond-async, x=y"]).as_deref(), Some("respond-async, wait=60"));
        assert_eq!(applied(&["x=y"]), None);
    }
}
