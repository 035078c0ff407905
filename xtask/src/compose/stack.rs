//! The running stack: its containers, and the certainty that it is taken down.

use std::collections::BTreeSet;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, ensure};
use serde_json::Value;

use super::engine::Compose;
use super::eventually;
use crate::command::{capture, run};
use crate::workspace::Workspace;

/// From the start of a container to its health: pulled images, and a host that is busy otherwise.
const HEALTHY_WITHIN: Duration = Duration::from_mins(3);

/// The services of `docker-compose.yml`.
const SERVICES: [&str; 5] = ["redis", "notifier", "calculator", "gateway", "envoy"];

/// A Compose project of its own.
pub(super) struct Stack<'a> {
    workspace: &'a Workspace,
    compose: Compose,
    project: String,
    guard: Child,
}

/// A container of the stack, as it was when it was looked at.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Container {
    pub(super) id: String,
    pub(super) service: String,
    /// The word of `docker inspect`: `running`, `exited`, ...
    pub(super) status: String,
    /// `healthy` once its health check has passed.
    pub(super) health: String,
    pub(super) exit_code: i64,
    /// On the network of the stack; empty while it does not run.
    pub(super) address: String,
    /// Where the host reaches its port 8080, if it does.
    pub(super) published: Option<String>,
}

impl<'a> Stack<'a> {
    /// A stack that does not run yet. From now on it is taken down when this process ends, in whichever way.
    pub(super) fn guarded(workspace: &'a Workspace, compose: Compose) -> anyhow::Result<Self> {
        let project = format!("abacus-test-{}", std::process::id());
        let mut down = project_command(workspace, compose, &project);
        down.args(["down", "--volumes", "--remove-orphans", "--timeout", "10"]);
        // It reads from a pipe that nobody writes into: that ends with this process, even with one that is killed.
        let mut guard = workspace.command("sh");
        guard.args(["-c", "cat; exec \"$@\"", "guard"]).arg(down.get_program()).args(down.get_args());
        // In a group of its own a Ctrl-C does not reach it.
        let guard = guard.stdin(Stdio::piped()).process_group(0).spawn();
        Ok(Self { workspace, compose, project, guard: guard.context("cannot start `sh`")? })
    }

    pub(super) fn workspace(&self) -> &'a Workspace {
        self.workspace
    }

    /// Starts what does not run, with further arguments for `up`.
    pub(super) fn up(&self, args: &[&str]) -> anyhow::Result<()> {
        run(self.command().args(["up", "--detach", "--no-build", "--no-recreate"]).args(args))
    }

    /// Stops every container as its settings say.
    pub(super) fn stop(&self) -> anyhow::Result<()> {
        run(self.command().arg("stop"))
    }

    /// Ends a container without a warning.
    pub(super) fn kill(&self, container: &Container) -> anyhow::Result<()> {
        run(self.workspace.command("docker").args(["kill", "--signal", "KILL", &container.id]))
    }

    /// Tells where the public door is once every container of every service is healthy.
    pub(super) fn wait_until_healthy(&self) -> anyhow::Result<String> {
        eventually(HEALTHY_WITHIN, || {
            let containers = self.containers()?;
            let services: BTreeSet<_> =
                containers.iter().map(|container| container.service.as_str()).collect();
            ensure!(services == SERVICES.into(), "there are containers of {services:?} only");
            for Container { service, status, health, .. } in &containers {
                ensure!(health == "healthy", "a container of {service} is {status} and {health}");
            }
            let door = containers.into_iter().find_map(|container| container.published);
            door.context("no container is published")
        })
    }

    /// All containers, also those that have ended.
    pub(super) fn containers(&self) -> anyhow::Result<Vec<Container>> {
        let project = format!("label=com.docker.compose.project={}", self.project);
        let mut list = self.workspace.command("docker");
        let ids = capture(list.args(["ps", "--all", "--quiet", "--filter", &project]))?;
        ensure!(!ids.is_empty(), "there are no containers");
        let mut inspect = self.workspace.command("docker");
        let told = capture(inspect.arg("inspect").args(ids.split_whitespace()))?;
        let told: Vec<Value> = serde_json::from_str(&told).context("`docker inspect` told no JSON")?;
        told.iter().map(Container::read).collect()
    }

    /// The containers of a service that run.
    pub(super) fn running(&self, service: &str) -> anyhow::Result<Vec<Container>> {
        let mut containers = self.containers()?;
        containers.retain(|container| container.service == service && container.status == "running");
        Ok(containers)
    }

    /// Prints what every container has logged, the last lines of it.
    pub(super) fn print_logs(&self) -> anyhow::Result<()> {
        run(self.command().args(["ps"]))?;
        run(self.command().args(["logs", "--no-color", "--tail", "200"]))
    }

    /// Removes containers, network and volume.
    pub(super) fn take_down(mut self) -> anyhow::Result<()> {
        drop(self.guard.stdin.take());
        let status = self.guard.wait().context("cannot wait for the end of the stack")?;
        ensure!(status.success(), "`{}` is not taken down: {status}", self.project);
        Ok(())
    }

    fn command(&self) -> Command {
        project_command(self.workspace, self.compose, &self.project)
    }
}

