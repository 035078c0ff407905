//! How a task is computed: at once, or divided into blocks of which others may compute some.

use abacus_api::v1::{self, task};
use abacus_arithmetic::{GapDecoder, InvalidGaps, Monitor, count_primes, primes};
use bytes::Bytes;

use super::{
    blocks::{Blocks, Piece},
    list::List,
};
use crate::{
    Size, Stop, Task,
    kinds::kernel::{Desk, unless_broken},
};

/// Bytes of gaps that are turned into primes at a time: these fit the first-level cache.
const DECODED_BYTES: usize = 4096;

/// A task under way.
pub(super) struct Division<'a> {
    pub(super) task: &'a v1::Primes,
    /// The blocks it may be divided into; `None` to compute it at once.
    pub(super) blocks: Option<Blocks>,
    pub(super) desk: &'a Desk<'a>,
}

impl Division<'_> {
    /// Writes the list.
    pub(super) fn list(&self) -> Result<Size, Stop> {
        let mut list = List::new(self.task, self.desk);
        let Some(pieces) = self.announce() else {
            self.sieve((self.task.start, self.task.end), &mut list)?;
            return Ok(Size::Count(list.count));
        };
        for piece in pieces {
            let interval = (piece.start, piece.end);
            match self.found(&piece)? {
                Some(block) => copy(&block, &piece, &mut list)?,
                None => self.sieve(interval, &mut list)?,
            }
        }
        Ok(Size::Count(list.count))
    }

    /// The number of primes.
    pub(super) fn count(&self) -> Result<u64, Stop> {
        let counted = |start, end| count_primes(start, end, &mut self.monitor((start, end)));
        let Some(pieces) = self.announce() else { return Ok(counted(self.task.start, self.task.end)?) };
        let mut count = 0;
        for piece in pieces {
            unless_broken(self.monitor((piece.start, piece.end)).report(0.0))?;
            let part = if piece.is_whole() { self.desk.part(&self.part(&piece))? } else { None };
            count += match part {
                Some(digits) => read(&digits)?,
                None => counted(piece.start, piece.end)?,
            };
        }
        Ok(count)
    }

    /// Says which parts will be needed. The pieces to put together, or `None` when the task is computed at once.
    fn announce(&self) -> Option<impl Iterator<Item = Piece> + use<>> {
        let blocks = self.blocks?;
        let task = *self.task;
        let pieces = blocks.pieces(task.start..=task.end);
        let whole = blocks.pieces(task.start..=task.end).filter(Piece::is_whole);
        let parts = whole.map(move |piece| part(&task, &piece));
        self.desk.announce(Box::new(parts)).then_some(pieces)
    }

    /// The gaps of a piece's block, unless the piece is to be computed here.
    fn found(&self, piece: &Piece) -> Result<Option<Bytes>, Stop> {
        unless_broken(self.monitor((piece.start, piece.end)).report(0.0))?;
        let block = self.part(piece);
        if piece.is_whole() {
            self.desk.part(&block)
        } else if piece.is_worth_cutting() {
            self.desk.kept(&block)
        } else {
            Ok(None)
        }
    }

    /// Appends the primes of an interval, computed here.
    fn sieve(&self, interval: (u64, u64), list: &mut List<'_>) -> Result<(), Stop> {
        let (start, end) = interval;
        primes(start, end, &mut self.monitor(interval), &mut |found| list.push(found))?;
        Ok(())
    }

    /// The task of a piece's block.
    fn part(&self, piece: &Piece) -> Task {
        part(self.task, piece)
    }

    /// Reports the progress within an interval as that within the task.
    fn monitor(&self, (start, end): (u64, u64)) -> impl Monitor {
        #[expect(clippy::cast_precision_loss, reason = "a fraction for people")]
        let fraction = |to: u64| to as f64 / (self.task.end - self.task.start + 1) as f64;
        let (before, after) = (fraction(start - self.task.start), fraction(end - self.task.start + 1));
        self.desk.monitor("sieving", before.min(1.0)..after.min(1.0))
    }
}

