//! Where things are: the root of the repository, its target directory, the tools in it.
//!
//! Every program the commands start is started from here, so that all see the same directory, the same target
//! directory and the pinned tools before any others.

use std::env;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context as _;

/// The directories of this clone; all paths are absolute.
pub(crate) struct Workspace {
    root: PathBuf,
    target: PathBuf,
}

impl Workspace {
    /// The workspace that this binary was built from, with the target directory that cargo uses for it.
    ///
    /// # Errors
    /// When the current directory, which a relative `CARGO_TARGET_DIR` refers to, cannot be read.
    pub(crate) fn open() -> anyhow::Result<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"))
            .parent()
            .context("the package xtask does not stand in a folder of the workspace")?
            .to_owned();
        let target = match env::var_os("CARGO_TARGET_DIR") {
            Some(directory) if !directory.is_empty() => {
                std::path::absolute(directory).context("CARGO_TARGET_DIR names no place")?
            }
            _ => root.join("target"),
        };
        Ok(Self { root, target })
    }

    /// The folder of the clone.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Where cargo builds.
    pub(crate) fn target(&self) -> &Path {
        &self.target
    }

    /// Where tools are installed: programs in `bin/`, their versions in `versions/`.
    pub(crate) fn tools(&self) -> PathBuf {
        self.target.join("tools")
    }

    /// A program that will run at the root, with the pinned tools first on its `PATH`.
    pub(crate) fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(&self.root)
            .env("PATH", with_first(&self.tools().join("bin"), env::var_os("PATH").as_deref()))
            .env("CARGO_TARGET_DIR", &self.target);
        command
    }
}

/// `path` with `directory` in front; a `PATH` that is unset counts as empty.
fn with_first(directory: &Path, path: Option<&OsStr>) -> OsString {
    let mut joined = directory.as_os_str().to_owned();
    if let Some(path) = path.filter(|path| !path.is_empty()) {
        joined.push(":");
        joined.push(path);
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pinned_tools_come_before_any_others() {
        let bin = Path::new("/clone/target/tools/bin");
        assert_eq!(
            with_first(bin, Some(OsStr::new("/usr/bin:/bin"))),
            "/clone/target/tools/bin:/usr/bin:/bin"
        );
    }

    #[test]
    fn an_empty_path_gains_no_empty_entry() {
        // An empty entry would mean the current directory.
        assert_eq!(with_first(Path::new("/tools"), Some(OsStr::new(""))), "/tools");
        assert_eq!(with_first(Path::new("/tools"), None), "/tools");
    }
}
