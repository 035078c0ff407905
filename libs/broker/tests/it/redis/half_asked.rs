//! A submission is half-way: its request stands in the client's list and its job is not asked for yet, or its answer is
//! not noted yet. Readers miss nothing, and what happens meanwhile stays.

use std::{sync::Arc, time::Duration};

use abacus_broker::{Direction, Error, Page, RequestQuery, RequestRecord, SharedBroker, Terms, redis::Redis};
use abacus_tasks::{Disposition, RequestName, State};
use futures_util::future;
use uuid::Uuid;

use super::{Keyspace, proxy::Proxy, shared_server};
use crate::actors::{Client, DEADLINE, Worker, fibonacci};

/// Two brokers over one keyspace: what the first one sends can be held back.
struct Halves {
    proxy: Proxy,
    keyspace: Keyspace,
    slow: SharedBroker,
    quick: SharedBroker,
}

impl Halves {
    async fn start() -> Self {
        Self::with(Terms::default()).await
    }

    async fn with(terms: Terms) -> Self {
        let server = shared_server().await.port;
        let proxy = Proxy::start(server).await;
        let mut keyspace = Keyspace::new(format!("redis://127.0.0.1:{}", proxy.port), 1);
        // Nothing that is held back is given up in a test.
        keyspace.settings.timeout = Duration::from_mins(1);
        let slow = keyspace.broker(terms.clone()).await;
        let url = format!("redis://127.0.0.1:{server}");
        let quick: Arc<Redis> = Redis::connect(&url, keyspace.settings.clone(), terms).await.unwrap();
        // The server knows the scripts by their digests from here on: each takes one message.
        Client::new(&(slow.clone() as SharedBroker), "first")
            .ask_as(Uuid::now_v7(), &fibonacci(90))
            .await
            .unwrap();
        Self { proxy, keyspace, slow, quick }
    }

    /// The requests of alice after the first `after`.
    async fn page(&self, after: Option<u64>, direction: Direction) -> Page<RequestRecord> {
        let query = RequestQuery { client: "alice".parse().unwrap(), after, direction, limit: 10 };
        self.quick.requests(&query).await.unwrap()
    }

