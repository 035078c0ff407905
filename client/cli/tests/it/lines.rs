//! `--json`: one object per line, in the contract's form.

use serde_json::Value;

use crate::shell::Mesh;

#[test]
fn a_computation_is_told_as_the_messages_of_run_job() {
    let mesh = Mesh::start();
    let lines = mesh.json(&["fib", "30"]);
    assert_eq!(lines[0]["submitted"]["request"]["disposition"], "DISPOSITION_CREATED");
    let job = &lines[0]["submitted"]["job"]["id"];
    let frames: Vec<_> = lines[1..].iter().map(|line| &line["frame"]).collect();
    assert!(frames.iter().all(|frame| frame["job"] == *job), "{frames:?}");
    assert!(frames[0].get("snapshot").is_some());
    let text: String = frames.iter().filter_map(|frame| frame["chunk"]["text"].as_str()).collect();
    assert_eq!(text, "832040");
    let terminal = &frames.last().unwrap()["terminal"];
    assert_eq!(terminal["state"], "JOB_STATE_SUCCEEDED");
    assert_eq!(terminal["result"]["digits"], "6", "64-bit integers are strings");

    let result = mesh.json(&["result", job.as_str().unwrap()]);
    assert_eq!(
        (&result[0]["chunk"]["text"], &result[1]["summary"]["bytes"]),
        (&"832040".into(), &"6".into())
    );
    assert_eq!(mesh.json(&["job", job.as_str().unwrap()])[0]["id"], *job);
    let watched = mesh.json(&["watch", job.as_str().unwrap()]);
    assert!(watched.iter().all(|line| line["frame"].get("chunk").is_none()), "{watched:?}");
    let submitted = mesh.json(&["submit", r#"{"fibonacci": {"n": "30"}}"#]);
    assert_eq!(submitted[0]["request"]["disposition"], "DISPOSITION_CACHED");
}

#[test]
fn lists_are_told_entry_by_entry() {
    let mesh = Mesh::start();
    let kinds = mesh.json(&["kinds"]);
    assert!(kinds.len() >= 6);
    assert_eq!(kinds[0]["name"], "fibonacci");
    assert_eq!(mesh.json(&["workers"])[0]["state"], "WORKER_STATE_SERVING");
    assert_eq!(mesh.json(&["stats"])[0]["workers"], 1);
    assert_eq!(mesh.json(&["suspend", "spin"])[0]["status"], "KIND_STATUS_SUSPENDED");
}

#[test]
fn an_error_is_one_line_with_reason_and_violations() {
    let mesh = Mesh::start();
    let ended = mesh.run(&["--json", "sum2", "1", "x"]);
    assert_eq!((ended.code, ended.out.as_str()), (Some(65), ""));
    let line: Value = serde_json::from_str(&ended.err).unwrap();
    let error = &line["error"];
    assert_eq!((&error["exitCode"], &error["reason"]), (&65.into(), &"INVALID_FIELD".into()));
    assert_eq!(error["violations"][0]["field"], "task.sum2.second");
}
