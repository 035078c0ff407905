//! Decimal text of integers, and back.
//!
//! num-bigint's own conversions divide by a fresh quotient each time, do not report, and read text in quadratic time.
//! Here both directions halve the digits again and again over one ladder of shared powers of ten, all of whose large
//! operations are products ([`crate::product`]).

mod ladder;
mod parse;
mod write;

pub use parse::{InvalidDecimal, parse_decimal};
pub(crate) use write::planned_work;
pub use write::write_decimal;

/// Decimal digits in one 64-bit limb of radix 10^19.
const LIMB_DIGITS: u64 = 19;

/// How a row of digits is halved down to leaves of equal width.
#[derive(Clone, Copy)]
struct Halving {
    levels: u32,
    leaf_digits: u64,
}

impl Halving {
    /// Covers `digits` with 2^levels leaves of a multiple of 19 digits, about `leaf_digits` each or fewer.
    ///
    /// Leaves of equal width keep every division and product balanced; a ladder of fixed widths would not.
    fn of(digits: u64, leaf_digits: u64) -> Self {
        let levels = digits.div_ceil(leaf_digits).max(1).next_power_of_two().ilog2();
        let leaf_digits = digits.div_ceil(1 << levels).max(1).next_multiple_of(LIMB_DIGITS);
        Self { levels, leaf_digits }
    }

    /// The number of digits below a node `level` levels above the leaves.
    fn digits_at(self, level: u32) -> u64 {
        self.leaf_digits << level
    }
}