    /// Waits until alice has this many requests in her list.
    async fn noted(&self, count: usize) {
        let noted = async {
            while self.page(None, Direction::NewestFirst).await.entries.len() < count {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(DEADLINE, noted).await.expect("the request is noted");
    }
}

fn orders(page: &Page<RequestRecord>) -> Vec<u64> {
    page.entries.iter().map(|record| record.order).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_ends_before_a_request_whose_job_is_not_asked_for_yet() {
    let halves = Halves::start().await;
    let (alice, quick) = (Client::new(&halves.slow, "alice"), Client::new(&halves.quick, "alice"));
    // The job has failed before: its state is no answer to the request.
    let worker = Worker::new(&halves.quick);
    Client::new(&halves.quick, "bob").ask(&fibonacci(2)).await;
    for lease in worker.take_up_to(2).await {
        worker.fail(&lease, "no luck").await;
    }
    quick.ask(&fibonacci(1)).await;
    halves.proxy.hold_after(1);
    let task = fibonacci(2);
    let asking = alice.ask_as(Uuid::now_v7(), &task);
    let reading = async {
        halves.noted(2).await;
        quick.ask(&fibonacci(3)).await;
        let page = halves.page(None, Direction::OldestFirst).await;
        assert_eq!((orders(&page), page.next), (vec![1], Some(1)), "the rest is still to come");
        let page = halves.page(Some(1), Direction::OldestFirst).await;
        assert_eq!((orders(&page), page.next), (vec![], Some(1)));
        assert_eq!(orders(&halves.page(None, Direction::NewestFirst).await), [3, 2, 1]);
        halves.proxy.release();
    };
    let (asked, ()) = future::join(asking, reading).await;
    assert_eq!(asked.unwrap().request.order, 2);
    let page = halves.page(Some(1), Direction::OldestFirst).await;
    assert_eq!((orders(&page), page.next), (vec![2, 3], None));
    assert!(page.entries.iter().all(|record| record.state == Some(State::Queued)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_whose_submitter_died_does_not_hold_a_list_up_for_ever() {
    let halves = Halves::start().await;
    let (alice, quick) = (Client::new(&halves.slow, "alice"), Client::new(&halves.quick, "alice"));
    halves.proxy.hold_after(1);
    let task = fibonacci(1);
    let dies = async {
        tokio::select! {
            asked = alice.ask_as(Uuid::now_v7(), &task) => panic!("nobody is to answer: {asked:?}"),
            () = halves.noted(1) => {}
        }
    };
    dies.await;
    quick.ask(&fibonacci(2)).await;
    assert!(orders(&halves.page(None, Direction::OldestFirst).await).is_empty());
    halves.keyspace.lead().advance(3 * halves.keyspace.settings.timeout);
    let page = halves.page(None, Direction::OldestFirst).await;
    assert_eq!((orders(&page), page.next), (vec![1, 2], None));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_order_of_a_refused_request_is_not_used_again() {
    let halves = Halves::with(Terms { max_queued: 1, ..Terms::default() }).await;
    let (alice, quick) = (Client::new(&halves.slow, "alice"), Client::new(&halves.quick, "alice"));
    halves.proxy.hold_after(1);
    let task = fibonacci(1);
    let asking = alice.ask_as(Uuid::now_v7(), &task);
    let reading = async {
        halves.noted(1).await;
        halves.proxy.release();
    };
    let (asked, ()) = future::join(asking, reading).await;
    assert!(matches!(asked, Err(Error::QueueFull { .. })), "{asked:?}");
    assert!(halves.page(None, Direction::NewestFirst).await.entries.is_empty());
    Worker::new(&halves.quick).take().await;
    assert_eq!(quick.ask(&task).await.request.order, 2, "somebody has read that there was a first");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cancel_before_the_answer_is_noted_stays() {
    let halves = Halves::start().await;
    let alice = Client::new(&halves.slow, "alice");
    let name = RequestName { client: alice.name.clone(), id: Uuid::now_v7() };
    halves.proxy.hold_after(2);
    let task = fibonacci(1);
    let asking = alice.ask_as(name.id, &task);
    let cancelling = async {
        let asked = async {
            while halves.quick.snapshot(task.job()).await.unwrap().is_none() {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(DEADLINE, asked).await.expect("the job is asked for");
        assert_eq!(halves.quick.cancel(&name).await.unwrap().state, Some(State::Cancelled));
        halves.proxy.release();
    };
    let (asked, ()) = future::join(asking, cancelling).await;
    let asked = asked.unwrap();
    assert_eq!(
        (asked.request.state, asked.request.disposition),
        (Some(State::Cancelled), Disposition::Created)
    );
    // The job lives again for somebody else.
    Client::new(&halves.quick, "bob").ask(&task).await;
    assert_eq!(halves.page(None, Direction::OldestFirst).await.entries[0].state, Some(State::Cancelled));
    let again = alice.ask_as(name.id, &task).await.unwrap();
    assert_eq!((again.request.state, again.snapshot.requests), (Some(State::Cancelled), 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cancel_before_the_job_is_joined_stays() {
    let halves = Halves::start().await;
    let alice = Client::new(&halves.slow, "alice");
    let name = RequestName { client: alice.name.clone(), id: Uuid::now_v7() };
    let task = fibonacci(1);
    Client::new(&halves.quick, "bob").ask(&task).await;
    halves.proxy.hold_after(1);
    let cancelling = async {
        halves.noted(1).await;
        assert_eq!(halves.quick.cancel(&name).await.unwrap().state, Some(State::Cancelled));
        halves.proxy.release();
    };
    let (asked, ()) = future::join(alice.ask_as(name.id, &task), cancelling).await;
    assert_eq!(asked.unwrap().request.state, Some(State::Cancelled));
    assert_eq!(crate::actors::seen(&halves.slow, task.job()).await.requests, 1, "bob alone wants it");
}
