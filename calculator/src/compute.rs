//! The compute threads: operating-system threads of their own, so that pure computation starves nobody's runtime.
//!
//! Each lane has a queue and threads of its own, hence cheap tasks never wait behind expensive ones; the threads of
//! the long lane have a lower priority. A queue never holds more than its lane has slots. A computation that panics
//! ends as one that may be tried again, and its thread goes on.

mod estimate;
mod output;
mod within;

use std::{
    any::Any,
    collections::VecDeque,
    io,
    num::NonZeroUsize,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    thread,
};

use abacus_tasks::{Lane, Run, Size, Stop};
use parking_lot::{Condvar, Mutex};

use self::output::Output;
pub(crate) use self::{
    output::{Cut, Stored},
    within::compute_within,
};
use crate::{
    handover::{Computation, Handover},
    slots::Slot,
};

/// By how much the threads of the long lane are nicer than others: they get about a tenth of a contended core.
const LONG_NICENESS: i32 = 10;

/// What computes: writes its result and tells its size. It is given its meeting point to wait for other things by.
pub(crate) type Body = Box<dyn FnOnce(&mut dyn Run, &Arc<Handover>) -> Result<Size, Stop> + Send>;

/// The compute threads of a worker. Once dropped, each thread ends as soon as it has nothing to compute.
pub(crate) struct Compute {
    queues: [Arc<Queue>; 3],
    cut: Cut,
}

/// The work that waits for the threads of a lane.
#[derive(Default)]
struct Queue {
    waiting: Mutex<Waiting>,
    arrived: Condvar,
}

#[derive(Default)]
struct Waiting {
    work: VecDeque<Work>,
    closed: bool,
}

struct Work {
    body: Body,
    stored: Stored,
    cut: Cut,
    handover: Arc<Handover>,
}

impl Compute {
    /// Starts this many threads per lane, in the order of [`Lane::ALL`]. A job of the long lane may use `job_threads`
    /// while it runs, the one that it runs on included.
    ///
    /// # Errors
    /// The operating system's, when it has no room for another thread.
    pub(crate) fn start(threads: [usize; 3], job_threads: NonZeroUsize, cut: Cut) -> io::Result<Self> {
        let compute = Self { queues: Default::default(), cut };
        for (lane, threads) in Lane::ALL.into_iter().zip(threads) {
            let job_threads = if lane == Lane::Long { job_threads } else { NonZeroUsize::MIN };
            for number in 0..threads {
                let queue = Arc::clone(&compute.queues[lane as usize]);
                let thread = thread::Builder::new().name(format!("{lane}-{number}"));
                thread.spawn(move || {
                    if lane == Lane::Long {
                        lower_priority();
                    }
                    while let Some(work) = queue.next() {
                        work.run(job_threads);
                    }
                })?;
            }
        }
        Ok(compute)
    }

    /// How output is cut and paced.
    pub(crate) fn cut(&self) -> Cut {
        self.cut
    }

    /// Computes `body` on the next free thread of the slot's lane; its output up to what is stored is left out.
    pub(crate) fn begin(&self, slot: Slot, stored: Stored, body: Body) -> Computation {
        let queue = &self.queues[slot.lane() as usize];
        let computation = Computation::new(slot);
        let work = Work { body, stored, cut: self.cut, handover: computation.handover() };
        queue.waiting.lock().work.push_back(work);
        queue.arrived.notify_one();
        computation
    }
}

impl Drop for Compute {
    fn drop(&mut self) {
        for queue in &self.queues {
            queue.waiting.lock().closed = true;
            queue.arrived.notify_all();
        }
    }
}

impl Queue {
    /// The next work; waits for it. `None` when there is none and will be none.
    fn next(&self) -> Option<Work> {
        let mut waiting = self.waiting.lock();
        loop {
            if let Some(work) = waiting.work.pop_front() {
                return Some(work);
            }
            if waiting.closed {
                return None;
            }
            self.arrived.wait(&mut waiting);
        }
    }
}

impl Work {
    fn run(self, threads: NonZeroUsize) {
        let Self { body, stored, cut, handover } = self;
        if handover.is_stopped() {
            return handover.end(Err(Stop::Interrupted));
        }
        let mut output = Output::new(&handover, cut, stored, threads);
        // Neither side sees what a panic may have left half done: the output is dropped with it.
        let computed = catch_unwind(AssertUnwindSafe(|| body(&mut output, &handover)));
        handover.end(match told(computed) {
            Ok(size) => output.finish(size),
            Err(stop) => Err(stop),
        });
    }
}

/// How a computation ended, be it by a panic.
fn told(computed: thread::Result<Result<Size, Stop>>) -> Result<Size, Stop> {
    let panicked = |panic: Box<dyn Any + Send>| {
        Err(Stop::Retry(format!("the computation panicked: {}", text_of(&*panic))))
    };
    computed.unwrap_or_else(panicked)
}

