//! What all multiplications of a process with one instruction set have in common.

use super::crt::Combination;
use super::field::Field;
use super::lanes::Lanes;
use super::prime::PRIMES;

/// The greatest number of leaves is this power of two.
const MOST_LEAVES_LOG: usize = 22;

/// The fields, with their roots of unity, and the constants of the recombination.
pub(super) struct Tables<L: Lanes> {
    pub(super) fields: [Field<L>; 3],
    /// By the binary logarithm of the number of leaves.
    combinations: [Combination<L>; MOST_LEAVES_LOG + 1],
}

impl<L: Lanes> Tables<L> {
    #[inline(always)]
    pub(super) fn new(lanes: [L; 3]) -> Self {
        let [a, b, c] = lanes;
        let [p1, p2, p3] = PRIMES;
        Self {
            fields: [Field::new(a, p1), Field::new(b, p2), Field::new(c, p3)],
            combinations: std::array::from_fn(|log| Combination::new(lanes, 1 << log)),
        }
    }

    /// The constants after transforms down to this many leaves, a power of two.
    pub(super) fn combination(&self, leaves: usize) -> &Combination<L> {
        &self.combinations[leaves.ilog2() as usize]
    }
}
