//! The numbers prime to 30 and where their products fall.

/// The residues modulo 30 that are prime to it: bit i of byte n stands for 30 n + `RESIDUES[i]`.
pub(super) const RESIDUES: [u32; 8] = [1, 7, 11, 13, 17, 19, 23, 29];

/// Where the product of two residues falls: by class of the base prime and by class of the other factor, the byte and
/// the bit to keep all but.
pub(super) static PRODUCTS: [[Product; 8]; 8] = products();

/// What a hit adds and clears.
#[derive(Clone, Copy)]
pub(super) struct Product {
    /// The product, divided by 30.
    pub(super) byte: u8,
    /// All bits but that of the product.
    pub(super) mask: u8,
}

const fn products() -> [[Product; 8]; 8] {
    let mut products = [[Product { byte: 0, mask: 0 }; 8]; 8];
    let mut class = 0;
    while class < 8 {
        let mut other = 0;
        while other < 8 {
            products[class][other] = product(RESIDUES[class], RESIDUES[other]);
            other += 1;
        }
        class += 1;
    }
    products
}

#[expect(clippy::cast_possible_truncation, reason = "29 * 29 / 30 is 28")]
const fn product(a: u32, b: u32) -> Product {
    Product { byte: (a * b / 30) as u8, mask: !(1 << class_of(a * b)) }
}

/// The place of a number among the residues: of those prime to 30, their class.
pub(super) const fn class_of(number: u32) -> usize {
    let mut class = 0;
    while class < 7 && RESIDUES[class] < number % 30 {
        class += 1;
    }
    class
}

/// A base prime 30 q + r.
#[derive(Clone, Copy, Debug)]
pub(super) struct BasePrime {
    pub(super) prime: u32,
    /// Its quotient q by 30.
    pub(super) quotient: u32,
    /// The class of r.
    pub(super) class: usize,
}

/// Where a base prime begins: the byte, relative to the first one of a segment, at which a cycle starts, and which of
/// the cycle's hits is the first to count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) cycle: i64,
    pub(super) hit: usize,
}

impl BasePrime {
    pub(super) fn of(prime: u32) -> Self {
        Self { prime, quotient: prime / 30, class: class_of(prime) }
    }

    /// Where hit number `hit` falls in a cycle.
    pub(super) fn offset(self, hit: usize) -> i64 {
        i64::from(self.quotient * RESIDUES[hit] + u32::from(PRODUCTS[self.class][hit].byte))
    }

    /// The cycle that holds the first multiple at or after byte `first` that is not below the square of the prime.
    pub(super) fn cycle(self, first: u64) -> i64 {
        let prime = u64::from(self.prime);
        let number = (first / prime).max(prime / 30);
        difference(number * prime, first)
    }

    /// The first hit at or after byte `first` that is not below the square of the prime.
    pub(super) fn entry(self, first: u64) -> Entry {
        let prime = u64::from(self.prime);
        let factor = (30 * first).div_ceil(prime).max(prime);
        // The next factor that is prime to 30; 30 n + 31 at most.
        let (number, hit) = match NEXT_CLASS[usize::try_from(factor % 30).expect("below 30")] {
            8 => (factor / 30 + 1, 0),
            class => (factor / 30, usize::from(class)),
        };
        Entry { cycle: difference(number * prime, first), hit }
    }
}

/// By remainder, the class of the first residue that is not below it; 8: there is none.
static NEXT_CLASS: [u8; 30] = {
    let mut next = [8; 30];
    let mut remainder = 0;
    while remainder < 30 {
        let mut class: u8 = 8;
        while class > 0 && RESIDUES[class as usize - 1] >= remainder {
            class -= 1;
        }
        next[remainder as usize] = class;
        remainder += 1;
    }
    next
};

/// `a - b`.
fn difference(a: u64, b: u64) -> i64 {
    a.cast_signed() - b.cast_signed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_fall_where_they_belong() {
        for (a, row) in RESIDUES.iter().zip(&PRODUCTS) {
            for (b, product) in RESIDUES.iter().zip(row) {
                let bit = (!product.mask).trailing_zeros() as usize;
                assert_eq!(30 * u32::from(product.byte) + RESIDUES[bit], a * b);
            }
        }
    }

    #[test]
    fn the_first_hit_is_the_first_multiple_that_counts() {
        for prime in [71, 73, 97, 101, 1009, 65_537] {
            let base = BasePrime::of(prime);
            for first in (0..400_000).step_by(997) {
                let Entry { cycle, hit } = base.entry(first);
                let byte = u64::try_from(cycle + base.offset(hit)).unwrap() + first;
                let prime = u64::from(prime);
                let least = (prime * prime / 30).max(first);
                let expected = (least * 30 / prime..u64::MAX)
                    .filter(|m| [1, 7, 11, 13, 17, 19, 23, 29].contains(&(m % 30)))
                    .map(|m| m * prime / 30)
                    .find(|byte| *byte >= least);
                assert_eq!(Some(byte), expected, "{prime} from {first}");
            }
        }
    }
}
