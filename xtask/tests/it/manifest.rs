//! Every foreign dependency says beside its version what it is for.

use std::fs;

use crate::assert_none;
use crate::tree::root;

const SECTION: &str = "[workspace.dependencies]";

/// The lines of the section that name a foreign crate without a comment behind it.
fn uncommented(manifest: &str) -> Vec<String> {
    let section = manifest.lines().skip_while(|line| *line != SECTION).skip(1);
    section
        .take_while(|line| !line.starts_with('['))
        .filter(|line| is_foreign(line) && comment(line).is_none_or(|text| text.trim().is_empty()))
        .map(|line| format!("say on this line what it is for: {line}"))
        .collect()
}

fn is_foreign(line: &str) -> bool {
    let named = line.starts_with(|first: char| first.is_ascii_alphanumeric());
    named && !line.contains("path =")
}

/// What follows the first `#` that stands outside a string.
fn comment(line: &str) -> Option<&str> {
    let mut quoted = false;
    let hash = line.find(|character| {
        quoted ^= character == '"';
        character == '#' && !quoted
    })?;
    Some(&line[hash + 1..])
}

#[test]
fn every_foreign_dependency_says_what_it_is_for() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    assert!(manifest.lines().any(|line| line == SECTION), "the root manifest has no {SECTION}");
    assert_none(&uncommented(&manifest));
}

#[test]
fn a_dependency_without_a_comment_is_noticed() {
    let manifest = "\
[package]
name = \"before the section\"

[workspace.dependencies]
# A comment above is the title of a group.
ours = { path = \"libs/ours\" }
said = \"1\" # what it is for
silent = \"1\"
empty = \"1\" #
quoted = { version = \"1\", package = \"a # b\" }

[workspace.lints.rust]
after_the_section = \"deny\"
";
    let faults = uncommented(manifest);
    let lines: Vec<_> = faults.iter().filter_map(|fault| fault.split(": ").nth(1)).collect();
    assert_eq!(
        lines,
        ["silent = \"1\"", "empty = \"1\" #", "quoted = { version = \"1\", package = \"a # b\" }"]
    );
}
