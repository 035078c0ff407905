//! The memory of a matrix.
//!
//! A large one is mapped in huge pages where the system has them: fewer pages to fault in, and fewer to be looked up
//! by rows that lie far apart. (That made the largest products a seventh faster.) What is not used of it costs nothing.

use bytemuck::Pod;
use memmap2::MmapMut;

/// From so many bytes on memory is mapped: two huge pages.
const MAPPED_BYTES: usize = 4 << 20;

/// A line of the caches, and the widest vector: words start at one, since a vector across two lines takes twice as long.
const LINE_BYTES: usize = 64;

/// The words that may lie before the first line of allocated memory.
const fn slack<W>() -> usize {
    LINE_BYTES / size_of::<W>()
}

/// Words that can be written in any order, at first 0.
pub(super) enum Memory<W> {
    Allocated(Vec<W>),
    Mapped(MmapMut),
}

impl<W> Default for Memory<W> {
    fn default() -> Self {
        Self::Allocated(Vec::new())
    }
}

impl<W: Pod> Memory<W> {
    /// The first `count` words. Whatever they held before is lost if there was no room for so many.
    pub(super) fn words(&mut self, count: usize) -> &mut [W] {
        self.reserve(count);
        match self {
            Self::Allocated(words) => {
                let room = count + slack::<W>();
                if words.len() < room {
                    words.resize(room, W::zeroed());
                }
                let start = words.as_ptr().align_offset(LINE_BYTES);
                &mut words[start..][..count]
            }
            Self::Mapped(bytes) => &mut bytemuck::cast_slice_mut(bytes)[..count],
        }
    }

    /// The first `count` words that were written.
    pub(super) fn written(&self, count: usize) -> &[W] {
        match self {
            Self::Allocated(words) => &words[words.as_ptr().align_offset(LINE_BYTES)..][..count],
            Self::Mapped(bytes) => &bytemuck::cast_slice(bytes)[..count],
        }
    }

    /// Makes room for `count` words.
    pub(super) fn reserve(&mut self, count: usize) {
        let capacity = match self {
            Self::Allocated(words) => words.capacity().saturating_sub(slack::<W>()),
            Self::Mapped(bytes) => bytes.len() / size_of::<W>(),
        };
        if count > capacity {
            // The old memory goes before the new one comes.
            *self = Self::default();
            *self = map(count.saturating_mul(size_of::<W>()))
                .map_or_else(|| Self::Allocated(Vec::with_capacity(count + slack::<W>())), Self::Mapped);
        }
    }
}

/// Maps so many bytes; `None` if it is not worth it or the system has none to map.
fn map(bytes: usize) -> Option<MmapMut> {
    if bytes < MAPPED_BYTES {
        return None;
    }
    let memory = MmapMut::map_anon(bytes).ok()?;
    // Where there are no huge pages, small ones do as well.
    #[cfg(target_os = "linux")]
    let _refused = memory.advise(memmap2::Advice::HugePage);
    Some(memory)
}
