//! The settings of a calculator.

use std::{num::NonZeroUsize, thread::available_parallelism, time::Duration};

use abacus_chassis::config::{count, duration, size};
use abacus_tasks::{Lane, kinds};
use bytesize::ByteSize;
use clap::{Args, Command, FromArgMatches as _};

/// Slots of the instant lane unless set otherwise. Its tasks take up to 2 ms: a claim that fetches many at once
/// costs no more than one that fetches one, and they share one thread per core.
const INSTANT_SLOTS: usize = 32;

/// The largest number of slots in a lane, and of threads of a job.
const MAX_SLOTS: usize = 1024;

const MILLISECOND: Duration = Duration::from_millis(1);

/// What a calculator computes, how much at once, and how it keeps in touch with the broker. To be flattened into
/// the settings of a process.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Calculator")]
#[group(skip)]
pub struct Settings {
    /// Address that others reach `WorkerService` at; the one it listens on unless set, and when that is 0.0.0.0 or ::,
    /// the one that the name of this host stands for.
    #[arg(long, env = "ABACUS_ADVERTISE", value_name = "HOST:PORT", value_parser = address)]
    pub advertise: Option<String>,

    /// Kinds of tasks to compute, separated by commas; all unless set.
    #[arg(long, env = "ABACUS_KINDS", value_name = "KINDS", value_delimiter = ',', value_parser = kind)]
    pub kinds: Vec<String>,

    /// Jobs of the instant lane (up to 2 ms) in hand at once, 0 to 1024; they share a thread per core.
    #[arg(long, env = "ABACUS_INSTANT_SLOTS", value_name = "COUNT", default_value_t = INSTANT_SLOTS,
          value_parser = count(0..=MAX_SLOTS))]
    pub instant_slots: usize,

    /// Jobs of the short lane (up to 1 s) at once, 0 to 1024; each has a thread. As many as cores unless set.
    #[arg(long, env = "ABACUS_SHORT_SLOTS", value_name = "COUNT", value_parser = count(0..=MAX_SLOTS))]
    pub short_slots: Option<usize>,

    /// Jobs of the long lane at once, 0 to 1024; each has a thread of lower priority. As many as cores unless set.
    #[arg(long, env = "ABACUS_LONG_SLOTS", value_name = "COUNT", value_parser = count(0..=MAX_SLOTS))]
    pub long_slots: Option<usize>,

    /// Threads that one job of the long lane may use, 1 to 1024; other jobs use one. As many as cores unless set.
    #[arg(long, env = "ABACUS_JOB_THREADS", value_name = "COUNT", value_parser = count(1..=MAX_SLOTS))]
    pub job_threads: Option<usize>,

    /// Time between two renewals of the leases, 10ms to 1m; a cancel is noticed by then. Well below the lease.
    #[arg(long, env = "ABACUS_RENEW_INTERVAL", value_name = "DURATION", default_value = "1s",
          value_parser = duration(10 * MILLISECOND..=60_000 * MILLISECOND))]
    pub renew_interval: Duration,

    /// Longest wait for a job before the next try, 10ms to 2s; the end of an idle process takes as long.
    #[arg(long, env = "ABACUS_CLAIM_WAIT", value_name = "DURATION", default_value = "1s",
          value_parser = duration(10 * MILLISECOND..=2_000 * MILLISECOND))]
    pub claim_wait: Duration,

    /// Size of the chunks of results, 1KiB to 1MiB.
    #[arg(long, env = "ABACUS_CHUNK_SIZE", value_name = "SIZE", default_value = "64KiB",
          value_parser = size(ByteSize::kib(1)..=ByteSize::mib(1)))]
    pub chunk_size: ByteSize,

    /// Memory for results of parts of divided tasks that were needed lately, 0B to 64GiB; of what lies beyond, the least
    /// recently needed is read from the broker again.
    #[arg(long, env = "ABACUS_PART_CACHE_SIZE", value_name = "SIZE", default_value = "64MiB",
          value_parser = size(ByteSize::b(0)..=ByteSize::gib(64)))]
    pub part_cache_size: ByteSize,

    /// Shortest time between two reports of progress of a job, 10ms to 1m.
    #[arg(long, env = "ABACUS_PROGRESS_INTERVAL", value_name = "DURATION", default_value = "100ms",
          value_parser = duration(10 * MILLISECOND..=60_000 * MILLISECOND))]
    pub progress_interval: Duration,
}

impl Settings {
    /// The kinds to compute.
    pub(crate) fn served_kinds(&self) -> Vec<String> {
        if self.kinds.is_empty() {
            return kinds::all().iter().map(|kind| kind.name.to_owned()).collect();
        }
        let mut kinds = self.kinds.clone();
        kinds.sort_unstable();
        kinds.dedup();
        kinds
    }

