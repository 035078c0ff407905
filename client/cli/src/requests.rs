//! Requests and jobs: asking without waiting, lists, taking back.

use std::str::FromStr;

use abacus_client::{Client, ClientName, Job, JobId, Request, RequestName, State, Submission, Task, Uuid};
use futures_util::TryStreamExt;

use crate::{
    arguments::SubmitOptions,
    contract,
    exit::{Exit, Problem},
    lists::{Table, moment, state, word},
    output::Output,
};

/// A request as it can be typed.
#[derive(Clone, Debug)]
pub(crate) enum RequestArgument {
    /// `clients/{client}/requests/{uuid}`.
    Name(RequestName),
    /// One's own, by its UUID.
    Own(Uuid),
}

impl FromStr for RequestArgument {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Ok(id) = text.parse() {
            return Ok(Self::Own(id));
        }
        text.parse().map(Self::Name).map_err(|malformed| format!("{malformed}, or its UUID alone"))
    }
}

impl SubmitOptions {
    /// The task, asked for in this way.
    pub(crate) fn submission(&self, task: Task) -> Submission {
        let submission = Submission::new(task);
        let submission = self.request_id.into_iter().fold(submission, Submission::request_id);
        if self.reject_if_suspended { submission.reject_if_suspended() } else { submission }
    }
}

/// Asks for a task and tells the id of its job.
pub(crate) async fn submit(
    client: &Client,
    task: Task,
    options: &SubmitOptions,
    output: &Output,
) -> Result<Exit, Problem> {
    let submitted = client.submit(options.submission(task)).await?;
    if output.json_lines {
        output.json(&contract::to_json("SubmitJobResponse", &submitted.to_message()))?;
        return Ok(Exit::Success);
    }
    let (request, job) = (submitted.request(), submitted.job());
    output.meter().note_to_people(&format!("{} as {}", word(request.disposition()), request.name()));
    output.line(job.id().as_str())?;
    Ok(Exit::Success)
}

/// Lists requests, a page at a time.
pub(crate) async fn list(client: &Client, of: Option<ClientName>, output: &Output) -> Result<Exit, Problem> {
    let of = of.unwrap_or_else(|| client.name().clone());
    let mut requests = client.requests_of(of).try_chunks(PAGE);
    let mut table = Table::new(["created", "state", "answered", "job", "request"]);
    while let Some(page) = requests.try_next().await.map_err(|error| error.1)? {
        for request in &page {
            if output.json_lines {
                output.json(&contract::to_json("Request", request.message()))?;
            } else {
                table.push(row(request));
            }
        }
        table.flush(output)?;
    }
    Ok(Exit::Success)
}

/// How many rows of a long list are aligned and written together.
const PAGE: usize = 100;

/// Takes requests back, all of them even if one is not there.
pub(crate) async fn cancel(
    client: &Client,
    requests: &[RequestArgument],
    output: &Output,
) -> Result<Exit, Problem> {
    let mut end = Ok(Exit::Success);
    for request in requests {
        let name = match request {
            RequestArgument::Name(name) => name.clone(),
            RequestArgument::Own(id) => RequestName { client: client.name().clone(), id: *id },
        };
        match client.cancel(&name).await {
            Ok(cancelled) if output.json_lines => {
                output.json(&contract::to_json("Request", cancelled.request.message()))?;
            }
            Ok(cancelled) => {
                let job = cancelled.job.as_ref().and_then(Job::state);
                output.line(&format!("{name} is cancelled; its job is {}", state(job)))?;
            }
            Err(error) => {
                output.meter().note(&format!("{name}: {error}"));
                end = Err(error.into());
            }
        }
    }
    end
}

/// Tells how a job stands.
pub(crate) async fn job(client: &Client, job: &JobId, output: &Output) -> Result<Exit, Problem> {
    let job = client.job(job).await?;
    if output.json_lines {
        output.json(&contract::to_json("Job", job.message()))?;
        return Ok(Exit::Success);
    }
    let mut told = vec![("job", job.id().to_string()), ("state", state(job.state()))];
    if job.is_suspended() {
        told.push(("suspended", "its kind is suspended".to_owned()));
    }
    if let Some(task) = job.task() {
        let task = contract::to_json("Task", task.message()).to_string();
        // Operands may have millions of digits.
        told.push(("task", if task.len() > 200 { format!("{} characters", task.len()) } else { task }));
    }
    told.push(("lane", word(job.lane())));
    told.push(("attempts", job.attempt().to_string()));
    if let Some(progress) = job.progress().filter(|_| job.state() == Some(State::Running)) {
        told.push(("progress", format!("{:.1} % {}", progress.fraction() * 100.0, progress.phase())));
    }
    if let Some(summary) = job.summary() {
        told.push(("result", crate::download::described(&summary)));
    }
    if let Some(failure) = job.failure() {
        told.push(("failure", failure.to_string()));
    }
    let times = [
        ("created", job.created()),
        ("started", job.started()),
        ("ended", job.ended()),
        ("kept until", job.expires()),
    ];
    told.extend(
        times.into_iter().filter(|(_, time)| time.is_some()).map(|(name, time)| (name, moment(time))),
    );
    for (name, value) in told {
        output.line(&format!("{name:<10}  {value}"))?;
    }
    Ok(Exit::Success)
}

fn row(request: &Request) -> [String; 5] {
    [
        moment(request.created()),
        state(request.state()),
        word(request.disposition()),
        request.job().to_string(),
        request.name().id.to_string(),
    ]
}
