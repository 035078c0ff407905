//! Binary integers to decimal ones, and back.
//!
//! Both ways halve the number again and again at powers of 2 whose exponents are multiples of 64 * 19. Upwards, two
//! halves are joined with such a power in decimal. Downwards, the division by 2^m needs no reciprocal but 5^m, as
//! 2^-m = 5^m / 10^m, and dividing by 10^m drops whole limbs when m is a multiple of 19.

use std::num::NonZeroUsize;

use num_bigint::BigUint;

use super::limb::{RADIX, high, low};
use super::{Decimal, Multiplier, limbs};
use crate::machine::Machine;
use crate::monitor::{Interrupted, Monitor, Progress, Unmonitored};

/// The words of a leaf are a multiple of this, so that its bits are whole limbs of zeros in decimal.
const STEP_WORDS: usize = 19;

/// The most steps of a leaf: up to 76 words are converted the fastest one by one.
const LEAF_STEPS: usize = 4;

impl Decimal {
    /// The decimal form of a binary integer, on this part of the machine.
    ///
    /// # Errors
    /// [`Interrupted`] when the monitor says so.
    pub fn from_binary(
        number: &BigUint,
        machine: impl Into<Machine>,
        monitor: &mut dyn Monitor,
    ) -> Result<Self, Interrupted> {
        let words = number.to_u64_digits();
        let halving = Halving::of(words.len());
        let mut progress = Progress::new(monitor, halving.joining_work());
        let mut multiplier = Multiplier::new(machine.into());
        let mut parts: Vec<_> = words.chunks(halving.leaf_words).map(leaf_limbs).collect();
        let mut power = halving.first_power();
        while parts.len() > 1 {
            let mut joined = Vec::with_capacity(parts.len().div_ceil(2));
            for pair in parts.chunks(2) {
                joined.push(join(pair, &power, &mut multiplier, &mut progress)?);
            }
            parts = joined;
            if parts.len() > 1 {
                power = multiplier.square(&power, &mut progress)?;
                limbs::trim(&mut power);
            }
        }
        progress.finish()?;
        Ok(Self::from_limbs(parts.pop().unwrap_or_default()))
    }

    /// The binary form, on this part of the machine.
    ///
    /// # Errors
    /// [`Interrupted`] when the monitor says so.
    pub fn to_binary(
        &self,
        machine: impl Into<Machine>,
        monitor: &mut dyn Monitor,
    ) -> Result<BigUint, Interrupted> {
        // As 10^19 < 2^64, there are no more words than limbs.
        let halving = Halving::of(self.limbs().len());
        let mut progress = Progress::new(monitor, halving.splitting_work());
        let mut multiplier = Multiplier::new(machine.into());
        let rungs = halving.climb(&mut multiplier, &mut progress)?;
        let mut splitter =
            Splitter { leaf_words: halving.leaf_words, words: Vec::new(), multiplier, progress };
        splitter.split(self.limbs().to_vec(), &rungs)?;
        splitter.progress.finish()?;
        Ok(from_words(&splitter.words))
    }

    /// [`to_binary`](Self::to_binary) on this thread, which nobody interrupts.
    pub(super) fn to_binary_unmonitored(&self) -> BigUint {
        self.to_binary(NonZeroUsize::MIN, &mut Unmonitored).expect("nobody interrupts")
    }
}

/// How a row of words is halved down to leaves of equal width.
struct Halving {
    levels: usize,
    leaf_words: usize,
}

/// A power of two as a divisor of numbers below its square.
struct Rung {
    /// 2^m, of L limbs.
    power: Vec<u64>,
    /// 5^m without its `dropped` lowest limbs.
    five: Vec<u64>,
    /// See [`five`](Self::five).
    dropped: usize,
    /// m / 19: 10^m is a one with as many limbs of zeros.
    zeros: usize,
}

