//! Draining: by call or by the soft stop, what runs is handed back at once.

use std::{process::ExitCode, time::Duration};

use abacus_api::v1::{self, CalculateRequest, DrainRequest};
use abacus_broker::{Failure, SharedBroker};
use abacus_chassis::{Reason, Refusal};
use abacus_tasks::{Lane, State};
use tokio::time::timeout;
use tonic_health::pb::health_check_response::ServingStatus;

use crate::calculator::{
    Calculator, DEADLINE, FOR_EVER, broker, settings, snapshot, spin, submit, sum, until_ended, until_job,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_drained_worker_hands_back_what_runs_and_takes_nothing_new() {
    let broker: SharedBroker = broker();
    let calculator = Calculator::start(settings(), &broker).await;
    calculator.until_health(ServingStatus::Serving).await;
    let task = spin("handed back", FOR_EVER);
    submit(&*broker, &task).await;
    calculator.until_busy(Lane::Long, 1).await;

    let mut client = calculator.client.clone();
    let another = DrainRequest { worker: format!("worker-{}", "0".repeat(32)) };
    let refused = client.drain(another).await.unwrap_err();
    assert_eq!(Refusal::reason_of(&refused), Some(Reason::WorkerNotFound), "another worker was meant");
    let drained = client.drain(DrainRequest::default()).await.unwrap().into_inner();
    assert_eq!(drained.handed_back, 1);
    assert_eq!(drained.worker.unwrap().state(), v1::WorkerState::Draining);
    let handed_back = snapshot(&*broker, task.job()).await;
    assert_eq!(handed_back.state, State::Queued);
    assert_eq!(handed_back.failure.unwrap().reason, Failure::HANDED_BACK);
    calculator.until_health(ServingStatus::NotServing).await;
    assert_eq!(client.drain(DrainRequest::default()).await.unwrap().into_inner().handed_back, 1, "as before");

    let request = CalculateRequest { task: Some(sum("1", "2").to_message()) };
    let refused = client.calculate(request).await.unwrap_err();
    assert_eq!(Refusal::reason_of(&refused), Some(Reason::WorkerDraining));

    let other = Calculator::start(settings(), &broker).await;
    let again = until_job(&*broker, task.job(), |job| job.state == State::Running).await;
    assert_eq!((again.attempt, again.worker), (2, Some(other.id.clone())));
    assert!(!calculator.life.soft().is_cancelled(), "a drained worker goes on showing itself");
}

#[tokio::test(flavor = "multi_thread")]
async fn at_the_soft_stop_jobs_are_handed_back_and_the_process_ends_in_time() {
    let broker: SharedBroker = broker();
    let calculator = Calculator::start(settings(), &broker).await;
    let task = spin("stopped", FOR_EVER);
    submit(&*broker, &task).await;
    calculator.until_busy(Lane::Long, 1).await;
    calculator.life.stop();
    until_job(&*broker, task.job(), |job| job.state == State::Queued).await;
    let code = timeout(DEADLINE, calculator.life.clone().finish()).await.expect("it ends");
    assert_eq!(code, ExitCode::SUCCESS);
    assert_eq!(snapshot(&*broker, task.job()).await.attempt, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_claim_brings_while_draining_is_handed_back() {
    let embedded = broker();
    let faulty = crate::faulty::Faulty::new(&embedded);
    let broker: SharedBroker = faulty.clone();
    faulty.hanging.send_replace(true);
    let settings = abacus_calculator::Settings { claim_wait: Duration::from_secs(2), ..settings() };
    let calculator = Calculator::start(settings, &broker).await;
    calculator.client.clone().drain(DrainRequest::default()).await.unwrap();
    let task = sum("1", "2");
    submit(&*embedded, &task).await;
    faulty.hanging.send_replace(false);
    let handed_back = until_job(&*embedded, task.job(), |job| job.attempt == 1).await;
    assert_ne!(handed_back.state, State::Succeeded);
    until_job(&*embedded, task.job(), |job| job.state == State::Queued).await;

    let _other = Calculator::start(crate::calculator::settings(), &broker).await;
    let ended = until_ended(&*embedded, task.job()).await;
    assert_eq!((ended.state, ended.attempt), (State::Succeeded, 2));
}
