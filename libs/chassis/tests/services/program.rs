//! The programs of the workspace, for tests of another package than their own.

use std::{
    fs,
    path::{Path, PathBuf},
    time::SystemTime,
};

/// A program of the workspace. Cargo builds those of the tested package only, so it is looked at whether the others are
/// there and not older than what they are made from.
pub(crate) fn program(name: &str) -> PathBuf {
    const BUILD: &str = "run `cargo xtask test`, or `cargo build --workspace --bins` first";
    let tests = std::env::current_exe().expect("the tests are a program");
    // Test programs stand one folder below the others, in `deps`.
    let folder = tests.parent().and_then(Path::parent).expect("it stands in the target directory");
    let program = folder.join(name);
    let built = modified(&program).unwrap_or_else(|| panic!("{} is missing: {BUILD}", program.display()));
    let sources = fs::read_to_string(program.with_extension("d")).unwrap_or_default();
    let newer = sources.split_whitespace().skip(1).find(|source| modified(Path::new(source)) > Some(built));
    assert_eq!(newer, None, "{} is older than a source of it: {BUILD}", program.display());
    program
}

fn modified(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).ok()?.modified().ok()
}
