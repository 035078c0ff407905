//! The products that everything else is made of: one place chooses how a product of this size is made.

use super::karatsuba::{self, Factors, SCHOOLBOOK_LIMBS};
use super::schoolbook;
use crate::machine::Machine;
use crate::monitor::{Interrupted, Progress};
use crate::ntt::{self, Order, Products, Transformer};

/// Limbs of the shorter factor from which on estimates count on transforms: they do not depend on the machine.
const TRANSFORM_LIMBS: usize = 60;

/// Products of two limbs that are made by the schoolbook without asking the monitor: about a millisecond's work.
const QUIET_WORK: usize = 1 << 20;

/// Makes products, and keeps what one of them can use of another.
pub(crate) struct Multiplier {
    machine: Machine,
    scratch: Vec<u64>,
    transformer: Option<Transformer>,
}

impl Multiplier {
    /// Makes products on this part of the machine.
    pub(crate) fn new(machine: Machine) -> Self {
        Self { machine, scratch: Vec::new(), transformer: None }
    }

    /// The estimated work of the product of factors of these lengths, in products of two limbs.
    #[expect(clippy::cast_precision_loss, reason = "an estimate")]
    pub(crate) fn work(first_limbs: usize, second_limbs: usize) -> f64 {
        let [short, long] = [first_limbs.min(second_limbs), first_limbs.max(second_limbs)];
        match short {
            0 => 0.0,
            TRANSFORM_LIMBS.. => transform_work(long, short),
            _ => karatsuba::work(short) * (long as f64 / short as f64),
        }
    }

    /// The product, of as many limbs as both factors together.
    pub(crate) fn multiply(
        &mut self,
        first: &[u64],
        second: &[u64],
        progress: &mut Progress<'_>,
    ) -> Result<Vec<u64>, Interrupted> {
        let order = Order::Multiply(first, second);
        if self.is_transformed(order) {
            return Ok(self.transform(order, progress)?.product);
        }
        let mut product = vec![0; first.len() + second.len()];
        self.multiply_into(&mut product, first, second, progress)?;
        Ok(product)
    }

    /// The square, of twice as many limbs.
    pub(crate) fn square(
        &mut self,
        factor: &[u64],
        progress: &mut Progress<'_>,
    ) -> Result<Vec<u64>, Interrupted> {
        let order = Order::Square(factor);
        if self.is_transformed(order) {
            return Ok(self.transform(order, progress)?.product);
        }
        if factor.len() > ntt::MAX_SHORTER {
            return self.multiply(factor, factor, progress);
        }
        let mut square = vec![0; 2 * factor.len()];
        if !factor.is_empty() {
            self.multiply_balanced(&mut square, Factors::Square(factor), progress)?;
        }
        Ok(square)
    }

    /// The product of both, and the square of the second, which is about as long as the first or longer.
    pub(crate) fn multiply_and_square(
        &mut self,
        first: &[u64],
        second: &[u64],
        progress: &mut Progress<'_>,
    ) -> Result<(Vec<u64>, Vec<u64>), Interrupted> {
        let order = Order::MultiplyAndSquare(first, second);
        if self.is_transformed(order) {
            let Products { product, square } = self.transform(order, progress)?;
            return Ok((product, square.expect("the order includes a square")));
        }
        Ok((self.multiply(first, second, progress)?, self.square(second, progress)?))
    }

    /// Makes room for products up to this length at once, rather than for longer and longer ones.
    pub(crate) fn reserve(&mut self, limbs: usize) {
        if limbs >= 2 * self.machine.instructions.shortest() {
            self.transformer.get_or_insert_with(|| Transformer::new(self.machine)).reserve(limbs);
        }
    }

    /// Takes the memory of a number that is no longer needed, for one of the next products.
    pub(crate) fn recycle(&mut self, limbs: Vec<u64>) {
        if let Some(transformer) = &mut self.transformer {
            transformer.recycle(limbs);
        }
    }

    /// Whether this is made by a transform, not by other means or of parts.
    fn is_transformed(&self, order: Order<'_>) -> bool {
        let shorter = self.machine.instructions.shortest()..=ntt::MAX_SHORTER;
        shorter.contains(&order.shorter()) && order.length() <= ntt::MAX_LENGTH
    }

    fn transform(&mut self, order: Order<'_>, progress: &mut Progress<'_>) -> Result<Products, Interrupted> {
        self.transformer.get_or_insert_with(|| Transformer::new(self.machine)).run(order, progress)
    }

    /// Writes the product to `product`, which is as long as both factors together.
    fn multiply_into(
        &mut self,
        product: &mut [u64],
        first: &[u64],
        second: &[u64],
        progress: &mut Progress<'_>,
    ) -> Result<(), Interrupted> {
        let (long, short) = if first.len() < second.len() { (second, first) } else { (first, second) };
        if short.is_empty() {
            product.fill(0);
            Ok(())
        } else if self.is_transformed(Order::Multiply(long, short)) {
            let limbs = self.multiply(long, short, progress)?;
            product.copy_from_slice(&limbs);
            self.recycle(limbs);
            Ok(())
        } else if short.len() > ntt::MAX_SHORTER || long.len() + short.len() > ntt::MAX_LENGTH {
            self.multiply_unbalanced(product, [long, short], progress)
        } else if short.len() == long.len() {
            self.multiply_balanced(product, Factors::Product(long, short), progress)
        } else if short.len() <= SCHOOLBOOK_LIMBS && long.len() <= QUIET_WORK / SCHOOLBOOK_LIMBS {
            schoolbook::multiply(product, long, short);
            progress.advance(Self::work(long.len(), short.len()))
        } else {
            self.multiply_unbalanced(product, [long, short], progress)
        }
    }

