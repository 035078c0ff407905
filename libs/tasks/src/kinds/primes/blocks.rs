//! The blocks that long tasks are divided into. They lie where they lie whatever the task: so tasks whose intervals
//! overlap have blocks in common, and those are computed once.

use std::ops::RangeInclusive;

/// How few whole blocks make it worth while to divide a task: below, one thread is done about as soon.
const FEWEST: usize = 3;

/// A division of the integers into blocks whose length is a power of two, each beginning at a multiple of it.
///
/// Sieving a block anywhere takes the base primes up to the root of its end. Blocks are longer where that begins to
/// count, so that it stays a small part of a block's time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Blocks {
    /// The binary logarithm of the length below 2^50.
    exponent: u32,
}

/// A part of an interval that lies in one block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Piece {
    /// The first integer.
    pub(super) start: u64,
    /// The last integer.
    pub(super) end: u64,
    /// The first and the last integer of the block.
    pub(super) block: (u64, u64),
}

impl Blocks {
    /// Those of lists: of 10 to 27 MB as gaps and a twentieth of a second to two seconds of one thread, by their height.
    pub(super) const LISTS: Self = Self { exponent: 28 };

    /// Those of counts: longer, as a count takes no room.
    pub(super) const COUNTS: Self = Self { exponent: 30 };

    /// Blocks of 2^`exponent` integers, at least 2.
    #[cfg(test)]
    pub(super) fn of_length(exponent: u32) -> Self {
        Self { exponent }
    }

    /// The block of an integer. Where the length changes, blocks of both lengths begin.
    pub(super) fn block_of(self, integer: u64) -> (u64, u64) {
        let longer = match integer.checked_ilog2().unwrap_or(0) {
            0..50 => 0,
            50..57 => 1,
            _ => 2,
        };
        let within = (1 << (self.exponent + longer)) - 1;
        (integer & !within, integer | within)
    }

    /// The pieces of an interval, in order; none of an empty one.
    pub(super) fn pieces(self, interval: RangeInclusive<u64>) -> impl Iterator<Item = Piece> + Send + use<> {
        let (first, last) = interval.into_inner();
        let mut next = (first <= last).then_some(first);
        std::iter::from_fn(move || {
            let start = next?;
            let block = self.block_of(start);
            let end = block.1.min(last);
            next = end.checked_add(1).filter(|start| *start <= last);
            Some(Piece { start, end, block })
        })
    }

    /// Whether an interval has so many whole blocks that it is to be divided.
    pub(super) fn divide(self, interval: RangeInclusive<u64>) -> bool {
        self.pieces(interval).filter(Piece::is_whole).take(FEWEST).count() == FEWEST
    }
}

impl Piece {
    /// Whether it is its whole block.
    pub(super) fn is_whole(&self) -> bool {
        (self.start, self.end) == self.block
    }

    /// Whether cutting it out of its block, which is kept, costs less than computing it.
    ///
    /// Reading a block and looking through it takes up to a fifth of the time of computing it.
    pub(super) fn is_worth_cutting(&self) -> bool {
        let (first, last) = self.block;
        self.end - self.start > (last - first) / 4
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn blocks_begin_at_multiples_and_grow() {
        let blocks = Blocks::of_length(28);
        for (integer, exponent) in
            [(0, 28), (1 << 49, 28), ((1 << 50) - 1, 28), (1 << 50, 29), (1 << 57, 30), (u64::MAX, 30)]
        {
            let (first, last) = blocks.block_of(integer);
            assert_eq!(last - first, (1 << exponent) - 1, "{integer}");
            assert_eq!(first % (1 << exponent), 0);
            assert!((first..=last).contains(&integer));
        }
    }

    #[test]
    fn ends_are_pieces_of_their_blocks() {
        let pieces: Vec<_> = Blocks::of_length(4).pieces(14..=40).collect();
        let piece = |start, end, block| Piece { start, end, block };
        assert_eq!(pieces, [piece(14, 15, (0, 15)), piece(16, 31, (16, 31)), piece(32, 40, (32, 47))]);
        assert_eq!(pieces.iter().map(Piece::is_whole).collect::<Vec<_>>(), [false, true, false]);
        assert_eq!(pieces.iter().map(Piece::is_worth_cutting).collect::<Vec<_>>(), [false, true, true]);
        #[expect(clippy::reversed_empty_ranges, reason = "such a task has no pieces")]
        let empty = Blocks::of_length(4).pieces(2..=1);
        assert_eq!(empty.count(), 0);
    }

    #[test]
    fn few_blocks_are_not_divided() {
        let blocks = Blocks::of_length(4);
        assert!(!blocks.divide(0..=46));
        assert!(blocks.divide(0..=47));
        assert!(!blocks.divide(1..=62));
        assert!(blocks.divide(1..=63));
        assert!(Blocks::LISTS.divide(0..=i64::MAX.cast_unsigned()), "at once");
    }

    proptest! {
        #[test]
        fn pieces_are_the_interval(
            exponent in 4_u32..12,
            start in prop_oneof![0_u64..9000, Just((1 << 50) - 5000), Just(u64::MAX - 9000)],
            length in 0_u64..9000,
        ) {
            let end = start + length;
            let mut expected = Some(start);
            for piece in Blocks::of_length(exponent).pieces(start..=end) {
                prop_assert_eq!(Some(piece.start), expected);
                prop_assert!(piece.block.0 <= piece.start && piece.start <= piece.end && piece.end <= piece.block.1);
                expected = piece.end.checked_add(1);
            }
            prop_assert_eq!(expected, end.checked_add(1));
        }
    }
}
