//! What stands where, and what no file may hold.

use std::path::Path;

use crate::assert_none;
use crate::tree::{File, text_files};

/// A file of this many lines or more is two files that have not been told apart yet.
const LINES: usize = 500;

/// Longer files, and why they may be.
const LONG: [(&str, &str); 3] = [
    ("Cargo.lock", "written by cargo"),
    ("web/package-lock.json", "written by npm"),
    ("envoy/envoy-tls.yaml", "all of envoy.yaml, and TLS: Envoy's files cannot include each other"),
];

/// Words that say nothing about what is inside.
const NAMELESS: [&str; 6] = ["common", "core", "util", "utils", "types", "helpers"];

/// Where Redis may be named: its implementation of the broker, the list of that crate's modules, and its tests.
const REDIS_HOME: [&str; 4] =
    ["libs/broker/src/lib.rs", "libs/broker/src/redis.rs", "libs/broker/src/redis/", "libs/broker/tests/"];

/// Notes to oneself that belong into an issue. Written apart, so that this file does not hold them.
const NOTES: [&str; 2] = [concat!("TO", "DO"), concat!("FIX", "ME")];

/// A rule finds what is wrong in one file.
type Rule = fn(&File) -> Vec<String>;

fn faults(rule: Rule, files: &[File]) -> Vec<String> {
    files
        .iter()
        .flat_map(|file| rule(file).into_iter().map(|fault| format!("{}: {fault}", file.path)))
        .collect()
}

fn too_long(file: &File) -> Vec<String> {
    let lines = file.text.lines().count();
    if lines < LINES || LONG.iter().any(|(path, _)| *path == file.path) {
        return Vec::new();
    }
    vec![format!("{lines} lines, {LINES} are too many: divide it, or list it in LONG with a reason")]
}

fn nameless(file: &File) -> Vec<String> {
    if !file.is_rust() {
        return Vec::new();
    }
    let path = Path::new(&file.path).with_extension("");
    let mut faults = Vec::new();
    if path.ends_with("mod") {
        faults.push("foo.rs beside foo/ instead".to_owned());
    }
    let parts = path.iter().filter_map(|part| part.to_str());
    let modules = file.text.lines().filter_map(declared_module);
    for name in parts.chain(modules).filter(|name| NAMELESS.contains(name)) {
        faults.push(format!("`{name}` names nothing: call it after what it holds"));
    }
    faults
}

/// The module that a line of Rust declares.
fn declared_module(line: &str) -> Option<&str> {
    let mut words = line.split_whitespace().skip_while(|word| word.starts_with("pub"));
    words.next().filter(|word| *word == "mod")?;
    words.next().map(|name| name.trim_end_matches([';', '{', '}']))
}

fn names_redis(file: &File) -> Vec<String> {
    if !file.is_rust() || REDIS_HOME.iter().any(|home| file.path.starts_with(home)) {
        return Vec::new();
    }
    lines(file, |line| {
        line.match_indices("redis").any(|(at, name)| is_crate(&line[..at], &line[at + name.len()..]))
    })
}

/// Whether a name between these two texts is that of a crate: the first part of a path, or the whole of a `use`.
fn is_crate(before: &str, after: &str) -> bool {
    let is_word = |character: char| character.is_alphanumeric() || character == '_';
    // `broker::redis::` is a module of ours, `my_redis::` another crate.
    if before.ends_with(|last: char| is_word(last) || last == ':') {
        return false;
    }
    let imported = before.trim_end().ends_with("use") || before.trim_end().ends_with("extern crate");
    after.starts_with("::") || imported && !after.starts_with(is_word)
}

fn notes(file: &File) -> Vec<String> {
    let is_note = |word: &str| NOTES.contains(&word);
    lines(file, |line| line.split(|character: char| !character.is_alphanumeric()).any(is_note))
}

/// The lines that `is_wrong` finds, with their numbers.
fn lines(file: &File, is_wrong: impl Fn(&str) -> bool) -> Vec<String> {
    let numbered = file.text.lines().enumerate().filter(|(_, line)| is_wrong(line));
    numbered.map(|(index, line)| format!("line {}: {}", index + 1, line.trim())).collect()
}

#[test]
fn files_are_short() {
    let files = text_files();
    assert_none(&faults(too_long, &files));
    for (path, reason) in LONG {
        assert!(files.iter().any(|file| file.path == path), "LONG lists {path} ({reason}), which is gone");
    }
}

#[test]
fn modules_are_named_after_what_they_hold() {
    assert_none(&faults(nameless, &text_files()));
}

#[test]
fn redis_is_named_only_in_its_home() {
    assert_none(&faults(names_redis, &text_files()));
}

#[test]
fn no_file_holds_notes_to_oneself() {
    assert_none(&faults(notes, &text_files()));
}

#[test]
fn a_long_file_is_noticed() {
    assert_none(&too_long(&File::new("a.rs", &"\n".repeat(LINES - 1))));
    assert_none(&too_long(&File::new("Cargo.lock", &"\n".repeat(LINES))));
    assert_eq!(too_long(&File::new("a.md", &"\n".repeat(LINES))).len(), 1);
}

#[test]
fn names_that_say_nothing_are_noticed() {
    for path in ["libs/tasks/src/util.rs", "libs/core/src/lib.rs", "gateway/src/rest/mod.rs"] {
        assert_eq!(nameless(&File::new(path, "")).len(), 1, "{path}");
    }
    for line in ["mod types;", "    pub(crate) mod helpers {", "pub mod common {}"] {
        assert_eq!(nameless(&File::new("a.rs", line)).len(), 1, "{line}");
    }
    for (path, text) in
        [("tests/it/main.rs", "mod core_dump;"), ("docs/types.md", ""), ("a.rs", "// mod core")]
    {
        assert_none(&nameless(&File::new(path, text)));
    }
}

#[test]
fn redis_outside_its_home_is_noticed() {
    let samples = [
        "use NAME;",
        "pub use NAME as store;",
        "let client = NAME::Client::open(url)?;",
        "fn f(error: &NAME::E)",
    ];
    for sample in samples {
        let text = sample.replace("NAME", "redis");
        assert_eq!(names_redis(&File::new("gateway/src/lib.rs", &text)).len(), 1, "{text}");
        assert_none(&names_redis(&File::new("libs/broker/src/redis/claim.rs", &text)));
    }
    let fine = [
        "use abacus_broker::NAME::Redis;",
        "crate::NAME::open()",
        "\"NAME://host\"",
        "mod NAME;",
        "my_NAME::f()",
    ];
    for sample in fine {
        assert_none(&names_redis(&File::new("gateway/src/lib.rs", &sample.replace("NAME", "redis"))));
    }
}

#[test]
fn notes_to_oneself_are_noticed() {
    for note in NOTES {
        assert_eq!(
            notes(&File::new("a.md", &format!("fine\n({note}: later)\n"))),
            [format!("line 2: ({note}: later)")]
        );
        assert_none(&notes(&File::new("a.md", &format!("{}\nX{note}", note.to_lowercase()))));
    }
}
