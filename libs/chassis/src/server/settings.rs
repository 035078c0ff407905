//! The settings that every port has.

use std::net::SocketAddr;
use std::time::Duration;

use bytesize::ByteSize;
use clap::{Args, Command, FromArgMatches as _};

use crate::config::{count, duration, size};
use crate::telemetry::LogSettings;

const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_hours(1);

/// The bounds of a port and of the process behind it. To be flattened into the settings of a service.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Ports and process")]
#[group(skip)]
pub struct ServerSettings {
    /// Largest request message, 4KiB to 1GiB; a larger one is refused with `MESSAGE_TOO_LARGE`.
    #[arg(long, env = "ABACUS_MAX_MESSAGE_SIZE", value_name = "SIZE", default_value = "32MiB",
          value_parser = size(ByteSize::kib(4)..=ByteSize::gib(1)))]
    pub max_message_size: ByteSize,

    /// Largest headers of a request, 4KiB to 256KiB; larger ones are refused with `HEADERS_TOO_LARGE`.
    #[arg(long, env = "ABACUS_MAX_HEADER_SIZE", value_name = "SIZE", default_value = "32KiB",
          value_parser = size(ByteSize::kib(4)..=ByteSize::kib(256)))]
    pub max_header_size: ByteSize,

    /// Most unary calls in progress, 1 to 1000000; one more is refused with `OVERLOADED`.
    #[arg(long, env = "ABACUS_MAX_UNARY_CALLS", value_name = "COUNT", default_value = "4096",
          value_parser = count(1..=1_000_000))]
    pub max_unary_calls: usize,

    /// Longest time of a unary call, from its headers to the head of its answer, 100ms to 1h; after it the call is refused with `DEADLINE_EXCEEDED`.
    #[arg(long, env = "ABACUS_UNARY_TIMEOUT", value_name = "DURATION", default_value = "70s",
          value_parser = duration(SECOND / 10..=HOUR))]
    pub unary_timeout: Duration,

    /// Most open server streams, 1 to 1000000; one more is refused with `TOO_MANY_STREAMS`.
    #[arg(long, env = "ABACUS_MAX_STREAMS", value_name = "COUNT", default_value = "20000",
          value_parser = count(1..=1_000_000))]
    pub max_streams: usize,

    /// Greatest age of a server stream, 1s to 24h; then it ends with `STREAM_LIFETIME` and is to be resumed.
    #[arg(long, env = "ABACUS_STREAM_LIFETIME", value_name = "DURATION", default_value = "1h",
          value_parser = duration(SECOND..=24 * HOUR))]
    pub stream_lifetime: Duration,

    /// Time between two HTTP/2 pings on a connection, 1s to 1h.
    #[arg(long, env = "ABACUS_HTTP2_KEEPALIVE_INTERVAL", value_name = "DURATION", default_value = "20s",
          value_parser = duration(SECOND..=HOUR))]
    pub http2_keepalive_interval: Duration,

    /// Time after which a connection is closed that does not answer an HTTP/2 ping, 100ms to 10m.
    #[arg(long, env = "ABACUS_HTTP2_KEEPALIVE_TIMEOUT", value_name = "DURATION", default_value = "10s",
          value_parser = duration(SECOND / 10..=600 * SECOND))]
    pub http2_keepalive_timeout: Duration,

    /// Time between the request to stop and the cut of whatever still runs, 100ms to 10m.
    #[arg(long, env = "ABACUS_GRACE", value_name = "DURATION", default_value = "10s",
          value_parser = duration(SECOND / 10..=600 * SECOND))]
    pub grace: Duration,

    /// Where `/healthz`, `/readyz` and `/metrics` are answered over HTTP, for whoever runs the process; nowhere when it is
    /// not given. Not to be opened to the public.
    #[arg(long, env = "ABACUS_ADMIN_LISTEN", value_name = "HOST:PORT")]
    pub admin_listen: Option<SocketAddr>,

    /// The log.
    #[command(flatten)]
    pub log: LogSettings,
}

impl ServerSettings {
    /// What each gRPC server of a port gets as `max_decoding_message_size`, in bytes.
    #[must_use]
    pub fn max_message_bytes(&self) -> usize {
        // The bound of the option, 1 GiB, fits into `usize` wherever Abacus runs.
        usize::try_from(self.max_message_size.as_u64()).unwrap_or(usize::MAX)
    }
}

/// The values that an option has when neither a flag nor a variable sets it. Variables are not read.
impl Default for ServerSettings {
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
        let settings = ServerSettings::default();
        assert_eq!(settings.max_message_bytes(), 32 * 1024 * 1024);
        assert_eq!(settings.unary_timeout, Duration::from_secs(70));
        assert_eq!(settings.stream_lifetime, HOUR);
    }

    #[test]
    fn every_option_has_a_variable_named_after_it_and_a_help_with_its_bounds() {
        let command = ServerSettings::augment_args(Command::new("server"));
        for argument in command.get_arguments() {
            let name = argument.get_long().unwrap();
            let variable = argument.get_env().unwrap().to_str().unwrap();
            assert_eq!(variable, format!("ABACUS_{}", name.to_uppercase().replace('-', "_")));
            let help = argument.get_help().unwrap().to_string();
            let unbounded = name.starts_with("log") || name == "admin-listen";
            assert!(unbounded || help.contains(" to "), "{name}: {help}");
        }
    }
}
