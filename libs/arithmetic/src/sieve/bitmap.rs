//! A bitmap of odd numbers.
//!
//! Bit b of word w, counted from zero over all 64-bit numbers, stands for the odd number 128 w + 2 b + 1; so there
//! are 2^57 words, none of them straddles an end, and no arithmetic on them overflows.

use std::ops::Range;

/// Odd numbers in a word.
pub(super) const WORD_BITS: u64 = 64;

/// Words sieved at a time: 256 KiB, which stays in a second-level cache beside the base primes.
pub(super) const PIECE_WORDS: u64 = 1 << 15;

/// Some consecutive words; a set bit is a number not known to be composite.
pub(super) struct Bitmap {
    first_word: u64,
    words: Vec<u64>,
}

/// Consecutive words of a bitmap that are sieved at once.
pub(super) struct Piece<'a> {
    pub(super) first_word: u64,
    pub(super) words: &'a mut [u64],
}

/// The word in which a number, or the odd number after it, stands.
pub(super) fn word_of(number: u64) -> u64 {
    number / (2 * WORD_BITS)
}

/// The odd number of the first bit of a word.
fn first_number(word: u64) -> u64 {
    2 * WORD_BITS * word + 1
}

/// The odd number of the last bit of a word.
pub(super) fn last_number(word: u64) -> u64 {
    first_number(word) + (2 * WORD_BITS - 2)
}

/// The bit of the first odd multiple of an odd `prime` that is at least its square, counted from the first bit of
/// `first_word`. Primes are below 2^32.
pub(super) fn first_multiple(prime: u64, first_word: u64) -> u64 {
    let (square, first) = (prime * prime, first_number(first_word));
    if square >= first {
        return (square - first) / 2;
    }
    let distance = prime - first % prime;
    match (distance == prime, distance % 2) {
        (true, _) => 0,
        (false, 0) => distance / 2,
        // An odd distance leads to an even multiple; the next one is odd.
        _ => u64::midpoint(distance, prime),
    }
}

impl Piece<'_> {
    /// The number of words.
    pub(super) fn length(&self) -> u64 {
        u64::try_from(self.words.len()).expect("a length in memory")
    }
}

impl Bitmap {
    /// A bitmap of these words, with contents to be made by sieving its pieces.
    pub(super) fn new(words: Range<u64>) -> Self {
        let length = usize::try_from(words.end - words.start).expect("bitmaps are some MiB");
        Self { first_word: words.start, words: vec![0; length] }
    }

    /// The last number that has a bit.
    pub(super) fn last_number(&self) -> u64 {
        last_number(self.first_word + self.length() - 1)
    }

    /// The number of words.
    pub(super) fn length(&self) -> u64 {
        u64::try_from(self.words.len()).expect("a length in memory")
    }

    /// The pieces in order.
    pub(super) fn pieces(&mut self) -> impl Iterator<Item = Piece<'_>> {
        let piece_words = usize::try_from(PIECE_WORDS).expect("a small constant");
        let starts = (self.first_word..).step_by(piece_words);
        starts.zip(self.words.chunks_mut(piece_words)).map(|(first_word, words)| Piece { first_word, words })
    }

    /// Clears the bits of numbers outside `start..=end`.
    pub(super) fn keep_within(&mut self, start: u64, end: u64) {
        let keep_from = u64::MAX << (start % (2 * WORD_BITS) / 2);
        let keep_count = (end % (2 * WORD_BITS)).div_ceil(2);
        let keep_to = if keep_count == WORD_BITS { u64::MAX } else { (1 << keep_count) - 1 };
        for (number, mask) in [(start, keep_from), (end, keep_to)] {
            let position =
                word_of(number).checked_sub(self.first_word).and_then(|word| usize::try_from(word).ok());
            if let Some(word) = position.and_then(|position| self.words.get_mut(position)) {
                *word &= mask;
            }
        }
    }

    /// Clears every `prime`-th bit from the first multiple on.
    pub(super) fn clear_multiples(&mut self, prime: u64) {
        let bits = self.length() * WORD_BITS;
        let mut bit = first_multiple(prime, self.first_word);
        while bit < bits {
            clear(&mut self.words, bit);
            bit += prime;
        }
    }

    /// Clears the bits of numbers that `keep` refuses.
    pub(super) fn retain(&mut self, words: Range<u64>, keep: impl Fn(u64) -> bool) {
        let range = [words.start, words.end].map(|word| usize::try_from(word).expect("a position in memory"));
        for (word, index) in self.words[range[0]..range[1]].iter_mut().zip(self.first_word + words.start..) {
            for number in numbers_of(*word, index) {
                if !keep(number) {
                    *word &= !(1 << ((number / 2) % WORD_BITS));
                }
            }
        }
    }

    /// The number of set bits.
    pub(super) fn count(&self) -> u64 {
        self.words.iter().map(|word| u64::from(word.count_ones())).sum()
    }

    /// The numbers whose bits are set, in order.
    pub(super) fn numbers(&self) -> impl Iterator<Item = u64> {
        self.words.iter().zip(self.first_word..).flat_map(|(&word, index)| numbers_of(word, index))
    }
}

/// Clears a bit of a row of words.
pub(super) fn clear(words: &mut [u64], bit: u64) {
    words[(bit / WORD_BITS) as usize] &= !(1 << (bit % WORD_BITS));
}

/// The numbers whose bits are set in one word.
fn numbers_of(mut word: u64, index: u64) -> impl Iterator<Item = u64> {
    std::iter::from_fn(move || {
        (word != 0).then(|| {
            let bit = u64::from(word.trailing_zeros());
            word &= word - 1;
            first_number(index) + 2 * bit
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_multiples_are_odd_multiples_from_the_square_on() {
        for prime in [3, 5, 7, 23, 101, 1009, 65_537, 4_294_967_291] {
            for word in [0, 1, 2, 77, 1000, 123_456_789, (1 << 57) - 1] {
                let multiple = u128::from(first_number(word)) + 2 * u128::from(first_multiple(prime, word));
                let least = u128::from(first_number(word).max(prime * prime));
                assert_eq!(multiple % u128::from(2 * prime), u128::from(prime), "{prime} from word {word}");
                assert!(
                    multiple >= least && multiple < least + 2 * u128::from(prime),
                    "{prime} from word {word}"
                );
            }
        }
    }

    #[test]
    fn keeps_the_odd_numbers_of_an_interval() {
        for start in 0..300 {
            for end in start..300 {
                let mut bitmap = Bitmap::new(word_of(start)..word_of(end) + 1);
                bitmap.words.fill(u64::MAX);
                bitmap.keep_within(start, end);
                let expected: Vec<_> = (start..=end).filter(|number| number % 2 == 1).collect();
                assert_eq!(bitmap.numbers().collect::<Vec<_>>(), expected, "{start}..={end}");
            }
        }
    }

    #[test]
    fn the_last_word_ends_with_the_greatest_number() {
        assert_eq!(last_number(word_of(u64::MAX)), u64::MAX);
    }
}
