//! One job as one subscriber sees it: what was told, what is new, where its result is read.

use std::collections::BTreeSet;
use std::time::Duration;

use abacus_api::v1::{self, frame::Event};
use abacus_broker::{Piece, Progress, Reader, Reading, Snapshot};
use abacus_chassis::Refusal;
use abacus_tasks::{JobId, State, cursor::Position, format::Format, kinds::Content};
use bytes::Bytes;
use tokio::time::Instant;

use super::outbox::{Mark, Told};
use super::{Desk, Manner};
use crate::error;

/// The shortest time between two frames of progress of one job.
const PROGRESS_EVERY: Duration = Duration::from_millis(100);

pub(super) struct Follow {
    /// The latest snapshot, without the task: what was told, or is about to be.
    seen: Box<Snapshot>,
    content: Content,
    format: Format,
    position: Position,
    /// Made when there is something to read.
    reader: Option<Box<Reader>>,
    progress: Option<Progress>,
    progress_at: Option<Instant>,
    /// For a subscription to a client: the orders of the requests that this delivery serves.
    requests: BTreeSet<u64>,
    /// Whether the subscriber's own request was cancelled, whatever the job does for others.
    cancelled: bool,
    /// The sequence number at which its result was looked for in vain.
    vanished_at: Option<u64>,
    to_do: Flags,
}

/// What is to be done about a job.
#[derive(Default)]
struct Flags {
    /// Its snapshot is to be read again.
    stale: bool,
    /// It stands among the turns.
    turn: bool,
    /// Its progress is to be told later, or room for its conversion to be looked for.
    postponed: bool,
}

/// What to tell of progress.
#[derive(Debug, PartialEq)]
pub(super) enum Telling {
    Nothing,
    Now(v1::Progress),
    /// Not before this time; said once.
    At(Instant),
}

impl Follow {
    /// A job whose snapshot is about to be told, with a turn.
    pub(super) fn new(mut snapshot: Snapshot, format: Format, position: Position) -> Self {
        let content = snapshot.content();
        snapshot.task = Bytes::new();
        Self {
            progress: snapshot.progress.clone(),
            seen: Box::new(snapshot),
            content,
            format,
            position,
            reader: None,
            progress_at: None,
            requests: BTreeSet::new(),
            cancelled: false,
            vanished_at: None,
            to_do: Flags { turn: true, ..Flags::default() },
        }
    }

    pub(super) fn job(&self) -> &JobId {
        &self.seen.job
    }

    pub(super) fn format(&self) -> Format {
        self.format
    }

    /// Whether that is how it is kept.
    pub(super) fn is_native(&self) -> bool {
        self.format.is_native(&self.content)
    }

    /// A frame about this job as it was last seen.
    pub(super) fn told(&self, event: Event, mark: Mark) -> Told {
        let Snapshot { job, sequence, attempt, .. } = &*self.seen;
        Told { job: Some(job.clone()), sequence: *sequence, attempt: *attempt, event, mark }
    }

    /// Whether the job is known to have changed since it was last seen.
    pub(super) fn is_behind(&self, sequence: u64) -> bool {
        self.seen.sequence < sequence
    }

    pub(super) fn is_stale(&self) -> bool {
        self.to_do.stale
    }

    /// Has the snapshot read again.
    pub(super) fn set_stale(&mut self) {
        self.to_do.stale = true;
    }

    /// True when it had no turn.
    pub(super) fn begin_turn(&mut self) -> bool {
        !std::mem::replace(&mut self.to_do.turn, true)
    }

    pub(super) fn end_turn(&mut self) {
        self.to_do.turn = false;
    }

    /// Takes a newer snapshot; gives what to tell of the difference, but progress.
    pub(super) fn observe(&mut self, mut snapshot: Snapshot) -> Vec<Event> {
        snapshot.task = Bytes::new();
        self.to_do.stale = false;
        let before = std::mem::replace(&mut *self.seen, snapshot);
        let now = &self.seen;
        let mut events = Vec::new();
        if repeated(now) > repeated(&before) {
            let failure = now.failure.as_ref().map(Into::into);
            events.push(Event::Retrying(v1::Retrying { failure }));
        }
        if now.suspended && !before.suspended && now.state == State::Queued {
            events.push(Event::Suspended(v1::Suspended {}));
        }
        if before.suspended && !now.suspended && !now.state.is_terminal() {
            events.push(Event::Resumed(v1::Resumed {}));
        }
        events
    }

    /// What to tell of the progress now.
    pub(super) fn progress(&mut self, now: Instant) -> Telling {
        let news = self.seen.progress.as_ref().filter(|_| self.seen.state == State::Running);
        let Some(progress) = news.filter(|progress| self.progress.as_ref() != Some(progress)) else {
            return Telling::Nothing;
        };
        if self.to_do.postponed {
            return Telling::Nothing;
        }
        match self.progress_at.map(|time| time + PROGRESS_EVERY) {
            Some(time) if now < time => {
                self.to_do.postponed = true;
                Telling::At(time)
            }
            _ => {
                let telling = Telling::Now(progress.into());
                self.progress = Some(progress.clone());
                self.progress_at = Some(now);
                telling
            }
        }
    }

    /// The time has come to do what was put off.
    pub(super) fn resume(&mut self) {
        self.to_do.postponed = false;
    }

