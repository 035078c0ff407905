//! One subscription: a stream of frames that is pulled by its subscriber and made from what the broker knows.
//!
//! The one idea: state, not history. A watch remembers for each job what it has told, reads the job's snapshot when
//! something has changed, and tells the difference; chunks are read on from where the cursor stands. So a slow
//! subscriber costs one fetch of memory, hears the latest progress rather than all of it, and holds up nobody.
//!
//! Jobs take turns: one with a large result lets the others speak after each fetch. Mailbox first, snapshot second:
//! what changes after a snapshot was read is in the mailbox.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use abacus_api::v1::{self, frame::Event};
use abacus_broker::{Next, ReadError, Snapshot, message};
use abacus_chassis::Refusal;
use abacus_tasks::format::{Format, TranscodeError};
use abacus_tasks::subscription::{Subscription, Target};
use abacus_tasks::{Cursor, JobId, cursor::Position};
use async_stream::try_stream;
use futures_util::Stream;
use tokio::time::{Instant, sleep_until};

use crate::error;
use crate::patience::Patience;
use crate::watchers::Watcher;

mod desk;
mod follow;
mod outbox;
mod requests;

pub(crate) use desk::Desk;
use follow::{Follow, Telling};
use outbox::{Mark, Outbox, Told};
use requests::Requests;

/// The pause before a conversion that found no room looks for it again.
const BUSY_PAUSE: Duration = Duration::from_millis(100);

/// Begins to watch. The jobs of a finite target are looked up before the stream is given.
///
/// # Errors
/// A refusal of the subscription; the stream ends with one when it is to be resumed or cannot go on.
pub(crate) async fn watch(
    desk: Arc<Desk>,
    subscription: Subscription,
) -> Result<impl Stream<Item = Result<v1::Frame, Refusal>>, Refusal> {
    let mut watch = Watch::open(desk, subscription).await?;
    Ok(try_stream! {
        while let Some(frame) = watch.next().await? {
            yield frame;
        }
    })
}

struct Watch {
    desk: Arc<Desk>,
    watcher: Watcher,
    manner: Manner,
    /// The jobs that are followed; a job leaves with its terminal frame.
    follows: BTreeMap<JobId, Follow>,
    /// The jobs that may have something to tell, in order, each once. The first one has its turn.
    turns: VecDeque<JobId>,
    /// When the progress of a job may be told again, or the room for its conversion looked for again.
    postponed: VecDeque<(Instant, JobId)>,
    /// For a subscription to a client.
    requests: Option<Requests>,
    outbox: Outbox,
    /// When the latest frame was told.
    silent_since: Instant,
    /// When everything is to be read again.
    reread_at: Instant,
    reread_every: Duration,
}

/// How a subscriber wants to be told.
struct Manner {
    format: v1::ResultFormat,
    max_chunk_bytes: usize,
    metadata_only: bool,
    /// Whether the subscriber has been here before: then a job that is missing was forgotten meanwhile.
    resumed: bool,
}

impl Watch {
    async fn open(desk: Arc<Desk>, subscription: Subscription) -> Result<Self, Refusal> {
        let scope = subscription.scope();
        let Subscription { target, cursor, format, max_chunk_bytes, metadata_only } = subscription;
        let manner = Manner { format, max_chunk_bytes, metadata_only, resumed: cursor.is_some() };
        let watcher = desk.watchers.register();
        let (now, reread_every) = (Instant::now(), spread(desk.settings.reread, watcher.number()));
        let mut watch = Self {
            desk,
            watcher,
            manner,
            follows: BTreeMap::new(),
            turns: VecDeque::new(),
            postponed: VecDeque::new(),
            requests: None,
            outbox: Outbox::new(cursor.unwrap_or_else(|| Cursor::new(scope))),
            silent_since: now,
            reread_at: now + reread_every,
            reread_every,
        };
        match target {
            Target::Jobs(jobs) => {
                for job in jobs {
                    watch.open_job(&job).await?;
                }
            }
            Target::Client(client) => {
                watch.watcher.follow_client(&client);
                watch.requests = Some(Requests::open(&watch.desk, client, watch.cursor()).await?);
            }
        }
        Ok(watch)
    }

    fn cursor(&self) -> &Cursor {
        self.outbox.cursor()
    }

