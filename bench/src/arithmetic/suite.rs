//! The questions, with their answers where they are known, and what Abacus wants to reach.

use abacus_arithmetic::InstructionSet::{Avx2, Avx512Ifma};

use super::question::Question;
use super::target::{Limit, Phase, Target};

/// Questions that stand in one table.
pub(crate) struct Section {
    pub(crate) title: &'static str,
    /// What there is to know before the table.
    pub(crate) remark: &'static str,
    pub(crate) rows: Vec<Row>,
}

/// A question with what is known of it.
#[derive(Clone)]
pub(crate) struct Row {
    pub(crate) question: Question,
    pub(crate) size: Size,
    /// A count, or the SHA-256 of the decimal digits. Where it is not known, all must agree.
    pub(crate) answer: Option<&'static str>,
    pub(crate) targets: Vec<Target>,
}

/// How long a question takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Size {
    /// A moment.
    Quick,
    /// Some seconds.
    Usual,
    /// Rivals take up to a minute.
    Largest,
}

/// Everything that is measured.
pub(crate) fn sections() -> Vec<Section> {
    vec![fibonacci(), combinatorics(), products(), intervals(), counts()]
}

fn row(question: Question, size: Size, answer: &'static str) -> Row {
    Row { question, size, answer: Some(answer), targets: Vec::new() }
}

impl Row {
    fn with(self, targets: impl Into<Vec<Target>>) -> Self {
        Self { targets: targets.into(), ..self }
    }
}

fn fibonacci() -> Section {
    let f5 = "9fe22f691a91170da9006226d479ad986b2f92021b7045ecfb0a5091b641b802";
    let f6 = "aef6e8c19df607aa07940f2abde8460d1b34c18df1a6f46b5fc04dfe9be51706";
    let f7 = "dee686d8c2407fb7fae2c58f8096d07baa790709d489454691af77d29cf3fb4d";
    let f8 = "098ac40fa4f909c1162efa97ff10037049ee48befd4bc192d7197c538c2c193c";
    let f9 = "ee790ff513e4d66ccf5e59c355c696a323dfd968e30f63d1466fd2fdf68f270f";
    Section {
        title: "Fibonacci numbers",
        remark: "Computing F(n) / writing its decimal digits to memory. Whoever computes in binary pays at the end.",
        rows: vec![
            row(Question::Fibonacci(100_000), Size::Quick, f5).with([Target::new(
                Avx512Ifma,
                1,
                Phase::Compute,
                Limit::Milliseconds(0.04),
            )]),
            row(Question::Fibonacci(1_000_000), Size::Quick, f6).with([Target::new(
                Avx512Ifma,
                1,
                Phase::Compute,
                Limit::Milliseconds(0.45),
            )]),
            row(Question::Fibonacci(10_000_000), Size::Usual, f7).with([Target::new(
                Avx512Ifma,
                1,
                Phase::Compute,
                Limit::Milliseconds(6.0),
            )]),
            row(Question::Fibonacci(100_000_000), Size::Usual, f8).with([
                Target::new(Avx512Ifma, 1, Phase::Compute, Limit::Milliseconds(80.0)),
                Target::new(Avx2, 1, Phase::Total, Limit::PartOf("FLINT radix", 1.0)),
            ]),
            row(Question::Fibonacci(1_000_000_000), Size::Largest, f9).with([
                Target::new(Avx512Ifma, 1, Phase::Total, Limit::Milliseconds(1500.0)),
                Target::new(Avx512Ifma, 2, Phase::Total, Limit::Milliseconds(900.0)),
                Target::new(Avx2, 1, Phase::Total, Limit::PartOf("FLINT radix", 1.0)),
            ]),
        ],
    }
}

fn combinatorics() -> Section {
    let unknown = |question, size| Row { question, size, answer: None, targets: Vec::new() };
    Section {
        title: "Factorials, binomial coefficients, powers",
        remark: "Computing / writing the decimal digits to memory.",
        rows: vec![
            unknown(Question::Factorial(100_000), Size::Quick),
            unknown(Question::Factorial(1_000_000), Size::Usual),
            unknown(Question::Factorial(10_000_000), Size::Usual),
            unknown(Question::Binomial(1_000_000, 500_000), Size::Quick),
            unknown(Question::Binomial(10_000_000, 5_000_000), Size::Usual),
            unknown(Question::Power(3, 1_000_000), Size::Quick),
            unknown(Question::Power(3, 10_000_000), Size::Usual),
        ],
    }
}

fn products() -> Section {
    let unknown = |question, size| Row { question, size, answer: None, targets: Vec::new() };
    Section {
        title: "Products and conversions",
        remark: "The product of two integers, each kept as its owner keeps integers / its decimal digits; and the \
                 digits of an integer that is kept in binary: num-bigint's for Abacus and num-bigint, their own for \
                 the others.",
        rows: vec![
            unknown(Question::Product(100_000), Size::Quick),
            unknown(Question::Product(1_000_000), Size::Usual),
            unknown(Question::Product(10_000_000), Size::Usual),
            unknown(Question::Conversion(100_000), Size::Quick),
            unknown(Question::Conversion(1_000_000), Size::Usual),
            unknown(Question::Conversion(10_000_000), Size::Usual),
        ],
    }
}

fn intervals() -> Section {
    const BILLION: u64 = 1_000_000_000;
    /// What primesieve's time is to be multiplied with.
    fn limit(part: f64) -> Target {
        Target::anywhere(Limit::PartOf("primesieve", part))
    }
    let count = |start, end, answer| row(Question::Count(start, end), Size::Usual, answer);
    let above = |start, answer| count(start, start + BILLION, answer);
    Section {
        title: "Primes of an interval",
        remark: "Counting them; and adding them up one by one, where primesieve only writes them to memory.",
        rows: vec![
            row(Question::Count(1, BILLION / 10), Size::Quick, "5761455"),
            count(1, BILLION, "50847534").with([limit(0.8)]),
            above(1_000 * BILLION, "36190991").with([limit(0.95)]),
            above(10_000 * BILLION, "33405006").with([limit(1.0)]),
            above(1_000_000 * BILLION, "28946421").with([limit(1.3)]),
            row(Question::Sum(BILLION), Size::Usual, "24739512092254535"),
        ],
    }
}

fn counts() -> Section {
    Section {
        title: "Counting primes without finding them",
        remark: "The number of primes up to 10^13. Abacus is left out while it estimates more than two minutes for it.",
        rows: vec![
            row(Question::Pi(10_000_000_000_000), Size::Usual, "346065536839")
                .with([Target::anywhere(Limit::Milliseconds(300.0))]),
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique() {
        let rows = sections().into_iter().flat_map(|section| section.rows);
        let mut labels: Vec<_> = rows.map(|row| row.question.label()).collect();
        let count = labels.len();
        labels.sort_unstable();
        labels.dedup();
        assert_eq!(labels.len(), count);
    }
}
