//! Figures of the process, as Prometheus reads them from `/metrics` of the admin port.
//!
//! They belong to the process, as its log does: each module registers its own where it counts, nothing is handed
//! through. Labels have few values (methods, kinds, lanes, reasons), never names of jobs or clients.

mod process;

use std::fmt;
use std::hash::Hash;
use std::sync::LazyLock;

use parking_lot::Mutex;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Metric, Registry};

/// What all names begin with, but those of the process, which have names of their own in the field.
const PREFIX: &str = "abacus_";

static REGISTRY: LazyLock<Mutex<Registry>> = LazyLock::new(|| {
    let mut registry = Registry::default();
    registry.register_collector(Box::new(process::Process::default()));
    Mutex::new(registry)
});

/// Registers a figure for the life of the process: `abacus_` and its name, what it tells. The name of a counter gets
/// `_total` by itself. To be called once for a name, from a `LazyLock`.
pub fn register<M: Metric + Clone>(name: &str, help: &str, metric: M) -> M {
    REGISTRY.lock().register(format!("{PREFIX}{name}"), help, metric.clone());
    metric
}

/// Registers what gathers its figures when it is asked.
pub fn register_collector(collector: impl Collector) {
    REGISTRY.lock().register_collector(Box::new(collector));
}

/// Times, in seconds, by labels.
pub type Seconds<L> = Family<L, Histogram, fn() -> Histogram>;

/// [Registers](register) a histogram of times from 0.5 ms to 2 min.
pub fn register_seconds<L>(name: &str, help: &str) -> Seconds<L>
where
    L: EncodeLabelSet + Clone + Eq + Hash + fmt::Debug + Send + Sync + 'static,
{
    register(name, help, Family::new_with_constructor(seconds))
}

fn seconds() -> Histogram {
    const BOUNDS: [f64; 17] = [
        0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0,
        120.0,
    ];
    Histogram::new(BOUNDS)
}

/// All figures, in the text format of `OpenMetrics` 1.0.
///
/// # Errors
/// When a collector cannot write its figures.
pub(crate) fn text() -> Result<String, fmt::Error> {
    let mut text = String::new();
    prometheus_client::encoding::text::encode(&mut text, &REGISTRY.lock())?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use prometheus_client::metrics::counter::Counter;

    use super::*;

    #[test]
    fn what_was_counted_is_told() {
        let family = Family::<[(&str, &str); 1], Counter>::default();
        let family = register("tested", "What a test counts", family);
        family.get_or_create(&[("sort", "good")]).inc_by(3);
        let text = text().unwrap();
        assert!(text.contains("# HELP abacus_tested What a test counts.\n"), "{text}");
        assert!(text.contains("\nabacus_tested_total{sort=\"good\"} 3\n"), "{text}");
        assert!(text.ends_with("# EOF\n"), "{text}");
    }
}
