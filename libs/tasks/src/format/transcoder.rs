//! The native bytes of a result, rewritten in the format asked for.

use abacus_arithmetic::parse_decimal;
use bytes::Bytes;
use num_bigint::BigInt;

use super::{Format, Unfitting, primes::Primes};
use crate::kinds::{Content, operand};

/// Rewrites a result, handed over from its first byte to its last in pieces of any size.
///
/// Native formats pass as they are, without being copied or looked at. Primes are rewritten as they come, in memory of
/// some times a piece. Hexadecimal and binary integers depend on every digit: these are kept until the end.
#[derive(Debug)]
pub struct Transcoder(Step);

#[derive(Debug)]
enum Step {
    Identity,
    Primes(Primes),
    Integer { to: Notation, digits: Vec<u8>, limit: usize },
}

/// How an integer is written when not in decimal.
#[derive(Debug, Clone, Copy)]
enum Notation {
    Hex,
    Binary,
}

/// Why a result cannot be rewritten.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TranscodeError {
    /// The format needs the whole result in memory, and it is longer than allowed.
    #[error("the result has more than {limit} bytes, too many for another format than its native one")]
    TooLarge {
        /// The largest allowed length of the native result, in bytes.
        limit: usize,
    },
    /// The native bytes are not a result of the content they were said to be.
    #[error("the stored result is damaged: {0}")]
    Damaged(&'static str),
}

impl Transcoder {
    /// A transcoder to `format` for a result of this content. Formats that need the whole result in memory do for up
    /// to `limit` native bytes.
    ///
    /// # Errors
    /// [`Unfitting`] when [`Format::resolve`] would not give this format for this content.
    pub fn new(format: Format, content: &Content, limit: usize) -> Result<Self, Unfitting> {
        let integer = |to| Step::Integer { to, digits: Vec::new(), limit };
        Ok(Self(match (format, content) {
            (Format::Hex, Content::Integer) => integer(Notation::Hex),
            (Format::Binary, Content::Integer) => integer(Notation::Binary),
            _ if format == Format::native(content) => Step::Identity,
            (_, Content::Primes { start, end } | Content::Gaps { start, end }) => {
                let native = Format::native(content);
                let primes = Primes::new((native, format), (*start, *end));
                Step::Primes(
                    primes.ok_or(Unfitting { asked: format.into(), fitting: Format::fitting(content) })?,
                )
            }
            _ => return Err(Unfitting { asked: format.into(), fitting: Format::fitting(content) }),
        }))
    }

    /// Takes the next native bytes; gives those that can be told by now, possibly none.
    ///
    /// # Errors
    /// [`TranscodeError`]; nothing more can then be made of this result.
    pub fn push(&mut self, native: Bytes) -> Result<Bytes, TranscodeError> {
        match &mut self.0 {
            Step::Identity => Ok(native),
            Step::Primes(primes) => Ok(primes.push(&native)?.into()),
            Step::Integer { digits, limit, .. } => {
                if native.len() > *limit - digits.len() {
                    return Err(TranscodeError::TooLarge { limit: *limit });
                }
                digits.extend_from_slice(&native);
                Ok(Bytes::new())
            }
        }
    }

    /// The rest, after the last native byte; possibly nothing.
    ///
    /// # Errors
    /// [`TranscodeError`].
    pub fn finish(self) -> Result<Bytes, TranscodeError> {
        match self.0 {
            Step::Identity => Ok(Bytes::new()),
            Step::Primes(primes) => Ok(primes.finish()?.into()),
            Step::Integer { to, digits, .. } => {
                let number = read(digits)?;
                Ok(match to {
                    Notation::Hex => number.to_str_radix(16).into(),
                    Notation::Binary => number.to_signed_bytes_be().into(),
                })
            }
        }
    }
}

fn read(digits: Vec<u8>) -> Result<BigInt, TranscodeError> {
    let damaged = TranscodeError::Damaged("not an integer in decimal");
    let text = String::from_utf8(digits).map_err(|_| damaged)?;
    if !operand::is_canonical(&text) {
        return Err(damaged);
    }
    parse_decimal(&text).map_err(|_| damaged)
}

#[cfg(test)]
mod tests {
    use num_bigint::Sign;
    use proptest::prelude::*;

    use super::*;

    const LIMIT: usize = 10_000;

    /// Transcodes a result that is cut at multiples of `piece` bytes.
    fn transcode(
        format: Format,
        content: &Content,
        native: &str,
        piece: usize,
    ) -> Result<Vec<u8>, TranscodeError> {
        let mut transcoder = Transcoder::new(format, content, LIMIT).unwrap();
        let mut bytes = Vec::new();
        for piece in native.as_bytes().chunks(piece) {
            bytes.extend(transcoder.push(Bytes::copy_from_slice(piece))?);
        }
        bytes.extend(transcoder.finish()?);
        Ok(bytes)
    }

    fn integer(format: Format, native: &str) -> Result<Vec<u8>, TranscodeError> {
        transcode(format, &Content::Integer, native, 7)
    }

