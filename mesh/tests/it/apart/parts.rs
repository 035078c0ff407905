//! One long list on several calculators: both compute parts of it, overlapping lists share them, and whoever dies in the
//! middle, the list is the same.

use std::{
    collections::HashSet,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    ops::ControlFlow,
    time::{Duration, Instant},
};

use abacus_api::v1::{self, task::Task};
use abacus_tasks::{Limits, Run};

use super::{Apart, eventually, running::Running, subscriber::Subscriber, tasks::submitted, worker};

/// The length of the blocks that lists are divided into, at the height of these tests.
const BLOCK: u64 = 1 << 28;

/// A cancelled task's parts stop within this time, and what a busy machine may add.
const STOP: Duration = Duration::from_secs(2);

/// The whole blocks of these numbers, and a little more on either side.
fn list(first: u64, last: u64) -> v1::Primes {
    let (start, end) = (first * BLOCK - 1000.min(first), (last + 1) * BLOCK + 1000);
    v1::Primes { start, end, gaps: true, ..v1::Primes::default() }
}

/// The list as it is computed at once, in this process.
fn at_once(list: v1::Primes) -> Vec<u8> {
    struct Whole(Vec<u8>);
    impl Run for Whole {
        fn report(&mut self, _: f64, _: &'static str) -> ControlFlow<()> {
            ControlFlow::Continue(())
        }
        fn write(&mut self, bytes: &[u8]) -> ControlFlow<()> {
            self.0.extend_from_slice(bytes);
            ControlFlow::Continue(())
        }
    }
    let message = v1::Task { task: Some(Task::Primes(list)) };
    let mut whole = Whole(Vec::new());
    abacus_tasks::Task::check(message, &Limits::default()).unwrap().run(&mut whole).unwrap();
    whole.0
}

/// Two calculators that compute one long job each.
async fn two(mesh: &Apart) -> [Running; 2] {
    let settings = ["--long-slots", "1", "--short-slots", "1", "--renew-interval", "200ms"];
    let two = [mesh.calculator(&settings), mesh.calculator(&settings)];
    mesh.await_workers(2).await;
    two
}

/// The requests for parts, oldest first.
async fn asked(mesh: &Apart) -> Vec<v1::Request> {
    let request =
        v1::ListRequestsRequest { client: "abacus.parts".to_owned(), page_size: 100, ..Default::default() };
    let mut requests = mesh.jobs().list_requests(request).await.unwrap().into_inner().requests;
    requests.reverse();
    requests
}

/// The jobs of the parts that were asked for.
async fn parts(mesh: &Apart) -> Vec<v1::Job> {
    let mut jobs = Vec::new();
    for request in asked(mesh).await {
        jobs.push(mesh.job(&request.job).await);
    }
    jobs
}

/// Waits for a part that this worker computes.
async fn part_at(mesh: &Apart, worker: &str) -> v1::Job {
    eventually("the worker computes a part", async || {
        let runs = |job: &v1::Job| job.state() == v1::JobState::Running && job.worker == worker;
        parts(mesh).await.into_iter().find(runs)
    })
    .await
}

/// Follows a list to its end and compares it with what it is.
async fn assert_right(subscriber: &mut Subscriber, list: v1::Primes) {
    let told = subscriber.end().await;
    // Not by assert_eq, which would print megabytes.
    assert!(told == at_once(list), "another list than computed at once");
}

#[tokio::test(flavor = "multi_thread")]
async fn both_compute_parts_of_one_list_and_overlapping_ones_share_them() {
    let mesh = Apart::start(&[]);
    let calculators = two(&mesh).await;
    let job = submitted(&mesh, Task::Primes(list(1, 6))).await;
    assert_right(&mut Subscriber::of(&mesh, &job), list(1, 6)).await;
    let first = parts(&mesh).await;
    assert_eq!(first.len(), 6);
    for calculator in &calculators {
        let computed = first.iter().filter(|part| part.worker == worker(calculator)).count();
        assert!(computed >= 1, "{computed} of 6 parts");
    }

    let job = submitted(&mesh, Task::Primes(list(4, 9))).await;
    assert_right(&mut Subscriber::of(&mesh, &job), list(4, 9)).await;
    let before: HashSet<_> = first.into_iter().map(|part| part.id).collect();
    let more = asked(&mesh).await.split_off(6);
    let created = more.iter().filter(|request| request.disposition() == v1::Disposition::Created);
    assert_eq!(created.clone().count(), 3, "7, 8 and 9");
    assert!(created.clone().all(|request| !before.contains(&request.job)));
}

/// A long list under way, with some chunks stored and more to come.
struct Scene {
    mesh: Apart,
    computing: Running,
    other: Running,
    job: String,
    subscriber: Subscriber,
}

