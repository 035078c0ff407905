//! Results: exact, whole, summed up.

use std::{ops::ControlFlow, time::Duration};

use abacus_api::v1::{self, task};
use abacus_broker::SharedBroker;
use abacus_tasks::{Run, Size, State, Task};
use num_bigint::BigUint;
use sha2::{Digest, Sha256};

use crate::calculator::{
    Calculator, broker, checked, fibonacci, result, settings, spin, submit, sum, until_ended, until_job,
};

/// The n-th Fibonacci number by adding.
pub(crate) fn fibonacci_digits(n: u32) -> String {
    let step = |(a, b): (BigUint, BigUint)| (b.clone(), a + b);
    (0..n).fold((BigUint::ZERO, BigUint::from(1_u8)), |pair, _| step(pair)).0.to_string()
}

/// Keeps what a computation writes.
#[derive(Default)]
struct Recorder(String);

impl Run for Recorder {
    fn report(&mut self, _: f64, _: &'static str) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }

    fn write(&mut self, bytes: &[u8]) -> ControlFlow<()> {
        self.0.push_str(str::from_utf8(bytes).unwrap());
        ControlFlow::Continue(())
    }
}

fn primes(start: u64, end: u64) -> Task {
    checked(task::Task::Primes(v1::Primes { start, end, ..v1::Primes::default() }))
}

fn prime_lines(start: u64, end: u64) -> (String, u64) {
    let is_prime = |n: &u64| *n > 1 && (2..*n).take_while(|d| d * d <= *n).all(|d| !n.is_multiple_of(d));
    let primes: Vec<_> = (start..=end).filter(is_prime).map(|prime| format!("{prime}\n")).collect();
    (primes.concat(), primes.len() as u64)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_result_of_every_kind_is_exact() {
    let broker: SharedBroker = broker();
    let calculator = Calculator::start(settings(), &broker).await;
    let (lines, count) = prime_lines(4, 5000);
    let product = checked(task::Task::Mult3(v1::Mult3 {
        first: "-12345678901234567890".to_owned(),
        second: "98765432109876543210".to_owned(),
        third: "3".to_owned(),
    }));
    let fibonacci_of_1000 = fibonacci_digits(1000);
    let digits = Size::Digits(fibonacci_of_1000.len() as u64);
    let cases = [
        (fibonacci(1000), fibonacci_of_1000, digits),
        (sum("99999999999999999999", "1"), "100000000000000000000".to_owned(), Size::Digits(21)),
        (product, "-3657978934110653856712391403333790580700".to_owned(), Size::Digits(40)),
        (primes(4, 5000), lines, Size::Count(count)),
        (spin("né", Duration::from_millis(1)), "né".to_owned(), Size::Count(2)),
    ];
    let surprise = checked(task::Task::Surprise(v1::Surprise { first: 1 }));
    let mut melody = Recorder::default();
    let notes = surprise.run(&mut melody).unwrap();
    for (task, expected, size) in cases.into_iter().chain([(surprise, melody.0, notes)]) {
        let expected = expected.into_bytes();
        submit(&*broker, &task).await;
        let snapshot = until_ended(&*broker, task.job()).await;
        assert_eq!((snapshot.state, snapshot.failure), (State::Succeeded, None), "{task:?}");
        let (result, chunks) = result(&*broker, task.job()).await;
        assert_eq!(result, expected, "{task:?}");
        let summary = snapshot.summary.unwrap();
        assert_eq!(summary.bytes, expected.len() as u64);
        assert_eq!(summary.chunks as usize, chunks.len());
        assert_eq!(summary.sha256, <[u8; 32]>::from(Sha256::digest(&expected)));
        assert_eq!(summary.size, size);
    }
    assert_eq!(calculator.worker().await.finished, 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_result_comes_in_chunks_of_one_size_even_when_the_broker_is_away_now_and_then() {
    let embedded = broker();
    let faulty = crate::faulty::Faulty::new(&embedded);
    for verb in ["append", "finish", "claim", "renew"] {
        faulty.fail(verb, 5);
    }
    let broker: SharedBroker = faulty.clone();
    let _calculator = Calculator::start(settings(), &broker).await;
    let task = fibonacci(50_000);
    submit(&*embedded, &task).await;
    let snapshot = until_ended(&*embedded, task.job()).await;
    assert_eq!((snapshot.state, snapshot.attempt), (State::Succeeded, 1));
    let (result, chunks) = result(&*embedded, task.job()).await;
    assert_eq!(result, fibonacci_digits(50_000).into_bytes());
    let (last, full) = chunks.split_last().unwrap();
    assert!(full.iter().all(|length| *length == 1024) && *last < 1024, "{chunks:?}");
    for verb in ["append", "finish", "claim", "renew"] {
        assert_eq!(faulty.failures_left(verb), 0, "{verb}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_job_tells_how_far_it_is() {
    let broker: SharedBroker = broker();
    let _calculator = Calculator::start(settings(), &broker).await;
    let task = spin("progress", Duration::from_secs(3));
    submit(&*broker, &task).await;
    let told = |fraction: f64| {
        let (broker, job) = (&broker, task.job());
        until_job(&**broker, job, move |job| {
            job.progress.as_ref().is_some_and(|progress| progress.fraction > fraction)
        })
    };
    let early = told(0.0).await.progress.unwrap();
    assert!(early.fraction < 1.0);
    let late = told(0.5).await.progress.unwrap();
    let remaining = late.remaining.expect("after a second and a half it can be told");
    assert!(remaining < Duration::from_secs(3), "{remaining:?}");
    assert_eq!(until_ended(&*broker, task.job()).await.state, State::Succeeded);
}
