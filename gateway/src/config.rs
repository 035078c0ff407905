//! The settings of the gateway's work.

use std::time::Duration;

use abacus_broker::Conversions;
use abacus_chassis::config::{duration, size};
use abacus_tasks::{Budget, Limits};
use bytesize::ByteSize;
use clap::Args;
use http::HeaderValue;

const SECOND: Duration = Duration::from_secs(1);
const DAY: Duration = Duration::from_hours(24);

/// What the gateway accepts and from whom.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Gateway")]
#[group(skip)]
pub struct Settings {
    /// Limits on the parameters of tasks, as name=value pairs separated by commas; the comments of
    /// proto/abacus/v1/task.proto name them. Example: fibonacci.n=1000000,sum2.digits=5000
    #[arg(long, env = "ABACUS_LIMITS", value_name = "LIMITS", default_value = "")]
    pub limits: Limits,

    /// Longest estimated time of computation of a task on one thread, 1ms to 24h; a task that takes longer is refused
    /// with `BUDGET_EXCEEDED`.
    #[arg(long, env = "ABACUS_MAX_COMPUTE", value_name = "DURATION", default_value = "1h",
          value_parser = duration(SECOND / 1000..=DAY))]
    pub max_compute: Duration,

    /// Largest estimated result of a task, 1KiB to 1TiB; a larger one is refused with `BUDGET_EXCEEDED`.
    #[arg(long, env = "ABACUS_MAX_RESULT_SIZE", value_name = "SIZE", default_value = "1GiB",
          value_parser = size(ByteSize::kib(1)..=ByteSize::tib(1)))]
    pub max_result_size: ByteSize,

    /// Largest estimated memory of a task while it is computed, 1MiB to 1TiB; more is refused with `BUDGET_EXCEEDED`.
    #[arg(long, env = "ABACUS_MAX_MEMORY", value_name = "SIZE", default_value = "8GiB",
          value_parser = size(ByteSize::mib(1)..=ByteSize::tib(1)))]
    pub max_memory: ByteSize,

    /// Longest integer, in decimal digits, that `ReadResult` converts to another format, 1KiB to 1GiB; a longer one is
    /// refused with `FORMAT_TOO_LARGE`.
    #[arg(long, env = "ABACUS_READ_MAX_CONVERTIBLE", value_name = "SIZE", default_value = "4MiB",
          value_parser = size(ByteSize::kib(1)..=ByteSize::gib(1)))]
    pub read_max_convertible: ByteSize,

    /// Memory for the conversions of all `ReadResult` streams at once, 1MiB to 1TiB; those that find no room wait. A
    /// result that is converted takes four times its length until it is sent.
    #[arg(long, env = "ABACUS_READ_CONVERSION_MEMORY", value_name = "SIZE", default_value = "256MiB",
          value_parser = size(ByteSize::mib(1)..=ByteSize::tib(1)))]
    pub read_conversion_memory: ByteSize,

    /// Origins of web pages that may call the gateway by grpc-web, separated by commas, besides its own.
    /// Example: `https://lab.example,http://localhost:5173`
    #[arg(long, env = "ABACUS_CORS_ORIGINS", value_name = "ORIGINS", value_delimiter = ',',
          value_parser = abacus_chassis::config::origin)]
    pub cors_origins: Vec<HeaderValue>,
}

impl Settings {
    /// The bounds on the conversions of `ReadResult`.
    pub(crate) fn conversions(&self) -> Conversions {
        // The bound of the option, 1 GiB, fits into `usize` wherever Abacus runs.
        let longest = usize::try_from(self.read_max_convertible.as_u64()).unwrap_or(usize::MAX);
        Conversions::new(longest, self.read_conversion_memory.as_u64())
    }

    /// The budget that the settings tell.
    #[must_use]
    pub fn budget(&self) -> Budget {
        Budget {
            compute: self.max_compute,
            result_bytes: self.max_result_size.as_u64(),
            memory_bytes: self.max_memory.as_u64(),
        }
    }
}
