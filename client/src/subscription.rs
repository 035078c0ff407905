//! Following jobs: what to follow, and the stream of what happens.

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
};

use abacus_api::v1::{self, subscribe_results_request::Target};
use abacus_tasks::{ClientName, Format, JobId};
use futures_util::{
    Stream,
    stream::{BoxStream, StreamExt},
};

use crate::{Client, Error, Event, follower};

/// What to follow, and how. A [`JobId`] becomes one by itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Follow {
    pub(crate) request: v1::SubscribeResultsRequest,
}

/// Where a subscription stands: an opaque token. Subscribing again with it goes on after the last event that was read,
/// from this process or any other.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Cursor(pub(crate) String);

/// What happens to the jobs that are followed: a stream of [`Event`]s.
///
/// It resumes by itself after any cut, for as long as [`stream_patience`](crate::Builder::stream_patience) allows, and
/// says so by [`Event::Disconnected`] and [`Event::Reconnected`]. It ends after [`Event::Ended`] of each job; that of a
/// client's jobs has no end. After an error it has ended.
///
/// What is under way unread is bounded, whatever the size of the results: see the [crate](crate#memory).
///
/// # Cancel safety
/// `next()` may be dropped at any time; no event is lost. Dropping the stream ends the subscription and cancels nothing.
#[must_use = "a stream does nothing unless it is polled"]
pub struct Subscription {
    events: BoxStream<'static, Result<(Event, Option<String>), Error>>,
    cursor: Option<Cursor>,
}

impl Follow {
    /// One job.
    #[must_use]
    pub fn job(job: &JobId) -> Self {
        Self::of(Target::Job(job.to_string()))
    }

    /// Several jobs, 1 to 100, each once.
    #[must_use]
    pub fn jobs<'a>(jobs: impl IntoIterator<Item = &'a JobId>) -> Self {
        let jobs = jobs.into_iter().map(ToString::to_string).collect();
        Self::of(Target::Jobs(v1::JobList { jobs }))
    }

    /// Every job that a client asks for, kept now or asked for later.
    #[must_use]
    pub fn client(client: &ClientName) -> Self {
        Self::of(Target::Client(client.to_string()))
    }

    /// How results are to be written. Default: digits in decimal, primes one per line, text as it is.
    #[must_use]
    pub fn format(mut self, format: Format) -> Self {
        self.request.format = v1::ResultFormat::from(format).into();
        self
    }

    /// The largest chunk, in bytes, 1 KiB to 1 MiB. Default 256 KiB.
    #[must_use]
    pub fn max_chunk_bytes(mut self, bytes: u32) -> Self {
        self.request.max_chunk_bytes = bytes;
        self
    }

    /// States and progress only, no chunks.
    #[must_use]
    pub fn metadata_only(mut self) -> Self {
        self.request.metadata_only = true;
        self
    }

    /// Goes on where a subscription with the same target and format stood. Results of which the beginning came earlier
    /// are not verified as a whole; their chunks are.
    #[must_use]
    pub fn after(mut self, cursor: &Cursor) -> Self {
        self.request.cursor.clone_from(&cursor.0);
        self
    }

    fn of(target: Target) -> Self {
        Self { request: v1::SubscribeResultsRequest { target: Some(target), ..Default::default() } }
    }
}

impl From<&JobId> for Follow {
    fn from(job: &JobId) -> Self {
        Self::job(job)
    }
}

impl Cursor {
    /// A cursor that was kept as text.
    #[must_use]
    pub fn from_text(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The cursor as text, to be kept.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Subscription {
    pub(crate) fn new(client: Client, follow: Follow) -> Self {
        Self { events: follower::events(client, follow.request, None).boxed(), cursor: None }
    }

    pub(crate) fn resubmitting(client: Client, follow: Follow, submission: crate::Submission) -> Self {
        Self { events: follower::events(client, follow.request, Some(submission)).boxed(), cursor: None }
    }

    /// Where it stands after the last event that was read. `None` before the first.
    #[must_use]
    pub fn cursor(&self) -> Option<&Cursor> {
        self.cursor.as_ref()
    }
}

impl Stream for Subscription {
    type Item = Result<Event, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.events.poll_next_unpin(context).map_ok(|(event, cursor)| {
            if let Some(cursor) = cursor {
                self.cursor = Some(Cursor(cursor));
            }
            event
        })
    }
}

impl fmt::Debug for Subscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscription").field("cursor", &self.cursor).finish_non_exhaustive()
    }
}
