//! How many bits of a bitmap stand for numbers up to a given one.
//!
//! A word stands for 240 numbers, eight bytes of the wheel, and holds the count of the bits before it.

use super::wheel::{BYTE_NUMBERS, index};

/// Numbers that a word stands for.
pub(super) const WORD_NUMBERS: u64 = 8 * BYTE_NUMBERS;

/// The bits of a word that stand for numbers up to the index.
const MASKS: [u64; 240] = {
    let mut masks = [0; 240];
    let mut number = 1;
    while number < 240 {
        let residue = number % 30;
        let coprime = residue % 2 != 0 && residue % 3 != 0 && residue % 5 != 0;
        masks[number] = if coprime { masks[number - 1] << 1 | 1 } else { masks[number - 1] };
        number += 1;
    }
    masks
};

/// A bitmap with its counts.
#[derive(Default)]
pub(super) struct Ranks {
    words: Vec<(u64, u32)>,
}

impl Ranks {
    /// Counts the bits of these bytes, in place of what was counted before.
    pub(super) fn count(&mut self, bytes: &[u8]) {
        self.words.clear();
        let mut before = 0;
        self.words.extend(words(bytes).map(|word| {
            before += word.count_ones();
            (word, before - word.count_ones())
        }));
    }

    /// The number of bits that stand for numbers up to `most`.
    pub(super) fn up_to(&self, most: u64) -> u64 {
        let (word, before) = self.words[index(most / WORD_NUMBERS)];
        u64::from(before + (word & mask(most % WORD_NUMBERS)).count_ones())
    }
}

/// The words of bytes whose number is a multiple of eight.
pub(super) fn words(bytes: &[u8]) -> impl Iterator<Item = u64> {
    bytes.as_chunks().0.iter().map(|chunk| u64::from_le_bytes(*chunk))
}

/// The bits of a word that stand for numbers up to `remainder`, which is below 240.
pub(super) fn mask(remainder: u64) -> u64 {
    MASKS[index(remainder)]
}
