//! The charts of the page.

use super::contestant::Role;
use super::question::Question;
use super::rounds::Outcome;
use super::suite::Section;
use crate::chart::bars::{self, Bar};
use crate::chart::lines::{self, Series, Style, Titles};
use crate::statistics::significant;

/// A chart in a file of its own.
pub(crate) struct Picture {
    pub(crate) file: &'static str,
    /// What it shows, for those who do not see it.
    pub(crate) description: String,
    pub(crate) svg: String,
}

/// Every chart for which there are figures.
pub(crate) fn all(results: &[(Section, Vec<Outcome>)]) -> Vec<Picture> {
    let outcomes: Vec<_> = results.iter().flat_map(|(_, outcomes)| outcomes).collect();
    [fibonacci(&outcomes), rivals(&outcomes)].into_iter().flatten().collect()
}

/// Times over n, of everybody.
fn fibonacci(outcomes: &[&Outcome]) -> Option<Picture> {
    let mut all: Vec<Series> = Vec::new();
    for outcome in outcomes {
        let Question::Fibonacci(n) = outcome.row.question else { continue };
        for entry in &outcome.entries {
            let seconds = entry.median(|laps| laps.total().wall)?;
            #[expect(clippy::cast_precision_loss, reason = "a place on an axis")]
            let point = (n as f64, seconds);
            if let Some(series) = all.iter_mut().find(|series| series.name == entry.name) {
                series.points.push(point);
            } else {
                let style = style(entry.role);
                all.push(Series { name: entry.name.clone(), points: vec![point], style });
            }
        }
    }
    let description = "The time of computing the n-th Fibonacci number and writing its decimal digits, over n, both \
                       on logarithmic axes; the figures stand in the table of Fibonacci numbers.";
    let titles = Titles {
        title: "F(n) with its decimal digits: time over n".to_owned(),
        description: description.to_owned(),
        horizontal: "n".to_owned(),
        vertical: seconds,
    };
    let svg = lines::render(&titles, &all)?;
    Some(Picture { file: "benchmarks-fibonacci.svg", description: description.to_owned(), svg })
}

fn style(role: Role) -> Style {
    match role {
        Role::Reference => Style::Bold,
        Role::Own => Style::Dashed,
        Role::Rival => Style::Plain,
    }
}

/// How many times as long the fastest rival takes: of the processor, as all have one thread.
fn rivals(outcomes: &[&Outcome]) -> Option<Picture> {
    let bars: Vec<_> = outcomes.iter().filter_map(|outcome| bar(outcome)).collect();
    let description = "For each question, how many times the processor time of Abacus on one thread the fastest rival takes, on a \
                       logarithmic axis; the figures are the inverse of those in the tables.";
    let title = "How many times the processor time of Abacus the fastest rival takes, one thread each";
    let svg = bars::render(title, description, &bars)?;
    Some(Picture { file: "benchmarks-rivals.svg", description: description.to_owned(), svg })
}

fn bar(outcome: &Outcome) -> Option<Bar> {
    let ours = outcome.reference()?;
    let rivals = outcome.entries.iter().filter(|entry| entry.role == Role::Rival);
    let times =
        rivals.filter_map(|rival| Some((1.0 / ours.ratio(rival, |laps| laps.total().cpu)?, &rival.name)));
    let (value, name) = times.min_by(|(one, _), (two, _)| one.total_cmp(two))?;
    let remark = format!("{} x, {name}", significant((value * 100.0).round() / 100.0));
    Some(Bar { label: outcome.row.question.label(), value, remark })
}

/// A power of ten of seconds, in the unit that suits it.
fn seconds(power: i32) -> String {
    let (unit, shift) = match power {
        ..-3 => ("us", 6),
        -3..0 => ("ms", 3),
        _ => ("s", 0),
    };
    format!("{} {unit}", 10f64.powi(power + shift))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_have_suitable_units() {
        assert_eq!(
            [-5, -4, -3, -1, 0, 2].map(seconds),
            ["10 us", "100 us", "1 ms", "100 ms", "1 s", "100 s"]
        );
    }
}
