//! What operators do.

use abacus_api::v1;
use abacus_client::{Client, Job, JobId, Kind, KindStatus, Stats, Worker, WorkerId, WorkerState};
use futures_util::TryStreamExt;
use indicatif::HumanBytes;

use crate::{
    contract,
    exit::{Exit, Problem},
    lists::{Table, moment, word},
    output::{Colour, Output, coloured},
};

/// Lists the kinds of tasks.
pub(crate) async fn kinds(client: &Client, output: &Output) -> Result<Exit, Problem> {
    let kinds = client.operators().kinds().await?;
    if output.json_lines {
        return each(&kinds, output, |kind| contract::to_json("Kind", kind.message()));
    }
    show(&kind_lines(&kinds), output)
}

/// Suspends a kind.
pub(crate) async fn suspend(client: &Client, kind: &str, output: &Output) -> Result<Exit, Problem> {
    changed(&client.operators().suspend(kind).await?, output)
}

/// Resumes a kind.
pub(crate) async fn resume(client: &Client, kind: &str, output: &Output) -> Result<Exit, Problem> {
    changed(&client.operators().resume(kind).await?, output)
}

/// Lists the workers.
pub(crate) async fn workers(client: &Client, output: &Output) -> Result<Exit, Problem> {
    let workers = client.operators().workers().await?;
    if output.json_lines {
        return each(&workers, output, |worker| contract::to_json("Worker", worker.message()));
    }
    show(&worker_lines(&workers), output)
}

/// Drains a worker.
pub(crate) async fn drain(client: &Client, worker: &WorkerId, output: &Output) -> Result<Exit, Problem> {
    let worker = client.operators().drain(worker).await?;
    if output.json_lines {
        output.json(&contract::to_json("Worker", worker.message()))?;
    } else {
        output.line(&format!("{} is {}", worker.id(), worker_state(&worker)))?;
    }
    Ok(Exit::Success)
}

/// Lists the dead letters.
pub(crate) async fn dead(client: &Client, output: &Output) -> Result<Exit, Problem> {
    let mut jobs = client.operators().dead_jobs();
    let mut table = Table::new(["ended", "attempts", "job", "failure"]);
    while let Some(job) = jobs.try_next().await? {
        if output.json_lines {
            output.json(&contract::to_json("Job", job.message()))?;
            continue;
        }
        let (ended, failure) = (moment(job.ended()), word(job.failure()));
        table.push([ended, job.attempt().to_string(), job.id().to_string(), failure]);
        table.flush(output)?;
    }
    Ok(Exit::Success)
}

/// Queues a failed job once more.
pub(crate) async fn retry(client: &Client, job: &JobId, output: &Output) -> Result<Exit, Problem> {
    let job = client.operators().retry(job).await?;
    if output.json_lines {
        output.json(&contract::to_json("Job", job.message()))?;
    } else {
        output.line(&format!("{} is {}", job.id(), word(Job::state(&job))))?;
    }
    Ok(Exit::Success)
}

/// Tells queue depths and counters.
pub(crate) async fn stats(client: &Client, output: &Output) -> Result<Exit, Problem> {
    let stats = client.operators().stats().await?;
    if output.json_lines {
        output.json(&contract::to_json("GetStatsResponse", stats.message()))?;
        return Ok(Exit::Success);
    }
    show(&[counter_lines(&stats), queue_lines(&stats)].concat(), output)
}

/// The kinds, one per line.
pub(crate) fn kind_lines(kinds: &[Kind]) -> Vec<String> {
    let mut table = Table::new(["kind", "status", "workers", "queued", "running", "computes"]);
    for kind in kinds {
        let v1::Kind { workers, queued, running, .. } = kind.message();
        let counts = [workers.to_string(), queued.to_string(), running.to_string()];
        let [workers, queued, running] = counts;
        let name = kind.name().to_owned();
        table.push([name, status(kind), workers, queued, running, kind.summary().to_owned()]);
    }
    table.lines()
}

/// The workers, one per line.
pub(crate) fn worker_lines(workers: &[Worker]) -> Vec<String> {
    let mut table = Table::new(["worker", "state", "busy", "finished", "started", "address"]);
    for worker in workers {
        let busy = worker.lanes().map(|(lane, slots, busy)| format!("{} {busy}/{slots}", word(lane)));
        let v1::Worker { finished, address, .. } = worker.message();
        table.push([
            worker.id().to_owned(),
            worker_state(worker),
            busy.collect::<Vec<_>>().join(" "),
            finished.to_string(),
            moment(worker.started()),
            address.clone(),
        ]);
    }
    table.lines()
}

/// The counters, in one line, and what is kept.
pub(crate) fn counter_lines(stats: &Stats) -> Vec<String> {
    let v1::GetStatsResponse { counters, kept_jobs, kept_bytes, workers, .. } = stats.message();
    let v1::Counters { created, joined, cached, succeeded, failed, cancelled, retried } =
        (*counters).unwrap_or_default();
    vec![
        format!("requests  {created} created, {joined} joined, {cached} cached"),
        format!(
            "jobs      {succeeded} succeeded, {failed} failed, {cancelled} cancelled, {retried} attempts repeated"
        ),
        format!("kept      {kept_jobs} jobs, {}", HumanBytes(*kept_bytes)),
        format!("workers   {workers}"),
    ]
}

/// The queues, one per line.
pub(crate) fn queue_lines(stats: &Stats) -> Vec<String> {
    let mut table = Table::new(["queue", "lane", "queued", "running", "oldest"]);
    for (queue, oldest, lane) in stats.queues() {
        let oldest = oldest.map(|oldest| format!("{:.1} s", oldest.as_secs_f64()));
        let (queued, running) = (queue.queued.to_string(), queue.running.to_string());
        table.push([queue.kind.clone(), word(lane), queued, running, word(oldest)]);
    }
    table.lines()
}

fn status(kind: &Kind) -> String {
    match kind.status() {
        Some(KindStatus::Active) => coloured("active", Colour::Green),
        Some(KindStatus::Suspended) => coloured("suspended", Colour::Yellow),
        Some(KindStatus::Error) => coloured("error", Colour::Red),
        Some(KindStatus::Queue) => coloured("queue", Colour::Yellow),
        _ => "-".to_owned(),
    }
}

fn worker_state(worker: &Worker) -> String {
    match worker.state() {
        Some(WorkerState::Serving) => coloured("serving", Colour::Green),
        Some(WorkerState::Draining) => coloured("draining", Colour::Yellow),
        Some(WorkerState::Stuck) => coloured("stuck", Colour::Red),
        _ => "-".to_owned(),
    }
}

/// Tells a kind that was changed.
fn changed(kind: &Kind, output: &Output) -> Result<Exit, Problem> {
    if output.json_lines {
        output.json(&contract::to_json("Kind", kind.message()))?;
    } else {
        output.line(&format!("{} is {}", kind.name(), status(kind)))?;
    }
    Ok(Exit::Success)
}

fn each<T>(all: &[T], output: &Output, json: impl Fn(&T) -> serde_json::Value) -> Result<Exit, Problem> {
    for one in all {
        output.json(&json(one))?;
    }
    Ok(Exit::Success)
}

fn show(lines: &[String], output: &Output) -> Result<Exit, Problem> {
    for line in lines {
        output.line(line)?;
    }
    Ok(Exit::Success)
}
