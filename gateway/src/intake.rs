//! The one way in: every door hands its submissions to the intake, which checks them, estimates their cost, chooses
//! the lane and asks the broker.

use std::time::Duration;

use abacus_api::v1;
use abacus_broker::{SharedBroker, Submission, Submitted};
use abacus_chassis::{Reason, Refusal};
use abacus_tasks::{Budget, ClientName, Lane, Limits, Task, Violations};
use uuid::Uuid;

use crate::{
    error::{invalid, refused},
    figures,
};

/// Checks and submits. Cloning shares the broker.
#[derive(Clone)]
pub struct Intake {
    broker: SharedBroker,
    limits: Limits,
    budget: Budget,
}

impl Intake {
    /// An intake that accepts what keeps within these limits and this budget.
    #[must_use]
    pub fn new(broker: SharedBroker, limits: Limits, budget: Budget) -> Self {
        Self { broker, limits, budget }
    }

    /// Checks a submission and accepts it. `trace` is the caller's W3C `traceparent`, or empty.
    ///
    /// # Errors
    /// Those of [`Intake::check`] and [`Intake::accept`].
    pub async fn submit(&self, request: v1::SubmitJobRequest, trace: &str) -> Result<Submitted, Refusal> {
        self.accept(self.check(request, trace, Violations::new())?).await
    }

    /// Checks a submission, whose caller may have found `violations` in what came with it.
    ///
    /// # Errors
    /// `INVALID_FIELD` with everything that is wrong, `BUDGET_EXCEEDED`.
    pub fn check(
        &self,
        request: v1::SubmitJobRequest,
        trace: &str,
        mut violations: Violations,
    ) -> Result<Submission, Refusal> {
        let v1::SubmitJobRequest { task, client, request_id, reject_if_suspended } = request;
        let task =
            Task::check(task.unwrap_or_default(), &self.limits).map_err(|found| violations.merge(found));
        let client = client_name(&client, &mut violations);
        let request_id = request_id_of(&request_id, &mut violations);
        let (Ok(task), Some(client), true) = (task, client, violations.is_empty()) else {
            return Err(invalid(violations));
        };
        let lane = self.affordable(&task)?;
        Ok(Submission { task, lane, client, request_id, reject_if_suspended, trace: trace.to_owned() })
    }

    /// Hands a checked submission to the broker.
    ///
    /// # Errors
    /// `QUEUE_FULL`, `KIND_SUSPENDED`, `REQUEST_ID_REUSED`, `BROKER_UNAVAILABLE`.
    pub async fn accept(&self, submission: Submission) -> Result<Submitted, Refusal> {
        let submitted = self.broker.submit(submission).await.map_err(refused)?;
        let (request, job) = (&submitted.request, &submitted.snapshot);
        figures::count(job.job.kind(), job.lane, request.disposition);
        tracing::info!(
            job.id = %job.job,
            kind = job.job.kind(),
            lane = %job.lane,
            client = %request.name.client,
            request = %request.name.id,
            disposition = %request.disposition,
            "job requested"
        );
        Ok(submitted)
    }

    /// The lane of a task that the budget allows.
    fn affordable(&self, task: &Task) -> Result<Lane, Refusal> {
        let cost = task.cost();
        let excesses = self.budget.excesses(&cost);
        if excesses.is_empty() {
            return Ok(Lane::of(&cost));
        }
        let all: Vec<_> = excesses.iter().map(|excess| excess.description.as_str()).collect();
        let message = format!("the task costs too much: {}; ask for a smaller one", all.join("; "));
        let refusal =
            excesses.iter().fold(Refusal::new(Reason::BudgetExceeded, message), |refusal, excess| {
                refusal.quota(excess.subject, excess.description.clone())
            });
        Err(refusal.with("estimated_compute_ms", millis(cost.compute)))
    }
}

/// The client's name; `anonymous` when none is given.
fn client_name(text: &str, violations: &mut Violations) -> Option<ClientName> {
    if text.is_empty() {
        return Some(ClientName::anonymous());
    }
    let name = text.parse().map_err(|malformed| violations.push("client", format!("{malformed}"))).ok()?;
    if name == ClientName::parts() {
        violations.push("client", "is the name under which workers ask for parts of tasks; choose another");
    }
    Some(name)
}

fn request_id_of(text: &str, violations: &mut Violations) -> Option<Uuid> {
    if text.is_empty() {
        return None;
    }
    Uuid::try_parse(text)
        .map_err(|_| violations.push("request_id", "must be a UUID, or empty for a new call"))
        .ok()
}

fn millis(duration: Duration) -> String {
    duration.as_millis().to_string()
}
