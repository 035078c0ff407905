//! Primes as a bitmap, as a stream.
//!
//! Each byte stands for 30 integers; only the byte at hand is kept. Memory stays bounded whatever the interval and
//! whatever the input: no two neighbouring primes below 2^64 are more than 1550 apart (OEIS A005250), so a longer
//! stretch without primes, at the interval's ends too, is damage and writes nothing. A prime thus makes at most 54
//! bytes, and so does the end of the input.

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

/// The bitmap of an interval under way.
#[derive(Debug)]
pub(super) struct Bitmap {
    start: u64,
    end: u64,
    /// The latest prime; before the first, the integer before the interval (or 0).
    latest: u64,
    /// The index among all bytes, counted from the integer 0, of the byte at hand.
    index: u64,
    byte: u8,
}

impl Bitmap {
    /// A bitmap of the interval from `start` to `end`, both included; empty when `start > end`.
    pub(super) fn new(start: u64, end: u64) -> Self {
        Self { start, end, latest: start.saturating_sub(1), index: start / WHEEL, byte: 0 }
    }

    /// Marks the next prime; appends the bytes that no later one can change.
    pub(super) fn mark(&mut self, prime: u64, bitmap: &mut Vec<u8>) -> Result<(), TranscodeError> {
        let mask = MASKS[usize::try_from(prime % WHEEL).expect("less than 30")];
        if prime == 1 || (mask == 0 && !matches!(prime, 2 | 3 | 5)) {
            return Err(TranscodeError::Damaged("a listed integer is not prime"));
        }
        self.advance(prime, bitmap)?;
        self.byte |= mask;
        self.latest = prime;
        Ok(())
    }

    /// The rest of the bitmap, up to the byte of the interval's end.
    pub(super) fn finish(mut self) -> Result<Vec<u8>, TranscodeError> {
        let mut bitmap = Vec::new();
        if self.start <= self.end {
            self.advance(self.end, &mut bitmap)?;
            bitmap.push(self.byte);
        }
        Ok(bitmap)
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
