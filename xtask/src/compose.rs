//! `cargo xtask test --compose`: Abacus as `docker-compose.yml` puts it together, seen from outside.
//!
//! The one idea: the images are built from this tree and started under a project name of their own on a port of their
//! own, so that nothing else on the host is touched; then the stack is used, hurt, scaled and stopped as a person
//! would. Whatever happens to this process, the stack is taken down. It runs on request only, for it needs Docker.

use std::thread;
use std::time::{Duration, Instant};

use crate::command::run;
use crate::report::{Outcome, Report};
use crate::tools::GRPCURL;
use crate::workspace::Workspace;

mod checks;
mod door;
mod engine;
mod stack;

use door::Door;
use engine::Compose;
use stack::Stack;

/// The targets of the Dockerfile. Their images are called as `docker-compose.yml` calls them.
const SERVICES: [&str; 3] = ["gateway", "calculator", "notifier"];

/// Between two questions whether something has come about: each question starts a program.
const PAUSE: Duration = Duration::from_millis(200);

/// Builds the images, with `args` for `docker build`, and tries the stack.
///
/// # Errors
/// When Docker or Compose is missing, a tool cannot be installed, an image cannot be built or a check fails.
pub(crate) fn test(workspace: &Workspace, args: &[String]) -> anyhow::Result<()> {
    let compose = Compose::find(workspace)?;
    let mut report = Report::default();
    let provided = GRPCURL.provide(workspace, &mut report);
    if provided == Outcome::Passed && build(workspace, args, &mut report) == Outcome::Passed {
        let stack = Stack::guarded(workspace, compose)?;
        if check(&stack, &mut report) == Outcome::Failed {
            report.step("logs", || stack.print_logs());
        }
        report.step("take down", || stack.take_down());
    }
    report.close()
}

fn build(workspace: &Workspace, args: &[String], report: &mut Report) -> Outcome {
    let built = SERVICES.map(|service| {
        let image = format!("abacus-{service}");
        report.step(&format!("build {image}"), || {
            let mut build = workspace.command("docker");
            build.args(["build", "--target", service, "--tag", &image]).args(args).arg(".");
            run(&mut build)
        })
    });
    whole(&built)
}

/// What is tried, in this order: each check finds the stack as the one before has left it.
fn check(stack: &Stack, report: &mut Report) -> Outcome {
    let mut door = None;
    let started = report.step("start", || {
        stack.up(&[])?;
        door = Some(Door::new(stack.workspace(), stack.wait_until_healthy()?));
        Ok(())
    });
    let Some(door) = door else { return started };
    whole(&[
        report.step("fib(10^6) through Envoy", || checks::fibonacci(&door)),
        report.step("grpc-web through Envoy", || door.check_grpc_web()),
        report.step("a worker killed while it computes", || checks::lost_worker(&door, stack)),
        report.step("a second gateway and notifier", || checks::second_doors(&door, stack)),
        report.step("scale up to 3 calculators", || checks::scale_up(&door, stack)),
        report.step("stop", || checks::stop(stack)),
    ])
}

fn whole(parts: &[Outcome]) -> Outcome {
    if parts.contains(&Outcome::Failed) { Outcome::Failed } else { Outcome::Passed }
}

/// Asks until the answer is not an error.
///
/// # Errors
/// With the last answer when none came within `limit`.
fn eventually<T>(limit: Duration, mut ask: impl FnMut() -> anyhow::Result<T>) -> anyhow::Result<T> {
    let deadline = Instant::now() + limit;
    loop {
        match ask() {
            Err(error) if Instant::now() >= deadline => {
                return Err(error.context(format!("it has not come about within {limit:?}")));
            }
            Err(_) => thread::sleep(PAUSE),
            answer => return answer,
        }
    }
}
