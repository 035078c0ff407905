//! What was received of a result, and whether it is what was computed.

use abacus_api::v1::{self, chunk::Content};
use abacus_tasks::identity::hex;
use bytes::Bytes;
use sha2::{Digest, Sha256};

use crate::Summary;

/// The beginning of a result: how long it is, and its digest so far. With it, the reading of a result goes on where an
/// earlier one stopped, also one of another process, and the whole is verified in the end.
///
/// Takes some hundred bytes, however long the beginning is.
#[derive(Debug, Clone, Default)]
pub struct Received {
    bytes: u64,
    digest: Sha256,
}

/// The bytes of a chunk that fit their checksum.
#[derive(Debug)]
pub(crate) struct Verified {
    pub(crate) offset: u64,
    pub(crate) bytes: Bytes,
    pub(crate) is_text: bool,
}

/// How a chunk continues what was received.
#[derive(Debug, PartialEq)]
pub(crate) enum Continuation {
    /// With these bytes.
    New(Bytes),
    /// All of it was received before.
    Old,
    /// Bytes are missing in between.
    Gap,
}

impl Received {
    /// Nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Notes the next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.bytes += bytes.len() as u64;
        self.digest.update(bytes);
    }

    /// How many bytes there are.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// What is wrong with this as the whole of a result.
    pub(crate) fn compare(&self, summary: &Summary) -> Result<(), String> {
        if self.bytes != summary.bytes() {
            return Err(format!("{} bytes came of {}", self.bytes, summary.bytes()));
        }
        let digest = hex(&self.digest.clone().finalize());
        if digest == summary.sha256() {
            return Ok(());
        }
        Err(format!("the SHA-256 of what came is {digest} and not {}", summary.sha256()))
    }
}

impl Verified {
    /// Takes a chunk, if its bytes have the checksum that it tells.
    pub(crate) fn read(chunk: v1::Chunk) -> Result<Self, String> {
        let (bytes, is_text) = match chunk.content {
            Some(Content::Text(text)) => (Bytes::from(text), true),
            Some(Content::Binary(bytes)) => (bytes, false),
            None => return Err(format!("the chunk at byte {} is empty", chunk.offset)),
        };
        let checksum = crc32c::crc32c(&bytes);
        if checksum == chunk.crc32c {
            return Ok(Self { offset: chunk.offset, bytes, is_text });
        }
        Err(format!(
            "the chunk at byte {} has checksum {checksum:08x}, not {:08x}",
            chunk.offset, chunk.crc32c
        ))
    }

    /// What there is in it after byte `next` of the result.
    pub(crate) fn after(&self, next: u64) -> Continuation {
        let Some(known) = next.checked_sub(self.offset) else { return Continuation::Gap };
        match usize::try_from(known) {
            Ok(known) if known < self.bytes.len() => Continuation::New(self.bytes.slice(known..)),
            _ => Continuation::Old,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunk(offset: u64, text: &str) -> v1::Chunk {
        let crc32c = crc32c::crc32c(text.as_bytes());
        v1::Chunk { index: 0, offset, content: Some(Content::Text(text.to_owned())), crc32c }
    }

    #[test]
    fn damage_is_found() {
        assert_eq!(Verified::read(chunk(7, "abc")).unwrap().bytes, "abc");
        let damaged = v1::Chunk { content: Some(Content::Text("abd".into())), ..chunk(7, "abc") };
        assert!(Verified::read(damaged).unwrap_err().contains("at byte 7"));
        assert!(Verified::read(v1::Chunk { content: None, ..chunk(0, "") }).is_err());
    }

    #[test]
    fn only_what_is_new_is_taken() {
        let part = Verified::read(chunk(10, "abc")).unwrap();
        assert_eq!(part.after(9), Continuation::Gap);
        assert_eq!(part.after(10), Continuation::New("abc".into()));
        assert_eq!(part.after(12), Continuation::New("c".into()));
        assert_eq!(part.after(13), Continuation::Old);
        assert_eq!(part.after(u64::MAX), Continuation::Old);
    }

    #[test]
    fn the_whole_is_compared_by_length_and_digest() {
        let mut received = Received::new();
        received.update(b"a");
        received.update(b"bc");
        // FIPS 180-2, appendix B.1.
        let sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        let summary = |bytes, sha256: &str| {
            Summary::from(v1::ResultSummary { bytes, sha256: sha256.to_owned(), ..Default::default() })
        };
        assert_eq!(received.compare(&summary(3, sha256)), Ok(()));
        assert!(received.compare(&summary(4, sha256)).unwrap_err().contains("3 bytes came of 4"));
        assert!(received.compare(&summary(3, &"0".repeat(64))).unwrap_err().contains("SHA-256"));
    }
}
