//! Tasks of every kind, over the range of what it takes.

use abacus_api::v1::{self, task::Task as Parameters};
use abacus_tasks::{Limits, Task};
use anyhow::anyhow;

/// A task, and what it is called in the table.
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) task: Task,
}

/// All of them.
///
/// # Errors
/// When a task is refused.
pub(crate) fn all() -> anyhow::Result<Vec<Case>> {
    let lists = [fibonacci(), primes(), operands(), fixed(), combinatorics()];
    lists.into_iter().flatten().map(|(name, parameters)| case(name, parameters)).collect()
}

fn case(name: String, parameters: Parameters) -> anyhow::Result<Case> {
    let checked = Task::check(v1::Task { task: Some(parameters) }, &Limits::default());
    let task = checked.map_err(|violations| {
        let first = violations.iter().next().map(|violation| violation.description.clone());
        anyhow!("{name}: {}", first.unwrap_or_default())
    })?;
    Ok(Case { name, task })
}

type Named = (String, Parameters);

fn fibonacci() -> Vec<Named> {
    let case = |exponent: u32| {
        (format!("fibonacci 10^{exponent}"), Parameters::Fibonacci(v1::Fibonacci { n: 10u64.pow(exponent) }))
    };
    [3, 4, 5, 6, 7, 8, 9].map(case).into()
}

fn primes() -> Vec<Named> {
    let case = |start: u64, length: u64, count_only| {
        let what = if count_only { "count" } else { "list" };
        let name = format!("primes {what} [{start:.0e}, +{length:.0e}]");
        (name, Parameters::Primes(v1::Primes { start, end: start + length, count_only, gaps: false }))
    };
    let mut cases = Vec::new();
    for length in [4, 6, 8, 10, 13, 15].map(|exponent| 10u64.pow(exponent)) {
        cases.push(case(0, length, true));
    }
    for start in [10, 12, 15, 18].map(|exponent| 10u64.pow(exponent)) {
        for length in [10_000, 10_000_000, 1_000_000_000] {
            cases.push(case(start, length, true));
        }
    }
    for (start, length) in
        [(0, 1_000_000), (0, 1_000_000_000), (10u64.pow(12), 100_000_000), (10u64.pow(18), 10_000_000)]
    {
        cases.push(case(start, length, false));
    }
    for exponent in [3, 6, 9, 12, 14] {
        let n = 10u64.pow(exponent);
        cases.push((format!("nth_prime 10^{exponent}"), Parameters::NthPrime(v1::NthPrime { n })));
    }
    cases
}

/// Sums and products of operands of the same and of different lengths.
fn operands() -> Vec<Named> {
    let digits = |count: usize| "7".repeat(count);
    let mut cases = Vec::new();
    for count in [1_000, 30_000, 1_000_000] {
        let sum = v1::Sum2 { first: digits(count), second: format!("-{}", digits(count / 2)) };
        cases.push((format!("sum2 {count} digits"), Parameters::Sum2(sum)));
    }
    for counts in [
        [1_000; 3],
        [30_000; 3],
        [300_000; 3],
        [1_000_000; 3],
        [1_000_000, 1_000_000, 10],
        [1_000_000, 1_000, 1_000],
    ] {
        let [first, second, third] = counts.map(digits);
        let name = format!("mult3 {} x {} x {} digits", counts[0], counts[1], counts[2]);
        cases.push((name, Parameters::Mult3(v1::Mult3 { first, second, third })));
    }
    cases
}

/// Kinds that take as long as they say, or no time.
fn fixed() -> Vec<Named> {
    let duration = Some(prost_types::Duration { seconds: 0, nanos: 100_000_000 });
    let spin = v1::Spin { label: String::new(), duration };
    vec![
        ("spin 100 ms".to_owned(), Parameters::Spin(spin)),
        ("surprise".to_owned(), Parameters::Surprise(v1::Surprise { first: 0 })),
    ]
}

fn combinatorics() -> Vec<Named> {
    let mut cases = Vec::new();
    for exponent in [3, 4, 5, 6, 7] {
        let factorial = v1::Factorial { n: 10u64.pow(exponent) };
        cases.push((format!("factorial 10^{exponent}"), Parameters::Factorial(factorial)));
    }
    let few = [(1_000, 500), (100_000, 50_000), (10_000_000, 5_000_000), (10_000_000, 10_000)];
    for (n, k) in few.into_iter().chain([(10u64.pow(12), 100_000), (10u64.pow(18), 1_000_000)]) {
        cases.push((format!("binomial {n:.0e} {k:.0e}"), Parameters::Binomial(v1::Binomial { n, k })));
    }
    for (base, exponent) in
        [("3", 1_000), ("3", 100_000), ("3", 10_000_000), ("2", 100_000_000), ("10", 10_000_000)]
    {
        let power = v1::Power { base: base.to_owned(), exponent };
        cases.push((format!("power {base}^{exponent}"), Parameters::Power(power)));
    }
    let long = v1::Power { base: "7".repeat(100_000), exponent: 30 };
    cases.push(("power (10^5 digits)^30".to_owned(), Parameters::Power(long)));
    cases
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use abacus_tasks::kinds;

    use super::*;

    #[test]
    fn every_kind_is_measured() {
        let cases = all().unwrap();
        let measured: BTreeSet<_> = cases.iter().map(|case| case.task.kind().name).collect();
        assert_eq!(measured, kinds::all().iter().map(|kind| kind.name).collect());
        let names: BTreeSet<_> = cases.iter().map(|case| &case.name).collect();
        assert_eq!(names.len(), cases.len(), "two tasks have one name");
    }
}
