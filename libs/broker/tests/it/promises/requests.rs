//! A client's requests: numbered, listed, safe to repeat.

use std::time::Duration;

use abacus_broker::{Direction, Error, RequestQuery, SharedBroker, Terms};
use abacus_tasks::{Disposition, State};
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::{
    actors::{Client, Worker, fibonacci, seen},
    stand::Stand,
};

/// All orders of a client's requests, read in pages.
async fn orders(broker: &SharedBroker, direction: Direction, limit: usize) -> Vec<Vec<u64>> {
    let client = "alice".parse().unwrap();
    let mut query = RequestQuery { client, after: None, direction, limit };
    let mut pages = Vec::new();
    loop {
        let page = broker.requests(&query).await.unwrap();
        pages.push(page.entries.iter().map(|request| request.order).collect());
        if page.next.is_none() {
            return pages;
        }
        query.after = page.next;
    }
}

pub(crate) async fn requests_are_listed_in_pages_in_either_direction(stand: &impl Stand) {
    let broker = stand.broker(Terms::default()).await;
    let alice = Client::new(&broker, "alice");
    assert_eq!(orders(&broker, Direction::OldestFirst, 2).await, [[0_u64; 0]; 1]);
    for n in 0..5 {
        assert_eq!(alice.ask(&fibonacci(n)).await.request.order, n + 1);
    }
    Client::new(&broker, "bob").ask(&fibonacci(0)).await;
    assert_eq!(orders(&broker, Direction::OldestFirst, 2).await, [vec![1, 2], vec![3, 4], vec![5]]);
    assert_eq!(orders(&broker, Direction::NewestFirst, 2).await, [vec![5, 4], vec![3, 2], vec![1]]);
    assert_eq!(orders(&broker, Direction::OldestFirst, 5).await, [vec![1, 2, 3, 4, 5]]);
    assert_eq!(orders(&broker, Direction::NewestFirst, 5).await, [vec![5, 4, 3, 2, 1]]);
}

pub(crate) async fn a_list_is_read_on_after_its_end(stand: &impl Stand) {
    let broker = stand.broker(Terms { max_requests: 3, ..Terms::default() }).await;
    let alice = Client::new(&broker, "alice");
    for n in 0..5 {
        alice.ask(&fibonacci(n)).await;
    }
    let after = async |after| {
        let query = RequestQuery {
            client: alice.name.clone(),
            after: Some(after),
            direction: Direction::OldestFirst,
            limit: 9,
        };
        let page = broker.requests(&query).await.unwrap();
        assert_eq!(page.next, None);
        page.entries.into_iter().map(|request| request.order).collect::<Vec<_>>()
    };
    assert!(after(5).await.is_empty());
    assert!(after(99).await.is_empty());
    assert_eq!(after(1).await, [3, 4, 5], "the forgotten ones are left out");
    alice.ask(&fibonacci(9)).await;
    assert_eq!(after(5).await, [6]);
}

pub(crate) async fn a_request_tells_where_its_job_stands(stand: &impl Stand) {
    let broker = stand.broker(Terms::default()).await;
    let (alice, worker) = (Client::new(&broker, "alice"), Worker::new(&broker));
    let asked = alice.ask(&fibonacci(1)).await.request;
    assert_eq!(alice.requests().await, std::slice::from_ref(&asked));
    assert_eq!((asked.order, asked.state, &asked.name.client), (1, Some(State::Queued), &alice.name));
    let lease = worker.take().await;
    assert_eq!(alice.requests().await[0].state, Some(State::Running));
    worker.succeed(&lease, "one").await;
    assert_eq!(alice.requests().await[0].state, Some(State::Succeeded));
    assert_eq!(alice.requests().await[0].disposition, Disposition::Created);
}

pub(crate) async fn a_repeated_request_gets_the_same_answer(stand: &impl Stand) {
    let broker = stand.broker(Terms { max_queued: 1, ..Terms::default() }).await;
    let (alice, worker, id) = (Client::new(&broker, "alice"), Worker::new(&broker), Uuid::now_v7());
    let first = alice.ask_as(id, &fibonacci(1)).await.unwrap();
    assert_eq!(first.request.name.id, id);
    stand.advance(Duration::from_secs(1)).await;
    assert_eq!(alice.ask_as(id, &fibonacci(1)).await.unwrap(), first);
    assert_eq!(seen(&broker, fibonacci(1).job()).await.requests, 1);
    let lease = worker.take().await;
    let again = alice.ask_as(id, &fibonacci(1)).await.unwrap();
    assert_eq!(again.request.disposition, Disposition::Created, "the answer then");
    assert_eq!(again.snapshot.state, State::Running, "the job now");
    worker.fail(&lease, "no luck").await;
    let again = alice.ask_as(id, &fibonacci(1)).await.unwrap();
    assert_eq!(again.snapshot.state, State::Failed, "no new life begins");
    assert_eq!(alice.requests().await.len(), 1);
    let counters = broker.stats().await.unwrap().counters;
    assert_eq!((counters.created, counters.joined, counters.cached), (1, 0, 0));
}

