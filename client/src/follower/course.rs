//! What a subscription has seen: which jobs, how much of their results, and whether that is all.

use std::collections::HashMap;

use abacus_api::v1::{self, frame, subscribe_results_request::Target};
use abacus_tasks::{JobId, State};

use crate::{
    Chunk, End, Error, Event, Job, Outcome, Received,
    error::Trouble,
    job::{job_id, state},
    received::{Continuation, Verified},
};

/// The jobs that are followed and where each stands.
pub(super) struct Course {
    /// How many jobs there are; `None` for a client's, whose number is open.
    target: Option<usize>,
    /// The subscription goes on after one that this process has not seen.
    is_continued: bool,
    /// Whether chunks are told.
    has_chunks: bool,
    /// Jobs whose frames have begun to come and not ended.
    open: HashMap<JobId, Position>,
    ended: usize,
}

/// How much of a job's result has come.
#[derive(Default)]
struct Position {
    /// The next byte, once it is known.
    next: Option<u64>,
    /// All that has come, as long as that is all there was.
    whole: Received,
}

/// What a frame comes to.
pub(super) struct Step {
    /// What happened; `None` for a mere sign of life.
    pub(super) event: Option<Event>,
    /// Where the stream stands after it; empty when that has not changed.
    pub(super) cursor: String,
}

/// A frame that does not fit what came before.
#[derive(Debug)]
pub(super) enum Fault {
    /// A part is damaged or missing: asking for it again may help.
    Part(JobId, String),
    /// The whole is not what was computed.
    Whole(JobId, String),
    /// It makes no sense.
    Senseless(Error),
}

impl Course {
    pub(super) fn new(request: &v1::SubscribeResultsRequest) -> Self {
        let target = match &request.target {
            Some(Target::Job(_)) => Some(1),
            Some(Target::Jobs(list)) => Some(list.jobs.len()),
            Some(Target::Client(_)) | None => None,
        };
        Self {
            target,
            is_continued: !request.cursor.is_empty(),
            has_chunks: !request.metadata_only,
            open: HashMap::new(),
            ended: 0,
        }
    }

    /// Whether every job has ended before these eyes.
    pub(super) fn is_complete(&self) -> bool {
        self.target.is_some_and(|target| target > 0 && self.ended >= target)
    }

    /// Whether a stream that ends now has told everything: the jobs that are missing ended before its cursor.
    pub(super) fn may_end(&self) -> bool {
        self.target.is_some() && self.is_continued && self.open.is_empty()
    }

    /// Takes the next frame.
    pub(super) fn take(&mut self, frame: v1::Frame) -> Result<Step, Fault> {
        let v1::Frame { job, cursor, event, .. } = frame;
        let event = match event {
            Some(frame::Event::Heartbeat(_)) | None => None,
            Some(event) => self.take_event(job_id(&job)?, event)?,
        };
        Ok(Step { event, cursor })
    }

    fn take_event(&mut self, job: JobId, event: frame::Event) -> Result<Option<Event>, Fault> {
        Ok(Some(match event {
            frame::Event::Snapshot(snapshot) => {
                self.open.entry(job).or_insert_with(|| Position::new(self.is_continued));
                Event::Snapshot(Job::read(snapshot.job)?)
            }
            frame::Event::Progress(progress) => Event::Progress { job, progress: progress.into() },
            frame::Event::Retrying(retrying) => {
                Event::Retrying { job, failure: retrying.failure.unwrap_or_default().into() }
            }
            frame::Event::Suspended(_) => Event::Suspended { job },
            frame::Event::Resumed(_) => Event::Resumed { job },
            frame::Event::Chunk(chunk) => return Ok(self.take_chunk(&job, chunk)?.map(Event::Chunk)),
            frame::Event::Terminal(terminal) => Event::Ended(self.take_end(job, terminal)?),
            frame::Event::Heartbeat(_) => return Ok(None),
        }))
    }

    fn take_chunk(&mut self, job: &JobId, chunk: v1::Chunk) -> Result<Option<Chunk>, Fault> {
        let part = Verified::read(chunk).map_err(|what| Fault::Part(job.clone(), what))?;
        let is_continued = self.is_continued;
        let position = self.open.entry(job.clone()).or_insert_with(|| Position::new(is_continued));
        let next = position.next.unwrap_or(part.offset);
        match part.after(next) {
            Continuation::New(bytes) => {
                position.next = Some(next + bytes.len() as u64);
                position.whole.update(&bytes);
                Ok(Some(Chunk { job: job.clone(), offset: next, bytes, is_text: part.is_text }))
            }
            Continuation::Old => Ok(None),
            Continuation::Gap => {
                let what = format!("byte {} comes after byte {next}", part.offset);
                Err(Fault::Part(job.clone(), what))
            }
        }
    }

    fn take_end(&mut self, job: JobId, terminal: v1::Terminal) -> Result<Outcome, Fault> {
        let end = match state(terminal.state()) {
            Some(State::Succeeded) => {
                let summary = terminal.result.ok_or_else(|| senseless("a success without a summary"))?;
                End::Succeeded(summary.into())
            }
            Some(State::Failed) => End::Failed(terminal.failure.unwrap_or_default().into()),
            Some(State::Cancelled) => End::Cancelled,
            _ => return Err(senseless("an end in a state that is not final")),
        };
        let position = self.open.get(&job);
        if let (End::Succeeded(summary), Some(position), true) = (&end, position, self.has_chunks)
            && position.is_whole()
        {
            position.whole.compare(summary).map_err(|what| Fault::Whole(job.clone(), what))?;
        }
        self.open.remove(&job);
        self.ended += 1;
        Ok(Outcome { job, end })
    }
}

impl Position {
    /// A job whose frames begin to come; of one that is continued, the first chunk tells where.
    fn new(is_continued: bool) -> Self {
        Self { next: (!is_continued).then_some(0), whole: Received::new() }
    }

    /// Whether all bytes up to the next one have come before these eyes.
    fn is_whole(&self) -> bool {
        self.next == Some(self.whole.bytes())
    }
}

impl Fault {
    /// Whether asking again cannot help.
    pub(super) fn is_lasting(&self) -> bool {
        !matches!(self, Self::Part(..))
    }

    pub(super) fn into_lasting(self) -> Trouble {
        Trouble::Lasting(match self {
            Self::Part(job, what) | Self::Whole(job, what) => Error::Damaged { job, what },
            Self::Senseless(error) => error,
        })
    }
}

/// A fault that may pass.
impl From<Fault> for Trouble {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Part(job, what) => Self::passing(format!("the result of {job} arrives damaged: {what}")),
            lasting => lasting.into_lasting(),
        }
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Senseless(error)
    }
}

fn senseless(what: &str) -> Fault {
    Fault::Senseless(Error::Incomprehensible(what.to_owned()))
}
