//! Exit codes, Ctrl-C, and a reader who has seen enough.

use std::io::Read;

use rustix::process::Signal;

use crate::{
    services::server::free_ports,
    shell::{Mesh, command, run},
};

#[test]
fn what_cannot_be_read_ends_with_64_before_anything_is_asked() {
    let mesh = Mesh::start();
    for words in [
        &["fib"][..],
        &["fib", "many"],
        &["fib", "18446744073709551616"],
        &["sum2", "1"],
        &["submit", "{"],
        &["submit", r#"{"prime": {}}"#],
        &["watch", "nothing"],
        &["cancel"],
        &["--url", "localhost", "fib", "1"],
        &["--client", "two words", "fib", "1"],
        &["--patience", "soon", "fib", "1"],
        &["--ca", "/no/such/file", "kinds"],
        &["prime", "1", "2"],
        &["fib", "1", "--format", "octal"],
    ] {
        let ended = mesh.run(words);
        assert_eq!(ended.code, Some(64), "{words:?}: {ended:?}");
        assert!(!ended.err.is_empty() && ended.out.is_empty(), "{words:?}");
    }
    assert_eq!(mesh.out(&["requests"]), "", "nothing was asked");
}

#[test]
fn refusals_name_every_wrong_field() {
    let mesh = Mesh::start();
    let ended = mesh.run(&["mult3", "x", "1", "1y"]);
    assert_eq!(ended.code, Some(65));
    for word in ["INVALID_FIELD", "task.mult3.first", "task.mult3.third"] {
        assert!(ended.err.contains(word), "{word}: {}", ended.err);
    }
    let missing = "fibonacci-00000000000000000000000000000000";
    for words in [["job", missing], ["watch", missing], ["result", missing], ["retry", missing]] {
        let ended = mesh.run(&words);
        assert_eq!(ended.code, Some(66), "{words:?}: {ended:?}");
        assert!(ended.err.contains("JOB_NOT_FOUND"), "{}", ended.err);
    }
    let worker = "worker-00000000000000000000000000000000";
    assert_eq!(mesh.run(&["drain", worker]).code, Some(66));
    assert_eq!(mesh.run(&["fib", "9", "-o", "/no/such/folder/file"]).code, Some(74));
}

#[test]
fn nobody_there_is_told_with_the_address() {
    let url = format!("http://127.0.0.1:{}", free_ports(1)[0]);
    let ended = run(command(&url, &["--patience", "200ms", "fib", "1"]));
    assert_eq!(ended.code, Some(69));
    assert!(ended.err.contains(&url), "{}", ended.err);
}

#[test]
fn a_job_that_others_stop_has_no_result() {
    let mesh = Mesh::start();
    let waiting = mesh.begin(&["--client", "stopped", "spin", "x", "1m"]);
    mesh.await_request("stopped", "JOB_STATE_RUNNING");
    let name = mesh.json(&["requests", "--of", "stopped"])[0]["name"].as_str().unwrap().to_owned();
    mesh.out(&["cancel", &name]);
    let ended = waiting.end();
    assert_eq!((ended.code, ended.out.as_str()), (Some(1), ""));
    assert!(ended.err.contains("was cancelled"), "{}", ended.err);
}

#[test]
fn ctrl_c_takes_the_request_back_unless_it_is_to_be_kept() {
    let mesh = Mesh::start();
    for (client, keep, state) in
        [("impatient", None, "JOB_STATE_CANCELLED"), ("generous", Some("--keep"), "JOB_STATE_RUNNING")]
    {
        let words: Vec<_> = ["--client", client, "spin", client, "1m"].into_iter().chain(keep).collect();
        let typed = mesh.begin(&words);
        mesh.await_request(client, "JOB_STATE_RUNNING");
        typed.signal(Signal::INT);
        let ended = typed.end();
        assert_eq!((ended.code, ended.out.as_str()), (Some(130), ""), "{}", ended.err);
        assert_eq!(mesh.json(&["requests", "--of", client])[0]["state"], state);
        assert_eq!(ended.err.contains("abacus watch spin-"), keep.is_some(), "{}", ended.err);
    }
}

#[test]
fn ctrl_c_at_a_watch_cancels_nothing() {
    let mesh = Mesh::start();
    let job = mesh.out(&["--client", "watched", "spin", "x", "1m", "--detach"]);
    let mut typed = mesh.begin(&["watch", job.trim(), "--json"]);
    let mut byte = [0];
    typed.0.stdout.as_mut().unwrap().read_exact(&mut byte).unwrap();
    typed.signal(Signal::INT);
    assert_eq!(typed.end().code, Some(130));
    mesh.await_request("watched", "JOB_STATE_RUNNING");
}

#[test]
fn a_reader_who_has_seen_enough_ends_the_command_and_the_job() {
    let mesh = Mesh::start();
    let mut typed = mesh.begin(&["--client", "head", "primes", "1", "1000000000"]);
    let mut start = [0; 8];
    typed.0.stdout.take().unwrap().read_exact(&mut start).unwrap();
    assert_eq!(&start, b"2\n3\n5\n7\n");
    let ended = typed.end();
    assert_eq!((ended.code, ended.err.as_str()), (Some(141), ""));
    mesh.await_request("head", "JOB_STATE_CANCELLED");
}

#[test]
fn a_list_that_nobody_reads_ends_quietly() {
    let mesh = Mesh::start();
    let mut typed = mesh.begin(&["top", "--interval", "1ms"]);
    drop(typed.0.stdout.take());
    let ended = typed.end();
    assert_eq!((ended.code, ended.err.as_str()), (Some(141), ""));
}

#[test]
fn top_shows_the_mesh_until_ctrl_c() {
    let mesh = Mesh::start();
    let mut typed = mesh.begin(&["top", "--json"]);
    let mut view = String::new();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(typed.0.stdout.as_mut().unwrap()), &mut view)
        .unwrap();
    let view: serde_json::Value = serde_json::from_str(&view).unwrap();
    assert_eq!((&view["stats"]["workers"], &view["kinds"][0]["name"]), (&1.into(), &"fibonacci".into()));
    assert_eq!(view["workers"][0]["state"], "WORKER_STATE_SERVING");
    typed.signal(Signal::INT);
    assert_eq!(typed.end().code, Some(0));
}
