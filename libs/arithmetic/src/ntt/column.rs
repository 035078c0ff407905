//! Truncated transforms along the columns: van der Hoeven, "The truncated Fourier transform and applications", ISSAC
//! 2004.
//!
//! A strip holds some columns of the matrix, row by row. Of the rows of its transform only the first `kept` are
//! computed; as many are enough for a product that has no more rows than that, since the other ones are known to be 0.
//! So the length of a transform is any number of rows, not only a power of two.

use super::field::{Field, Node};
use super::lanes::{Butterfly, Forward2, Inverse2, Lanes};
use super::passes::{by_two, forward, inverse};

/// Transforms a strip of `strip.len() / width` rows, a power of two, down to rows; the first `kept` come out right.
/// The rows from `given` on are 0. Loose to loose.
#[inline(always)]
pub(super) fn forward_columns<L: Lanes>(
    field: &Field<L>,
    strip: &mut [L::Word],
    width: usize,
    [given, kept]: [usize; 2],
) {
    let (l, roots) = (field.lanes, field.roots());
    let (mut words, mut node, mut kept) = (strip, 0, kept * width);
    let mut given = given * width;
    while kept < words.len() || given <= words.len() / 2 && width < words.len() {
        let root = roots.from(node)[0];
        let (lower, upper) = words.split_at_mut(words.len() / 2);
        let half = lower.len();
        if kept <= half {
            if given > half {
                by_two(l, lower, upper, FirstChild(root));
            }
            (words, node) = (lower, 2 * node);
        } else {
            if given > half {
                by_two(l, lower, upper, Forward2(root));
            } else {
                upper.copy_from_slice(lower);
            }
            forward(l, lower, Node { number: 2 * node, roots }, width);
            (words, node, kept) = (upper, 2 * node + 1, kept - half);
        }
        given = given.min(half);
    }
    forward(l, words, Node { number: node, roots }, width);
}

/// Undoes [`forward_columns`] but for a factor of the number of rows: takes the first `kept` rows of the transform,
/// settled, and gives the polynomial's first `kept` rows, settled, of which all further ones are 0.
#[inline(always)]
pub(super) fn inverse_columns<L: Lanes>(field: &Field<L>, strip: &mut [L::Word], width: usize, kept: usize) {
    let (l, roots, kept) = (field.lanes, field.roots(), kept * width);
    if kept == strip.len() {
        return inverse(l, strip, Node { number: 0, roots }, width);
    }
    strip[kept..].fill(L::Word::default());
    let mut path = Vec::with_capacity(usize::BITS as usize);
    let mut place = Place { start: 0, length: strip.len(), node: 0, kept };
    while 0 < place.kept && place.kept < place.length {
        path.push(place);
        place = descend(field, strip, width, place);
    }
    if place.kept > 0 {
        let node = Node { number: place.node, roots };
        inverse(l, &mut strip[place.start..][..place.length], node, width);
    }
    for place in path.into_iter().rev() {
        ascend(field, strip, place);
    }
}

/// A node in the words of a strip. On the way down, its first `kept` words hold what is known of its transform, and the
/// others what is known of its polynomial, times the number of rows that it has.
#[derive(Clone, Copy)]
struct Place {
    start: usize,
    length: usize,
    node: usize,
    kept: usize,
}

/// Makes the one child of `place` ready that is not known wholly, and tells its place.
///
/// Of the lower and upper halves x and y of a polynomial, the children are a = x + s y and b = x - s y.
#[inline(always)]
fn descend<L: Lanes>(field: &Field<L>, strip: &mut [L::Word], width: usize, place: Place) -> Place {
    let l = field.lanes;
    let Place { start, length, node, kept } = place;
    let (lower, upper) = strip[start..][..length].split_at_mut(length / 2);
    let (half, root) = (length / 2, field.roots().from(node)[0]);
    if kept < half {
        // Where x and y are known, so is a, which counts half as many rows.
        by_two(l, &mut lower[kept..], &mut upper[kept..], HalfOfFirstChild { root, half: field.half });
        return Place { start, length: half, node: 2 * node, kept };
    }
    inverse(l, lower, Node { number: 2 * node, roots: field.roots() }, width);
    // Where y is known, so are b and x. (Twice y counts as many rows as a.)
    by_two(l, &mut lower[kept - half..], &mut upper[kept - half..], OtherChild(root));
    Place { start: start + half, length: half, node: 2 * node + 1, kept: kept - half }
}

/// Makes the first `kept` words of the polynomial at `place`, whose child is now known.
#[inline(always)]
fn ascend<L: Lanes>(field: &Field<L>, strip: &mut [L::Word], place: Place) {
    let l = field.lanes;
    let Place { start, length, node, kept } = place;
    let (lower, upper) = strip[start..][..length].split_at_mut(length / 2);
    if kept < length / 2 {
        let root = field.roots().from(node)[0];
        by_two(l, &mut lower[..kept], &mut upper[..kept], LowerHalf(root));
    } else {
        let (kept, root) = (kept - length / 2, field.roots().inverse(node));
        by_two(l, &mut lower[..kept], &mut upper[..kept], Inverse2(root));
    }
}

/// Of the lower and upper halves x and y of a polynomial: the first child a = x + s y, and y; from loose to loose.
struct FirstChild<R>(R);

/// Of x and y: a / 2, and y; settled.
struct HalfOfFirstChild<R> {
    root: R,
    half: R,
}

/// Of the first child a and 2y: 2x and the other child b = a - 2 s y; settled.
struct OtherChild<R>(R);

/// Of the first child a and y: 2a - s y, and y; settled.
struct LowerHalf<R>(R);

impl<L: Lanes> Butterfly<L, 2> for FirstChild<L::Root> {
    #[inline(always)]
    fn apply(&self, l: L, [x, y]: [L::Vector; 2]) -> [L::Vector; 2] {
        [l.add(l.settle(x), l.times(y, self.0)), y]
    }
}

impl<L: Lanes> Butterfly<L, 2> for HalfOfFirstChild<L::Root> {
    #[inline(always)]
    fn apply(&self, l: L, [x, y]: [L::Vector; 2]) -> [L::Vector; 2] {
        [l.times(l.add(x, l.times(y, self.root)), self.half), y]
    }
}

impl<L: Lanes> Butterfly<L, 2> for OtherChild<L::Root> {
    #[inline(always)]
    fn apply(&self, l: L, [a, y]: [L::Vector; 2]) -> [L::Vector; 2] {
        let b = l.settle(l.less_product(a, l.times(y, self.0)));
        [l.settle(l.add(a, b)), b]
    }
}

impl<L: Lanes> Butterfly<L, 2> for LowerHalf<L::Root> {
    #[inline(always)]
    fn apply(&self, l: L, [a, y]: [L::Vector; 2]) -> [L::Vector; 2] {
        [l.settle(l.less_product(l.settle(l.add(a, a)), l.times(y, self.0))), y]
    }
}
