//! The settings of a broker, as flags and variables of a process.

use std::{ops::RangeInclusive, time::Duration};

use clap::Args;

use crate::Terms;

const SECOND: Duration = Duration::from_secs(1);
const YEAR: Duration = Duration::from_hours(365 * 24);

/// The bounds and durations of a broker. Every process of one mesh is given the same.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Broker")]
#[group(skip)]
pub struct Settings {
    /// How long a worker may be silent before its jobs run elsewhere, 1s to 1h; renewed each second.
    #[arg(long, env = "ABACUS_LEASE", value_name = "DURATION", default_value = "5s",
          value_parser = duration(SECOND..=3600 * SECOND))]
    pub lease: Duration,

    /// How many attempts a job has before it fails and stands in the dead letters, 1 to 100.
    #[arg(long, env = "ABACUS_MAX_ATTEMPTS", value_name = "COUNT", default_value = "3",
          value_parser = clap::value_parser!(u32).range(1..=100))]
    pub max_attempts: u32,

    /// How long a finished job and its result are kept, 1s to 365days.
    #[arg(long, env = "ABACUS_RESULT_TTL", value_name = "DURATION", default_value = "24h",
          value_parser = duration(SECOND..=YEAR))]
    pub result_ttl: Duration,

    /// How long the list of a client's requests is kept after the last one, 1s to 365days.
    #[arg(long, env = "ABACUS_REQUEST_TTL", value_name = "DURATION", default_value = "24h",
          value_parser = duration(SECOND..=YEAR))]
    pub request_ttl: Duration,

    /// How many jobs may wait in one queue (kind and lane), 1 to 100000000; one more is refused with `QUEUE_FULL`.
    #[arg(long, env = "ABACUS_MAX_QUEUED", value_name = "COUNT", default_value = "1000000",
          value_parser = clap::value_parser!(u32).range(1..=100_000_000))]
    pub max_queued: u32,

    /// How many MiB the tasks of waiting and running jobs and their requests may take, 1 to 1048576, divided evenly among
    /// the partitions; more is refused with `QUEUE_FULL`.
    #[arg(long, env = "ABACUS_MAX_QUEUED_MIB", value_name = "MIB", default_value = "1024",
          value_parser = clap::value_parser!(u32).range(1..=1_048_576))]
    pub max_queued_mib: u32,

    /// How many MiB of finished results are kept, 1 to 1048576; beyond, the longest finished are forgotten first.
    #[arg(long, env = "ABACUS_MAX_KEPT_MIB", value_name = "MIB", default_value = "4096",
          value_parser = clap::value_parser!(u32).range(1..=1_048_576))]
    pub max_kept_mib: u32,

    /// How many requests of one client are kept, 1 to 1000000; beyond, the oldest are forgotten first.
    #[arg(long, env = "ABACUS_MAX_REQUESTS", value_name = "COUNT", default_value = "10000",
          value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub max_requests: u32,

    /// How many dead letters are kept, 1 to 1000000; beyond, the oldest are forgotten first.
    #[arg(long, env = "ABACUS_MAX_DEAD", value_name = "COUNT", default_value = "10000",
          value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub max_dead: u32,
}

impl Settings {
    /// The terms that the settings tell.
    #[must_use]
    pub fn terms(&self) -> Terms {
        let count = |value: u32| usize::try_from(value).unwrap_or(usize::MAX);
        Terms {
            lease: self.lease,
            max_attempts: self.max_attempts,
            result_ttl: self.result_ttl,
            request_ttl: self.request_ttl,
            max_queued: count(self.max_queued),
            max_queued_bytes: u64::from(self.max_queued_mib) << 20,
            max_kept_bytes: u64::from(self.max_kept_mib) << 20,
            max_requests: count(self.max_requests),
            max_dead: count(self.max_dead),
            ..Terms::default()
        }
    }
}

/// A parser of durations such as `500ms`, `5s`, `24h` within bounds.
pub(crate) fn duration(
    bounds: RangeInclusive<Duration>,
) -> impl Fn(&str) -> Result<Duration, String> + Clone + Send + Sync + 'static {
    move |text| {
        let value = humantime::parse_duration(text)
            .map_err(|error| format!("{error}; write a duration such as 5s, 2m or 24h"))?;
        let (low, high) = (bounds.start(), bounds.end());
        let shown = (humantime::format_duration(*low), humantime::format_duration(*high));
        if bounds.contains(&value) { Ok(value) } else { Err(format!("must be {} to {}", shown.0, shown.1)) }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Command {
        #[command(flatten)]
        settings: Settings,
    }

    #[test]
    fn the_defaults_are_those_of_the_terms() {
        let command = Command::try_parse_from(["test"]).unwrap();
        assert_eq!(command.settings.terms(), Terms::default());
    }

    #[test]
    fn bad_values_are_refused() {
        for arguments in [["test", "--lease=0s"], ["test", "--max-attempts=0"], ["test", "--result-ttl=soon"]]
        {
            assert!(Command::try_parse_from(arguments).is_err(), "{arguments:?}");
        }
    }
}
