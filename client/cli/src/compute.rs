//! Computing a task and following a job: from the first event to the last, with everything that can come in between.

use std::{
    io::{self, IsTerminal},
    pin::pin,
};

use abacus_api::v1;
use abacus_client::{Client, End, Error, Event, Follow, JobId, Run, Submission, Summary, Task, reason};
use futures_util::{Stream, StreamExt};
use serde_json::{Value, json};

use crate::{
    arguments::ComputeOptions,
    contract,
    download::{self, described},
    exit::{Exit, Problem},
    interrupts::Interrupts,
    meter::Meter,
    output::Output,
    requests,
};

/// How often a task is asked for again whose job the mesh has forgotten while its result was written to a file.
const MAX_RESUBMISSIONS: u32 = 5;

/// Computes a task and tells its result.
///
/// On Ctrl-C, and when nobody reads the result any more, the request is taken back, unless it is to be kept.
pub(crate) async fn compute(
    client: &Client,
    task: Task,
    options: &ComputeOptions,
    (output, mut interrupts): (&Output, Interrupts),
) -> Result<Exit, Problem> {
    if options.detach {
        let submitting = output.awaiting(requests::submit(client, task, &options.submit, output));
        return interrupts.or(Exit::Interrupted, submitting).await;
    }
    let mut submission = options.submit.submission(task.clone());
    if let Some(format) = options.writing.format {
        submission = submission.format(format);
    }
    // On Ctrl-C in the middle of asking: only who is answered knows what to take back.
    let mut asking = pin!(output.awaiting(client.run(submission)));
    let (mut run, is_wanted) = tokio::select! {
        run = &mut asking => (run?, true),
        () = interrupts.next() => tokio::select! {
            run = &mut asking => (run?, false),
            () = interrupts.next() => return Ok(Exit::Interrupted),
        },
    };
    let end = if is_wanted {
        tokio::select! {
            end = take(client, &mut run, (&task, options), output) => end,
            () = interrupts.next() => Ok(Exit::Interrupted),
        }
    } else {
        Ok(Exit::Interrupted)
    };
    if matches!(end, Ok(Exit::Interrupted) | Err(Problem::Closed)) {
        leave(client, &run, options, (output, interrupts)).await;
    }
    end
}

/// Follows a job to its end, without its result.
pub(crate) async fn watch(client: &Client, job: &JobId, output: &Output) -> Result<Exit, Problem> {
    let mut events = client.subscribe(Follow::job(job).metadata_only());
    let mut meter = output.meter();
    let summary = follow(&mut events, &mut meter, output).await?;
    meter.clear();
    if !output.json_lines {
        output.line(&format!("succeeded: {}", described(&summary)))?;
    }
    Ok(Exit::Success)
}

/// Takes the result to where it is wanted.
async fn take(
    client: &Client,
    run: &mut Run,
    (task, options): (&Task, &ComputeOptions),
    output: &Output,
) -> Result<Exit, Problem> {
    let mut meter = output.meter();
    if output.json_lines {
        output.json(&submitted(run.submitted().to_message()))?;
    }
    if options.writing.output.is_none() {
        let summary = follow(run, &mut meter, output).await?;
        meter.clear();
        output.end(&summary)?;
        meter.note_to_people(&described(&summary));
        return Ok(Exit::Success);
    }
    for _ in 0..MAX_RESUBMISSIONS {
        let job = run.submitted().job().id().clone();
        match download::result(client, &job, &options.writing, output).await {
            Err(Problem::Client(error)) if is_forgotten(&error) => {
                meter.note("the mesh has forgotten the job: asking again");
                *run = client.run(Submission::new(task.clone())).await?;
            }
            end => return end,
        }
    }
    Err(Problem::internal("the mesh forgets the job again and again".to_owned()))
}

