//! What a computation is given while it runs, and how it may end.

use std::{num::NonZeroUsize, ops::ControlFlow};

use abacus_arithmetic::Interrupted;

/// The surroundings of a running computation: it reports progress and writes its result in order, and is told by
/// every answer whether to go on. A computation asks often: no stretch of work between two calls should be longer
/// than about 100 ms.
pub trait Run {
    /// Tells how far the work is (`fraction`, 0.0 to 1.0, never falling within a phase) and what is being done, in a
    /// word or two. Cheap: may be called thousands of times a second. `Break` means: return [`Stop::Interrupted`].
    fn report(&mut self, fraction: f64, phase: &'static str) -> ControlFlow<()>;

    /// Appends `bytes` to the result. The same task must write the same bytes at every attempt, whatever their
    /// division into calls. Waits when the reader is behind. `Break` means: return [`Stop::Interrupted`].
    fn write(&mut self, bytes: &[u8]) -> ControlFlow<()>;

    /// How many threads the computation may use, its own included.
    fn threads(&self) -> NonZeroUsize {
        NonZeroUsize::MIN
    }
}

/// How large a result is in its own terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    /// The number of decimal digits of an integer, without the sign.
    Digits(u64),
    /// How many primes, characters or notes.
    Count(u64),
}

/// Why a computation ended without a result.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Stop {
    /// It was told to stop.
    #[error("interrupted")]
    Interrupted,
    /// Something passing went wrong: another attempt may succeed.
    #[error("{0}")]
    Retry(String),
    /// Another attempt would end the same way.
    #[error("{0}")]
    Fail(String),
}

impl From<Interrupted> for Stop {
    fn from(_: Interrupted) -> Self {
        Self::Interrupted
    }
}