    /// Cuts the long factor into parts: as long as the short one, or as the schoolbook or the transforms take.
    fn multiply_unbalanced(
        &mut self,
        product: &mut [u64],
        [long, short]: [&[u64]; 2],
        progress: &mut Progress<'_>,
    ) -> Result<(), Interrupted> {
        let length = short.len();
        let part_limbs = if length <= SCHOOLBOOK_LIMBS {
            QUIET_WORK / SCHOOLBOOK_LIMBS
        } else if length < self.machine.instructions.shortest() {
            length
        } else {
            // Once a part is shorter than what was the short factor, that one is cut in turn.
            ntt::MAX_LENGTH.saturating_sub(length).max(ntt::MAX_SHORTER)
        };
        product.fill(0);
        let mut part_product = vec![0; part_limbs.min(long.len()) + short.len()];
        for (index, part) in long.chunks(part_limbs).enumerate() {
            let part_product = &mut part_product[..part.len() + short.len()];
            self.multiply_into(part_product, part, short, progress)?;
            let left = super::limbs::add(&mut product[index * part_limbs..], part_product);
            debug_assert!(!left, "a product has as many limbs as its factors");
        }
        Ok(())
    }

    fn multiply_balanced(
        &mut self,
        product: &mut [u64],
        factors: Factors<'_>,
        progress: &mut Progress<'_>,
    ) -> Result<(), Interrupted> {
        let needed = karatsuba::scratch_limbs(product.len() / 2);
        if self.scratch.len() < needed {
            self.scratch.resize(needed, 0);
        }
        karatsuba::multiply(product, factors, &mut self.scratch, progress)
    }
}

/// The estimated work of a product by transforms, if need be of parts.
#[expect(clippy::cast_precision_loss, reason = "an estimate")]
fn transform_work(long: usize, short: usize) -> f64 {
    let (length, most) = (long.saturating_add(short), ntt::MAX_LENGTH);
    if short <= ntt::MAX_SHORTER && length <= most {
        return ntt::work(length);
    }
    let parts = long.div_ceil(ntt::MAX_SHORTER) as f64 * short.div_ceil(ntt::MAX_SHORTER) as f64;
    ntt::work(most) * parts
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroUsize;

    use num_bigint::BigUint;
    use proptest::prelude::*;

    use super::*;
    use crate::Unmonitored;
    use crate::decimal::{Decimal, limb::RADIX};

    fn row(longest: usize) -> impl Strategy<Value = Vec<u64>> {
        let limb = prop_oneof![4 => 0..RADIX, 1 => Just(0), 1 => Just(RADIX - 1)];
        prop::collection::vec(limb, 0..longest)
    }

    fn binary(limbs: &[u64]) -> BigUint {
        limbs.iter().rev().fold(BigUint::ZERO, |number, limb| number * RADIX + limb)
    }

    fn agrees(first: &[u64], second: &[u64]) -> bool {
        let mut multiplier = Multiplier::new(NonZeroUsize::MIN.into());
        let mut monitor = Unmonitored;
        let mut progress = Progress::new(&mut monitor, 1.0);
        let (product, square) = multiplier.multiply_and_square(first, second, &mut progress).unwrap();
        product.len() == first.len() + second.len()
            && square.len() == 2 * second.len()
            && binary(&product) == binary(first) * binary(second)
            && binary(&square) == binary(second).pow(2)
    }

    proptest! {
        #[test]
        fn products_are_those_of_binary_integers(first in row(300), second in row(300)) {
            prop_assert!(agrees(&first, &second));
        }

        #[test]
        fn so_are_products_of_unequal_lengths(first in row(1200), second in row(70)) {
            prop_assert!(agrees(&first, &second) && agrees(&second, &first));
        }
    }

    #[test]
    fn long_products_have_the_right_residues_and_report_their_work() {
        for (first, second) in [(5000, 5000), (40_000, 30), (9000, 700)] {
            let rows = [first, second].map(|length| vec![RADIX - 1; length]);
            let mut reports = 0;
            let mut monitor = |_| {
                reports += 1;
                std::ops::ControlFlow::Continue(())
            };
            let mut progress = Progress::new(&mut monitor, Multiplier::work(first, second));
            let product = Multiplier::new(NonZeroUsize::MIN.into())
                .multiply(&rows[0], &rows[1], &mut progress)
                .unwrap();
            // (R^m - 1) (R^n - 1) = R^(m+n) - R^m - R^n + 1 for the radix R.
            let mut expected = vec![RADIX - 1; first + second];
            let short = first.min(second);
            expected[..short].fill(0);
            expected[0] = 1;
            expected[first.max(second)] = RADIX - 2;
            assert!(product == expected, "{first} by {second}");
            assert!(reports >= 2, "{reports}");
            assert!(
                Decimal::from_limbs(product).digit_count() == 19 * u64::try_from(first + second).unwrap()
            );
        }
    }
}
