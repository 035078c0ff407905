//! Each computation, stopped at each of its reports in turn.

use std::cell::Cell;
use std::ops::ControlFlow;

use abacus_arithmetic::{
    Decimal, Interrupted, Monitor, binomial, binomial_modulo, count_primes, factorial, factorial_modulo,
    fibonacci, nth_prime, power, primes,
};
use num_bigint::BigUint;

use crate::ONE_THREAD;

/// A computation that hands over its result in parts, each counted as one event.
type Computation<'a> = &'a dyn Fn(&mut dyn Monitor, &Cell<u32>) -> Result<(), Interrupted>;

/// Runs it once to count its reports, then breaks at the first, second, .. report, up to 40 of them spread evenly.
fn stops_at_every_report(compute: Computation<'_>) {
    let mut fractions = Vec::new();
    let events = Cell::new(0);
    compute(&mut |fraction| note(&mut fractions, fraction), &events).unwrap();
    assert!(fractions.is_sorted() && fractions.iter().all(|fraction| (0.0..=1.0).contains(fraction)));
    assert_eq!(fractions.last(), Some(&1.0), "the last report says that all is done");

    for at in (1..=fractions.len()).step_by(fractions.len().div_ceil(40)) {
        let (mut reports, mut events_at_break) = (0, 0);
        let events = Cell::new(0);
        let mut monitor = |_| {
            reports += 1;
            assert!(reports <= at, "a report after the break at {at}");
            events_at_break = events.get();
            if reports == at { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        assert_eq!(compute(&mut monitor, &events), Err(Interrupted), "break at {at}");
        assert_eq!(events.get(), events_at_break, "a result after the break at {at}");
    }
}

fn note(fractions: &mut Vec<f64>, fraction: f64) -> ControlFlow<()> {
    fractions.push(fraction);
    ControlFlow::Continue(())
}

fn event<T>(events: &Cell<u32>) -> impl FnMut(&[T]) -> ControlFlow<()> {
    |_| {
        events.set(events.get() + 1);
        ControlFlow::Continue(())
    }
}

#[test]
fn fibonacci_stops() {
    for n in [0, 184, 185, 1000, 123_456] {
        stops_at_every_report(&|monitor, _| fibonacci(n, ONE_THREAD, monitor).map(drop));
    }
}

#[test]
fn factorials_binomial_coefficients_and_powers_stop() {
    for n in [0, 1, 300, 301, 20_000] {
        stops_at_every_report(&|monitor, _| factorial(n, ONE_THREAD, monitor).map(drop));
        stops_at_every_report(&|monitor, _| factorial_modulo(n, monitor).map(drop));
        for k in [0, 100, n / 2, n, n + 1] {
            stops_at_every_report(&|monitor, _| binomial(n, k, ONE_THREAD, monitor).map(drop));
            stops_at_every_report(&|monitor, _| binomial_modulo(n, k, monitor).map(drop));
        }
        for base in [0u64, 1, 30, u64::MAX] {
            stops_at_every_report(&|monitor, _| power(&base.into(), n / 4, ONE_THREAD, monitor).map(drop));
        }
    }
}

#[test]
fn writing_digits_stops() {
    for digits in [1, 19, 1000, 200_000] {
        let value: Decimal = "3".repeat(digits).parse().unwrap();
        stops_at_every_report(&|monitor, events| value.write(monitor, &mut event(events)));
    }
}

#[test]
fn products_and_conversions_stop() {
    for digits in [1, 1000, 200_000] {
        let value: Decimal = "3".repeat(digits).parse().unwrap();
        let small = Decimal::from(1u64 << 63);
        stops_at_every_report(&|monitor, _| value.multiply(&value, ONE_THREAD, monitor).map(drop));
        stops_at_every_report(&|monitor, _| value.multiply(&small, ONE_THREAD, monitor).map(drop));
        stops_at_every_report(&|monitor, _| value.to_binary(ONE_THREAD, monitor).map(drop));
        let value = BigUint::from(3u32).pow(u32::try_from(digits).unwrap());
        stops_at_every_report(&|monitor, _| Decimal::from_binary(&value, ONE_THREAD, monitor).map(drop));
    }
}

#[test]
fn primes_stop() {
    let high = 1_000_000_000_000_000;
    for (start, end) in [(5, 4), (0, 100), (0, 20_000_000), (high, high + 50_000), (high, high + 4_000_000)] {
        stops_at_every_report(&|monitor, events| primes(start, end, monitor, &mut event(events)));
        stops_at_every_report(&|monitor, _| count_primes(start, end, monitor).map(drop));
    }
}

#[test]
fn counts_by_leaves_stop() {
    for (start, end) in [(0, 20_000_000), (1_000_000, 50_000_000_000), (0, 300_000_000_000)] {
        stops_at_every_report(&|monitor, _| count_primes(start, end, monitor).map(drop));
    }
    for n in [0, 1, 1_000, 3_000_000_000] {
        stops_at_every_report(&|monitor, _| nth_prime(n, monitor).map(drop));
    }
}

#[test]
fn a_sink_stops_its_source() {
    let value: Decimal = "3".repeat(300_000).parse().unwrap();
    for stop_at in 1..=3 {
        let mut pieces = 0;
        let result = value.write(&mut |_| ControlFlow::Continue(()), &mut |_| {
            pieces += 1;
            if pieces == stop_at { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        assert_eq!((result, pieces), (Err(Interrupted), stop_at));

        let mut blocks = 0;
        let result = primes(0, 10_000_000, &mut |_| ControlFlow::Continue(()), &mut |_| {
            blocks += 1;
            if blocks == stop_at { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        assert_eq!((result, blocks), (Err(Interrupted), stop_at));
    }
}
