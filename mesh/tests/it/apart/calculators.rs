//! A calculator that is killed, hangs or is ended in the middle of a job, while another one stands by.

use std::time::Duration;

use abacus_broker::{Clock, Timestamp};
use rustix::process::Signal;

use super::{
    Apart,
    running::Running,
    subscriber::Subscriber,
    tasks::{assert_is_the_long_list, long_list, submitted, successor},
    worker,
};

/// A dead worker's job runs again within this time; the lease is 5 s.
const RESCUE: Duration = Duration::from_secs(6);

/// What a busy machine may add to a time that is promised.
const NOISE: Duration = Duration::from_secs(1);

/// The long list in its first attempt, with some chunks stored and more to come.
struct Scene {
    mesh: Apart,
    computing: Running,
    standing_by: Running,
    job: String,
    subscriber: Subscriber,
}

impl Scene {
    async fn set(settings: &[&str]) -> Self {
        let mesh = Apart::start(settings);
        let (one, other) = (mesh.calculator(&[]), mesh.calculator(&[]));
        mesh.await_workers(2).await;
        let job = submitted(&mesh, long_list()).await;
        let mut subscriber = Subscriber::of(&mesh, &job);
        subscriber.chunk(5).await;
        let swapped = mesh.job(&job).await.worker == worker(&other);
        let (computing, standing_by) = if swapped { (other, one) } else { (one, other) };
        Self { mesh, computing, standing_by, job, subscriber }
    }

    /// Follows the job to its end: the last attempt was made by the other calculator, and went on after the chunks of
    /// the first. Tells how many attempts there were, and when the last one began.
    async fn end(&mut self, reason: &str) -> (u32, Timestamp) {
        assert_is_the_long_list(&self.subscriber.end().await);
        let retries = self.subscriber.retries();
        assert!(!retries.is_empty());
        for (told, chunks_before) in &retries {
            assert_eq!(told, reason);
            assert!(*chunks_before > 5, "{chunks_before} chunks came from the first attempt");
        }
        let job = self.mesh.job(&self.job).await;
        assert_eq!(job.worker, worker(&self.standing_by));
        let start = job.start_time.unwrap();
        let millis = start.seconds * 1000 + i64::from(start.nanos) / 1_000_000;
        (job.attempt, Timestamp::from_millis(millis.try_into().unwrap()))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_job_of_a_killed_calculator_runs_again_within_six_seconds() {
    let mut scene = Scene::set(&[]).await;
    let killed = Clock::system().now();
    scene.computing.kill();
    let (attempts, again) = scene.end("WORKER_LOST").await;
    assert_eq!(attempts, 2);
    let again_after = again.since(killed);
    println!("attempt 2 began {again_after:?} after SIGKILL");
    assert!(again_after < RESCUE + NOISE, "{again_after:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_calculator_that_hung_for_longer_than_its_lease_can_write_nothing() {
    let mut scene = Scene::set(&[]).await;
    scene.computing.signal(Signal::STOP);
    let (attempts, _) = scene.end("WORKER_LOST").await;
    assert_eq!(attempts, 2);

    let before = scene.mesh.job(&scene.job).await;
    scene.computing.signal(Signal::CONT);
    assert!(scene.computing.logged("\"job lost\"").contains(&scene.job));
    assert_eq!(scene.mesh.job(&scene.job).await, before);

    // It is as good as any again.
    scene.standing_by.kill();
    let job = submitted(&scene.mesh, successor(41)).await;
    assert_eq!(Subscriber::of(&scene.mesh, &job).end().await, b"42");
    assert_eq!(scene.mesh.job(&job).await.worker, worker(&scene.computing));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_calculator_that_is_ended_hands_its_job_back_at_once_and_unharmed() {
    // Were the first attempt counted, there would be no second.
    let mut scene = Scene::set(&["--max-attempts", "1"]).await;
    let ended = Clock::system().now();
    scene.computing.signal(Signal::TERM);
    let (attempts, again) = scene.end("HANDED_BACK").await;
    let again_after = again.since(ended);
    // A claim of the calculator's own that waits may meet the job once more, and hands it back as well.
    println!("attempt {attempts} began {again_after:?} after SIGTERM");
    assert!(attempts <= 3, "{attempts}");
    assert!(again_after < NOISE, "{again_after:?}");
    assert_eq!(scene.computing.wait(Duration::from_secs(10)).code(), Some(0));
}
