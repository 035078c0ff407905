//! How results are written out.
//!
//! A result is computed and kept in its content's native format. A caller may ask for another: [`Format::resolve`]
//! settles which it is, [`Transcoder`] rewrites the native bytes on their way out.

mod bitmap;
pub(crate) mod lines;
mod primes;
mod transcoder;

use std::fmt;

use abacus_api::v1;

use crate::kinds::Content;

pub use abacus_arithmetic::{GapDecoder, GapEncoder, InvalidGaps};
pub use transcoder::{TranscodeError, Transcoder};

/// How a result is written out; the contract's `ResultFormat` says how each looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// Integers in decimal digits; their native format.
    Decimal,
    /// Integers in hexadecimal digits.
    Hex,
    /// Integers in two's complement.
    Binary,
    /// Primes in decimal lines; their native format unless they are asked for in gaps.
    Values,
    /// Primes in a bitmap of the integers prime to 30.
    Bitmap,
    /// Primes as the gaps between them; their native format when they are asked for so.
    Gaps,
    /// Text as it is.
    Text,
}

/// A format was asked for in which the result cannot be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unfitting {
    asked: v1::ResultFormat,
    fitting: &'static [Format],
}

impl Format {
    /// The format of a result of this content when `asked` for one; unspecified is the native one.
    ///
    /// # Errors
    /// [`Unfitting`], which names the formats that would do.
    pub fn resolve(asked: v1::ResultFormat, content: &Content) -> Result<Self, Unfitting> {
        let fitting = Self::fitting(content);
        let named = |format: &&Self| v1::ResultFormat::from(**format) == asked;
        match asked {
            v1::ResultFormat::Unspecified => Ok(Self::native(content)),
            _ => fitting.iter().find(named).copied().ok_or(Unfitting { asked, fitting }),
        }
    }

    /// The format in which results of this content are computed and kept.
    #[must_use]
    pub fn native(content: &Content) -> Self {
        Self::fitting(content)[0]
    }

    /// Every format that fits the content, the native one first.
    fn fitting(content: &Content) -> &'static [Self] {
        match content {
            Content::Integer => &[Self::Decimal, Self::Hex, Self::Binary],
            Content::Primes { .. } => &[Self::Values, Self::Bitmap, Self::Gaps],
            Content::Gaps { .. } => &[Self::Gaps, Self::Values, Self::Bitmap],
            Content::Text => &[Self::Text],
        }
    }

    /// True when results of this content are kept in this format, so that nothing has to be rewritten.
    #[must_use]
    pub fn is_native(self, content: &Content) -> bool {
        self == Self::native(content)
    }

    /// True when what is written is text in UTF-8.
    #[must_use]
    pub fn is_text(self) -> bool {
        !matches!(self, Self::Binary | Self::Bitmap | Self::Gaps)
    }
}

/// Text is the unspecified format, as nothing else can be asked for.
impl From<Format> for v1::ResultFormat {
    fn from(format: Format) -> Self {
        match format {
            Format::Decimal => Self::Decimal,
            Format::Hex => Self::Hex,
            Format::Binary => Self::Binary,
            Format::Values => Self::Values,
            Format::Bitmap => Self::Bitmap,
            Format::Gaps => Self::Gaps,
            Format::Text => Self::Unspecified,
        }
    }
}

impl fmt::Display for Unfitting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} does not fit this result; what does: RESULT_FORMAT_UNSPECIFIED",
            self.asked.as_str_name()
        )?;
        for format in self.fitting.iter().filter(|format| **format != Format::Text) {
            write!(f, ", {}", v1::ResultFormat::from(*format).as_str_name())?;
        }
        Ok(())
    }
}

impl std::error::Error for Unfitting {}

#[cfg(test)]
mod tests {
    use super::*;

    const CONTENTS: [Content; 4] = [
        Content::Integer,
        Content::Primes { start: 0, end: 9 },
        Content::Gaps { start: 0, end: 9 },
        Content::Text,
    ];

    #[test]
    fn unspecified_is_native() {
        for content in &CONTENTS {
            let format = Format::resolve(v1::ResultFormat::Unspecified, content).unwrap();
            assert!(format.is_native(content));
            let others = Format::fitting(content).iter().filter(|other| other.is_native(content));
            assert_eq!(others.collect::<Vec<_>>(), [&format]);
        }
    }

    #[test]
    fn only_bytes_are_no_text() {
        use Format::{Binary, Bitmap, Gaps};
        let formats = CONTENTS.iter().flat_map(Format::fitting);
        let bytes: Vec<_> = formats.filter(|format| !format.is_text()).copied().collect();
        assert_eq!(bytes, [Binary, Bitmap, Gaps, Gaps, Bitmap]);
    }

    #[test]
    fn each_format_fits_some_contents_and_is_refused_for_the_others() {
        use v1::ResultFormat::{Binary, Bitmap, Decimal, Gaps, Hex, Values};
        let primes = [1, 2];
        for (asked, fitting) in [
            (Decimal, &[0][..]),
            (Hex, &[0]),
            (Binary, &[0]),
            (Values, &primes),
            (Bitmap, &primes),
            (Gaps, &primes),
        ] {
            for (index, content) in CONTENTS.iter().enumerate() {
                match Format::resolve(asked, content) {
                    Ok(format) => {
                        assert!(fitting.contains(&index));
                        assert_eq!(v1::ResultFormat::from(format), asked);
                    }
                    Err(unfitting) => {
                        assert!(!fitting.contains(&index));
                        assert!(unfitting.to_string().starts_with(asked.as_str_name()), "{unfitting}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_refusal_lists_what_fits() {
        let refusal = |content| Format::resolve(v1::ResultFormat::Bitmap, content).unwrap_err().to_string();
        assert_eq!(
            refusal(&Content::Integer),
            "RESULT_FORMAT_BITMAP does not fit this result; what does: RESULT_FORMAT_UNSPECIFIED, \
             RESULT_FORMAT_DECIMAL, RESULT_FORMAT_HEX, RESULT_FORMAT_BINARY"
        );
        assert_eq!(
            refusal(&Content::Text),
            "RESULT_FORMAT_BITMAP does not fit this result; what does: RESULT_FORMAT_UNSPECIFIED"
        );
    }
}
