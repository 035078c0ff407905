//! Keeps processes running: starts again what ends, as the containers' engine would, and stops all of them in order.
//!
//! One thread starts and signals processes; others wait for their ends, for signals and for the public door, and tell
//! it. The kernel ends a process with the thread that started it, so that must be the one that lasts.

use std::process::{Child, ExitStatus};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, waitid};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use super::plan::Plan;
use super::program::Program;
use super::{output, readiness};

/// Before what has died is started again, the first time; doubled each further time ...
const FIRST_REST: Duration = Duration::from_millis(200);

/// ... up to this, ...
const LONGEST_REST: Duration = Duration::from_secs(5);

/// ... until it has run for so long.
const STEADY: Duration = Duration::from_secs(10);

/// How long processes may take to end, above the grace of the services.
const STOP_WITHIN: Duration = Duration::from_secs(5);

/// The exit code of a service that cannot use its settings: starting it again would change nothing.
const EXIT_USAGE: i32 = 64;

/// What the one thread waits for.
enum Event {
    /// The process of the program with this index has ended. It has not been reaped yet, so that its id is its own.
    Ended(usize),
    /// Somebody wants an end.
    Signal,
    /// The public door answers.
    Ready,
}

/// A program, and its process while it runs.
struct Kept {
    program: Program,
    child: Option<Child>,
    started: Instant,
    rest: Duration,
    /// When it is to be started again.
    due: Option<Instant>,
}

/// All processes of the mesh. The first is Redis.
pub(super) struct Supervisor {
    kept: Vec<Kept>,
    events: Receiver<Event>,
    teller: Sender<Event>,
    url: String,
}

impl Supervisor {
    /// Starts everything.
    ///
    /// # Errors
    /// When a program cannot be started, or Redis does not answer. What was started has ended then.
    pub(super) fn start(plan: Plan) -> anyhow::Result<Self> {
        let (teller, events) = mpsc::channel();
        watch_signals(teller.clone())?;
        let Plan { redis, redis_at, others, health_at, url } = plan;
        let kept = std::iter::once(redis).chain(others).map(Kept::new).collect();
        let mut supervisor = Self { kept, events, teller, url };
        supervisor.launch(0)?;
        readiness::await_redis(redis_at)?;
        for index in 1..supervisor.kept.len() {
            supervisor.launch(index)?;
        }
        let teller = supervisor.teller.clone();
        thread::spawn(move || {
            readiness::await_door(health_at);
            // Nobody listens any more when all of it ends.
            let _ = teller.send(Event::Ready);
        });
        Ok(supervisor)
    }

    /// Keeps everything running until a signal comes; then stops it.
    ///
    /// # Errors
    /// When a service refuses its settings, or a program cannot be started any more.
    pub(super) fn run(mut self) -> anyhow::Result<()> {
        let outcome = self.keep();
        self.stop();
        outcome
    }

    fn keep(&mut self) -> anyhow::Result<()> {
        loop {
            match self.next_event(self.next_due()) {
                Some(Event::Signal) => return Ok(()),
                Some(Event::Ready) => output::ready(&self.url),
                Some(Event::Ended(index)) => self.kept[index].bury()?,
                None => {}
            }
            for index in 0..self.kept.len() {
                if self.kept[index].due.is_some_and(|due| due <= Instant::now()) {
                    self.launch(index)?;
                }
            }
        }
    }

    /// Asks all but Redis to end, then Redis; kills what does not, and at a second signal everything at once.
    fn stop(&mut self) {
        let last = self.kept.len();
        for group in [1..last, 0..1] {
            self.kept[group.clone()].iter().for_each(|kept| kept.signal(Signal::TERM));
            let deadline = Instant::now() + STOP_WITHIN;
            while self.kept[group.clone()].iter().any(|kept| kept.child.is_some()) {
                match self.next_event(Some(deadline)) {
                    Some(Event::Ended(index)) => {
                        self.kept[index].reap();
                    }
                    Some(Event::Ready) => {}
                    Some(Event::Signal) | None => return self.kill(),
                }
            }
        }
    }

    fn kill(&mut self) {
        for kept in &mut self.kept {
            kept.signal(Signal::KILL);
            kept.reap();
        }
    }

    /// The next event, or `None` when it has not come until then.
    fn next_event(&self, until: Option<Instant>) -> Option<Event> {
        let Some(until) = until else { return self.events.recv().ok() };
        self.events.recv_timeout(until.saturating_duration_since(Instant::now())).ok()
    }

    fn next_due(&self) -> Option<Instant> {
        self.kept.iter().filter_map(|kept| kept.due).min()
    }

    /// Starts a program, and a thread that waits for its end.
    fn launch(&mut self, index: usize) -> anyhow::Result<()> {
        let kept = &mut self.kept[index];
        let child = kept.program.start()?;
        let pid = Pid::from_child(&child);
        (kept.child, kept.started, kept.due) = (Some(child), Instant::now(), None);
        let teller = self.teller.clone();
        thread::spawn(move || {
            let _ = waitid(WaitId::Pid(pid), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT);
            let _ = teller.send(Event::Ended(index));
        });
        Ok(())
    }
}

/// Whatever goes wrong, nothing is left running.
impl Drop for Supervisor {
    fn drop(&mut self) {
        self.kill();
    }
}

impl Kept {
    fn new(program: Program) -> Self {
        Self { program, child: None, started: Instant::now(), rest: FIRST_REST, due: None }
    }

    /// Tells of the end of the process and says when it is started again.
    fn bury(&mut self) -> anyhow::Result<()> {
        let pid = self.child.as_ref().map(Child::id).unwrap_or_default();
        let status = self.reap().context("a process ended that was not started")?;
        output::ended(&self.program, pid, &status);
        if status.code() == Some(EXIT_USAGE) {
            bail!("{} cannot use its settings", self.program.name);
        }
        if self.started.elapsed() >= STEADY {
            self.rest = FIRST_REST;
        }
        self.due = Some(Instant::now() + self.rest);
        self.rest = (self.rest * 2).min(LONGEST_REST);
        Ok(())
    }

    fn signal(&self, signal: Signal) {
        if let Some(child) = &self.child {
            // It may have ended already, and is not reaped: the id is still its own.
            let _ = kill_process(Pid::from_child(child), signal);
        }
    }

    fn reap(&mut self) -> Option<ExitStatus> {
        self.child.take().and_then(|mut child| child.wait().ok())
    }
}

/// Tells of every SIGINT and SIGTERM.
fn watch_signals(teller: Sender<Event>) -> anyhow::Result<()> {
    let mut signals = Signals::new([SIGINT, SIGTERM]).context("signals cannot be watched")?;
    thread::spawn(move || {
        for _ in signals.forever() {
            let _ = teller.send(Event::Signal);
        }
    });
    Ok(())
}
