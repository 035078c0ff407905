//! How a polynomial lies in memory: as a matrix whose columns are transformed first, then its rows.
//!
//! Row by row, a matrix holds the coefficients in order. Two rows fit the second-level cache. So does a strip, which is
//! some columns wide and is worked on in memory of its own.

use super::kernel::LEAF;

/// The longest row, in words: 256 KiB.
const MAX_COLUMNS: usize = 1 << 15;

/// The shortest row: eight leaves, one for each lane of the widest vectors.
const MIN_COLUMNS: usize = 8 * LEAF;

/// The widest strip: 1 KiB of a row.
const MAX_WIDTH: usize = 128;

/// The most words of a strip: 256 KiB.
const MAX_STRIP: usize = 1 << 15;

/// What rows of a length that is a multiple of a page are longer by, lest all rows of a strip meet in a few sets of the
/// caches.
const GAP: usize = MIN_COLUMNS;

/// The shape of the matrix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shape {
    /// The length of a row, a power of two.
    pub(super) columns: usize,
    /// The number of rows.
    pub(super) rows: usize,
    /// The distance of rows in memory.
    pub(super) stride: usize,
    /// The length of the part of a row that lies in one strip.
    pub(super) width: usize,
}

impl Shape {
    /// For at least `length` coefficients; at most a sixteenth more from 2048 on.
    pub(super) fn of(length: usize) -> Self {
        let columns = (length.next_power_of_two() / 32).clamp(MIN_COLUMNS, MAX_COLUMNS);
        let rows = length.div_ceil(columns).max(1);
        let mut width = MAX_WIDTH.min(columns);
        while rows.next_power_of_two() * width > MAX_STRIP && width > LEAF {
            width /= 2;
        }
        let stride = columns + if columns < 512 { 0 } else { GAP };
        Self { columns, rows, stride, width }
    }

    /// The number of coefficients.
    pub(super) fn words(self) -> usize {
        self.rows * self.columns
    }

    /// The words of memory.
    pub(super) fn memory(self) -> usize {
        self.rows * self.stride
    }

    /// The number of rows, made a power of two.
    pub(super) fn tall(self) -> usize {
        self.rows.next_power_of_two()
    }

    /// The number of leaves of the whole transform, as if it were not truncated.
    pub(super) fn leaves(self) -> usize {
        self.tall() * self.columns / LEAF
    }

    /// The number of strips.
    pub(super) fn strips(self) -> usize {
        self.columns / self.width
    }

    /// The words of the memory in which a strip is worked on.
    pub(super) fn scratch(self) -> usize {
        self.tall() * self.width
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_grow_in_fine_steps() {
        for length in (1..100_000).chain((1..4000).map(|i| i * 8191)) {
            let shape = Shape::of(length);
            let most = (length + 64).max(length + length / 16);
            assert!((length..=most).contains(&shape.words()), "{length}: {shape:?}");
            assert!(shape.tall() * shape.width <= MAX_STRIP && shape.columns.is_multiple_of(shape.width));
        }
    }
}
