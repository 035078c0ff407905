//! Products of short rows of limbs.
//!
//! The one idea: all products that meet in one limb of the result are added first, in 192 bits, and divided by the
//! radix once. So a product of two limbs costs a multiplication and three additions.

use super::limb::{divide, high, low};

/// A sum of products of limbs in 192 bits: enough for 2^65 of them.
#[derive(Clone, Copy, Default)]
struct Column {
    lower: u128,
    upper: u64,
}

/// Writes `first * second` to `product`, which is as long as both together; neither is empty.
pub(super) fn multiply(product: &mut [u64], first: &[u64], second: &[u64]) {
    debug_assert_eq!(product.len(), first.len() + second.len(), "a place for each limb");
    let mut carry = 0;
    let (top, columns) = product.split_last_mut().expect("the factors are not empty");
    for (column, limb) in columns.iter_mut().enumerate() {
        let least = (column + 1).saturating_sub(second.len());
        let greatest = column.min(first.len() - 1);
        let seconds = &second[column - greatest..=column - least];
        let mut sum = Column::default();
        sum.add_products(&first[least..=greatest], seconds);
        sum.add(carry);
        (*limb, carry) = sum.divide();
    }
    *top = low(carry);
}

/// Writes the square of `factor`, which is not empty, to `square`, which is twice as long.
pub(super) fn square(square: &mut [u64], factor: &[u64]) {
    debug_assert_eq!(square.len(), 2 * factor.len(), "a place for each limb");
    let mut carry = 0;
    let (top, columns) = square.split_last_mut().expect("the factor is not empty");
    for (column, limb) in columns.iter_mut().enumerate() {
        // Every product but that of a limb with itself comes twice.
        let least = (column + 1).saturating_sub(factor.len());
        let middle = column.div_ceil(2);
        let mut sum = Column::default();
        sum.add_products(&factor[least..middle], &factor[column + 1 - middle..=column - least]);
        sum.double();
        if column % 2 == 0 {
            sum.add(u128::from(factor[middle]) * u128::from(factor[middle]));
        }
        sum.add(carry);
        (*limb, carry) = sum.divide();
    }
    *top = low(carry);
}

impl Column {
    /// Adds the products of each of the first limbs with its opposite of the second, which are as many.
    #[inline]
    fn add_products(&mut self, firsts: &[u64], seconds: &[u64]) {
        for (&first, &second) in firsts.iter().zip(seconds.iter().rev()) {
            self.add(u128::from(first) * u128::from(second));
        }
    }

    #[inline]
    fn add(&mut self, number: u128) {
        let (sum, carry) = self.lower.overflowing_add(number);
        self.lower = sum;
        self.upper += u64::from(carry);
    }

    fn double(&mut self) {
        self.upper = self.upper << 1 | high(self.lower) >> 63;
        self.lower <<= 1;
    }

    /// Remainder and quotient by the radix.
    fn divide(self) -> (u64, u128) {
        let (upper, rest) = divide(self.upper, high(self.lower));
        let (lower, remainder) = divide(rest, low(self.lower));
        (remainder, u128::from(upper) << 64 | u128::from(lower))
    }
}
