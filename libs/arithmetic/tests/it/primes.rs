//! Primes against known counts and against single tests.

use std::ops::ControlFlow;

use abacus_arithmetic::{Unmonitored, count_primes, is_prime, nth_prime, prime_count, primes};
use proptest::prelude::*;

fn listed(start: u64, end: u64) -> Vec<u64> {
    let mut list = Vec::new();
    let mut sink = |block: &[u64]| {
        assert!((1..=8192).contains(&block.len()));
        list.extend_from_slice(block);
        ControlFlow::Continue(())
    };
    primes(start, end, &mut Unmonitored, &mut sink).unwrap();
    list
}

fn counted(start: u64, end: u64) -> u64 {
    count_primes(start, end, &mut Unmonitored).unwrap()
}

#[test]
fn known_counts() {
    // Below powers of ten: OEIS A006880.
    let counts = [
        (0, 10, 4),
        (0, 1000, 168),
        (0, 1_000_000, 78_498),
        (0, 10_000_000, 664_579),
        (0, 100_000_000, 5_761_455),
        (0, 1_000_000_000, 50_847_534),
    ];
    for (start, end, count) in counts {
        assert_eq!(counted(start, end), count, "{start}..={end}");
    }
}

#[test]
fn the_sum_of_the_primes_below_a_thousand_million() {
    let mut sum = 0;
    let mut sink = |block: &[u64]| {
        sum += block.iter().sum::<u64>();
        ControlFlow::Continue(())
    };
    primes(0, 1_000_000_000, &mut Unmonitored, &mut sink).unwrap();
    // OEIS A046731.
    assert_eq!(sum, 24_739_512_092_254_535);
}

#[test]
fn counts_up_to_each_small_number() {
    let mut count = 0;
    for x in 0..100_000 {
        count += u64::from(is_prime(x));
        assert_eq!(prime_count(x, &mut Unmonitored), Ok(count), "{x}");
    }
}

#[test]
fn known_primes_by_their_number() {
    // The 10^k-th: OEIS A006988.
    let primes = [
        2,
        29,
        541,
        7_919,
        104_729,
        1_299_709,
        15_485_863,
        179_424_673,
        2_038_074_743,
        22_801_763_489,
        252_097_800_623,
        2_760_727_302_517,
    ];
    for (exponent, prime) in (0..).zip(primes) {
        assert_eq!(nth_prime(10_u64.pow(exponent), &mut Unmonitored), Ok(Some(prime)), "10^{exponent}");
    }
}

#[test]
fn every_small_prime_by_its_number() {
    assert_eq!(nth_prime(0, &mut Unmonitored), Ok(None));
    for (n, prime) in (1..).zip(listed(0, 50_000)) {
        assert_eq!(nth_prime(n, &mut Unmonitored), Ok(Some(prime)), "{n}");
    }
}

#[test]
fn a_million_numbers_above_a_million_millions() {
    let (start, end) = (1_000_000_000_000, 1_000_001_000_000);
    let expected: Vec<u64> = (start..=end).filter(|&number| is_prime(number)).collect();
    assert_eq!(counted(start, end), u64::try_from(expected.len()).unwrap());
    assert!(listed(start, end) == expected);
}

#[test]
fn every_short_interval_near_zero() {
    let tested: Vec<u64> = (0..420).filter(|&number| is_prime(number)).collect();
    for start in 0u64..400 {
        for end in start.saturating_sub(1)..(start + 20).min(400) {
            let expected: Vec<u64> =
                tested.iter().copied().filter(|prime| (start..=end).contains(prime)).collect();
            assert_eq!(listed(start, end), expected, "{start}..={end}");
            assert_eq!(counted(start, end), u64::try_from(expected.len()).unwrap());
        }
    }
}

#[test]
fn the_last_interval_of_64_bits() {
    let start = u64::MAX - 20_000;
    let expected: Vec<u64> = (start..=u64::MAX).filter(|&number| is_prime(number)).collect();
    assert_eq!(listed(start, u64::MAX), expected);
    assert_eq!(listed(u64::MAX, u64::MAX), []);
    assert_eq!(listed(18_446_744_073_709_551_557, u64::MAX), [18_446_744_073_709_551_557]);
    assert_eq!(listed(u64::MAX, 0), []);
}

#[test]
fn large_base_primes_are_crossed_out() {
    // Long enough for the way by large base primes: composites of two primes above 2^20 are in it.
    let (start, length) = (1_000_000_000_000_000, 3_000_000);
    let expected = (start..=start + length).filter(|&number| is_prime(number));
    assert!(listed(start, start + length).into_iter().eq(expected));
}

#[test]
fn neighbouring_intervals_add_up() {
    let cuts = [0, 1, 4_194_304, 4_194_305, 9_000_000, 20_000_003];
    let total: u64 = cuts.windows(2).map(|pair| counted(pair[0] + 1, pair[1])).sum();
    assert_eq!(total, counted(0, 20_000_003));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn counts_of_two_parts_add_up(x in 0_u64..20_000_000_000, length in 0_u64..2_000_000) {
        // The part is listed, whatever the counts are made from.
        let part = u64::try_from(listed(x + 1, x + length).len()).unwrap();
        prop_assert_eq!(counted(0, x) + part, counted(0, x + length));
    }

    #[test]
    fn the_nth_prime_is_the_last_of_n(n in 1_u64..1_000_000_000) {
        let prime = nth_prime(n, &mut Unmonitored).unwrap().unwrap();
        prop_assert!(is_prime(prime));
        prop_assert_eq!(counted(0, prime), n);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn lists_are_what_single_tests_say(
        start in prop_oneof![0u64..100_000, 0..1u64 << 42, any::<u64>()],
        length in 0u64..40_000,
    ) {
        let end = start.saturating_add(length);
        let expected: Vec<u64> = (start..=end).filter(|&number| is_prime(number)).collect();
        prop_assert_eq!(counted(start, end), u64::try_from(expected.len()).unwrap());
        prop_assert_eq!(listed(start, end), expected);
    }
}
