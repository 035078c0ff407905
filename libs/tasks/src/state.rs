//! The states of a job, the lanes it can be queued in, and the ways a submission is answered.
//!
//! ```text
//!              claim                finish
//!   Queued ------------> Running ------------> Succeeded | Failed
//!     |  ^                 |  |
//!     |  +-----------------+  |     a lost, failed or handed-back attempt is repeated
//!     |     rescue, release   |
//!     +-----------------------+---------------> Cancelled
//! ```

use std::{fmt, str::FromStr};

use abacus_api::v1;

use crate::cost::Cost;

/// Where a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    /// It waits for a worker.
    Queued,
    /// A worker computes it.
    Running,
    /// Its result is there.
    Succeeded,
    /// It could not be computed.
    Failed,
    /// Nobody asked for it any more.
    Cancelled,
}

/// A queue class by estimated cost, so that cheap jobs never wait behind expensive ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Lane {
    /// Estimated at up to 2 ms.
    Instant,
    /// Estimated at up to 1 s.
    Short,
    /// Estimated above 1 s.
    Long,
}

/// How a submission was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Disposition {
    /// A new computation was queued.
    Created,
    /// The same task was already queued or running.
    Joined,
    /// The result was already there.
    Cached,
}

/// A word that names no state, lane or disposition.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown word {0:?}")]
pub struct UnknownWord(String);

impl State {
    /// Every state.
    pub const ALL: [Self; 5] = [Self::Queued, Self::Running, Self::Succeeded, Self::Failed, Self::Cancelled];

    /// True when the job has ended, whatever the outcome.
    #[must_use]
    pub fn is_terminal(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Cancelled)
    }

    /// True when a job may pass from this state to `next` within one life of the job. (A failed or cancelled job
    /// that is asked for again begins a new life, in `Queued`.)
    #[must_use]
    pub fn may_become(self, next: Self) -> bool {
        match self {
            Self::Queued => matches!(next, Self::Running | Self::Cancelled),
            Self::Running => next != Self::Running,
            Self::Succeeded | Self::Failed | Self::Cancelled => false,
        }
    }

    /// The state in one lower-case word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }
}

impl Lane {
    /// Every lane, the cheapest first.
    pub const ALL: [Self; 3] = [Self::Instant, Self::Short, Self::Long];

    /// The lane of a task of this cost.
    #[must_use]
    pub fn of(cost: &Cost) -> Self {
        match cost.compute.as_micros() {
            0..=2_000 => Self::Instant,
            2_001..=1_000_000 => Self::Short,
            _ => Self::Long,
        }
    }

    /// The lane in one lower-case word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Instant => "instant",
            Self::Short => "short",
            Self::Long => "long",
        }
    }
}

impl Disposition {
    /// The disposition in one lower-case word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Joined => "joined",
            Self::Cached => "cached",
        }
    }
}

macro_rules! words {
    ($($type:ident: $($variant:ident)*;)*) => {$(
        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl FromStr for $type {
            type Err = UnknownWord;

            fn from_str(word: &str) -> Result<Self, UnknownWord> {
                [$(Self::$variant),*]
                    .into_iter()
                    .find(|value| value.as_str() == word)
                    .ok_or_else(|| UnknownWord(word.to_owned()))
            }
        }
    )*};
}

words! {
    State: Queued Running Succeeded Failed Cancelled;
    Lane: Instant Short Long;
    Disposition: Created Joined Cached;
}

impl From<State> for v1::JobState {
    fn from(state: State) -> Self {
        match state {
            State::Queued => Self::Queued,
            State::Running => Self::Running,
            State::Succeeded => Self::Succeeded,
            State::Failed => Self::Failed,
            State::Cancelled => Self::Cancelled,
        }
    }
}

impl From<Lane> for v1::Lane {
    fn from(lane: Lane) -> Self {
        match lane {
            Lane::Instant => Self::Instant,
            Lane::Short => Self::Short,
            Lane::Long => Self::Long,
        }
    }
}

impl From<Disposition> for v1::Disposition {
    fn from(disposition: Disposition) -> Self {
        match disposition {
            Disposition::Created => Self::Created,
            Disposition::Joined => Self::Joined,
            Disposition::Cached => Self::Cached,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_final_state_is_left_by_no_transition() {
        for from in State::ALL {
            for to in State::ALL {
                assert!(!(from.is_terminal() && from.may_become(to)), "{from} -> {to}");
            }
        }
        assert!(State::Running.may_become(State::Queued), "a lost attempt is repeated");
        assert!(!State::Queued.may_become(State::Succeeded), "only a running job has a result");
    }

    #[test]
    fn lanes_divide_at_two_milliseconds_and_one_second() {
        let lane = |micros| Lane::of(&Cost { compute: Duration::from_micros(micros), ..Cost::default() });
        assert_eq!(lane(0), Lane::Instant);
        assert_eq!(lane(2_000), Lane::Instant);
        assert_eq!(lane(2_001), Lane::Short);
        assert_eq!(lane(1_000_000), Lane::Short);
        assert_eq!(lane(1_000_001), Lane::Long);
    }

    #[test]
    fn words_read_back() {
        for state in State::ALL {
            assert_eq!(state.as_str().parse(), Ok(state));
        }
        for lane in Lane::ALL {
            assert_eq!(lane.as_str().parse(), Ok(lane));
        }
        assert!("done".parse::<State>().is_err());
    }
}
