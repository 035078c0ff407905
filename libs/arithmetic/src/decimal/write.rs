//! Decimal digits of an integer, the most significant first.
//!
//! The number is divided by a power of ten of half of its digits, the quotient is written, then the remainder; so the
//! first digits are known after one division per level.

use std::ops::ControlFlow;

use num_bigint::BigUint;
use num_traits::Zero;

use super::ladder::Power;
use super::{Halving, LIMB_DIGITS};
use crate::monitor::{Interrupted, Monitor, Progress, unless_broken};

/// Digits below which division by single limbs is the fastest.
const LEAF_DIGITS: u64 = 480;

/// Digits handed to the sink at a time, about.
const PIECE_BYTES: usize = 64 << 10;

/// 10^19, the radix of a limb of decimal digits.
const RADIX: u64 = 10_000_000_000_000_000_000;

/// Writes the decimal digits of `value` to `sink`, the most significant first, without leading zeros (`0` for zero).
///
/// The pieces, whose concatenation is the text, are never empty and about 64 KiB long; each comes as soon as its
/// digits are known. Takes memory of about 4 times the value.
///
/// # Errors
/// [`Interrupted`] when the monitor or the sink says so; the sink has then heard a prefix of the digits.
pub fn write_decimal(
    value: &BigUint,
    monitor: &mut dyn Monitor,
    sink: &mut dyn FnMut(&[u8]) -> ControlFlow<()>,
) -> Result<(), Interrupted> {
    let digits = digits_bound(value.bits());
    let halving = Halving::of(digits, LEAF_DIGITS);
    let mut progress = Progress::new(monitor, planned_work(digits));
    let ladder = climb(halving, &mut progress)?;
    let mut writer = Writer { halving, ladder, progress, piece: Piece::new(sink) };
    writer.write(value.clone(), halving.levels)?;
    writer.piece.end()?;
    writer.progress.finish()
}

/// The estimated work of writing this many digits.
pub(crate) fn planned_work(digits: u64) -> f64 {
    let halving = Halving::of(digits, LEAF_DIGITS);
    let mut work = 0.0;
    let mut nodes = 1.0;
    for level in (0..halving.levels).rev() {
        let exponent = halving.digits_at(level);
        work += nodes * Power::divide_work(exponent);
        if level > 0 {
            work += Power::square_work(halving.digits_at(level - 1));
        }
        nodes *= 2.0;
    }
    work
}

struct Writer<'a> {
    halving: Halving,
    /// 10^`halving.digits_at(level)` at `level`.
    ladder: Vec<Power>,
    progress: Progress<'a>,
    piece: Piece<'a>,
}

/// Digits on their way to the sink.
struct Piece<'a> {
    sink: &'a mut dyn FnMut(&[u8]) -> ControlFlow<()>,
    digits: Vec<u8>,
    /// Whether a digit other than 0 has come; until then zeros are leading zeros.
    started: bool,
}

/// At least the number of decimal digits of a number of this many bits, and at most one more.
fn digits_bound(bits: u64) -> u64 {
    // log10(2) = 0.30102999566398119521..., rounded up in units of 2^-64.
    const LOG10_OF_2: u128 = 5_553_023_288_523_357_133;
    u64::try_from((u128::from(bits) * LOG10_OF_2) >> 64).expect("a factor below one") + 1
}

fn climb(halving: Halving, progress: &mut Progress<'_>) -> Result<Vec<Power>, Interrupted> {
    let mut ladder: Vec<Power> = Vec::new();
    for _ in 0..halving.levels {
        let power = match ladder.last() {
            None => Power::small(u32::try_from(halving.leaf_digits).expect("a leaf has hundreds of digits")),
            Some(below) => below.square(progress)?,
        };
        ladder.push(power);
    }
    Ok(ladder)
}

