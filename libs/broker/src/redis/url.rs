//! Where the broker is and how to get in, read from one URL.
//!
//! ```text
//! redis://[[user]:password@]host[:port][/database]
//! rediss://...                                            the same over TLS
//! redis+cluster://[[user]:password@]host:port,host:port   also rediss+cluster://
//! redis+sentinel://[[user]:password@]host:port,host:port/service-name[/database]   also rediss+sentinel://
//! ```
//! Characters with a meaning in URLs are written in user and password as `%` and two hexadecimal digits. The
//! password appears in no text that this module makes.

use std::{fmt, str::FromStr};

/// What a URL says.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct RedisUrl {
    pub(super) place: Place,
    pub(super) tls: bool,
    pub(super) user: Option<String>,
    pub(super) password: Option<String>,
    pub(super) database: i64,
}

/// Who serves the data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    /// Always this server.
    Single(Address),
    /// The server that these sentinels name as the master of the service.
    Sentinel { sentinels: Vec<Address>, service: String },
    /// The nodes of a cluster, known to each of these.
    Cluster(Vec<Address>),
}

/// A host (name or address) and a port.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Address {
    pub(super) host: String,
    pub(super) port: u16,
}

/// What is wrong with a URL.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Malformed {
    #[error("it does not begin with redis://, rediss://, redis+cluster:// or redis+sentinel://")]
    Scheme,
    #[error("a host is missing or not of the form host:port")]
    Host,
    #[error("one host is expected; a list takes redis+cluster:// or redis+sentinel://")]
    ManyHosts,
    #[error(
        "after the sentinels the name of the service is expected: redis+sentinel://host:port/service-name"
    )]
    NoService,
    #[error("{0:?} is not the number of a database")]
    Database(String),
    #[error("a cluster has no databases")]
    ClusterDatabase,
    #[error(
        "user or password are not well encoded: write special characters as % and two hexadecimal digits"
    )]
    Encoding,
    #[error("{0:?} is no known parameter")]
    Parameter(String),
}

const DEFAULT_PORT: u16 = 6379;
const DEFAULT_SENTINEL_PORT: u16 = 26379;

impl FromStr for RedisUrl {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let (scheme, rest) = text.split_once("://").ok_or(Malformed::Scheme)?;
        let (access, rest) =
            rest.rsplit_once('@').map_or((None, rest), |(access, rest)| (Some(access), rest));
        let (rest, parameters) = rest.split_once('?').unwrap_or((rest, ""));
        // Nothing is taken from parameters; the usual one, for the protocol's version, is what happens anyway.
        if let Some(unknown) =
            parameters.split('&').find(|parameter| !["", "protocol=resp3", "protocol=3"].contains(parameter))
        {
            return Err(Malformed::Parameter(unknown.to_owned()));
        }
        let (user, password) = access.map_or(Ok((None, None)), credentials)?;
        let (hosts, path) = rest.split_once('/').unwrap_or((rest, ""));
        let tls = scheme.starts_with("rediss");
        let (place, database) = match scheme {
            "redis" | "rediss" => {
                let mut hosts = addresses(hosts, DEFAULT_PORT)?;
                let host = hosts.pop().filter(|_| hosts.is_empty()).ok_or(Malformed::ManyHosts)?;
                (Place::Single(host), path)
            }
            "redis+cluster" | "rediss+cluster" if path.is_empty() => {
                (Place::Cluster(addresses(hosts, DEFAULT_PORT)?), "")
            }
            "redis+cluster" | "rediss+cluster" => return Err(Malformed::ClusterDatabase),
            "redis+sentinel" | "rediss+sentinel" => {
                let sentinels = addresses(hosts, DEFAULT_SENTINEL_PORT)?;
                let (service, database) = path.split_once('/').unwrap_or((path, ""));
                let service = Some(service.to_owned()).filter(|name| !name.is_empty());
                (Place::Sentinel { sentinels, service: service.ok_or(Malformed::NoService)? }, database)
            }
            _ => return Err(Malformed::Scheme),
        };
        let database = match database {
            "" => 0,
            number => number.parse().map_err(|_| Malformed::Database(number.to_owned()))?,
        };
        Ok(Self { place, tls, user, password, database })
    }
}

/// The user and the password of `[user]:password` or `user`.
fn credentials(access: &str) -> Result<(Option<String>, Option<String>), Malformed> {
    let (user, password) =
        access.split_once(':').map_or((access, None), |(user, password)| (user, Some(password)));
    let user = Some(decode(user)?).filter(|user| !user.is_empty());
    Ok((user, password.map(decode).transpose()?))
}

