//! Liveness: a worker that hangs renews nothing, says so, and comes back when it goes on.

use std::time::Duration;

use abacus_api::v1;
use abacus_broker::{Clock, Embedded, SharedBroker, Terms, WorkerState};
use abacus_calculator::Settings;
use abacus_tasks::{Lane, State};
use tonic_health::pb::health_check_response::ServingStatus;

use crate::{
    calculator::{Calculator, FOR_EVER, settings, spin, submit, until, until_job},
    faulty::Faulty,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_whose_claims_hang_renews_nothing_until_they_answer_again() {
    let clock = Clock::manual();
    let embedded = Embedded::new(Terms::default(), clock.clone());
    let faulty = Faulty::new(&embedded);
    let broker: SharedBroker = faulty.clone();
    let settings = Settings { claim_wait: Duration::from_millis(50), ..settings() };
    let calculator = Calculator::start(settings, &broker).await;
    calculator.until_health(ServingStatus::Serving).await;
    let task = spin("stuck", FOR_EVER);
    submit(&*broker, &task).await;
    calculator.until_busy(Lane::Long, 1).await;
    until("the lease is renewed", async || {
        faulty.renewals.lock().unwrap().contains(&(WorkerState::Serving, 1)).then_some(())
    })
    .await;

    faulty.hanging.send_replace(true);
    calculator.until_health(ServingStatus::NotServing).await;
    assert_eq!(calculator.worker().await.state(), v1::WorkerState::Stuck);
    let stuck = until("others see it", async || {
        let workers = broker.workers().await.unwrap();
        workers.into_iter().find(|worker| worker.state == WorkerState::Stuck)
    });
    assert_eq!(stuck.await.id, calculator.id);
    clock.advance(Terms::default().lease * 2);
    until_job(&*broker, task.job(), |job| job.state == State::Queued).await;
    calculator.until_busy(Lane::Long, 0).await;
    let renewals = faulty.renewals.lock().unwrap().clone();
    assert!(renewals.iter().all(|(state, leases)| *state == WorkerState::Serving || *leases == 0));

    faulty.hanging.send_replace(false);
    calculator.until_health(ServingStatus::Serving).await;
    let again = until_job(&*broker, task.job(), |job| job.state == State::Running).await;
    assert_eq!(again.attempt, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_whose_slots_are_all_busy_is_not_stuck() {
    let embedded = Embedded::new(Terms::default(), Clock::system());
    let faulty = Faulty::new(&embedded);
    let broker: SharedBroker = faulty.clone();
    let settings = Settings {
        claim_wait: Duration::from_millis(10),
        instant_slots: 0,
        short_slots: Some(0),
        long_slots: Some(1),
        ..settings()
    };
    let patience = 3 * settings.claim_wait + settings.renew_interval;
    let calculator = Calculator::start(settings, &broker).await;
    let task = spin("busy", FOR_EVER);
    submit(&*broker, &task).await;
    calculator.until_busy(Lane::Long, 1).await;
    let busy = std::time::Instant::now();
    until("patience has passed", async || (busy.elapsed() > patience * 10).then_some(())).await;
    assert!(calculator.worker().await.lanes.iter().map(|lane| lane.busy).eq([1]));
    calculator.until_health(ServingStatus::Serving).await;
    assert_eq!(broker.snapshot(task.job()).await.unwrap().unwrap().state, State::Running);
}