/// Follows one job to its end: chunks go to standard output, all else to the meter.
async fn follow(
    events: &mut (impl Stream<Item = Result<Event, Error>> + Unpin),
    meter: &mut Meter,
    output: &Output,
) -> Result<Summary, Problem> {
    // On a terminal the digits themselves show how far it is.
    let is_read_by_people = io::stdout().is_terminal();
    while let Some(event) = events.next().await {
        let event = event?;
        if output.json_lines {
            output.json(&line(&event))?;
        }
        match event {
            Event::Ended(outcome) => return Ok(outcome.summary()?),
            Event::Chunk(chunk) if !output.json_lines => {
                if is_read_by_people {
                    meter.clear();
                } else {
                    meter.received(chunk.offset + chunk.bytes.len() as u64, None);
                }
                output.write(&chunk.bytes)?;
            }
            event => meter.show(&event),
        }
    }
    Err(Problem::internal("the stream has ended before the job".to_owned()))
}

/// Takes the request back, or tells how to go on; a second Ctrl-C waits for nothing.
async fn leave(
    client: &Client,
    run: &Run,
    options: &ComputeOptions,
    (output, mut interrupts): (&Output, Interrupts),
) {
    let submitted = run.submitted();
    let meter = output.meter();
    if options.keep {
        meter.note(&format!("the job goes on; abacus watch {}", submitted.job().id()));
        return;
    }
    tokio::select! {
        cancelled = client.cancel(submitted.request().name()) => match cancelled {
            Ok(_) => meter.note_to_people("the request is cancelled"),
            Err(error) => meter.note(&format!("the request could not be cancelled: {error}")),
        },
        () = interrupts.next() => {}
    }
}

fn is_forgotten(error: &Error) -> bool {
    matches!(error.reason(), Some(reason::JOB_NOT_FOUND | reason::CURSOR_EXPIRED))
}

/// An accepted submission as one line of JSON.
fn submitted(response: v1::SubmitJobResponse) -> Value {
    let event = Some(v1::run_job_response::Event::Submitted(response));
    contract::to_json("RunJobResponse", &v1::RunJobResponse { event })
}

/// An event as one line of JSON: as a message of `RunJob`, or, of the connection, in a form of ours.
pub(crate) fn line(event: &Event) -> Value {
    match event {
        Event::Disconnected(cut) => {
            let retry_in = format!("{}s", cut.retry_in.as_secs_f64());
            json!({ "disconnected": { "cause": cut.cause, "tries": cut.tries, "retryIn": retry_in } })
        }
        Event::Reconnected => json!({ "reconnected": {} }),
        Event::Resubmitted(again) => submitted(again.to_message()),
        event => {
            let event = Some(v1::run_job_response::Event::Frame(frame(event)));
            contract::to_json("RunJobResponse", &v1::RunJobResponse { event })
        }
    }
}

/// The frame that told an event, without its place in the stream.
fn frame(event: &Event) -> v1::Frame {
    use v1::frame::Event as Told;
    let told = match event {
        Event::Snapshot(job) => Some(Told::Snapshot(v1::Snapshot { job: Some(job.message().clone()) })),
        Event::Progress { progress, .. } => Some(Told::Progress(progress.message().clone())),
        Event::Chunk(chunk) => Some(Told::Chunk(contract::chunk(chunk.offset, &chunk.bytes, chunk.is_text))),
        Event::Retrying { failure, .. } => {
            Some(Told::Retrying(v1::Retrying { failure: Some(failure.message().clone()) }))
        }
        Event::Suspended { .. } => Some(Told::Suspended(v1::Suspended {})),
        Event::Resumed { .. } => Some(Told::Resumed(v1::Resumed {})),
        Event::Ended(outcome) => Some(Told::Terminal(terminal(&outcome.end))),
        _ => None,
    };
    let job = event.job().map(ToString::to_string).unwrap_or_default();
    v1::Frame { job, event: told, ..Default::default() }
}

fn terminal(end: &End) -> v1::Terminal {
    let mut terminal = v1::Terminal::default();
    match end {
        End::Succeeded(summary) => {
            terminal.set_state(v1::JobState::Succeeded);
            terminal.result = Some(summary.message().clone());
        }
        End::Failed(failure) => {
            terminal.set_state(v1::JobState::Failed);
            terminal.failure = Some(failure.message().clone());
        }
        _ => terminal.set_state(v1::JobState::Cancelled),
    }
    terminal
}
