//! What the calculator tells Prometheus: attempts and how they end, slots, beats that the broker missed.

use std::{sync::LazyLock, time::Duration};

use abacus_chassis::metrics::{self, Seconds};
use abacus_tasks::Lane;
use prometheus_client::metrics::{counter::Counter, family::Family, gauge::Gauge};

static ATTEMPTS: LazyLock<Family<[(&str, String); 2], Counter>> = LazyLock::new(|| {
    metrics::register("attempts", "Attempts that ended here, by kind and how they ended", Family::default())
});
static TIMES: LazyLock<Seconds<[(&str, String); 1]>> = LazyLock::new(|| {
    metrics::register_seconds(
        "attempt_seconds",
        "Time from the claim of a job to the end of the attempt, by kind",
    )
});
static SLOTS: LazyLock<Family<[(&str, &str); 1], Gauge>> = LazyLock::new(|| {
    metrics::register("slots", "Tasks that may be in hand at once, by lane", Family::default())
});
static BUSY: LazyLock<Family<[(&str, &str); 1], Gauge>> =
    LazyLock::new(|| metrics::register("busy_slots", "Tasks in hand, by lane", Family::default()));
static MISSED: LazyLock<Counter> = LazyLock::new(|| {
    let help = "Heartbeats that the broker did not answer; a lease is lost when it is not renewed in time";
    metrics::register("missed_heartbeats", help, Counter::default())
});

/// Counts an attempt that has ended. `event` is what the log calls its end, as in "job finished".
pub(crate) fn ended(kind: &str, event: &str, elapsed: Duration) {
    let end = event.strip_prefix("job ").unwrap_or(event);
    ATTEMPTS.get_or_create(&[("kind", kind.to_owned()), ("end", end.to_owned())]).inc();
    TIMES.get_or_create(&[("kind", kind.to_owned())]).observe(elapsed.as_secs_f64());
}

/// Slots of a lane, at the start of a worker. What counts from 0 is told from here on.
pub(crate) fn slots(lane: Lane, more: usize) {
    LazyLock::force(&MISSED);
    SLOTS.get_or_create(&[("lane", lane.as_str())]).inc_by(i64::try_from(more).unwrap_or(i64::MAX));
    drop(BUSY.get_or_create(&[("lane", lane.as_str())]));
}

/// A slot of a lane is taken.
pub(crate) fn taken(lane: Lane) {
    BUSY.get_or_create(&[("lane", lane.as_str())]).inc();
}

/// A slot of a lane is free again.
pub(crate) fn freed(lane: Lane) {
    BUSY.get_or_create(&[("lane", lane.as_str())]).dec();
}

/// Counts a heartbeat that the broker did not answer.
pub(crate) fn heartbeat_missed() {
    MISSED.inc();
}
