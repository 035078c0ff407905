//! The README's commands, by the stock grpcurl.

use std::process::{Command, Output, Stdio};

use serde_json::Value;

use crate::process::Mesh;

const FIBONACCI_1000: &str = "43466557686937456435688527675040625802564660517371780402481729089536555417949051890403879840079255169295922593080322634775209689623239873322471161642996440906533187938298969649928516003704476137795166849228875";

#[test]
fn the_services_are_listed_and_described() {
    let mesh = Mesh::start();
    let listed = grpcurl(&mesh, None, &["list"]);
    for service in [
        "abacus.v1.JobService",
        "abacus.v1.OperatorService",
        "grpc.health.v1.Health",
        "grpc.reflection.v1.ServerReflection",
        "grpc.reflection.v1alpha.ServerReflection",
    ] {
        assert!(listed.lines().any(|line| line == service), "{service} is missing in:\n{listed}");
    }
    assert!(grpcurl(&mesh, None, &["describe", "abacus.v1.Task"]).contains("Fibonacci fibonacci = 1"));
    let health = grpcurl(&mesh, Some("{}"), &["grpc.health.v1.Health/Check"]);
    assert!(health.contains("SERVING") && !health.contains("NOT_SERVING"), "{health}");
}

#[test]
fn fibonacci_1000_is_computed_once_and_then_cached() {
    let mesh = Mesh::start();
    let first = run_job(&mesh, r#"{"task":{"fibonacci":{"n":1000}}}"#);
    assert_eq!(first.disposition, "DISPOSITION_CREATED");
    assert_eq!(first.text, FIBONACCI_1000);
    assert_eq!(first.terminal["result"]["digits"], "209");

    let second = run_job(&mesh, r#"{"task":{"fibonacci":{"n":"1000"}}}"#);
    assert_eq!(second.disposition, "DISPOSITION_CACHED");
    assert_eq!(second.text, FIBONACCI_1000);
    assert_eq!(second.attempt, 1);
}

#[test]
fn every_other_kind_answers_right() {
    let mesh = Mesh::start();
    let primes = run_job(&mesh, r#"{"task":{"primes":{"start":1,"end":100}}}"#);
    assert_eq!(
        primes.text.lines().collect::<Vec<_>>().join(" "),
        "2 3 5 7 11 13 17 19 23 29 31 37 41 43 47 53 59 61 67 71 73 79 83 89 97"
    );
    let count = run_job(&mesh, r#"{"task":{"primes":{"end":1000000,"countOnly":true}}}"#);
    assert_eq!(count.text, "78498");

    let (nines, ones) = ("9".repeat(100), format!("{}1", "0".repeat(99)));
    let sum = run_job(&mesh, &format!(r#"{{"task":{{"sum2":{{"first":"{nines}","second":"{ones}"}}}}}}"#));
    assert_eq!(sum.text, format!("1{}", "0".repeat(100)));

    let product = run_job(&mesh, r#"{"task":{"mult3":{"first":"-12","second":"34","third":"56"}}}"#);
    assert_eq!(product.text, "-22848");

    let melody = run_job(&mesh, r#"{"task":{"surprise":{"first":1}}}"#);
    assert!(melody.text.split(' ').count() >= 8, "{}", melody.text);
    assert!(melody.text.split(' ').all(|note| note.contains(':')), "{}", melody.text);

    let spin = run_job(&mesh, r#"{"task":{"spin":{"label":"coffee","duration":"0.3s"}}}"#);
    assert!(spin.text.contains("coffee"), "{}", spin.text);
    assert!(spin.progress > 0, "progress is told while it spins");
}

#[test]
fn two_at_once_share_one_job() {
    let mesh = Mesh::start();
    let request = r#"{"task":{"spin":{"label":"shared","duration":"2s"}}}"#;
    let runs: Vec<Run> = std::thread::scope(|scope| {
        let runs: Vec<_> = (0..2).map(|_| scope.spawn(|| run_job(&mesh, request))).collect();
        runs.into_iter().map(|run| run.join().unwrap()).collect()
    });
    let mut dispositions: Vec<_> = runs.iter().map(|run| run.disposition.as_str()).collect();
    dispositions.sort_unstable();
    assert_eq!(dispositions, ["DISPOSITION_CREATED", "DISPOSITION_JOINED"]);
    assert_eq!(runs[0].job, runs[1].job);
    assert!(runs.iter().all(|run| run.attempt == 1), "one attempt served both");
    assert_eq!(runs[0].text, runs[1].text);
}

#[test]
fn wrong_fields_are_named_all_at_once() {
    let mesh = Mesh::start();
    let cases: &[(&str, &[&str])] = &[
        (
            r#"{"task":{"sum2":{"first":"12x","second":""}},"client":"two words"}"#,
            &["task.sum2.first", "task.sum2.second", "client"],
        ),
        (r#"{"task":{"primes":{"start":10,"end":1}}}"#, &["task.primes"]),
        (r#"{"task":{"fibonacci":{"n":"18446744073709551615"}}}"#, &["task.fibonacci.n"]),
        (r#"{"task":{"mult3":{"first":"1","second":"2"}}}"#, &["task.mult3.third"]),
        (r#"{"task":{"spin":{"duration":"-1s"}},"requestId":"7"}"#, &["task.spin.duration", "request_id"]),
        (r#"{"task":{}}"#, &["task"]),
        ("{}", &["task"]),
    ];
    for (request, fields) in cases {
        let output = call(&mesh, Some(request), &["abacus.v1.JobService/SubmitJob"]);
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(told.contains("InvalidArgument"), "{request}:\n{told}");
        for field in *fields {
            assert!(told.contains(field), "{field} is not named for {request}:\n{told}");
        }
    }
}

/// What a stream of `RunJob` told.
struct Run {
    job: String,
    disposition: String,
    attempt: u64,
    text: String,
    progress: usize,
    terminal: Value,
}

fn run_job(mesh: &Mesh, request: &str) -> Run {
    let printed = grpcurl(mesh, Some(request), &["abacus.v1.JobService/RunJob"]);
    let messages: Vec<Value> =
        serde_json::Deserializer::from_str(&printed).into_iter().collect::<Result<_, _>>().unwrap();
    let submitted = &messages[0]["submitted"];
    let frames: Vec<_> = messages[1..].iter().map(|message| &message["frame"]).collect();
    assert!(frames[0].get("snapshot").is_some(), "a snapshot comes first: {printed}");
    let last = frames.last().unwrap();
    assert_eq!(last["terminal"]["state"], "JOB_STATE_SUCCEEDED", "{printed}");
    let text = |frame: &&&Value| frame["chunk"]["text"].as_str().map(str::to_owned);
    Run {
        job: submitted["job"]["id"].as_str().unwrap().to_owned(),
        disposition: submitted["request"]["disposition"].as_str().unwrap().to_owned(),
        attempt: last["attempt"].as_u64().unwrap(),
        text: frames.iter().filter_map(|frame| text(&frame)).collect(),
        progress: frames.iter().filter(|frame| frame.get("progress").is_some()).count(),
        terminal: last["terminal"].clone(),
    }
}

fn grpcurl(mesh: &Mesh, data: Option<&str>, arguments: &[&str]) -> String {
    let output = call(mesh, data, arguments);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn call(mesh: &Mesh, data: Option<&str>, arguments: &[&str]) -> Output {
    let mut command = Command::new("grpcurl");
    command.args(["-plaintext", "-max-time", "60"]);
    if let Some(data) = data {
        command.args(["-d", data]);
    }
    command
        .arg(&mesh.door)
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .expect("grpcurl is on the path: `cargo xtask test` installs it")
}
