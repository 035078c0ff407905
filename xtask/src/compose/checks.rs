//! What a stack has to stand.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, anyhow, bail, ensure};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::door::Door;
use super::eventually;
use super::stack::{Container, Stack};

/// The SHA-256 of the 208988 decimal digits of the Fibonacci number with the index 10^6.
const FIBONACCI_SHA256: &str = "aef6e8c19df607aa07940f2abde8460d1b34c18df1a6f46b5fc04dfe9be51706";

/// A job that is to run: found a free slot, and been told of.
const RUNS_WITHIN: Duration = Duration::from_secs(30);

/// Of everything but calculators one more than the file says.
const TWO_DOORS: [&str; 4] = ["--scale", "gateway=2", "--scale", "notifier=2"];

/// Calls that follow each other after a death.
const CALLS: u32 = 10;

/// New calculators: started, and the dead one forgotten, which takes 10 s.
const SERVE_WITHIN: Duration = Duration::from_mins(1);

/// A large number arrives whole.
pub(super) fn fibonacci(door: &Door) -> anyhow::Result<()> {
    let messages = door.call("JobService/RunJob", &json!({ "task": { "fibonacci": { "n": 1_000_000 } } }))?;
    let Ended { digits, terminal, .. } = Ended::read(&messages)?;
    let mut sum = String::new();
    for byte in Sha256::digest(&digits) {
        write!(sum, "{byte:02x}").context("a String takes any text")?;
    }
    ensure!(sum == FIBONACCI_SHA256, "{} digits came, with the SHA-256 {sum}", digits.len());
    let told = &terminal["result"]["sha256"];
    ensure!(told == FIBONACCI_SHA256, "the summary tells another SHA-256: {told}");
    Ok(())
}

/// A job outlives its worker, and whoever follows it sees it to its end on the stream that was open all along.
pub(super) fn lost_worker(door: &Door, stack: &Stack) -> anyhow::Result<()> {
    // Long enough to be found and hit while it runs, on a slow host too.
    let request =
        json!({ "task": { "spin": { "label": "survivor", "duration": "10s" } }, "client": "survivor" });
    let (messages, killed) = thread::scope(|scope| {
        let following = scope.spawn(|| door.call("JobService/RunJob", &request));
        let killed = kill_worker_of("survivor", door, stack);
        let messages = following.join().map_err(|_| anyhow!("the follower panicked"))?;
        anyhow::Ok((messages?, killed?))
    })?;
    let Ended { digits, attempt, job, .. } = Ended::read(&messages)?;
    ensure!(digits == "survivor", "the result is {digits:?}");
    ensure!(attempt == 2, "it took {attempt} attempts");
    let worker = &door.ask("JobService/GetJob", &json!({ "job": job }))?["job"]["worker"];
    ensure!(*worker != killed, "the dead worker {killed} is said to have finished it");
    Ok(())
}

/// Kills the container in which the one job of this client runs; tells the id of the worker.
fn kill_worker_of(client: &str, door: &Door, stack: &Stack) -> anyhow::Result<String> {
    let worker = eventually(RUNS_WITHIN, || {
        let requests = door.ask("JobService/ListRequests", &json!({ "client": client }))?;
        let job = &requests["requests"][0]["job"];
        ensure!(job.is_string(), "nothing is asked for yet");
        let answer = door.ask("JobService/GetJob", &json!({ "job": job }))?;
        ensure!(answer["job"]["state"] == "JOB_STATE_RUNNING", "it does not run: {answer}");
        answer["job"]["worker"].as_str().map(str::to_owned).context("a running job has no worker")
    })?;
    let workers = door.workers()?;
    let place = workers.into_iter().find(|known| known.id == worker).context("its worker is not listed")?;
    let calculators = stack.running("calculator")?;
    let container = calculators.iter().find(|container| container.address == place.host);
    stack
        .kill(container.with_context(|| format!("no calculator of {calculators:?} is at {}", place.host))?)?;
    Ok(worker)
}

/// A second gateway and a second notifier are found by their names, and stand in for the first.
pub(super) fn second_doors(door: &Door, stack: &Stack) -> anyhow::Result<()> {
    let mut first = stack.running("gateway")?;
    first.extend(stack.running("notifier")?);
    stack.up(&TWO_DOORS)?;
    stack.wait_until_healthy()?;
    first.iter().try_for_each(|container| stack.kill(container))?;
    // Envoy asks for names every 5 s; until then it may know only those who are gone.
    eventually(SERVE_WITHIN, || sum(door, 0))?;
    (1..=CALLS).try_for_each(|number| sum(door, number))?;
    stack.up(&TWO_DOORS)?;
    stack.wait_until_healthy()?;
    Ok(())
}

/// A job that nobody has asked for is computed and followed to its end.
fn sum(door: &Door, number: u32) -> anyhow::Result<()> {
    let task = json!({ "task": { "sum2": { "first": "1", "second": number.to_string() } } });
    let Ended { digits, .. } = Ended::read(&door.call("JobService/RunJob", &task)?)?;
    ensure!(digits == (number + 1).to_string(), "1 + {number} is said to be {digits}");
    Ok(())
}

/// More calculators join by themselves, and the gateway finds each where it says it is. Afterwards all of them are
/// drained.
pub(super) fn scale_up(door: &Door, stack: &Stack) -> anyhow::Result<()> {
    // What is not named would be scaled down to what the file says.
    stack.up(&[&TWO_DOORS[..], &["--scale", "calculator=3"]].concat())?;
    let workers = eventually(SERVE_WITHIN, || {
        let (workers, calculators) = (door.workers()?, stack.running("calculator")?);
        let announced: BTreeSet<_> = workers.iter().map(|worker| &worker.host).collect();
        let real: BTreeSet<_> = calculators.iter().map(|container| &container.address).collect();
        let serving = workers.iter().all(|worker| worker.state == "WORKER_STATE_SERVING");
        ensure!(
            serving && workers.len() == 3 && announced == real && real.len() == 3,
            "the workers are {workers:?}, the calculators are at {real:?}"
        );
        Ok(workers)
    })?;
    for worker in workers {
        let answer = door.ask("OperatorService/DrainWorker", &json!({ "worker": worker.id }))?;
        ensure!(answer["worker"]["state"] == "WORKER_STATE_DRAINING", "a drain was answered {answer}");
    }
    Ok(())
}

/// Every process ends by itself when it is asked to.
pub(super) fn stop(stack: &Stack) -> anyhow::Result<()> {
    stack.stop()?;
    for Container { service, status, exit_code, .. } in stack.containers()? {
        ensure!(
            status == "exited" && exit_code == 0,
            "a container of {service} is {status}, with {exit_code}"
        );
    }
    Ok(())
}

/// What a stream of `RunJob` that has come to its end told.
struct Ended {
    job: String,
    /// The result: digits, or whatever characters the kind writes.
    digits: String,
    attempt: u64,
    terminal: Value,
}

impl Ended {
    fn read(messages: &[Value]) -> anyhow::Result<Self> {
        let frames: Vec<_> = messages.iter().map(|message| &message["frame"]).collect();
        let Some(last) = frames.last() else { bail!("the stream was empty") };
        let terminal = last["terminal"].clone();
        ensure!(terminal["state"] == "JOB_STATE_SUCCEEDED", "the stream ended with {last}");
        Ok(Self {
            job: last["job"].as_str().context("the last frame names no job")?.to_owned(),
            digits: frames.iter().filter_map(|frame| frame["chunk"]["text"].as_str()).collect(),
            attempt: last["attempt"].as_u64().context("the last frame has no attempt")?,
            terminal,
        })
    }
}