/// Writes words, the least significant first.
struct Splitter<'a> {
    leaf_words: usize,
    words: Vec<u64>,
    multiplier: Multiplier,
    progress: Progress<'a>,
}

impl Halving {
    /// Covers `words` with 2^levels leaves.
    fn of(words: usize) -> Self {
        let steps = words.div_ceil(STEP_WORDS).max(1);
        let levels = steps.div_ceil(LEAF_STEPS).next_power_of_two().ilog2();
        let leaf_words = steps.div_ceil(1 << levels) * STEP_WORDS;
        Self { levels: usize::try_from(levels).expect("fewer than 64 levels"), leaf_words }
    }

    /// 2^(64 `leaf_words`).
    fn first_power(&self) -> Vec<u64> {
        let mut words = vec![0; self.leaf_words];
        words.push(1);
        leaf_limbs(&words)
    }

    /// About the limbs of the power that joins leaves `level` levels up.
    fn power_limbs(&self, level: usize) -> usize {
        (self.leaf_words << level) + 1
    }

    /// The estimated work of joining leaves, and of the powers for it.
    fn joining_work(&self) -> f64 {
        let joints = |level: usize| float(1 << (self.levels - 1 - level));
        let work = |level: usize| Multiplier::work(self.power_limbs(level), self.power_limbs(level));
        let powers: f64 = (1..self.levels).map(|level| work(level - 1)).sum();
        powers + (0..self.levels).map(|level| joints(level) * work(level)).sum::<f64>()
    }

    /// The estimated work of splitting down to leaves, and of the rungs for it.
    fn splitting_work(&self) -> f64 {
        let fives: f64 = (1..self.levels)
            .map(|level| {
                // 5^m has 2.32 times the digits of 2^m.
                let limbs = self.power_limbs(level - 1) * 232 / 100;
                Multiplier::work(limbs, limbs)
            })
            .sum();
        2.0 * self.joining_work() + fives
    }

    /// The rungs of all levels, the lowest first.
    fn climb(
        &self,
        multiplier: &mut Multiplier,
        progress: &mut Progress<'_>,
    ) -> Result<Vec<Rung>, Interrupted> {
        let mut rungs: Vec<Rung> = Vec::with_capacity(self.levels);
        for level in 0..self.levels {
            let rung = match rungs.last() {
                None => self.first_rung(),
                Some(below) => below.square(multiplier, progress)?,
            };
            rungs.push(rung);
            // All digits of 5^m are needed for the next rung only.
            if let Some(below) = level.checked_sub(1) {
                rungs[below].shorten();
            }
        }
        if let Some(top) = rungs.last_mut() {
            top.shorten();
        }
        Ok(rungs)
    }

    fn first_rung(&self) -> Rung {
        let exponent = 64 * self.leaf_words;
        let mut five = vec![1];
        for _ in 0..exponent / 16 {
            let carry = limbs::multiply_small(&mut five, 5u64.pow(16), 0);
            if carry > 0 {
                five.push(carry);
            }
        }
        Rung { power: self.first_power(), five, dropped: 0, zeros: exponent / 19 }
    }
}

impl Rung {
    fn square(&self, multiplier: &mut Multiplier, progress: &mut Progress<'_>) -> Result<Self, Interrupted> {
        let mut power = multiplier.square(&self.power, progress)?;
        let mut five = multiplier.square(&self.five, progress)?;
        limbs::trim(&mut power);
        limbs::trim(&mut five);
        Ok(Self { power, five, dropped: 0, zeros: 2 * self.zeros })
    }

    /// Drops the limbs of 5^m that no quotient shows.
    fn shorten(&mut self) {
        // A number below 2^2m < R^2L times what is dropped, over R^zeros, is below 1 / R.
        let dropped = self.zeros.saturating_sub(2 * self.power.len() + 1).min(self.five.len());
        self.five.drain(..dropped);
        self.dropped = dropped;
    }

