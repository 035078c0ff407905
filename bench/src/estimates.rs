//! `cargo xtask bench estimates`: what tasks are estimated to cost beside what they do cost.

mod cases;
mod probe;

use anyhow::bail;

use crate::output::{note, print};
use crate::statistics::significant;
use crate::table::Table;
use cases::Case;
use probe::Measured;
pub(crate) use probe::probe;

/// How far off an estimate may be, in either direction.
const TIME_FACTOR: f64 = 2.0;
const MEMORY_FACTOR: f64 = 1.5;

/// What is below in estimate and measurement does not matter: seconds, bytes.
const SHORT: f64 = 50e-6;
const SMALL: f64 = 4_194_304.0;

const MIB: f64 = 1_048_576.0;

/// What to measure.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Only show the table: an estimate out of range is no failure
    #[arg(long)]
    report: bool,

    /// Only tasks that are estimated at less than a second
    #[arg(long)]
    quick: bool,

    /// Only tasks whose name has this text in it; may be repeated
    #[arg(long, value_name = "TEXT")]
    only: Vec<String>,
}

/// How an estimate compares with a measurement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Met,
    Low,
    High,
}

/// Measures, and prints the table.
///
/// # Errors
/// When a task cannot be computed, or an estimate is out of range and that is not only reported.
pub(crate) fn measure(options: &Options) -> anyhow::Result<()> {
    let headings =
        ["Task", "estimated ms", "measured ms", "ratio", "", "estimated MiB", "measured MiB", "ratio", ""];
    let mut table = Table::new(headings.map(str::to_owned));
    let mut faults = 0;
    for case in cases::all()?.into_iter().filter(|case| options.includes(case)) {
        note(&case.name);
        let measured = probe::measure(&case.task)?;
        let (cells, verdicts) = compare(&case, &measured);
        faults += verdicts.iter().filter(|verdict| **verdict != Verdict::Met).count();
        table.row(cells);
    }
    if table.is_empty() {
        bail!("no task has such a name");
    }
    print(&table.render());
    if faults == 0 {
        print("\nEvery estimate is within its range.");
    } else if options.report {
        print(&format!("\n{faults} estimates are out of range."));
    } else {
        bail!("{faults} estimates are out of range");
    }
    Ok(())
}

impl Options {
    fn includes(&self, case: &Case) -> bool {
        let named = self.only.is_empty() || self.only.iter().any(|text| case.name.contains(text.as_str()));
        named && (!self.quick || case.task.cost().compute.as_secs_f64() < 1.0)
    }
}

/// A row of the table, and what is said of time and memory in it.
fn compare(case: &Case, measured: &Measured) -> (Vec<String>, [Verdict; 2]) {
    let cost = case.task.cost();
    let time = [cost.compute.as_secs_f64(), measured.seconds];
    let memory = [bytes(cost.memory_bytes), bytes(measured.memory_bytes)];
    let verdicts = [judge(time, TIME_FACTOR, SHORT), judge(memory, MEMORY_FACTOR, SMALL)];
    let cells = |[estimate, real]: [f64; 2], unit: f64, verdict: Verdict| {
        [
            significant(estimate / unit),
            significant(real / unit),
            format!("{:.2}", estimate / real),
            verdict.word().to_owned(),
        ]
    };
    let row = std::iter::once(case.name.clone()).chain(cells(time, 1e-3, verdicts[0])).chain(cells(
        memory,
        MIB,
        verdicts[1],
    ));
    (row.collect(), verdicts)
}

fn judge([estimate, real]: [f64; 2], factor: f64, floor: f64) -> Verdict {
    let [estimate, real] = [estimate.max(floor), real.max(floor)];
    if estimate * factor < real {
        Verdict::Low
    } else if estimate > real * factor {
        Verdict::High
    } else {
        Verdict::Met
    }
}

impl Verdict {
    fn word(self) -> &'static str {
        match self {
            Self::Met => "",
            Self::Low => "too low",
            Self::High => "too high",
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "for a comparison with a factor")]
fn bytes(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn estimates_are_judged_by_their_factor() {
        assert_eq!(judge([1.0, 2.0], 2.0, 0.0), Verdict::Met);
        assert_eq!(judge([1.0, 2.1], 2.0, 0.0), Verdict::Low);
        assert_eq!(judge([2.1, 1.0], 2.0, 0.0), Verdict::High);
        assert_eq!(judge([0.001, 0.9], 2.0, 1.0), Verdict::Met, "both are below the floor");
        assert_eq!(judge([0.001, 3.0], 2.0, 1.0), Verdict::Low);
    }

    #[test]
    fn a_row_tells_estimate_and_measurement() {
        let case = cases::all().unwrap().into_iter().find(|case| case.name == "spin 100 ms").unwrap();
        let measured = Measured { seconds: 0.25, memory_bytes: 1 << 20 };
        let (row, verdicts) = compare(&case, &measured);
        assert_eq!(row, ["spin 100 ms", "100", "250", "0.40", "too low", "1", "1", "1.00", ""]);
        assert_eq!(verdicts, [Verdict::Low, Verdict::Met]);
    }
}
