//! One task in a process of its own, so that its peak memory is its own.
//!
//! The process reads the canonical bytes of the task from standard input, and tells what it cost in a line of JSON.

use std::fs;
use std::io::{Read as _, Write as _};
use std::ops::ControlFlow;
use std::process::{Command, Stdio};

use abacus_tasks::{Parts, Run, Stop, Task};
use anyhow::{Context as _, bail};
use bytes::Bytes;
use serde_json::{Value, json};

use crate::output::print;
use crate::stopwatch::timed;

/// A task is run this often; the least time counts.
const RUNS: u32 = 3;

/// What a task cost.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Measured {
    /// Of the processor, on one thread.
    pub(crate) seconds: f64,
    /// The most memory that was in use while it was computed, without what was in use before.
    pub(crate) memory_bytes: u64,
}

/// A run that throws the result away and never stops, on the only worker of a mesh: it computes all parts itself.
struct Discard;

/// A run that keeps the result.
#[derive(Default)]
struct Keep(Vec<u8>);

impl Run for Discard {
    fn report(&mut self, _: f64, _: &'static str) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }

    fn write(&mut self, _: &[u8]) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }

    fn announce(&mut self, _: Parts) -> bool {
        true
    }

    fn part(&mut self, part: &Task) -> Result<Option<Bytes>, Stop> {
        let mut keep = Keep::default();
        part.run(&mut keep)?;
        Ok(Some(keep.0.into()))
    }
}

impl Run for Keep {
    fn report(&mut self, _: f64, _: &'static str) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }

    fn write(&mut self, bytes: &[u8]) -> ControlFlow<()> {
        self.0.extend_from_slice(bytes);
        ControlFlow::Continue(())
    }
}

/// Measures a task in a new process.
///
/// # Errors
/// When it cannot be started, or the task fails.
pub(crate) fn measure(task: &Task) -> anyhow::Result<Measured> {
    let program = std::env::current_exe().context("this program has no file")?;
    let mut child = Command::new(program)
        .arg("probe")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot start a process for the task")?;
    let mut input = child.stdin.take().context("no standard input")?;
    input.write_all(task.canonical())?;
    drop(input);
    let output = child.wait_with_output()?;
    if !output.status.success() {
        bail!("the task's process ended with {}", output.status);
    }
    read(&String::from_utf8(output.stdout)?)
}

/// Computes the task on standard input and tells what it cost.
///
/// # Errors
/// When it is no task, or fails.
pub(crate) fn probe() -> anyhow::Result<()> {
    let mut bytes = Vec::new();
    std::io::stdin().read_to_end(&mut bytes)?;
    let task = Task::from_canonical(&bytes)?;
    let before = memory("VmRSS")?;
    let mut seconds = run(&task)?;
    let memory_bytes = memory("VmHWM")?.saturating_sub(before);
    for _ in 1..RUNS {
        seconds = seconds.min(run(&task)?);
    }
    print(&json!({"seconds": seconds, "memory_bytes": memory_bytes}).to_string());
    Ok(())
}

fn run(task: &Task) -> anyhow::Result<f64> {
    let (result, lap) = timed(|| task.run(&mut Discard));
    result?;
    Ok(lap.cpu)
}

/// A figure of this process in `/proc`, in bytes.
fn memory(name: &str) -> anyhow::Result<u64> {
    let status = fs::read_to_string("/proc/self/status").context("cannot read /proc/self/status")?;
    kibibytes(&status, name).with_context(|| format!("no {name} in /proc/self/status")).map(|size| size << 10)
}

fn kibibytes(status: &str, name: &str) -> Option<u64> {
    let value = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
    value.trim().strip_suffix("kB")?.trim().parse().ok()
}

fn read(line: &str) -> anyhow::Result<Measured> {
    let value: Value =
        serde_json::from_str(line).with_context(|| format!("the task's process said {line:?}"))?;
    let measured = value["seconds"].as_f64().zip(value["memory_bytes"].as_u64());
    let (seconds, memory_bytes) = measured.with_context(|| format!("a part is missing in {line:?}"))?;
    Ok(Measured { seconds, memory_bytes })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_of_a_process_are_read() {
        let status = "Name:\tx\nVmHWM:\t    2048 kB\nVmRSS:\t    1024 kB\n";
        assert_eq!(kibibytes(status, "VmHWM"), Some(2048));
        assert_eq!(kibibytes(status, "Vm"), None);
        assert!(memory("VmRSS").unwrap() > 0);
    }

    #[test]
    fn what_a_process_tells_is_read() {
        let measured = read(r#"{"seconds": 0.5, "memory_bytes": 1024}"#).unwrap();
        assert_eq!(measured, Measured { seconds: 0.5, memory_bytes: 1024 });
        assert!(read(r#"{"seconds": 0.5}"#).is_err());
        assert!(read("").is_err());
    }
}
