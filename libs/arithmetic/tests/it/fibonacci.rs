//! Fibonacci numbers against known answers and identities.

use abacus_arithmetic::{Decimal, Unmonitored, decimal_digits_of_fibonacci, fibonacci, fibonacci_modulo};
use proptest::prelude::*;

use crate::{ONE_THREAD, sha256, written};

/// F(n), checked as those who publish it do.
fn number(n: u64) -> Decimal {
    let number = fibonacci(n, ONE_THREAD, &mut Unmonitored).unwrap();
    assert_eq!(number.modulo_mersenne61(), fibonacci_modulo(n));
    number
}

#[test]
fn the_thousandth() {
    let digits = "43466557686937456435688527675040625802564660517371780402481729089536555417949051890403879840079\
                  255169295922593080322634775209689623239873322471161642996440906533187938298969649928516003704476\
                  137795166849228875";
    assert_eq!(written(&number(1000)), digits);
}

#[test]
fn digests_of_large_ones() {
    let digests = [
        (100_000, "9fe22f691a91170da9006226d479ad986b2f92021b7045ecfb0a5091b641b802"),
        (1_000_000, "aef6e8c19df607aa07940f2abde8460d1b34c18df1a6f46b5fc04dfe9be51706"),
        (10_000_000, "dee686d8c2407fb7fae2c58f8096d07baa790709d489454691af77d29cf3fb4d"),
    ];
    for (n, digest) in digests {
        let digits = written(&number(n));
        assert_eq!(sha256(&digits), digest, "F({n})");
        assert_eq!(u64::try_from(digits.len()).unwrap(), decimal_digits_of_fibonacci(n));
    }
}

#[test]
fn a_single_wrong_digit_fails_the_check() {
    let n = 100_000;
    let digits = written(&number(n));
    for place in (0..digits.len()).step_by(997) {
        let mut wrong = digits.clone().into_bytes();
        wrong[place] = if wrong[place] == b'9' { b'8' } else { wrong[place] + 1 };
        let wrong = Decimal::from_digits(&wrong).unwrap();
        assert_ne!(wrong.modulo_mersenne61(), fibonacci_modulo(n), "digit {place}");
    }
}

proptest! {
    #[test]
    fn neighbours_add_up(n in prop_oneof![0u64..400, 0u64..30_000]) {
        let mut sum = number(n);
        sum.add(&number(n + 1));
        prop_assert_eq!(sum, number(n + 2));
    }
}
