//! What an operator does at night.

use abacus_api::v1::{self, frame::Event};
use tonic::Code;

use crate::{
    follow::{asked, reason, spin, submit, subscription},
    process::Mesh,
};

#[tokio::test]
async fn a_suspended_kind_waits_and_goes_on_when_resumed() {
    let mesh = Mesh::start();
    let (mut jobs, mut operators) = (mesh.jobs().await, mesh.operators().await);
    let suspend = v1::SuspendKindRequest { kind: "spin".into() };
    let kind = operators.suspend_kind(suspend).await.unwrap().into_inner().kind.unwrap();
    assert_eq!(kind.status(), v1::KindStatus::Suspended);

    let rejecting = v1::SubmitJobRequest { reject_if_suspended: true, ..asked(spin("waits", 0), "") };
    let refused = jobs.submit_job(rejecting).await.unwrap_err();
    assert_eq!((refused.code(), reason(&refused)), (Code::FailedPrecondition, "KIND_SUSPENDED".to_owned()));

    let job = submit(&mut jobs, spin("waits", 1), "").await.job.unwrap();
    assert!(job.suspended);
    let mut stream = jobs.subscribe_results(subscription(&job.id)).await.unwrap().into_inner();
    let Some(Event::Snapshot(snapshot)) = stream.message().await.unwrap().unwrap().frame.unwrap().event
    else {
        panic!("a snapshot comes first")
    };
    assert!(snapshot.job.unwrap().suspended);

    operators.resume_kind(v1::ResumeKindRequest { kind: "spin".into() }).await.unwrap();
    let mut events = Vec::new();
    while let Some(message) = stream.message().await.unwrap() {
        events.push(message.frame.unwrap().event.unwrap());
    }
    assert!(events.iter().any(|event| matches!(event, Event::Resumed(_))), "{events:?}");
    assert!(matches!(events.last(), Some(Event::Terminal(_))), "{events:?}");
}

#[tokio::test]
async fn workers_kinds_and_figures_are_shown() {
    let mesh = Mesh::start();
    let (mut jobs, mut operators) = (mesh.jobs().await, mesh.operators().await);
    let kinds = loop {
        let kinds = operators.list_kinds(v1::ListKindsRequest {}).await.unwrap().into_inner().kinds;
        if kinds[0].workers > 0 {
            break kinds;
        }
    };
    let names: Vec<_> = kinds.iter().map(|kind| kind.name.as_str()).collect();
    assert_eq!(
        names[..10],
        [
            "fibonacci",
            "primes",
            "sum2",
            "mult3",
            "surprise",
            "spin",
            "factorial",
            "binomial",
            "power",
            "nth_prime"
        ]
    );
    let all = kinds.len() as u64;
    for kind in kinds {
        jobs.submit_job(v1::SubmitJobRequest { task: kind.example, ..Default::default() }).await.unwrap();
        assert_eq!((kind.status, kind.workers), (v1::KindStatus::Active.into(), 1), "{}", kind.name);
    }
    let stats = loop {
        let stats = operators.get_stats(v1::GetStatsRequest {}).await.unwrap().into_inner();
        if stats.counters.as_ref().unwrap().succeeded == all {
            break stats;
        }
        tokio::task::yield_now().await;
    };
    assert_eq!((stats.workers, stats.kept_jobs, stats.counters.unwrap().created), (1, all, all));
    let workers = operators.list_workers(v1::ListWorkersRequest {}).await.unwrap().into_inner().workers;
    assert_eq!(workers.len(), 1);
    assert_eq!(workers[0].state(), v1::WorkerState::Serving);
}

#[tokio::test]
async fn a_drained_worker_hands_its_jobs_back() {
    let mesh = Mesh::start();
    let (mut jobs, mut operators) = (mesh.jobs().await, mesh.operators().await);
    let job = submit(&mut jobs, spin("handed back", 60), "").await.job.unwrap();
    let mut stream = jobs.subscribe_results(subscription(&job.id)).await.unwrap().into_inner();
    while !matches!(stream.message().await.unwrap().unwrap().frame.unwrap().event, Some(Event::Progress(_))) {
    }

    let worker =
        operators.list_workers(v1::ListWorkersRequest {}).await.unwrap().into_inner().workers.remove(0);
    let drain = v1::DrainWorkerRequest { worker: worker.id.clone() };
    let drained = operators.drain_worker(drain).await.unwrap().into_inner().worker.unwrap();
    assert_eq!(drained.state(), v1::WorkerState::Draining);
    loop {
        let frame = stream.message().await.unwrap().unwrap().frame.unwrap();
        if let Some(Event::Retrying(retrying)) = frame.event {
            assert_eq!(retrying.failure.unwrap().reason, "HANDED_BACK");
            break;
        }
    }
    let job = jobs.get_job(v1::GetJobRequest { job: job.id }).await.unwrap().into_inner().job.unwrap();
    assert_eq!(job.state(), v1::JobState::Queued);
}

#[tokio::test]
async fn what_is_not_there_is_told_so() {
    let mesh = Mesh::start();
    let mut operators = mesh.operators().await;
    let refused = operators.suspend_kind(v1::SuspendKindRequest { kind: "prime".into() }).await.unwrap_err();
    assert_eq!((refused.code(), reason(&refused)), (Code::InvalidArgument, "INVALID_FIELD".to_owned()));
    let worker = "worker-00000000000000000000000000000000".to_owned();
    let refused = operators.drain_worker(v1::DrainWorkerRequest { worker }).await.unwrap_err();
    assert_eq!((refused.code(), reason(&refused)), (Code::NotFound, "WORKER_NOT_FOUND".to_owned()));
    let job = "spin-00000000000000000000000000000000".to_owned();
    let refused = operators.retry_job(v1::RetryJobRequest { job }).await.unwrap_err();
    assert_eq!((refused.code(), reason(&refused)), (Code::NotFound, "JOB_NOT_FOUND".to_owned()));
    let dead = operators.list_dead_jobs(v1::ListDeadJobsRequest::default()).await.unwrap().into_inner();
    assert!(dead.jobs.is_empty() && dead.next_page_token.is_empty());
}
