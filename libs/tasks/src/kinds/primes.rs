//! The primes of an interval, or how many there are.

mod blocks;
mod division;
mod list;

use std::time::Duration;

use abacus_api::v1::{self, task};
use abacus_arithmetic::{
    Decimal, count_primes_cost, count_primes_memory_bytes, primes_cost, primes_memory_bytes,
};

use self::{blocks::Blocks, division::Division};
use super::{Content, Description, Kind, kernel::Desk};
use crate::{Cost, Limits, Run, Size, Stop, Violations, limits::Limit};

const END: Limit = Limit {
    name: "primes.end",
    default: i64::MAX.cast_unsigned(),
    // Signed 64-bit readers can hold every prime.
    ceiling: i64::MAX.cast_unsigned(),
    summary: "The largest end of an interval.",
};

impl Kind for v1::Primes {
    const DESCRIPTION: Description = Description {
        name: "primes",
        summary: "The prime numbers of an interval, or how many there are.",
        limits: &[END],
        example: || v1::Task {
            task: Some(task::Task::Primes(v1::Primes { start: 1, end: 100, ..v1::Primes::default() })),
        },
    };

    fn check(&mut self, limits: &Limits, violations: &mut Violations) {
        let most = limits.get(&END);
        if self.end > most {
            violations.push("end", format!("is {}; the limit {} is {most}", self.end, END.name));
        }
        if self.start > self.end {
            let description = format!("is {} and must not be less than start, {}", self.end, self.start);
            violations.push("end", description);
        }
        if self.gaps && self.count_only {
            violations
                .push("gaps", "says how a list is written, and must not be set together with count_only");
        }
    }

    fn content(&self) -> Content {
        let Self { start, end, count_only, gaps } = *self;
        match (count_only, gaps) {
            (true, _) => Content::Integer,
            (false, true) => Content::Gaps { start, end },
            (false, false) => Content::Primes { start, end },
        }
    }

    fn cost(&self) -> Cost {
        if self.count_only {
            let memory_bytes = count_primes_memory_bytes(self.start, self.end);
            let compute = count_primes_cost(self.start, self.end);
            return Cost { compute, result_bytes: 20, memory_bytes };
        }
        let sieving = primes_cost(self.start, self.end);
        let parts = blocks(self).map_or(0, |blocks| part_memory_bytes(self, blocks));
        let memory_bytes = primes_memory_bytes(self.start, self.end) + parts;
        let (count, lines_bytes) = estimate(self.start, self.end);
        // Measured at 6 to 12 ns for writing one prime in a line, 2 to 3 ns for its gap.
        let (each_ns, result_bytes) = if self.gaps { (3, gaps_bytes(count)) } else { (10, lines_bytes) };
        let writing = Duration::from_nanos(count.saturating_mul(each_ns));
        Cost { compute: sieving.saturating_add(writing), result_bytes, memory_bytes }
    }

    fn run(&self, run: &mut dyn Run) -> Result<Size, Stop> {
        compute(self, blocks(self), run)
    }
}

/// The blocks that a task is divided into, if it is worth while: here alone it is decided.
///
/// Lists are always sieved. Of counts, those that are sieved are divided; one that is found without looking at every
/// number is not, because its parts would take longer together than the whole.
fn blocks(task: &v1::Primes) -> Option<Blocks> {
    if task.count_only && is_counted_at_its_ends(task) {
        return None;
    }
    let blocks = if task.count_only { Blocks::COUNTS } else { Blocks::LISTS };
    blocks.divide(task.start..=task.end).then_some(blocks)
}

/// Memory of a divided list beside the sieve: the largest part, whole.
fn part_memory_bytes(task: &v1::Primes, blocks: Blocks) -> u64 {
    let largest = [task.start, task.end].map(|integer| {
        let (start, end) = blocks.block_of(integer);
        gaps_bytes(estimate(start, end).0)
    });
    largest[0].max(largest[1])
}

/// Whether the primes of the interval are counted as those up to its ends, without looking at every number: for then
/// the count costs less than sieving.
fn is_counted_at_its_ends(task: &v1::Primes) -> bool {
    count_primes_cost(task.start, task.end) < primes_cost(task.start, task.end)
}

/// Computes a task, divided into these blocks where others may compute them.
fn compute(task: &v1::Primes, blocks: Option<Blocks>, run: &mut dyn Run) -> Result<Size, Stop> {
    let desk = Desk::new(run);
    let division = Division { task, blocks, desk: &desk };
    if task.count_only {
        return desk.write_integer(&Decimal::from(division.count()?).into(), 1.0..1.0);
    }
    division.list()
}

