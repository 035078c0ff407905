//! A task that was submitted, together with the stream of what happens to it.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use futures_util::{Stream, StreamExt};

use crate::{CancelGuard, Client, Cursor, Error, Event, Follow, Submission, Submitted, Subscription};

/// A job that was asked for and is followed: a stream of [`Event`]s, as [`Subscription`] is. From [`Client::run`].
///
/// If the mesh forgets the job (its result expired, or a mesh in memory was restarted), the task is submitted again and
/// the stream goes on where it was: [`Event::Resubmitted`] tells.
///
/// # Cancel safety
/// `next()` may be dropped at any time. Dropping the whole leaves the job to the mesh, unless
/// [`cancel_on_drop`](Run::cancel_on_drop) was called.
#[derive(Debug)]
#[must_use = "a stream does nothing unless it is polled"]
pub struct Run {
    submitted: Submitted,
    events: Subscription,
    guard: Option<CancelGuard>,
}

impl Run {
    pub(crate) fn new(client: &Client, submitted: Submitted, submission: Submission) -> Self {
        let follow = Follow::job(submitted.job().id());
        let follow = submission.format.into_iter().fold(follow, Follow::format);
        let events = Subscription::resubmitting(client.clone(), follow, submission);
        Self { submitted, events, guard: None }
    }

    /// The request and the job; after [`Event::Resubmitted`] the new request.
    #[must_use]
    pub fn submitted(&self) -> &Submitted {
        &self.submitted
    }

    /// Where the stream stands after the last event that was read. `None` before the first.
    #[must_use]
    pub fn cursor(&self) -> Option<&Cursor> {
        self.events.cursor()
    }

    /// Cancels the request when this is dropped before its job has ended; see [`CancelGuard`] for what dropping can do.
    pub fn cancel_on_drop(mut self, client: &Client) -> Self {
        self.guard = Some(client.cancel_on_drop(self.submitted.request().name()));
        self
    }
}

impl Stream for Run {
    type Item = Result<Event, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let event = self.events.poll_next_unpin(context);
        match &event {
            Poll::Ready(Some(Ok(Event::Resubmitted(submitted)))) => {
                if let Some(guard) = &mut self.guard {
                    guard.pass_to(submitted.request().name());
                }
                self.submitted = submitted.clone();
            }
            Poll::Ready(Some(Ok(Event::Ended(_)))) => {
                if let Some(guard) = self.guard.take() {
                    guard.keep();
                }
            }
            _ => {}
        }
        event
    }
}
