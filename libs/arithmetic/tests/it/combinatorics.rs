//! Factorials, binomial coefficients and powers against known answers.

use abacus_arithmetic::{
    Decimal, Unmonitored, binomial, binomial_modulo, factorial, factorial_digits_bound, factorial_modulo,
    power, power_modulo,
};
use num_bigint::BigUint;
use proptest::prelude::*;

use crate::{ONE_THREAD, decimal, integer, sha256, written};

/// n!, checked as those who publish it do.
fn factorial_of(n: u64) -> Decimal {
    let number = factorial(n, ONE_THREAD, &mut Unmonitored).unwrap();
    assert_eq!(factorial_modulo(n, &mut Unmonitored), Ok(number.modulo_mersenne61()), "{n}!");
    number
}

fn choices(n: u64, k: u64) -> Decimal {
    let number = binomial(n, k, ONE_THREAD, &mut Unmonitored).unwrap();
    assert_eq!(binomial_modulo(n, k, &mut Unmonitored), Ok(number.modulo_mersenne61()), "{n} over {k}");
    number
}

#[test]
fn a_thousand_factorial() {
    let digits = written(&factorial_of(1000));
    let product = (1u32..=1000).fold(BigUint::from(1u32), |product, factor| product * factor);
    assert_eq!(digits, product.to_string());
    assert_eq!(digits.len(), 2568, "OEIS A061010");
    assert!(
        digits.starts_with("402387260077093773543702433923003985719374864210714632543799910429938512398629")
    );
    assert!(digits.ends_with(&"0".repeat(249)) && !digits.ends_with(&"0".repeat(250)), "Legendre");
}

#[test]
fn large_factorials_have_the_known_lengths() {
    // OEIS A061010.
    for (n, digits) in [(10_000, 35_660), (100_000, 456_574)] {
        let number = factorial_of(n);
        assert_eq!(number.digit_count(), digits, "{n}!");
        assert!((digits..=digits + 1).contains(&factorial_digits_bound(n)), "{n}!");
    }
}

#[test]
fn central_binomial_coefficients() {
    // OEIS A000984.
    for (n, expected) in [
        (10, "184756"),
        (20, "137846528820"),
        (26, "495918532948104"),
        (50, "100891344545564193334812497256"),
    ] {
        assert_eq!(choices(2 * n, n).to_string(), expected, "{} over {n}", 2 * n);
    }
}

#[test]
fn a_wide_row_is_symmetric_and_sums_as_pascal_says() {
    for (n, k) in [(20_000, 9000), (1_000_000, 400), (3_000_000_000, 50)] {
        let mut sum = choices(n, k);
        assert_eq!(sum, choices(n, n - k));
        sum.add(&choices(n, k + 1));
        assert_eq!(sum, choices(n + 1, k + 1), "{n} over {k}");
    }
}

#[test]
fn powers_of_two_end_as_known() {
    // The Mersenne prime 2^86243 - 1 has 25962 digits: OEIS A000043, A028335.
    let number = power(&Decimal::from(2u64), 86_243, ONE_THREAD, &mut Unmonitored).unwrap();
    let digits = written(&number);
    assert_eq!(digits.len(), 25_962);
    assert!(digits.starts_with("536927995502756") && digits.ends_with("709433438208"), "{}", &digits[..20]);
    assert_eq!(power_modulo(&Decimal::from(2u64), 86_243), 1 << (86_243 % 61));
    assert_eq!(sha256(&digits), sha256(&(BigUint::from(1u32) << 86_243u32).to_string()));
}

proptest! {
    #[test]
    fn exponents_add_up(base in integer(12), first in 0u64..60, second in 0u64..60) {
        let base = decimal(&base);
        let raised = |exponent| {
            let number = power(&base, exponent, ONE_THREAD, &mut Unmonitored).unwrap();
            assert_eq!(number.modulo_mersenne61(), power_modulo(&base, exponent));
            number
        };
        let product = raised(first).multiply(&raised(second), ONE_THREAD, &mut Unmonitored).unwrap();
        prop_assert_eq!(product, raised(first + second));
    }
}
