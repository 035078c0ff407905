//! Jobs of a suspended kind are accepted and wait.

use abacus_broker::{Error, Notice, Submission, Terms};
use abacus_tasks::State;

use crate::{
    actors::{Client, Worker, fibonacci, notices_since, now, primes, seen, submission},
    stand::Stand,
};

pub(crate) async fn jobs_of_a_suspended_kind_wait(stand: &impl Stand) {
    let broker = stand.broker(Terms::default()).await;
    let (alice, worker) = (Client::new(&broker, "alice"), Worker::new(&broker));
    alice.ask(&fibonacci(1)).await;
    broker.set_suspended("fibonacci", true).await.unwrap();
    let second = alice.ask(&fibonacci(2)).await;
    assert!(second.snapshot.suspended);
    alice.ask(&primes(1)).await;
    let taken: Vec<_> = worker.take_up_to(10).await.into_iter().map(|lease| lease.key.job).collect();
    assert_eq!(taken, [primes(1).job().clone()], "other kinds go on");
    let job = seen(&broker, fibonacci(1).job()).await;
    assert_eq!((job.state, job.suspended), (State::Queued, true));
    broker.set_suspended("fibonacci", false).await.unwrap();
    assert!(!seen(&broker, fibonacci(1).job()).await.suspended);
    assert_eq!(worker.take_up_to(10).await.len(), 2);
}

pub(crate) async fn a_submission_can_refuse_to_wait(stand: &impl Stand) {
    let broker = stand.broker(Terms::default()).await;
    broker.set_suspended("fibonacci", true).await.unwrap();
    let asking = || Submission { reject_if_suspended: true, ..submission(&fibonacci(1), "alice") };
    let refused = Err(Error::KindSuspended("fibonacci".to_owned()));
    assert_eq!(broker.submit(asking()).await, refused);
    assert_eq!(broker.snapshot(fibonacci(1).job()).await, Ok(None));
    assert!(Client::new(&broker, "alice").requests().await.is_empty());
    Client::new(&broker, "bob").ask(&fibonacci(1)).await;
    assert_eq!(broker.submit(asking()).await, refused, "joining would be waiting too");
    assert_eq!(seen(&broker, fibonacci(1).job()).await.requests, 1);
}

pub(crate) async fn a_running_job_of_a_suspended_kind_goes_on(stand: &impl Stand) {
    let broker = stand.broker(Terms::default()).await;
    Client::new(&broker, "alice").ask(&fibonacci(1)).await;
    let worker = Worker::new(&broker);
    let lease = worker.take().await;
    broker.set_suspended("fibonacci", true).await.unwrap();
    assert!(!seen(&broker, fibonacci(1).job()).await.suspended);
    worker.succeed(&lease, "one").await;
    assert_eq!(seen(&broker, fibonacci(1).job()).await.state, State::Succeeded);
}

pub(crate) async fn suspending_and_resuming_is_told(stand: &impl Stand) {
    let broker = stand.broker(Terms::default()).await;
    let start = now(&broker).await;
    for suspended in [true, false] {
        broker.set_suspended("primes", suspended).await.unwrap();
        broker.set_suspended("primes", suspended).await.unwrap();
        let kinds = broker.kinds().await.unwrap();
        assert_eq!(kinds.len(), 1);
        assert_eq!((kinds[0].kind.as_str(), kinds[0].suspended), ("primes", suspended));
    }
    let told = notices_since(&broker, start).await;
    assert!(told.len() >= 2, "{told:?}");
    assert!(told.iter().all(|notice| *notice == Notice::Kind { kind: "primes".to_owned() }));
}
