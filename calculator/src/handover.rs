//! Where a compute thread and whoever follows its computation meet: results one way, the order to stop the other.
//!
//! One allocation shared by both sides. Chunks wait in a short queue, so that a thread whose reader is behind waits
//! too; of progress only the latest is kept. A computation whose [`Computation`] is dropped stops by itself.

use std::{
    collections::VecDeque,
    ops::ControlFlow,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use abacus_broker::{Progress, Summary};
use abacus_tasks::Stop;
use bytes::Bytes;
use parking_lot::{Condvar, Mutex};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::slots::Slot;

/// How many chunks wait at most. One more is being filled, one more is being stored.
const WAITING_CHUNKS: usize = 2;

/// A computation as seen by the one who follows it. Stops when dropped.
#[derive(Debug)]
pub(crate) struct Computation(Arc<Handover>);

/// The meeting point; holds the computation's slot until both sides have left.
#[derive(Debug)]
pub(crate) struct Handover {
    stop: AtomicBool,
    /// Fires with `stop`, for a compute thread that waits for something else than room.
    stopped: CancellationToken,
    state: Mutex<State>,
    /// Tells the follower, the only one who waits for it, that there is something to take.
    ready: Notify,
    /// Tells the compute thread that there is room, or that it is to stop.
    room: Condvar,
    _slot: Option<Slot>,
}

/// What a follower learns.
#[derive(Debug)]
pub(crate) enum Event {
    /// The computation was told to stop from elsewhere.
    Interrupted(Interrupt),
    /// The next piece of the result, of exactly the chunk size.
    Chunk(Bytes),
    /// How far it is.
    Progress(Progress),
    /// The end.
    Ended(Result<Finished, Stop>),
}

/// Why a computation is told to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Interrupt {
    /// The worker drains.
    HandBack,
    /// The job was cancelled.
    Cancelled,
    /// The lease was taken over or the job has ended.
    Lost,
}

/// A computation that has its result.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Finished {
    /// What is left of the result after the last full chunk.
    pub(crate) last: Option<Bytes>,
    /// What the whole result is.
    pub(crate) summary: Summary,
}

#[derive(Debug, Default)]
struct State {
    interrupt: Option<Interrupt>,
    chunks: VecDeque<Bytes>,
    progress: Option<Progress>,
    end: Option<Result<Finished, Stop>>,
    /// Another computation on the same thread, which stops with this one.
    within: Option<Arc<Handover>>,
}

impl Computation {
    /// A computation that holds this slot; `None` for one on the thread of another, which has a slot.
    pub(crate) fn new(slot: impl Into<Option<Slot>>) -> Self {
        Self(Arc::new(Handover {
            stop: AtomicBool::new(false),
            stopped: CancellationToken::new(),
            state: Mutex::default(),
            ready: Notify::new(),
            room: Condvar::new(),
            _slot: slot.into(),
        }))
    }

    /// The side of the compute thread and of those who may interrupt.
    pub(crate) fn handover(&self) -> Arc<Handover> {
        Arc::clone(&self.0)
    }

    /// The next event: an interrupt before all else, then chunks in order, then the end or the latest progress.
    /// Nothing comes after the end.
    ///
    /// # Cancel safety
    /// Nothing is lost.
    pub(crate) async fn next(&self) -> Event {
        loop {
            if let Some(event) = self.take() {
                return event;
            }
            self.0.ready.notified().await;
        }
    }

    /// Waits until the computation is interrupted.
    ///
    /// # Cancel safety
    /// Nothing is lost: [`Computation::next`] looks before it waits.
    pub(crate) async fn interrupted(&self) -> Interrupt {
        loop {
            if let Some(interrupt) = self.0.state.lock().interrupt {
                return interrupt;
            }
            self.0.ready.notified().await;
        }
    }

    fn take(&self) -> Option<Event> {
        let mut state = self.0.state.lock();
        if let Some(interrupt) = state.interrupt {
            return Some(Event::Interrupted(interrupt));
        }
        if let Some(chunk) = state.chunks.pop_front() {
            self.0.room.notify_one();
            return Some(Event::Chunk(chunk));
        }
        if let Some(end) = state.end.take() {
            return Some(Event::Ended(end));
        }
        state.progress.take().map(Event::Progress)
    }
}

impl Drop for Computation {
    fn drop(&mut self) {
        self.0.stop();
    }
}

impl Handover {
    /// Tells the computation to stop and its follower why; the first reason stands.
    pub(crate) fn interrupt(&self, why: Interrupt) {
        self.state.lock().interrupt.get_or_insert(why);
        self.stop();
        self.ready.notify_one();
    }

    /// Whether the computation is to stop.
    pub(crate) fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Fires when the computation is to stop.
    pub(crate) fn stopped(&self) -> &CancellationToken {
        &self.stopped
    }

    /// Notes that another computation goes on within this one, on its thread: it is handed back when this one stops.
    /// `None`: no longer.
    pub(crate) fn set_within(&self, other: Option<Arc<Handover>>) {
        let mut state = self.state.lock();
        let stopped = if self.is_stopped() { other.clone() } else { None };
        state.within = other;
        drop(state);
        if let Some(other) = stopped {
            other.interrupt(Interrupt::HandBack);
        }
    }

