//! Non-negative integers kept in decimal.
//!
//! The one idea: what is computed here is asked for in decimal, and arithmetic in limbs of 10^19 is as fast as in
//! limbs of 2^64 once products are made by transforms. So nothing is converted at the end, and digits come out at the
//! speed of memory.

mod binary;
mod digits;
mod karatsuba;
pub(crate) mod limb;
mod limbs;
mod multiplier;
mod parse;
mod residue;
mod scale;
mod schoolbook;

use std::cmp::Ordering;

use crate::machine::Machine;
use crate::monitor::{Interrupted, Monitor, Progress};

pub(crate) use limb::DIGITS as LIMB_DIGITS;
pub(crate) use multiplier::Multiplier;
pub use parse::{InvalidDecimal, parse_decimal};
pub use residue::product_modulo;
pub(crate) use residue::{MERSENNE61, multiply_modulo, power_modulo};

/// A non-negative integer of any size, in decimal.
///
/// It takes 8 bytes for every 19 digits.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Decimal {
    /// Limbs of radix 10^19, the least significant first; the last one is not zero.
    limbs: Vec<u64>,
}

impl Decimal {
    /// Zero.
    pub const ZERO: Self = Self { limbs: Vec::new() };

    /// The number of these limbs, which may have leading zeros; each is below 10^19.
    pub(crate) fn from_limbs(mut limbs: Vec<u64>) -> Self {
        debug_assert!(limbs.iter().all(|&limb| limb < limb::RADIX), "a limb of radix 10^19");
        limbs::trim(&mut limbs);
        Self { limbs }
    }

    /// The limbs, the least significant first, without leading zeros.
    pub(crate) fn limbs(&self) -> &[u64] {
        &self.limbs
    }

    /// The memory of the limbs.
    pub(crate) fn into_limbs(self) -> Vec<u64> {
        self.limbs
    }

    /// Whether it is zero.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        self.limbs.is_empty()
    }

    /// Whether it is odd.
    #[must_use]
    pub fn is_odd(&self) -> bool {
        // The radix is even.
        self.limbs.first().is_some_and(|limb| limb % 2 == 1)
    }

    /// Adds `other`.
    pub fn add(&mut self, other: &Self) {
        if self.limbs.len() < other.limbs.len() {
            self.limbs.resize(other.limbs.len(), 0);
        }
        if limbs::add(&mut self.limbs, &other.limbs) {
            self.limbs.push(1);
        }
    }

    /// Subtracts `other`; `None` when that is greater.
    #[must_use]
    pub fn checked_sub(mut self, other: &Self) -> Option<Self> {
        if self < *other {
            return None;
        }
        let borrow = limbs::subtract(&mut self.limbs, &other.limbs);
        debug_assert!(!borrow, "the lesser is subtracted");
        limbs::trim(&mut self.limbs);
        Some(self)
    }

    /// Multiplies by `factor`.
    pub fn multiply_small(&mut self, factor: u64) {
        multiply_small(&mut self.limbs, factor);
        limbs::trim(&mut self.limbs);
    }

    /// Divides by `divisor` and returns the remainder; `None`, and nothing is changed, for a divisor of zero.
    pub fn divide_small(&mut self, divisor: u64) -> Option<u64> {
        if divisor == 0 {
            return None;
        }
        let remainder = limbs::divide_small(&mut self.limbs, divisor);
        limbs::trim(&mut self.limbs);
        Some(remainder)
    }

    /// Divides by two and returns whether it was odd.
    pub fn halve(&mut self) -> bool {
        let odd = limbs::halve(&mut self.limbs);
        limbs::trim(&mut self.limbs);
        odd
    }

    /// The product, on this part of the machine.
    ///
    /// # Errors
    /// [`Interrupted`] when the monitor says so.
    pub fn multiply(
        &self,
        other: &Self,
        machine: impl Into<Machine>,
        monitor: &mut dyn Monitor,
    ) -> Result<Self, Interrupted> {
        let (first, second) = (self.limbs(), other.limbs());
        let mut progress = Progress::new(monitor, Multiplier::work(first.len(), second.len()));
        let product = Multiplier::new(machine.into()).multiply(first, second, &mut progress)?;
        progress.finish()?;
        Ok(Self::from_limbs(product))
    }
}

/// Multiplies a row of limbs, which grows as needed, by a factor that is not zero.
pub(crate) fn multiply_small(limbs: &mut Vec<u64>, factor: u64) {
    let carry = limbs::multiply_small(limbs, factor, 0);
    limbs.extend(Decimal::from(carry).limbs);
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        limbs::compare(&self.limbs, &other.limbs)
    }
}

impl From<u64> for Decimal {
    fn from(number: u64) -> Self {
        Self::from(u128::from(number))
    }
}

impl From<u128> for Decimal {
    fn from(mut number: u128) -> Self {
        let mut limbs = Vec::new();
        while number > 0 {
            limbs.push(limb::low(number % u128::from(limb::RADIX)));
            number /= u128::from(limb::RADIX);
        }
        Self { limbs }
    }
}
