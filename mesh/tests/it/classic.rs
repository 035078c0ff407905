//! The commands of the systems that Abacus replaces, as their documents have them, by the stock curl.

use std::{
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::process::Mesh;

/// The address in the documents.
const DOCUMENTED: &str = "localhost:8080";

/// How long a result may take.
const LIMIT: Duration = Duration::from_mins(1);

#[test]
fn fibonacci_numbers_of_the_async_server() {
    let mesh = Mesh::start();
    assert_eq!(shell(&mesh, "curl -s 'localhost:8080/?n=42'"), "267914296");
    assert_eq!(shell(&mesh, "curl -s -H 'Accept: text/plain' 'localhost:8080/?n=0'"), "0");
    let page = shell(&mesh, "curl -i -s -H 'Accept: text/html,*/*;q=0.8' 'localhost:8080/?n=42'");
    assert!(page.starts_with("HTTP/1.1 200") && page.contains("text/html"), "{page}");
    assert!(
        shell(&mesh, "curl -i -s -H 'Accept: text/html' localhost:8080/form").contains("<!doctype html>")
    );
    assert!(shell(&mesh, "curl -s localhost:8080/").contains("curl"), "how to ask is told");
    let wrong = shell(&mesh, "curl -i -s 'localhost:8080/?n=x'");
    assert!(wrong.starts_with("HTTP/1.1 400") && wrong.contains("task.fibonacci.n"), "{wrong}");
}

#[test]
fn fibonacci_numbers_of_the_five_services() {
    let mesh = Mesh::start();
    for command in [
        "curl -i -s -X POST -d n=42 localhost:8080/fib",
        "curl -i -s -X POST 'localhost:8080/fib?n=42'",
        r#"curl -i -s -X POST -H 'Content-Type: application/json' -d '{"n": 42}' localhost:8080/fib"#,
    ] {
        let answer = shell(&mesh, command);
        assert!(answer.starts_with("HTTP/1.1 202"), "{answer}");
        let told: Value = serde_json::from_str(answer.lines().last().unwrap()).unwrap();
        assert_eq!(told["job"]["task"], json!({"fibonacci": {"n": "42"}}));
    }
    let form = shell(&mesh, "curl -i -s -H 'Accept: text/html' -d n=42 localhost:8080/fib");
    assert!(form.starts_with("HTTP/1.1 303") && form.contains("location: /?n=42"), "{form}");
    let wrong = shell(&mesh, "curl -i -s -X POST localhost:8080/fib");
    assert!(wrong.starts_with("HTTP/1.1 400") && wrong.contains("is required"), "{wrong}");
}

#[test]
fn lists_of_primes() {
    let mesh = Mesh::start();
    let asked = "curl -i -X POST 'localhost:8080/primes?start_num=4&end_num=11'";
    let id = quoted_id(&shell(&mesh, asked));
    let result = format!("curl -i localhost:8080/result/{id}");
    assert_eq!(finished(&mesh, &result), r#""[5, 7, 11]""#);
    assert_eq!(quoted_id(&shell(&mesh, asked)), id, "the same request, the same id");

    // While nothing can be computed it is sure to run still.
    let kind = r#"curl -s -X POST -H "Content-Type: application/json" -d '{"primes":"STATUS"}' localhost:8080/set_processes_status"#;
    shell(&mesh, &kind.replace("STATUS", "suspended"));
    let long = "curl -i -X POST 'localhost:8080/primes?start_num=1&end_num=1000000'";
    let id = quoted_id(&shell(&mesh, long));
    let result = format!("curl -i localhost:8080/result/{id}");
    let running = shell(&mesh, &result);
    assert!(running.starts_with("HTTP/1.1 204"), "{running}");
    shell(&mesh, &kind.replace("STATUS", "active"));
    let list = finished(&mesh, &result);
    assert!(list.starts_with("\"[2, 3, 5, 7, 11, 13, ") && list.ends_with(", 999979, 999983]\""));
    assert_eq!(list.split(", ").count(), 78_498);
    let wrong = shell(&mesh, "curl -s -X POST 'localhost:8080/primes?start_num=4'");
    let told: Value = serde_json::from_str(&wrong).unwrap();
    assert_eq!(told["violations"], json!([{"field": "end_num", "description": "is required"}]));
    let unknown = shell(&mesh, "curl -i localhost:8080/result/primes-00000000000000000000000000000000");
    assert!(unknown.starts_with("HTTP/1.1 404"), "{unknown}");
}

#[test]
fn a_named_task() {
    let mesh = Mesh::start();
    let command =
        r#"curl -X POST -H "Content-Type: application/json" -d '{"name": "Hello"}' localhost:8080/tasks"#;
    let told: Value = serde_json::from_str(&shell(&mesh, command)).unwrap();
    assert_eq!(told["job"]["task"]["spin"]["label"], "Hello");
    let events = format!("curl -s -N localhost:8080/v1/jobs/{}/events", told["job"]["id"].as_str().unwrap());
    let pushed = shell(&mesh, &events);
    assert!(pushed.contains("event: progress") && pushed.contains("event: terminal"), "{pushed}");
}

#[test]
fn the_processes_of_tasker() {
    let mesh = Mesh::start();
    let process = |how: &str, task: &str, params: &str| -> Value {
        let body = format!(r#"{{"task": "{task}", "client_name": "alice", "params": {params}}}"#);
        let command = format!(
            r#"curl -s -X {how} -H "Content-Type: application/json" -d '{body}' localhost:8080/process"#
        );
        serde_json::from_str(&shell(&mesh, &command)).unwrap()
    };
    let first = process("POST", "mult3", r#"{"first": 2, "second": 3, "third": 7}"#);
    assert_eq!((&first["cached"], &first["success"]), (&json!(false), &json!(true)));
    assert_eq!(first.as_object().unwrap().len(), 3);
    let third = process("POST", "surprise", r#"{"first": 1}"#);
    let second = process("GET", "sum2", r#"{"first": "40", "second": "2"}"#);

    let list = r#"curl -s -X GET -H "Content-Type: application/json" -d '{"client_name": "alice"}' localhost:8080/get_requests_status"#;
    let told = eventually(|| {
        let told: Value = serde_json::from_str(&shell(&mesh, list)).unwrap();
        let requests = told["requests"].as_array().unwrap().clone();
        requests.iter().all(|request| request["status"] == "succeeded").then_some(requests)
    });
    let of = |rid: &Value| told.iter().find(|request| request["rid"] == *rid).unwrap();
    assert_eq!((&of(&first["rid"])["result"], &of(&first["rid"])["task"]), (&json!("42"), &json!("mult3")));
    assert_eq!(of(&second["rid"])["result"], "42");
    assert!(of(&third["rid"])["result"].as_str().unwrap().contains(':'), "a melody");
    let by_query = shell(&mesh, "curl -s 'localhost:8080/get_requests_status?client_name=alice'");
    assert_eq!(serde_json::from_str::<Value>(&by_query).unwrap()["requests"].as_array().unwrap().len(), 3);
    assert_eq!(process("POST", "mult3", r#"{"first": 2, "second": 3, "third": 7}"#)["cached"], true);
    let wrong = process("POST", "mult4", "{}");
    assert!(wrong["violations"][0]["description"].as_str().unwrap().contains("mult3"), "{wrong}");
}

#[test]
fn the_statuses_of_tasker() {
    let mesh = Mesh::start_with(&["--kinds", "sum2,mult3"]);
    let set = r#"curl -s -X POST -H "Content-Type: application/json" -d '{"mult3":"suspended"}' localhost:8080/set_processes_status"#;
    assert_eq!(serde_json::from_str::<Value>(&shell(&mesh, set)).unwrap()["mult3"], "suspended");
    let told = eventually(|| {
        let told: Value =
            serde_json::from_str(&shell(&mesh, "curl -s localhost:8080/get_processes_status")).unwrap();
        (told["sum2"] == "active").then_some(told)
    });
    assert_eq!((&told["mult3"], &told["primes"]), (&json!("suspended"), &json!("queue")), "{told}");
    assert_eq!(
        serde_json::from_str::<Value>(&shell(&mesh, &set.replace("suspended", "active"))).unwrap()["mult3"],
        "active"
    );
    let observed = shell(&mesh, &set.replace("suspended", "error"));
    assert!(observed.contains("INVALID_FIELD") && observed.contains("observed"), "{observed}");
    let unknown = shell(&mesh, &set.replace("mult3", "mult4"));
    assert!(unknown.contains("INVALID_FIELD"), "{unknown}");
}

#[test]
fn pages_of_other_sites_change_nothing() {
    let mesh = Mesh::start();
    let command = r#"curl -i -s -X POST -H "Sec-Fetch-Site: cross-site" -H "Origin: https://evil.example" -d '{"mult3":"suspended"}' localhost:8080/set_processes_status"#;
    let refused = shell(&mesh, command);
    assert!(refused.starts_with("HTTP/1.1 403") && refused.contains("CROSS_SITE"), "{refused}");
    assert!(!shell(&mesh, "curl -s localhost:8080/get_processes_status").contains("suspended"));
}

/// Runs a command of the documents against this mesh and tells what it printed.
fn shell(mesh: &Mesh, command: &str) -> String {
    assert!(command.contains(DOCUMENTED), "{command}");
    let output = Command::new("sh")
        .args(["-c", &command.replace(DOCUMENTED, &mesh.door)])
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The id in an answer of 200 whose body is a string in JSON.
fn quoted_id(answer: &str) -> String {
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let body = answer.split("\r\n\r\n").nth(1).unwrap();
    serde_json::from_str(body).unwrap()
}

/// The body once the answer is 200 and no longer 204.
fn finished(mesh: &Mesh, command: &str) -> String {
    eventually(|| {
        let answer = shell(mesh, command);
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 200") || head.starts_with("HTTP/1.1 204"), "{head}");
        head.starts_with("HTTP/1.1 200").then(|| body.to_owned())
    })
}

/// What a condition comes to; each look takes as long as a process does.
fn eventually<T>(mut condition: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + LIMIT;
    loop {
        if let Some(found) = condition() {
            return found;
        }
        assert!(Instant::now() < deadline, "it has not come to pass in time");
    }
}
