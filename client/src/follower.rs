//! The loop behind a subscription: opens the stream, checks each frame, and opens it again after whatever may pass.

mod course;

use std::time::Duration;

use abacus_api::v1;
use async_stream::try_stream;
use futures_util::Stream;
use tokio::time::{sleep, timeout};
use tonic::Streaming;

use crate::{
    Client, Disconnected, Error, Event, Submission,
    error::{Passing, Trouble},
    patience::Patience,
    reason,
};

use course::{Course, Step};

/// How often in a row a result may arrive damaged before that is taken for its true state.
pub(crate) const MAX_DAMAGES: u32 = 3;

type Frames = Streaming<v1::SubscribeResultsResponse>;

/// The events of a subscription, each with the cursor after it where there is a new one. With a submission, a job that
/// the mesh no longer knows is asked for again.
pub(crate) fn events(
    client: Client,
    mut request: v1::SubscribeResultsRequest,
    submission: Option<Submission>,
) -> impl Stream<Item = Result<(Event, Option<String>), Error>> + Send {
    try_stream! {
        let mut course = Course::new(&request);
        let mut patience = Patience::new(client.settings().stream_patience);
        let mut frames: Option<Frames> = None;
        let mut damages = 0;
        while !course.is_complete() {
            let trouble = match next(&client, &request, &mut frames).await {
                Ok(Some(frame)) => match course.take(frame) {
                    Ok(Step { event, cursor }) => {
                        if patience.failures() > 0 {
                            patience.reset();
                            yield (Event::Reconnected, None);
                        }
                        if !cursor.is_empty() {
                            request.cursor.clone_from(&cursor);
                        }
                        if let Some(event) = event {
                            if matches!(event, Event::Chunk(_)) {
                                damages = 0;
                            }
                            yield (event, Some(request.cursor.clone()));
                        }
                        continue;
                    }
                    Err(fault) => {
                        damages += 1;
                        if fault.is_lasting() || damages >= MAX_DAMAGES { fault.into_lasting() } else { fault.into() }
                    }
                },
                Ok(None) if course.may_end() => return,
                Ok(None) => Trouble::passing("the stream has ended before its jobs"),
                Err(trouble) => trouble,
            };
            frames = None;
            match (trouble, &submission) {
                (Trouble::Passing(passing), _) => {
                    let disconnected = pause(&client, &mut patience, passing)?;
                    let retry_in = disconnected.retry_in;
                    yield (Event::Disconnected(disconnected), None);
                    sleep(retry_in).await;
                }
                (Trouble::Lasting(error), Some(submission)) if is_forgotten(&error) => {
                    let again = Submission::new(submission.task.clone());
                    let submitted = client.submit(again).await?;
                    request.cursor.clear();
                    yield (Event::Resubmitted(submitted), None);
                }
                (Trouble::Lasting(error), _) => Err(error)?,
            }
        }
    }
}

/// The next frame, of the stream that is open or of a new one. `None` at the stream's end.
async fn next(
    client: &Client,
    request: &v1::SubscribeResultsRequest,
    frames: &mut Option<Frames>,
) -> Result<Option<v1::Frame>, Trouble> {
    let stream = if let Some(stream) = frames {
        stream
    } else {
        let mut jobs = client.job_service();
        frames.insert(client.in_time(jobs.subscribe_results(request.clone())).await?)
    };
    let silence = client.settings().silence;
    match timeout(silence, stream.message()).await {
        Ok(Ok(message)) => Ok(message.and_then(|message| message.frame)),
        Ok(Err(status)) => Err(status.into()),
        Err(_) => Err(silent(silence)),
    }
}

/// No sign of life.
pub(crate) fn silent(silence: Duration) -> Trouble {
    Trouble::passing(format!("nothing was heard for {silence:.0?}"))
}

/// How long to wait after a cut.
pub(crate) fn pause(
    client: &Client,
    patience: &mut Patience,
    passing: Passing,
) -> Result<Disconnected, Error> {
    match patience.next(passing.retry_delay()) {
        Some(retry_in) => Ok(Disconnected { cause: passing.cause, retry_in, tries: patience.failures() }),
        None => Err(client.given_up(patience, passing)),
    }
}

/// Whether the mesh does not know the job any more.
fn is_forgotten(error: &Error) -> bool {
    matches!(error.reason(), Some(reason::CURSOR_EXPIRED | reason::JOB_NOT_FOUND))
}