/// At most how many bytes so many gaps take: one each, if it is below 256. Wider ones are below one in 40 wherever an
/// interval of some length lies; the first may take ten bytes, and a short interval may have some more.
fn gaps_bytes(count: u64) -> u64 {
    count.saturating_add(count / 20).saturating_add(80)
}

/// Estimates how many primes an interval has and how many bytes their list has, from above.
///
/// Between n and 2n, at most about one integer in ln n is prime (the prime number theorem); a part in 20 and 40 primes
/// more make up for irregularities and for the small numbers.
fn estimate(start: u64, end: u64) -> (u64, u64) {
    let octaves = (0..u64::BITS).map(|exponent| (1_u64 << exponent, u64::MAX >> (u64::BITS - 1 - exponent)));
    let (mut count, mut bytes) = (0_u64, 0_u64);
    for (first, last) in octaves {
        let (first, last) = (first.max(start), last.min(end));
        if first > last {
            continue;
        }
        let primes = expected(first, last - first);
        count = count.saturating_add(primes);
        bytes = bytes.saturating_add(primes.saturating_mul(u64::from(last.ilog10()) + 2));
    }
    (count, bytes)
}

/// About how many primes there are from `first` to `first + distance`.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "an estimate of something positive"
)]
fn expected(first: u64, distance: u64) -> u64 {
    let density = 1.05 / (first as f64).ln().max(1.0);
    (distance.saturating_add(1)).min((distance as f64 * density) as u64 + 40)
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use proptest::prelude::*;

    use super::*;
    use crate::kinds::trial;

    fn task(start: u64, end: u64, count_only: bool) -> task::Task {
        task::Task::Primes(v1::Primes { start, end, count_only, gaps: false })
    }

    /// The primes of an interval, by trial division, as a list.
    fn model(start: u64, end: u64) -> (String, u64) {
        let has_divisor = |n: u64| (2..n).take_while(|d| d * d <= n).any(|d| n.is_multiple_of(d));
        let primes = (start.max(2)..=end).filter(|n| !has_divisor(*n));
        primes.fold((String::new(), 0), |(mut list, count), prime| {
            writeln!(list, "{prime}").unwrap();
            (list, count + 1)
        })
    }

    #[test]
    fn lists_of_small_intervals() {
        for (start, end, list) in [
            (0, 0, ""),
            (0, 2, "2\n"),
            (2, 3, "2\n3\n"),
            (24, 28, ""),
            (9_967, 10_009, "9967\n9973\n10007\n10009\n"),
        ] {
            let count = list.lines().count().try_into().unwrap();
            assert_eq!(trial::compute(task(start, end, false)), (list.to_owned(), Size::Count(count)));
        }
    }

    #[test]
    fn lists_in_gaps_are_lists() {
        let gaps = v1::Primes { start: 0, end: 100, gaps: true, ..v1::Primes::default() };
        let checked = trial::check(task::Task::Primes(gaps)).unwrap();
        assert_eq!(checked.content(), Content::Gaps { start: 0, end: 100 });
        let mut run = trial::Trial::default();
        assert_eq!(checked.run(&mut run), Ok(Size::Count(25)));
        assert_eq!(run.written[..6], [2, 1, 1, 1, 2, 1]);
        assert_eq!(run.written.len(), 25);
    }

    #[test]
    fn what_gaps_add_leaves_the_ids_of_other_tasks_alone() {
        let plain = trial::check(task(1, 100, false)).unwrap();
        assert_eq!(plain.canonical()[..], [0x12, 0x04, 0x08, 1, 0x10, 100]);
        let gaps = v1::Primes { start: 1, end: 100, gaps: true, ..v1::Primes::default() };
        let gaps = trial::check(task::Task::Primes(gaps)).unwrap();
        assert_eq!(gaps.canonical()[..], [0x12, 0x06, 0x08, 1, 0x10, 100, 0x20, 1]);
    }

    #[test]
    fn only_what_is_sieved_is_divided() {
        let count = |start, end| v1::Primes { start, end, count_only: true, ..v1::Primes::default() };
        let list = |start, end| v1::Primes { count_only: false, ..count(start, end) };
        let high = 1 << 49;
        for (task, divided) in [
            (list(0, 10_000_000_000_000), true),
            (list(high, high + (4 << 28)), true),
            (list(0, 1_000_000), false),
            (count(0, 10_000_000_000_000), false),
            (count(high, high + (1 << 32)), true),
            (count(0, i64::MAX.cast_unsigned()), false),
        ] {
            assert_eq!(blocks(&task).is_some(), divided, "{task:?}");
        }
        let cost = trial::check(task::Task::Primes(count(0, 10_000_000_000_000))).unwrap().cost();
        assert!(crate::Budget::default().excesses(&cost).is_empty(), "{cost:?}");
    }

    #[test]
    fn a_count_has_no_gaps() {
        let both = v1::Primes { start: 1, end: 100, gaps: true, count_only: true };
        let faults = trial::faults(task::Task::Primes(both));
        assert_eq!(
            faults,
            ["task.primes.gaps: says how a list is written, and must not be set together with count_only"]
        );
    }

    #[test]
    fn the_bytes_of_gaps_are_bounded() {
        for (start, length) in [
            (0, 100),
            (0, 1_000_000),
            (1_000_000_000_000, 1000),
            (i64::MAX.cast_unsigned() - 1_000_000, 1_000_000),
            (i64::MAX.cast_unsigned(), 0),
        ] {
            let task = v1::Primes { start, end: start + length, gaps: true, ..v1::Primes::default() };
            let task = trial::check(task::Task::Primes(task)).unwrap();
            let mut run = trial::Trial::default();
            let Ok(Size::Count(count)) = task.run(&mut run) else { panic!("a list") };
            let (bytes, bound) = (run.written.len() as u64, task.cost().result_bytes);
            assert!(bytes <= bound, "{bytes} of {bound}");
            assert!(
                length < 1_000_000 || (count..count + count / 50).contains(&bytes),
                "{bytes} for {count}"
            );
        }
    }

    #[test]
    fn counts_are_integers() {
        assert_eq!(trial::compute(task(0, 1, true)), ("0".to_owned(), Size::Digits(1)));
        assert_eq!(trial::compute(task(0, 1_000_000, true)), ("78498".to_owned(), Size::Digits(5)));
        assert_eq!(trial::check(task(0, 9, true)).unwrap().content(), Content::Integer);
    }

    #[test]
    fn the_largest_primes_allowed() {
        let end = i64::MAX.cast_unsigned();
        // 2^63 - 25 is the largest prime below 2^63 (OEIS A013603).
        let largest = (end - 24, "9223372036854775783\n".to_owned());
        assert_eq!(trial::compute(task(largest.0, end, false)), (largest.1, Size::Count(1)));
    }

    #[test]
    fn wrong_ends_are_named() {
        assert_eq!(
            trial::faults(task(11, 4, false)),
            ["task.primes.end: is 4 and must not be less than start, 11"]
        );
        let both = trial::faults(task(u64::MAX, u64::MAX - 1, false));
        assert_eq!(both.len(), 2, "{both:?}");
        assert!(both[0].contains("the limit primes.end is 9223372036854775807"), "{both:?}");
    }

    #[test]
    fn absurd_lists_exceed_the_budget() {
        let cost = trial::check(task(0, i64::MAX.cast_unsigned(), false)).unwrap().cost();
        let excesses = crate::Budget::default().excesses(&cost);
        assert!(excesses.iter().any(|excess| excess.subject == "result_bytes"), "{excesses:?}");
        let cost = trial::check(task(0, 1_000_000_000, true)).unwrap().cost();
        assert!(crate::Budget::default().excesses(&cost).is_empty());
    }

    #[test]
    fn estimates_are_close_and_not_below() {
        // pi(10^9), and the primes of [10^12, 10^12 + 10^9].
        for (start, end, exact) in
            [(0, 1_000_000_000, 50_847_534), (1_000_000_000_000, 1_001_000_000_000, 36_190_991)]
        {
            let (count, bytes) = estimate(start, end);
            assert!((exact..exact / 100 * 115).contains(&count), "{count} of {exact}");
            assert!(bytes >= count * 9);
        }
    }

    #[test]
    fn blocks_are_bounded_and_come_early() {
        let mut run = trial::Trial::default();
        trial::check(task(0, 2_000_000, false)).unwrap().run(&mut run).unwrap();
        assert!(run.writes.iter().all(|bytes| (1..=list::BLOCK_BYTES).contains(bytes)), "{:?}", run.writes);
        assert!(run.writes.len() > 10);
    }

    #[test]
    fn it_stops_at_any_call() {
        trial::interrupt_everywhere(task(0, 1_000_000, false));
        trial::interrupt_everywhere(task(0, 1_000_000, true));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn lists_and_counts_are_those_of_trial_division(
            start in prop_oneof![0_u64..200, 9_000_u64..11_000, 99_990_000_u64..100_010_000],
            length in 0_u64..1500,
        ) {
            let (list, count) = model(start, start + length);
            prop_assert_eq!(trial::compute(task(start, start + length, true)).0, count.to_string());
            prop_assert_eq!(trial::compute(task(start, start + length, false)), (list, Size::Count(count)));
        }
    }
}
