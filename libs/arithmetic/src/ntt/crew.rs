//! One or more threads that share a piece of work, and stop together.

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use crate::Interrupted;
use crate::monitor::Progress;

/// Reports progress and asks whether to go on; does so for the thread that it belongs to.
pub(super) trait Pace {
    /// Takes note of so many words done; `false`: stop.
    fn step(&mut self, words: usize) -> bool;
}

/// Of the calling thread: its reports speak for all.
struct Leader<'a, 'm> {
    progress: &'a mut Progress<'m>,
    /// What the work of one word counts, when all threads do as much.
    unit: f64,
    stop: &'a AtomicBool,
    unreported: usize,
}

/// Of another thread: does what the calling one says.
struct Follower<'a> {
    stop: &'a AtomicBool,
}

/// Words whose work is reported at once: a millisecond of it, more or less.
const REPORTED: usize = 1 << 20;

/// Calls `work` for each share, the first one on this thread, the others each on one of their own; `unit` is what a
/// word counts in the progress.
///
/// # Errors
/// [`Interrupted`] as soon as the monitor says so; the work is then left unfinished.
pub(super) fn share<S: Send>(
    shares: Vec<S>,
    (progress, unit): (&mut Progress<'_>, f64),
    work: impl Fn(S, &mut dyn Pace) + Sync,
) -> Result<(), Interrupted> {
    let stop = AtomicBool::new(false);
    #[expect(clippy::cast_precision_loss, reason = "there are not so many threads")]
    let unit = unit * shares.len() as f64;
    let mut shares = shares.into_iter();
    let Some(own) = shares.next() else { return Ok(()) };
    thread::scope(|scope| {
        for share in shares {
            let (work, stop) = (&work, &stop);
            scope.spawn(move || work(share, &mut Follower { stop }));
        }
        let mut leader = Leader { progress, unit, stop: &stop, unreported: 0 };
        work(own, &mut leader);
        leader.report();
    });
    if stop.into_inner() { Err(Interrupted) } else { Ok(()) }
}

/// Divides `count` things among up to `threads` shares, as evenly as can be; each gets some.
pub(super) fn divide(count: usize, threads: NonZeroUsize) -> impl Iterator<Item = std::ops::Range<usize>> {
    let shares = threads.get().min(count);
    (0..shares).map(move |share| share * count / shares..(share + 1) * count / shares)
}

impl Leader<'_, '_> {
    fn report(&mut self) -> bool {
        #[expect(clippy::cast_precision_loss, reason = "progress is an estimate")]
        let work = self.unreported as f64 * self.unit;
        self.unreported = 0;
        if self.progress.advance(work).is_err() {
            self.stop.store(true, Ordering::Relaxed);
        }
        !self.stop.load(Ordering::Relaxed)
    }
}

impl Pace for Leader<'_, '_> {
    fn step(&mut self, words: usize) -> bool {
        self.unreported += words;
        self.unreported < REPORTED || self.report()
    }
}

impl Pace for Follower<'_> {
    fn step(&mut self, _words: usize) -> bool {
        !self.stop.load(Ordering::Relaxed)
    }
}
