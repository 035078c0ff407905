//! A lease is the right of one attempt to write to a job.

use std::{collections::HashSet, pin::pin, time::Duration};

use abacus_broker::{Claim, Hold, Release, SharedBroker, Submission, Terms};
use abacus_tasks::{Lane, State, Task};
use tokio::{task::JoinSet, time::timeout};

use crate::{
    actors::{Client, DEADLINE, Worker, fibonacci, primes, seen, spin, submission},
    stand::Stand,
};

pub(crate) async fn a_claimed_job_is_not_claimed_twice(stand: &impl Stand) {
    let broker = stand.broker(Terms::default()).await;
    Client::new(&broker, "alice").ask(&fibonacci(1)).await;
    let (first, second) = (Worker::new(&broker), Worker::new(&broker));
    let lease = first.take().await;
    assert!(second.finds_nothing().await && first.finds_nothing().await);
    let job = seen(&broker, fibonacci(1).job()).await;
    assert_eq!((job.state, job.attempt), (State::Running, 1));
    assert_eq!((job.worker, lease.key.attempt), (Some(first.id.clone()), 1));
    assert!(job.start_time.is_some());
}

pub(crate) async fn many_who_claim_at_once_share_the_jobs(stand: &impl Stand) {
    const JOBS: usize = 300;
    let broker = stand.broker(Terms::default()).await;
    let client = Client::new(&broker, "alice");
    for n in 0..JOBS {
        client.ask(&fibonacci(n as u64)).await;
    }
    let mut workers = JoinSet::new();
    for size in 1..=8 {
        let worker = Worker::new(&broker);
        workers.spawn(async move {
            let mut taken = Vec::new();
            loop {
                let leases = worker.take_up_to(size).await;
                if leases.is_empty() {
                    return taken;
                }
                taken.extend(leases.into_iter().map(|lease| lease.key.job));
            }
        });
    }
    let taken: Vec<_> = workers.join_all().await.into_iter().flatten().collect();
    assert_eq!(taken.len(), JOBS);
    assert_eq!(taken.iter().collect::<HashSet<_>>().len(), JOBS, "no job twice");
}

pub(crate) async fn a_claim_takes_no_more_than_its_free_slots(stand: &impl Stand) {
    let broker = stand.broker(Terms::default()).await;
    let client = Client::new(&broker, "alice");
    for n in 0..6 {
        client.ask_in(if n % 2 == 0 { Lane::Short } else { Lane::Long }, &fibonacci(n)).await;
    }
    let worker = Worker::new(&broker);
    let claim = worker.claim_for(&[(Lane::Instant, 5), (Lane::Short, 2), (Lane::Long, 1)]);
    let leases = broker.claim(claim).await.unwrap();
    let count = |lane| leases.iter().filter(|lease| lease.lane == lane).count();
    assert_eq!((count(Lane::Instant), count(Lane::Short), count(Lane::Long)), (0, 2, 1));
}

pub(crate) async fn a_claim_takes_the_asked_kinds_only(stand: &impl Stand) {
    let broker = stand.broker(Terms::default()).await;
    let client = Client::new(&broker, "alice");
    client.ask(&fibonacci(1)).await;
    client.ask(&primes(1)).await;
    let worker = Worker::new(&broker);
    let claim = Claim { kinds: vec!["primes".to_owned()], ..worker.claim_for(&[(Lane::Short, 9)]) };
    let leases = broker.claim(claim).await.unwrap();
    assert_eq!(leases.len(), 1);
    assert_eq!(leases[0].key.job, *primes(1).job());
}

/// A claim of one job, in lanes short and long.
fn claim_of(worker: &Worker, task: &Task) -> Claim {
    Claim { job: Some(task.job().clone()), ..worker.claim_for(&[(Lane::Short, 5), (Lane::Long, 1)]) }
}

pub(crate) async fn a_claim_of_a_named_job_leases_that_job_alone(stand: &impl Stand) {
    let broker = stand.broker(Terms::default()).await;
    let client = Client::new(&broker, "alice");
    for n in 0..5 {
        client.ask(&fibonacci(n)).await;
    }
    client.ask_in(Lane::Long, &primes(1)).await;
    let worker = Worker::new(&broker);
    for task in [fibonacci(3), primes(1)] {
        let leases = broker.claim(claim_of(&worker, &task)).await.unwrap();
        let taken: Vec<_> = leases.iter().map(|lease| (&lease.key.job, &lease.task)).collect();
        assert_eq!(taken, [(task.job(), task.canonical())]);
        worker.succeed(&leases[0], "done").await;
    }
    let left: HashSet<_> = worker.take_up_to(9).await.into_iter().map(|lease| lease.key.job).collect();
    assert_eq!(left, [0, 1, 2, 4].map(|n| fibonacci(n).job().clone()).into());
}

