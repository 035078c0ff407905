//! The page and its client library, in `web/`: types, tests, and whether what is committed is what they are built to.
//!
//! The gateway embeds `web/dist` as it is committed, so that Rust alone is enough to build it. That is right only as
//! long as somebody compares.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, bail};
use sha2::{Digest as _, Sha256};

use crate::command::run;
use crate::debian;
use crate::report::{Outcome, Report};
use crate::workspace::Workspace;

/// What decides which packages are installed.
const MANIFESTS: [&str; 3] = ["package-lock.json", "package.json", "client/package.json"];

/// What the tests in the browser start; they build nothing then.
const DEV: &str = "cargo xtask dev --no-build --port 0";

/// Whether the services stand where cargo builds them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Services {
    Built,
    Unknown,
}

/// Checks the types, and builds the page to compare it with what is committed.
pub(crate) fn check(workspace: &Workspace, report: &mut Report) {
    if prepare(workspace, report) == Outcome::Passed {
        report.step("tsc", || run(&mut npm_run(workspace, "check")));
        report.step("web/dist", || compare(workspace));
    }
}

/// Runs the tests of the library and the page, then those in the browser, in front of services and Envoy.
pub(crate) fn test(workspace: &Workspace, services: Services, report: &mut Report) {
    if prepare(workspace, report) == Outcome::Failed {
        return;
    }
    report.step("npm test", || run(&mut npm_run(workspace, "test")));
    let chromium = report.step("chromium", || debian::provide("chromium", "chromium"));
    if chromium == Outcome::Passed {
        report.step("npm run e2e", || {
            let mut e2e = npm_run(workspace, "e2e");
            if services == Services::Built {
                e2e.env("ABACUS_DEV", DEV);
            }
            run(&mut e2e)
        });
    }
}

/// Installs the packages, unless those of the lock file stand, and generates the types of the contract.
fn prepare(workspace: &Workspace, report: &mut Report) -> Outcome {
    let installed = report.step("npm ci", || {
        debian::provide("npm", "npm")?;
        install(workspace)
    });
    match installed {
        Outcome::Passed => report.step("npm run generate", || run(&mut npm_run(workspace, "generate"))),
        Outcome::Failed => Outcome::Failed,
    }
}

fn install(workspace: &Workspace) -> anyhow::Result<()> {
    let web = workspace.root().join("web");
    let wanted = digest(&web)?;
    // Inside of what `npm ci` takes away first, so that an installation that was cut is done again.
    let note = web.join("node_modules/.abacus");
    if fs::read_to_string(&note).is_ok_and(|noted| noted == wanted) {
        return Ok(());
    }
    run(npm(workspace).arg("ci"))?;
    fs::write(&note, wanted).with_context(|| format!("cannot write {}", note.display()))
}

/// What the manifests say, in short.
fn digest(web: &Path) -> anyhow::Result<String> {
    let mut digest = Sha256::new();
    for name in MANIFESTS {
        let path = web.join(name);
        digest.update(fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?);
    }
    let mut text = String::new();
    for byte in digest.finalize() {
        write!(text, "{byte:02x}").context("a String takes any text")?;
    }
    Ok(text)
}

/// Builds the page elsewhere and compares it with `web/dist`.
fn compare(workspace: &Workspace) -> anyhow::Result<()> {
    let built = tempfile::tempdir().context("no temporary directory can be made")?;
    let mut command = npm_run(workspace, "build");
    run(command.args(["--", "--emptyOutDir", "--outDir"]).arg(built.path()))?;
    let differences = differences(&files(built.path())?, &files(&workspace.root().join("web/dist"))?);
    if differences.is_empty() {
        return Ok(());
    }
    bail!("run `npm run build` in web/ and commit web/dist: {}", differences.join(", "));
}

/// What is wrong with `committed`, one text per file.
fn differences(built: &BTreeMap<String, Vec<u8>>, committed: &BTreeMap<String, Vec<u8>>) -> Vec<String> {
    let stale = committed
        .keys()
        .filter(|path| !built.contains_key(*path))
        .map(|path| format!("{path} is not built any more"));
    let wrong = built.iter().filter_map(|(path, content)| match committed.get(path) {
        None => Some(format!("{path} is missing")),
        Some(other) if other != content => Some(format!("{path} is not what is built")),
        Some(_) => None,
    });
    wrong.chain(stale).collect()
}

/// Every file below a directory, by its path from there. A directory that does not exist has none.
fn files(directory: &Path) -> anyhow::Result<BTreeMap<String, Vec<u8>>> {
    let mut found = BTreeMap::new();
    let mut waiting = vec![directory.to_owned()];
    while let Some(next) = waiting.pop().filter(|next| next.exists()) {
        for entry in fs::read_dir(&next).with_context(|| format!("cannot list {}", next.display()))? {
            let path = entry.with_context(|| format!("cannot list {}", next.display()))?.path();
            if path.is_dir() {
                waiting.push(path);
            } else {
                let content = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
                let name = path.strip_prefix(directory).unwrap_or(&path);
                found.insert(name.to_string_lossy().into_owned(), content);
            }
        }
    }
    Ok(found)
}

fn npm(workspace: &Workspace) -> Command {
    let mut command = workspace.command("npm");
    command.args(["--prefix", "web", "--loglevel=error"]);
    command
}

/// A script of `web/package.json`.
fn npm_run(workspace: &Workspace, script: &str) -> Command {
    let mut command = npm(workspace);
    command.args(["run", script]);
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_sort_of_difference_is_named() {
        let files = |files: &[(&str, &str)]| {
            files.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect()
        };
        let built = files(&[("index.html", "new"), ("assets/page.js", "same"), ("assets/new.js", "")]);
        let committed = files(&[("index.html", "old"), ("assets/page.js", "same"), ("assets/old.js", "")]);
        let expected = [
            "assets/new.js is missing",
            "index.html is not what is built",
            "assets/old.js is not built any more",
        ];
        assert_eq!(differences(&built, &committed), expected);
        assert!(differences(&built, &built).is_empty());
    }

    #[test]
    fn files_are_found_at_every_depth_and_none_where_nothing_is() {
        let directory = tempfile::tempdir().unwrap();
        fs::create_dir(directory.path().join("assets")).unwrap();
        fs::write(directory.path().join("index.html"), "page").unwrap();
        fs::write(directory.path().join("assets/page.js"), "code").unwrap();
        let found = files(directory.path()).unwrap();
        let found: Vec<_> = found.iter().map(|(path, content)| (path.as_str(), content.as_slice())).collect();
        assert_eq!(found, [("assets/page.js", &b"code"[..]), ("index.html", &b"page"[..])]);
        assert!(files(&directory.path().join("nowhere")).unwrap().is_empty());
    }

    #[test]
    fn another_lock_file_is_another_installation() {
        let web = tempfile::tempdir().unwrap();
        fs::create_dir(web.path().join("client")).unwrap();
        assert!(digest(web.path()).is_err(), "no manifest");
        for name in MANIFESTS {
            fs::write(web.path().join(name), "{}").unwrap();
        }
        let before = digest(web.path()).unwrap();
        fs::write(web.path().join("package-lock.json"), "{\"lockfileVersion\":3}").unwrap();
        assert_ne!(digest(web.path()).unwrap(), before);
    }
}
