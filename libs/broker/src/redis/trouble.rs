//! What went wrong with a server, by what helps.

use std::{
    hash::{BuildHasher, RandomState},
    time::Duration,
};

use redis::{ErrorKind, RedisError, ServerErrorKind};

use super::url::Address;

/// Why a command was not answered as it should be.
#[derive(Debug)]
pub(super) struct Trouble {
    pub(super) remedy: Remedy,
    text: String,
}

/// What helps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Remedy {
    /// A new connection, to whoever serves the data now.
    Reconnect,
    /// Asking who serves the data now.
    Reroute,
    /// Trying again somewhat later.
    Wait,
    /// Nothing that this process can do.
    None,
}

/// Growing pauses between attempts, with jitter so that many callers do not return at once.
#[derive(Debug)]
pub(super) struct Pauses(Duration);

impl Trouble {
    /// A server's answer that is none, or a fault of the connection to it.
    pub(super) fn of(error: &RedisError, address: &Address) -> Self {
        // Credentials stand in no reply and in no text of the client's own.
        Self { remedy: remedy(error), text: format!("{address}: {error}") }
    }

    /// A server that did not answer in time.
    pub(super) fn silence(address: &Address) -> Self {
        Self { remedy: Remedy::Reconnect, text: format!("{address} does not answer") }
    }

    /// Nobody is known who serves the data.
    pub(super) fn lost(text: String) -> Self {
        Self { remedy: Remedy::Reroute, text }
    }

    /// What to tell the log.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// What to tell the caller.
    pub(super) fn into_text(self) -> String {
        self.text
    }
}

fn remedy(error: &RedisError) -> Remedy {
    match error.kind() {
        ErrorKind::Io | ErrorKind::Parse => Remedy::Reconnect,
        ErrorKind::Server(
            ServerErrorKind::Moved
            | ServerErrorKind::Ask
            | ServerErrorKind::ReadOnly
            | ServerErrorKind::ClusterDown
            | ServerErrorKind::MasterDown,
        ) => Remedy::Reroute,
        ErrorKind::Server(ServerErrorKind::BusyLoading | ServerErrorKind::TryAgain) => Remedy::Wait,
        // A script of others is running; no memory; the disk or the replicas do not keep up; a paused or demoted server.
        _ => match error.code() {
            Some("BUSY" | "OOM" | "MISCONF" | "NOREPLICAS" | "NOGOODSLAVE") => Remedy::Wait,
            Some("UNBLOCKED") => Remedy::Reroute,
            _ => Remedy::None,
        },
    }
}

impl Pauses {
    const FIRST: Duration = Duration::from_millis(10);
    const LONGEST: Duration = Duration::from_millis(400);

    pub(super) fn new() -> Self {
        Self(Self::FIRST)
    }

    /// The next pause: between half of and the whole of a duration that doubles up to 400 ms.
    pub(super) fn next(&mut self) -> Duration {
        let whole = self.0;
        self.0 = (whole * 2).min(Self::LONGEST);
        // A hasher's random key serves as dice: no better randomness is needed.
        let part = RandomState::new().hash_one(0_u8) % 512;
        whole / 2 + whole / 1024 * u32::try_from(part).expect("below 512")
    }
}

#[cfg(test)]
mod tests {
    use redis::make_extension_error;

    use super::*;

    #[test]
    fn pauses_grow_and_stay_bounded() {
        let mut pauses = Pauses::new();
        let list: Vec<_> = (0..10).map(|_| pauses.next()).collect();
        assert!(list[0] >= Pauses::FIRST / 2 && list[0] <= Pauses::FIRST);
        assert!(list[9] >= Pauses::LONGEST / 2 && list[9] <= Pauses::LONGEST);
    }

    #[test]
    fn a_server_without_memory_is_waited_for_and_a_wrong_type_is_not() {
        let of = |code: &str| remedy(&make_extension_error(code.to_owned(), None));
        assert_eq!(of("OOM"), Remedy::Wait);
        assert_eq!(of("MISCONF"), Remedy::Wait);
        assert_eq!(of("WRONGTYPE"), Remedy::None);
    }
}