pub(crate) async fn a_claim_of_a_named_job_takes_nothing_else_and_does_not_wait(stand: &impl Stand) {
    let broker = stand.broker(Terms::default()).await;
    let (client, worker) = (Client::new(&broker, "alice"), Worker::new(&broker));
    for n in 0..3 {
        client.ask(&fibonacci(n)).await;
    }
    let lease = broker.claim(claim_of(&worker, &fibonacci(0))).await.unwrap().remove(0);
    client.ask_in(Lane::Instant, &spin("instant")).await;
    broker.set_suspended("primes", true).await.unwrap();
    client.ask(&primes(1)).await;
    let stopped = claim_of(&worker, &fibonacci(1));
    stopped.stop.cancel();
    let vain = [
        ("it runs", claim_of(&worker, &fibonacci(0))),
        ("nobody asked for it", claim_of(&worker, &fibonacci(7))),
        ("its lane has no slot", claim_of(&worker, &spin("instant"))),
        ("its kind is suspended", claim_of(&worker, &primes(1))),
        (
            "its kind is not claimed",
            Claim { kinds: vec!["spin".to_owned()], ..claim_of(&worker, &fibonacci(1)) },
        ),
        ("the claim is told to stop", stopped),
    ];
    // Together they would wait for longer than the deadline.
    let vain = async {
        for (why, claim) in vain {
            let claim = Claim { wait: Duration::from_secs(2), ..claim };
            assert!(broker.claim(claim).await.unwrap().is_empty(), "{why}");
        }
    };
    timeout(DEADLINE, vain).await.expect("none of them waits");
    worker.succeed(&lease, "done").await;
    assert!(broker.claim(claim_of(&worker, &fibonacci(0))).await.unwrap().is_empty(), "it has ended");
    let left: HashSet<_> = worker.take_up_to(9).await.into_iter().map(|lease| lease.key.job).collect();
    assert_eq!(left, [1, 2].map(|n| fibonacci(n).job().clone()).into());
}

/// Says that a claim that already waits is answered when `event` makes a job wait.
async fn is_woken_by(broker: &SharedBroker, event: impl AsyncFnOnce()) {
    let worker = Worker::new(broker);
    let claim = Claim { wait: Duration::from_secs(2), ..worker.claim_for(&[(Lane::Short, 1)]) };
    let mut waiting = pin!(broker.claim(claim));
    // A head start, so that the claim has found nothing when the event comes.
    assert!(timeout(Duration::from_millis(20), &mut waiting).await.is_err(), "nothing waits yet");
    event().await;
    let leases = timeout(DEADLINE, waiting).await.expect("the claim ends").unwrap();
    assert_eq!(leases.len(), 1);
    worker.succeed(&leases[0], "done").await;
}

pub(crate) async fn a_claim_that_is_told_to_stop_leases_nothing_more(stand: &impl Stand) {
    let broker = stand.broker(Terms::default()).await;
    let (alice, worker) = (Client::new(&broker, "alice"), Worker::new(&broker));
    let claim = Claim { wait: Duration::from_secs(2), ..worker.claim_for(&[(Lane::Short, 1)]) };
    let stop = claim.stop.clone();
    let again = Claim { wait: Duration::ZERO, ..claim.clone() };
    let mut waiting = pin!(broker.claim(claim));
    assert!(timeout(Duration::from_millis(200), &mut waiting).await.is_err(), "nothing waits yet");
    stop.cancel();
    alice.ask(&fibonacci(1)).await;
    assert!(timeout(DEADLINE, waiting).await.expect("the claim ends").unwrap().is_empty());
    assert!(broker.claim(again).await.unwrap().is_empty());
    assert_eq!(worker.take().await.key.job, *fibonacci(1).job(), "it waits for others");
}

pub(crate) async fn a_waiting_claim_is_woken_by_whatever_makes_a_job_wait(stand: &impl Stand) {
    let broker = stand.broker(Terms::default()).await;
    let (alice, worker) = (Client::new(&broker, "alice"), Worker::new(&broker));
    let ask = async |n| drop(alice.ask(&fibonacci(n)).await);
    is_woken_by(&broker, async || ask(1).await).await;
    ask(2).await;
    let lease = worker.take().await;
    is_woken_by(&broker, async || broker.release(&lease.key, Release::Unharmed).await.unwrap()).await;
    ask(3).await;
    let lease = worker.take().await;
    is_woken_by(&broker, async || worker.stumble(&lease, "no luck").await).await;
    ask(4).await;
    worker.take().await;
    stand.advance(Duration::from_secs(6)).await;
    is_woken_by(&broker, async || drop(broker.rescue().await.unwrap())).await;
    ask(5).await;
    worker.fail(&worker.take().await, "no luck").await;
    is_woken_by(&broker, async || drop(broker.retry(fibonacci(5).job()).await.unwrap())).await;
    broker.set_suspended("fibonacci", true).await.unwrap();
    ask(6).await;
    is_woken_by(&broker, async || broker.set_suspended("fibonacci", false).await.unwrap()).await;
}

