//! The gateway or the notifier is killed and started again while a result is streamed.

use abacus_api::v1;
use abacus_tasks::identity::hex;
use sha2::{Digest, Sha256};

use super::{
    Apart,
    running::Running,
    subscriber::Subscriber,
    tasks::{assert_is_the_long_list, long_list, submitted},
};
use crate::follow::{FIBONACCI_MILLION_SHA256, fibonacci, subscription};

/// Kills a service of the mesh and starts it again.
fn replace(service: &mut Running) {
    service.kill();
    service.restart();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscriber_goes_on_after_the_gateway_was_killed() {
    let mut mesh = Apart::start(&[]);
    let _calculator = mesh.calculator(&[]);
    let job = submitted(&mesh, long_list()).await;
    let mut subscriber = Subscriber::of(&mesh, &job);
    subscriber.chunk(10).await;
    replace(&mut mesh.gateway);
    assert_is_the_long_list(&subscriber.end().await);
    assert_eq!(subscriber.cuts, 1);
    assert_eq!(subscriber.retries(), [], "nobody but the subscriber has noticed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscriber_goes_on_after_the_notifier_was_killed() {
    let mut mesh = Apart::start(&[]);
    let _calculator = mesh.calculator(&[]);
    let job = submitted(&mesh, long_list()).await;
    let mut subscriber = Subscriber::of(&mesh, &job);
    subscriber.chunk(10).await;
    replace(&mut mesh.notifier);
    assert_is_the_long_list(&subscriber.end().await);
    assert_eq!(subscriber.cuts, 1);
    assert_eq!(subscriber.retries(), [], "nobody but the subscriber has noticed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscriber_goes_on_at_another_gateway_with_another_notifier() {
    let mut mesh = Apart::start(&[]);
    let _calculator = mesh.calculator(&[]);
    let (_other_notifier, other_gateway) = mesh.doors();
    let job = submitted(&mesh, fibonacci(1_000_000)).await;
    let request = v1::SubscribeResultsRequest { max_chunk_bytes: 1024, ..subscription(&job) };
    let mut subscriber = Subscriber::new(&mesh, request);
    subscriber.chunk(10).await;
    mesh.gateway.kill();
    mesh.notifier.kill();
    subscriber.move_to(&other_gateway);
    assert_eq!(hex(&Sha256::digest(subscriber.end().await)), FIBONACCI_MILLION_SHA256);
}
