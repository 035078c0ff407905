//! The names of things: jobs, clients, requests, workers. Each is checked once, where it enters, and is known to be
//! well-formed from then on.

use std::{fmt, str::FromStr, sync::Arc};

use sha2::{Digest, Sha256};
use uuid::Uuid;

/// The id of a job: `<kind>-<32 hexadecimal digits>`, derived from its task. Cloning shares the text.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct JobId(Arc<str>);

/// Who asks: 1 to 64 of the characters `A-Z a-z 0-9 . _ -`. Cloning shares the text.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ClientName(Arc<str>);

/// The name of a request: `clients/{client}/requests/{uuid}`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RequestName {
    /// Who asks.
    pub client: ClientName,
    /// The request's own id, unique for its client.
    pub id: Uuid,
}

/// The id of one running calculator process, new at each start. Cloning shares the text.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct WorkerId(Arc<str>);

/// A text that is no name of the sort asked for; says what one looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be {0}")]
pub struct Malformed(&'static str);

impl JobId {
    /// Number of hexadecimal digits after the kind: 128 bits of SHA-256.
    const DIGITS: usize = 32;

    /// The id of the task of kind `kind` with these canonical bytes.
    #[must_use]
    pub fn derive(kind: &str, canonical: &[u8]) -> Self {
        let digest = hex(&Sha256::digest(canonical));
        Self(format!("{kind}-{}", &digest[..Self::DIGITS]).into())
    }

    /// The kind's name.
    #[must_use]
    pub fn kind(&self) -> &str {
        &self.0[..self.0.len() - Self::DIGITS - 1]
    }

    /// The first 64 bits of the derived part: as good as random, the same on any machine.
    #[must_use]
    pub fn hash64(&self) -> u64 {
        let start = self.0.len() - Self::DIGITS;
        u64::from_str_radix(&self.0[start..start + 16], 16).expect("checked to be hexadecimal digits")
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for JobId {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let malformed = Malformed("a job id: a kind, a hyphen and 32 lower-case hexadecimal digits");
        let (kind, digits) = text.split_once('-').ok_or(malformed)?;
        let hexadecimal = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        let named = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        let kind_fits = (1..=32).contains(&kind.len()) && kind.bytes().all(named);
        if kind_fits && digits.len() == Self::DIGITS && digits.bytes().all(hexadecimal) {
            Ok(Self(text.into()))
        } else {
            Err(malformed)
        }
    }
}

impl ClientName {
    /// The name of those who give none.
    #[must_use]
    pub fn anonymous() -> Self {
        Self("anonymous".into())
    }

    /// The name under which workers ask for the parts of tasks that they divide. No caller may use it.
    #[must_use]
    pub fn parts() -> Self {
        Self("abacus.parts".into())
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ClientName {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
        if (1..=64).contains(&text.len()) && text.bytes().all(allowed) {
            Ok(Self(text.into()))
        } else {
            Err(Malformed("1 to 64 of the characters A-Z a-z 0-9 . _ -"))
        }
    }
}

impl FromStr for RequestName {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let malformed = Malformed("a request name: clients/{client}/requests/{uuid}");
        let rest = text.strip_prefix("clients/").ok_or(malformed)?;
        let (client, id) = rest.split_once("/requests/").ok_or(malformed)?;
        let client = client.parse().map_err(|_| malformed)?;
        let id = Uuid::try_parse(id).map_err(|_| malformed)?;
        Ok(Self { client, id })
    }
}

impl fmt::Display for RequestName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "clients/{}/requests/{}", self.client, self.id)
    }
}

impl WorkerId {
    /// The id of a worker that starts now, from a random UUID.
    #[must_use]
    pub fn new(unique: Uuid) -> Self {
        Self(format!("worker-{}", unique.simple()).into())
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for WorkerId {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let malformed = Malformed("a worker id: worker- and 32 hexadecimal digits");
        let digits = text.strip_prefix("worker-").ok_or(malformed)?;
        let unique = Uuid::try_parse(digits).map_err(|_| malformed)?;
        let id = Self::new(unique);
        if id.as_str() == text { Ok(id) } else { Err(malformed) }
    }
}

macro_rules! shown_as_text {
    ($($type:ident)*) => {$(
        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

shown_as_text! { JobId ClientName WorkerId }

/// `bytes` in lower-case hexadecimal digits, two for each.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes
        .iter()
        .flat_map(|byte| [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]])
        .map(char::from)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn job_ids_are_derived_and_read_back() {
        let id = JobId::derive("fibonacci", b"abc");
        assert_eq!(
            id.as_str(),
            "fibonacci-ba7816bf8f01cfea414140de5dae2223",
            "the SHA-256 of FIPS 180-2's example"
        );
        assert_eq!(id.kind(), "fibonacci");
        assert_eq!(id.hash64(), 0xba78_16bf_8f01_cfea);
        assert_eq!(id.as_str().parse(), Ok(id));
    }

    #[test]
    fn malformed_names_are_refused() {
        for text in ["", "fibonacci", "fibonacci-", "fibonacci-BA7816BF8F01CFEA414140DE5DAE2223", "-00"] {
            assert!(text.parse::<JobId>().is_err(), "{text}");
        }
        let long = "x".repeat(65);
        for text in ["", "two words", "naïve", "a/b", long.as_str()] {
            assert!(text.parse::<ClientName>().is_err(), "{text}");
        }
        assert!("Alice.2_b-c".parse::<ClientName>().is_ok());
        for text in ["clients/a/requests/1", "clients//requests/67e55044-10b1-426f-9247-bb680e5fe0c8", "x"] {
            assert!(text.parse::<RequestName>().is_err(), "{text}");
        }
        assert!("worker-1".parse::<WorkerId>().is_err());
    }

    #[test]
    fn request_and_worker_names_read_back() {
        let name = "clients/alice/requests/67e55044-10b1-426f-9247-bb680e5fe0c8";
        assert_eq!(name.parse::<RequestName>().unwrap().to_string(), name);
        let worker = WorkerId::new(Uuid::nil());
        assert_eq!(worker.as_str().parse(), Ok(worker));
    }
}