    /// The slots per lane, in the order of [`Lane::ALL`].
    pub(crate) fn slots(&self) -> [usize; 3] {
        Lane::ALL.map(|lane| match lane {
            Lane::Instant => self.instant_slots,
            Lane::Short => self.short_slots.unwrap_or_else(cores),
            Lane::Long => self.long_slots.unwrap_or_else(cores),
        })
    }

    /// The threads per lane: one per slot, but in the instant lane no more than one per core.
    pub(crate) fn threads(&self) -> [usize; 3] {
        let [instant, short, long] = self.slots();
        [instant.min(cores()), short, long]
    }

    /// The threads that one job of the long lane may use.
    pub(crate) fn job_threads(&self) -> NonZeroUsize {
        NonZeroUsize::new(self.job_threads.unwrap_or_else(cores)).unwrap_or(NonZeroUsize::MIN)
    }

    /// How long a claim loop may take for a turn before it counts as stuck: three full waits, the longest call of the
    /// broker (a loop that waits for a broker that is away is not stuck), and a renewal.
    pub(crate) fn patience(&self, broker: Duration) -> Duration {
        3 * self.claim_wait + broker + self.renew_interval
    }

    /// How many bytes of parts are kept in memory.
    pub(crate) fn part_cache_bytes(&self) -> usize {
        usize::try_from(self.part_cache_size.as_u64()).unwrap_or(usize::MAX)
    }

    /// The length of a chunk in bytes, at most `most`.
    pub(crate) fn chunk_bytes(&self, most: usize) -> usize {
        usize::try_from(self.chunk_size.as_u64()).map_or(most, |bytes| bytes.min(most))
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

/// How many threads can run at once, as far as the operating system tells.
fn cores() -> usize {
    available_parallelism().map_or(1, NonZeroUsize::get)
}

fn kind(name: &str) -> Result<String, String> {
    let known = || kinds::all().iter().map(|kind| kind.name).collect::<Vec<_>>().join(", ");
    match kinds::find(name) {
        Some(kind) => Ok(kind.name.to_owned()),
        None => Err(format!("there is no such kind; there are: {}", known())),
    }
}

fn address(text: &str) -> Result<String, String> {
    let parts = text.rsplit_once(':').filter(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok());
    parts.map(|_| text.to_owned()).ok_or_else(|| "write an address as host:port".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(arguments: &[&str]) -> Result<Settings, clap::Error> {
        let command = Settings::augment_args(Command::new("calculator")).no_binary_name(true);
        command.try_get_matches_from(arguments).and_then(|matches| Settings::from_arg_matches(&matches))
    }

    #[test]
    fn by_default_every_kind_is_served_in_every_lane() {
        let settings = Settings::default();
        assert_eq!(settings.served_kinds().len(), kinds::all().len());
        assert_eq!(settings.slots(), [INSTANT_SLOTS, cores(), cores()]);
        assert_eq!(settings.threads(), [INSTANT_SLOTS.min(cores()), cores(), cores()]);
        assert_eq!(settings.job_threads().get(), cores());
        assert_eq!(settings.chunk_bytes(usize::MAX), 64 * 1024);
        assert_eq!(settings.chunk_bytes(1000), 1000, "the broker's bound is lower");
        assert_eq!(settings.patience(Duration::from_secs(5)), Duration::from_secs(9));
    }

    #[test]
    fn kinds_are_named_and_unknown_ones_refused_with_the_list() {
        assert_eq!(parsed(&["--kinds", "sum2,mult3,sum2"]).unwrap().served_kinds(), ["mult3", "sum2"]);
        let error = parsed(&["--kinds", "sum3"]).unwrap_err().to_string();
        assert!(error.contains("there are: fibonacci, primes, sum2"), "{error}");
    }

    #[test]
    fn what_is_out_of_bounds_or_malformed_is_refused() {
        for wrong in [
            ["--chunk-size", "1000"],
            ["--chunk-size", "2MiB"],
            ["--claim-wait", "3s"],
            ["--long-slots", "1025"],
            ["--job-threads", "0"],
            ["--advertise", "calculator"],
            ["--advertise", ":80"],
        ] {
            assert!(parsed(&wrong).is_err(), "{wrong:?}");
        }
        let settings = parsed(&["--advertise", "calculator-1:8082", "--short-slots", "0"]).unwrap();
        assert_eq!(settings.advertise.as_deref(), Some("calculator-1:8082"));
        assert_eq!(settings.slots()[1], 0);
        assert_eq!(parsed(&["--job-threads", "3"]).unwrap().job_threads().get(), 3);
    }

    #[test]
    fn every_option_has_a_variable_named_after_it() {
        for argument in Settings::augment_args(Command::new("calculator")).get_arguments() {
            let variable = argument.get_env().unwrap().to_str().unwrap();
            let name = argument.get_long().unwrap().to_uppercase().replace('-', "_");
            assert_eq!(variable, format!("ABACUS_{name}"));
        }
    }
}
