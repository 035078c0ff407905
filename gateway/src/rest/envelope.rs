//! A result within a text: what stands before it, how its pieces are rewritten, what stands behind. Piece by piece, in
//! as much memory as a piece takes.

use abacus_chassis::Refusal;
use abacus_tasks::kinds::Content;
use async_stream::try_stream;
use bytes::Bytes;
use futures_util::{Stream, StreamExt};

/// How a result is written into a text.
pub(super) struct Envelope {
    head: String,
    tail: &'static str,
    style: Style,
}

enum Style {
    /// As it is: digits.
    Verbatim,
    /// With the escapes of a JSON string.
    Escaped,
    /// Its lines as the items of a list.
    Listed(Listing),
}

/// A list under way, whose lines may be cut anywhere.
struct Listing {
    quote: &'static [u8],
    separator: &'static [u8],
    begun: bool,
    within_line: bool,
}

impl Envelope {
    /// The last member of a JSON object that begins with `members`: a string, or an array of strings. Of primes, the
    /// pieces are lines, however they are kept.
    pub(super) fn member(members: &str, content: &Content) -> Self {
        match content {
            Content::Integer => Self::new(format!("{members}\""), "\"}", Style::Verbatim),
            Content::Text => Self::new(format!("{members}\""), "\"}", Style::Escaped),
            Content::Primes { .. } | Content::Gaps { .. } => {
                Self::new(format!("{members}["), "]}", listed(b"\"", b","))
            }
        }
    }

    /// A JSON string; of primes, their list as Python writes it: `"[5, 7, 11]"`.
    pub(super) fn string(content: &Content) -> Self {
        match content {
            Content::Integer => Self::new("\"".to_owned(), "\"", Style::Verbatim),
            Content::Text => Self::new("\"".to_owned(), "\"", Style::Escaped),
            Content::Primes { .. } | Content::Gaps { .. } => {
                Self::new("\"[".to_owned(), "]\"", listed(b"", b", "))
            }
        }
    }

    fn new(head: String, tail: &'static str, style: Style) -> Self {
        Self { head, tail, style }
    }

    /// The text around these pieces. It is cut, not closed, when they fail.
    pub(super) fn around(
        mut self,
        pieces: impl Stream<Item = Result<Bytes, Refusal>> + Send + 'static,
    ) -> impl Stream<Item = Result<Bytes, Refusal>> + Send + 'static {
        try_stream! {
            let mut pieces = std::pin::pin!(pieces);
            yield Bytes::from(std::mem::take(&mut self.head));
            while let Some(piece) = pieces.next().await {
                yield self.style.rewritten(piece?);
            }
            yield Bytes::from_static(self.tail.as_bytes());
        }
    }
}

fn listed(quote: &'static [u8], separator: &'static [u8]) -> Style {
    Style::Listed(Listing { quote, separator, begun: false, within_line: false })
}

impl Style {
    fn rewritten(&mut self, piece: Bytes) -> Bytes {
        match self {
            Self::Verbatim => piece,
            Self::Escaped => escaped(&piece),
            Self::Listed(listing) => listing.items(&piece),
        }
    }
}

/// The text with the escapes of JSON, without quotes around it.
fn escaped(text: &[u8]) -> Bytes {
    let quoted = serde_json::Value::from(String::from_utf8_lossy(text)).to_string();
    Bytes::from(quoted[1..quoted.len() - 1].to_owned())
}

impl Listing {
    fn items(&mut self, piece: &[u8]) -> Bytes {
        let mut out = Vec::with_capacity(piece.len() + piece.len() / 2);
        for line in piece.split_inclusive(|byte| *byte == b'\n') {
            if !self.within_line {
                if self.begun {
                    out.extend(self.separator);
                }
                out.extend(self.quote);
                (self.begun, self.within_line) = (true, true);
            }
            match line.strip_suffix(b"\n") {
                Some(digits) => {
                    out.extend(digits);
                    out.extend(self.quote);
                    self.within_line = false;
                }
                None => out.extend(line),
            }
        }
        out.into()
    }
}

#[cfg(test)]
mod tests {
    use abacus_chassis::Reason;
    use futures_util::{TryStreamExt, stream};

    use super::*;

    const PRIMES: Content = Content::Primes { start: 0, end: 11 };

    async fn around(envelope: Envelope, pieces: &[&'static str]) -> String {
        let pieces: Vec<_> = pieces.iter().map(|piece| Ok(Bytes::from_static(piece.as_bytes()))).collect();
        let parts: Vec<Bytes> = envelope.around(stream::iter(pieces)).try_collect().await.unwrap();
        String::from_utf8(parts.concat()).unwrap()
    }

    #[tokio::test]
    async fn lists_are_the_same_wherever_they_are_cut() {
        for pieces in [&["5\n7\n11\n"][..], &["5\n7", "\n", "1", "1\n"], &["", "5", "\n7\n1", "1\n"]] {
            assert_eq!(around(Envelope::string(&PRIMES), pieces).await, "\"[5, 7, 11]\"");
            assert_eq!(
                around(Envelope::member("{\"value\":", &PRIMES), pieces).await,
                r#"{"value":["5","7","11"]}"#
            );
        }
        assert_eq!(around(Envelope::string(&PRIMES), &[]).await, "\"[]\"");
    }

    #[tokio::test]
    async fn integers_and_texts_are_strings() {
        assert_eq!(around(Envelope::string(&Content::Integer), &["-4", "2"]).await, "\"-42\"");
        assert_eq!(
            around(Envelope::member("{\"value\":", &Content::Integer), &["42"]).await,
            r#"{"value":"42"}"#
        );
        assert_eq!(around(Envelope::string(&Content::Text), &["a\"b", "\\é"]).await, r#""a\"b\\é""#);
    }

    #[tokio::test]
    async fn what_fails_is_cut_and_not_closed() {
        let pieces =
            stream::iter([Ok(Bytes::from_static(b"4")), Err(Refusal::new(Reason::Internal, "lost"))]);
        let parts: Vec<_> = Envelope::string(&Content::Integer).around(pieces).collect().await;
        assert_eq!(parts.len(), 3);
        assert!(parts[2].is_err());
    }
}
