//! Whoever answers questions, and how long it took.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use super::question::Question;
use crate::stopwatch::Lap;

/// Computes what it is asked.
pub(crate) trait Contestant {
    /// What it is called, with its version.
    fn name(&self) -> &str;

    /// What it stands for here.
    fn role(&self) -> Role;

    /// Answers the question this many times; `None` when it does not take part in such questions.
    ///
    /// # Errors
    /// When it broke down.
    fn answer(&mut self, question: &Question, repeats: u32) -> anyhow::Result<Option<Sample>>;
}

/// What a contestant stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// Abacus as it runs on this machine with one thread: what all others are compared with.
    Reference,
    /// Abacus in another way.
    Own,
    /// Somebody else.
    Rival,
}

/// What one question took.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Laps {
    pub(crate) compute: Lap,
    /// Writing the decimal digits, where the answer is a large integer.
    pub(crate) digits: Option<Lap>,
}

impl Laps {
    pub(crate) fn total(&self) -> Lap {
        self.compute + self.digits.unwrap_or_default()
    }
}

/// An answer, and what each of its computations took.
#[derive(Debug, PartialEq)]
pub(crate) struct Sample {
    pub(crate) laps: Laps,
    /// A count, or the SHA-256 of the decimal digits.
    pub(crate) answer: String,
}

/// The SHA-256 of decimal digits, in hexadecimal.
pub(crate) fn fingerprint(digits: &[u8]) -> String {
    Sha256::digest(digits).iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a String takes any text");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fingerprints_are_sha_256_in_hexadecimal() {
        let text = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(fingerprint(b""), text);
    }
}