/// What a panic said, as far as it can be read.
fn text_of(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no text")
}

/// Makes this thread nicer. Only on Linux does niceness belong to a thread instead of the whole process (nice(2)).
#[cfg(target_os = "linux")]
fn lower_priority() {
    // Refused at worst by a sandbox; the thread then computes at the common priority.
    if let Err(error) = rustix::process::nice(LONG_NICENESS) {
        tracing::debug!(cause = %error, "the long lane keeps the common priority");
    }
}

#[cfg(not(target_os = "linux"))]
fn lower_priority() {}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{handover::Event, slots::Slots};

    const CUT: Cut = Cut { chunk_bytes: 1024, progress_interval: Duration::from_millis(100) };

    async fn end(compute: &Compute, slots: &Slots, body: Body) -> Result<Size, Stop> {
        let slot = slots.take(Lane::Long).unwrap();
        let computation = compute.begin(slot, Stored::default(), body);
        match computation.next().await {
            Event::Ended(end) => end.map(|finished| finished.summary.size),
            event => panic!("{event:?}"),
        }
    }

    #[tokio::test]
    async fn a_panic_may_be_tried_again_and_the_thread_goes_on() {
        let (compute, slots) =
            (Compute::start([0, 0, 1], NonZeroUsize::MIN, CUT).unwrap(), Slots::new([0, 0, 9]));
        let panicked = end(&compute, &slots, Box::new(|_, _| panic!("out of beads"))).await;
        assert_eq!(panicked, Err(Stop::Retry("the computation panicked: out of beads".to_owned())));
        let stopped = end(&compute, &slots, Box::new(|_, _| Err(Stop::Fail("never".to_owned())))).await;
        assert_eq!(stopped, Err(Stop::Fail("never".to_owned())));
        assert_eq!(end(&compute, &slots, Box::new(|_, _| Ok(Size::Count(1)))).await, Ok(Size::Count(1)));
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn only_the_long_lane_is_nicer() {
        let priority = || rustix::process::getpriority_process(None).unwrap();
        let (compute, slots) =
            (Compute::start([0, 0, 1], NonZeroUsize::MIN, CUT).unwrap(), Slots::new([0, 0, 9]));
        let before = priority();
        let nicer = Box::new(move |_: &mut dyn Run, _: &Arc<Handover>| {
            let priority = rustix::process::getpriority_process(None).unwrap();
            Ok(Size::Count(u64::try_from(priority - before).unwrap()))
        });
        let long = end(&compute, &slots, nicer).await;
        assert_eq!(long, Ok(Size::Count(u64::try_from(LONG_NICENESS.min(19 - before)).unwrap())));
        assert_eq!(priority(), before, "of this thread");
    }

    #[tokio::test]
    async fn only_a_job_of_the_long_lane_may_use_several_threads() {
        let three = NonZeroUsize::new(3).unwrap();
        let (compute, slots) = (Compute::start([1, 1, 1], three, CUT).unwrap(), Slots::new([1, 1, 1]));
        for (lane, threads) in Lane::ALL.into_iter().zip([1, 1, 3]) {
            let slot = slots.take(lane).unwrap();
            let body: Body = Box::new(|run, _| Ok(Size::Count(u64::try_from(run.threads().get()).unwrap())));
            match compute.begin(slot, Stored::default(), body).next().await {
                Event::Ended(end) => assert_eq!(end.unwrap().summary.size, Size::Count(threads), "{lane}"),
                event => panic!("{event:?}"),
            }
        }
    }

    #[tokio::test]
    async fn what_was_stopped_before_it_began_does_not_run() {
        let (compute, slots) =
            (Compute::start([0, 0, 1], NonZeroUsize::MIN, CUT).unwrap(), Slots::new([0, 0, 2]));
        let (release, released) = std::sync::mpsc::channel::<()>();
        let busy: Body = Box::new(move |_, _| Ok(Size::Count(u64::from(released.recv().is_ok()))));
        let busy = compute.begin(slots.take(Lane::Long).unwrap(), Stored::default(), busy);
        let never: Body = Box::new(|_, _| panic!("it was stopped before"));
        let waiting = compute.begin(slots.take(Lane::Long).unwrap(), Stored::default(), never);
        drop(waiting);
        release.send(()).unwrap();
        assert!(matches!(busy.next().await, Event::Ended(Ok(_))));
        drop(busy);
        tokio::time::timeout(Duration::from_secs(10), async {
            while slots.some_free(Lane::Long).await < 2 {
                tokio::task::yield_now().await;
            }
        })
        .await
        .expect("both slots are given back");
    }
}
