//! Primes from decimal lines to a bitmap, as a stream.
//!
//! Each byte stands for 30 integers; only the byte at hand is kept, and a line cut by a piece's end as the number that
//! its digits make so far. Memory stays bounded whatever the interval and whatever the input: no two neighbouring
//! primes below 2^64 are more than 1550 apart (OEIS A005250), so a longer stretch without primes, at the interval's
//! ends too, is damage and writes nothing. A line, which has at least two bytes, thus makes at most 54 bytes, and so
//! does the end of the input.

use super::transcoder::TranscodeError;

/// More than the distance from a prime below 2^64, or from an interval's start, to the next one.
const LONGEST_GAP: u64 = 1600;

/// Integers that a byte stands for.
const WHEEL: u64 = 30;

/// The bit of each remainder by 30, as a mask; 0 for those that no prime above 5 has.
const MASKS: [u8; 30] = {
    let mut masks = [0; 30];
    let remainders = [1, 7, 11, 13, 17, 19, 23, 29];
    let mut bit = 0;
    while bit < remainders.len() {
        masks[remainders[bit]] = 1 << bit;
        bit += 1;
    }
    masks
};

/// A list of primes on its way to a bitmap.
#[derive(Debug)]
pub(super) struct Primes {
    start: u64,
    end: u64,
    /// The latest prime; before the first, the integer before the interval (or 0).
    latest: u64,
    /// The number that the digits of the line at hand make so far; none before its first digit.
    line: Option<u64>,
    /// The index among all bytes, counted from the integer 0, of the byte at hand.
    index: u64,
    byte: u8,
}

impl Primes {
    /// A bitmap of the interval from `start` to `end`, both included; empty when `start > end`.
    pub(super) fn new(start: u64, end: u64) -> Self {
        Self { start, end, latest: start.saturating_sub(1), line: None, index: start / WHEEL, byte: 0 }
    }

    /// Takes the next part of the list; gives the bytes that no later part can change.
    pub(super) fn push(&mut self, list: &[u8]) -> Result<Vec<u8>, TranscodeError> {
        let mut bitmap = Vec::new();
        for &byte in list {
            match (byte, self.line) {
                (b'1'..=b'9', None) => self.line = Some(u64::from(byte - b'0')),
                (b'0'..=b'9', Some(number)) => {
                    let longer =
                        number.checked_mul(10).and_then(|tens| tens.checked_add((byte - b'0').into()));
                    self.line = Some(longer.ok_or(TranscodeError::Damaged("a prime is larger than 2^64"))?);
                }
                (b'\n', Some(prime)) => {
                    self.line = None;
                    self.mark(prime, &mut bitmap)?;
                }
                _ => return Err(TranscodeError::Damaged("a line is not a positive integer in decimal")),
            }
        }
        Ok(bitmap)
    }

    /// The rest of the bitmap, up to the byte of the interval's end.
    pub(super) fn finish(mut self) -> Result<Vec<u8>, TranscodeError> {
        let mut bitmap = Vec::new();
        if self.line.is_some() {
            return Err(TranscodeError::Damaged("the last line has no end"));
        }
        if self.start <= self.end {
            self.advance(self.end, &mut bitmap)?;
            bitmap.push(self.byte);
        }
        Ok(bitmap)
    }

    fn mark(&mut self, prime: u64, bitmap: &mut Vec<u8>) -> Result<(), TranscodeError> {
        let ascends = prime > self.latest || (prime == self.start && self.latest == 0);
        if !ascends || prime > self.end {
            return Err(TranscodeError::Damaged("the integers do not ascend within the interval"));
        }
        let mask = MASKS[usize::try_from(prime % WHEEL).expect("less than 30")];
        if prime == 1 || (mask == 0 && !matches!(prime, 2 | 3 | 5)) {
            return Err(TranscodeError::Damaged("a listed integer is not prime"));
        }
        self.advance(prime, bitmap)?;
        self.byte |= mask;
        self.latest = prime;
        Ok(())
    }

