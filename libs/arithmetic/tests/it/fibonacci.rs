//! Fibonacci numbers against known answers and identities.

use abacus_arithmetic::{Unmonitored, decimal_digits_of_fibonacci, fibonacci};
use num_bigint::BigUint;
use proptest::prelude::*;

use crate::{decimal, sha256};

fn number(n: u64) -> BigUint {
    fibonacci(n, &mut Unmonitored).unwrap()
}

#[test]
fn the_thousandth() {
    let digits = "43466557686937456435688527675040625802564660517371780402481729089536555417949051890403879840079\
                  255169295922593080322634775209689623239873322471161642996440906533187938298969649928516003704476\
                  137795166849228875";
    assert_eq!(decimal(&number(1000)), digits);
}

#[test]
fn digests_of_large_ones() {
    let digests = [
        (100_000, "9fe22f691a91170da9006226d479ad986b2f92021b7045ecfb0a5091b641b802"),
        (1_000_000, "aef6e8c19df607aa07940f2abde8460d1b34c18df1a6f46b5fc04dfe9be51706"),
    ];
    for (n, digest) in digests {
        let digits = decimal(&number(n));
        assert_eq!(sha256(&digits), digest, "F({n})");
        assert_eq!(u64::try_from(digits.len()).unwrap(), decimal_digits_of_fibonacci(n));
    }
}

#[test]
fn a_number_whose_products_are_cut() {
    // F(k) has 2.8 million bits; num-bigint makes the expected product in one call.
    let k = 4_000_000;
    let (half, below) = (number(k), number(k - 1));
    assert!(number(2 * k) == &half * (&half + (&below << 1u32)));
}

proptest! {
    #[test]
    fn neighbours_add_up(n in prop_oneof![0u64..200, 0u64..30_000]) {
        prop_assert_eq!(number(n) + number(n + 1), number(n + 2));
    }
}
