//! Who may use whom, over the manifests as cargo reads them.

use std::process::Command;

use serde_json::Value;

use crate::assert_none;
use crate::tree::root;

/// A crate, and the crates of the house that it may use. All else is forbidden.
#[rustfmt::skip]
const HOUSE: [(&str, &[&str]); 13] = [
    ("abacus-api",        &[]),
    ("abacus-arithmetic", &[]),
    ("abacus-tasks",      &["abacus-api", "abacus-arithmetic"]),
    ("abacus-broker",     &["abacus-api", "abacus-tasks"]),
    ("abacus-chassis",    &["abacus-api"]),
    ("abacus-gateway",    &["abacus-api", "abacus-tasks", "abacus-broker", "abacus-chassis"]),
    ("abacus-calculator", &["abacus-api", "abacus-tasks", "abacus-broker", "abacus-chassis"]),
    ("abacus-notifier",   &["abacus-api", "abacus-tasks", "abacus-broker", "abacus-chassis"]),
    ("abacus-mesh",       &["abacus-api", "abacus-tasks", "abacus-broker", "abacus-chassis",
                            "abacus-gateway", "abacus-calculator", "abacus-notifier"]),
    ("abacus-client",     &["abacus-api", "abacus-tasks"]),
    ("abacus",            &["abacus-api", "abacus-client"]),
    ("abacus-bench",      &["abacus-api", "abacus-arithmetic", "abacus-tasks"]),
    ("xtask",             &[]),
];

/// Services meet over gRPC and the broker, so the tests of one may start the others.
const SERVICES: [&str; 4] = ["abacus-gateway", "abacus-calculator", "abacus-notifier", "abacus-mesh"];
const IN_TESTS_OF_SERVICES: [&str; 4] =
    ["abacus-broker", "abacus-gateway", "abacus-calculator", "abacus-notifier"];

/// A crate, and the families of foreign crates it knows nothing of, not even in its tests. The family `tonic` is
/// `tonic` and every `tonic-*`.
const ABSENT: [(&str, &[&str]); 4] = [
    ("abacus-arithmetic", &["tokio", "tonic", "axum", "hyper", "http", "tower", "prost"]),
    ("abacus-tasks", &["tokio", "tonic", "axum", "hyper", "http", "tower"]),
    ("abacus-broker", &["tonic", "axum", "hyper", "http", "tower"]),
    ("abacus-client", &["clap", "indicatif", "axum"]),
];

/// A family of foreign crates, and the only crate that may name it.
const KEPT: [(&str, &str); 1] = [("redis", "abacus-broker")];

/// One line of a manifest: `user` depends on `used`.
struct Edge {
    user: String,
    used: String,
    only_tests: bool,
}

/// The names of the workspace's crates, and all their dependencies.
struct Manifests {
    crates: Vec<String>,
    edges: Vec<Edge>,
}

impl Manifests {
    fn of_workspace() -> Self {
        let output = Command::new(env!("CARGO"))
            .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
            .current_dir(root())
            .output()
            .expect("cargo runs");
        assert!(output.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&output.stderr));
        Self::from_metadata(&serde_json::from_slice(&output.stdout).expect("cargo metadata is JSON"))
    }

    fn from_metadata(metadata: &Value) -> Self {
        let mut manifests = Self { crates: Vec::new(), edges: Vec::new() };
        for package in metadata["packages"].as_array().expect("packages") {
            let user = package["name"].as_str().expect("a package has a name");
            manifests.crates.push(user.to_owned());
            for dependency in package["dependencies"].as_array().expect("dependencies") {
                manifests.edges.push(Edge {
                    user: user.to_owned(),
                    used: dependency["name"].as_str().expect("a dependency has a name").to_owned(),
                    only_tests: dependency["kind"] == "dev",
                });
            }
        }
        manifests
    }

    /// Crates that the table does not know, and rows of the table without a crate.
    fn unknown(&self) -> Vec<String> {
        let new = self.crates.iter().filter(|name| row(name).is_none());
        let gone = HOUSE.iter().filter(|(name, _)| !self.crates.iter().any(|known| known == name));
        new.map(|name| format!("{name} has no row in HOUSE: say what it may use"))
            .chain(gone.map(|(name, _)| format!("{name} has a row in HOUSE but no manifest")))
            .collect()
    }

    fn forbidden_uses(&self) -> Vec<String> {
        let inner = self.edges.iter().filter(|edge| self.crates.contains(&edge.used));
        inner.filter(|edge| !edge.is_allowed()).map(|edge| edge.fault("the house forbids it")).collect()
    }

    fn foreign_uses(&self) -> Vec<String> {
        let absent = self.edges.iter().filter(|edge| {
            ABSENT.iter().any(|(user, families)| {
                edge.user == *user && families.iter().any(|family| is_of_family(&edge.used, family))
            })
        });
        let escaped = self.edges.iter().filter(|edge| {
            KEPT.iter().any(|(family, keeper)| is_of_family(&edge.used, family) && edge.user != *keeper)
        });
        absent
            .map(|edge| edge.fault("that crate knows nothing of it"))
            .chain(escaped.map(|edge| edge.fault("another crate keeps it to itself")))
            .collect()
    }
}

