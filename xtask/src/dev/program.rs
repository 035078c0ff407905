//! One process of the mesh: how it is started.

use std::env;
use std::ffi::{OsStr, OsString};
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use anyhow::Context as _;

use super::output;
use crate::command::find;

/// What services take their settings from begins so.
const PREFIX: &str = "ABACUS_";

/// A process to be kept running.
#[derive(Debug)]
pub(super) struct Program {
    /// As in `gateway-1`.
    pub(super) name: String,
    /// Where it listens: `host:port`.
    pub(super) address: String,
    pub(super) path: PathBuf,
    pub(super) args: Vec<OsString>,
    pub(super) variables: Vec<(&'static str, String)>,
}

impl Program {
    /// Starts it, and passes on what it writes.
    ///
    /// To be called by the thread that lives as long as this process: the kernel ends the started process with the
    /// thread that started it.
    pub(super) fn start(&self) -> anyhow::Result<Child> {
        let mut command = self.command();
        // In a group of its own a Ctrl-C does not reach it: it is stopped when its turn has come.
        command.process_group(0).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().with_context(|| format!("cannot start {}", self.path.display()))?;
        if let Some(stdout) = child.stdout.take() {
            output::pass_on(&self.name, stdout);
        }
        if let Some(stderr) = child.stderr.take() {
            output::pass_on(&self.name, stderr);
        }
        output::started(self, child.id());
        Ok(child)
    }

    /// The command line. With setpriv, which every Debian has, the process ends even if this one is killed.
    fn command(&self) -> Command {
        let mut command = match find("setpriv", &env::var_os("PATH").unwrap_or_default()) {
            Some(setpriv) => {
                let mut command = Command::new(setpriv);
                command.args(["--pdeathsig", "KILL", "--"]).arg(&self.path);
                command
            }
            None => Command::new(&self.path),
        };
        // The settings of whoever calls are meant for one service; the others would refuse to start with them.
        for (name, _) in env::vars_os().filter(|(name, _)| is_ours(name)) {
            command.env_remove(name);
        }
        command.args(&self.args).envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }
}

fn is_ours(name: &OsStr) -> bool {
    name.to_string_lossy().starts_with(PREFIX)
}
