//! The admin port of each process: alive, ready, and its figures while the mesh works and while the broker is away.

use super::{
    Apart, eventually,
    program::program,
    running::{Running, field},
    subscriber::Subscriber,
    tasks::{submitted, successor},
};
use crate::http::{Answer, ask};

const ADMIN: [&str; 2] = ["--admin-listen", "127.0.0.1:0"];

/// Starts a service with an admin port, and tells where that is.
fn administered(name: &str, arguments: &[&str]) -> (Running, String) {
    let arguments = [&["--listen", "127.0.0.1:0"], arguments, &ADMIN].concat();
    let mut service = Running::launch(&program(name), &arguments);
    let admin = field(&service.logged("the admin port listens"), "address");
    let shown = name.trim_start_matches("abacus-");
    service.address = field(&service.logged(&format!("{shown} listens")), "address");
    (service, admin)
}

async fn get(admin: &str, path: &str) -> Answer {
    ask(admin, &format!("GET {path}"), &[], b"").await
}

/// The value of a figure; `None` when it is not told.
async fn figure(admin: &str, name: &str) -> Option<f64> {
    let answer = get(admin, "/metrics").await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.header("content-type"), "application/openmetrics-text; version=1.0.0; charset=utf-8");
    let line = answer.text().lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '))?;
    Some(line.parse().unwrap())
}

/// Waits until a figure has a value.
async fn becomes(admin: &str, name: &str, value: f64) {
    eventually(name, async || (figure(admin, name).await == Some(value)).then_some(())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_process_tells_how_it_is_and_what_it_does() {
    let mut mesh = Apart::start(&["--broker-timeout", "1s"]);
    let (notifier, watching) = administered("abacus-notifier", &mesh.settings());
    let watched = format!("http://{}", notifier.address);
    let (gateway, door) =
        administered("abacus-gateway", &[&mesh.settings()[..], &["--notifier", &watched]].concat());
    let (_calculator, computing) =
        administered("abacus-calculator", &[&mesh.settings()[..], &["--renew-interval", "100ms"]].concat());
    (mesh.notifier, mesh.gateway) = (notifier, gateway);

    for (admin, service) in
        [(&door, "JobService"), (&watching, "WatchService"), (&computing, "WorkerService")]
    {
        assert_eq!(get(admin, "/healthz").await.status, 200);
        let ready = eventually("it is ready", async || {
            let answer = get(admin, "/readyz").await;
            (answer.status == 200).then_some(answer)
        });
        assert!(ready.await.text().contains(&format!("abacus.v1.{service}: ready\n")));
        assert_eq!(get(admin, "/").await.status, 404);
    }

    // What alerts look at is told before it happens.
    assert_eq!(figure(&door, r#"abacus_refusals_total{reason="INTERNAL"}"#).await, Some(0.0));
    assert!(figure(&computing, "abacus_missed_heartbeats_total").await.is_some());

    let sum = submitted(&mesh, successor(1)).await;
    assert_eq!(Subscriber::of(&mesh, &sum).end().await, b"2");
    let asked = r#"abacus_requests_total{kind="sum2",lane="instant",disposition="created"}"#;
    assert_eq!(figure(&door, asked).await, Some(1.0));
    let called = r#"abacus_calls_total{method="/abacus.v1.JobService/SubmitJob",code="Ok"}"#;
    assert!(figure(&door, called).await >= Some(1.0));
    let finished = r#"abacus_attempts_total{kind="sum2",end="finished"}"#;
    becomes(&computing, finished, 1.0).await;
    becomes(&computing, r#"abacus_busy_slots{lane="instant"}"#, 0.0).await;
    becomes(&door, r#"abacus_mesh_jobs_total{outcome="succeeded"}"#, 1.0).await;
    assert_eq!(figure(&door, "abacus_broker_up").await, Some(1.0));
    becomes(&watching, "abacus_open_streams", 0.0).await;

    mesh.redis.kill();
    let missed =
        async || figure(&computing, "abacus_missed_heartbeats_total").await.filter(|count| *count >= 1.0);
    eventually("heartbeats are missed", missed).await;
    becomes(&door, "abacus_broker_up", 0.0).await;
    assert_eq!(figure(&door, "abacus_kept_jobs").await, None);
    // It is not the calculator's fault, and no other could make up for it.
    assert_eq!(get(&computing, "/readyz").await.status, 200);
}
