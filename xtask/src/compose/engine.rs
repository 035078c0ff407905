//! Docker and Compose, as this machine has them.

use std::process::Command;

use anyhow::{Context as _, bail};

use crate::command::capture;
use crate::workspace::Workspace;

/// The ways in which Compose is installed: as a plugin of Docker, as a program of its own.
const FORMS: [&[&str]; 2] = [&["docker", "compose"], &["docker-compose"]];

/// A Compose that runs, beside an engine that answers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Compose {
    words: &'static [&'static str],
}

impl Compose {
    /// Looks for an engine and for Compose.
    ///
    /// # Errors
    /// When one is missing; the message says which and how to get it.
    pub(super) fn find(workspace: &Workspace) -> anyhow::Result<Self> {
        let mut version = workspace.command("docker");
        capture(version.args(["version", "--format", "{{.Server.Version}}"])).context(
            "these tests need a Docker engine that runs and the `docker` command: on Debian, \
             `apt-get install docker.io docker-compose`",
        )?;
        for words in FORMS {
            let compose = Self { words };
            if capture(compose.command(workspace).arg("version")).is_ok() {
                return Ok(compose);
            }
        }
        bail!(
            "these tests need Compose, as `docker compose` or as `docker-compose`: on Debian, \
             `apt-get install docker-compose`"
        );
    }

    /// A call of Compose, to be completed.
    pub(super) fn command(self, workspace: &Workspace) -> Command {
        let mut command = workspace.command(self.words[0]);
        command.args(&self.words[1..]);
        command
    }
}
