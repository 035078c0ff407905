//! Cursors: where a subscriber stands, as an opaque token that survives any cut.
//!
//! A result is determined by its task, so a position within it is a byte offset, valid whatever attempt, worker or
//! notifier serves it next. A cursor holds one position for each job of which something is delivered that must not
//! come again; for a job without an entry the stream starts from the beginning. That of a subscription to a client
//! holds which of the client's requests are done, and positions of the jobs that are being delivered only: it grows
//! with what is under way, not with what was.
//!
//! Offsets are counted in the format asked for, and orders in one client's list, so that a cursor also says what
//! subscription it is of.
//!
//! Written as version, scope, Protocol Buffers encoding and CRC-32C, in URL-safe base64. The checksum finds damage, not
//! malice: a forged cursor shows its bearer nothing but other offsets of results he may read anyway.

use std::collections::BTreeMap;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use prost::Message;
use sha2::{Digest, Sha256};

use crate::JobId;

mod orders;

pub use orders::Orders;

/// The version of the token's layout, in its first byte.
const VERSION: u8 = 1;

/// Where a subscriber stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    /// What subscription it is of.
    scope: Scope,
    /// For a subscription to a client: its requests that are done.
    requests: Orders,
    /// Positions by [`JobId::hash64`].
    positions: BTreeMap<u64, Position>,
}

/// A fingerprint of what a cursor depends on: target and format of its subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scope([u8; 4]);

/// Where a subscriber stands within one job.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Position {
    /// The next byte of the result to be sent, counted in the format in which the subscription tells it.
    pub offset: u64,
    /// The number of the next chunk to be sent.
    pub index: u32,
    /// True once the terminal frame was sent.
    pub done: bool,
    /// True when the offset is counted in the job's native format, as its result is too large for the one asked for.
    pub native: bool,
}

/// A text that is no cursor of this version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not a cursor that this service has issued")]
pub struct Malformed;

impl Scope {
    /// The fingerprint of these parts; equal parts in equal order have equal ones.
    #[must_use]
    pub fn of<'p>(parts: impl IntoIterator<Item = &'p str>) -> Self {
        let mut hasher = Sha256::new();
        for part in parts {
            hasher.update(part);
            hasher.update([0]);
        }
        let [a, b, c, d, ..] = <[u8; 32]>::from(hasher.finalize());
        Self([a, b, c, d])
    }
}

impl Cursor {
    /// The most positions, and the most ranges of requests, that a token may hold. More than a service issues, which
    /// follows at most 10,000 requests at once.
    pub const MAX_ENTRIES: usize = 16_384;

    /// The cursor of a subscription that begins.
    #[must_use]
    pub fn new(scope: Scope) -> Self {
        Self { scope, requests: Orders::default(), positions: BTreeMap::new() }
    }

    /// What subscription it is of.
    #[must_use]
    pub fn scope(&self) -> Scope {
        self.scope
    }

    /// The position within a job; `None` when nothing that counts was delivered yet.
    #[must_use]
    pub fn position(&self, job: &JobId) -> Option<Position> {
        self.positions.get(&job.hash64()).copied()
    }

    /// Notes the position within a job.
    pub fn set_position(&mut self, job: &JobId, position: Position) {
        self.positions.insert(job.hash64(), position);
    }

    /// Forgets the position within a job.
    pub fn forget(&mut self, job: &JobId) {
        self.positions.remove(&job.hash64());
    }

    /// For a subscription to a client: its requests that are done, by their order in the client's list.
    #[must_use]
    pub fn requests(&self) -> &Orders {
        &self.requests
    }

    /// For a subscription to a client: the same, to be added to.
    pub fn requests_mut(&mut self) -> &mut Orders {
        &mut self.requests
    }

    /// The number of positions held.
    #[must_use]
    pub fn len(&self) -> usize {
        self.positions.len()
    }

    /// True when no position is held.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.positions.is_empty()
    }

    /// The cursor as a token.
    #[must_use]
    pub fn to_token(&self) -> String {
        let entries = self.positions.iter().map(|(job, position)| wire::Entry {
            job: *job,
            offset: position.offset,
            index: position.index,
            done: position.done,
            native: position.native,
        });
        let message = wire::Cursor { requests: self.requests.to_runs(), entries: entries.collect() };
        let mut bytes = Vec::with_capacity(1 + 4 + message.encoded_len() + 4);
        bytes.push(VERSION);
        bytes.extend(self.scope.0);
        bytes.extend(message.encode_to_vec());
        bytes.extend(crc32c::crc32c(&bytes).to_le_bytes());
        BASE64_URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Reads a token.
    ///
    /// # Errors
    /// [`Malformed`] when it was not made by [`Cursor::to_token`] of this version, or holds more than
    /// [`Cursor::MAX_ENTRIES`].
    pub fn from_token(token: &str) -> Result<Self, Malformed> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(token).map_err(|_| Malformed)?;
        let (content, checksum) = bytes.split_last_chunk::<4>().ok_or(Malformed)?;
        if crc32c::crc32c(content) != u32::from_le_bytes(*checksum) {
            return Err(Malformed);
        }
        let Some((&VERSION, content)) = content.split_first() else { return Err(Malformed) };
        let (scope, encoded) = content.split_first_chunk::<4>().ok_or(Malformed)?;
        let message = wire::Cursor::decode(encoded).map_err(|_| Malformed)?;
        let requests = Orders::from_runs(&message.requests).ok_or(Malformed)?;
        if message.entries.len() > Self::MAX_ENTRIES || requests.ranges() > Self::MAX_ENTRIES {
            return Err(Malformed);
        }
        let positions = message.entries.into_iter().map(|entry| {
            let wire::Entry { job, offset, index, done, native } = entry;
            (job, Position { offset, index, done, native })
        });
        Ok(Self { scope: Scope(*scope), requests, positions: positions.collect() })
    }
}

