//! The process as a command: help, settings, exit codes.

use crate::process::{Mesh, command, run};

#[test]
fn help_names_every_setting_with_its_variable() {
    let (code, out, _) = run(command().arg("--help"));
    assert_eq!(code, Some(0));
    for word in
        ["--listen", "ABACUS_LISTEN", "127.0.0.1:8080", "--lease", "--limits", "--max-compute", "--grace"]
    {
        assert!(out.contains(word), "{word} is missing in:\n{out}");
    }
}

#[test]
fn an_unknown_variable_ends_the_process_before_anything_is_bound() {
    let (code, out, err) = run(command().env("ABACUS_LISTENN", "127.0.0.1:0"));
    assert_eq!(code, Some(64));
    assert!(err.contains("ABACUS_LISTENN") && err.contains("ABACUS_LISTEN"), "{err}");
    assert_eq!(out, "");
}

#[test]
fn bad_values_end_the_process_with_the_usage_code() {
    for arguments in
        [["--listen", "nowhere"], ["--lease", "0s"], ["--limits", "fibonaci.n=5"], ["--colour", "red"]]
    {
        let (code, _, err) = run(command().args(arguments));
        assert_eq!(code, Some(64), "{arguments:?}: {err}");
        assert!(err.contains(arguments[0]), "{err}");
    }
}

#[test]
fn a_taken_port_is_told_with_the_way_out() {
    let mesh = Mesh::start();
    let (code, _, err) = run(command().args(["--listen", &mesh.door]));
    assert_eq!(code, Some(1));
    assert!(err.contains("--listen"), "{err}");
}

#[test]
fn the_greeting_tells_where_it_listens_and_what_to_try() {
    let mesh = Mesh::start();
    for what in ["Abacus listens on", "abacus --url", "curl", "grpcurl", "or in a browser"] {
        let line = mesh.greeting.lines().find(|line| line.trim_start().starts_with(what));
        assert!(line.is_some_and(|line| line.contains(&mesh.door)), "{what}:\n{}", mesh.greeting);
    }
}

#[test]
fn the_variables_of_the_command_line_do_not_disturb_it() {
    let mesh = Mesh::start();
    let (code, _, err) = run(command()
        .args(["--listen", &mesh.door])
        .env("ABACUS_URL", "http://elsewhere")
        .env("ABACUS_TOKEN", "x"));
    assert_eq!(code, Some(1), "the port is taken, and that is all: {err}");
}
