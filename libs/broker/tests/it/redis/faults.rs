//! Servers that die: nothing that was accepted is lost, and everybody goes on by himself.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use abacus_broker::{Claim, Hold, SharedBroker, Terms};
use abacus_tasks::{Lane, State};
use futures_util::future;

use super::{
    Keyspace,
    servers::{Cluster, Guarded, Server, wait_until},
};
use crate::actors::{Client, Worker, fibonacci, now, seen, submission};

/// How long calls may take here: longer than any failover.
const PATIENCE: Duration = Duration::from_secs(30);

async fn patient(url: String, partitions: u16) -> SharedBroker {
    let mut keyspace = Keyspace::new(url, partitions);
    keyspace.settings.timeout = PATIENCE;
    keyspace.broker(Terms::default()).await
}

/// Asks for jobs one after the other until told to stop; answers how many were accepted.
async fn ask_until(broker: &SharedBroker, stop: &AtomicBool) -> u64 {
    let client = Client::new(broker, "alice");
    let mut accepted = 0;
    while !stop.load(Ordering::SeqCst) {
        client.ask(&fibonacci(accepted)).await;
        accepted += 1;
    }
    accepted
}

/// Asks while `fault` happens and for some jobs more, then checks that each accepted job is there and can be done.
async fn nothing_is_lost_while(broker: &SharedBroker, fault: impl FnOnce() + Send + 'static) {
    let stop = AtomicBool::new(false);
    let happens = async {
        // The fault meets a broker at work.
        while broker.stats().await.unwrap().counters.created < 50 {}
        tokio::task::spawn_blocking(fault).await.unwrap();
        let done = broker.stats().await.unwrap().counters.created;
        while broker.stats().await.unwrap().counters.created < done + 50 {}
        stop.store(true, Ordering::SeqCst);
    };
    let (accepted, ()) = future::join(ask_until(broker, &stop), happens).await;

    let worker = Worker::new(broker);
    let mut taken = 0;
    loop {
        let leases = worker.take_up_to(100).await;
        if leases.is_empty() {
            break;
        }
        for lease in leases {
            worker.succeed(&lease, "1").await;
            taken += 1;
        }
    }
    assert_eq!(taken, accepted, "each accepted job was there, once");
    for number in 0..accepted {
        assert_eq!(seen(broker, fibonacci(number).job()).await.state, State::Succeeded);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_server_that_comes_back_has_lost_nothing() {
    let mut server = Server::start(&["--appendonly", "yes"]);
    let broker = patient(format!("redis://127.0.0.1:{}", server.port), 2).await;
    nothing_is_lost_while(&broker, move || {
        server.kill();
        server.restart();
        // Lives on until the test process ends.
        std::mem::forget(server);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn those_who_wait_go_on_waiting_when_the_server_comes_back() {
    let mut server = Server::start(&["--appendonly", "yes"]);
    let broker = patient(format!("redis://127.0.0.1:{}", server.port), 1).await;
    let start = now(&broker).await;
    let reading = broker.notices(0, Some(start), PATIENCE);
    let worker = Worker::new(&broker);
    let claiming = async {
        let wait = Duration::from_secs(2);
        loop {
            let claim = Claim { wait, ..worker.claim_for(&[(Lane::Short, 1)]) };
            if let Some(lease) = broker.claim(claim).await.unwrap().pop() {
                return lease;
            }
        }
    };
    let failing = async {
        let server = tokio::task::spawn_blocking(move || {
            wait_until("somebody waits", || {
                let clients: String = server.ask(&["INFO", "clients"]);
                clients.contains("blocked_clients:2")
            });
            server.kill();
            server.restart();
            server
        });
        let server = server.await.unwrap();
        broker.submit(submission(&fibonacci(1), "alice")).await.unwrap();
        server
    };
    let (read, lease, _server) = future::join3(reading, claiming, failing).await;
    assert!(!read.unwrap().notices.is_empty());
    assert_eq!(lease.key.job, *fibonacci(1).job());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sentinels_failover_is_followed() {
    let guarded = Guarded::start();
    let broker = patient(guarded.url(), 1).await;
    // Replication is asynchronous: only what has reached the replica is checked.
    let alice = Client::new(&broker, "alice");
    alice.ask(&fibonacci(1)).await;
    let Guarded { mut servers, sentinel } = guarded;
    let offset = |server: &Server| {
        let info: String = server.ask(&["INFO", "replication"]);
        info.lines().find(|line| line.starts_with("master_repl_offset")).map(str::to_owned)
    };
    wait_until("the replica has everything", || offset(&servers[0]) == offset(&servers[1]));
    servers[0].kill();
    alice.ask(&fibonacci(2)).await;
    let worker = Worker::new(&broker);
    assert_eq!(worker.take_up_to(5).await.len(), 2);
    drop((servers, sentinel));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clusters_failover_is_followed() {
    let mut cluster = Cluster::start();
    let broker = patient(cluster.url(), 16).await;
    let alice = Client::new(&broker, "alice");
    cluster.nodes[0].kill();
    // Enough jobs to meet each partition.
    for number in 0..100 {
        alice.ask(&fibonacci(number)).await;
    }
    let worker = Worker::new(&broker);
    assert_eq!(worker.take_up_to(100).await.len(), 100);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_part_of_a_cluster_that_is_lost_takes_no_leases_of_the_others_away() {
    let mut cluster = Cluster::start();
    for node in &cluster.nodes {
        let () = node.ask(&["CONFIG", "SET", "cluster-require-full-coverage", "no"]);
    }
    let keyspace = Keyspace::new(cluster.url(), 16);
    let broker: SharedBroker = keyspace.broker(Terms::default()).await;
    let alice = Client::new(&broker, "alice");
    for number in 0..200 {
        alice.ask(&fibonacci(number)).await;
    }
    let worker = Worker::new(&broker);
    let leases: Vec<_> = worker.take_up_to(100).await.into_iter().map(|lease| lease.key).collect();
    // The replicas go first: nobody takes the master's place.
    for node in &mut cluster.nodes[3..] {
        node.kill();
    }
    cluster.nodes[0].kill();

    for _ in 0..3 {
        let holds = broker.renew(&worker.record(), &leases).await.unwrap();
        assert!(holds.iter().all(|hold| *hold == Hold::Held), "{holds:?}");
        keyspace.lead().advance(Duration::from_secs(2));
    }
    assert!(broker.rescue().await.unwrap().is_empty(), "the leases that could be renewed hold");
    let taken = worker.take_up_to(100).await.len();
    assert!(taken > 0, "there is work in what is left");
}
