//! Accepted means kept, whoever dies and however many work at once.

use std::{collections::HashSet, time::Duration};

use abacus_broker::{Release, SharedBroker, Terms};
use abacus_tasks::{JobId, State};
use tokio::{task::JoinSet, time::Instant};

use crate::{
    actors::{Client, DEADLINE, Worker, content, fibonacci, seen},
    stand::Stand,
};

const TASKS: u64 = 100;
const CLIENTS: u64 = 4;

/// One client asks for every task, beginning at its own.
async fn ask_for_all(broker: SharedBroker, client: u64) {
    let asker = Client::new(&broker, &format!("client-{client}"));
    for n in 0..TASKS {
        asker.ask(&fibonacci((n + client * TASKS / CLIENTS) % TASKS)).await;
    }
}

/// A worker takes jobs until there is none; of each four it drops one as the dead do, stumbles over one, hands one
/// back, and finishes one. Answers the finished jobs.
async fn work_a_shift(broker: SharedBroker, first: usize) -> Vec<JobId> {
    let worker = Worker::new(&broker);
    let mut finished = Vec::new();
    // Bounded, because what is handed back can be taken again at once.
    for turn in first..first + 60 {
        let Some(lease) = worker.take_up_to(1).await.pop() else { return finished };
        match turn % 4 {
            0 => {}
            1 => worker.stumble(&lease, "no luck").await,
            2 => broker.release(&lease.key, Release::Unharmed).await.unwrap(),
            _ => {
                worker.succeed(&lease, "result").await;
                finished.push(lease.key.job);
            }
        }
    }
    finished
}

pub(crate) async fn every_accepted_job_ends_once_whoever_dies(stand: &impl Stand) {
    let broker = stand.broker(Terms { max_attempts: 1_000, ..Terms::default() }).await;
    let mut askers = JoinSet::new();
    (0..CLIENTS).for_each(|client| drop(askers.spawn(ask_for_all(broker.clone(), client))));
    let mut finished = Vec::new();
    let start = Instant::now();
    loop {
        assert!(start.elapsed() < DEADLINE, "{} of {TASKS} jobs are finished", finished.len());
        let mut workers = JoinSet::new();
        (0..4).for_each(|first| drop(workers.spawn(work_a_shift(broker.clone(), first))));
        finished.extend(workers.join_all().await.into_iter().flatten());
        if askers.is_empty() && finished.len() as u64 >= TASKS {
            break;
        }
        while let Some(asked) = askers.try_join_next() {
            asked.unwrap();
        }
        stand.advance(Duration::from_secs(6)).await;
        broker.rescue().await.unwrap();
    }
    assert_eq!(finished.iter().collect::<HashSet<_>>().len(), finished.len(), "no job ended twice");
    for job in &finished {
        assert_eq!(seen(&broker, job).await.state, State::Succeeded);
        assert_eq!(content(&broker, job).await, ["result"]);
    }
    let counters = broker.stats().await.unwrap().counters;
    assert_eq!((counters.created, counters.succeeded, counters.failed), (TASKS, TASKS, 0));
    assert_eq!(counters.joined + counters.cached, TASKS * (CLIENTS - 1));
}
