//! The options of a process that connects to its broker.

use std::{fmt, fs, path::PathBuf, sync::Arc, time::Duration};

use clap::Args;

use super::{Lead, Redis, RedisSettings, RedisUrl, StartError, start::StartResult, url};
use crate::{SharedBroker, Terms, settings::duration};

const SECOND: Duration = Duration::from_secs(1);

/// Where the broker is and how it is used. Every process of one mesh is given the same.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Connection to the broker")]
#[group(skip)]
pub struct Connection {
    /// Where the Redis or Valkey is: `redis://[user:password@]host:port`, `rediss://` for TLS,
    /// `redis+cluster://host:port,host:port`, or `redis+sentinel://host:port,host:port/service-name`.
    #[arg(
        long,
        env = "ABACUS_BROKER_URL",
        value_name = "URL",
        default_value = "redis://127.0.0.1:6379",
        hide_env_values = true
    )]
    pub broker_url: Secret,

    /// What all keys begin with, 1 to 64 of the characters A-Z a-z 0-9 . _ -; meshes with different prefixes share a
    /// server without meeting.
    #[arg(long, env = "ABACUS_BROKER_PREFIX", value_name = "PREFIX", default_value = "abacus")]
    pub broker_prefix: String,

    /// Number of partitions, 1 to 1024; 16 or more suit a cluster. Fixed when a prefix is first used.
    #[arg(long, env = "ABACUS_BROKER_PARTITIONS", value_name = "COUNT", default_value = "1",
          value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub broker_partitions: u16,

    /// Longest time of a call, repetitions and pauses together, 100ms to 1m; then the broker counts as away.
    #[arg(long, env = "ABACUS_BROKER_TIMEOUT", value_name = "DURATION", default_value = "5s",
          value_parser = duration(SECOND / 10..=60 * SECOND))]
    pub broker_timeout: Duration,

    /// File with the certificates (PEM) to trust for `rediss://`, instead of the system's.
    #[arg(long, env = "ABACUS_BROKER_CA", value_name = "FILE")]
    pub broker_ca: Option<PathBuf>,
}

/// A text that may hold a password: it is not shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Connection {
    /// Checks what can be checked without a connection.
    ///
    /// # Errors
    /// [`StartError::Url`], [`StartError::Setting`].
    pub fn check(&self) -> Result<(), StartError> {
        self.url()?;
        self.settings(None).check()
    }

    /// Connects.
    ///
    /// # Errors
    /// [`StartError`] says what to do.
    pub async fn connect(&self, terms: Terms) -> StartResult<SharedBroker> {
        self.url()?;
        let roots = self.broker_ca.as_ref().map(|path| {
            fs::read(path).map_err(|error| StartError::Unreadable(format!("{}: {error}", path.display())))
        });
        let roots = roots.transpose()?.map(Arc::from);
        Ok(Redis::connect(&self.broker_url.0, self.settings(roots), terms).await?)
    }

    fn url(&self) -> Result<RedisUrl, StartError> {
        self.broker_url.0.parse().map_err(|error: url::Malformed| StartError::Url(error.to_string()))
    }

    fn settings(&self, roots: Option<Arc<[u8]>>) -> RedisSettings {
        RedisSettings {
            prefix: self.broker_prefix.clone(),
            partitions: self.broker_partitions,
            timeout: self.broker_timeout,
            roots,
            lead: Lead::default(),
        }
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(hidden)")
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser, Debug)]
    struct Command {
        #[command(flatten)]
        connection: Connection,
    }

    fn parsed(arguments: &[&str]) -> Result<Command, clap::Error> {
        Command::try_parse_from(["test"].iter().chain(arguments))
    }

    #[test]
    fn what_is_wrong_is_told_without_the_password() {
        let command = parsed(&["--broker-url", "http://user:hush@host"]).unwrap();
        let error = command.connection.check().unwrap_err().to_string();
        assert!(error.contains("redis://") && !error.contains("hush"), "{error}");
        assert!(!format!("{command:?}").contains("hush"));
        assert!(parsed(&["--broker-prefix", "a b"]).unwrap().connection.check().is_err());
        assert!(parsed(&["--broker-partitions", "0"]).is_err());
        assert!(parsed(&["--broker-timeout", "1ms"]).is_err());
    }

    #[test]
    fn the_defaults_are_those_of_the_settings() {
        let options = parsed(&[]).unwrap().connection;
        options.check().unwrap();
        let (settings, defaults) = (options.settings(None), RedisSettings::default());
        assert_eq!((settings.prefix, settings.partitions), (defaults.prefix, defaults.partitions));
        assert_eq!(settings.timeout, defaults.timeout);
    }
}
