//! The benchmark from outside: small sizes, without rivals, and no word about times.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

fn bench(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_abacus-bench")).args(args).output().expect("the benchmark was built")
}

fn told(output: &Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout.clone()).expect("tables are UTF-8")
}

#[test]
fn a_small_measurement_writes_its_page() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("docs");
    let words = ["arithmetic", "--quick", "--alone", "--rounds", "1", "--only", "F(10^5)", "--output"];
    let output = bench(&[&words[..], &[place.to_str().unwrap()]].concat());
    let tables = told(&output);
    assert!(tables.contains("F(10^5)") && tables.contains("Abacus, portable"), "{tables}");
    let page = fs::read_to_string(place.join("benchmarks.md")).unwrap();
    assert!(
        page.contains("cargo xtask bench arithmetic --rounds 1 --quick --alone --only 'F(10^5)'"),
        "{page}"
    );
    assert!(page.contains(tables.trim()), "{page}");
    assert!(place.join("benchmarks-fibonacci.svg").is_file());
}

#[test]
fn parts_of_a_measurement_write_nothing() {
    let before = fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/benchmarks.md")).ok();
    told(&bench(&["arithmetic", "--quick", "--alone", "--rounds", "1", "--only", "10^5 digits"]));
    let after = fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/benchmarks.md")).ok();
    assert!(before == after, "docs/benchmarks.md was written");
}

#[test]
fn the_questions_are_listed() {
    let list = told(&bench(&["arithmetic", "--list", "--only", "count"]));
    assert!(list.lines().count() > 3 && list.lines().all(|line| line.starts_with("count [")), "{list}");
    assert!(!bench(&["arithmetic", "--only", "no such question"]).status.success());
}

#[test]
fn estimates_are_reported_from_processes_of_their_own() {
    let table = told(&bench(&["estimates", "--report", "--only", "sum2 1000 ", "--only", "surprise"]));
    assert!(table.contains("| sum2 1000 digits") && table.contains("| surprise"), "{table}");
}
