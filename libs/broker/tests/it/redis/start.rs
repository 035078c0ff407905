//! What a broker needs of its server, and what it says when that is missing.

use abacus_broker::{
    Error, SharedBroker, Terms,
    redis::{Redis, RedisSettings, StartError},
};

use super::{
    Keyspace, do_everything,
    servers::{Server, free_ports, wait_until},
};
use crate::actors::{Client, fibonacci, submission};

async fn refusal(url: &str, settings: RedisSettings) -> StartError {
    Redis::connect(url, settings, Terms::default()).await.expect_err("the broker cannot be used")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_may_delete_jobs_is_refused() {
    let server = Server::start(&["--maxmemory-policy", "allkeys-lru"]);
    let url = format!("redis://127.0.0.1:{}", server.port);
    let error = refusal(&url, RedisSettings::default()).await;
    assert!(matches!(&error, StartError::Eviction { policy, .. } if policy == "allkeys-lru"), "{error}");
    assert!(error.to_string().contains("CONFIG SET maxmemory-policy noeviction"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_number_of_partitions_is_fixed_when_a_keyspace_is_founded() {
    let server = Server::start(&[]);
    let keyspace = Keyspace::new(format!("redis://127.0.0.1:{}", server.port), 4);
    keyspace.broker(Terms::default()).await;
    keyspace.broker(Terms::default()).await;
    let settings = RedisSettings { partitions: 5, ..keyspace.settings.clone() };
    let prefix = settings.prefix.clone();
    assert_eq!(refusal(&keyspace.url, settings).await, StartError::Partitions { prefix, found: 4, asked: 5 });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_has_the_least_permissions_can_do_everything() {
    let server = Server::start(&["--requirepass", "operators"]);
    let mut connection = redis::Client::open(format!("redis://:operators@127.0.0.1:{}", server.port))
        .and_then(|client| client.get_connection())
        .unwrap();
    let documentation = include_str!("../../../src/redis.rs");
    let rule = documentation.split("```text").find(|text| text.contains("ACL SETUSER")).unwrap();
    let rule = rule.split("```").next().unwrap().replace("//!", "").replace("~abacus:*", "~*");
    let mut command = redis::Cmd::new();
    for word in rule.split_whitespace() {
        command.arg(word);
    }
    command.exec(&mut connection).unwrap();

    let keyspace = Keyspace::new(format!("redis://abacus:password@127.0.0.1:{}", server.port), 2);
    let broker: SharedBroker = keyspace.broker(Terms::default()).await;
    do_everything(&broker).await;

    let error =
        refusal(&format!("redis://abacus:wrong@127.0.0.1:{}", server.port), RedisSettings::default()).await;
    assert!(matches!(&error, StartError::Unreachable(_)) && !error.to_string().contains("wrong"), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_without_memory_refuses_whole_calls() {
    let server = Server::start(&[]);
    let mut keyspace = Keyspace::new(format!("redis://127.0.0.1:{}", server.port), 1);
    keyspace.settings.timeout = std::time::Duration::from_millis(300);
    let broker: SharedBroker = keyspace.broker(Terms::default()).await;
    let alice = Client::new(&broker, "alice");
    alice.ask(&fibonacci(1)).await;
    let () = server.ask(&["CONFIG", "SET", "maxmemory", "1mb"]);
    let refused = broker.submit(submission(&fibonacci(2), "alice")).await;
    assert!(matches!(&refused, Err(Error::Unavailable(why)) if why.contains("OOM")), "{refused:?}");
    assert_eq!(broker.snapshot(fibonacci(2).job()).await.unwrap(), None);
    let () = server.ask(&["CONFIG", "SET", "maxmemory", "0"]);
    alice.ask(&fibonacci(2)).await;
    assert_eq!(alice.requests().await.len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_are_driven_by_the_runtime_of_the_callers() {
    let server = Server::start(&[]);
    let keyspace = Keyspace::new(format!("redis://127.0.0.1:{}", server.port), 1);
    let broker: SharedBroker = keyspace.broker(Terms::default()).await;
    let clients = || server.ask::<String>(&["CLIENT", "LIST"]).lines().count();
    wait_until("the one who counts is the only client", || clients() == 1);
    Client::new(&broker, "alice").ask(&fibonacci(1)).await;
    assert_eq!(clients(), 2);
}

/// Makes a certificate authority and a certificate for the loopback in a directory.
fn make_certificates(directory: &std::path::Path) {
    let script = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 -subj /CN=ca \
                  -addext basicConstraints=critical,CA:TRUE -keyout ca.key -out ca.crt && \
                  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=server \
                  -keyout server.key -out server.csr && \
                  printf 'subjectAltName=IP:127.0.0.1\\nbasicConstraints=CA:FALSE\\n' >extensions && \
                  openssl x509 -req -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 1 \
                  -extfile extensions -out server.crt";
    let made = std::process::Command::new("sh").args(["-c", script]).current_dir(directory).output();
    let made = made.expect("a shell");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_is_reached_over_tls_if_its_certificate_is_trusted() {
    let directory = tempfile::tempdir().unwrap();
    make_certificates(directory.path());
    let file = |name: &str| directory.path().join(name).display().to_string();
    let tls_port = free_ports(1)[0];
    let port = tls_port.to_string();
    let (certificate, key, authority) = (file("server.crt"), file("server.key"), file("ca.crt"));
    let files = ["--tls-cert-file", &certificate, "--tls-key-file", &key, "--tls-ca-cert-file", &authority];
    let tls = ["--tls-port", &port, "--tls-auth-clients", "no"];
    let _server = Server::start(&[&tls[..], &files[..]].concat());

    let mut keyspace = Keyspace::new(format!("rediss://127.0.0.1:{tls_port}"), 1);
    let error = refusal(&keyspace.url, keyspace.settings.clone()).await;
    assert!(matches!(error, StartError::Unreachable(_)), "{error}");
    keyspace.settings.roots = Some(std::fs::read(authority).unwrap().into());
    let broker: SharedBroker = keyspace.broker(Terms::default()).await;
    do_everything(&broker).await;
}
