//! What the server streams of `JobService` yield.

use std::{error::Error, time::Duration};

use abacus_api::v1::{self, subscribe_results_request::Target};
use abacus_broker::{
    Conversions, Next, ReadError, Reader, Reading, SharedBroker, Snapshot, Submitted, message,
};
use abacus_chassis::{Reason, Refusal, channel};
use abacus_tasks::{
    JobId, Subscription, Task, Violations,
    format::{Format, TranscodeError},
    subscription::{Unusable, check_format, check_max_chunk_bytes},
};
use async_stream::try_stream;
use futures_util::{Stream, StreamExt, stream};
use tonic::Status;

use super::{job_id, one_wrong};
use crate::{
    error::{invalid, no_such_job, refused},
    intake::Intake,
    watch::Watch,
};

/// The pause before a conversion that found no room looks for it again.
const BUSY_PAUSE: Duration = Duration::from_millis(100);

/// The frames of a subscription.
///
/// # Errors
/// `INVALID_FIELD`, `CURSOR_INVALID`, and the notifier's refusals.
pub(crate) async fn subscribe(
    watch: &Watch,
    request: v1::SubscribeResultsRequest,
) -> Result<impl Stream<Item = Result<v1::SubscribeResultsResponse, Status>> + use<>, Status> {
    Subscription::check(&request).map_err(unusable)?;
    let frames = watch.open(request).await?;
    Ok(frames.map(|message| {
        let v1::WatchResponse { frame } = message.map_err(|status| channel::relayed("notifier", status))?;
        Ok(v1::SubscribeResultsResponse { frame })
    }))
}

/// Submits a task and tells which subscription follows its job. Nothing is submitted when the subscription is wrong.
///
/// # Errors
/// Those of [`Intake::submit`], with the wrong fields of the subscription among the others.
pub(crate) async fn submit_and_follow(
    intake: &Intake,
    request: v1::RunJobRequest,
    trace: &str,
) -> Result<(Submitted, v1::SubscribeResultsRequest), Refusal> {
    let v1::RunJobRequest { task, client, request_id, reject_if_suspended, .. } = request;
    let mut violations = Violations::new();
    let format = check_format(request.format, &mut violations);
    check_max_chunk_bytes(request.max_chunk_bytes, &mut violations);

    let submission = v1::SubmitJobRequest { task, client, request_id, reject_if_suspended };
    let submission = intake.check(submission, trace, violations)?;
    fitting(format, &submission.task)?;
    let submitted = intake.accept(submission).await?;
    let subscription = v1::SubscribeResultsRequest {
        target: Some(Target::Job(submitted.snapshot.job.to_string())),
        cursor: String::new(),
        format: request.format,
        max_chunk_bytes: request.max_chunk_bytes,
        metadata_only: request.metadata_only,
    };
    Ok((submitted, subscription))
}

/// The request, then the frames of its job.
pub(crate) fn run(
    submitted: v1::SubmitJobResponse,
    watch: Watch,
    subscription: v1::SubscribeResultsRequest,
) -> impl Stream<Item = Result<v1::RunJobResponse, Status>> {
    let event = |event| v1::RunJobResponse { event: Some(event) };
    let first = event(v1::run_job_response::Event::Submitted(submitted));
    let frames = try_stream! {
        let mut frames = watch.open(subscription).await?;
        while let Some(message) = frames.next().await {
            let message = message.map_err(|status| channel::relayed("notifier", status))?;
            if let Some(frame) = message.frame {
                yield event(v1::run_job_response::Event::Frame(frame));
            }
        }
    };
    stream::iter([Ok(first)]).chain(frames)
}

