//! The multiples of a base prime by factors prime to 210, one hit after the other: a seventh fewer than those by factors
//! prime to 30, for base primes whose hits cost most.

#![expect(clippy::cast_possible_truncation, reason = "factors are up to 211, and residues up to 29")]

use super::residues::{BasePrime, RESIDUES, class_of};

/// How many factors below 210 are prime to it.
const FACTORS: usize = 48;

/// Hits, and some more, so that their numbers have nine bits.
const NUMBERS: usize = 1 << 9;

/// By class of the base prime, then by factor; no hit has a number behind these.
static HITS: [Hit; NUMBERS] = hits();

/// By remainder modulo 210, the place of the first factor that is not below it.
static PLACES: [u8; 210] = places();

/// A multiple of a base prime 30 q + r, and the way to the next one.
#[derive(Clone, Copy)]
pub(super) struct Hit {
    /// The bit of the byte.
    pub(super) bit: u8,
    /// The factor, and the product of r and the factor divided by 30.
    factor: u8,
    byte: u8,
    /// How many times q it is to the next one, and how many bytes more.
    quotients: u8,
    bytes: u8,
    /// The number of the next one.
    pub(super) next: u16,
}

impl Hit {
    /// The hit of a number.
    #[inline]
    pub(super) fn of(number: u32) -> Self {
        // Numbers are in range; the remainder, which costs little, says so to the compiler.
        HITS[number as usize % NUMBERS]
    }

    /// The bytes from here to the next one.
    #[inline]
    pub(super) fn distance(self, quotient: u32) -> u32 {
        quotient * u32::from(self.quotients) + u32::from(self.bytes)
    }

    /// The first multiple at or after byte `first` that is not below the square of the base prime: its byte, counted
    /// from `first`, and the number of the hit.
    #[inline]
    pub(super) fn first(base: BasePrime, first: u64) -> (u64, u32) {
        let prime = u64::from(base.prime);
        let factor = (30 * first).div_ceil(prime).max(prime);
        let remainder = factor % 210;
        let number = base.class * FACTORS + usize::from(PLACES[remainder as usize]);
        let hit = HITS[number];
        let byte = u64::from(base.quotient) * u64::from(hit.factor) + u64::from(hit.byte);
        // The cycle may have begun before.
        (((factor - remainder) / 30 * prime).wrapping_sub(first).wrapping_add(byte), number as u32)
    }
}

/// The first factor from a number on that is prime to 210.
const fn factor_from(number: u32) -> u32 {
    let mut factor = number;
    while factor.is_multiple_of(2)
        || factor.is_multiple_of(3)
        || factor.is_multiple_of(5)
        || factor.is_multiple_of(7)
    {
        factor += 1;
    }
    factor
}

const fn hits() -> [Hit; NUMBERS] {
    let mut hits = [Hit { bit: 0, factor: 0, byte: 0, quotients: 0, bytes: 0, next: 0 }; NUMBERS];
    let mut number = 0;
    let mut factor = 1;
    while number < RESIDUES.len() * FACTORS {
        let residue = RESIDUES[number / FACTORS];
        let next = factor_from(factor + 1);
        let (bit, byte) = (class_of(residue * factor), residue * factor / 30);
        hits[number] = Hit {
            bit: bit as u8,
            factor: factor as u8,
            byte: byte as u8,
            quotients: (next - factor) as u8,
            bytes: (residue * next / 30 - byte) as u8,
            next: if next < 210 { number + 1 } else { number + 1 - FACTORS } as u16,
        };
        factor = next % 210;
        number += 1;
    }
    hits
}

const fn places() -> [u8; 210] {
    let mut places = [0; 210];
    let mut place = 0;
    let mut remainder = 0;
    while remainder < 210 {
        places[remainder as usize] = place;
        if factor_from(remainder) == remainder {
            place += 1;
        }
        remainder += 1;
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hits_are_the_multiples_from_the_first_on() {
        for prime in [71, 73, 97, 101, 1009, 65_537, 33_554_467] {
            let base = BasePrime::of(prime);
            let prime = u64::from(prime);
            for first in (0..400_000).step_by(9_973).chain([u64::MAX / 30]) {
                let least = (prime * prime).max(30 * first);
                let factors = least.div_ceil(prime)..=u64::MAX / prime;
                let expected =
                    factors.filter(|factor| [2, 3, 5, 7].iter().all(|divisor| factor % divisor > 0));
                let (mut byte, mut number) = Hit::first(base, first);
                for factor in expected.take(60) {
                    let multiple = prime * factor;
                    let hit = Hit::of(number);
                    assert_eq!(first + byte, multiple / 30, "{prime} from {first}");
                    assert_eq!(u64::from(RESIDUES[usize::from(hit.bit)]), multiple % 30);
                    byte += u64::from(hit.distance(base.quotient));
                    number = hit.next.into();
                }
            }
        }
    }
}
