//! Powers of ten: in decimal, a factor of them is a matter of place.

use super::{Decimal, limb};

impl Decimal {
    /// The number of zeros at the end of the digits; none for zero.
    pub(crate) fn zeros(&self) -> u64 {
        let limbs = self.limbs();
        let Some(place) = limbs.iter().position(|&limb| limb > 0) else {
            return 0;
        };
        let mut zeros = limb::DIGITS * u64::try_from(place).expect("a length in memory");
        let mut limb = limbs[place];
        while limb.is_multiple_of(10) {
            limb /= 10;
            zeros += 1;
        }
        zeros
    }

    /// The number without the zeros at its end, and their number.
    pub(crate) fn split_zeros(&self) -> (Self, u64) {
        let zeros = self.zeros();
        let limbs = usize::try_from(zeros / limb::DIGITS).expect("zeros of a number in memory");
        let mut significand = Self::from_limbs(self.limbs()[limbs..].to_vec());
        if let Some(power) = part_of_limb(zeros) {
            significand.divide_small(power).expect("a power of ten is not zero");
        }
        (significand, zeros)
    }

    /// The number with this many zeros added to its end.
    pub(crate) fn with_zeros(mut self, zeros: u64) -> Self {
        if self.is_zero() {
            return self;
        }
        if let Some(power) = part_of_limb(zeros) {
            self.multiply_small(power);
        }
        let limbs = usize::try_from(zeros / limb::DIGITS).expect("the caller bounds the length");
        let mut shifted = vec![0; limbs];
        shifted.append(&mut self.limbs);
        Self::from_limbs(shifted)
    }

    /// The decimal logarithm, with a relative error below 2^-50; 0 for zero.
    #[expect(clippy::cast_precision_loss, reason = "the leading digits are enough")]
    pub(crate) fn log10(&self) -> f64 {
        match self.limbs() {
            [] => 0.0,
            [only] => (*only as f64).log10(),
            [lower @ .., next, top] => {
                let places = limb::DIGITS as f64 * (lower.len() as f64 + 1.0);
                (*top as f64 + *next as f64 / limb::RADIX as f64).log10() + places
            }
        }
    }
}

/// The power of ten within a limb that is left of this many zeros, if there is one.
fn part_of_limb(zeros: u64) -> Option<u64> {
    let rest = u32::try_from(zeros % limb::DIGITS).expect("below 19");
    (rest > 0).then(|| 10u64.pow(rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zeros_are_taken_off_and_put_back() {
        for significand in [1u64, 7, 123, u64::MAX] {
            for zeros in 0..60 {
                let number = Decimal::from(significand).with_zeros(zeros);
                assert_eq!(
                    number.to_string(),
                    format!("{significand}{}", "0".repeat(usize::try_from(zeros).unwrap()))
                );
                assert_eq!(number.split_zeros(), (significand.into(), zeros));
            }
        }
        assert_eq!(Decimal::ZERO.split_zeros(), (Decimal::ZERO, 0));
        assert_eq!(Decimal::ZERO.with_zeros(50), Decimal::ZERO);
    }

    #[test]
    fn logarithms_are_close() {
        let number: Decimal = format!("2{}", "0".repeat(1000)).parse().unwrap();
        assert!((number.log10() - 1000.0 - std::f64::consts::LOG10_2).abs() < 1e-9);
        assert!((Decimal::from(2u64).log10() - std::f64::consts::LOG10_2).abs() < 1e-15);
    }
}