impl Writer<'_> {
    /// Writes a number below 10^`halving.digits_at(level)`, padded to that many digits.
    fn write(&mut self, number: BigUint, level: u32) -> Result<(), Interrupted> {
        if number.is_zero() {
            return self.piece.push_zeros(self.halving.digits_at(level));
        }
        let Some(below) = level.checked_sub(1) else {
            return self.write_leaf(&number);
        };
        let power = &self.ladder[usize::try_from(below).expect("fewer than 64 levels")];
        let (quotient, remainder) = power.divide(number, &mut self.progress)?;
        self.write(quotient, below)?;
        self.write(remainder, below)
    }

    /// Writes a number of a few limbs, which is divided by 10^19 again and again.
    fn write_leaf(&mut self, number: &BigUint) -> Result<(), Interrupted> {
        let count =
            usize::try_from(self.halving.leaf_digits / LIMB_DIGITS).expect("a leaf has tens of limbs");
        let mut limbs = number.to_u64_digits();
        let mut decimal_limbs = vec![0; count];
        for decimal_limb in &mut decimal_limbs {
            *decimal_limb = divide_by_radix(&mut limbs);
            if limbs.last() == Some(&0) {
                limbs.pop();
            }
        }
        decimal_limbs.iter().rev().try_for_each(|&limb| self.piece.push(&limb_text(limb)))
    }
}

/// Divides a number of little-endian limbs by 10^19 in place and returns the remainder.
fn divide_by_radix(limbs: &mut [u64]) -> u64 {
    let mut remainder = 0;
    for limb in limbs.iter_mut().rev() {
        let dividend = u128::from(remainder) << 64 | u128::from(*limb);
        // The remainder is below the radix, so the quotient is a limb.
        *limb = u64::try_from(dividend / u128::from(RADIX)).expect("a high half below the divisor");
        remainder = u64::try_from(dividend % u128::from(RADIX)).expect("below the divisor");
    }
    remainder
}

/// The 19 digits of a number below 10^19.
fn limb_text(mut limb: u64) -> [u8; 19] {
    let mut text = [b'0'; 19];
    for digit in text.iter_mut().rev() {
        *digit += u8::try_from(limb % 10).expect("a decimal digit");
        limb /= 10;
    }
    text
}

impl<'a> Piece<'a> {
    fn new(sink: &'a mut dyn FnMut(&[u8]) -> ControlFlow<()>) -> Self {
        Self { sink, digits: Vec::new(), started: false }
    }

    fn push(&mut self, mut digits: &[u8]) -> Result<(), Interrupted> {
        if !self.started {
            let zeros = digits.iter().take_while(|&&digit| digit == b'0').count();
            digits = &digits[zeros..];
            self.started = !digits.is_empty();
        }
        self.digits.extend_from_slice(digits);
        if self.digits.len() >= PIECE_BYTES { self.flush() } else { Ok(()) }
    }

    fn push_zeros(&mut self, mut count: u64) -> Result<(), Interrupted> {
        while self.started && count > 0 {
            let zeros = [b'0'; 1024];
            let now = count.min(1024);
            self.push(&zeros[..usize::try_from(now).expect("at most 1024")])?;
            count -= now;
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<(), Interrupted> {
        let answer = (self.sink)(&self.digits);
        self.digits.clear();
        unless_broken(answer)
    }

    /// Hands over what is left, and the one digit of zero.
    fn end(&mut self) -> Result<(), Interrupted> {
        if !self.started {
            self.digits.push(b'0');
        }
        if self.digits.is_empty() { Ok(()) } else { self.flush() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bound_on_digits_is_at_most_one_too_large() {
        for bits in 1..5000 {
            let least = BigUint::from(1u32) << (bits - 1);
            let greatest = (BigUint::from(1u32) << bits) - 1u32;
            let exact = |number: &BigUint| u64::try_from(number.to_string().len()).unwrap();
            assert!(exact(&greatest) <= digits_bound(bits));
            assert!(digits_bound(bits) <= exact(&least) + 1);
        }
    }
}
