//! Calculators that are added, and such that serve only some kinds.

use abacus_api::v1;

use super::{
    Apart, eventually,
    subscriber::Subscriber,
    tasks::{submitted, successor},
    worker,
};
use crate::follow::{fibonacci, spin};

#[tokio::test(flavor = "multi_thread")]
async fn a_calculator_that_is_added_takes_what_the_others_have_no_room_for() {
    let mesh = Apart::start(&[]);
    let first = mesh.calculator(&["--long-slots", "1"]);
    let runs = submitted(&mesh, spin("runs", 60)).await;
    eventually("it runs", async || (mesh.job(&runs).await.state() == v1::JobState::Running).then_some(()))
        .await;
    let waits = submitted(&mesh, spin("waits", 60)).await;
    assert_eq!(mesh.job(&waits).await.state(), v1::JobState::Queued, "the only slot is taken");

    let second = mesh.calculator(&["--long-slots", "1"]);
    eventually("it runs too", async || {
        (mesh.job(&waits).await.state() == v1::JobState::Running).then_some(())
    })
    .await;
    assert_eq!(mesh.job(&runs).await.worker, worker(&first));
    assert_eq!(mesh.job(&waits).await.worker, worker(&second));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_calculator_for_some_kinds_leaves_the_others_in_the_queue() {
    let mesh = Apart::start(&[]);
    let _some_kinds = mesh.calculator(&["--kinds", "primes,fibonacci"]);
    mesh.await_workers(1).await;
    let sum = submitted(&mesh, successor(41)).await;
    let number = submitted(&mesh, fibonacci(10)).await;
    assert_eq!(Subscriber::of(&mesh, &number).end().await, b"55", "asked for later and done");
    assert_eq!(mesh.job(&sum).await.state(), v1::JobState::Queued);
    let kinds = mesh.operators().list_kinds(v1::ListKindsRequest {}).await.unwrap().into_inner().kinds;
    let status = |name: &str| kinds.iter().find(|kind| kind.name == name).unwrap().status();
    assert_eq!(status("sum2"), v1::KindStatus::Queue, "nobody serves it");
    assert_eq!(status("fibonacci"), v1::KindStatus::Active);

    let _all_kinds = mesh.calculator(&[]);
    assert_eq!(Subscriber::of(&mesh, &sum).end().await, b"42");
}
