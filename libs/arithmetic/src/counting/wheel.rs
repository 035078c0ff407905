//! The numbers without a divisor among the first seven primes.
//!
//! A byte stands for 30 numbers: bit k for the k-th of the eight residues coprime to 30. All bitmaps of the count of
//! primes are laid out so.

/// The residues coprime to 30.
pub(super) const RESIDUES: [u8; 8] = [1, 7, 11, 13, 17, 19, 23, 29];

/// Numbers that a byte stands for.
pub(super) const BYTE_NUMBERS: u64 = 30;

/// The number of primes taken out beforehand: 2, 3, 5, 7, 11, 13 and 17.
pub(super) const PRIMES: usize = 7;

/// The last of them.
pub(super) const LAST_PRIME: u64 = 17;

/// Those among them that the layout of a byte does not take out.
const PATTERN_PRIMES: [usize; 4] = [7, 11, 13, 17];

/// Bytes after which the pattern starts anew.
const PERIOD: usize = 7 * 11 * 13 * 17;

/// The bits of a byte whose residues are at most the index.
const UP_TO: [u8; 30] = {
    let mut masks = [0; 30];
    let mut number = 0;
    while number < 30 {
        let mut bit = 0;
        while bit < 8 {
            if RESIDUES[bit] as usize <= number {
                masks[number] |= 1 << bit;
            }
            bit += 1;
        }
        number += 1;
    }
    masks
};

/// One period of the numbers that are left, and their counts.
pub(super) struct Wheel {
    pattern: Vec<u8>,
    /// The numbers left before each byte.
    before: Vec<u32>,
    /// The numbers left in a period.
    whole: u64,
}

impl Wheel {
    pub(super) fn new() -> Self {
        let mut pattern = vec![u8::MAX; PERIOD];
        for prime in PATTERN_PRIMES {
            for cofactor in RESIDUES {
                // The multiples by cofactors 30 apart have one bit in common, in every prime-th byte.
                let multiple = prime * usize::from(cofactor);
                let bit = RESIDUES.iter().position(|&residue| usize::from(residue) == multiple % 30);
                let mask = !(1 << bit.expect("a product of numbers coprime to 30"));
                for byte in pattern[multiple / 30..].iter_mut().step_by(prime) {
                    *byte &= mask;
                }
            }
        }
        let mut count = 0;
        let before = pattern
            .iter()
            .map(|byte| {
                count += byte.count_ones();
                count - byte.count_ones()
            })
            .collect();
        Self { pattern, before, whole: count.into() }
    }

    /// The number of numbers from 1 to `most` that are left.
    pub(super) fn count(&self, most: u64) -> u64 {
        let byte = most / BYTE_NUMBERS;
        let (periods, position) = (byte / PERIOD as u64, index(byte % PERIOD as u64));
        let last = self.pattern[position] & up_to(most % BYTE_NUMBERS);
        periods * self.whole + u64::from(self.before[position] + last.count_ones())
    }

    /// Fills bytes with the numbers that are left, from byte `first` on.
    pub(super) fn fill(&self, bytes: &mut [u8], first: u64) {
        let mut position = index(first % PERIOD as u64);
        let mut rest = bytes;
        while !rest.is_empty() {
            let source = &self.pattern[position..];
            let length = source.len().min(rest.len());
            let (head, tail) = rest.split_at_mut(length);
            head.copy_from_slice(&source[..length]);
            (rest, position) = (tail, 0);
        }
    }
}

/// The bits of a byte that stand for numbers up to `remainder`, which is below 30.
pub(super) fn up_to(remainder: u64) -> u8 {
    UP_TO[index(remainder)]
}

/// The number of numbers from 1 to `most` that are coprime to 30, that is of bits up to its own.
pub(super) fn coprime(most: u64) -> usize {
    index(most / BYTE_NUMBERS * 8 + u64::from(up_to(most % BYTE_NUMBERS).count_ones()))
}

/// The number of the bit at a position.
pub(super) fn number(position: usize) -> u64 {
    position as u64 / 8 * BYTE_NUMBERS + u64::from(RESIDUES[position % 8])
}

/// A number as a position in memory.
pub(super) fn index(number: u64) -> usize {
    usize::try_from(number).expect("a position in memory")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_left(number: u64) -> bool {
        [2, 3, 5, 7, 11, 13, 17].iter().all(|prime| !number.is_multiple_of(*prime))
    }

    #[test]
    fn counts_what_is_left() {
        let wheel = Wheel::new();
        let mut count = 0;
        for most in 0..1_100_000 {
            count += u64::from(is_left(most));
            assert_eq!(wheel.count(most), count, "{most}");
        }
        // The product of seven primes less one each, for each of their products.
        assert_eq!(wheel.count(510_510 * 1_000_000_000_000), 92_160 * 1_000_000_000_000);
    }

    #[test]
    fn fills_from_anywhere() {
        let wheel = Wheel::new();
        for first in [0, 1, 17_000, 17_017, 1_000_000_007] {
            let mut bytes = vec![0; 40_000];
            wheel.fill(&mut bytes, first);
            for (byte, at) in bytes.iter().zip(first..) {
                for (bit, residue) in RESIDUES.iter().enumerate() {
                    assert_eq!(byte >> bit & 1 == 1, is_left(30 * at + u64::from(*residue)));
                }
            }
        }
    }

    #[test]
    fn positions_are_those_of_numbers() {
        let coprimes: Vec<u64> = (1..1000).filter(|n| n % 2 * (n % 3) * (n % 5) > 0).collect();
        for (position, &expected) in coprimes.iter().enumerate() {
            assert_eq!(number(position), expected);
            assert_eq!([coprime(expected - 1), coprime(expected)], [position, position + 1]);
        }
    }
}
