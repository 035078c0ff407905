//! The digits of a decimal integer as text.
//!
//! Each limb is 19 digits of their own, so any stretch of them can be written without the others.

use std::fmt;
use std::ops::{ControlFlow, Range};

use super::{Decimal, limb};
use crate::monitor::{Interrupted, Monitor, Progress, unless_broken};

/// Bytes of a limb's digits.
const LIMB_BYTES: usize = 19;

/// The longest piece that is handed to a sink: whole limbs, up to 64 KiB.
const PIECE_BYTES: usize = (64 << 10) / LIMB_BYTES * LIMB_BYTES;

/// The four digits of every number below 10^4.
static QUADS: [[u8; 4]; 10_000] = quads();

impl Decimal {
    /// The number of decimal digits; zero has one.
    #[must_use]
    pub fn digit_count(&self) -> u64 {
        match self.limbs() {
            [] => 1,
            [lower @ .., top] => limb::DIGITS * length(lower.len()) + u64::from(top.ilog10()) + 1,
        }
    }

    /// The digits at these positions, counted from 0 at the most significant; what lies beyond the last is left out.
    #[must_use]
    pub fn digits(&self, range: Range<u64>) -> Vec<u8> {
        let count = self.digit_count();
        let (start, end) = (range.start.min(count), range.end.min(count));
        if start >= end {
            return Vec::new();
        }
        if self.is_zero() {
            return b"0".to_vec();
        }
        // Counted from the least significant, the digits are those from count - end up to count - start.
        let [low, high] = [count - end, count - start];
        let limb_at = |digit| usize::try_from(digit / limb::DIGITS).expect("a digit in memory");
        let touched = &self.limbs()[limb_at(low)..=limb_at(high - 1)];
        let mut text = vec![0; touched.len() * LIMB_BYTES];
        fill(&mut text, touched);
        let skipped = usize::try_from(low % limb::DIGITS).expect("below 19");
        text.truncate(text.len() - skipped);
        let wanted = usize::try_from(end - start).expect("a length in memory");
        text.drain(..text.len() - wanted);
        text
    }

    /// Writes the decimal digits to `sink`, the most significant first, without leading zeros (`0` for zero).
    ///
    /// The pieces, whose concatenation is the text, are never empty and at most 64 KiB long.
    ///
    /// # Errors
    /// [`Interrupted`] when the monitor or the sink says so; the sink has then heard a prefix of the digits.
    pub fn write(
        &self,
        monitor: &mut dyn Monitor,
        sink: &mut dyn FnMut(&[u8]) -> ControlFlow<()>,
    ) -> Result<(), Interrupted> {
        let mut progress = Progress::new(monitor, Self::writing_work(self.digit_count()));
        let Some(top) = self.limbs().last() else {
            unless_broken(sink(b"0"))?;
            return progress.finish();
        };
        let mut zeros = LIMB_BYTES - 1 - usize::try_from(top.ilog10()).expect("at most 18");
        let mut piece = vec![0; PIECE_BYTES.min(self.limbs().len() * LIMB_BYTES)];
        for limbs in self.limbs().rchunks(PIECE_BYTES / LIMB_BYTES) {
            let text = &mut piece[..limbs.len() * LIMB_BYTES];
            fill(text, limbs);
            unless_broken(sink(&text[zeros..]))?;
            progress.advance(Self::writing_work(length(text.len())))?;
            zeros = 0;
        }
        progress.finish()
    }

    /// The work of [`write`](Self::write) for this many digits, in limbs.
    #[expect(clippy::cast_precision_loss, reason = "an estimate")]
    pub(crate) fn writing_work(digits: u64) -> f64 {
        digits as f64 / limb::DIGITS as f64
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.digits(0..u64::MAX);
        formatter.pad_integral(true, "", str::from_utf8(&digits).expect("ASCII digits"))
    }
}

/// Writes the digits of `limbs`, the least significant first, to `text`, the most significant first, 19 bytes each.
fn fill(text: &mut [u8], limbs: &[u64]) {
    let (groups, rest) = text.as_chunks_mut::<LIMB_BYTES>();
    debug_assert!(rest.is_empty() && groups.len() == limbs.len(), "19 bytes a limb");
    for (group, &limb) in groups.iter_mut().zip(limbs.iter().rev()) {
        let (upper, lower) = (limb / 10_000_000_000_000_000, limb % 10_000_000_000_000_000);
        // In 32 bits a division is one short product.
        let [upper, middle, lower] = [upper, lower / 100_000_000, lower % 100_000_000].map(narrow);
        group[..3].copy_from_slice(&quad(upper)[1..]);
        group[3..7].copy_from_slice(quad(middle / 10_000));
        group[7..11].copy_from_slice(quad(middle % 10_000));
        group[11..15].copy_from_slice(quad(lower / 10_000));
        group[15..].copy_from_slice(quad(lower % 10_000));
    }
}

/// A number below 10^8.
#[expect(clippy::cast_possible_truncation, reason = "below 10^8")]
fn narrow(number: u64) -> u32 {
    number as u32
}

/// The digits of a number below 10^4.
fn quad(number: u32) -> &'static [u8; 4] {
    &QUADS[number as usize]
}

#[expect(clippy::cast_possible_truncation, reason = "digits below 10")]
#[expect(clippy::large_stack_arrays, reason = "only the compiler calls it")]
const fn quads() -> [[u8; 4]; 10_000] {
    let mut quads = [[0; 4]; 10_000];
    let mut number = 0;
    while number < quads.len() {
        let mut rest = number;
        let mut place = 4;
        while place > 0 {
            place -= 1;
            quads[number][place] = b'0' + (rest % 10) as u8;
            rest /= 10;
        }
        number += 1;
    }
    quads
}

fn length(length: usize) -> u64 {
    u64::try_from(length).expect("memory has less than 2^64 bytes")
}
