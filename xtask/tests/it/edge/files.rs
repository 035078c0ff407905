//! The two files agree with each other, with the contract, and with Envoy.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use super::stack::{certificate, envoy};
use crate::assert_none;
use crate::tree::root;

/// In what the files may differ.
const DIFFERENCES: [&str; 4] = ["address", "strict transport security", "TLS", "redirect"];

const PLAIN: &str = "envoy/envoy.yaml";
const TLS: &str = "envoy/envoy-tls.yaml";

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap()
}

/// A file without what stands between its marks, and the names of the marks.
fn common_part(file: &str) -> (Vec<&str>, Vec<&str>) {
    let (mut same, mut names, mut differs) = (Vec::new(), Vec::new(), false);
    for line in file.lines() {
        let mark = line.trim().strip_prefix("# [").and_then(|mark| mark.strip_suffix(']'));
        if let Some(name) = mark.and_then(|mark| mark.strip_prefix("differs: ")) {
            names.push(name);
            differs = true;
        } else if mark == Some("same") {
            differs = false;
        } else if !differs {
            same.push(line);
        }
    }
    (same, names)
}

/// The methods of a service in the contract; those that answer with a stream, and those that do not.
fn methods(service: &str) -> (BTreeSet<String>, BTreeSet<String>) {
    let folder = root().join("proto/abacus/v1");
    let mut files =
        fs::read_dir(folder).unwrap().map(|file| fs::read_to_string(file.unwrap().path()).unwrap());
    let opening = format!("service {service} {{");
    let body = files.find_map(|file| Some(file.split_once(&opening)?.1.to_owned())).unwrap();
    let body = body.split("\n}").next().unwrap();
    let rpcs = body.split("  rpc ").skip(1).map(|rpc| rpc.split(';').next().unwrap());
    let (streams, calls): (Vec<_>, Vec<_>) = rpcs.partition(|rpc| rpc.contains("returns (stream "));
    let names = |rpcs: Vec<&str>| rpcs.iter().map(|rpc| rpc.split('(').next().unwrap().to_owned()).collect();
    (names(streams), names(calls))
}

/// The words that a text lists between `begin` and `end`.
fn listed(text: &str, begin: &str, end: &str) -> BTreeSet<String> {
    let list = text.split_once(begin).and_then(|(_, rest)| rest.split_once(end));
    let list = list.unwrap_or_else(|| panic!("nothing stands between {begin} and {end}")).0;
    list.split(|character: char| !character.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

#[test]
fn apart_from_the_listed_differences_both_files_are_the_same() {
    let (plain, tls) = (read(PLAIN), read(TLS));
    let ((plain, plain_names), (tls, tls_names)) = (common_part(&plain), common_part(&tls));
    assert_eq!(plain_names, DIFFERENCES);
    assert_eq!(tls_names, DIFFERENCES);
    let different = plain.iter().zip(&tls).filter(|(plain, tls)| plain != tls);
    assert_none(&different.map(|(plain, tls)| format!("{PLAIN}: {plain}\n{TLS}: {tls}")).collect::<Vec<_>>());
    assert_eq!(plain.len(), tls.len());
}

#[test]
fn a_line_that_differs_outside_of_the_marks_is_noticed() {
    let (same, names) = common_part("a\n  # [differs: TLS]\nb\n  # [same]\nc # [same]");
    assert_eq!((same, names), (vec!["a", "c # [same]"], vec!["TLS"]));
}

#[test]
fn the_routes_fit_the_contract() {
    let file = read(PLAIN);
    let (streams, calls) = methods("JobService");
    assert_eq!(listed(&file, r"regex: /abacus\.v1\.JobService/(", ")"), streams, "streams without time-outs");
    let (operator_streams, operator_calls) = methods("OperatorService");
    assert_eq!(operator_streams, BTreeSet::new(), "a stream would be cut by the route of the calls");
    assert!(streams.iter().all(|stream| !stream.starts_with("Get") && !stream.starts_with("List")));

    let of = |service: &str| listed(&file, &format!("- name: abacus.v1.{service}\n"), "]");
    let all = |calls: &BTreeSet<String>, streams: &BTreeSet<String>| {
        calls
            .union(streams)
            .cloned()
            .chain(["method".to_owned(), "names".to_owned()])
            .collect::<BTreeSet<_>>()
    };
    assert_eq!(of("JobService"), all(&calls, &streams), "counted by name");
    assert_eq!(of("OperatorService"), all(&operator_calls, &BTreeSet::new()), "counted by name");
}

#[test]
fn envoy_takes_both_files() {
    let directory = tempfile::tempdir().unwrap();
    certificate(directory.path());
    let tls = read(TLS).replace("/etc/envoy/tls", directory.path().to_str().unwrap());
    for (name, text) in [("plain.yaml", read(PLAIN)), ("tls.yaml", tls)] {
        let file = directory.path().join(name);
        fs::write(&file, text).unwrap();
        let mut validate = Command::new(envoy());
        validate
            .args(["--mode", "validate", "--disable-hot-restart", "--log-level", "warning", "-c"])
            .arg(&file);
        let told = validate.output().unwrap();
        let errors = String::from_utf8_lossy(&told.stderr);
        assert!(told.status.success(), "{name}: {errors}");
        assert!(!errors.contains("deprecated"), "{name}: {errors}");
    }
}
