//! The notices that are still kept: the latest ones, numbered from 1.

use std::collections::VecDeque;

use crate::{Notice, Notices, Position};

/// How many notices one reading takes at most, so that a reader far behind does not hold up everybody else.
const MAX_READ: usize = 1_000;

/// A bounded queue of notices. A position holds in its second part the number of the notice it stands behind.
#[derive(Debug)]
pub(super) struct Ring {
    kept: VecDeque<Notice>,
    /// How many came before the kept ones.
    dropped: u64,
    bound: usize,
}

impl Ring {
    /// A ring of at most `bound` notices, at least one.
    pub(super) fn new(bound: usize) -> Self {
        Self { kept: VecDeque::new(), dropped: 0, bound: bound.max(1) }
    }

    /// Adds a notice; the oldest makes room.
    pub(super) fn push(&mut self, notice: Notice) {
        if self.kept.len() == self.bound {
            self.kept.pop_front();
            self.dropped += 1;
        }
        self.kept.push_back(notice);
    }

    /// The position of the newest notice.
    pub(super) fn newest(&self) -> Position {
        Position(0, self.dropped + self.kept.len() as u64)
    }

    /// The notices after a position. One that this ring has never given (of a broker that is gone) is a gap too.
    pub(super) fn after(&self, position: Position) -> Notices {
        let newest = self.newest();
        if position > newest {
            return Notices { notices: Vec::new(), next: newest, gap: true };
        }
        let gap = position.1 < self.dropped;
        let start = usize::try_from(position.1.saturating_sub(self.dropped)).unwrap_or(usize::MAX);
        let notices: Vec<_> = self.kept.iter().skip(start).take(MAX_READ).cloned().collect();
        let next = Position(0, position.1.max(self.dropped) + notices.len() as u64);
        Notices { notices, next, gap }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ring(bound: usize, count: usize) -> Ring {
        let mut ring = Ring::new(bound);
        for number in 1..=count {
            ring.push(Notice::Kind { kind: number.to_string() });
        }
        ring
    }

    fn numbers(read: &Notices) -> Vec<usize> {
        let number = |notice: &Notice| match notice {
            Notice::Kind { kind } => kind.parse().ok(),
            Notice::Job { .. } => None,
        };
        read.notices.iter().filter_map(number).collect()
    }

    #[test]
    fn a_position_stands_behind_the_notice_it_is_numbered_after() {
        let ring = ring(3, 5);
        assert_eq!(ring.newest(), Position(0, 5));
        for (after, expected, gap) in [
            (0, vec![3, 4, 5], true),
            (1, vec![3, 4, 5], true),
            (2, vec![3, 4, 5], false),
            (4, vec![5], false),
        ] {
            let read = ring.after(Position(0, after));
            assert_eq!(
                (numbers(&read), read.gap, read.next),
                (expected, gap, Position(0, 5)),
                "after {after}"
            );
        }
        let read = ring.after(Position(0, 5));
        assert!(read.notices.is_empty() && !read.gap);
    }

    #[test]
    fn a_position_of_another_ring_is_a_gap() {
        let read = ring(3, 2).after(Position(1, 1));
        assert_eq!((read.notices.len(), read.gap, read.next), (0, true, Position(0, 2)));
    }

    #[test]
    fn a_long_way_is_read_in_parts() {
        let (ring, mut position, mut read) = (ring(10_000, 2_500), Position::default(), Vec::new());
        for length in [MAX_READ, MAX_READ, 500, 0] {
            let part = ring.after(position);
            assert_eq!(part.notices.len(), length);
            read.extend(numbers(&part));
            position = part.next;
        }
        assert_eq!(read, (1..=2_500).collect::<Vec<_>>());
    }
}
