//! Logs: for people on a terminal, for machines everywhere else. Both go to standard error.

use std::io::IsTerminal as _;

use clap::{Args, ValueEnum};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{Layer as _, Registry, fmt};

/// What is logged, and how.
#[derive(Clone, Debug, Args)]
pub struct LogSettings {
    /// How log lines look: text for people, json for machines, auto is text on a terminal and json elsewhere.
    /// Colours are used on a terminal unless `NO_COLOR` is set.
    #[arg(long, env = "ABACUS_LOG_FORMAT", value_name = "FORMAT", value_enum, default_value_t = LogFormat::Auto)]
    pub log_format: LogFormat,

    /// What is logged: a level (off, error, warn, info, debug, trace), or levels by module as in
    /// `info,abacus_broker=debug`.
    #[arg(long, env = "ABACUS_LOG", value_name = "FILTER", default_value = "info")]
    pub log: Targets,
}

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// [`LogFormat::Text`] on a terminal, [`LogFormat::Json`] elsewhere.
    Auto,
    /// One readable line per event.
    Text,
    /// One JSON object per line.
    Json,
}

/// Starts logging for the whole process. Later calls change nothing, so that tests may all call it.
pub fn start(settings: &LogSettings) {
    let terminal = std::io::stderr().is_terminal();
    let text = match settings.log_format {
        LogFormat::Auto => terminal,
        LogFormat::Text => true,
        LogFormat::Json => false,
    };
    let lines = if text {
        let colours = terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        fmt::layer().with_ansi(colours).with_writer(std::io::stderr).boxed()
    } else {
        fmt::layer().json().flatten_event(true).with_writer(std::io::stderr).boxed()
    };
    let filtered = lines.with_filter(settings.log.clone());
    // An error means that logging has been started before.
    let _ = Registry::default().with(filtered).try_init();
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Example {
        #[command(flatten)]
        log: LogSettings,
    }

    #[test]
    fn starting_twice_is_harmless() {
        let Example { log } = Example::parse_from(["example", "--log", "warn,abacus_chassis=debug"]);
        start(&log);
        start(&log);
        assert!(tracing::enabled!(target: "abacus_chassis", tracing::Level::DEBUG));
        assert!(!tracing::enabled!(target: "h2", tracing::Level::INFO));
    }

    #[test]
    fn a_filter_that_cannot_be_read_is_refused() {
        assert!(Example::try_parse_from(["example", "--log", "abacus=loud"]).is_err());
        assert!(Example::try_parse_from(["example", "--log-format", "xml"]).is_err());
    }
}
