//! What stands in the keyspace: nothing without an expiry or an owner, and not much for each job.

use std::time::Duration;

use abacus_broker::{SharedBroker, Terms};

use super::{Keyspace, do_everything, servers::Server};
use crate::actors::{Client, Worker, fibonacci};

/// Keys of a partition that the keyspace owns: one each, bounded by what waits, runs or is kept.
const OWNED: [&str; 8] = ["queues", "leases", "done", "dead", "notices", "wake", "kinds", "counters"];

/// What a finished small job may take, its request and its share of the notices included.
const BYTES_PER_JOB: u64 = 720;

/// Every key of a prefix with its time to live in milliseconds, below zero when it has none.
fn keys(server: &Server, prefix: &str) -> Vec<(String, i64)> {
    let names: Vec<String> = server.ask(&["KEYS", &format!("{prefix}:*")]);
    names
        .into_iter()
        .map(|name| {
            let ttl = server.ask(&["PTTL", &name]);
            (name, ttl)
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_key_has_an_expiry_or_an_owner() {
    let server = Server::start(&[]);
    let keyspace = Keyspace::new(format!("redis://127.0.0.1:{}", server.port), 1);
    let broker: SharedBroker = keyspace.broker(Terms::default()).await;
    do_everything(&broker).await;
    let prefix = &keyspace.settings.prefix;
    let partition = format!("{prefix}:{{0}}:");
    let found = keys(&server, prefix);
    assert!(found.len() > 20, "{found:?}");
    for (key, ttl) in &found {
        let owned = OWNED.iter().any(|name| *key == format!("{partition}{name}"))
            || *key == format!("{prefix}:meta")
            || key.starts_with(&format!("{partition}queue:"));
        let lives = key.starts_with(&format!("{partition}job:"))
            && ["q", "r"].contains(&server.ask::<String>(&["HGET", key, "s"]).as_str());
        assert!(*ttl > 0 || owned || lives, "{key} has neither expiry nor owner");
        assert!(*ttl < 0 || !owned && !lives, "{key} must not expire");
    }

    keyspace.lead().advance(Duration::from_hours(25));
    broker.rescue().await.unwrap();
    let stats = broker.stats().await.unwrap();
    let left: Vec<_> = keys(&server, prefix).into_iter().map(|(key, _)| key).collect();
    let jobs = left.iter().filter(|key| key.contains(":job:")).count() as u64;
    assert_eq!(jobs, stats.kept_jobs, "what has ended is forgotten: {left:?}");
    assert_eq!(stats.kept_bytes, 0);
    assert!(
        !left.iter().any(|key| key.contains(":chunk:") || key.ends_with(":done") || key.ends_with(":dead"))
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_place_in_a_result_is_found_without_reading_it() {
    const CHUNK: usize = 1 << 20;
    let server = Server::start(&[]);
    let keyspace = Keyspace::new(format!("redis://127.0.0.1:{}", server.port), 1);
    let broker: SharedBroker = keyspace.broker(Terms::default()).await;
    let worker = Worker::new(&broker);
    Client::new(&broker, "alice").ask(&fibonacci(1)).await;
    let lease = worker.take().await;
    for index in 0..4 {
        broker.append(&lease.key, index, vec![7; CHUNK].into()).await.unwrap();
    }
    let sent = || {
        let info: String = server.ask(&["INFO", "stats"]);
        let line = info.lines().find_map(|line| line.strip_prefix("total_net_output_bytes:"));
        line.expect("a line of INFO").trim().parse::<usize>().expect("a number")
    };
    let before = sent();
    let found = broker.chunk_at(&lease.key.job, 4 * CHUNK as u64 - 1).await;
    assert_eq!(found, Ok((3, 3 * CHUNK as u64)));
    assert!(sent() - before < CHUNK, "only lengths are told");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_finished_small_job_takes_little_memory() {
    const JOBS: u64 = 4_000;
    let server = Server::start(&[]);
    let used = || {
        let info: String = server.ask(&["INFO", "memory"]);
        let line =
            info.lines().find_map(|line| line.strip_prefix("used_memory_dataset:")).expect("a line of INFO");
        line.trim().parse::<u64>().expect("a number")
    };
    let mut keyspace = Keyspace::new(format!("redis://127.0.0.1:{}", server.port), 1);
    "abacus".clone_into(&mut keyspace.settings.prefix);
    // The notices are bounded by themselves and not counted.
    let broker: SharedBroker = keyspace.broker(Terms { max_notices: 1_000, ..Terms::default() }).await;
    let worker = Worker::new(&broker);
    let run = |numbers: std::ops::Range<u64>, broker: SharedBroker| {
        let worker = &worker;
        async move {
            for number in numbers {
                // Ten requests for each client.
                let client = Client::new(&broker, &format!("client-{}", number / 10));
                client.ask(&fibonacci(1_000_000 + number)).await;
                worker.succeed(&worker.take().await, "43466557686937456435").await;
            }
        }
    };
    run(0..200, broker.clone()).await;
    let before = used();
    run(200..200 + JOBS, broker.clone()).await;
    let bytes = (used() - before) / JOBS;
    println!("{bytes} bytes for each finished job");
    assert!(bytes <= BYTES_PER_JOB, "{bytes} bytes for each finished job");
}
