//! What a command tells while it works: a line as each step begins, a table of steps and seconds at the end.
//!
//! It speaks on standard error. Standard output belongs to the programs that the steps run, so that their closing
//! lines arrive as they were printed.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use anyhow::bail;

/// The steps of one command so far.
#[derive(Default)]
pub(crate) struct Report {
    steps: Vec<Step>,
}

struct Step {
    name: String,
    took: Duration,
    outcome: Outcome,
}

/// How a step ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Passed,
    Failed,
}

impl Report {
    /// Does one step: prints its name, does the work, prints the fault at once if there is one.
    pub(crate) fn step(&mut self, name: &str, work: impl FnOnce() -> anyhow::Result<()>) -> Outcome {
        say(&format!("==> {name}"));
        let start = Instant::now();
        let outcome = match work() {
            Ok(()) => Outcome::Passed,
            Err(error) => {
                say(&format!("{name} failed: {error:#}"));
                Outcome::Failed
            }
        };
        self.steps.push(Step { name: name.to_owned(), took: start.elapsed(), outcome });
        outcome
    }

    /// Prints the table.
    ///
    /// # Errors
    /// When a step failed; the message names each that did.
    pub(crate) fn close(self) -> anyhow::Result<()> {
        say(&table(&self.steps));
        let failed: Vec<_> = self
            .steps
            .iter()
            .filter(|step| step.outcome == Outcome::Failed)
            .map(|step| &*step.name)
            .collect();
        if !failed.is_empty() {
            bail!("failed: {}", failed.join(", "));
        }
        Ok(())
    }
}

/// One row per step and one for the sum; the seconds end in one column.
fn table(steps: &[Step]) -> String {
    let total = steps.iter().map(|step| step.took).sum::<Duration>();
    let width = steps.iter().map(|step| step.name.len()).max().unwrap_or(0).max("total".len());
    let mut text = String::new();
    for step in steps {
        let mark = match step.outcome {
            Outcome::Passed => "",
            Outcome::Failed => "  failed",
        };
        row(&mut text, &format!("{:width$}  {:>7.1} s{mark}", step.name, step.took.as_secs_f64()));
    }
    row(&mut text, &format!("{:width$}  {:>7.1} s", "total", total.as_secs_f64()));
    text
}

fn row(text: &mut String, row: &str) {
    writeln!(text, "{row}").expect("a String takes any text");
}

/// Prints a line, or several, to standard error.
#[expect(clippy::print_stderr, reason = "the one place where a command speaks to its user")]
pub(crate) fn say(text: &str) {
    eprintln!("{}", text.trim_end());
}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;

    use super::*;

    #[test]
    fn the_table_lines_up_and_marks_what_failed() {
        let steps = [
            Step { name: "format".into(), took: Duration::from_millis(440), outcome: Outcome::Passed },
            Step { name: "buf lint".into(), took: Duration::from_secs(61), outcome: Outcome::Failed },
        ];
        let expected = "format        0.4 s\n\
                        buf lint     61.0 s  failed\n\
                        total        61.4 s\n";
        assert_eq!(table(&steps), expected);
    }

    #[test]
    fn a_failed_step_does_not_hide_the_next_and_fails_the_whole() {
        let mut report = Report::default();
        assert_eq!(report.step("first", || Err(anyhow!("broken"))), Outcome::Failed);
        assert_eq!(report.step("second", || Ok(())), Outcome::Passed);
        assert_eq!(report.close().unwrap_err().to_string(), "failed: first");
    }

    #[test]
    fn steps_that_pass_make_a_command_that_passes() {
        let mut report = Report::default();
        report.step("only", || Ok(()));
        assert!(report.close().is_ok());
    }
}