fn decode(text: &str) -> Result<String, Malformed> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        rest = tail;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let (digits, tail) = rest.split_at_checked(2).ok_or(Malformed::Encoding)?;
        let digits = std::str::from_utf8(digits).map_err(|_| Malformed::Encoding)?;
        bytes.push(u8::from_str_radix(digits, 16).map_err(|_| Malformed::Encoding)?);
        rest = tail;
    }
    String::from_utf8(bytes).map_err(|_| Malformed::Encoding)
}

fn addresses(hosts: &str, default_port: u16) -> Result<Vec<Address>, Malformed> {
    hosts.split(',').map(|host| address(host.trim(), default_port)).collect()
}

fn address(text: &str, default_port: u16) -> Result<Address, Malformed> {
    // Not told in full: what stands there may be a password that lacks its host.
    let malformed = || Malformed::Host;
    // An IPv6 address stands in brackets, as it contains colons itself.
    let (host, port) = match text.strip_prefix('[') {
        Some(rest) => {
            let (host, rest) = rest.split_once(']').ok_or_else(malformed)?;
            (host, rest.strip_prefix(':'))
        }
        None => text.split_once(':').map_or((text, None), |(host, port)| (host, Some(port))),
    };
    let port = port.map_or(Ok(default_port), |port| port.parse().map_err(|_| malformed()))?;
    if host.is_empty() { Err(malformed()) } else { Ok(Address { host: host.to_owned(), port }) }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

/// The URL without what must stay secret.
impl fmt::Display for RedisUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |hosts: &[Address]| hosts.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
        let scheme = if self.tls { "rediss" } else { "redis" };
        match &self.place {
            Place::Single(host) => write!(f, "{scheme}://{host}/{}", self.database),
            Place::Cluster(nodes) => write!(f, "{scheme}+cluster://{}", list(nodes)),
            Place::Sentinel { sentinels, service } => {
                write!(f, "{scheme}+sentinel://{}/{service}/{}", list(sentinels), self.database)
            }
        }
    }
}

impl fmt::Debug for RedisUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let password = self.password.as_ref().map(|_| "(not shown)");
        write!(f, "RedisUrl({self}, user {:?}, password {password:?})", self.user)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(host: &str, port: u16) -> Address {
        Address { host: host.to_owned(), port }
    }

    #[test]
    fn every_form_is_understood() {
        let url: RedisUrl = "redis://localhost".parse().unwrap();
        assert_eq!(url.place, Place::Single(host("localhost", 6379)));
        assert_eq!((url.tls, url.user, url.password, url.database), (false, None, None, 0));

        let url: RedisUrl = "rediss://me:p%40ss@[::1]:7000/3?protocol=resp3".parse().unwrap();
        assert_eq!(url.place, Place::Single(host("::1", 7000)));
        assert_eq!((url.tls, url.database), (true, 3));
        assert_eq!((url.user.as_deref(), url.password.as_deref()), (Some("me"), Some("p@ss")));

        let url: RedisUrl = "redis+cluster://:secret@a:1,b:2".parse().unwrap();
        assert_eq!(url.place, Place::Cluster(vec![host("a", 1), host("b", 2)]));
        assert_eq!((url.user.as_deref(), url.password.as_deref()), (None, Some("secret")));

        let url: RedisUrl = "redis+sentinel://a,b:2/main/1".parse().unwrap();
        let sentinels = vec![host("a", 26379), host("b", 2)];
        assert_eq!(url.place, Place::Sentinel { sentinels, service: "main".to_owned() });
        assert_eq!(url.database, 1);
    }

    #[test]
    fn what_is_wrong_is_told() {
        let wrong = |text: &str| text.parse::<RedisUrl>().unwrap_err();
        assert_eq!(wrong("http://a"), Malformed::Scheme);
        assert_eq!(wrong("localhost:6379"), Malformed::Scheme);
        assert_eq!(wrong("redis://a:b"), Malformed::Host);
        assert_eq!(wrong("redis://"), Malformed::Host);
        assert_eq!(wrong("redis://a,b"), Malformed::ManyHosts);
        assert_eq!(wrong("redis://a/x"), Malformed::Database("x".to_owned()));
        assert_eq!(wrong("redis+cluster://a/1"), Malformed::ClusterDatabase);
        assert_eq!(wrong("redis+sentinel://a"), Malformed::NoService);
        assert_eq!(wrong("redis://:%zz@a"), Malformed::Encoding);
        assert_eq!(wrong("redis://:hunter2"), Malformed::Host);
        assert_eq!(wrong("redis://a?tls=1"), Malformed::Parameter("tls=1".to_owned()));
    }

    #[test]
    fn the_password_is_never_shown() {
        let url: RedisUrl = "redis://me:hunter2@a:1/0".parse().unwrap();
        assert!(!format!("{url} {url:?}").contains("hunter2"));
        let error = "redis://me:hunter2@a:x".parse::<RedisUrl>().unwrap_err();
        assert!(!format!("{error} {error:?}").contains("hunter2"));
    }
}
