//! What the gateway tells Prometheus: the requests it took, and the state of the whole mesh as the broker knows it.
//!
//! The second is the same from every gateway: `max by (...)` it, do not `sum` it. It is asked for only where an admin
//! port shows it.

use std::{
    fmt,
    sync::{Arc, LazyLock},
    time::Duration,
};

use abacus_broker::{Counters, QueueStats, SharedBroker, Stats};
use abacus_chassis::{Life, metrics};
use abacus_tasks::{Disposition, Lane};
use parking_lot::Mutex;
use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeMetric},
    metrics::{
        MetricType,
        counter::{ConstCounter, Counter},
        family::Family,
        gauge::ConstGauge,
    },
};
use tokio::time::{MissedTickBehavior, interval, timeout};

/// How old the state of the mesh may be that is told.
const INTERVAL: Duration = Duration::from_secs(5);

static REQUESTS: LazyLock<Family<[(&str, String); 3], Counter>> = LazyLock::new(|| {
    let help = "Requests that this gateway took, by kind, lane and how they were answered";
    metrics::register("requests", help, Family::default())
});

/// Counts a request that was taken.
pub(crate) fn count(kind: &str, lane: Lane, disposition: Disposition) {
    let labels =
        [("kind", kind.to_owned()), ("lane", lane.to_string()), ("disposition", disposition.to_string())];
    REQUESTS.get_or_create(&labels).inc();
}

/// The state of the mesh when the broker last told it; `None` when it did not answer.
#[derive(Debug, Clone, Default)]
struct Mesh(Arc<Mutex<Option<Stats>>>);

/// Tells the state of the mesh from now on until the soft stop, as a part of this life.
pub(crate) fn tell_of_mesh(broker: SharedBroker, life: &Life) {
    let mesh = Mesh::default();
    metrics::register_collector(mesh.clone());
    let soft = life.soft().clone();
    life.spawn("the gateway's figures", async move {
        let gather = async {
            let mut ticks = interval(INTERVAL);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            loop {
                ticks.tick().await;
                let told = timeout(INTERVAL, broker.stats()).await;
                *mesh.0.lock() = told.ok().and_then(Result::ok);
            }
        };
        soft.run_until_cancelled(gather).await;
    });
}

impl Collector for Mesh {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let stats = self.0.lock().clone();
        let up = ConstGauge::new(i64::from(stats.is_some()));
        up.encode(encoder.encode_descriptor(
            "abacus_broker_up",
            "1 while the broker answers.",
            None,
            MetricType::Gauge,
        )?)?;
        let Some(Stats { queues, counters, kept_jobs, kept_bytes }) = stats else { return Ok(()) };
        queued(&mut encoder, &queues)?;
        happened(&mut encoder, counters)?;
        let kept = [
            ("abacus_kept_jobs", "Jobs that are kept, in any state.", kept_jobs),
            ("abacus_kept_bytes", "Bytes of results, tasks and requests that are kept.", kept_bytes),
        ];
        for (name, help, value) in kept {
            gauge(value).encode(encoder.encode_descriptor(name, help, None, MetricType::Gauge)?)?;
        }
        Ok(())
    }
}

/// The queues that have jobs.
fn queued(encoder: &mut DescriptorEncoder<'_>, queues: &[QueueStats]) -> fmt::Result {
    type Value = fn(&QueueStats) -> ConstGauge<i64>;
    let figures: [(&str, &str, Value); 3] = [
        ("abacus_queued_jobs", "Jobs that wait, by kind and lane.", |queue| gauge(queue.queued)),
        ("abacus_running_jobs", "Jobs that are computed, by kind and lane.", |queue| gauge(queue.running)),
        ("abacus_oldest_queued_milliseconds", "How long the longest waiting job has waited.", |queue| {
            gauge(queue.oldest.map_or(0, |age| u64::try_from(age.as_millis()).unwrap_or(u64::MAX)))
        }),
    ];
    for (name, help, value) in figures {
        let mut family = encoder.encode_descriptor(name, help, None, MetricType::Gauge)?;
        for queue in queues {
            let labels = [("kind", queue.kind.clone()), ("lane", queue.lane.to_string())];
            value(queue).encode(family.encode_family(&labels)?)?;
        }
    }
    Ok(())
}

/// What happened since the broker's data began.
fn happened(encoder: &mut DescriptorEncoder<'_>, counters: Counters) -> fmt::Result {
    let Counters { created, joined, cached, succeeded, failed, cancelled, retried } = counters;
    let requests = [("created", created), ("joined", joined), ("cached", cached)];
    let jobs = [("succeeded", succeeded), ("failed", failed), ("cancelled", cancelled), ("retried", retried)];
    let help = "What became of the requests of the whole mesh.";
    let mut family = encoder.encode_descriptor("abacus_mesh_requests", help, None, MetricType::Counter)?;
    for (disposition, count) in requests {
        ConstCounter::new(count).encode(family.encode_family(&[("disposition", disposition)])?)?;
    }
    let help = "What became of the jobs of the whole mesh; retried counts attempts.";
    let mut family = encoder.encode_descriptor("abacus_mesh_jobs", help, None, MetricType::Counter)?;
    for (outcome, count) in jobs {
        ConstCounter::new(count).encode(family.encode_family(&[("outcome", outcome)])?)?;
    }
    Ok(())
}

/// Gauges are signed in this format.
fn gauge(value: u64) -> ConstGauge<i64> {
    ConstGauge::new(i64::try_from(value).unwrap_or(i64::MAX))
}
