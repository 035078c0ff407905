//! The primes of an interval, or how many there are.

use std::{ops::ControlFlow, time::Duration};

use abacus_api::v1::{self, task};
use abacus_arithmetic::{Decimal, count_primes, primes, primes_cost};

use super::{Content, Description, Kind, kernel::Desk};
use crate::{Cost, Limits, Run, Size, Stop, Violations, limits::Limit};

const END: Limit = Limit {
    name: "primes.end",
    default: i64::MAX.cast_unsigned(),
    // Signed 64-bit readers can hold every prime.
    ceiling: i64::MAX.cast_unsigned(),
    summary: "The largest end of an interval.",
};

/// Bytes of list written at a time, at most.
const BLOCK_BYTES: usize = 64 << 10;

impl Kind for v1::Primes {
    const DESCRIPTION: Description = Description {
        name: "primes",
        summary: "The prime numbers of an interval, or how many there are.",
        limits: &[END],
        example: || v1::Task {
            task: Some(task::Task::Primes(v1::Primes { start: 1, end: 100, count_only: false })),
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
    }

    fn content(&self) -> Content {
        if self.count_only { Content::Integer } else { Content::Primes { start: self.start, end: self.end } }
    }

    fn cost(&self) -> Cost {
        let sieving = primes_cost(self.start, self.end);
        // The sieve stays below 20 MiB wherever the interval lies.
        let memory_bytes = 20 << 20;
        if self.count_only {
            return Cost { compute: sieving, result_bytes: 20, memory_bytes };
        }
        let (count, result_bytes) = estimate(self.start, self.end);
        // Measured at 6 to 12 ns for writing one prime.
        let writing = Duration::from_nanos(count.saturating_mul(10));
        Cost { compute: sieving.saturating_add(writing), result_bytes, memory_bytes }
    }

    fn run(&self, run: &mut dyn Run) -> Result<Size, Stop> {
        let desk = Desk::new(run);
        if self.count_only {
            let count = count_primes(self.start, self.end, &mut desk.monitor("sieving", 0.0..1.0))?;
            return desk.write_integer(&Decimal::from(count).into(), 1.0..1.0);
        }
        let mut count = 0;
        let mut list = List::new();
        primes(self.start, self.end, &mut desk.monitor("sieving", 0.0..1.0), &mut |found| {
            count += u64::try_from(found.len()).expect("a block of primes");
            for prime in found {
                if list.is_full() {
                    list.flush(&desk)?;
                }
                list.push(*prime);
            }
            // What is known does not wait for the block to fill.
            list.flush(&desk)
        })?;
        Ok(Size::Count(count))
    }
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

/// A block of a list of primes as text: each in decimal, followed by a line feed.
///
/// Neighbours mostly share all digits but the last four, so those before them stay written in `line`.
struct List {
    block: Vec<u8>,
    /// The digits of `upper`, then room for four more and a line feed.
    line: [u8; LINE_BYTES],
    /// The latest prime without its last four digits.
    upper: u64,
    upper_digits: usize,
}

/// Room for the longest line, which has 21 bytes, up to a size that is copied quickly.
const LINE_BYTES: usize = 24;

/// The integers that four digits can write.
const LOWER: u64 = 10_000;

impl List {
    fn new() -> Self {
        Self { block: Vec::with_capacity(BLOCK_BYTES), line: [0; LINE_BYTES], upper: 0, upper_digits: 0 }
    }

    /// Whether another line could make the block too long.
    fn is_full(&self) -> bool {
        self.block.len() + LINE_BYTES > BLOCK_BYTES
    }

    fn push(&mut self, prime: u64) {
        let (upper, lower) = (prime / LOWER, prime % LOWER);
        if upper == 0 {
            self.block.extend_from_slice(prime.to_string().as_bytes());
            self.block.push(b'\n');
            return;
        }
        if upper != self.upper {
            let digits = upper.to_string();
            self.line[..digits.len()].copy_from_slice(digits.as_bytes());
            (self.upper, self.upper_digits) = (upper, digits.len());
        }
        let lower = u32::try_from(lower).expect("less than 10,000");
        let digit = |power| b'0' + u8::try_from(lower / power % 10).expect("a remainder by ten");
        let last = [digit(1000), digit(100), digit(10), digit(1), b'\n'];
        self.line[self.upper_digits..][..last.len()].copy_from_slice(&last);
        // A copy of fixed length, cut afterwards, is several times faster than one of the line's own length.
        let end = self.block.len() + self.upper_digits + last.len();
        self.block.extend_from_slice(&self.line);
        self.block.truncate(end);
    }

    /// Hands the block over and starts the next one.
    fn flush(&mut self, desk: &Desk<'_>) -> ControlFlow<()> {
        desk.write(&self.block)?;
        self.block.clear();
        ControlFlow::Continue(())
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use proptest::prelude::*;

    use super::*;
    use crate::kinds::trial;

    fn task(start: u64, end: u64, count_only: bool) -> task::Task {
        task::Task::Primes(v1::Primes { start, end, count_only })
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
        assert!(run.writes.iter().all(|bytes| (1..=BLOCK_BYTES).contains(bytes)), "{:?}", run.writes);
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

        #[test]
        fn lines_are_the_numbers_in_decimal(mut numbers in prop::collection::vec(any::<u64>(), 1..50), shift in 0..64) {
            for number in &mut numbers {
                *number >>= shift;
            }
            let mut list = List::new();
            for number in &numbers {
                list.push(*number);
            }
            let expected: String = numbers.iter().flat_map(|number| [number.to_string(), "\n".into()]).collect();
            prop_assert_eq!(String::from_utf8(list.block).unwrap(), expected);
        }
    }
}
