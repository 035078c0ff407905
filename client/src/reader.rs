//! The loop behind the reading of a result: reads from the byte after what has come, and again after whatever may pass.

use abacus_api::v1::{self, read_result_response::Event as Message, subscribe_results_request::Target};
use async_stream::try_stream;
use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use tokio::time::{sleep, timeout};
use tonic::Streaming;

use crate::{
    Error, Event, Piece, Received, StoredResult, Summary,
    error::Trouble,
    follower::{MAX_DAMAGES, events, pause, silent},
    patience::Patience,
    reason,
    received::{Continuation, Verified},
};

type Messages = Streaming<v1::ReadResultResponse>;

/// The parts of a result.
pub(crate) fn pieces(mut result: StoredResult) -> impl Stream<Item = Result<Piece, Error>> + Send {
    try_stream! {
        let mut patience = Patience::new(result.client.settings().stream_patience);
        let mut messages: Option<Messages> = None;
        let mut damages = 0;
        loop {
            let trouble = match next(&result, &mut messages).await {
                Ok(Some(message)) => {
                    if patience.failures() > 0 {
                        patience.reset();
                        yield Piece::Event(Event::Reconnected);
                    }
                    match take(&mut result.received, message) {
                        Ok(Part::Bytes(bytes)) => {
                            damages = 0;
                            yield Piece::Bytes(bytes);
                            continue;
                        }
                        Ok(Part::Old) => continue,
                        Ok(Part::End(summary)) => {
                            result.received.compare(&summary).map_err(|what| damaged(&result, what))?;
                            yield Piece::End(summary);
                            return;
                        }
                        Err(what) => {
                            damages += 1;
                            let error = damaged(&result, what);
                            if damages < MAX_DAMAGES { Trouble::passing(error.to_string()) } else { Trouble::Lasting(error) }
                        }
                    }
                }
                Ok(None) => Trouble::passing("the stream has ended before the result"),
                Err(trouble) => trouble,
            };
            messages = None;
            match trouble {
                Trouble::Passing(passing) => {
                    let disconnected = pause(&result.client, &mut patience, passing)?;
                    let retry_in = disconnected.retry_in;
                    yield Piece::Event(Event::Disconnected(disconnected));
                    sleep(retry_in).await;
                }
                Trouble::Lasting(error) if error.reason() == Some(reason::JOB_NOT_FINISHED) => {
                    let mut waiting = Box::pin(events(result.client.clone(), until_end(&result), None));
                    while let Some(next) = waiting.next().await {
                        let event = next?.0;
                        if let Event::Ended(outcome) = &event {
                            outcome.clone().summary()?;
                        }
                        yield Piece::Event(event);
                    }
                }
                Trouble::Lasting(error) => Err(error)?,
            }
        }
    }
}

/// What a message brings.
enum Part {
    Bytes(Bytes),
    /// What had come before.
    Old,
    End(Summary),
}

fn take(received: &mut Received, message: Message) -> Result<Part, String> {
    let chunk = match message {
        Message::Chunk(chunk) => Verified::read(chunk)?,
        Message::Summary(summary) => return Ok(Part::End(summary.into())),
    };
    match chunk.after(received.bytes()) {
        Continuation::New(bytes) => {
            received.update(&bytes);
            Ok(Part::Bytes(bytes))
        }
        Continuation::Old => Ok(Part::Old),
        Continuation::Gap => Err(format!("byte {} comes after byte {}", chunk.offset, received.bytes())),
    }
}

/// The next message, of the stream that is open or of a new one. `None` at the stream's end.
async fn next(result: &StoredResult, messages: &mut Option<Messages>) -> Result<Option<Message>, Trouble> {
    let stream = if let Some(stream) = messages {
        stream
    } else {
        let request = v1::ReadResultRequest {
            job: result.job.to_string(),
            offset: result.received.bytes(),
            format: result.format.into(),
            max_chunk_bytes: result.max_chunk_bytes,
            ..Default::default()
        };
        let mut jobs = result.client.job_service();
        messages.insert(result.client.in_time(jobs.read_result(request)).await?)
    };
    let silence = result.client.settings().silence;
    match timeout(silence, stream.message()).await {
        Ok(Ok(message)) => Ok(message.and_then(|message| message.event)),
        Ok(Err(status)) => Err(status.into()),
        Err(_) => Err(silent(silence)),
    }
}

/// A subscription to the end of the job.
fn until_end(result: &StoredResult) -> v1::SubscribeResultsRequest {
    v1::SubscribeResultsRequest {
        target: Some(Target::Job(result.job.to_string())),
        metadata_only: true,
        ..Default::default()
    }
}

fn damaged(result: &StoredResult, what: String) -> Error {
    Error::Damaged { job: result.job.clone(), what }
}