pub(crate) async fn a_claim_ends_when_there_is_nothing(stand: &impl Stand) {
    let broker = stand.broker(Terms::default()).await;
    let worker = Worker::new(&broker);
    let claim = Claim { wait: Duration::from_millis(20), ..worker.claim_for(&[(Lane::Short, 1)]) };
    let leases = timeout(DEADLINE, broker.claim(claim)).await.expect("the claim ends").unwrap();
    assert!(leases.is_empty());
    assert!(broker.claim(worker.claim_for(&[])).await.unwrap().is_empty(), "no free slots");
}

pub(crate) async fn a_dropped_waiting_claim_takes_no_job(stand: &impl Stand) {
    let broker = stand.broker(Terms::default()).await;
    let (gone, worker) = (Worker::new(&broker), Worker::new(&broker));
    let claim = Claim { wait: Duration::from_secs(2), ..gone.claim_for(&[(Lane::Short, 1)]) };
    let waited = timeout(Duration::from_millis(20), broker.claim(claim)).await;
    assert!(waited.is_err(), "nothing came");
    Client::new(&broker, "alice").ask(&fibonacci(1)).await;
    // Where a claim was on its way to a server, the lease is nobody's and is rescued.
    stand.advance(Terms::default().lease * 2).await;
    broker.rescue().await.unwrap();
    assert_eq!(worker.take().await.key.job, *fibonacci(1).job());
}

pub(crate) async fn a_lease_says_all_that_an_attempt_needs(stand: &impl Stand) {
    let broker = stand.broker(Terms::default()).await;
    let task = spin("with a trace");
    let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".to_owned();
    let asking = Submission { trace: trace.clone(), ..submission(&task, "alice") };
    broker.submit(asking).await.unwrap();
    let worker = Worker::new(&broker);
    let lease = worker.take().await;
    assert_eq!((&lease.key.job, lease.key.attempt, &lease.key.worker), (task.job(), 1, &worker.id));
    assert_eq!((&lease.task, lease.lane, &lease.trace), (task.canonical(), Lane::Short, &trace));
    assert_eq!((lease.chunks, lease.bytes), (0, 0));
    assert_eq!(seen(&broker, task.job()).await.trace, trace);
}

pub(crate) async fn a_renewed_lease_outlives_its_term(stand: &impl Stand) {
    let broker = stand.broker(Terms { lease: Duration::from_secs(50), ..Terms::default() }).await;
    Client::new(&broker, "alice").ask(&fibonacci(1)).await;
    let worker = Worker::new(&broker);
    let lease = worker.take().await;
    for _ in 0..4 {
        stand.advance(Duration::from_secs(30)).await;
        assert_eq!(worker.renew(&lease.key).await, Hold::Held);
        assert!(broker.rescue().await.unwrap().is_empty());
    }
    stand.advance(Duration::from_mins(1)).await;
    assert_eq!(broker.rescue().await.unwrap().len(), 1, "a renewed lease runs out too");
}

pub(crate) async fn a_late_worker_that_nobody_replaced_goes_on(stand: &impl Stand) {
    let broker = stand.broker(Terms::default()).await;
    Client::new(&broker, "alice").ask(&fibonacci(1)).await;
    let worker = Worker::new(&broker);
    let lease = worker.take().await;
    stand.advance(Duration::from_secs(20)).await;
    assert_eq!(worker.renew(&lease.key).await, Hold::Held);
    assert!(broker.rescue().await.unwrap().is_empty(), "it holds for a whole term again");
    stand.advance(Duration::from_secs(20)).await;
    worker.succeed(&lease, "one").await;
    assert_eq!(seen(&broker, fibonacci(1).job()).await.state, State::Succeeded);
}

pub(crate) async fn renewing_answers_for_each_lease_in_order(stand: &impl Stand) {
    let broker = stand.broker(Terms::default()).await;
    let (client, worker) = (Client::new(&broker, "alice"), Worker::new(&broker));
    let mut asked = Vec::new();
    for n in 0..3 {
        asked.push(client.ask(&fibonacci(n)).await);
    }
    let leases = worker.take_up_to(3).await;
    client.cancel(&asked[0]).await;
    worker.succeed(&leases[2], "one").await;
    let keys: Vec<_> = leases.iter().map(|lease| lease.key.clone()).collect();
    let holds = broker.renew(&worker.record(), &keys).await.unwrap();
    assert_eq!(holds, [Hold::Cancelled, Hold::Held, Hold::Lost]);
}
