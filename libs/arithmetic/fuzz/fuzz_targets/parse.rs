//! Any bytes are read as num-bigint reads them, or refused at the first that does not fit; what is read is written back.

#![no_main]

use std::ops::ControlFlow;

use abacus_arithmetic::{Decimal, Unmonitored, parse_decimal};
use libfuzzer_sys::fuzz_target;
use num_bigint::BigInt;

fuzz_target!(|bytes: &[u8]| {
    let misfit = bytes.iter().position(|byte| !byte.is_ascii_digit()).or(bytes.is_empty().then_some(0));
    match Decimal::from_digits(bytes) {
        Ok(number) => {
            assert_eq!(misfit, None);
            let zeros = bytes.iter().take_while(|&&digit| digit == b'0').count();
            let expected = if zeros == bytes.len() { b"0" } else { &bytes[zeros..] };
            let mut written = Vec::new();
            let mut sink = |piece: &[u8]| {
                written.extend_from_slice(piece);
                ControlFlow::Continue(())
            };
            number.write(&mut Unmonitored, &mut sink).expect("nobody interrupts");
            assert_eq!(written, expected);
        }
        Err(invalid) => assert_eq!(Some(invalid.position), misfit),
    }
    if let Ok(text) = str::from_utf8(bytes) {
        match parse_decimal(text) {
            Ok(number) => assert_eq!(Ok(number), text.parse::<BigInt>()),
            Err(invalid) => assert!(invalid.position <= text.len()),
        }
    }
});
