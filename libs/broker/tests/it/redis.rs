//! The broker on Redis keeps the promises, on one server, on a cluster and behind sentinels, and survives their faults.

use std::{sync::Arc, time::Duration};

use abacus_broker::{
    Claim, Hold, Outcome, Position, Release, SharedBroker, Terms,
    redis::{Lead, Redis, RedisSettings},
};
use abacus_tasks::{Lane, State};
use bytes::Bytes;
use tokio::sync::OnceCell;
use uuid::Uuid;

use crate::{
    actors::{Client, Worker, content, fibonacci, halfway, spin, summary},
    promises::promises,
    stand::Stand,
};

mod cluster;
mod faults;
mod half_asked;
mod keyspace;
mod lost_replies;
mod proxy;
mod sentinel;
mod server;
mod servers;
mod start;

use servers::Server;

/// A keyspace of its own on one server that all tests share.
struct RedisStand(Keyspace);

/// A prefix that no other test uses, and a time that is moved by hand.
struct Keyspace {
    url: String,
    settings: RedisSettings,
}

/// Does each verb at least once; afterwards jobs stand in every state.
async fn do_everything(broker: &SharedBroker) {
    let (alice, worker) = (Client::new(broker, "alice"), Worker::new(broker));
    let other = Client::new(broker, "bob");
    alice.ask(&fibonacci(1)).await;
    let lease = worker.take().await;
    broker.report(&lease.key, halfway()).await.unwrap();
    broker.append(&lease.key, 0, Bytes::from(vec![7; 100_000])).await.unwrap();
    broker.append(&lease.key, 1, Bytes::from_static(b"end")).await.unwrap();
    let summary = summary(2, 100_003);
    broker.finish(&lease.key, Outcome::Succeeded { last: None, summary }).await.unwrap();
    assert_eq!(content(broker, &lease.key.job).await.concat().len(), 100_003);
    other.ask_as(Uuid::now_v7(), &fibonacci(1)).await.unwrap();

    alice.ask(&fibonacci(2)).await;
    worker.succeed(&worker.take().await, "1").await;
    alice.ask(&fibonacci(3)).await;
    worker.fail(&worker.take().await, "no luck").await;
    alice.ask(&fibonacci(4)).await;
    worker.fail(&worker.take().await, "no luck").await;
    broker.retry(fibonacci(4).job()).await.unwrap();
    let lease = worker.take().await;
    assert_eq!(worker.renew(&lease.key).await, Hold::Held);
    broker.release(&lease.key, Release::Unharmed).await.unwrap();
    worker.take().await;
    let cancelled = alice.ask(&fibonacci(5)).await;
    other.ask(&fibonacci(5)).await;
    assert_eq!(alice.cancel(&cancelled).await.state, Some(State::Cancelled));
    let cancelled = alice.ask(&fibonacci(6)).await;
    alice.cancel(&cancelled).await;
    broker.set_suspended("spin", true).await.unwrap();
    alice.ask(&spin("waits")).await;
    let waits = Claim {
        kinds: vec!["spin".to_owned()],
        wait: Duration::from_millis(50),
        ..worker.claim_for(&[(Lane::Short, 1)])
    };
    assert!(broker.claim(waits).await.unwrap().is_empty());

    broker.rescue().await.unwrap();
    assert_eq!(broker.kinds().await.unwrap().len(), 2);
    assert_eq!(broker.workers().await.unwrap().len(), 1);
    assert_eq!(broker.dead(None, 10).await.unwrap().entries.len(), 1);
    assert_eq!(broker.stats().await.unwrap().kept_jobs, 7);
    assert_eq!(alice.requests().await.len(), 7);
    let read = broker.notices(0, Some(Position::default()), Duration::from_secs(1)).await.unwrap();
    assert!(!read.notices.is_empty());
}

impl Keyspace {
    fn new(url: String, partitions: u16) -> Self {
        let prefix = format!("test-{}", Uuid::now_v7().simple());
        Self { url, settings: RedisSettings { prefix, partitions, ..RedisSettings::default() } }
    }

    async fn broker(&self, terms: Terms) -> Arc<Redis> {
        Redis::connect(&self.url, self.settings.clone(), terms).await.expect("the broker can be used")
    }

    fn lead(&self) -> &Lead {
        &self.settings.lead
    }
}

/// The server that tests share.
async fn shared_server() -> &'static Server {
    static SERVER: OnceCell<Server> = OnceCell::const_new();
    SERVER.get_or_init(|| async { Server::start(&[]) }).await
}

impl Stand for RedisStand {
    async fn start() -> Self {
        Self(Keyspace::new(format!("redis://127.0.0.1:{}", shared_server().await.port), 1))
    }

    async fn broker(&self, terms: Terms) -> SharedBroker {
        self.0.broker(terms).await
    }

    async fn advance(&self, duration: Duration) {
        self.0.lead().advance(duration);
    }
}

promises!(RedisStand);
