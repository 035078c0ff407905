//! The commands of the documents on the REST door run as they stand.

use std::process::{Command, Stdio};

use crate::process::Mesh;

/// Before the commands: an answer that is a refusal is a failure.
pub(crate) const STRICT: &str =
    "set -eu\ncurl() { command curl --silent --show-error --fail-with-body --max-time 60 \"$@\"; }\n";

#[test]
fn the_commands_of_rest_run() {
    run(include_str!("../../../docs/rest.md"));
}

#[test]
fn the_commands_of_coming_from_run() {
    run(include_str!("../../../docs/coming-from.md"));
}

/// Runs every shell block of a document, in one shell, against a mesh of its own.
fn run(document: &str) {
    let mesh = Mesh::start();
    let blocks = document.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    let script: String = [STRICT].into_iter().chain(blocks).collect();
    assert!(script.matches("curl ").count() > 8, "the document has commands");
    let scratch = tempfile::tempdir().unwrap();
    let output = Command::new("sh")
        .args(["-c", &script.replace("localhost:8080", &mesh.door)])
        .current_dir(scratch.path())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let [out, err] = [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text));
    assert!(output.status.success(), "{out}\n{err}");
}
