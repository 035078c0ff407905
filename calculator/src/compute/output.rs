//! What a running computation sees of the world: it cuts the result into chunks, hashes it, paces progress.

use std::{
    num::NonZeroUsize,
    ops::ControlFlow,
    time::{Duration, Instant},
};

use abacus_broker::{Progress, Summary};
use abacus_tasks::{Run, Size, Stop};
use bytes::Bytes;
use sha2::{Digest, Sha256};

use super::estimate::Estimate;
use crate::handover::{Finished, Handover};

/// How output is cut and paced.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cut {
    /// The length of every chunk but the last.
    pub(crate) chunk_bytes: usize,
    /// The shortest time between two reports; none comes before it has passed once.
    pub(crate) progress_interval: Duration,
}

/// What earlier attempts have stored of a result.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Stored {
    /// How many chunks.
    pub(crate) chunks: u32,
    /// How many bytes they hold.
    pub(crate) bytes: u64,
}

/// The surroundings of one computation.
pub(super) struct Output<'a> {
    handover: &'a Handover,
    cut: Cut,
    threads: NonZeroUsize,
    started: Instant,
    next_report: Instant,
    estimate: Estimate,
    /// Everything written, stored before or not.
    hash: Sha256,
    bytes: u64,
    /// How many of the next bytes are already stored.
    skip: u64,
    /// How many chunks are stored or handed over.
    chunks: u32,
    /// What is written since the last full chunk.
    chunk: Vec<u8>,
}

impl<'a> Output<'a> {
    /// The output of a computation that starts now, goes on after what is stored, and may use this many threads.
    pub(super) fn new(handover: &'a Handover, cut: Cut, stored: Stored, threads: NonZeroUsize) -> Self {
        let started = Instant::now();
        Self {
            handover,
            cut,
            threads,
            started,
            next_report: started + cut.progress_interval,
            estimate: Estimate::default(),
            hash: Sha256::new(),
            bytes: 0,
            skip: stored.bytes,
            chunks: stored.chunks,
            chunk: Vec::new(),
        }
    }

    /// The end of a computation whose result has this size.
    pub(super) fn finish(self, size: Size) -> Result<Finished, Stop> {
        if self.skip > 0 {
            let message = format!("the result is {} bytes shorter than what was stored of it", self.skip);
            return Err(Stop::Fail(message));
        }
        let last = (!self.chunk.is_empty()).then(|| Bytes::from(self.chunk));
        let summary = Summary {
            bytes: self.bytes,
            chunks: self.chunks + u32::from(last.is_some()),
            size,
            sha256: self.hash.finalize().into(),
            compute: self.started.elapsed(),
        };
        Ok(Finished { last, summary })
    }
}

impl Run for Output<'_> {
    fn threads(&self) -> NonZeroUsize {
        self.threads
    }

    fn report(&mut self, fraction: f64, phase: &'static str) -> ControlFlow<()> {
        if self.handover.is_stopped() {
            return ControlFlow::Break(());
        }
        let now = Instant::now();
        if now >= self.next_report {
            self.next_report = now + self.cut.progress_interval;
            let fraction = fraction.clamp(0.0, 1.0);
            let remaining = self.estimate.remaining(now - self.started, fraction);
            self.handover.report(Progress { fraction, phase: phase.to_owned(), remaining });
        }
        ControlFlow::Continue(())
    }

    fn write(&mut self, bytes: &[u8]) -> ControlFlow<()> {
        if self.handover.is_stopped() {
            return ControlFlow::Break(());
        }
        self.hash.update(bytes);
        self.bytes += bytes.len() as u64;
        let skipped = usize::try_from(self.skip).map_or(bytes.len(), |skip| skip.min(bytes.len()));
        self.skip -= skipped as u64;
        let mut rest = &bytes[skipped..];
        while !rest.is_empty() {
            let (fitting, more) = rest.split_at(rest.len().min(self.cut.chunk_bytes - self.chunk.len()));
            self.chunk.extend_from_slice(fitting);
            rest = more;
            if self.chunk.len() == self.cut.chunk_bytes {
                // Where one chunk was filled, another is likely to be.
                let next = Vec::with_capacity(self.cut.chunk_bytes);
                self.handover.push(std::mem::replace(&mut self.chunk, next).into())?;
                self.chunks += 1;
            }
        }
        ControlFlow::Continue(())
    }
}

