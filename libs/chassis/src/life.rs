//! The life of a process: what runs in it, how it is asked to stop, when it is cut, and with which code it
//! ends.
//!
//! Two tokens: the *soft* one asks (not ready, stop claiming, finish or hand back, end streams), the *hard*
//! one cuts (whatever still runs is dropped). The first SIGTERM or SIGINT fires the soft token; a second one,
//! or the end of the grace period, the hard one. Everything that runs in the background runs through here, so
//! that the end waits for it, and so that a background loop that dies takes the process with it instead of
//! leaving it half alive. A life also knows which services were started in it and whether they are ready.

use std::any::Any;
use std::io;
use std::panic::AssertUnwindSafe;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::FutureExt as _;
use parking_lot::Mutex;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// The life of a process. Clones share it.
#[derive(Clone, Debug)]
pub struct Life(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    grace: Duration,
    soft: CancellationToken,
    hard: CancellationToken,
    tasks: TaskTracker,
    /// A background loop has died.
    failed: AtomicBool,
    /// The services of this process, and whether each can do its work.
    services: Mutex<Vec<(String, watch::Receiver<bool>)>>,
}

impl Life {
    /// A life that has just begun. `grace` is the time between the soft stop and the cut.
    #[must_use]
    pub fn new(grace: Duration) -> Self {
        Self(Arc::new(Inner {
            grace,
            soft: CancellationToken::new(),
            hard: CancellationToken::new(),
            tasks: TaskTracker::new(),
            failed: AtomicBool::new(false),
            services: Mutex::default(),
        }))
    }

    /// Lets [`Life::services`] tell of one more service.
    pub(crate) fn watch(&self, service: &str, ready: watch::Receiver<bool>) {
        self.0.services.lock().push((service.to_owned(), ready));
    }

    /// The services that were started in this life, and whether each can do its work now.
    pub(crate) fn services(&self) -> Vec<(String, bool)> {
        let stopping = self.0.soft.is_cancelled();
        let told =
            |(name, ready): &(String, watch::Receiver<bool>)| (name.clone(), *ready.borrow() && !stopping);
        self.0.services.lock().iter().map(told).collect()
    }

    /// Lets SIGTERM and SIGINT end this life: the first asks, the second cuts.
    ///
    /// # Errors
    /// The operating system's, when a handler cannot be installed.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    pub fn obey_signals(&self) -> io::Result<()> {
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let life = self.clone();
        #[expect(
            clippy::disallowed_methods,
            reason = "listens until the process ends: the end must not wait for it"
        )]
        tokio::spawn(async move {
            loop {
                let name = tokio::select! {
                    _ = terminate.recv() => "SIGTERM",
                    _ = interrupt.recv() => "SIGINT",
                };
                if life.soft().is_cancelled() {
                    tracing::warn!(signal = name, "asked to stop again: cutting what still runs");
                    life.cut();
                } else {
                    tracing::info!(signal = name, grace = ?life.0.grace, "asked to stop");
                    life.stop();
                }
            }
        });
        Ok(())
    }

    /// Fires when the process is asked to stop: be not ready, take no new work, finish or hand back, end
    /// streams.
    #[must_use]
    pub fn soft(&self) -> &CancellationToken {
        &self.0.soft
    }

    /// Fires when the process is cut: whatever still runs is dropped at its next await.
    #[must_use]
    pub fn hard(&self) -> &CancellationToken {
        &self.0.hard
    }

    /// Runs a background loop, which is to run until the soft stop and to end soon after it.
    ///
    /// A loop that ends earlier or panics is logged and stops the process with a failing exit code.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    pub fn spawn(&self, name: &'static str, future: impl Future<Output = ()> + Send + 'static) {
        let life = self.clone();
        self.track(name, async move {
            let ended = AssertUnwindSafe(future).catch_unwind().await;
            match ended {
                Ok(()) if life.soft().is_cancelled() => return,
                Ok(()) => tracing::error!("{name} ended by itself: stopping the process"),
                Err(panic) => {
                    tracing::error!(panic = text_of(&*panic), "{name} panicked: stopping the process");
                }
            }
            life.0.failed.store(true, Ordering::Release);
            life.stop();
        });
    }

    /// Runs a piece of work that ends by itself; the process waits for it before it ends. A panic is logged
    /// and concerns nobody else.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    pub fn track(&self, name: &'static str, future: impl Future<Output = ()> + Send + 'static) {
        let hard = self.0.hard.clone();
        self.0.tasks.spawn(async move {
            let work = AssertUnwindSafe(future).catch_unwind();
            match hard.run_until_cancelled_owned(work).await {
                Some(Ok(())) => {}
                Some(Err(panic)) => tracing::error!(panic = text_of(&*panic), "{name} panicked"),
                None => tracing::warn!("{name} was cut"),
            }
        });
    }

    /// Asks the process to stop.
    pub fn stop(&self) {
        self.0.soft.cancel();
    }

    /// Cuts whatever still runs.
    pub fn cut(&self) {
        self.0.soft.cancel();
        self.0.hard.cancel();
    }

    /// Waits for the soft stop and then for everything that runs, at most for the grace period; then cuts.
    ///
    /// The exit code is 0 when all ended by itself after a soft stop, 1 when a background loop died or
    /// something had to be cut. Work that never reaches an await cannot be cut: after the cut it is waited
    /// for one second, no longer.
    pub async fn finish(self) -> ExitCode {
        const AFTER_THE_CUT: Duration = Duration::from_secs(1);
        let Inner { grace, soft, hard, tasks, failed, services: _ } = &*self.0;
        soft.cancelled().await;
        tasks.close();
        let in_time = tokio::select! {
            biased;
            () = tasks.wait() => !hard.is_cancelled(),
            () = hard.cancelled() => false,
            () = tokio::time::sleep(*grace) => {
                tracing::warn!(tasks = tasks.len(), ?grace, "the grace period is over: cutting what still runs");
                false
            }
        };
        if !in_time {
            hard.cancel();
            if tokio::time::timeout(AFTER_THE_CUT, tasks.wait()).await.is_err() {
                tracing::error!(tasks = tasks.len(), "ending with tasks that cannot be cut");
            }
        }
        if in_time && !failed.load(Ordering::Acquire) {
            tracing::info!("stopped");
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        }
    }
}