/// Compose for this project, from the one file of the repository, with the door on a free port.
fn project_command(workspace: &Workspace, compose: Compose, project: &str) -> Command {
    let mut command = compose.command(workspace);
    command.args(["--file", "docker-compose.yml", "--project-name", project]);
    command.env("PUBLIC_DOOR", "127.0.0.1:0");
    command
}

impl Container {
    /// Reads one element of what `docker inspect` tells.
    fn read(told: &Value) -> anyhow::Result<Self> {
        let text = |path: &str| told.pointer(path).and_then(Value::as_str).map(str::to_owned);
        let needed = |path: &str| text(path).with_context(|| format!("`docker inspect` tells no {path}"));
        let networks = told.pointer("/NetworkSettings/Networks").and_then(Value::as_object);
        let address = networks.and_then(|networks| networks.values().next()?["IPAddress"].as_str());
        let published = text("/NetworkSettings/Ports/8080~1tcp/0/HostPort");
        let labels = &told["Config"]["Labels"];
        Ok(Self {
            id: needed("/Id")?,
            service: labels["com.docker.compose.service"].as_str().context("a label is missing")?.to_owned(),
            status: needed("/State/Status")?,
            health: text("/State/Health/Status").unwrap_or_else(|| "without health".to_owned()),
            exit_code: told["State"]["ExitCode"].as_i64().context("an exit code is missing")?,
            address: address.unwrap_or_default().to_owned(),
            published: published.map(|port| format!("127.0.0.1:{port}")),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_container_is_read_from_what_docker_tells() {
        let told = json!({
            "Id": "c0ffee",
            "State": { "Status": "running", "ExitCode": 0, "Health": { "Status": "healthy" } },
            "Config": { "Labels": { "com.docker.compose.service": "envoy" } },
            "NetworkSettings": {
                "Networks": { "abacus_default": { "IPAddress": "172.18.0.7" } },
                "Ports": { "8080/tcp": [{ "HostIp": "127.0.0.1", "HostPort": "49153" }] },
            },
        });
        let container = Container::read(&told).unwrap();
        let expected = Container {
            id: "c0ffee".to_owned(),
            service: "envoy".to_owned(),
            status: "running".to_owned(),
            health: "healthy".to_owned(),
            exit_code: 0,
            address: "172.18.0.7".to_owned(),
            published: Some("127.0.0.1:49153".to_owned()),
        };
        assert_eq!(container, expected);
    }

    #[test]
    fn one_that_ended_has_neither_address_nor_port() {
        let told = json!({
            "Id": "c0ffee",
            "State": { "Status": "exited", "ExitCode": 137 },
            "Config": { "Labels": { "com.docker.compose.service": "calculator" } },
            "NetworkSettings": { "Networks": { "abacus_default": { "IPAddress": "" } }, "Ports": {} },
        });
        let container = Container::read(&told).unwrap();
        assert_eq!((container.exit_code, container.address.as_str()), (137, ""));
        assert_eq!((container.health.as_str(), container.published), ("without health", None));
        assert!(Container::read(&json!({})).is_err());
    }
}