#[cfg(test)]
mod tests {
    use abacus_tasks::Lane;
    use proptest::prelude::*;

    use super::*;
    use crate::{
        handover::{Computation, Event},
        slots::Slots,
    };

    const CUT: Cut = Cut { chunk_bytes: 1024, progress_interval: Duration::from_hours(1) };

    fn computation() -> Computation {
        Computation::new(Slots::new([1, 0, 0]).take(Lane::Instant).unwrap())
    }

    /// The chunks and the end of a computation that writes these pieces.
    fn written(pieces: &[&[u8]], stored: Stored) -> (Vec<Bytes>, Result<Finished, Stop>) {
        let computation = computation();
        let handover = computation.handover();
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let mut output = Output::new(&handover, CUT, stored, NonZeroUsize::MIN);
                assert!(pieces.iter().map(|piece| output.write(piece)).all(|flow| flow.is_continue()));
                handover.end(output.finish(Size::Count(7)));
            });
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            runtime.block_on(async {
                let mut chunks = Vec::new();
                loop {
                    match computation.next().await {
                        Event::Chunk(chunk) => chunks.push(chunk),
                        Event::Ended(end) => return (chunks, end),
                        event => panic!("{event:?}"),
                    }
                }
            })
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn chunks_are_the_result_after_what_was_stored(
            pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..3000), 0..6),
            stored in 0..4_u32,
            stored_chunk in 1..1500_u64,
        ) {
            let whole = pieces.concat();
            let stored = Stored { chunks: stored, bytes: u64::from(stored) * stored_chunk };
            let pieces: Vec<&[u8]> = pieces.iter().map(Vec::as_slice).collect();
            let (chunks, end) = written(&pieces, stored);
            if whole.len() as u64 >= stored.bytes {
                let Finished { last, summary } = end.unwrap();
                prop_assert!(chunks.iter().all(|chunk| chunk.len() == CUT.chunk_bytes));
                prop_assert!(last.as_ref().is_none_or(|last| (1..CUT.chunk_bytes).contains(&last.len())));
                let skip = usize::try_from(stored.bytes).unwrap();
                let rest: Vec<u8> = chunks.iter().chain(&last).flatten().copied().collect();
                prop_assert_eq!(&rest, &whole[skip..]);
                prop_assert_eq!(summary.bytes, whole.len() as u64);
                prop_assert_eq!(summary.chunks as usize, stored.chunks as usize + chunks.len() + usize::from(last.is_some()));
                prop_assert_eq!(summary.sha256, <[u8; 32]>::from(Sha256::digest(&whole)));
            } else {
                prop_assert!(matches!(end, Err(Stop::Fail(_))), "the stored bytes belong to another result");
            }
        }
    }

    #[tokio::test]
    async fn reports_are_paced_and_a_short_computation_makes_none() {
        let computation = computation();
        let handover = computation.handover();
        let mut output = Output::new(&handover, CUT, Stored::default(), NonZeroUsize::MIN);
        assert!((0..1000).all(|_| output.report(0.5, "testing").is_continue()));
        handover.end(output.finish(Size::Count(0)));
        assert!(matches!(computation.next().await, Event::Ended(Ok(_))));

        let often = Cut { progress_interval: Duration::ZERO, ..CUT };
        let mut output = Output::new(&handover, often, Stored::default(), NonZeroUsize::MIN);
        assert!(output.report(1.5, "testing").is_continue());
        let Event::Progress(progress) = computation.next().await else { panic!("no progress") };
        assert_eq!((progress.fraction, progress.phase.as_str(), progress.remaining), (1.0, "testing", None));
    }

    #[test]
    fn a_stopped_computation_is_told_at_every_call() {
        let computation = computation();
        let handover = computation.handover();
        let mut output = Output::new(&handover, CUT, Stored::default(), NonZeroUsize::MIN);
        drop(computation);
        assert!(output.report(0.5, "testing").is_break());
        assert!(output.write(b"more").is_break());
    }
}
