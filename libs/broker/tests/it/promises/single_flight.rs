//! Equal questions are computed once.

use abacus_broker::Terms;
use abacus_tasks::{Disposition, State};
use tokio::task::JoinSet;

use crate::{
    actors::{Client, Worker, fibonacci, seen, submission},
    stand::Stand,
};

pub(crate) async fn a_new_job_waits_with_nothing_done(stand: &impl Stand) {
    let broker = stand.broker(Terms::default()).await;
    let task = fibonacci(1);
    let asked = Client::new(&broker, "alice").ask(&task).await;
    assert_eq!(asked.request.disposition, Disposition::Created);
    assert_eq!(asked.request.job, *task.job());
    let job = seen(&broker, task.job()).await;
    assert_eq!(job, asked.snapshot);
    assert_eq!((&job.job, &job.task, job.state), (task.job(), task.canonical(), State::Queued));
    assert_eq!((job.attempt, job.requests, job.chunks, job.bytes, job.suspended), (0, 1, 0, 0, false));
    assert_eq!((job.worker, job.progress, job.summary, job.failure), (None, None, None, None));
    assert_eq!((job.start_time, job.end_time, job.expire_time), (None, None, None));
}

pub(crate) async fn a_task_asked_for_twice_is_computed_once(stand: &impl Stand) {
    let broker = stand.broker(Terms::default()).await;
    let first = Client::new(&broker, "alice").ask(&fibonacci(1)).await;
    let second = Client::new(&broker, "bob").ask(&fibonacci(1)).await;
    assert_eq!(second.request.disposition, Disposition::Joined);
    assert_eq!(second.request.job, first.request.job);
    assert_eq!(second.snapshot.requests, 2);
    assert_eq!(Worker::new(&broker).take_up_to(10).await.len(), 1);
}

pub(crate) async fn a_running_job_is_joined(stand: &impl Stand) {
    let broker = stand.broker(Terms::default()).await;
    let client = Client::new(&broker, "alice");
    client.ask(&fibonacci(1)).await;
    let worker = Worker::new(&broker);
    worker.take().await;
    let joined = client.ask(&fibonacci(1)).await;
    assert_eq!(joined.request.disposition, Disposition::Joined);
    assert_eq!((joined.snapshot.state, joined.snapshot.attempt), (State::Running, 1));
    assert!(worker.finds_nothing().await);
}

pub(crate) async fn different_tasks_are_different_jobs(stand: &impl Stand) {
    let broker = stand.broker(Terms::default()).await;
    let client = Client::new(&broker, "alice");
    for n in 0..5 {
        assert_eq!(client.ask(&fibonacci(n)).await.request.disposition, Disposition::Created);
    }
    assert_eq!(Worker::new(&broker).take_up_to(10).await.len(), 5);
}

pub(crate) async fn many_who_ask_at_once_share_one_computation(stand: &impl Stand) {
    const CLIENTS: usize = 64;
    let broker = stand.broker(Terms::default()).await;
    let mut askers = JoinSet::new();
    for number in 0..CLIENTS {
        let (broker, name) = (broker.clone(), format!("client-{number}"));
        askers.spawn(async move { broker.submit(submission(&fibonacci(1), &name)).await.unwrap() });
    }
    let answers = askers.join_all().await;
    let count = |disposition| answers.iter().filter(|a| a.request.disposition == disposition).count();
    assert_eq!(count(Disposition::Created), 1);
    assert_eq!(count(Disposition::Joined), CLIENTS - 1);
    let job = seen(&broker, fibonacci(1).job()).await;
    assert_eq!(job.requests as usize, CLIENTS);
    assert_eq!(Worker::new(&broker).take_up_to(10).await.len(), 1);
    let counters = broker.stats().await.unwrap().counters;
    assert_eq!((counters.created, counters.joined), (1, CLIENTS as u64 - 1));
}
