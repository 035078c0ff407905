//! What a computation is given while it runs, and how it may end.

use std::{num::NonZeroUsize, ops::ControlFlow};

use abacus_arithmetic::Interrupted;
use bytes::Bytes;

use crate::Task;

/// The parts of a task, in the order in which they will be asked for. Each is a task of its own, and has no parts.
pub type Parts = Box<dyn Iterator<Item = Task> + Send>;

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

    /// Announces the parts of the task: others may begin to compute them. Each will be asked for once by
    /// [`part`](Run::part), in this order. False: there are no others here, and the whole is computed at once.
    fn announce(&mut self, parts: Parts) -> bool {
        drop(parts);
        false
    }

    /// The result of the next part that was announced, whoever has computed it. Waits for it. `None`: it is not to be
    /// had, and is to be computed here.
    ///
    /// # Errors
    /// [`Stop::Interrupted`] when the computation is to stop.
    fn part(&mut self, part: &Task) -> Result<Option<Bytes>, Stop> {
        let _ = part;
        Ok(None)
    }

    /// The result of another task, if somebody has computed it before and it is still kept. Does not wait for one that
    /// is being computed.
    ///
    /// # Errors
    /// [`Stop::Interrupted`] when the computation is to stop.
    fn kept(&mut self, task: &Task) -> Result<Option<Bytes>, Stop> {
        let _ = task;
        Ok(None)
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
