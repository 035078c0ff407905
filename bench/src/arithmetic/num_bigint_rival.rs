//! num-bigint, in this process.

use num_bigint::BigUint;

use super::contestant::{Contestant, Laps, Role, Sample, fingerprint};
use super::operands::Operands;
use super::question::Question;
use crate::stopwatch::{Lap, timed};

/// Larger questions take it minutes.
const LARGEST_INDEX: u64 = 10_000_000;
const MOST_DIGITS: u64 = 1_000_000;

/// num-bigint.
pub(crate) struct NumBigint {
    pub(crate) operands: Operands,
}

impl Contestant for NumBigint {
    fn name(&self) -> &'static str {
        "num-bigint"
    }

    fn role(&self) -> Role {
        Role::Rival
    }

    fn answer(&mut self, question: &Question, repeats: u32) -> anyhow::Result<Option<Sample>> {
        let mut operands = Vec::new();
        if question.operands().1 <= MOST_DIGITS {
            for text in self.operands.texts(question) {
                operands.push(text.parse::<BigUint>()?);
            }
        }
        Ok(match (question, &operands[..]) {
            (Question::Fibonacci(n), _) if *n <= LARGEST_INDEX => Some(repeat(repeats, || fibonacci(*n))),
            (Question::Product(_), [first, second]) => Some(repeat(repeats, || first * second)),
            (Question::Conversion(_), [number]) => Some(repeat(repeats, || number)),
            _ => None,
        })
    }
}

/// Computes a number again and again, and each time its digits.
fn repeat<N: ToString>(repeats: u32, compute: impl Fn() -> N) -> Sample {
    let (mut computing, mut writing) = (Lap::default(), Lap::default());
    let mut text = String::new();
    for _ in 0..repeats {
        let (number, took) = timed(&compute);
        computing = computing + took;
        let (written, took) = timed(|| number.to_string());
        writing = writing + took;
        text = written;
    }
    let laps = Laps { compute: computing.per(repeats), digits: Some(writing.per(repeats)) };
    Sample { laps, answer: fingerprint(text.as_bytes()) }
}

/// F(n) from F(k) and F(k+1), k being the leading bits of n.
fn fibonacci(n: u64) -> BigUint {
    // F(2k) = F(k) (2 F(k+1) - F(k)), F(2k+1) = F(k)^2 + F(k+1)^2.
    let even = |current: &BigUint, next: &BigUint| current * (2u32 * next - current);
    let odd = |current: &BigUint, next: &BigUint| current * current + next * next;
    let (mut current, mut next) = (BigUint::ZERO, BigUint::from(1u32));
    for bit in (1..u64::BITS - n.leading_zeros()).rev() {
        let (below, above) = (even(&current, &next), odd(&current, &next));
        (current, next) = if n >> bit & 1 == 0 { (below, above) } else { (above.clone(), below + above) };
    }
    if n & 1 == 0 { even(&current, &next) } else { odd(&current, &next) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fibonacci_numbers_are_sums_of_the_two_before() {
        let (mut current, mut next) = (BigUint::ZERO, BigUint::from(1u32));
        for n in 0..300 {
            assert_eq!(fibonacci(n), current, "F({n})");
            (current, next) = (next.clone(), current + next);
        }
    }
}