    /// Writes the byte at hand and those after it up to the byte of `integer`, which is then at hand.
    fn advance(&mut self, integer: u64, bitmap: &mut Vec<u8>) -> Result<(), TranscodeError> {
        if integer - self.latest > LONGEST_GAP {
            return Err(TranscodeError::Damaged("primes are missing"));
        }
        while self.index < integer / WHEEL {
            bitmap.push(std::mem::take(&mut self.byte));
            self.index += 1;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use abacus_arithmetic::is_prime;
    use proptest::prelude::*;

    use super::*;

    fn list(start: u64, end: u64) -> String {
        (start..=end).filter(|n| is_prime(*n)).flat_map(|prime| [prime.to_string(), "\n".into()]).collect()
    }

    /// The bitmap by its definition.
    fn model(start: u64, end: u64) -> Vec<u8> {
        let bit = |base: u64, remainder: u64| {
            let integer = base.checked_add(remainder);
            integer.is_some_and(|integer| (start..=end).contains(&integer) && is_prime(integer))
        };
        (start / 30..=end / 30)
            .map(|index| {
                let remainders = [1, 7, 11, 13, 17, 19, 23, 29].into_iter().enumerate();
                remainders.map(|(at, remainder)| u8::from(bit(30 * index, remainder)) << at).sum()
            })
            .collect()
    }

    fn bitmap(start: u64, end: u64, pieces: &[&[u8]]) -> Result<Vec<u8>, TranscodeError> {
        let mut primes = Primes::new(start, end);
        let mut bytes = Vec::new();
        for piece in pieces {
            bytes.extend(primes.push(piece)?);
        }
        bytes.extend(primes.finish()?);
        Ok(bytes)
    }

    fn intervals() -> impl Strategy<Value = (u64, u64)> {
        let starts = prop_oneof![
            0_u64..100,
            1_000_000_u64..1_000_100,
            Just(i64::MAX.cast_unsigned() - 2000),
            Just(u64::MAX - 2500),
        ];
        (starts, 0_u64..2000).prop_map(|(start, length)| (start, start + length))
    }

    #[test]
    fn the_first_byte_holds_the_primes_below_30() {
        assert_eq!(bitmap(0, 29, &[b"2\n3\n5\n7\n11\n13\n17\n19\n23\n29\n"]), Ok(vec![0b1111_1110]));
        assert_eq!(bitmap(0, 5, &[b"2\n3\n5\n"]), Ok(vec![0]));
        assert_eq!(bitmap(0, 0, &[]), Ok(vec![0]));
        assert_eq!(bitmap(114, 126, &[]), Ok(vec![0, 0]));
        assert_eq!(bitmap(9, 8, &[]), Ok(vec![]));
    }

    #[test]
    fn damage_is_told() {
        for (damaged, told) in [
            (&b"2\n3"[..], "no end"),
            (b"2\n\n3\n", "decimal"),
            (b"02\n", "decimal"),
            (b"2 3\n", "decimal"),
            (b"\xff", "decimal"),
            (b"3\n2\n", "ascend"),
            (b"3\n3\n", "ascend"),
            (b"2\n101\n", "ascend"),
            (b"1\n", "not prime"),
            (b"2\n9\n", "not prime"),
            (b"99999999999999999999\n", "2^64"),
        ] {
            let error = bitmap(0, 100, &[damaged]).unwrap_err();
            assert!(error.to_string().contains(told), "{damaged:?}: {error}");
        }
        assert!(bitmap(50, 100, &[b"47\n"]).is_err(), "before the interval");
    }

    #[test]
    fn a_huge_interval_cannot_be_filled_from_little_input() {
        let missing = Err(TranscodeError::Damaged("primes are missing"));
        assert_eq!(bitmap(0, u64::MAX, &[]), missing);
        assert_eq!(bitmap(0, u64::MAX, &[b"2\n18446744073709551557\n"]), missing);
        assert_eq!(bitmap(0, 10_000, &[b"2\n3\n5\n"]), missing);
    }

    proptest! {
        #[test]
        fn bitmaps_are_those_of_the_definition((start, end) in intervals(), cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..8)) {
            let list = list(start, end).into_bytes();
            let mut cuts: Vec<_> = cuts.iter().map(|cut| cut.index(list.len() + 1)).collect();
            cuts.sort_unstable();
            cuts.push(list.len());
            let mut from = 0;
            let pieces: Vec<_> = cuts.iter().map(|cut| &list[std::mem::replace(&mut from, *cut)..*cut]).collect();
            prop_assert_eq!(bitmap(start, end, &pieces), Ok(model(start, end)));
        }

        #[test]
        fn no_input_makes_it_panic_or_grow(start in 0_u64..100, length in any::<u64>(), input in prop::collection::vec(prop_oneof![b'0'..=b'9', Just(b'\n'), any::<u8>()], 0..60)) {
            if let Ok(bytes) = bitmap(start, start.saturating_add(length), &[&input]) {
                prop_assert!(bytes.len() <= 54 * (input.len() / 2 + 1) + 1);
            }
        }
    }
}