/// Appends the primes of a piece, cut out of the gaps of its block.
fn copy(block: &[u8], piece: &Piece, list: &mut List<'_>) -> Result<(), Stop> {
    let damaged = |error: InvalidGaps| damaged(&error);
    let (mut decoder, mut found) = (GapDecoder::new(piece.block.0), Vec::new());
    for bytes in block.chunks(DECODED_BYTES) {
        found.clear();
        decoder.decode(bytes, &mut found).map_err(damaged)?;
        let before = found.partition_point(|prime| *prime < piece.start);
        let wanted = found[before..].partition_point(|prime| *prime <= piece.end);
        unless_broken(list.push(&found[before..][..wanted]))?;
        if found.last().is_some_and(|last| *last > piece.end) {
            return Ok(());
        }
    }
    decoder.finish().map_err(damaged)
}

/// The task of the block that a piece of this task lies in. Blocks of lists are kept as gaps, whatever the task wants:
/// they take a tenth of the room of lines.
fn part(task: &v1::Primes, piece: &Piece) -> Task {
    let (start, end) = piece.block;
    let count_only = task.count_only;
    let block = v1::Primes { start, end, count_only, gaps: !count_only };
    Task::from_normalised(task::Task::Primes(block))
}

/// The count of a block.
fn read(digits: &[u8]) -> Result<u64, Stop> {
    str::from_utf8(digits).ok().and_then(|text| text.parse().ok()).ok_or_else(|| damaged(&"this is no count"))
}

/// A part is not what it should be: another attempt may find another one.
fn damaged(what: &dyn std::fmt::Display) -> Stop {
    Stop::Retry(format!("a part of the task is damaged: {what}"))
}

#[cfg(test)]
mod tests {
    use std::{collections::VecDeque, ops::ControlFlow};

    use proptest::prelude::*;

    use super::*;
    use crate::{Parts, Run, kinds::trial::Trial};

    /// Surroundings in which others compute some of the parts, and keep some results of earlier tasks.
    #[derive(Default)]
    struct Shared {
        trial: Trial,
        announced: VecDeque<Task>,
        /// Whether others have computed the next part, in turn.
        computed: Vec<bool>,
        keeps: bool,
        /// How many parts were handed over, and how many other results.
        handed_over: (usize, usize),
    }

    impl Run for Shared {
        fn report(&mut self, fraction: f64, phase: &'static str) -> ControlFlow<()> {
            self.trial.report(fraction, phase)
        }

        fn write(&mut self, bytes: &[u8]) -> ControlFlow<()> {
            self.trial.write(bytes)
        }

        fn announce(&mut self, parts: Parts) -> bool {
            self.announced.extend(parts);
            !self.computed.is_empty()
        }

        fn part(&mut self, part: &Task) -> Result<Option<Bytes>, Stop> {
            assert_eq!(self.announced.pop_front().as_ref(), Some(part), "parts come as they were announced");
            self.computed.rotate_left(1);
            let computed = *self.computed.last().unwrap();
            self.handed_over.0 += usize::from(computed);
            Ok(computed.then(|| result(part)))
        }

        fn kept(&mut self, task: &Task) -> Result<Option<Bytes>, Stop> {
            self.handed_over.1 += usize::from(self.keeps);
            Ok(self.keeps.then(|| result(task)))
        }
    }

    /// What a task comes to when it is computed alone.
    fn result(task: &Task) -> Bytes {
        let mut trial = Trial::default();
        task.run(&mut trial).unwrap();
        trial.written.into()
    }

    fn primes(start: u64, end: u64) -> v1::Primes {
        v1::Primes { start, end, ..v1::Primes::default() }
    }

    fn task(task: &v1::Primes) -> Task {
        Task::from_normalised(task::Task::Primes(*task))
    }

    fn divided(task: &v1::Primes, shared: &mut Shared) -> (Bytes, Size) {
        let size = super::super::compute(task, Some(Blocks::of_length(8)), shared).unwrap();
        (std::mem::take(&mut shared.trial.written).into(), size)
    }