    /// Hands over a full chunk. Waits for room; `Break` when the computation is to stop.
    pub(crate) fn push(&self, chunk: Bytes) -> ControlFlow<()> {
        let mut state = self.state.lock();
        while state.chunks.len() >= WAITING_CHUNKS && !self.is_stopped() {
            self.room.wait(&mut state);
        }
        if self.is_stopped() {
            return ControlFlow::Break(());
        }
        state.chunks.push_back(chunk);
        drop(state);
        self.ready.notify_one();
        ControlFlow::Continue(())
    }

    /// Replaces the latest progress.
    pub(crate) fn report(&self, progress: Progress) {
        self.state.lock().progress = Some(progress);
        self.ready.notify_one();
    }

    /// Hands over the end.
    pub(crate) fn end(&self, end: Result<Finished, Stop>) {
        self.state.lock().end = Some(end);
        self.ready.notify_one();
    }

    fn stop(&self) {
        // Under the lock: a thread that has just seen no order to stop must not miss the wake-up before it waits.
        let mut state = self.state.lock();
        self.stop.store(true, Ordering::Relaxed);
        self.room.notify_one();
        let within = state.within.take();
        drop(state);
        self.stopped.cancel();
        if let Some(other) = within {
            other.interrupt(Interrupt::HandBack);
        }
    }
}

#[cfg(test)]
mod tests {
    use abacus_tasks::Lane;

    use super::*;
    use crate::slots::Slots;

    fn computation() -> (Computation, Arc<Handover>, Slots) {
        let slots = Slots::new([1, 0, 0]);
        let computation = Computation::new(slots.take(Lane::Instant).unwrap());
        let handover = computation.handover();
        (computation, handover, slots)
    }

    fn progress(fraction: f64) -> Progress {
        Progress { fraction, phase: "testing".to_owned(), remaining: None }
    }

    #[tokio::test]
    async fn chunks_come_in_order_before_the_end_and_progress_only_as_the_latest() {
        let (computation, handover, _) = computation();
        handover.report(progress(0.1));
        handover.report(progress(0.2));
        assert!(matches!(computation.next().await, Event::Progress(progress) if progress.fraction > 0.15));
        assert!(handover.push(Bytes::from_static(b"a")).is_continue());
        assert!(handover.push(Bytes::from_static(b"b")).is_continue());
        handover.report(progress(0.3));
        handover.end(Err(Stop::Fail("no".to_owned())));
        assert!(matches!(computation.next().await, Event::Chunk(chunk) if chunk == "a"));
        assert!(matches!(computation.next().await, Event::Chunk(chunk) if chunk == "b"));
        assert!(matches!(computation.next().await, Event::Ended(Err(Stop::Fail(_)))));
    }

    #[tokio::test]
    async fn a_writer_waits_for_its_reader() {
        let (computation, handover, _) = computation();
        let writer = std::thread::spawn(move || {
            let chunks = (0..50_u8).map(|number| Bytes::from(vec![number]));
            chunks.map(|chunk| handover.push(chunk)).all(|flow| flow.is_continue())
        });
        for number in 0..50_u8 {
            assert!(computation.0.state.lock().chunks.len() <= WAITING_CHUNKS);
            assert!(matches!(computation.next().await, Event::Chunk(chunk) if chunk[0] == number));
        }
        assert!(writer.join().unwrap());
    }

    #[test]
    fn a_writer_who_waits_is_freed_when_its_reader_leaves_and_then_the_slot() {
        let (computation, handover, slots) = computation();
        for _ in 0..WAITING_CHUNKS {
            assert!(handover.push(Bytes::new()).is_continue());
        }
        let writer = std::thread::spawn(move || handover.push(Bytes::new()));
        assert_eq!(slots.free(Lane::Instant), 0);
        drop(computation);
        assert!(writer.join().unwrap().is_break());
        assert_eq!(slots.free(Lane::Instant), 1);
    }

    #[tokio::test]
    async fn what_goes_on_within_a_computation_is_handed_back_when_that_stops() {
        let within = [(); 3].map(|()| Computation::new(None));
        let (computation, handover, _) = computation();
        handover.set_within(Some(within[0].handover()));
        handover.set_within(None);
        handover.set_within(Some(within[1].handover()));
        drop(computation);
        handover.stopped().cancelled().await;
        assert_eq!(within[1].interrupted().await, Interrupt::HandBack);
        handover.set_within(Some(within[2].handover()));
        assert_eq!(within[2].interrupted().await, Interrupt::HandBack, "it had stopped before");
        assert!(!within[0].0.is_stopped(), "it had left before");
    }

    #[tokio::test]
    async fn an_interrupt_comes_first_and_keeps_its_reason() {
        let (computation, handover, _) = computation();
        assert!(handover.push(Bytes::from_static(b"a")).is_continue());
        handover.interrupt(Interrupt::Lost);
        handover.interrupt(Interrupt::HandBack);
        assert!(handover.is_stopped());
        assert_eq!(computation.interrupted().await, Interrupt::Lost);
        assert!(matches!(computation.next().await, Event::Interrupted(Interrupt::Lost)));
    }
}
