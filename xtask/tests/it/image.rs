//! The builder of the images gets every member of the workspace: cargo builds nothing while one is missing.

use std::fs;

use crate::assert_none;
use crate::tree::root;

/// The members in the root manifest.
fn members(manifest: &str) -> Vec<&str> {
    let list = manifest.split("\nmembers = [").nth(1).and_then(|rest| rest.split(']').next());
    list.unwrap_or_default().split('"').skip(1).step_by(2).collect()
}

/// The members whose manifest no line of the ignore file lets through.
fn left_behind(manifest: &str, ignore: &str) -> Vec<String> {
    let let_through: Vec<_> = ignore.lines().filter_map(|line| line.strip_prefix('!')).collect();
    let reaches = |member: &str| {
        let path = format!("{member}/Cargo.toml");
        let_through.iter().any(|kept| path == *kept || path.starts_with(&format!("{kept}/")))
    };
    let missing = members(manifest).into_iter().filter(|member| !reaches(member));
    missing.map(|member| format!(".dockerignore holds back {member}/Cargo.toml")).collect()
}

#[test]
fn every_member_reaches_the_builder() {
    let [manifest, ignore] =
        ["Cargo.toml", ".dockerignore"].map(|name| fs::read_to_string(root().join(name)).unwrap());
    assert!(members(&manifest).contains(&"xtask"), "the members are {:?}", members(&manifest));
    assert_none(&left_behind(&manifest, &ignore));
}

#[test]
fn a_member_that_is_held_back_is_noticed() {
    let manifest =
        "[workspace]\nmembers = [\n    \"libs/api\",\n    \"mesh\",\n    \"client\",\n    \"lib\",\n]\n";
    let ignore = "*\n!Cargo.toml\n!libs\n!mesh/Cargo.toml\n!mesh/src/main.rs\nclient\n";
    let faults = left_behind(manifest, ignore);
    assert_eq!(
        faults,
        ["client", "lib"].map(|member| format!(".dockerignore holds back {member}/Cargo.toml"))
    );
}
