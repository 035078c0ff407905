//! What is checked before a broker is used: the servers, and how the keyspace was founded.

use redis::Value;

use super::{
    keys::Keys,
    reply,
    scripts::{self, Call},
    server::Server,
    trouble::Trouble,
};

/// The version of the layout of keys and fields. Another one is not understood.
const LAYOUT: u32 = 1;
/// The oldest version of Redis whose commands suffice. Valkey tells that it is compatible with 7.2.
const OLDEST: (u32, u32) = (7, 0);

/// The answer of a step of the start.
pub(super) type StartResult<T> = Result<T, StartError>;

/// Why a broker on Redis cannot be used, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StartError {
    /// The URL is none of the known forms.
    #[error("the broker's URL cannot be read: {0}")]
    Url(String),
    /// A file of the settings cannot be read.
    #[error("the certificates to trust cannot be read: {0}")]
    Unreadable(String),
    /// A setting is out of its bounds.
    #[error("{0}")]
    Setting(&'static str),
    /// The server did not answer as it should.
    #[error("the broker cannot be used: {0}; check address, credentials and the user's permissions")]
    Unreachable(String),
    /// The server is too old.
    #[error("{server} runs version {version}: Redis 7.0, Valkey 7.2 or later is needed")]
    Version {
        /// Which server.
        server: String,
        /// What it says it is.
        version: String,
    },
    /// The server may delete jobs when its memory is full.
    #[error(
        "{server} has maxmemory-policy {policy}, which may delete accepted jobs: set it to noeviction \
         (CONFIG SET maxmemory-policy noeviction, and in redis.conf)"
    )]
    Eviction {
        /// Which server.
        server: String,
        /// Its policy.
        policy: String,
    },
    /// The keyspace was founded with another number of partitions.
    #[error(
        "the keyspace {prefix:?} was founded with {found} partitions and {asked} are asked for: set the number to \
         {found}, or use another prefix"
    )]
    Partitions {
        /// The prefix of its keys.
        prefix: String,
        /// How many it has.
        found: u16,
        /// How many the settings ask for.
        asked: u16,
    },
    /// The keyspace was founded by a version that lays its keys out differently.
    #[error(
        "the keyspace {prefix:?} has layout {found}, this version understands {LAYOUT}: use another prefix"
    )]
    Layout {
        /// The prefix of its keys.
        prefix: String,
        /// Its layout's version.
        found: u32,
    },
}

impl From<Trouble> for StartError {
    fn from(trouble: Trouble) -> Self {
        Self::Unreachable(trouble.into_text())
    }
}

/// Checks every server that owns slots.
pub(super) async fn check_servers(server: &Server) -> StartResult<()> {
    for (address, info) in server.infos().await? {
        let info = reply::string(info).unwrap_or_default();
        let of = |name: &str| {
            info.lines()
                .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))
                .unwrap_or_default()
                .trim()
        };
        let version = of("redis_version");
        if !recent(version) {
            return Err(StartError::Version { server: address, version: version.to_owned() });
        }
        let policy = of("maxmemory_policy");
        if policy != "noeviction" {
            return Err(StartError::Eviction { server: address, policy: policy.to_owned() });
        }
        if of("aof_enabled") == "0" {
            tracing::warn!(
                server.address = address,
                "the broker's server keeps no append-only file: accepted jobs are lost when it stops"
            );
        }
    }
    Ok(())
}

/// Founds the keyspace, or checks that it was founded as the settings say.
pub(super) async fn check_keyspace(server: &Server, keys: &Keys, prefix: &str) -> StartResult<()> {
    let asked = u16::try_from(keys.partitions().len()).expect("made from a u16");
    let call = Call::new(&scripts::FOUND, &keys.meta(), None).arg(LAYOUT).arg(asked);
    let mut found = reply::list(server.try_run(&call).await?).into_iter();
    let mut next = || found.next().unwrap_or(Value::Nil);
    let layout = reply::number(next()).unwrap_or_default();
    if layout != LAYOUT {
        return Err(StartError::Layout { prefix: prefix.to_owned(), found: layout });
    }
    let partitions = reply::number(next()).unwrap_or_default();
    if partitions == asked {
        Ok(())
    } else {
        Err(StartError::Partitions { prefix: prefix.to_owned(), found: partitions, asked })
    }
}

fn recent(version: &str) -> bool {
    let mut parts = version.split('.').map_while(|part| part.parse().ok());
    parts.next().zip(parts.next()).is_some_and(|version: (u32, u32)| version >= OLDEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_by_number() {
        assert!(recent("7.0.15") && recent("10.1.0"));
        assert!(!recent("6.2.14") && !recent("") && !recent("x.y"));
    }
}
