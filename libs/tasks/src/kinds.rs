//! The kinds of tasks. A new kind is one message and one arm in `proto/abacus/v1/task.proto`, one file in `kinds/`
//! that implements [`Kind`] for the message, and one line in the list below, which the compiler demands.

mod binomial;
mod factorial;
mod fibonacci;
mod kernel;
mod mult3;
mod nth_prime;
pub(crate) mod operand;
mod power;
mod primes;
mod spin;
mod sum2;
mod surprise;
#[cfg(test)]
mod trial;

use abacus_api::v1::{self, task};

use crate::{
    Cost, Run, Size, Stop, Violations,
    limits::{Limit, Limits},
};

/// What a kind declares about itself.
#[derive(Debug, Clone, Copy)]
pub struct Description {
    /// Its name: the name of its field in the contract's `Task`.
    pub name: &'static str,
    /// What it computes, in a sentence.
    pub summary: &'static str,
    /// The limits on its parameters.
    pub limits: &'static [Limit],
    /// A task to try, small enough for the instant lane.
    pub example: fn() -> v1::Task,
}

/// What a result is made of; decides in which formats it can be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    /// One integer; natively its decimal digits, with `-` in front of a negative one.
    Integer,
    /// The ascending primes of an interval; natively each in decimal, followed by a line feed.
    Primes {
        /// The first integer of the interval.
        start: u64,
        /// The last integer of the interval.
        end: u64,
    },
    /// The ascending primes of an interval; natively the gaps between them, as varints.
    Gaps {
        /// The first integer of the interval.
        start: u64,
        /// The last integer of the interval.
        end: u64,
    },
    /// Text, in UTF-8.
    Text,
}

/// One kind of task, implemented for its message. Everything is synchronous and pure.
pub trait Kind {
    /// What the kind declares about itself.
    const DESCRIPTION: Description;

    /// Fills in defaults, normalises, and notes every wrong field, by paths relative to this message. Checking a
    /// checked task changes nothing.
    fn check(&mut self, limits: &Limits, violations: &mut Violations);

    /// What the result is made of.
    fn content(&self) -> Content;

    /// What computing it costs; only asked of checked tasks.
    fn cost(&self) -> Cost;

    /// Computes it: writes the result and tells its size.
    ///
    /// # Errors
    /// [`Stop`] says whether it was interrupted, may be tried again, or cannot be computed.
    fn run(&self, run: &mut dyn Run) -> Result<Size, Stop>;
}

macro_rules! kinds {
    ($($kind:ident)*) => {
        const DESCRIPTIONS: &[Description] = &[$(<v1::$kind as Kind>::DESCRIPTION),*];

        /// The behaviour of the kind of this task.
        pub(crate) fn of(task: &task::Task) -> &dyn Behaviour {
            match task {
                $(task::Task::$kind(parameters) => parameters,)*
            }
        }

        /// The behaviour of the kind of this task, which checking may change.
        pub(crate) fn of_mut(task: &mut task::Task) -> &mut dyn Behaviour {
            match task {
                $(task::Task::$kind(parameters) => parameters,)*
            }
        }

        /// What the kind of this task declares about itself.
        #[must_use]
        pub fn describe(task: &task::Task) -> &'static Description {
            match task {
                $(task::Task::$kind(_) => const { &<v1::$kind as Kind>::DESCRIPTION },)*
            }
        }
    };
}

kinds! { Fibonacci Primes Sum2 Mult3 Surprise Spin Factorial Binomial Power NthPrime }

/// Every kind, in the order of the contract.
#[must_use]
pub fn all() -> &'static [Description] {
    DESCRIPTIONS
}

/// The kind of this name, if there is one.
#[must_use]
pub fn find(name: &str) -> Option<&'static Description> {
    DESCRIPTIONS.iter().find(|kind| kind.name == name)
}

/// [`Kind`] without its constants, so that kinds of different types can be used alike.
pub(crate) trait Behaviour {
    fn check(&mut self, limits: &Limits, violations: &mut Violations);
    fn content(&self) -> Content;
    fn cost(&self) -> Cost;
    fn run(&self, run: &mut dyn Run) -> Result<Size, Stop>;
}

impl<K: Kind> Behaviour for K {
    fn check(&mut self, limits: &Limits, violations: &mut Violations) {
        Kind::check(self, limits, violations);
    }

    fn content(&self) -> Content {
        Kind::content(self)
    }

    fn cost(&self) -> Cost {
        Kind::cost(self)
    }

    fn run(&self, run: &mut dyn Run) -> Result<Size, Stop> {
        Kind::run(self, run)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Budget, Format, Lane, Task};

    #[test]
    fn examples_are_computed_at_once() {
        for kind in all() {
            let task = Task::check((kind.example)(), &Limits::default()).unwrap();
            assert_eq!(task.kind().name, kind.name);
            assert_eq!(Lane::of(&task.cost()), Lane::Instant, "{}", kind.name);
            assert!(Budget::default().excesses(&task.cost()).is_empty(), "{}", kind.name);
            assert!(Format::native(&task.content()).is_text(), "{}", kind.name);
            trial::compute((kind.example)().task.unwrap());
        }
    }

    #[test]
    fn kinds_are_found_by_name() {
        assert!(all().iter().all(|kind| find(kind.name).is_some_and(|found| found.name == kind.name)));
        assert!(find("Fibonacci").is_none());
    }
}