impl Edge {
    fn is_allowed(&self) -> bool {
        let Self { user, used: other, only_tests } = self;
        let in_house = row(user).is_some_and(|allowed| allowed.contains(&other.as_str()));
        let in_tests = SERVICES.contains(&user.as_str()) && IN_TESTS_OF_SERVICES.contains(&other.as_str());
        in_house || *only_tests && in_tests
    }

    fn fault(&self, why: &str) -> String {
        let tests = if self.only_tests { " in its tests" } else { "" };
        format!("{} uses {}{tests}: {why}", self.user, self.used)
    }
}

fn row(name: &str) -> Option<&'static [&'static str]> {
    HOUSE.iter().find(|(user, _)| *user == name).map(|(_, allowed)| *allowed)
}

fn is_of_family(name: &str, family: &str) -> bool {
    name.strip_prefix(family).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
}

/// Manifests with these edges, written `user -> used` or `user -test-> used`.
fn manifests(edges: &[&str]) -> Manifests {
    let edges = edges.iter().map(|edge| {
        let words: Vec<_> = edge.split(' ').collect();
        Edge { user: words[0].to_owned(), used: words[2].to_owned(), only_tests: words[1] == "-test->" }
    });
    Manifests { crates: HOUSE.map(|(name, _)| name.to_owned()).to_vec(), edges: edges.collect() }
}

#[test]
fn every_crate_has_its_row() {
    assert_none(&Manifests::of_workspace().unknown());
}

#[test]
fn crates_use_only_what_stands_below_them() {
    assert_none(&Manifests::of_workspace().forbidden_uses());
}

#[test]
fn crates_know_nothing_of_what_is_not_theirs() {
    assert_none(&Manifests::of_workspace().foreign_uses());
}

#[test]
fn a_crate_without_a_row_is_noticed() {
    let mut changed = manifests(&[]);
    changed.crates[0] = "abacus-supervisor".to_owned();
    assert_eq!(changed.unknown().len(), 2, "{:?}", changed.unknown());
}

#[test]
fn uses_against_the_direction_are_noticed() {
    let edges = [
        "abacus-api -> abacus-tasks",
        "abacus-broker -> abacus-arithmetic",
        "abacus-broker -test-> abacus-calculator",
        "abacus-gateway -> abacus-notifier",
        "abacus-gateway -test-> abacus-mesh",
        "xtask -test-> abacus-api",
    ];
    assert_eq!(manifests(&edges).forbidden_uses().len(), edges.len());
}

#[test]
fn uses_along_the_direction_are_allowed() {
    let edges = [
        "abacus-tasks -> abacus-arithmetic",
        "abacus-mesh -> abacus-gateway",
        "abacus-gateway -test-> abacus-calculator",
        "abacus-chassis -test-> abacus-api",
        "abacus-gateway -> tokio",
    ];
    assert_none(&manifests(&edges).forbidden_uses());
}

#[test]
fn foreign_families_are_noticed_where_they_do_not_belong() {
    let edges = [
        "abacus-tasks -test-> tokio",
        "abacus-arithmetic -> tokio-util",
        "abacus-broker -> tonic",
        "abacus-gateway -test-> redis",
        "abacus-client -> clap",
    ];
    assert_eq!(manifests(&edges).foreign_uses().len(), edges.len());
    let fine = ["abacus-broker -> tokio", "abacus-broker -> redis", "abacus-tasks -> httparse"];
    assert_none(&manifests(&fine).foreign_uses());
}

#[test]
fn the_metadata_is_read_with_build_dependencies_as_ordinary_ones() {
    let text = r#"{"packages": [{"name": "a", "dependencies": [
        {"name": "b", "kind": null}, {"name": "c", "kind": "build"}, {"name": "d", "kind": "dev"}]}]}"#;
    let read = Manifests::from_metadata(&serde_json::from_str(text).unwrap());
    let edges: Vec<_> = read.edges.iter().map(|edge| (edge.used.as_str(), edge.only_tests)).collect();
    assert_eq!(read.crates, ["a"]);
    assert_eq!(edges, [("b", false), ("c", false), ("d", true)]);
}
