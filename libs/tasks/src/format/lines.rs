//! Primes as text: each in decimal, followed by a line feed.

use super::transcoder::TranscodeError;

/// The longest line, in bytes, up to a size that is copied quickly.
pub(crate) const LINE_BYTES: usize = 24;

/// The integers that four digits can write.
const LOWER: u64 = 10_000;

/// A writer of lines. Neighbours mostly share all digits but the last four, so those before them stay written.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    /// The digits of `upper`, then room for four more and a line feed.
    line: [u8; LINE_BYTES],
    /// The latest prime without its last four digits.
    upper: u64,
    upper_digits: usize,
}

impl Lines {
    /// Appends the line of a prime, of at most [`LINE_BYTES`].
    pub(crate) fn push(&mut self, prime: u64, text: &mut Vec<u8>) {
        let (upper, lower) = (prime / LOWER, prime % LOWER);
        if upper == 0 {
            text.extend_from_slice(prime.to_string().as_bytes());
            text.push(b'\n');
            return;
        }
        if upper != self.upper {
            let digits = upper.to_string();
            self.line[..digits.len()].copy_from_slice(digits.as_bytes());
            (self.upper, self.upper_digits) = (upper, digits.len());
        }
        let lower = u32::try_from(lower).expect("less than 10,000");
        let digit = |power| b'0' + u8::try_from(lower / power % 10).expect("a remainder by ten");
        let last = [digit(1000), digit(100), digit(10), digit(1), b'\n'];
        self.line[self.upper_digits..][..last.len()].copy_from_slice(&last);
        // A copy of fixed length, cut afterwards, is several times faster than one of the line's own length.
        let end = text.len() + self.upper_digits + last.len();
        text.extend_from_slice(&self.line);
        text.truncate(end);
    }
}

/// A reader of lines, which may be cut anywhere.
#[derive(Debug, Default)]
pub(super) struct Reader {
    /// The number that the digits of the line at hand make so far; none before its first digit.
    line: Option<u64>,
}

impl Reader {
    /// Hands over the integers of the next part of the text.
    pub(super) fn push(
        &mut self,
        text: &[u8],
        sink: &mut dyn FnMut(u64) -> Result<(), TranscodeError>,
    ) -> Result<(), TranscodeError> {
        for &byte in text {
            match (byte, self.line) {
                (b'1'..=b'9', None) => self.line = Some(u64::from(byte - b'0')),
                (b'0'..=b'9', Some(number)) => {
                    let longer =
                        number.checked_mul(10).and_then(|tens| tens.checked_add((byte - b'0').into()));
                    self.line = Some(longer.ok_or(TranscodeError::Damaged("a prime is larger than 2^64"))?);
                }
                (b'\n', Some(prime)) => {
                    self.line = None;
                    sink(prime)?;
                }
                _ => return Err(TranscodeError::Damaged("a line is not a positive integer in decimal")),
            }
        }
        Ok(())
    }

    /// Says that nothing more comes.
    pub(super) fn finish(&self) -> Result<(), TranscodeError> {
        if self.line.is_some() {
            return Err(TranscodeError::Damaged("the last line has no end"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn lines_are_the_numbers_in_decimal(mut numbers in prop::collection::vec(any::<u64>(), 1..50), shift in 0..64) {
            for number in &mut numbers {
                *number >>= shift;
            }
            let (mut lines, mut text) = (Lines::default(), Vec::new());
            for number in &numbers {
                lines.push(*number, &mut text);
            }
            let expected: String = numbers.iter().flat_map(|number| [number.to_string(), "\n".into()]).collect();
            prop_assert_eq!(String::from_utf8(text).unwrap(), expected);
        }
    }
}