mod wire {
    #[derive(Clone, PartialEq, prost::Message)]
    pub(super) struct Cursor {
        #[prost(uint64, repeated, tag = "1")]
        pub(super) requests: Vec<u64>,
        #[prost(message, repeated, tag = "2")]
        pub(super) entries: Vec<Entry>,
    }

    #[derive(Clone, PartialEq, prost::Message)]
    pub(super) struct Entry {
        #[prost(fixed64, tag = "1")]
        pub(super) job: u64,
        #[prost(uint64, tag = "2")]
        pub(super) offset: u64,
        #[prost(uint32, tag = "3")]
        pub(super) index: u32,
        #[prost(bool, tag = "4")]
        pub(super) done: bool,
        #[prost(bool, tag = "5")]
        pub(super) native: bool,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cursors() -> impl Strategy<Value = Cursor> {
        let position = (any::<u64>(), any::<u32>(), any::<bool>(), any::<bool>())
            .prop_map(|(offset, index, done, native)| Position { offset, index, done, native });
        let positions = proptest::collection::btree_map(any::<u64>(), position, 0..20);
        let requests = proptest::collection::vec((any::<u32>(), any::<u8>()), 0..20);
        (any::<[u8; 4]>(), requests, positions).prop_map(|(scope, ranges, positions)| {
            let mut cursor = Cursor { positions, ..Cursor::new(Scope(scope)) };
            for (first, more) in ranges {
                cursor.requests_mut().insert(u64::from(first)..=u64::from(first) + u64::from(more));
            }
            cursor
        })
    }

    proptest! {
        #[test]
        fn tokens_read_back(cursor in cursors()) {
            prop_assert_eq!(Cursor::from_token(&cursor.to_token()), Ok(cursor));
        }

        #[test]
        fn damaged_tokens_are_refused(cursor in cursors(), at in any::<prop::sample::Index>(), flip in 1_u8..64) {
            let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
            let mut token = cursor.to_token().into_bytes();
            let at = at.index(token.len());
            let old = alphabet.iter().position(|letter| *letter == token[at]).unwrap();
            token[at] = alphabet[(old + usize::from(flip)) % 64];
            let token = String::from_utf8(token).unwrap();
            prop_assert_eq!(Cursor::from_token(&token), Err(Malformed));
        }

        #[test]
        fn no_text_makes_reading_panic(text in ".*") {
            let _ = Cursor::from_token(&text);
        }
    }

    #[test]
    fn what_is_done_behind_an_open_request_does_not_lengthen_the_token() {
        let mut cursor = Cursor::new(Scope::of(["a"]));
        for order in 2..=100_000 {
            cursor.requests_mut().insert(order..=order);
        }
        assert!(cursor.to_token().len() <= 24, "{}", cursor.to_token());
        assert_eq!((cursor.requests().up_to(), cursor.requests().last()), (0, 100_000));
    }

    #[test]
    fn tokens_have_a_bound() {
        let mut cursor = Cursor::new(Scope::of(["a"]));
        for number in 0..Cursor::MAX_ENTRIES as u64 {
            cursor.positions.insert(number, Position::default());
            cursor.requests_mut().insert(2 * number + 1..=2 * number + 1);
        }
        assert_eq!(Cursor::from_token(&cursor.to_token()).as_ref(), Ok(&cursor));
        let mut more = cursor.clone();
        more.positions.insert(u64::MAX, Position::default());
        assert_eq!(Cursor::from_token(&more.to_token()), Err(Malformed));
        cursor.requests_mut().insert(1_000_000..=1_000_000);
        assert_eq!(Cursor::from_token(&cursor.to_token()), Err(Malformed));
    }

    #[test]
    fn a_small_cursor_is_a_short_token() {
        let job = JobId::derive("sum2", b"x");
        let mut cursor = Cursor::new(Scope::of(["a"]));
        cursor.set_position(&job, Position { offset: 1 << 20, index: 4, ..Position::default() });
        assert!(cursor.to_token().len() <= 40, "{}", cursor.to_token());
        assert_eq!(cursor.position(&job).map(|position| position.index), Some(4));
    }
}
