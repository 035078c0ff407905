//! Crossing out the multiples of the small base primes, piece after piece.
//!
//! The primes up to 19 come as periodic patterns that are copied; each other one remembers where its next
//! multiple falls in the piece that follows, so a division is needed only when it enters.

use super::bitmap::{Piece, WORD_BITS, clear, first_multiple, last_number};

/// The primes of the patterns; a pattern of the primes p, q, .. repeats after p q .. words.
const PATTERN_PRIMES: [&[u64]; 3] = [&[3, 5, 7], &[11, 13], &[17, 19]];

/// The first prime that is not in a pattern.
const FIRST_STRIDE: u32 = 23;

/// The bits of 3, 5, 7, 11, 13, 17 and 19 in word 0, which the patterns clear like their multiples; bit 0 is 1.
const PATTERN_PRIMES_THEMSELVES: u64 = 0b11_0110_1110;

/// The sieve by all primes up to a bound, at one place of its way.
pub(super) struct Strides {
    patterns: [Vec<u64>; 3],
    /// Base primes from 23 on, in order.
    primes: Vec<u32>,
    /// Of the first base primes, the bit of the next multiple in the next piece. The others have their squares
    /// beyond the pieces so far.
    next_bits: Vec<u32>,
    next_word: u64,
}

impl Strides {
    /// The sieve by all primes up to `bound`, at most 2^20, which will first meet the piece that starts at
    /// `first_word`.
    pub(super) fn up_to(bound: u32, first_word: u64) -> Self {
        let mut primes = primes_up_to(bound);
        primes.retain(|&prime| prime >= FIRST_STRIDE);
        Self { patterns: PATTERN_PRIMES.map(pattern), primes, next_bits: Vec::new(), next_word: first_word }
    }

    /// Fills the piece with the numbers that have no divisor up to the bound, other than themselves.
    ///
    /// Pieces are consecutive.
    pub(super) fn sieve(&mut self, mut piece: Piece<'_>) {
        debug_assert_eq!(piece.first_word, self.next_word, "pieces are consecutive");
        self.copy_patterns(&mut piece);
        self.enter(&piece);
        let bits = u32::try_from(piece.words.len()).expect("a piece is small") * 64;
        for (next_bit, &prime) in self.next_bits.iter_mut().zip(&self.primes) {
            let mut bit = *next_bit;
            while bit < bits {
                clear(piece.words, bit.into());
                bit += prime;
            }
            *next_bit = bit - bits;
        }
        self.next_word += u64::from(bits) / WORD_BITS;
    }

    fn copy_patterns(&self, piece: &mut Piece<'_>) {
        piece.words.fill(u64::MAX);
        for pattern in &self.patterns {
            for (word, bits) in piece.words.iter_mut().zip(repeated(pattern, piece.first_word)) {
                *word &= bits;
            }
        }
        if let (0, [word, ..]) = (piece.first_word, &mut *piece.words) {
            *word = *word & !1 | PATTERN_PRIMES_THEMSELVES;
        }
    }

    /// Lets in the base primes whose squares are not beyond the piece.
    fn enter(&mut self, piece: &Piece<'_>) {
        let last = last_number(piece.first_word + piece.length() - 1);
        for &prime in &self.primes[self.next_bits.len()..] {
            let prime = u64::from(prime);
            if prime * prime > last {
                break;
            }
            let bit = first_multiple(prime, piece.first_word);
            // Either within the piece or less than one stride away from its start.
            self.next_bits.push(u32::try_from(bit).expect("below the larger of a piece and a prime"));
        }
    }
}

/// The odd numbers that none of the primes divides, from word 0 on, for one period.
fn pattern(primes: &[u64]) -> Vec<u64> {
    let period: u64 = primes.iter().product();
    let mut words = vec![u64::MAX; usize::try_from(period).expect("a few hundred words")];
    for &prime in primes {
        // The odd multiples start with the prime itself, which is bit prime / 2.
        let mut bit = prime / 2;
        while bit < period * WORD_BITS {
            clear(&mut words, bit);
            bit += prime;
        }
    }
    words
}

/// The words of a periodic pattern from `first_word` on.
fn repeated(pattern: &[u64], first_word: u64) -> impl Iterator<Item = u64> {
    let period = u64::try_from(pattern.len()).expect("a length in memory");
    let start = usize::try_from(first_word % period).expect("below the period");
    pattern[start..].iter().chain(std::iter::repeat(pattern).flatten()).copied()
}

/// The odd primes up to `bound`, by the plain sieve.
pub(super) fn primes_up_to(bound: u32) -> Vec<u32> {
    let length = usize::try_from(bound).expect("a bound in memory").div_ceil(2);
    // Index i stands for 2 i + 1.
    let mut composite = vec![false; length];
    let mut primes = Vec::new();
    for index in 1..length {
        if composite[index] {
            continue;
        }
        let prime = 2 * index + 1;
        primes.push(u32::try_from(prime).expect("at most the bound"));
        for multiple in (prime * prime / 2..length).step_by(prime) {
            composite[multiple] = true;
        }
    }
    primes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::is_prime;
    use crate::sieve::bitmap::Bitmap;

    #[test]
    fn base_primes_include_the_bound() {
        assert_eq!(primes_up_to(0), []);
        assert_eq!(primes_up_to(2), []);
        assert_eq!(primes_up_to(3), [3]);
        assert_eq!(primes_up_to(22), [3, 5, 7, 11, 13, 17, 19]);
        assert_eq!(primes_up_to(23).last(), Some(&23));
    }

    #[test]
    fn pieces_hold_numbers_without_small_divisors() {
        for (bound, first_word, words) in
            [(1000, 0, 40), (300, 1, 3), (31, 12_345, 70_000), (1 << 16, 9_999, 5)]
        {
            let mut strides = Strides::up_to(bound, first_word);
            let mut bitmap = Bitmap::new(first_word..first_word + words);
            bitmap.pieces().for_each(|piece| strides.sieve(piece));
            let primes = primes_up_to(bound);
            let survives = |number: u64| {
                let divides =
                    |&prime: &u32| number != u64::from(prime) && number.is_multiple_of(prime.into());
                number > 1 && !primes.iter().any(divides)
            };
            let odd = (128 * first_word..128 * (first_word + words)).skip(1).step_by(2);
            assert!(
                bitmap.numbers().eq(odd.filter(|&number| survives(number))),
                "{bound} from word {first_word}"
            );
        }
    }

    #[test]
    fn primes_below_the_square_of_the_bound_are_all_that_is_left() {
        let mut strides = Strides::up_to(1 << 10, 0);
        let mut bitmap = Bitmap::new(0..1 << 13);
        bitmap.pieces().for_each(|piece| strides.sieve(piece));
        assert!(bitmap.numbers().eq((3..1 << 20).filter(|&number| is_prime(number))));
    }
}