    /// Begins to follow a job of a finite target, unless its terminal frame was delivered.
    async fn open_job(&mut self, job: &JobId) -> Result<(), Refusal> {
        let position = self.cursor().position(job).unwrap_or_default();
        if position.done {
            return Ok(());
        }
        self.watcher.follow(job);
        let Some(snapshot) = self.desk.snapshot(job).await? else {
            return Err(if self.manner.resumed {
                error::job_expired(job)
            } else {
                error::job_not_found(job)
            });
        };
        let format = Format::resolve(self.manner.format, &snapshot.content())
            .map_err(|unfitting| error::unfitting_format(job, &unfitting))?;
        self.follow(snapshot, format, position);
        Ok(())
    }

    /// Follows a job that the watcher is registered for: tells its snapshot and gives it a turn.
    fn follow(&mut self, snapshot: Snapshot, format: Format, position: Position) -> &mut Follow {
        let job = snapshot.job.clone();
        let telling = Event::Snapshot(v1::Snapshot { job: Some(snapshot.to_brief()) });
        let follow = Follow::new(snapshot, format, position);
        self.outbox.push(follow.told(telling, Mark::Unmoved));
        self.turns.push_back(job.clone());
        self.follows.entry(job).insert_entry(follow).into_mut()
    }

    /// The next frame; `None` after the terminal frame of every job of a finite target.
    async fn next(&mut self) -> Result<Option<v1::Frame>, Refusal> {
        loop {
            if let Some(frame) = self.outbox.pop() {
                self.silent_since = Instant::now();
                return Ok(Some(frame));
            }
            self.collect();
            self.come_due(Instant::now());
            if self.requests.as_ref().is_some_and(Requests::has_to_read) {
                self.read_requests().await?;
            } else if let Some(job) = self.turns.front().cloned() {
                self.take_turn(&job).await?;
            } else if self.requests.is_none() && self.follows.is_empty() {
                return Ok(None);
            } else {
                self.wait().await;
            }
        }
    }

    /// Gives turns to the jobs that stand in the mailbox.
    fn collect(&mut self) {
        let changes = self.watcher.take();
        if changes.everything {
            self.reread();
        }
        if let Some(requests) = &mut self.requests
            && changes.requests
        {
            requests.grown();
        }
        for (job, sequence) in changes.jobs {
            if let Some(requests) = &mut self.requests
                && requests.awaits(&job)
            {
                requests.grown();
            }
            if let Some(follow) = self.follows.get_mut(&job)
                && follow.is_behind(sequence)
            {
                follow.set_stale();
                give_turn(&mut self.turns, follow, job);
            }
        }
    }

    /// Has everything read again.
    fn reread(&mut self) {
        self.reread_at = Instant::now() + self.reread_every;
        if let Some(requests) = &mut self.requests {
            requests.grown();
            requests.recheck();
        }
        for (job, follow) in &mut self.follows {
            follow.set_stale();
            give_turn(&mut self.turns, follow, job.clone());
        }
    }

    /// Does one thing for the job whose turn it is: reads its snapshot, tells what has changed, or one chunk, or its
    /// end. The turn ends when there is nothing more to do, or with the last piece of a fetch.
    async fn take_turn(&mut self, job: &JobId) -> Result<(), Refusal> {
        let Some(follow) = self.follows.get_mut(job) else {
            self.turns.pop_front();
            return Ok(());
        };
        if follow.is_stale() {
            let snapshot = self.desk.snapshot(job).await?.ok_or_else(|| error::job_expired(job))?;
            for event in follow.observe(snapshot) {
                self.outbox.push(follow.told(event, Mark::Unmoved));
            }
        }
        match follow.progress(Instant::now()) {
            Telling::Now(progress) => {
                self.outbox.push(follow.told(Event::Progress(progress), Mark::Unmoved));
            }
            Telling::At(time) => self.postponed.push_back((time, job.clone())),
            Telling::Nothing => {}
        }
        // What was just learnt is told before anything is made of it.
        if self.outbox.is_empty() { self.read_on(job).await } else { Ok(()) }
    }

    /// Tells the next chunk of a job, or its end, or ends its turn.
    async fn read_on(&mut self, job: &JobId) -> Result<(), Refusal> {
        let Some(follow) = self.follows.get_mut(job) else { return Ok(()) };
        if let Some(terminal) = follow.ended_without_result() {
            self.end(job, terminal);
            return Ok(());
        }
        if self.manner.metadata_only && follow.is_native() {
            match follow.native_result() {
                Some(terminal) => self.end(job, terminal),
                None => self.end_turn(),
            }
            return Ok(());
        }
        let Some(next) = read(&self.desk, &self.manner, follow).await? else { return Ok(()) };
        match next {
            Next::Piece(piece) => {
                if !self.manner.metadata_only {
                    let (index, position) = follow.advance(&piece);
                    let chunk = message::chunk(index, piece.offset, piece.bytes, follow.format());
                    self.outbox.push(follow.told(Event::Chunk(chunk), Mark::At(position)));
                }
                if !follow.holds_bytes() {
                    self.turns.rotate_left(1);
                }
            }
            Next::CaughtUp => self.end_turn(),
            Next::Busy => {
                if follow.put_off() {
                    self.postponed.push_back((Instant::now() + BUSY_PAUSE, job.clone()));
                }
                self.end_turn();
            }
            Next::End => match follow.result(&self.manner) {
                Some(terminal) => self.end(job, terminal),
                None => self.end_turn(),
            },
        }
        Ok(())
    }

