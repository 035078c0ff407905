//! The sieve against a plain one, against single tests and against known counts, with plans of every sort.

use proptest::prelude::*;

use super::*;
use crate::{Unmonitored, is_prime};

/// The primes from 7 on that a plan finds.
fn found(plan: &Plan) -> Vec<u64> {
    let mut list = Vec::new();
    let mut monitor = Unmonitored;
    let mut progress = Progress::new(&mut monitor, 1.0);
    segments::each_segment(plan, &mut progress, &mut |segment| {
        let before = list.len();
        let mut room = [0; Word::BITS];
        segment.words().for_each(|word| {
            let count = word.list(&mut room);
            list.extend_from_slice(&room[..count]);
        });
        assert_eq!(list.len() - before, usize::try_from(segment.count()).unwrap());
        Ok(())
    })
    .unwrap();
    list
}

fn sieved(start: u64, end: u64) -> Vec<u64> {
    found(&Plan::of_sieving(start, end))
}

/// The primes from 7 on, one test each.
fn tested(start: u64, end: u64) -> Vec<u64> {
    (start.max(7)..=end).filter(|number| is_prime(*number)).collect()
}

/// The primes from 7 on by the plain sieve.
fn plain(start: u64, end: u64) -> Vec<u64> {
    let root = usize::try_from(end.isqrt()).unwrap();
    let mut is_base = vec![true; root + 1];
    let mut is_left = vec![true; usize::try_from(end - start + 1).unwrap()];
    for base in 2..=root {
        if !is_base[base] {
            continue;
        }
        is_base[base..].iter_mut().step_by(base).for_each(|is_base| *is_base = false);
        let prime = base as u64;
        let first = start.next_multiple_of(prime).max(prime * prime) - start;
        is_left.iter_mut().skip(usize::try_from(first).unwrap()).step_by(base).for_each(|left| *left = false);
    }
    (start..=end).zip(is_left).filter_map(|(number, left)| (left && number >= 7).then_some(number)).collect()
}

#[test]
fn base_primes_of_every_size_cross_out_what_they_must() {
    let segment = 30 << 21;
    // Up to the roots of these ends go: none, patterns, cycles in blocks and in segments, steps, far ones.
    for start in [0, 8_000, 400_000_000, 30_000_000_000, 12_345_678_901_234, 40_000_000_000_000] {
        let end = start + segment + 12_345;
        assert!(sieved(start, end) == plain(start, end), "from {start}");
    }
}

#[test]
fn segments_and_intervals_meet() {
    let segment = 30 << 21;
    for start in [0, 1 << 20, 1 << 40] {
        for end in (segment - 31..segment + 32).step_by(7) {
            let found = sieved(start, start + end);
            let near = found.partition_point(|prime| *prime < start + segment - 100);
            assert_eq!(found[near..], tested(start + segment - 100, start + end), "{start} + {end}");
            assert_eq!(sieved(start + end, start + end + 1000), tested(start + end, start + end + 1000));
        }
    }
}

#[test]
fn chunks_meet() {
    let (start, chunk) = (100_000_000_000_000, 30 * far::CHUNK_BYTES);
    let found = sieved(start, start + chunk + 100_000);
    // By primesieve 12.9.
    assert_eq!(found.len(), 35_129_748);
    let near = found.partition_point(|prime| *prime < start + chunk - 100_000);
    assert_eq!(found[near..], tested(start + chunk - 100_000, start + chunk + 100_000));
}

#[test]
fn far_base_primes_reach_the_end_of_64_bits() {
    for end in [20_000_000_000_000_003, 1_000_000_000_000_000_000, u64::MAX] {
        assert_eq!(sieved(end - 30_000, end), tested(end - 30_000, end), "up to {end}");
    }
}

#[test]
fn known_counts_high_up() {
    // By primesieve 12.9.
    for (start, length, count) in [
        (1_000_000_000_000_000, 100_000_000, 2_893_937),
        (4_000_000_000_000_000, 10_000_000, 277_833),
        (1_000_000_000_000_000_000, 10_000_000, 241_295),
        ((1 << 63) - 10_000_000, 10_000_000, 229_023),
    ] {
        assert_eq!(sieved(start, start + length).len(), count, "{start} + {length}");
    }
}

#[test]
fn work_between_two_reports_is_less_than_a_fifth_of_a_second() {
    for start in [1 << 40, 1 << 50, 1 << 60, u64::MAX - 200_000_000] {
        let end = start + 200_000_000;
        let work = Plan::of(start, end).work();
        let (mut before, mut most) = (0.0, 0.0_f64);
        let mut monitor = |fraction: f64| {
            most = most.max((fraction - before) * work);
            before = fraction;
            ControlFlow::Continue(())
        };
        count_primes(start, end, &mut monitor).unwrap();
        assert!(most < 2e8, "{start}: {most} of {work} ns");
    }
}

#[test]
fn a_plan_with_any_bound_leaves_the_primes() {
    for start in [1 << 30, 1 << 40, 1_000_000_000_000_000, u64::MAX / 1000] {
        let end = start + 30_000;
        let expected = tested(start, end);
        for bits in 0..=22 {
            let plan = Plan { bound: 1 << bits, ..Plan::of_sieving(start, end) };
            assert!(found(&plan) == expected, "{bits} bits from {start}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn any_interval_has_the_primes_of_the_plain_sieve(
        start in prop_oneof![0..1_u64 << 20, 0..1_u64 << 36, 0..1_u64 << 47],
        length in prop_oneof![0..1000_u64, 0..4_000_000_u64],
    ) {
        prop_assert!(sieved(start, start + length) == plain(start, start + length));
    }

    #[test]
    fn any_plan_of_an_interval_finds_its_primes(start: u64, length in 0..3_000_u64) {
        let end = start.saturating_add(length);
        prop_assert_eq!(found(&Plan::of(start, end)), tested(start, end));
    }
}