/// What a panic said, as far as it can be read.
fn text_of(panic: &(dyn Any + Send)) -> &str {
    if let Some(text) = panic.downcast_ref::<&str>() {
        text
    } else if let Some(text) = panic.downcast_ref::<String>() {
        text
    } else {
        "(no text)"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_hours(1);

    #[tokio::test(start_paused = true)]
    async fn all_that_ends_after_the_soft_stop_is_waited_for_and_the_code_is_0() {
        let life = Life::new(LONG);
        let done = Arc::new(AtomicBool::new(false));
        let soft = life.soft().clone();
        life.spawn("loop", async move { soft.cancelled().await });
        let flag = Arc::clone(&done);
        life.track("work", async move {
            tokio::time::sleep(LONG / 2).await;
            flag.store(true, Ordering::Release);
        });
        life.stop();
        assert_eq!(life.finish().await, ExitCode::SUCCESS);
        assert!(done.load(Ordering::Acquire));
    }

    #[tokio::test(start_paused = true)]
    async fn a_loop_that_ends_early_stops_the_process_with_1() {
        let life = Life::new(LONG);
        life.spawn("short", async {});
        assert_eq!(life.finish().await, ExitCode::FAILURE);
    }

    #[tokio::test(start_paused = true)]
    async fn a_loop_that_panics_stops_the_process_with_1() {
        let life = Life::new(LONG);
        life.spawn("broken", async { panic!("expected in this test") });
        assert_eq!(life.finish().await, ExitCode::FAILURE);
    }

    #[tokio::test(start_paused = true)]
    async fn work_that_panics_concerns_nobody_else() {
        let life = Life::new(LONG);
        life.track("broken", async { panic!("expected in this test") });
        tokio::task::yield_now().await;
        assert!(!life.soft().is_cancelled());
        life.stop();
        assert_eq!(life.finish().await, ExitCode::SUCCESS);
    }

    #[tokio::test(start_paused = true)]
    async fn what_outlives_the_grace_period_is_cut_and_the_code_is_1() {
        let life = Life::new(Duration::from_secs(10));
        let held = Arc::new(());
        let inside = Arc::clone(&held);
        life.spawn("stubborn", async move {
            std::future::pending::<()>().await;
            drop(inside);
        });
        let before = tokio::time::Instant::now();
        life.stop();
        assert_eq!(life.clone().finish().await, ExitCode::FAILURE);
        assert_eq!(before.elapsed().as_secs(), 10);
        assert_eq!(Arc::strong_count(&held), 1);
        assert!(life.hard().is_cancelled());
    }

    #[tokio::test(start_paused = true)]
    async fn a_cut_does_not_wait_for_the_grace_period() {
        let life = Life::new(LONG);
        life.spawn("stubborn", std::future::pending());
        let before = tokio::time::Instant::now();
        life.cut();
        assert_eq!(life.finish().await, ExitCode::FAILURE);
        assert_eq!(before.elapsed(), Duration::ZERO);
    }
}
