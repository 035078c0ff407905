//! The promises of the broker, each a sentence, kept by every implementation.
//!
//! `promises/` holds the promises by theme, written against a [`Stand`](stand::Stand); each implementation has a file
//! here with its stand and the one line that makes it keep them all.

#![expect(clippy::unwrap_used, reason = "a test that meets what it did not expect fails")]

mod actors;
mod embedded;
mod model;
mod promises;
mod redis;
mod stand;
