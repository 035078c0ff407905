//! The memory that multiplications work in.
//!
//! A large piece is mapped in huge pages where the system has them: fewer pages to fault in, and fewer to be looked up
//! by rows that lie far apart. (That made the largest products a seventh faster.) What is not used of it costs nothing.
//!
//! A few small pieces outlive the computation that they were mapped for: faulting their pages in anew took a third of
//! the time of a product of a million digits.

use std::sync::{Mutex, PoisonError};

use bytemuck::Pod;
use memmap2::MmapMut;

/// No less is mapped: pieces of one size serve many computations.
const LEAST_BYTES: usize = 2 << 20;

/// From so many bytes on memory is mapped in huge pages, of which there are at least two then.
const HUGE_BYTES: usize = 4 << 20;

/// The largest piece that is kept: that of products of four million digits.
const MOST_KEPT_BYTES: usize = 8 << 20;

/// How many pieces are kept: as much memory as a process holds when it is idle, beside what estimates count.
const MOST_KEPT: usize = 4;

/// Pieces that nobody uses.
static KEPT: Mutex<Vec<MmapMut>> = Mutex::new(Vec::new());

/// Words of 64 bits that can be written in any order, from the start of a line of the caches on.
#[derive(Default)]
pub(super) struct Memory {
    mapped: Option<MmapMut>,
    /// What there is instead where no memory can be mapped.
    allocated: Vec<u64>,
}

impl Memory {
    /// The first `count` words, whatever they are.
    pub(super) fn words<W: Pod>(&mut self, count: usize) -> &mut [W] {
        self.reserve(count);
        let bytes = match &mut self.mapped {
            Some(bytes) => bytes,
            None => bytemuck::cast_slice_mut(&mut self.allocated),
        };
        bytemuck::cast_slice_mut(&mut bytes[..count * size_of::<W>()])
    }

    /// Makes room for `count` words.
    pub(super) fn reserve(&mut self, count: usize) {
        let bytes = count.saturating_mul(size_of::<u64>());
        let room = self.mapped.as_ref().map_or(size_of_val(self.allocated.as_slice()), |bytes| bytes.len());
        if bytes > room {
            // The old memory goes before the new one comes, and is not kept: it would add to the peak of this computation.
            (self.mapped, self.allocated) = (None, Vec::new());
            self.mapped = take(bytes).or_else(|| map(bytes.max(LEAST_BYTES)));
            if self.mapped.is_none() {
                self.allocated = vec![0; count];
            }
        }
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        if let Some(piece) = self.mapped.take().filter(|piece| piece.len() <= MOST_KEPT_BYTES) {
            keep(piece);
        }
    }
}

/// The smallest piece of at least so many bytes, of those that are kept.
fn take(bytes: usize) -> Option<MmapMut> {
    let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    let fitting = kept.iter().enumerate().filter(|(_, piece)| piece.len() >= bytes);
    let index = fitting.min_by_key(|(_, piece)| piece.len())?.0;
    Some(kept.swap_remove(index))
}

/// Keeps a piece, if need be instead of the smallest one.
fn keep(piece: MmapMut) {
    let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    kept.push(piece);
    if kept.len() > MOST_KEPT {
        let smallest = (0..kept.len()).min_by_key(|&index| kept[index].len()).expect("there are some");
        kept.swap_remove(smallest);
    }
}

/// Maps so many bytes; `None` if the system has none to map.
fn map(bytes: usize) -> Option<MmapMut> {
    let memory = MmapMut::map_anon(bytes).ok()?;
    // Where there are no huge pages, small ones do as well.
    #[cfg(target_os = "linux")]
    if bytes >= HUGE_BYTES {
        let _refused = memory.advise(memmap2::Advice::HugePage);
    }
    Some(memory)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_lie_at_lines_and_grow() {
        let mut memory = Memory::default();
        for count in [1, 1000, HUGE_BYTES / 8 + 1] {
            let words: &mut [u64] = memory.words(count);
            words.fill(7);
            assert!(words.len() == count && words.as_ptr().addr().is_multiple_of(64), "{count}");
        }
    }

    #[test]
    fn few_pieces_are_kept_and_none_that_is_large() {
        for bytes in [MOST_KEPT_BYTES, MOST_KEPT_BYTES + 1].into_iter().cycle().take(4 * MOST_KEPT) {
            drop(Memory { mapped: map(bytes), allocated: Vec::new() });
        }
        let kept = KEPT.lock().unwrap();
        assert!(kept.len() <= MOST_KEPT && kept.iter().all(|piece| piece.len() <= MOST_KEPT_BYTES));
    }
}
