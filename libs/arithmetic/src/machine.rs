//! What a computation may use of the machine that it runs on.

use std::num::NonZeroUsize;

use crate::InstructionSet;

/// How many threads a computation may use, and which instructions.
///
/// Results never depend on it. A number of threads stands for the machine's best instructions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Machine {
    /// The most threads that work at a time, the calling one included.
    pub threads: NonZeroUsize,
    /// The instructions; where the machine does not have them, those that every machine has.
    pub instructions: InstructionSet,
}

impl From<NonZeroUsize> for Machine {
    fn from(threads: NonZeroUsize) -> Self {
        Self { threads, instructions: InstructionSet::best() }
    }
}
