//! What Abacus wants to reach, and whether it did.

use std::num::NonZeroUsize;

use abacus_arithmetic::{InstructionSet, Machine};

use super::contestant::Laps;
use super::ours;
use super::rounds::Outcome;
use crate::statistics::significant;

/// A limit on what a question takes Abacus.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Target {
    who: Who,
    phase: Phase,
    limit: Limit,
}

/// Which Abacus is meant.
#[derive(Clone, Copy, Debug)]
enum Who {
    /// As it runs on the machine at hand with one thread.
    Reference,
    /// With these instructions on this many threads.
    On(InstructionSet, NonZeroUsize),
}

/// What is limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Computing alone.
    Compute,
    /// With the digits, where there are some.
    Total,
}

/// How much it may be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Limit {
    /// This time on the clock, which holds on the machine that the target was set on.
    Milliseconds(f64),
    /// This part of what this rival takes in the same rounds.
    PartOf(&'static str, f64),
}

/// How a target was met: cells of a table.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Verdict {
    pub(crate) who: String,
    pub(crate) target: String,
    pub(crate) measured: String,
    pub(crate) met: bool,
}

impl Target {
    /// A target for Abacus on any machine, with one thread, all in all.
    pub(crate) const fn anywhere(limit: Limit) -> Self {
        Self { who: Who::Reference, phase: Phase::Total, limit }
    }

    /// A target for Abacus with these instructions on this many threads, at least one.
    pub(crate) const fn new(
        instructions: InstructionSet,
        threads: usize,
        phase: Phase,
        limit: Limit,
    ) -> Self {
        let threads = NonZeroUsize::new(threads).expect("at least one thread");
        Self { who: Who::On(instructions, threads), phase, limit }
    }

    /// Whether it was met; `None` where the machine or the rival is missing.
    pub(crate) fn verdict(&self, outcome: &Outcome) -> Option<Verdict> {
        let (who, entry) = match self.who {
            Who::Reference => ("Abacus".to_owned(), outcome.reference()?),
            Who::On(instructions, threads) => {
                let name = ours::name(Machine { threads, instructions });
                let entry = outcome.entry(&name)?;
                (name, entry)
            }
        };
        let time = |laps: &Laps| match self.phase {
            Phase::Compute => laps.compute.wall,
            Phase::Total => laps.total().wall,
        };
        let phase = if self.phase == Phase::Compute { "compute" } else { "all" };
        let (measured, most, target, unit) = match self.limit {
            Limit::Milliseconds(most) => {
                (1e3 * entry.median(time)?, most, format!("{phase} in {} ms", significant(most)), " ms")
            }
            Limit::PartOf(rival, most) => {
                let ratio = entry.ratio(outcome.entry(rival)?, time)?;
                (ratio, most, format!("{phase} in {} of {rival}", significant(most)), "")
            }
        };
        Some(Verdict {
            who,
            target,
            measured: format!("{}{unit}", significant(measured)),
            met: measured <= most,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::contestant::Role;
    use super::super::question::Question;
    use super::super::rounds::Entry;
    use super::super::suite::{Row, Size};
    use super::*;
    use crate::stopwatch::Lap;

    fn outcome(entries: &[(&str, f64)]) -> Outcome {
        let entry = |&(name, wall): &(&str, f64)| {
            let lap = Lap { wall, cpu: 9.0 };
            Entry {
                name: name.to_owned(),
                role: Role::Own,
                laps: vec![Laps { compute: lap, digits: Some(lap) }],
            }
        };
        let row = Row { question: Question::Pi(10), size: Size::Quick, answer: None, targets: Vec::new() };
        Outcome { row, entries: entries.iter().map(entry).collect() }
    }

    #[test]
    fn times_and_ratios_are_judged() {
        let outcome = outcome(&[
            ("Abacus, AVX2", 0.25),
            ("Abacus, AVX2, 2 threads", 0.125),
            ("FLINT radix 3.6.0", 0.2),
        ]);
        let verdict = |threads, phase, limit| {
            Target::new(InstructionSet::Avx2, threads, phase, limit).verdict(&outcome).unwrap()
        };
        let met = verdict(1, Phase::Compute, Limit::Milliseconds(250.0));
        assert_eq!((&*met.target, &*met.measured, met.met), ("compute in 250 ms", "250 ms", true));
        assert!(!verdict(1, Phase::Total, Limit::Milliseconds(499.0)).met);
        assert!(verdict(2, Phase::Total, Limit::Milliseconds(250.0)).met);
        let missed = verdict(1, Phase::Total, Limit::PartOf("FLINT radix", 1.0));
        assert_eq!(
            (&*missed.target, &*missed.measured, missed.met),
            ("all in 1 of FLINT radix", "1.25", false)
        );
    }

    #[test]
    fn without_the_machine_or_the_rival_there_is_no_verdict() {
        let outcome = outcome(&[("Abacus, AVX2", 0.25), ("FLINT radix 3.6.0", 0.2)]);
        let other = Target::new(InstructionSet::Portable, 1, Phase::Total, Limit::Milliseconds(1.0));
        assert_eq!(other.verdict(&outcome), None);
        // FLINT is not FLINT radix.
        let absent = Target::new(InstructionSet::Avx2, 1, Phase::Total, Limit::PartOf("FLINT", 1.0));
        assert_eq!(absent.verdict(&outcome), None);
    }
}
