//! A thousand jobs, while one process after the other is killed and started again.

use std::time::Duration;

use abacus_api::v1::{self, task::Task};

use super::{
    Apart, eventually,
    orders::Orders,
    tasks::{submitted, successor},
};
use crate::follow::fibonacci;

/// How many jobs.
const JOBS: usize = 1000;

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_jobs_end_right_and_once_whatever_is_killed() {
    let mut mesh = Apart::start(&["--lease", "2s"]);
    // One job is surely held by the calculator that is killed.
    let mut calculator = mesh.calculator(&[]);
    let held = submitted(&mesh, spin("held".to_owned(), Duration::from_mins(1))).await;
    eventually("it runs", async || (mesh.job(&held).await.state() == v1::JobState::Running).then_some(()))
        .await;
    let _other = mesh.calculator(&[]);

    let orders = Orders::new(&mesh, "patient", tasks());
    let mut subscriber = orders.subscriber(&mesh);
    let faults = async {
        orders.accepted(150).await;
        calculator.kill();
        calculator.restart();
        orders.accepted(350).await;
        mesh.notifier.kill();
        mesh.notifier.restart();
        orders.accepted(550).await;
        mesh.gateway.kill();
        mesh.gateway.restart();
        orders.accepted(750).await;
        mesh.redis.kill();
        mesh.redis.restart();
    };
    let (expected, (), results) = tokio::join!(orders.submit(), faults, orders.results(&mut subscriber));
    assert_eq!(expected.len(), JOBS, "all are different");
    assert_eq!(results, expected);

    let stats = mesh.operators().get_stats(v1::GetStatsRequest {}).await.unwrap().into_inner();
    let counters = stats.counters.unwrap();
    let jobs = JOBS as u64;
    assert_eq!((counters.created, counters.succeeded, counters.failed), (jobs + 1, jobs, 0));
    println!("{} attempts were repeated", counters.retried);
    eventually("the job that was held runs again", async || {
        (mesh.job(&held).await.attempt >= 2).then_some(())
    })
    .await;
}

/// Sums, Fibonacci numbers, counts of primes and spins, all different, with their results.
fn tasks() -> Vec<(Task, String)> {
    let fibonacci_numbers = fibonacci_numbers();
    let prime_counts = prime_counts(50 * JOBS);
    let task = |number: usize| match number % 20 {
        0 => (spin(number.to_string(), Duration::from_millis(30)), number.to_string()),
        place @ 1..=3 => {
            let n = number / 20 * 3 + place - 1;
            (fibonacci(n as u64), fibonacci_numbers[n].to_string())
        }
        4..=7 => {
            let end = 50 * number;
            let count = v1::Primes { start: 0, end: end as u64, count_only: true, ..v1::Primes::default() };
            (Task::Primes(count), prime_counts[end].to_string())
        }
        _ => (successor(number as u64), (number + 1).to_string()),
    };
    (0..JOBS).map(task).collect()
}

fn spin(label: String, duration: Duration) -> Task {
    Task::Spin(v1::Spin { label, duration: Some(duration.try_into().unwrap()) })
}

/// From the 0th on, as far as the type reaches for the tasks above.
fn fibonacci_numbers() -> Vec<u128> {
    std::iter::successors(Some((0_u128, 1)), |(a, b)| Some((*b, a + b))).map(|(a, _)| a).take(150).collect()
}

/// How many primes there are up to each number, up to `end`.
fn prime_counts(end: usize) -> Vec<usize> {
    let mut composite = vec![false; end + 1];
    let mut count = 0;
    let counts = (0..=end).map(|n| {
        if n >= 2 && !composite[n] {
            count += 1;
            composite.iter_mut().skip(2 * n).step_by(n).for_each(|multiple| *multiple = true);
        }
        count
    });
    counts.collect()
}