    /// Quotient and remainder by 2^m of a number below 2^2m.
    fn divide(
        &self,
        number: &[u64],
        multiplier: &mut Multiplier,
        progress: &mut Progress<'_>,
    ) -> Result<(Vec<u64>, Vec<u64>), Interrupted> {
        // What is dropped of the number, below R^(L-2), is less than 1 / R of 2^m >= R^(L-1).
        let skipped = (self.power.len() - 2).min(number.len());
        let mut quotient = multiplier.multiply(&number[skipped..], &self.five, progress)?;
        quotient.drain(..(self.zeros - skipped - self.dropped).min(quotient.len()));
        limbs::trim(&mut quotient);
        // So the quotient is right or one too small, and the remainder below 2^(m+1).
        let product = multiplier.multiply(&quotient, &self.power, progress)?;
        let mut remainder = number.to_vec();
        limbs::subtract(&mut remainder, limbs::significant(&product));
        limbs::trim(&mut remainder);
        if limbs::compare(&remainder, &self.power).is_ge() {
            limbs::subtract(&mut remainder, &self.power);
            limbs::trim(&mut remainder);
            quotient.push(0);
            limbs::add(&mut quotient, &[1]);
            limbs::trim(&mut quotient);
        }
        Ok((quotient, remainder))
    }
}

impl Splitter<'_> {
    /// Appends the words of a number below the square of the last rung.
    fn split(&mut self, number: Vec<u64>, rungs: &[Rung]) -> Result<(), Interrupted> {
        let Some((rung, below)) = rungs.split_last() else {
            let end = self.words.len() + self.leaf_words;
            self.words.extend(leaf_words(&number));
            self.words.resize(end, 0);
            return Ok(());
        };
        let (quotient, remainder) = rung.divide(&number, &mut self.multiplier, &mut self.progress)?;
        drop(number);
        self.split(remainder, below)?;
        self.split(quotient, below)
    }
}

/// `low + high power`, or `low` alone.
fn join(
    pair: &[Vec<u64>],
    power: &[u64],
    multiplier: &mut Multiplier,
    progress: &mut Progress<'_>,
) -> Result<Vec<u64>, Interrupted> {
    let [low, high] = pair else {
        return Ok(pair.concat());
    };
    let mut sum = multiplier.multiply(high, power, progress)?;
    sum.resize(sum.len().max(low.len()) + 1, 0);
    limbs::add(&mut sum, low);
    limbs::trim(&mut sum);
    Ok(sum)
}

/// The limbs of the number of these words, the least significant first.
fn leaf_limbs(words: &[u64]) -> Vec<u64> {
    let mut limbs = Vec::with_capacity(words.len() + 2);
    for &word in words.iter().rev() {
        let mut carry = limbs::shift_up(&mut limbs, word);
        while carry > 0 {
            limbs.push(carry % RADIX);
            carry /= RADIX;
        }
    }
    limbs
}

/// The words of the number of these limbs, the least significant first.
fn leaf_words(limbs: &[u64]) -> Vec<u64> {
    let mut words: Vec<u64> = Vec::with_capacity(limbs.len());
    for &limb in limbs.iter().rev() {
        let mut carry = limb;
        for word in &mut words {
            let product = u128::from(*word) * u128::from(RADIX) + u128::from(carry);
            (carry, *word) = (high(product), low(product));
        }
        if carry > 0 {
            words.push(carry);
        }
    }
    words
}

/// The number of these words, the least significant first.
fn from_words(words: &[u64]) -> BigUint {
    BigUint::new(words.iter().flat_map(|&word| [low_half(word), low_half(word >> 32)]).collect())
}

#[expect(clippy::cast_possible_truncation, reason = "the lower half is what is asked for")]
fn low_half(word: u64) -> u32 {
    word as u32
}

#[expect(clippy::cast_precision_loss, reason = "an estimate")]
fn float(count: usize) -> f64 {
    count as f64
}
