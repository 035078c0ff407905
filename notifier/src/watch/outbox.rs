//! What was made but not yet pulled, and the cursor as of the last frame that was.
//!
//! The cursor moves with the frame that moves it, when that is pulled: each frame carries the cursor that resumes
//! after it.

use std::collections::{BTreeSet, VecDeque};
use std::ops::RangeInclusive;

use abacus_api::v1::{self, frame::Event};
use abacus_tasks::{Cursor, JobId, cursor::Position};

/// Frames in order, and the cursor. Bounded by its user, who makes more only when it is empty.
pub(super) struct Outbox {
    cursor: Cursor,
    frames: VecDeque<Told>,
}

/// A frame without its cursor.
pub(super) struct Told {
    /// `None` in a heartbeat.
    pub(super) job: Option<JobId>,
    pub(super) sequence: u64,
    pub(super) attempt: u32,
    pub(super) event: Event,
    pub(super) mark: Mark,
}

/// How a frame moves the cursor.
pub(super) enum Mark {
    Unmoved,
    At(Position),
    /// To the end of a job of a finite target.
    Done(Position),
    /// To the end of a job's delivery for these requests of the client.
    Delivered(BTreeSet<u64>),
}

impl Told {
    pub(super) fn heartbeat() -> Self {
        let event = Event::Heartbeat(v1::Heartbeat {});
        Self { job: None, sequence: 0, attempt: 0, event, mark: Mark::Unmoved }
    }
}

impl Outbox {
    pub(super) fn new(cursor: Cursor) -> Self {
        Self { cursor, frames: VecDeque::new() }
    }

    pub(super) fn cursor(&self) -> &Cursor {
        &self.cursor
    }

    pub(super) fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }

    pub(super) fn push(&mut self, told: Told) {
        self.frames.push_back(told);
    }

    /// Notes which requests of a client are done where no frame tells of it.
    pub(super) fn set_done(&mut self, orders: RangeInclusive<u64>) {
        self.cursor.requests_mut().insert(orders);
    }

    pub(super) fn pop(&mut self) -> Option<v1::Frame> {
        let Told { job, sequence, attempt, event, mark } = self.frames.pop_front()?;
        if self.frames.is_empty() {
            // An idle subscription keeps no room for the snapshots it began with.
            self.frames = VecDeque::new();
        }
        if let Some(job) = &job {
            self.move_cursor(job, mark);
        }
        let job = job.map_or_else(String::new, |job| job.to_string());
        Some(v1::Frame { job, sequence, attempt, cursor: self.cursor.to_token(), event: Some(event) })
    }

    fn move_cursor(&mut self, job: &JobId, mark: Mark) {
        match mark {
            Mark::Unmoved => {}
            Mark::At(position) | Mark::Done(position) => self.cursor.set_position(job, position),
            Mark::Delivered(orders) => {
                self.cursor.forget(job);
                for order in orders {
                    self.cursor.requests_mut().insert(order..=order);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use abacus_tasks::cursor::Scope;

    use super::*;

    fn told(job: &JobId, mark: Mark) -> Told {
        let event = Event::Suspended(v1::Suspended {});
        Told { job: Some(job.clone()), sequence: 3, attempt: 2, event, mark }
    }

    fn cursor(frame: &v1::Frame) -> Cursor {
        Cursor::from_token(&frame.cursor).unwrap()
    }

    #[test]
    fn each_frame_carries_the_cursor_that_resumes_after_it() {
        let job = JobId::derive("sum2", b"a");
        let mut outbox = Outbox::new(Cursor::new(Scope::of(["a"])));
        let position = Position { offset: 5, index: 1, ..Position::default() };
        outbox.push(told(&job, Mark::Unmoved));
        outbox.push(told(&job, Mark::At(position)));
        let done = Position { done: true, ..position };
        outbox.push(told(&job, Mark::Done(done)));
        let frame = outbox.pop().unwrap();
        assert_eq!((frame.job.as_str(), frame.sequence, frame.attempt), (job.as_str(), 3, 2));
        assert!(cursor(&frame).is_empty());
        assert_eq!(cursor(&outbox.pop().unwrap()).position(&job), Some(position));
        assert_eq!(cursor(&outbox.pop().unwrap()).position(&job), Some(done));
        assert!(outbox.pop().is_none());
    }

    #[test]
    fn a_delivered_job_leaves_only_its_requests_in_the_cursor() {
        let job = JobId::derive("sum2", b"a");
        let mut outbox = Outbox::new(Cursor::new(Scope::of(["a"])));
        outbox.push(told(&job, Mark::At(Position { offset: 7, ..Position::default() })));
        outbox.push(told(&job, Mark::Delivered(BTreeSet::from([2, 4]))));
        assert_eq!(cursor(&outbox.pop().unwrap()).len(), 1);
        let delivered = cursor(&outbox.pop().unwrap());
        assert!(delivered.is_empty());
        assert_eq!(
            [1, 2, 3, 4].map(|order| delivered.requests().contains(order)),
            [false, true, false, true]
        );
    }
}
