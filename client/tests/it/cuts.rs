//! Connections to the real mesh that are cut at any byte: what arrives is exact all the same.

use std::time::Duration;

use abacus_client::{Client, Event, Follow, JobId, Task};
use futures_util::{StreamExt, TryStreamExt};
use tokio::io::AsyncReadExt;

use crate::{mesh::Mesh, proxy::Proxy};

/// Numbers that look random and are the same each time (Knuth's linear congruential generator).
fn scattered(seed: u64, range: std::ops::Range<usize>) -> impl Iterator<Item = usize> {
    let next = |state: &u64| {
        Some(state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407))
    };
    std::iter::successors(next(&seed), next).map(move |state| {
        let wide = usize::try_from(state >> 33).unwrap();
        range.start + wide % (range.end - range.start)
    })
}

fn through(proxy: &Proxy) -> Client {
    Client::builder(&proxy.url).stream_patience(Duration::from_mins(1)).build().unwrap()
}

async fn computed(mesh: &Mesh, task: Task) -> JobId {
    let submitted = mesh.client().submit(task).await.unwrap();
    submitted.job().id().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscription_that_is_cut_anywhere_tells_each_byte_once() {
    let mesh = Mesh::start();
    let job = computed(&mesh, Task::fibonacci(1_000_000)).await;
    let whole = mesh.client().result(&job).text().await.unwrap();
    let proxy = Proxy::start(&mesh.door, scattered(1, 1000..20_000).take(20)).await;
    let mut events = through(&proxy).subscribe(Follow::job(&job).max_chunk_bytes(4096));
    let (mut text, mut told_cuts) = (String::new(), 0);
    while let Some(event) = events.next().await {
        match event.unwrap() {
            Event::Chunk(chunk) => {
                assert_eq!(chunk.offset, text.len() as u64);
                text.push_str(std::str::from_utf8(&chunk.bytes).unwrap());
            }
            Event::Disconnected(_) => told_cuts += 1,
            _ => {}
        }
    }
    assert!(text == whole, "{} bytes of {}", text.len(), whole.len());
    assert!(proxy.cuts() > 5 && told_cuts >= proxy.cuts(), "{told_cuts} of {} cuts were told", proxy.cuts());
}

#[tokio::test(flavor = "multi_thread")]
async fn results_that_are_read_over_cuts_are_whole() {
    let mesh = Mesh::start();
    let number = computed(&mesh, Task::fibonacci(1_000_000)).await;
    let list = computed(&mesh, Task::primes(0..=1_000_000)).await;
    let direct = mesh.client();
    let (digits, primes) = (direct.result(&number).text(), direct.result(&list).primes().try_collect());
    let (digits, primes): (String, Vec<u64>) = (digits.await.unwrap(), primes.await.unwrap());
    assert_eq!(primes.len(), 78_498, "pi(10^6)");

    for seed in 0..3 {
        let proxy = Proxy::start(&mesh.door, scattered(seed, 500..100_000).take(12)).await;
        let client = through(&proxy);
        let mut read = String::new();
        client.result(&number).max_chunk_bytes(4096).digits().read_to_string(&mut read).await.unwrap();
        assert!(read == digits, "seed {seed}");
        let read: Vec<u64> = client.result(&list).max_chunk_bytes(4096).primes().try_collect().await.unwrap();
        assert!(read == primes, "seed {seed}");
        assert!(proxy.cuts() > 1, "{} cuts", proxy.cuts());
        proxy.mend();
        let integer = client.result(&number).integer().await.unwrap();
        assert!(integer.to_string() == digits, "seed {seed}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_submission_whose_answer_is_lost_is_recorded_once() {
    let mesh = Mesh::start();
    // The answer's headers are lost, or its end: the mesh has accepted the request in both cases.
    for (round, limit) in [60, 120, 150, 180].into_iter().enumerate() {
        let name = format!("unlucky-{round}");
        let proxy = Proxy::start(&mesh.door, [limit]).await;
        let client = Client::builder(&proxy.url).client_name(&name).build().unwrap();
        let submitted = client.submit(Task::sum2(round, 1)).await.unwrap();
        assert_eq!(proxy.cuts(), 1, "after {limit} bytes");
        let requests: Vec<_> = client.requests().try_collect().await.unwrap();
        assert_eq!(requests.len(), 1, "after {limit} bytes: {requests:?}");
        assert_eq!(requests[0].name(), submitted.request().name());
    }
}
