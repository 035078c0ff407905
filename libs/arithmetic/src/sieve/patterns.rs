//! The multiples of the primes from 7 to 103, as periodic bytes.

use super::residues::{BasePrime, PRODUCTS};

/// Two primes to a pattern, a small and a large one, so that periods are about the same.
const PAIRS: [[u32; 2]; 12] = [
    [7, 103],
    [11, 101],
    [13, 97],
    [17, 89],
    [19, 83],
    [23, 79],
    [29, 73],
    [31, 71],
    [37, 67],
    [41, 61],
    [43, 59],
    [47, 53],
];

/// The largest prime of a pattern.
pub(super) const LARGEST: u32 = 103;

/// Bytes that are filled at a time, at most.
const LONGEST_STRETCH: usize = 8192;

/// The patterns, each long enough for a stretch that begins anywhere in its period.
pub(super) struct Patterns {
    patterns: Vec<Pattern>,
    stretch: usize,
}

struct Pattern {
    period: usize,
    bytes: Vec<u8>,
}

impl Patterns {
    /// For segments of up to `length` bytes.
    pub(super) fn new(length: u64) -> Self {
        let stretch = usize::try_from(length).map_or(LONGEST_STRETCH, |length| length.min(LONGEST_STRETCH));
        Self { patterns: PAIRS.iter().map(|pair| Pattern::new(*pair, stretch)).collect(), stretch }
    }

    /// Fills bytes from number `first` on with what no prime up to 103 divides, those primes themselves included.
    pub(super) fn fill(&self, bytes: &mut [u8], first: u64) {
        let mut next = first;
        for stretch in bytes.chunks_mut(self.stretch) {
            let mut parts: [&[u8]; PAIRS.len()] = [&[]; PAIRS.len()];
            for (part, pattern) in parts.iter_mut().zip(&self.patterns) {
                *part = &pattern.from(next)[..stretch.len()];
            }
            for (i, byte) in stretch.iter_mut().enumerate() {
                *byte = parts.iter().fold(u8::MAX, |byte, part| byte & part[i]);
            }
            next += u64::try_from(stretch.len()).expect("a stretch");
        }
        if first < 4 {
            for prime in PAIRS.as_flattened() {
                let (byte, class) = (u64::from(prime / 30), BasePrime::of(*prime).class);
                if let Some(byte) =
                    byte.checked_sub(first).and_then(|byte| bytes.get_mut(usize::try_from(byte).ok()?))
                {
                    *byte |= 1 << class;
                }
            }
        }
        if first == 0
            && let Some(byte) = bytes.first_mut()
        {
            // 1 is no prime.
            *byte &= !1;
        }
    }
}

impl Pattern {
    fn new(primes: [u32; 2], stretch: usize) -> Self {
        let period = primes.iter().map(|prime| usize::try_from(*prime).expect("small")).product();
        let mut bytes = vec![u8::MAX; period];
        for base in primes.map(BasePrime::of) {
            for (hit, product) in PRODUCTS[base.class].iter().enumerate() {
                let first = usize::try_from(base.offset(hit)).expect("not negative");
                let step = usize::try_from(base.prime).expect("small");
                for byte in bytes.iter_mut().skip(first).step_by(step) {
                    *byte &= product.mask;
                }
            }
        }
        while bytes.len() < period + stretch {
            bytes.extend_from_within(..period);
        }
        Self { period, bytes }
    }

    /// The pattern from a byte's number on.
    fn from(&self, number: u64) -> &[u8] {
        let period = u64::try_from(self.period).expect("small");
        &self.bytes[usize::try_from(number % period).expect("below the period")..]
    }
}
