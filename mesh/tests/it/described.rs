//! The `OpenAPI` description against the door: schemathesis makes up requests that fit it and requests that do not, and
//! compares what comes back.

use std::{path::Path, process::Command};

use crate::process::Mesh;

#[test]
fn the_door_answers_as_its_description_says() {
    // Small tasks, so that what is made up is computed and not only queued.
    let limits = "fibonacci.n=5000,primes.end=20000,sum2.digits=40,mult3.digits=40,spin.duration_ms=1000,\
                  factorial.n=1000,binomial.n=1000,power.digits=40,power.exponent=100,nth_prime.n=1000000";
    let mesh = Mesh::start_with(&["--limits", limits, "--log", "warn"]);
    let settings = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/schemathesis");
    let scratch = tempfile::tempdir().unwrap();
    let output = Command::new("schemathesis")
        .current_dir(scratch.path())
        .arg("--config-file")
        .arg(settings.join("schemathesis.toml"))
        .args(["run", &format!("http://{}/openapi.json", mesh.door)])
        // Where Python looks for the hooks.
        .env("PYTHONPATH", settings)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .output()
        .expect("schemathesis is on the path: `cargo xtask test` installs it");
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{told}\n{}", String::from_utf8_lossy(&output.stderr));
    assert!(told.contains("22 selected"), "every operation is tried:\n{told}");
}