    #[test]
    fn what_others_have_is_used() {
        let interval = primes(100, 1500);
        let mut shared = Shared { computed: vec![true], keeps: true, ..Shared::default() };
        assert_eq!(divided(&interval, &mut shared).0, result(&task(&interval)));
        // Whole are the four blocks from 256 to 1279; of the ends, 156 and 221 of 256 integers are wanted.
        assert_eq!(shared.handed_over, (4, 2));
        let short_ends = primes(200, 1300);
        assert_eq!(divided(&short_ends, &mut shared).0, result(&task(&short_ends)));
        assert_eq!(shared.handed_over, (8, 2), "short ends are not cut out of their blocks");
        let counted = v1::Primes { count_only: true, ..interval };
        assert_eq!(divided(&counted, &mut shared).0, result(&task(&counted)));
        assert_eq!(shared.handed_over, (12, 2), "counts cannot be cut");
    }

    #[test]
    fn where_nobody_computes_parts_none_is_asked_for() {
        let mut shared = Shared::default();
        assert_eq!(divided(&primes(0, 2000), &mut shared).0, result(&task(&primes(0, 2000))));
        assert_eq!(shared.announced.len(), 7, "they were announced");
    }

    #[test]
    fn parts_have_no_parts() {
        for whole in [primes(0, 2000), v1::Primes { count_only: true, ..primes(0, 2000) }] {
            let pieces = Blocks::of_length(8).pieces(0..=2000).filter(Piece::is_whole);
            for part in pieces.map(|piece| part(&whole, &piece)) {
                let mut shared = Shared { computed: vec![true], ..Shared::default() };
                part.run(&mut shared).unwrap();
                assert!(shared.announced.is_empty());
            }
        }
        let real = Blocks::LISTS.pieces(0..=u64::MAX).map(|piece| primes(piece.block.0, piece.block.1));
        assert!(real.take(1000).all(|block| super::super::blocks(&block).is_none()));
    }

    #[test]
    fn a_damaged_part_is_told() {
        struct Damaged(Trial, Bytes);
        impl Run for Damaged {
            fn report(&mut self, fraction: f64, phase: &'static str) -> ControlFlow<()> {
                self.0.report(fraction, phase)
            }
            fn write(&mut self, bytes: &[u8]) -> ControlFlow<()> {
                self.0.write(bytes)
            }
            fn announce(&mut self, _: Parts) -> bool {
                true
            }
            fn part(&mut self, _: &Task) -> Result<Option<Bytes>, Stop> {
                Ok(Some(self.1.clone()))
            }
        }
        let list = primes(0, 2000);
        let count = v1::Primes { count_only: true, ..list };
        let overlong: &[u8] = &[0xff; 11];
        for (task, result) in [(&list, overlong), (&count, b"many"), (&count, b"\xff")] {
            let mut run = Damaged(Trial::default(), Bytes::from_static(result));
            let stop = super::super::compute(task, Some(Blocks::of_length(8)), &mut run).unwrap_err();
            assert!(matches!(&stop, Stop::Retry(why) if why.contains("damaged")), "{stop:?}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(96))]
        #[test]
        fn divided_is_as_computed_at_once(
            start in prop_oneof![0_u64..3000, 1_000_000_u64..1_003_000, Just((1 << 50) - 2000)],
            length in 0_u64..6000,
            (count_only, gaps) in prop_oneof![Just((false, false)), Just((false, true)), Just((true, false))],
            computed in prop::collection::vec(any::<bool>(), 0..5),
            keeps: bool,
        ) {
            let whole = v1::Primes { start, end: start + length, count_only, gaps };
            let mut trial = Trial::default();
            let size = super::super::compute(&whole, None, &mut trial).unwrap();
            let mut shared = Shared { computed, keeps, ..Shared::default() };
            prop_assert_eq!(divided(&whole, &mut shared), (trial.written.into(), size));
            for pair in shared.trial.reports.windows(2) {
                prop_assert!(pair[0].1 != pair[1].1 || pair[0].0 <= pair[1].0, "{:?}", pair);
            }
        }
    }
}
