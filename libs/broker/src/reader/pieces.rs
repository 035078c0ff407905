//! Bytes that were fetched and are not yet read, cut into pieces without copying what lies in one chunk.

use std::collections::VecDeque;

use bytes::{Bytes, BytesMut};

/// Bytes in order, in the runs in which they came.
#[derive(Default)]
pub(super) struct Pieces(VecDeque<Bytes>);

impl Pieces {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    pub(super) fn push(&mut self, bytes: Bytes) {
        self.0.push_back(bytes);
    }

    /// Takes at most `most` of the bytes held; copies only what lies in different runs.
    pub(super) fn take(&mut self, most: usize) -> Option<Bytes> {
        let front = self.0.front_mut()?;
        if front.len() > most {
            return Some(front.split_to(most));
        }
        let first = self.0.pop_front()?;
        if first.len() == most || self.0.is_empty() {
            return Some(first);
        }
        let mut joined = BytesMut::from(first);
        while joined.len() < most
            && let Some(front) = self.0.front_mut()
        {
            joined.extend_from_slice(&front.split_to(front.len().min(most - joined.len())));
            if front.is_empty() {
                self.0.pop_front();
            }
        }
        Some(joined.freeze())
    }

    /// The same, ending between characters; what begins one stays here until the rest of it comes, or until it is
    /// known (`complete`) that nothing will.
    pub(super) fn take_text(&mut self, most: usize, complete: bool) -> Option<Bytes> {
        let mut piece = self.take(most)?;
        let rest = piece.split_off(piece.len() - incomplete_character(&piece));
        if piece.is_empty() && complete {
            // No text after all: it is told as it is.
            return Some(rest);
        }
        if !rest.is_empty() {
            self.0.push_front(rest);
        }
        (!piece.is_empty()).then_some(piece)
    }
}

/// How many bytes at the end of a text, 0 to 3, begin a character of UTF-8 that is not complete.
fn incomplete_character(text: &[u8]) -> usize {
    for back in 1..=text.len().min(3) {
        let length = match text[text.len() - back] {
            0b1000_0000..=0b1011_1111 => continue,
            0b1100_0000..=0b1101_1111 => 2,
            0b1110_0000..=0b1110_1111 => 3,
            0b1111_0000..=0b1111_0111 => 4,
            _ => 1,
        };
        return if back < length { back } else { 0 };
    }
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_character_is_seen_at_each_place() {
        for character in ["a", "é", "€", "𝄞"] {
            let text = format!("x{character}");
            for end in 2..text.len() {
                assert_eq!(incomplete_character(&text.as_bytes()[..end]), end - 1, "{character}");
            }
            assert_eq!(incomplete_character(text.as_bytes()), 0, "{character}");
        }
        assert_eq!(incomplete_character(&[0x80; 5]), 0, "no text at all");
        assert_eq!(incomplete_character(b""), 0);
    }
}