impl Scene {
    async fn set() -> Self {
        let mesh = Apart::start(&["--lease", "1s"]);
        let [one, other] = two(&mesh).await;
        let job = submitted(&mesh, Task::Primes(list(1, 8))).await;
        let mut subscriber = Subscriber::of(&mesh, &job);
        subscriber.chunk(150).await;
        let swapped = mesh.job(&job).await.worker == worker(&other);
        let (computing, other) = if swapped { (other, one) } else { (one, other) };
        Self { mesh, computing, other, job, subscriber }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_whose_calculator_is_killed_goes_on_with_the_parts_there_are() {
    let mut scene = Scene::set().await;
    let kept = parts(&scene.mesh).await.into_iter().filter(|part| part.state() == v1::JobState::Succeeded);
    let kept: Vec<_> = kept.collect();
    assert!(!kept.is_empty());
    scene.computing.kill();
    assert_right(&mut scene.subscriber, list(1, 8)).await;
    let job = scene.mesh.job(&scene.job).await;
    assert_eq!((job.attempt, job.worker), (2, worker(&scene.other)));
    for part in kept {
        assert_eq!(scene.mesh.job(&part.id).await.attempt, part.attempt, "it was computed once");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_the_same_when_the_calculator_of_a_part_is_killed() {
    let mut scene = Scene::set().await;
    let part = part_at(&scene.mesh, &worker(&scene.other)).await;
    scene.other.kill();
    assert_right(&mut scene.subscriber, list(1, 8)).await;
    let job = scene.mesh.job(&scene.job).await;
    assert_eq!((job.attempt, job.worker), (1, worker(&scene.computing)));
    // Unless it had just ended, another attempt was made, by the one who needed it.
    let part = scene.mesh.job(&part.id).await;
    assert_eq!(part.state(), v1::JobState::Succeeded);
    assert!(part.attempt == 1 || part.worker == worker(&scene.computing), "{part:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_parts_of_a_cancelled_list_stop_and_leave_nothing_behind() {
    let mesh = Apart::start(&[]);
    let _calculators = two(&mesh).await;
    let submission = v1::SubmitJobRequest {
        task: Some(v1::Task { task: Some(Task::Primes(list(1, 80))) }),
        ..v1::SubmitJobRequest::default()
    };
    let request = mesh.jobs().submit_job(submission).await.unwrap().into_inner().request.unwrap();
    eventually("some parts are done", async || {
        let done = parts(&mesh).await.into_iter().filter(|part| part.state() == v1::JobState::Succeeded);
        (done.count() >= 2).then_some(())
    })
    .await;
    let cancelled = Instant::now();
    mesh.jobs().cancel_request(v1::CancelRequestRequest { name: request.name }).await.unwrap();
    let mut operators = mesh.operators();
    eventually("nothing waits or runs", async || {
        let stats = operators.get_stats(v1::GetStatsRequest {}).await.ok()?.into_inner();
        stats.queues.is_empty().then_some(())
    })
    .await;
    let stopped = cancelled.elapsed();
    println!("the parts have stopped {stopped:?} after the cancel");
    assert!(stopped < STOP, "{stopped:?}");
    assert!(asked(&mesh).await.len() < 80);

    let mut redis = Wire::to(mesh.redis.port);
    let names = redis.ask(&["KEYS", "*"]);
    let of_jobs: Vec<_> = names
        .iter()
        .filter(|name| [":job:", ":chunk:", "client:"].iter().any(|part| name.contains(part)))
        .collect();
    assert!(of_jobs.len() > 10, "{names:?}");
    for name in of_jobs {
        let expiry: i64 = redis.ask(&["PTTL", name])[0].parse().unwrap();
        assert!(expiry > 0, "{name} has no expiry");
    }
}

/// The server's own protocol, as far as it is needed here.
struct Wire(BufReader<TcpStream>);

impl Wire {
    fn to(port: u16) -> Self {
        Self(BufReader::new(TcpStream::connect(("127.0.0.1", port)).unwrap()))
    }

    /// Sends a command; the items of its answer.
    fn ask(&mut self, words: &[&str]) -> Vec<String> {
        let words: Vec<_> = words.iter().map(|word| format!("${}\r\n{word}\r\n", word.len())).collect();
        self.0.get_mut().write_all(format!("*{}\r\n{}", words.len(), words.concat()).as_bytes()).unwrap();
        let line = self.line();
        match line.split_at(1) {
            ("*", items) => (0..items.parse().unwrap()).map(|_| self.item()).collect(),
            (_, number) => vec![number.to_owned()],
        }
    }

    fn item(&mut self) -> String {
        let length = self.line()[1..].parse::<usize>().unwrap();
        let mut bytes = vec![0; length + 2];
        self.0.read_exact(&mut bytes).unwrap();
        String::from_utf8(bytes[..length].to_vec()).unwrap()
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.0.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }
}