    /// Puts its conversion off; true unless something was put off already.
    pub(super) fn put_off(&mut self) -> bool {
        !std::mem::replace(&mut self.to_do.postponed, true)
    }

    /// The end of a job that has no result for this subscriber.
    pub(super) fn ended_without_result(&self) -> Option<v1::Terminal> {
        let state = if self.cancelled { State::Cancelled } else { self.seen.state };
        let failure = match state {
            State::Failed => self.seen.failure.as_ref().map(Into::into),
            State::Cancelled => None,
            State::Queued | State::Running | State::Succeeded => return None,
        };
        Some(v1::Terminal { state: v1::JobState::from(state).into(), result: None, failure })
    }

    /// The end of a job that has succeeded, in its native format, none of whose chunks are told.
    pub(super) fn native_result(&self) -> Option<v1::Terminal> {
        self.seen.summary.as_ref().map(|summary| succeeded(summary.to_message(self.format)))
    }

    /// The end of a job that has succeeded and whose result was read to its end.
    pub(super) fn result(&self, manner: &Manner) -> Option<v1::Terminal> {
        let mut summary = self.reader.as_ref()?.summary(self.seen.summary.as_ref()?);
        if !manner.metadata_only {
            summary.chunks = self.position.index;
        }
        Some(succeeded(summary))
    }

    /// True when none of its result is stored and some will be.
    pub(super) fn has_nothing_to_read(&self) -> bool {
        self.seen.bytes == 0 && self.seen.state != State::Succeeded
    }

    /// The reader of its result, and the snapshot to read by.
    pub(super) fn reader(
        &mut self,
        desk: &Desk,
        manner: &Manner,
    ) -> Result<(&mut Reader, &Snapshot), Refusal> {
        let reader = match self.reader.take() {
            Some(reader) => reader,
            None => Box::new(self.begin_to_read(desk, manner)?),
        };
        Ok((self.reader.insert(reader), &self.seen))
    }

    fn begin_to_read(&self, desk: &Desk, manner: &Manner) -> Result<Reader, Refusal> {
        let reading = Reading {
            content: self.content,
            format: self.format,
            offset: self.position.offset,
            max_piece_bytes: manner.max_chunk_bytes,
            conversions: desk.conversions.clone(),
        };
        Reader::new(desk.broker.clone(), self.seen.job.clone(), reading)
            .map_err(|unfitting| error::unfitting_format(&self.seen.job, &unfitting))
    }

    /// True while fetched bytes are held.
    pub(super) fn holds_bytes(&self) -> bool {
        self.reader.as_ref().is_some_and(|reader| reader.holds_bytes())
    }

    /// Goes on in the native format, as the result is too large for the one asked for. A client asks for all sorts of
    /// jobs, and one of them must not end the stream each time; false for a job that was named, and once bytes in the
    /// other format were told.
    pub(super) fn fall_back(&mut self) -> bool {
        let may = !self.requests.is_empty() && !self.is_native() && self.position.offset == 0;
        if may {
            self.format = Format::native(&self.content);
            self.position.native = true;
            self.reader = None;
        }
        may
    }

    /// Counts a piece as told; gives its number and the position behind it.
    pub(super) fn advance(&mut self, piece: &Piece) -> (u32, Position) {
        let index = self.position.index;
        self.position.offset = piece.offset + piece.bytes.len() as u64;
        // The number may come from a forged cursor.
        self.position.index = index.saturating_add(1);
        (index, self.position)
    }

    /// Notes that the result was not found; true unless the snapshot was read again since and is the same.
    pub(super) fn is_worth_another_look(&mut self) -> bool {
        self.to_do.stale = true;
        let sequence = Some(self.seen.sequence);
        std::mem::replace(&mut self.vanished_at, sequence) != sequence
    }

    /// How the terminal frame moves the cursor.
    pub(super) fn end(&self) -> Mark {
        if self.requests.is_empty() {
            Mark::Done(Position { done: true, ..self.position })
        } else {
            Mark::Delivered(self.requests.clone())
        }
    }

    /// The orders of the requests that this delivery serves.
    pub(super) fn requests(&self) -> &BTreeSet<u64> {
        &self.requests
    }

    /// Serves one more request of the client.
    pub(super) fn serve(&mut self, order: u64) {
        self.requests.insert(order);
        self.cancelled = false;
    }

    /// The client has cancelled a request: true when no other is served, so that the job ends for this subscriber.
    pub(super) fn cancel(&mut self, order: u64) -> bool {
        if self.requests.len() == 1 && self.requests.contains(&order) {
            self.cancelled = true;
        } else {
            self.requests.remove(&order);
        }
        self.cancelled
    }
}

/// How many attempts have ended to be repeated.
fn repeated(snapshot: &Snapshot) -> u32 {
    match snapshot.state {
        State::Queued => snapshot.attempt,
        State::Running | State::Succeeded | State::Failed | State::Cancelled => {
            snapshot.attempt.saturating_sub(1)
        }
    }
}

fn succeeded(summary: v1::ResultSummary) -> v1::Terminal {
    v1::Terminal { state: v1::JobState::Succeeded.into(), result: Some(summary), failure: None }
}

#[cfg(test)]
mod tests;
