//! Memory, time and files of the process, under the names that every Prometheus client library uses.

use std::fmt;
use std::time::{SystemTime, UNIX_EPOCH};

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Unit;

/// This process.
#[derive(Debug)]
pub(super) struct Process {
    started: SystemTime,
}

impl Default for Process {
    /// Made at the first figure, early in the life of the process.
    #[expect(
        clippy::disallowed_methods,
        reason = "the time of the system is what is told; no behaviour hangs on it"
    )]
    fn default() -> Self {
        Self { started: SystemTime::now() }
    }
}

impl Collector for Process {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let build = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
        write(&mut encoder, ("abacus_build", "The version of Abacus.", None), &build)?;
        let started = self.started.duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64());
        let told = ("process_start_time", "When the process started, since 1970.", Some(&Unit::Seconds));
        write(&mut encoder, told, &ConstGauge::new(started))?;
        of_the_system(&mut encoder)
    }
}

/// What the operating system tells; nothing where it tells nothing.
#[cfg(target_os = "linux")]
fn of_the_system(encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
    let Ok(process) = procfs::process::Process::myself() else { return Ok(()) };
    if let Ok(stat) = process.stat() {
        #[expect(clippy::cast_precision_loss, reason = "exact below 2^53 ticks, which is a million years")]
        let seconds = (stat.utime + stat.stime) as f64 / procfs::ticks_per_second() as f64;
        let told = ("process_cpu", "Time of computation, user and system.", Some(&Unit::Seconds));
        write(encoder, told, &ConstCounter::new(seconds))?;
        let told = ("process_resident_memory", "Memory that is in use.", Some(&Unit::Bytes));
        write(encoder, told, &ConstGauge::new(signed(stat.rss.saturating_mul(procfs::page_size()))))?;
        let told = ("process_threads", "Threads of the process.", None);
        write(encoder, told, &ConstGauge::new(stat.num_threads))?;
    }
    if let Ok(open) = process.fd_count() {
        write(
            encoder,
            ("process_open_fds", "Open files and connections.", None),
            &ConstGauge::new(signed(open as u64)),
        )?;
    }
    Ok(())
}

#[cfg(not(target_os = "linux"))]
fn of_the_system(_: &mut DescriptorEncoder<'_>) -> fmt::Result {
    Ok(())
}

/// Gauges are signed in this format.
#[cfg(target_os = "linux")]
fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn write(
    encoder: &mut DescriptorEncoder<'_>,
    (name, help, unit): (&str, &str, Option<&Unit>),
    metric: &impl EncodeMetric,
) -> fmt::Result {
    metric.encode(encoder.encode_descriptor(name, help, unit, metric.metric_type())?)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use crate::metrics::text;

    #[test]
    fn memory_time_and_files_are_told() {
        let text = text().unwrap();
        let value = |name: &str| {
            let line = text.lines().find(|line| line.starts_with(&format!("{name} "))).expect(name);
            line.rsplit(' ').next().unwrap().parse::<f64>().unwrap()
        };
        assert!(value("process_resident_memory_bytes") > 1e6);
        assert!(value("process_start_time_seconds") > 1.7e9);
        assert!(value("process_cpu_seconds_total") >= 0.0);
        assert!(value("process_threads") >= 1.0);
        assert!(value("process_open_fds") >= 3.0);
        assert!(text.contains("abacus_build_info{version=\""), "{text}");
    }
}
