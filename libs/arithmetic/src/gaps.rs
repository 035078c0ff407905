//! Ascending primes as their gaps, about one byte each.
//!
//! A list of primes of an interval becomes one number per prime, each written as LEB128: seven bits a byte, the least
//! significant first, the top bit set in all bytes but the last. The first number is the first prime less the
//! interval's start. Each further one is half the gap to its prime, rounded up: all gaps are even but that from 2 to
//! 3, which counts as 1. So the number after 2 is read as `2 v - 1`, any other as `2 v`. Gaps below 256 take one byte,
//! so a prime takes 1.000 bytes up to 10^12 and 1.002 near 2^63.
//!
//! Both directions keep their place, so a list may be cut anywhere on its way. Neither tests whether the numbers are
//! prime.

use std::fmt;

/// A byte with another one after it.
const CONTINUED: u8 = 0x80;

/// Numbers taken at once where all of them fit one byte.
const BATCH: usize = 8;

/// Writes the primes of an interval as gaps.
#[derive(Clone, Debug)]
pub struct GapEncoder {
    place: Place,
}

/// Reads the primes of an interval from gaps.
#[derive(Clone, Debug)]
pub struct GapDecoder {
    place: Place,
    /// The bits of a number whose last byte has not come.
    partial: u64,
    /// How many bits these are; a multiple of seven, 63 at most.
    partial_bits: u32,
}

/// The bytes are not the gaps of ascending primes of 64 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidGaps;

/// Where in a list something stands.
#[derive(Clone, Copy, Debug)]
enum Place {
    /// Before the first prime of an interval with this start.
    Start(u64),
    /// Behind this prime.
    Behind(u64),
}

impl GapEncoder {
    /// An encoder of the primes from `start` on.
    #[must_use]
    pub fn new(start: u64) -> Self {
        Self { place: Place::Start(start) }
    }

    /// Appends the next primes to `bytes`.
    ///
    /// They ascend, over all calls, from the start on; other numbers lead to bytes that do not stand for them.
    pub fn encode(&mut self, primes: &[u64], bytes: &mut Vec<u8>) {
        bytes.reserve(primes.len());
        let mut rest = primes;
        while let Some((batch, after)) = rest.split_first_chunk::<BATCH>() {
            match self.short_gaps(batch) {
                Some(gaps) => bytes.extend_from_slice(&gaps),
                None => batch.iter().for_each(|&prime| self.push(prime, bytes)),
            }
            self.place = Place::Behind(batch[BATCH - 1]);
            rest = after;
        }
        for &prime in rest {
            self.push(prime, bytes);
        }
    }

    /// The numbers of these primes, if there is one before them and each number fits a byte.
    fn short_gaps(&self, primes: &[u64; BATCH]) -> Option<[u8; BATCH]> {
        let Place::Behind(previous) = self.place else { return None };
        let mut numbers = *primes;
        numbers[0] = half(previous, primes[0]);
        for index in 1..BATCH {
            numbers[index] = half(primes[index - 1], primes[index]);
        }
        let all_bits = numbers.iter().fold(0, |bits, number| bits | number);
        (all_bits < CONTINUED.into()).then(|| numbers.map(|number| number.to_le_bytes()[0]))
    }

    fn push(&mut self, prime: u64, bytes: &mut Vec<u8>) {
        let mut number = match self.place {
            Place::Start(start) => prime.wrapping_sub(start),
            Place::Behind(previous) => half(previous, prime),
        };
        while number >= CONTINUED.into() {
            bytes.push(number.to_le_bytes()[0] | CONTINUED);
            number >>= 7;
        }
        bytes.push(number.to_le_bytes()[0]);
        self.place = Place::Behind(prime);
    }
}

/// Half the distance from one number to the next, rounded up.
fn half(previous: u64, next: u64) -> u64 {
    next.wrapping_sub(previous).wrapping_add(1) / 2
}

impl GapDecoder {
    /// A decoder of the primes from `start` on.
    #[must_use]
    pub fn new(start: u64) -> Self {
        Self { place: Place::Start(start), partial: 0, partial_bits: 0 }
    }

    /// Appends the primes that end in these bytes to `primes`; the bytes may be cut anywhere.
    ///
    /// What is appended ascends, over all calls, whatever the bytes are. One byte gives at most one prime, so the
    /// caller bounds the memory by the length.
    ///
    /// # Errors
    /// [`InvalidGaps`] when a number has more than 64 bits or bytes without need, is zero behind the first prime, or
    /// leads beyond 64 bits. The primes before it have been appended; the decoder is of no further use.
    pub fn decode(&mut self, bytes: &[u8], primes: &mut Vec<u64>) -> Result<(), InvalidGaps> {
        primes.reserve(bytes.len());
        let mut rest = bytes;
        while let Some((batch, after)) = rest.split_first_chunk::<BATCH>() {
            match self.short_steps(*batch) {
                Some(found) => {
                    primes.extend_from_slice(&found);
                    self.place = Place::Behind(found[BATCH - 1]);
                }
                None => batch.iter().try_for_each(|&byte| self.take(byte, primes))?,
            }
            rest = after;
        }
        rest.iter().try_for_each(|&byte| self.take(byte, primes))
    }

    /// Ends the list.
    ///
    /// # Errors
    /// [`InvalidGaps`] when the last number has been cut.
    pub fn finish(self) -> Result<(), InvalidGaps> {
        if self.partial_bits == 0 { Ok(()) } else { Err(InvalidGaps) }
    }

    /// The primes of these bytes, if each byte is a whole number that needs no special care.
    fn short_steps(&self, bytes: [u8; BATCH]) -> Option<[u64; BATCH]> {
        /// The most that eight numbers of seven bits advance.
        const FARTHEST: u64 = 8 * 2 * 0x7f;
        let Place::Behind(mut prime) = self.place else { return None };
        // A number is in 1..=127 if subtracting one leaves it below 127.
        let plain = bytes.iter().all(|byte| byte.wrapping_sub(1) < 0x7f);
        if !plain || self.partial_bits != 0 || prime == 2 || prime > u64::MAX - FARTHEST {
            return None;
        }
        Some(bytes.map(|byte| {
            prime += 2 * u64::from(byte);
            prime
        }))
    }

    fn take(&mut self, byte: u8, primes: &mut Vec<u64>) -> Result<(), InvalidGaps> {
        let bits = u64::from(byte & !CONTINUED);
        // The tenth byte has room for one bit, and none after it has any.
        if self.partial_bits == 63 && byte > 1 {
            return Err(InvalidGaps);
        }
        self.partial |= bits << self.partial_bits;
        if byte & CONTINUED != 0 {
            self.partial_bits += 7;
            return Ok(());
        }
        if byte == 0 && self.partial_bits != 0 {
            return Err(InvalidGaps);
        }
        let prime = self.place.advance(self.partial)?;
        primes.push(prime);
        *self = Self { place: Place::Behind(prime), partial: 0, partial_bits: 0 };
        Ok(())
    }
}

impl Place {
    /// The prime that a number leads to from here.
    fn advance(self, number: u64) -> Result<u64, InvalidGaps> {
        let prime = match self {
            Self::Start(start) => start.checked_add(number),
            Self::Behind(_) if number == 0 => None,
            Self::Behind(2) => number.checked_mul(2).and_then(|step| step.checked_add(1)),
            Self::Behind(previous) => number.checked_mul(2).and_then(|step| step.checked_add(previous)),
        };
        prime.ok_or(InvalidGaps)
    }
}

impl fmt::Display for InvalidGaps {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the bytes are not the gaps of ascending primes")
    }
}

impl std::error::Error for InvalidGaps {}
