//! The layers of the transforms over what lies in one piece of memory.
//!
//! All of this is inlined into functions that are compiled for one instruction set: see `kernel`.

use super::field::{Node, Roots};
use super::lanes::{Butterfly, Forward2, Forward4, Inverse2, Inverse4, Lanes};

/// Words that fit into the first-level cache beside the roots; 16 KiB.
const CACHED: usize = 2048;

/// The four quarters of a slice.
#[inline(always)]
fn quarters<W>(words: &mut [W]) -> [&mut [W]; 4] {
    let (lower, upper) = words.split_at_mut(words.len() / 2);
    let quarter = lower.len() / 2;
    let ((a, b), (c, d)) = (lower.split_at_mut(quarter), upper.split_at_mut(quarter));
    [a, b, c, d]
}

/// Applies `butterfly` to corresponding vectors of the quarters.
#[inline(always)]
fn by_four<L: Lanes>(l: L, words: &mut [L::Word], butterfly: impl Butterfly<L, 4>) {
    let [a, b, c, d] = quarters(words);
    let lower = a.chunks_exact_mut(L::LANES).zip(b.chunks_exact_mut(L::LANES));
    let upper = c.chunks_exact_mut(L::LANES).zip(d.chunks_exact_mut(L::LANES));
    for ((a, b), (c, d)) in lower.zip(upper) {
        let [e, f, g, h] = butterfly.apply(l, [l.load(a), l.load(b), l.load(c), l.load(d)]);
        l.store(e, a);
        l.store(f, b);
        l.store(g, c);
        l.store(h, d);
    }
}

/// Applies `butterfly` to corresponding vectors of two slices of one length.
#[inline(always)]
pub(super) fn by_two<L: Lanes>(
    l: L,
    lower: &mut [L::Word],
    upper: &mut [L::Word],
    butterfly: impl Butterfly<L, 2>,
) {
    for (a, b) in lower.chunks_exact_mut(L::LANES).zip(upper.chunks_exact_mut(L::LANES)) {
        let [c, d] = butterfly.apply(l, [l.load(a), l.load(b)]);
        l.store(c, a);
        l.store(d, b);
    }
}

/// Transforms a polynomial at `node` down to blocks of `block` words, by a power of two shorter; loose to loose.
#[inline(always)]
pub(super) fn forward<L: Lanes>(l: L, words: &mut [L::Word], node: Node<'_, L::Root>, block: usize) {
    let Node { number, roots } = node;
    let (mut size, mut first) = (words.len(), number);
    if (size / block).ilog2() % 2 == 1 {
        let (lower, upper) = words.split_at_mut(size / 2);
        by_two(l, lower, upper, Forward2(roots.from(number)[0]));
        (size, first) = (size / 2, 2 * first);
    }
    // Layer by layer as long as blocks exceed the cache, then block by block.
    while size > block.max(CACHED) {
        (size, first) = forward_layers(l, words, roots, [size, first]);
    }
    for (index, words) in words.chunks_exact_mut(size).enumerate() {
        let (mut size, mut first) = (size, first + index);
        while size > block {
            (size, first) = forward_layers(l, words, roots, [size, first]);
        }
    }
}

/// Two layers, over blocks of `size` words whose first is at node `first`; tells the next such pair.
#[inline(always)]
fn forward_layers<L: Lanes>(
    l: L,
    words: &mut [L::Word],
    roots: Roots<'_, L::Root>,
    [size, first]: [usize; 2],
) -> (usize, usize) {
    let (above, below) = (roots.from(first), roots.from(2 * first).as_chunks::<2>().0);
    for ((block, w), [v, u]) in words.chunks_exact_mut(size).zip(above).zip(below) {
        by_four(l, block, Forward4([*w, *v, *u]));
    }
    (size / 4, 4 * first)
}

/// Undoes [`forward`], but for a factor of the number of blocks; settled to settled.
#[inline(always)]
pub(super) fn inverse<L: Lanes>(l: L, words: &mut [L::Word], node: Node<'_, L::Root>, block: usize) {
    let Node { number, roots } = node;
    let length = words.len();
    let layers = (length / block).ilog2();
    let even = length >> (layers % 2);
    // Block by block as long as they fit the cache, then layer by layer.
    let mut cached = block;
    while 4 * cached <= even.min(CACHED) {
        cached *= 4;
    }
    let nodes = number * (length / cached);
    for (index, words) in words.chunks_exact_mut(cached).enumerate() {
        let mut size = block;
        while size < cached {
            size *= 4;
            inverse_layers(l, words, roots, [size, (nodes + index) * (cached / size)]);
        }
    }
    let mut size = cached;
    while size < even {
        size *= 4;
        inverse_layers(l, words, roots, [size, number * (length / size)]);
    }
    if even < length {
        let (lower, upper) = words.split_at_mut(length / 2);
        by_two(l, lower, upper, Inverse2(roots.inverse(number)));
    }
}

/// Two layers, into blocks of `size` words whose first is at node `first`.
#[inline(always)]
fn inverse_layers<L: Lanes>(
    l: L,
    words: &mut [L::Word],
    roots: Roots<'_, L::Root>,
    [size, first]: [usize; 2],
) {
    for (index, block) in words.chunks_exact_mut(size).enumerate() {
        let node = first + index;
        let (w, v, u) = (node, 2 * node, 2 * node + 1);
        by_four(l, block, Inverse4([roots.inverse(w), roots.inverse(v), roots.inverse(u)]));
    }
}
