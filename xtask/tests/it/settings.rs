//! Every setting that the documents and the container files name is one that some command reads.

use std::collections::BTreeSet;

use crate::assert_none;
use crate::tree::{File, text_files};

/// What every variable of Abacus begins with.
const PREFIX: &str = "ABACUS_";

/// The files that tell people and engines which variables to set.
const TELLING: [&str; 9] = [
    "README.md",
    "docs/cli.md",
    "docs/errors.md",
    "docs/operations.md",
    "Dockerfile",
    "docker-compose.yml",
    "docker-compose.tls.yml",
    "envoy/envoy.yaml",
    "envoy/envoy-tls.yaml",
];

/// The variables that the options of this file read, as clap is told.
fn read_by(file: &File) -> BTreeSet<String> {
    let options = file.text.split("env = \"").skip(1);
    options.flat_map(|rest| variables(rest.split('"').next().unwrap_or_default())).collect()
}

/// The variables that a text names. `ABACUS_*`, all of them, is none.
fn variables(text: &str) -> BTreeSet<String> {
    let words = text.split(|character: char| !character.is_ascii_alphanumeric() && character != '_');
    let named = words.filter(|word| word.strip_prefix(PREFIX).is_some_and(|name| !name.is_empty()));
    named.map(str::to_owned).collect()
}

/// What these files tell that nobody reads.
fn unread(files: &[File]) -> Vec<String> {
    let read: BTreeSet<_> = files.iter().filter(|file| file.is_rust()).flat_map(read_by).collect();
    let telling = files.iter().filter(|file| TELLING.contains(&file.path.as_str()));
    telling
        .flat_map(|file| variables(&file.text).into_iter().map(move |name| (&file.path, name)))
        .filter(|(_, name)| !read.contains(name))
        .map(|(path, name)| format!("{path} names {name}, which no command reads"))
        .collect()
}

#[test]
fn every_variable_that_is_told_is_read() {
    let files = text_files();
    for path in TELLING {
        assert!(files.iter().any(|file| file.path == path), "TELLING lists {path}, which is gone");
    }
    assert_none(&unread(&files));
}

#[test]
fn a_variable_that_nobody_reads_is_noticed() {
    let option =
        File::new("gateway/src/config.rs", "#[arg(long, env = \"ABACUS_GRACE\")] // not ABACUS_SAID");
    let told = "Set `ABACUS_GRACE=5s`, or any other ABACUS_* variable: ${ABACUS_GRCE:-1} ABACUS_SAID";
    for path in TELLING {
        let files = [option.clone(), File::new(path, told)];
        let names = ["ABACUS_GRCE", "ABACUS_SAID"];
        assert_eq!(unread(&files), names.map(|name| format!("{path} names {name}, which no command reads")));
    }
    assert_none(&unread(&[option, File::new("CHANGELOG.md", told)]));
}
