//! A script is done and its reply is lost: the call is repeated by itself, and nothing happens twice.

use std::time::Duration;

use abacus_broker::{Failure, Hold, Outcome, Release, SharedBroker, Terms};
use abacus_tasks::{Disposition, State};
use bytes::Bytes;
use uuid::Uuid;

use super::{Keyspace, proxy::Proxy, shared_server};
use crate::actors::{Client, Worker, content, fibonacci, halfway, seen, spin, success};

/// No verb runs more scripts than this one after the other.
const MOST_SCRIPTS: i64 = 4;

/// A broker whose replies can be lost.
struct Fragile {
    proxy: Proxy,
    keyspace: Keyspace,
    broker: SharedBroker,
    /// Which of the scripts of a verb loses its reply.
    place: i64,
}

impl Fragile {
    async fn new(place: i64) -> Self {
        let proxy = Proxy::start(shared_server().await.port).await;
        let keyspace = Keyspace::new(format!("redis://127.0.0.1:{}", proxy.port), 1);
        let broker = keyspace.broker(Terms::default()).await;
        Self { proxy, keyspace, broker, place }
    }

    /// Does something whose first script loses its reply, or a later one. Each verb has a first one.
    async fn cut<T>(&self, what: &str, verb: impl Future<Output = T>) -> T {
        self.proxy.cut_after(self.place);
        let answer = verb.await;
        let cut = self.proxy.mend();
        assert!(cut || self.place > 0, "{what} has lost a reply");
        answer
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_is_done_once_whichever_reply_is_lost() {
    for place in 0..MOST_SCRIPTS {
        let fragile = Fragile::new(place).await;
        let broker = &fragile.broker;
        let (alice, worker) = (Client::new(broker, "alice"), Worker::new(broker));
        let (task, id) = (fibonacci(7), Uuid::now_v7());

        let asked = fragile.cut("submit", alice.ask_as(id, &task)).await.unwrap();
        assert_eq!((asked.request.disposition, asked.request.order), (Disposition::Created, 1));
        let again = fragile.cut("submit again", alice.ask_as(id, &task)).await.unwrap();
        assert_eq!(again.request, asked.request);
        assert_eq!(seen(broker, task.job()).await.requests, 1);

        let lease = worker.take().await;
        assert_eq!(fragile.cut("renew", worker.renew(&lease.key)).await, Hold::Held);
        fragile.cut("report", broker.report(&lease.key, halfway())).await.unwrap();
        fragile.cut("append", broker.append(&lease.key, 0, Bytes::from_static(b"1"))).await.unwrap();
        let failure = Failure::new(Failure::COMPUTATION_FAILED, "no luck");
        fragile.cut("release", broker.release(&lease.key, Release::Failed(failure.clone()))).await.unwrap();

        let lease = worker.take().await;
        assert_eq!((lease.key.attempt, lease.chunks), (2, 1));
        fragile.cut("finish", broker.finish(&lease.key, Outcome::Failed(failure))).await.unwrap();
        assert_eq!(fragile.cut("retry", broker.retry(task.job())).await.unwrap().state, State::Queued);

        let lease = worker.take().await;
        fragile.cut("finish", broker.finish(&lease.key, success(&lease, "3"))).await.unwrap();
        assert_eq!(fragile.cut("chunks", content(broker, task.job())).await.concat(), b"13");

        let counters = broker.stats().await.unwrap().counters;
        assert_eq!((counters.created, counters.joined, counters.cached), (1, 0, 0));
        assert_eq!((counters.retried, counters.failed, counters.succeeded), (1, 1, 1));
        let kinds = broker.kinds().await.unwrap();
        assert_eq!(kinds[0].failures_in_a_row, 0);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn asking_and_cancelling_happen_once_whichever_reply_is_lost() {
    for place in 0..MOST_SCRIPTS {
        let fragile = Fragile::new(place).await;
        let broker = &fragile.broker;
        let (alice, bob) = (Client::new(broker, "alice"), Client::new(broker, "bob"));

        let asked = fragile.cut("submit", alice.ask(&spin("a"))).await;
        assert_eq!(asked.snapshot.requests, 1);
        let joined = fragile.cut("join", bob.ask(&spin("a"))).await;
        assert_eq!((joined.request.disposition, joined.snapshot.requests), (Disposition::Joined, 2));
        let record = fragile.cut("cancel", alice.cancel(&asked)).await;
        assert_eq!(record.state, Some(State::Cancelled));
        assert_eq!(seen(broker, spin("a").job()).await.state, State::Queued, "bob wants it");
        fragile.cut("cancel", bob.cancel(&joined)).await;
        assert_eq!(seen(broker, spin("a").job()).await.state, State::Cancelled);
        let listed = fragile.cut("requests", alice.requests()).await;
        assert_eq!((listed.len(), listed[0].disposition), (1, Disposition::Created));

        fragile.cut("suspend", broker.set_suspended("spin", true)).await.unwrap();
        let counters = broker.stats().await.unwrap().counters;
        assert_eq!((counters.created, counters.joined, counters.cancelled), (1, 1, 1));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lease_whose_reply_is_lost_is_rescued() {
    let fragile = Fragile::new(0).await;
    let broker = &fragile.broker;
    let (alice, worker) = (Client::new(broker, "alice"), Worker::new(broker));
    alice.ask(&fibonacci(7)).await;
    assert!(fragile.cut("claim", worker.finds_nothing()).await, "the lost reply leased the job");
    assert_eq!(seen(broker, fibonacci(7).job()).await.state, State::Running);

    fragile.keyspace.lead().advance(Duration::from_secs(6));
    fragile.cut("rescue", broker.rescue()).await.unwrap();
    let counters = broker.stats().await.unwrap().counters;
    assert_eq!(counters.retried, 1);
    assert_eq!(worker.take().await.key.attempt, 2);
}