    /// Ends the turn of the first job. What it has yet to tell comes when it has changed.
    fn end_turn(&mut self) {
        if let Some(job) = self.turns.pop_front()
            && let Some(follow) = self.follows.get_mut(&job)
        {
            follow.end_turn();
        }
    }

    /// Tells the terminal frame of the job whose turn it is and no longer follows it.
    fn end(&mut self, job: &JobId, terminal: v1::Terminal) {
        self.turns.pop_front();
        self.watcher.unfollow(job);
        let Some(follow) = self.follows.remove(job) else { return };
        if let Some(requests) = &mut self.requests {
            requests.close_all(follow.requests());
        }
        self.outbox.push(follow.told(Event::Terminal(terminal), follow.end()));
    }

    /// Waits until something may have changed, or for the next thing that is due by time.
    async fn wait(&mut self) {
        let heartbeat_at = self.silent_since + self.desk.settings.heartbeat;
        let postponed_until = self.postponed.front().map_or(self.reread_at, |(time, _)| *time);
        let due = heartbeat_at.min(self.reread_at).min(postponed_until);
        tokio::select! {
            () = self.watcher.changed() => return,
            () = sleep_until(due) => {}
        }
        if heartbeat_at <= Instant::now() {
            self.outbox.push(Told::heartbeat());
        }
    }

    /// Gives turns to the jobs for which something is due by time: also while others have much to tell.
    fn come_due(&mut self, now: Instant) {
        while self.postponed.front().is_some_and(|(time, _)| *time <= now) {
            if let Some((_, job)) = self.postponed.pop_front()
                && let Some(follow) = self.follows.get_mut(&job)
            {
                follow.resume();
                give_turn(&mut self.turns, follow, job);
            }
        }
        if self.reread_at <= now {
            self.reread();
        }
    }
}

/// Puts a job at the end of those that have a turn, if it has none yet.
fn give_turn(turns: &mut VecDeque<JobId>, follow: &mut Follow, job: JobId) {
    if follow.begin_turn() {
        turns.push_back(job);
    }
}

/// Reads on in the result of a job; `None` when its turn is to begin anew: its snapshot is to be read first, as the
/// result was not found, or its format is another one now.
async fn read(desk: &Desk, manner: &Manner, follow: &mut Follow) -> Result<Option<Next>, Refusal> {
    if follow.has_nothing_to_read() {
        return Ok(Some(Next::CaughtUp));
    }
    let mut patience = None;
    loop {
        let (reader, snapshot) = follow.reader(desk, manner)?;
        match reader.read(snapshot).await {
            Ok(next) => return Ok(Some(next)),
            Err(ReadError::Broker(error)) => {
                let limit = desk.settings.broker_patience;
                let patience = patience.get_or_insert_with(|| Patience::new(limit));
                patience.wait(error).await.map_err(error::broker)?;
            }
            Err(ReadError::Unwritable(TranscodeError::TooLarge { .. })) if follow.fall_back() => {
                return Ok(None);
            }
            Err(ReadError::Gone) if follow.is_worth_another_look() => return Ok(None),
            Err(other) => return Err(error::unreadable(follow.job(), other)),
        }
    }
}

/// `period`, up to a fifth shorter or longer, so that watchers which began together do not read together for ever.
fn spread(period: Duration, number: u64) -> Duration {
    // The multiples of the golden ratio are spread evenly over the fractions.
    #[expect(clippy::cast_precision_loss, reason = "which fraction it is does not matter")]
    let fraction = (number as f64 * 0.618_033_988_749_895).fract();
    period.mul_f64(0.8 + 0.4 * fraction)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn watchers_read_again_at_different_times_within_a_fifth_of_the_setting() {
        let periods: Vec<_> = (1..=100).map(|number| spread(Duration::from_secs(5), number)).collect();
        assert!(periods.iter().all(|period| (4.0..=6.0).contains(&period.as_secs_f64())));
        let early = periods.iter().filter(|period| period.as_secs_f64() < 5.0).count();
        assert!((40..=60).contains(&early), "{early}");
    }
}