    #[test]
    fn native_formats_pass_uncopied() {
        let primes = Content::Primes { start: 0, end: 9 };
        let gaps = Content::Gaps { start: 0, end: 9 };
        for (format, content) in [
            (Format::Decimal, Content::Integer),
            (Format::Values, primes),
            (Format::Gaps, gaps),
            (Format::Text, Content::Text),
        ] {
            let mut transcoder = Transcoder::new(format, &content, 0).unwrap();
            let piece = Bytes::from_static(b"anything");
            assert_eq!(transcoder.push(piece.clone()).unwrap().as_ptr(), piece.as_ptr());
            assert!(transcoder.finish().unwrap().is_empty());
        }
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let primes = Content::Primes { start: 0, end: 9 };
        for (format, content) in [
            (Format::Bitmap, Content::Integer),
            (Format::Text, Content::Integer),
            (Format::Hex, primes),
            (Format::Decimal, primes),
            (Format::Decimal, Content::Gaps { start: 0, end: 9 }),
            (Format::Binary, Content::Text),
        ] {
            assert!(Transcoder::new(format, &content, LIMIT).is_err(), "{format:?} for {content:?}");
        }
    }

    #[test]
    fn known_integers() {
        for (native, hex, binary) in [
            ("0", "0", &[0][..]),
            ("1", "1", &[1]),
            ("-1", "-1", &[0xff]),
            ("127", "7f", &[0x7f]),
            ("128", "80", &[0x00, 0x80]),
            ("-128", "-80", &[0x80]),
            ("-129", "-81", &[0xff, 0x7f]),
            ("-32768", "-8000", &[0x80, 0x00]),
            ("3735928559", "deadbeef", &[0x00, 0xde, 0xad, 0xbe, 0xef]),
        ] {
            assert_eq!(integer(Format::Hex, native).unwrap(), hex.as_bytes(), "{native}");
            assert_eq!(integer(Format::Binary, native).unwrap(), binary, "{native}");
        }
    }

    #[test]
    fn damaged_integers_are_told() {
        for damaged in ["", "-", "-0", "007", "+7", "1 2", "12\n", "é"] {
            assert!(matches!(integer(Format::Hex, damaged), Err(TranscodeError::Damaged(_))), "{damaged:?}");
        }
    }

    #[test]
    fn integers_beyond_the_limit_are_refused_on_the_way() {
        assert!(integer(Format::Hex, &"9".repeat(LIMIT)).is_ok());
        let too_large = Err(TranscodeError::TooLarge { limit: LIMIT });
        assert_eq!(integer(Format::Hex, &"9".repeat(LIMIT + 1)), too_large);
        let mut transcoder = Transcoder::new(Format::Binary, &Content::Integer, 3).unwrap();
        assert!(transcoder.push(Bytes::from_static(b"123")).is_ok());
        assert!(transcoder.push(Bytes::from_static(b"4")).is_err());
        assert!(transcoder.push(Bytes::from_static(b"4")).is_err());
    }

    #[test]
    fn bitmaps_come_piece_by_piece() {
        let primes = Content::Primes { start: 0, end: 100 };
        let mut transcoder = Transcoder::new(Format::Bitmap, &primes, 0).unwrap();
        let mut push = |piece| transcoder.push(Bytes::from_static(piece)).unwrap();
        assert!(push(b"2\n3\n5\n7\n2").is_empty(), "23 may follow");
        assert_eq!(push(b"9\n31\n")[..], [0b1000_0010]);
        assert_eq!(push(b"97\n")[..], [0b0000_0001, 0]);
        assert_eq!(transcoder.finish().unwrap()[..], [0b0000_0010]);
    }

    /// Two's complement by its definition: the shortest length n with -256^n / 2 <= number < 256^n / 2.
    fn two_complement(number: &BigInt) -> Vec<u8> {
        let modulus = |length: u32| BigInt::from(256).pow(length);
        let fits = |length: &u32| -modulus(*length) <= number * 2 && number * 2 < modulus(*length);
        let length = (1..100).find(fits).unwrap();
        let mut rest = if number.sign() == Sign::Minus { number + modulus(length) } else { number.clone() };
        let mut bytes: Vec<u8> = (0..length)
            .map(|_| {
                let byte = u8::try_from(&rest % 256).unwrap();
                rest /= 256;
                byte
            })
            .collect();
        bytes.reverse();
        bytes
    }

    proptest! {
        #[test]
        fn integers_are_those_of_the_definition(native in "0|-?[1-9][0-9]{0,80}", piece in 1_usize..90) {
            let number: BigInt = native.parse().unwrap();
            let to = |format| transcode(format, &Content::Integer, &native, piece).unwrap();
            prop_assert_eq!(to(Format::Hex), format!("{number:x}").into_bytes());
            prop_assert_eq!(to(Format::Binary), two_complement(&number));
            prop_assert_eq!(to(Format::Decimal), native.as_bytes());
        }
    }
}
