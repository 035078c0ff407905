//! Abacus, with each instruction set of the machine, on one and on two threads.

use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::time::Duration;

use abacus_arithmetic::{
    Decimal, InstructionSet, Machine, Unmonitored, binomial, count_primes, count_primes_cost, factorial,
    fibonacci, parse_decimal, power, primes,
};
use anyhow::Context as _;
use num_bigint::BigUint;

use super::contestant::{Contestant, Laps, Role, Sample, fingerprint};
use super::operands::Operands;
use super::question::Question;
use crate::stopwatch::{Lap, timed};

/// What is estimated to take longer is not tried.
const LONGEST: Duration = Duration::from_mins(2);

/// Abacus on a part of this machine.
pub(crate) struct Ours {
    name: String,
    role: Role,
    machine: Machine,
    operands: Operands,
}

/// Everybody of ours, the reference first.
pub(crate) fn all(operands: &Operands) -> impl Iterator<Item = Ours> {
    InstructionSet::available().flat_map(|instructions| {
        [1, 2].map(|threads| {
            let role = if instructions == InstructionSet::best() && threads == 1 {
                Role::Reference
            } else {
                Role::Own
            };
            let machine = Machine { threads: NonZeroUsize::new(threads).expect("one or two"), instructions };
            Ours { name: name(machine), role, machine, operands: operands.clone() }
        })
    })
}

/// What Abacus is called on this part of a machine.
pub(crate) fn name(machine: Machine) -> String {
    let set = match machine.instructions {
        InstructionSet::Avx512Ifma => "AVX-512 IFMA",
        InstructionSet::Avx2 => "AVX2",
        InstructionSet::Portable => "portable",
    };
    let threads = if machine.threads.get() == 1 { "" } else { ", 2 threads" };
    format!("Abacus, {set}{threads}")
}

impl Contestant for Ours {
    fn name(&self) -> &str {
        &self.name
    }

    fn role(&self) -> Role {
        self.role
    }

    fn answer(&mut self, question: &Question, repeats: u32) -> anyhow::Result<Option<Sample>> {
        match *question {
            Question::Count(..) | Question::Sum(_) | Question::Pi(_) => self.primes(question, repeats),
            _ => self.integer(question, repeats).map(Some),
        }
    }
}

impl Ours {
    fn integer(&self, question: &Question, repeats: u32) -> anyhow::Result<Sample> {
        let machine = self.machine;
        let monitor = &mut Unmonitored;
        let mut operands = Vec::new();
        for text in self.operands.texts(question) {
            operands.push(text.parse::<Decimal>()?);
        }
        match *question {
            Question::Fibonacci(n) => repeat(repeats, || Ok(fibonacci(n, machine, monitor)?)),
            Question::Factorial(n) => repeat(repeats, || Ok(factorial(n, machine, monitor)?)),
            Question::Binomial(n, k) => repeat(repeats, || Ok(binomial(n, k, machine, monitor)?)),
            Question::Power(base, exponent) => {
                let base = Decimal::from(base);
                repeat(repeats, || Ok(power(&base, exponent, machine, monitor)?))
            }
            Question::Product(_) => {
                repeat(repeats, || Ok(operands[0].multiply(&operands[1], machine, monitor)?))
            }
            _ => {
                let number = self.binary(question)?;
                repeat(repeats, || Ok(Decimal::from_binary(&number, machine, monitor)?))
            }
        }
    }

    /// The operand of a conversion.
    fn binary(&self, question: &Question) -> anyhow::Result<BigUint> {
        let texts = self.operands.texts(question);
        let text = texts.first().context("a conversion has an operand")?;
        Ok(parse_decimal(text)?.into_parts().1)
    }

    /// Sieves do not ask for instruction sets: only the reference answers.
    fn primes(&self, question: &Question, repeats: u32) -> anyhow::Result<Option<Sample>> {
        if self.role != Role::Reference {
            return Ok(None);
        }
        let work: Box<dyn Fn() -> anyhow::Result<u64>> = match *question {
            Question::Count(start, end) => Box::new(move || Ok(count_primes(start, end, &mut Unmonitored)?)),
            Question::Pi(end) if count_primes_cost(0, end) <= LONGEST => {
                Box::new(move || Ok(count_primes(0, end, &mut Unmonitored)?))
            }
            Question::Sum(end) => Box::new(move || sum(end)),
            _ => return Ok(None),
        };
        let mut lap = Lap::default();
        let mut count = 0;
        for _ in 0..repeats {
            let (counted, took) = timed(&work);
            count = counted?;
            lap = lap + took;
        }
        let laps = Laps { compute: lap.per(repeats), digits: None };
        Ok(Some(Sample { laps, answer: count.to_string() }))
    }
}

/// The sum of the primes up to `end`.
fn sum(end: u64) -> anyhow::Result<u64> {
    let mut sum = 0;
    primes(0, end, &mut Unmonitored, &mut |block| {
        sum += block.iter().sum::<u64>();
        ControlFlow::Continue(())
    })?;
    Ok(sum)
}

/// Computes a number again and again, and each time writes its digits to memory.
fn repeat(repeats: u32, mut compute: impl FnMut() -> anyhow::Result<Decimal>) -> anyhow::Result<Sample> {
    let (mut computing, mut writing) = (Lap::default(), Lap::default());
    let mut text = Vec::new();
    for _ in 0..repeats {
        // What was written before goes away outside of the times.
        drop(std::mem::take(&mut text));
        let (number, took) = timed(&mut compute);
        let number = number?;
        computing = computing + took;
        let (written, took) = timed(|| write(&number));
        text = written?;
        writing = writing + took;
    }
    let laps = Laps { compute: computing.per(repeats), digits: Some(writing.per(repeats)) };
    Ok(Sample { laps, answer: fingerprint(&text) })
}

/// The decimal digits, all in memory, as rivals give them.
fn write(number: &Decimal) -> anyhow::Result<Vec<u8>> {
    let mut text = Vec::with_capacity(usize::try_from(number.digit_count())?);
    number.write(&mut Unmonitored, &mut |piece| {
        text.extend_from_slice(piece);
        ControlFlow::Continue(())
    })?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    #[test]
    fn every_question_is_answered_by_the_reference() {
        let operands = Operands::in_folder(PathBuf::from("unused"));
        let mut reference = all(&operands).next().unwrap();
        assert_eq!(reference.role(), Role::Reference);
        let cases = [
            (Question::Fibonacci(10), fingerprint(b"55")),
            (Question::Factorial(5), fingerprint(b"120")),
            (Question::Binomial(6, 3), fingerprint(b"20")),
            (Question::Power(3, 4), fingerprint(b"81")),
            (Question::Conversion(50), fingerprint(operands.texts(&Question::Conversion(50))[0].as_bytes())),
            (Question::Count(1, 100), "25".to_owned()),
            (Question::Sum(10), "17".to_owned()),
            (Question::Pi(100), "25".to_owned()),
        ];
        for (question, answer) in cases {
            let sample = reference.answer(&question, 2).unwrap().unwrap();
            assert_eq!(sample.answer, answer, "{question:?}");
        }
    }
}
