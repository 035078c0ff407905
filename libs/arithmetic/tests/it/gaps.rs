//! Primes as gaps: there and back, known bytes, and any bytes at all.

use std::ops::ControlFlow;

use abacus_arithmetic::{GapDecoder, GapEncoder, InvalidGaps, Unmonitored, primes};
use proptest::prelude::*;

/// The gaps of the primes of an interval, block by block, and the primes.
fn encoded(start: u64, end: u64) -> (Vec<u8>, Vec<u64>) {
    let (mut bytes, mut list) = (Vec::new(), Vec::new());
    let mut encoder = GapEncoder::new(start);
    let mut sink = |block: &[u64]| {
        encoder.encode(block, &mut bytes);
        list.extend_from_slice(block);
        ControlFlow::Continue(())
    };
    primes(start, end, &mut Unmonitored, &mut sink).unwrap();
    (bytes, list)
}

fn decoded(start: u64, bytes: &[u8]) -> Result<Vec<u64>, InvalidGaps> {
    let (mut decoder, mut list) = (GapDecoder::new(start), Vec::new());
    decoder.decode(bytes, &mut list)?;
    decoder.finish()?;
    Ok(list)
}

#[test]
fn bytes_are_as_documented() {
    // 2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37.
    assert_eq!(encoded(0, 40).0, [2, 1, 1, 1, 2, 1, 2, 1, 2, 3, 1, 3]);
    assert_eq!(encoded(3, 40).0, [0, 1, 1, 2, 1, 2, 1, 2, 3, 1, 3]);
    assert_eq!(encoded(24, 28).0, []);
    // The prime after 2614941710599 is 652 away (OEIS A002386): 326 = 2 * 128 + 70.
    assert_eq!(encoded(2_614_941_710_599, 2_614_941_711_251).0, [0, 0x80 + 70, 2]);
}

#[test]
fn lists_come_back() {
    for (start, end) in [
        (0, 0),
        (0, 2),
        (2, 3),
        (0, 3_000_000),
        (1 << 40, (1 << 40) + 500_000),
        (u64::MAX - 60_000, u64::MAX),
    ] {
        let (bytes, list) = encoded(start, end);
        assert_eq!(decoded(start, &bytes), Ok(list), "{start}..={end}");
    }
}

#[test]
fn a_prime_takes_about_a_byte() {
    for start in [1_000_000, 1_000_000_000_000, 9_000_000_000_000_000_000] {
        let (bytes, list) = encoded(start, start + 300_000);
        assert!(bytes.len() * 100 <= list.len() * 101, "{} bytes for {}", bytes.len(), list.len());
    }
}

#[test]
fn broken_lists_are_refused() {
    let huge = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01];
    assert_eq!(decoded(0, &huge), Ok(vec![u64::MAX]));
    for (start, bytes) in [
        (1, &huge[..]),
        // Cut; with 65 bits; with an eleventh byte; with bytes without need; with no gap; beyond 64 bits.
        (0, &huge[..9]),
        (0, &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02]),
        (0, &[0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01]),
        (5, &[0x80, 0x00]),
        (5, &[0, 0]),
        (5, &[0, 1, 1, 1, 1, 1, 0, 1, 1]),
        (u64::MAX - 1, &[0, 1]),
        (u64::MAX - 10, &[0, 1, 1, 1, 1, 1, 1, 1, 1]),
        (5, &[0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]),
    ] {
        assert_eq!(decoded(start, bytes), Err(InvalidGaps), "{bytes:?}");
    }
}

proptest! {
    #[test]
    fn ascending_odd_numbers_come_back_however_they_are_cut(
        start in prop_oneof![Just(0u64), 0..1u64 << 50],
        steps in prop::collection::vec(prop_oneof![9 => 1u64..140, 1 => 1u64..1 << 40], 0..100),
        from_two: bool,
        cut in 1usize..12,
    ) {
        let mut list = if from_two && start == 0 { vec![2] } else { vec![] };
        let mut next = start | 1;
        for step in steps {
            next += 2 * step;
            list.push(next);
        }
        let (mut encoder, mut bytes) = (GapEncoder::new(start), Vec::new());
        for block in list.chunks(cut) {
            encoder.encode(block, &mut bytes);
        }
        let (mut decoder, mut back) = (GapDecoder::new(start), Vec::new());
        for piece in bytes.chunks(cut) {
            prop_assert_eq!(decoder.decode(piece, &mut back), Ok(()));
        }
        prop_assert_eq!(decoder.finish(), Ok(()));
        prop_assert_eq!(back, list);
    }

    #[test]
    fn any_bytes_are_read_or_refused_alike_however_they_are_cut(
        start: u64,
        bytes in prop::collection::vec(prop_oneof![3 => 1u8..128, 1 => any::<u8>()], 0..60),
        cut in 1usize..20,
    ) {
        let (mut decoder, mut list) = (GapDecoder::new(start), Vec::new());
        let result = bytes.chunks(cut).try_for_each(|piece| decoder.decode(piece, &mut list));
        let result = result.and_then(|()| decoder.finish());
        prop_assert!(list.is_sorted_by(|previous, next| previous < next));
        prop_assert_eq!(decoded(start, &bytes), result.map(|()| list.clone()));
        // What is read has one encoding.
        if result.is_ok() && !list.is_empty() && list.iter().skip(1).all(|number| number % 2 == list[0] % 2) {
            let mut again = Vec::new();
            GapEncoder::new(start).encode(&list, &mut again);
            prop_assert_eq!(again, bytes);
        }
    }
}
