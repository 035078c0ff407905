//! Each command does what it is for, and prints it where it belongs.

use std::fs;

use crate::shell::{Mesh, run_with_input};

#[test]
fn each_kind_is_computed_and_its_result_alone_is_printed() {
    let mesh = Mesh::start();
    let big = "123456789012345678901234567890";
    for (words, result) in [
        (&["fib", "100"][..], "354224848179261915075\n"),
        (&["fibonacci", "0"], "0\n"),
        (&["primes", "1", "12"], "2\n3\n5\n7\n11\n"),
        (&["primes", "24", "28"], ""),
        (&["primes", "1", "100", "--count"], "25\n"),
        (&["primes", "1", "12", "--gaps"], "\u{1}\u{1}\u{1}\u{1}\u{2}"),
        (&["primes", "1", "12", "--gaps", "--format", "values"], "2\n3\n5\n7\n11\n"),
        (&["primes", "1", "12", "--format", "gaps"], "\u{1}\u{1}\u{1}\u{1}\u{2}"),
        (&["sum2", "-5", "3"], "-2\n"),
        (&["sum2", big, "0"], "123456789012345678901234567890\n"),
        (&["mult3", "-12", "34", "56"], "-22848\n"),
        (&["factorial", "20"], "2432902008176640000\n"),
        (&["binomial", "50", "25"], "126410606437752\n"),
        (&["power", "-2", "63"], "-9223372036854775808\n"),
        (&["nth_prime", "1000000000"], "22801763489\n"),
        (&["sum2", "-256", "0", "--format", "hex"], "-100\n"),
        (&["spin", "tea", "10ms"], "tea\n"),
        (&["run", r#"{"primes": {"start": "1", "end": 3}}"#], "2\n3\n"),
    ] {
        let ended = mesh.run(words);
        assert_eq!((ended.code, ended.out.as_str(), ended.err.as_str()), (Some(0), result, ""), "{words:?}");
    }
    assert!(mesh.out(&["surprise", "2"]).contains("C4:1"));
}

#[test]
fn operands_come_from_files_and_tasks_from_standard_input() {
    let mesh = Mesh::start();
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("operand");
    // Longer than what a shell can pass.
    fs::write(&path, "9".repeat(500_000) + "\n").unwrap();
    let out = mesh.out(&["sum2", &format!("@{}", path.display()), "1"]);
    assert_eq!(out, format!("1{}\n", "0".repeat(500_000)));

    let submitted = run_with_input(mesh.command(&["submit", "-"]), r#"{"fibonacci": {"n": 30}}"#);
    assert_eq!(submitted.code, Some(0), "{}", submitted.err);
    assert_eq!(mesh.out(&["result", submitted.out.trim()]), "832040\n");
}

#[test]
fn a_job_is_asked_for_and_looked_at_later() {
    let mesh = Mesh::start();
    let job = mesh.out(&["--client", "alice", "submit", r#"{"fibonacci": {"n": "30"}}"#]);
    let job = job.trim();
    assert_eq!(mesh.out(&["--client", "alice", "fib", "30", "--detach"]).trim(), job);
    let watched = mesh.out(&["watch", job]);
    assert!(watched.starts_with("succeeded: 6 digits") && watched.contains("SHA-256"), "{watched}");
    assert_eq!(mesh.out(&["result", job]), "832040\n");
    assert_eq!(mesh.out(&["result", job, "--format", "hex"]), "cb228\n");
    let told = mesh.out(&["job", job]);
    for word in [job, "succeeded", r#"{"fibonacci":{"n":"30"}}"#, "instant", "6 digits"] {
        assert!(told.contains(word), "{word} is missing:\n{told}");
    }
    let requests = mesh.out(&["--client", "alice", "requests"]);
    let lines: Vec<_> = requests.lines().collect();
    assert_eq!(lines.len(), 3, "a heading and two requests:\n{requests}");
    assert!(lines[0].starts_with("CREATED") && lines[1].contains("succeeded"), "{requests}");
    assert_eq!(mesh.out(&["requests", "--of", "alice"]), requests);
    assert_eq!(mesh.out(&["requests"]), "", "nobody else has asked");
}

#[test]
fn the_same_request_id_asks_once() {
    let mesh = Mesh::start();
    let id = "67e55044-10b1-426f-9247-bb680e5fe0c8";
    for _ in 0..2 {
        assert_eq!(mesh.out(&["--client", "once", "sum2", "1", "2", "--request-id", id]), "3\n");
    }
    assert_eq!(mesh.json(&["requests", "--of", "once"]).len(), 1);
}

#[test]
fn requests_are_taken_back_by_name_and_by_id() {
    let mesh = Mesh::start();
    for (client, by_name) in [("eve", true), ("bob", false)] {
        mesh.out(&["--client", client, "spin", client, "1m", "--detach"]);
        let name = mesh.json(&["requests", "--of", client])[0]["name"].as_str().unwrap().to_owned();
        let word = if by_name { name.as_str() } else { name.rsplit('/').next().unwrap() };
        let told = mesh.out(&["--client", client, "cancel", word]);
        assert_eq!(told, format!("{name} is cancelled; its job is cancelled\n"));
    }
}

#[test]
fn operators_see_and_steer() {
    let mesh = Mesh::start();
    let kinds = mesh.out(&["kinds"]);
    assert!(kinds.lines().count() >= 7, "{kinds}");
    assert!(kinds.contains("fibonacci") && kinds.contains("active"), "{kinds}");
    assert_eq!(mesh.out(&["suspend", "spin"]), "spin is suspended\n");
    let refused = mesh.run(&["spin", "x", "0s", "--reject-if-suspended"]);
    assert_eq!(refused.code, Some(65));
    assert!(refused.err.contains("KIND_SUSPENDED"), "{}", refused.err);
    assert_eq!(mesh.out(&["resume", "spin"]), "spin is active\n");
    assert!(mesh.out(&["stats"]).contains("workers   1"));
    assert_eq!(mesh.out(&["dead"]), "");
    let workers = mesh.json(&["workers"]);
    let worker = workers[0]["id"].as_str().unwrap();
    assert!(mesh.out(&["workers"]).contains(worker));
    assert_eq!(mesh.out(&["drain", worker]), format!("{worker} is draining\n"));
}

#[test]
fn completions_know_the_kinds() {
    let mesh = Mesh::start();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = mesh.out(&["completions", shell]);
        for word in ["fibonacci", "primes", "count-only", "watch", "url"] {
            assert!(script.contains(word), "{word} is missing for {shell}");
        }
    }
}

#[test]
fn help_names_kinds_variables_and_exit_codes() {
    let mesh = Mesh::start();
    let help = mesh.out(&["--help"]);
    for word in ["fibonacci", "[alias: fib]", "The n-th Fibonacci number", "ABACUS_URL", "--json", "141"] {
        assert!(help.contains(word), "{word} is missing:\n{help}");
    }
    let help = mesh.out(&["primes", "--help"]);
    for word in ["<START> <END>", "--count-only", "ascending order", "--keep"] {
        assert!(help.contains(word), "{word} is missing:\n{help}");
    }
}
