//! The settings of the notifier.

use std::time::Duration;

use abacus_broker::Conversions;
use abacus_chassis::config::{count, duration, size};
use bytesize::ByteSize;
use clap::{Args, Command, FromArgMatches as _};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_mins(1);

/// How the notifier serves its watchers. To be flattened into the options of a command.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Notifier")]
#[group(skip)]
pub struct Settings {
    /// Silence after which a stream is sent a heartbeat, 100ms to 10m.
    #[arg(id = "watch_heartbeat", long = "watch-heartbeat", env = "ABACUS_WATCH_HEARTBEAT",
          value_name = "DURATION", default_value = "10s", value_parser = duration(SECOND / 10..=10 * MINUTE))]
    pub heartbeat: Duration,

    /// Time after which a watcher reads again what it follows, in case a notice was lost, 100ms to 10m. Each watcher's
    /// own is up to a fifth shorter or longer.
    #[arg(id = "watch_reread", long = "watch-reread", env = "ABACUS_WATCH_REREAD",
          value_name = "DURATION", default_value = "5s", value_parser = duration(SECOND / 10..=10 * MINUTE))]
    pub reread: Duration,

    /// Most requests that one subscription to a client follows at once, 1 to 10000; the others wait in order.
    #[arg(id = "watch_max_followed", long = "watch-max-followed", env = "ABACUS_WATCH_MAX_FOLLOWED",
          value_name = "COUNT", default_value = "1000", value_parser = count(1..=10_000))]
    pub max_followed: usize,

    /// Longest integer, in decimal digits, that is sent in another format than decimal, 1KiB to 1GiB; a longer one is
    /// refused with `FORMAT_TOO_LARGE`.
    #[arg(id = "watch_max_convertible", long = "watch-max-convertible", env = "ABACUS_WATCH_MAX_CONVERTIBLE",
          value_name = "SIZE", default_value = "4MiB", value_parser = size(ByteSize::kib(1)..=ByteSize::gib(1)))]
    pub max_convertible: ByteSize,

    /// Memory for the conversions of all streams at once, 1MiB to 1TiB; those that find no room wait. A result that is
    /// converted takes four times its length until it is sent.
    #[arg(id = "watch_conversion_memory", long = "watch-conversion-memory", env = "ABACUS_WATCH_CONVERSION_MEMORY",
          value_name = "SIZE", default_value = "256MiB", value_parser = size(ByteSize::mib(1)..=ByteSize::tib(1)))]
    pub conversion_memory: ByteSize,

    /// Time for which a watcher waits for a broker that is away, 100ms to 10m; then its stream ends with
    /// `BROKER_UNAVAILABLE`.
    #[arg(id = "watch_broker_patience", long = "watch-broker-patience", env = "ABACUS_WATCH_BROKER_PATIENCE",
          value_name = "DURATION", default_value = "10s", value_parser = duration(SECOND / 10..=10 * MINUTE))]
    pub broker_patience: Duration,
}

impl Settings {
    /// The bounds on conversions.
    pub(crate) fn conversions(&self) -> Conversions {
        // The bound of the option, 1 GiB, fits into `usize` wherever Abacus runs.
        let longest = usize::try_from(self.max_convertible.as_u64()).unwrap_or(usize::MAX);
        Conversions::new(longest, self.conversion_memory.as_u64())
    }
}

/// The values that an option has when neither a flag nor a variable sets it. Variables are not read.
impl Default for Settings {
    fn default() -> Self {
        let command = Self::augment_args(Command::new("defaults")).mut_args(|argument| argument.env(None));
        let matches = command.get_matches_from(["defaults"]);
        Self::from_arg_matches(&matches)
            .expect("every option has a default value within its bounds, as a test checks")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_are_within_their_bounds() {
        let settings = Settings::default();
        assert_eq!(settings.max_convertible, ByteSize::mib(4));
        assert_eq!((settings.heartbeat, settings.reread), (10 * SECOND, 5 * SECOND));
    }

    #[test]
    fn every_option_has_a_variable_named_after_it() {
        let command = Settings::augment_args(Command::new("notifier"));
        for argument in command.get_arguments() {
            let name = argument.get_long().unwrap();
            let variable = argument.get_env().unwrap().to_str().unwrap();
            assert_eq!(variable, format!("ABACUS_{}", name.to_uppercase().replace('-', "_")));
            assert_eq!(
                argument.get_id().as_str(),
                name.replace('-', "_"),
                "unique among the services of a mesh"
            );
        }
    }
}