pub(crate) async fn a_request_repeated_at_once_is_one_request(stand: &impl Stand) {
    let broker = stand.broker(Terms::default()).await;
    let id = Uuid::now_v7();
    let mut askers = JoinSet::new();
    for _ in 0..32 {
        let alice = Client::new(&broker, "alice");
        askers.spawn(async move { alice.ask_as(id, &fibonacci(1)).await.unwrap() });
    }
    let answers = askers.join_all().await;
    assert!(answers.iter().all(|answer| answer == &answers[0]));
    assert_eq!(answers[0].request.disposition, Disposition::Created);
    assert_eq!(answers[0].snapshot.requests, 1);
    assert_eq!(Client::new(&broker, "alice").requests().await.len(), 1);
}

pub(crate) async fn a_request_id_stands_for_one_job(stand: &impl Stand) {
    let broker = stand.broker(Terms::default()).await;
    let (alice, id) = (Client::new(&broker, "alice"), Uuid::now_v7());
    alice.ask_as(id, &fibonacci(1)).await.unwrap();
    let refused = alice.ask_as(id, &fibonacci(2)).await;
    assert_eq!(refused, Err(Error::RequestIdReused(fibonacci(1).job().clone())));
    assert_eq!(broker.snapshot(fibonacci(2).job()).await, Ok(None));
    let bob = Client::new(&broker, "bob");
    let other = bob.ask_as(id, &fibonacci(2)).await.unwrap();
    assert_eq!(
        (other.request.disposition, other.request.order),
        (Disposition::Created, 1),
        "each client has its own"
    );
}

pub(crate) async fn a_cancelled_request_stays_cancelled_when_it_is_repeated(stand: &impl Stand) {
    let broker = stand.broker(Terms::default()).await;
    let (alice, id) = (Client::new(&broker, "alice"), Uuid::now_v7());
    let asked = alice.ask_as(id, &fibonacci(1)).await.unwrap();
    alice.cancel(&asked).await;
    let again = alice.ask_as(id, &fibonacci(1)).await.unwrap();
    assert_eq!(again.request.state, Some(State::Cancelled));
    assert_eq!(again.snapshot.state, State::Cancelled);
    assert!(Worker::new(&broker).finds_nothing().await);
}

pub(crate) async fn a_request_outlives_its_job(stand: &impl Stand) {
    let day = Duration::from_hours(24);
    let terms = Terms { result_ttl: day, request_ttl: 3 * day, ..Terms::default() };
    let broker = stand.broker(terms).await;
    let (alice, worker, id) = (Client::new(&broker, "alice"), Worker::new(&broker), Uuid::now_v7());
    alice.ask_as(id, &fibonacci(1)).await.unwrap();
    worker.succeed(&worker.take().await, "one").await;
    stand.advance(day + day / 2).await;
    assert_eq!(alice.requests().await[0].state, None);
    let again = alice.ask_as(id, &fibonacci(1)).await.unwrap();
    assert_eq!(again.request.disposition, Disposition::Created, "there is no job to answer with");
    assert_eq!(again.snapshot.state, State::Queued);
}

pub(crate) async fn a_list_is_forgotten_some_time_after_its_last_request(stand: &impl Stand) {
    let hour = Duration::from_hours(1);
    let broker = stand.broker(Terms { request_ttl: 2 * hour, ..Terms::default() }).await;
    let (alice, bob) = (Client::new(&broker, "alice"), Client::new(&broker, "bob"));
    let asked = alice.ask(&fibonacci(1)).await;
    bob.ask(&fibonacci(1)).await;
    stand.advance(hour + hour / 2).await;
    bob.ask(&fibonacci(2)).await;
    stand.advance(hour).await;
    assert!(alice.requests().await.is_empty());
    let name = asked.request.name;
    assert_eq!(broker.cancel(&name).await, Err(Error::NoSuchRequest(name)));
    assert_eq!(bob.requests().await.len(), 2);
    broker.rescue().await.unwrap();
    assert_eq!(bob.requests().await.len(), 2, "the last request counts");
    assert_eq!(seen(&broker, fibonacci(1).job()).await.requests, 2, "the job is still wanted");
    stand.advance(2 * hour).await;
    broker.rescue().await.unwrap();
    assert!(bob.requests().await.is_empty());
}