/// A finished result, or a part of it, then its summary.
///
/// # Errors
/// `INVALID_FIELD`, `JOB_NOT_FOUND`, `JOB_NOT_FINISHED`, `FORMAT_TOO_LARGE`, `BROKER_UNAVAILABLE`.
pub(crate) async fn read_result(
    broker: SharedBroker,
    request: v1::ReadResultRequest,
    conversions: Conversions,
) -> Result<impl Stream<Item = Result<v1::ReadResultResponse, Status>>, Refusal> {
    let job = job_id(&request.job)?;
    let mut violations = Violations::new();
    let format = check_format(request.format, &mut violations);
    let max_piece_bytes = check_max_chunk_bytes(request.max_chunk_bytes, &mut violations);
    violations.into_result(()).map_err(invalid)?;

    let snapshot = broker.snapshot(&job).await.map_err(refused)?.ok_or_else(|| no_such_job(job.as_str()))?;
    let Some(native) = snapshot.summary.clone() else { return Err(not_finished(&snapshot)) };
    let task = Task::from_canonical(&snapshot.task).map_err(internal)?;
    let format = fitting(format, &task)?;
    let offset = request.offset;
    let is_native = format.is_native(&task.content());
    let reading = Reading { content: task.content(), format, offset, max_piece_bytes, conversions };
    let mut reader = Reader::new(broker, job, reading).map_err(internal)?;
    // What is wrong with the offset or the format shows with the first piece, before the stream begins.
    let mut next = read(&mut reader, &snapshot).await?;

    let event = |event| v1::ReadResultResponse { event: Some(event) };
    Ok(try_stream! {
        let mut left = if request.limit == 0 { u64::MAX } else { request.limit };
        let mut index = 0;
        while let Next::Piece(mut piece) = next {
            piece.bytes.truncate(usize::try_from(left).unwrap_or(usize::MAX));
            left -= piece.bytes.len() as u64;
            if !piece.bytes.is_empty() {
                let chunk = message::chunk(index, piece.offset, piece.bytes, format);
                yield event(v1::read_result_response::Event::Chunk(chunk));
                index += 1;
            }
            // The digest of a converted result is known only at its end.
            if left == 0 && is_native {
                break;
            }
            next = read(&mut reader, &snapshot).await?;
        }
        yield event(v1::read_result_response::Event::Summary(reader.summary(&native)));
    })
}

/// Reads on, once a conversion finds room.
async fn read(reader: &mut Reader, snapshot: &Snapshot) -> Result<Next, Refusal> {
    loop {
        match reader.read(snapshot).await.map_err(|error| unreadable(&snapshot.job, error))? {
            Next::Busy => tokio::time::sleep(BUSY_PAUSE).await,
            next => return Ok(next),
        }
    }
}

/// The format, if it fits the task's result.
fn fitting(format: v1::ResultFormat, task: &Task) -> Result<Format, Refusal> {
    Format::resolve(format, &task.content()).map_err(|unsuitable| {
        let mut violations = Violations::new();
        violations.push("format", unsuitable.to_string());
        invalid(violations)
    })
}

/// The refusal of a result that is not there, or not yet.
pub(crate) fn not_finished(snapshot: &Snapshot) -> Refusal {
    let (job, state) = (&snapshot.job, snapshot.state);
    let (reason, message) = if state.is_terminal() {
        (Reason::NoResult, "the job has ended without a result; GetJob tells why")
    } else {
        (Reason::JobNotFinished, "the job has not ended; SubscribeResults streams it while it is computed")
    };
    Refusal::new(reason, message).precondition(format!("job:{job}"), format!("is {state}"))
}

fn unreadable(job: &JobId, error: ReadError) -> Refusal {
    match error {
        ReadError::Broker(error) => refused(error),
        ReadError::Gone => no_such_job(job.as_str()),
        ReadError::Beyond { bytes } => {
            one_wrong("offset", format!("must be at most the result's {bytes} bytes"))
        }
        ReadError::Unwritable(TranscodeError::TooLarge { limit }) => {
            let message =
                format!("results of more than {limit} bytes are not converted; ask for the native format");
            Refusal::new(Reason::FormatTooLarge, message).quota("convertible_bytes", limit.to_string())
        }
        ReadError::Unwritable(damaged) => internal(damaged),
    }
}

fn internal(cause: impl Error + Send + Sync + 'static) -> Refusal {
    Refusal::new(Reason::Internal, "the stored result cannot be read").caused_by(cause)
}

fn unusable(unusable: Unusable) -> Refusal {
    match unusable {
        Unusable::Fields(violations) => invalid(violations),
        Unusable::Cursor => Refusal::new(
            Reason::CursorInvalid,
            "this cursor was not issued for such a subscription; subscribe with the target and the format it was issued \
             for, or without a cursor to begin again",
        ),
    }
}
