//! The tables, and the page that they stand on.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::Context as _;

use super::contestant::{Laps, Role};
use super::pictures;
use super::rounds::{Entry, Field, Outcome};
use super::suite::Section;
use crate::host::Host;
use crate::statistics::significant;
use crate::table::Table;

/// The page's file.
pub(crate) const NAME: &str = "benchmarks.md";

/// Everything that was measured.
pub(crate) struct Page<'a> {
    pub(crate) results: &'a [(Section, Vec<Outcome>)],
    pub(crate) field: &'a Field,
    /// The command line that measured it.
    pub(crate) command: String,
}

impl Page<'_> {
    /// The tables alone.
    pub(crate) fn tables(&self) -> String {
        let mut text = String::new();
        paragraph(&mut text, READING);
        for (section, outcomes) in self.results {
            paragraph(&mut text, &format!("## {}", section.title));
            paragraph(&mut text, section.remark);
            if outcomes.is_empty() {
                paragraph(
                    &mut text,
                    "Nobody answers: what Abacus has for it takes minutes, and the others are absent.",
                );
                continue;
            }
            paragraph(&mut text, &times(outcomes).render());
            let ratios = ratios(outcomes);
            if !ratios.is_empty() {
                paragraph(&mut text, &ratios.render());
            }
        }
        let targets = self.targets();
        if !targets.is_empty() {
            paragraph(&mut text, "## Targets");
            paragraph(&mut text, TARGETS);
            paragraph(&mut text, &targets.render());
        }
        for fault in &self.field.absent {
            paragraph(&mut text, &format!("{fault}."));
        }
        text
    }

    /// Writes the page and its pictures into a folder.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub(crate) fn write(&self, folder: &Path) -> anyhow::Result<()> {
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        let mut seen = String::new();
        for picture in pictures::all(self.results) {
            let file = folder.join(picture.file);
            fs::write(&file, picture.svg).with_context(|| format!("cannot write {}", file.display()))?;
            paragraph(&mut seen, &format!("![{}]({})", picture.description, picture.file));
        }
        let file = folder.join(NAME);
        let text = format!("{}{seen}{}", self.introduction(), self.tables());
        let text = format!("{}\n", text.trim_end());
        fs::write(&file, text).with_context(|| format!("cannot write {}", file.display()))
    }

    fn introduction(&self) -> String {
        let Host { machine, load, date, commit } = Host::here();
        let names: Vec<_> = self.field.names().filter(|name| !name.starts_with("Abacus")).collect();
        format!(
            "# Benchmarks\n\n{ABOUT}\n\n\
             | | |\n| --- | --- |\n| Command | `{}` |\n| Date | {date} |\n| Source | {commit} |\n| Machine | {machine} |\n\
             | Load | {load} |\n\
             | Beside | {} |\n\n",
            self.command,
            names.join(", ")
        )
    }

    fn targets(&self) -> Table {
        let mut table = Table::new(["Question", "Who", "Target", "Measured", ""].map(str::to_owned));
        for outcome in self.results.iter().flat_map(|(_, outcomes)| outcomes) {
            for verdict in outcome.row.targets.iter().filter_map(|target| target.verdict(outcome)) {
                let word = if verdict.met { "met" } else { "missed" };
                let label = outcome.row.question.label();
                table.row([label, verdict.who, verdict.target, verdict.measured, word.to_owned()]);
            }
        }
        table
    }
}

const ABOUT: &str = "\
How fast the arithmetic of Abacus is, beside the libraries that others would take. This page is written by the command
below, which puts each question to all in turn, round after round, on one machine, and checks every answer. Only
ratios within one run mean something: absolute times change with the machine and with what else it does.

Rivals compute on one thread. *FLINT radix* stands for FLINT's integers in limbs of 10^19, which keep decimal digits as
those of Abacus do; *(wheel)* behind a version says that FLINT was not built for this machine.";

const READING: &str = "\
Times are medians on the clock, in milliseconds. The rows *Abacus / ...* tell what part of another's time Abacus takes
on one thread, with the best instructions: on the clock, and in brackets of the processor, which other work on the
machine disturbs less. Below 1, Abacus is faster.";

const TARGETS: &str = "What Abacus wants to reach. Absolute times are for the machine that they were set on: two \
                       cores of an x86-64 server with AVX-512.";

fn paragraph(text: &mut String, paragraph: &str) {
    writeln!(text, "{}\n", paragraph.trim_end()).expect("a String takes any text");
}

/// Who answered at least one of these, in the order in which all were asked.
fn names(outcomes: &[Outcome]) -> Vec<(String, Role)> {
    let mut names: Vec<(String, Role)> = Vec::new();
    for entry in outcomes.iter().flat_map(|outcome| &outcome.entries) {
        if !names.iter().any(|(name, _)| *name == entry.name) {
            names.push((entry.name.clone(), entry.role));
        }
    }
    // Who joined late, as rivals do that answer only some questions, still stands behind ours.
    names.sort_by_key(|(_, role)| *role == Role::Rival);
    names
}

fn entry<'a>(outcome: &'a Outcome, name: &str) -> Option<&'a Entry> {
    outcome.entries.iter().find(|entry| entry.name == name)
}

/// The medians, in milliseconds.
fn times(outcomes: &[Outcome]) -> Table {
    let labels = outcomes.iter().map(|outcome| outcome.row.question.label());
    let mut table = Table::new(std::iter::once("ms".to_owned()).chain(labels));
    let names = names(outcomes);
    let alone = !names.iter().any(|(_, role)| *role == Role::Own);
    for (name, role) in &names {
        let cells = outcomes.iter().map(|outcome| entry(outcome, name).map(milliseconds).unwrap_or_default());
        // Where instruction sets make no difference, they are not told.
        let shown = if alone && *role == Role::Reference { "Abacus" } else { name };
        table.row(std::iter::once(shown.to_owned()).chain(cells));
    }
    table
}

/// What part of the time of the others the reference takes.
fn ratios(outcomes: &[Outcome]) -> Table {
    let labels = outcomes.iter().map(|outcome| outcome.row.question.label());
    let mut table = Table::new(std::iter::once("part of the time".to_owned()).chain(labels));
    for (name, _) in names(outcomes).into_iter().filter(|(_, role)| *role != Role::Reference) {
        let cells = outcomes.iter().map(|outcome| {
            let pair = outcome.reference().zip(entry(outcome, &name));
            pair.and_then(|(ours, other)| ratio(ours, other)).unwrap_or_default()
        });
        let cells: Vec<_> = cells.collect();
        if cells.iter().any(|cell| !cell.is_empty()) {
            table.row(std::iter::once(format!("Abacus / {name}")).chain(cells));
        }
    }
    table
}

fn milliseconds(entry: &Entry) -> String {
    let figure = |time: fn(&Laps) -> f64| significant(1e3 * entry.median(time).unwrap_or(f64::NAN));
    let compute = figure(|laps| laps.compute.wall);
    if entry.laps.iter().all(|laps| laps.digits.is_some()) {
        format!("{compute} / {}", figure(|laps| laps.digits.unwrap_or_default().wall))
    } else {
        compute
    }
}

fn ratio(ours: &Entry, other: &Entry) -> Option<String> {
    let wall = ours.ratio(other, |laps| laps.total().wall)?;
    let cpu = ours.ratio(other, |laps| laps.total().cpu)?;
    Some(format!("{} ({})", rounded(wall), rounded(cpu)))
}

/// Two digits are all that a ratio holds on a machine with other work.
fn rounded(ratio: f64) -> String {
    let places = if ratio >= 9.95 {
        0
    } else if ratio >= 0.095 {
        2
    } else {
        3
    };
    format!("{ratio:.places$}")
}

#[cfg(test)]
mod tests {
    use super::super::question::Question;
    use super::super::suite::{Row, Size};
    use super::*;
    use crate::stopwatch::Lap;

    fn entry(name: &str, role: Role, seconds: f64) -> Entry {
        let lap = Lap { wall: seconds, cpu: seconds };
        Entry { name: name.to_owned(), role, laps: vec![Laps { compute: lap, digits: Some(lap) }] }
    }

    fn results() -> Vec<(Section, Vec<Outcome>)> {
        let row = Row {
            question: Question::Fibonacci(100_000),
            size: Size::Quick,
            answer: None,
            targets: Vec::new(),
        };
        let entries = vec![
            entry("Abacus, AVX2", Role::Reference, 0.001),
            entry("GMP 6.3.0", Role::Rival, 0.004),
            entry("Abacus, portable", Role::Own, 0.002),
        ];
        let section = Section { title: "Numbers", remark: "A remark.", rows: vec![row.clone()] };
        vec![(section, vec![Outcome { row, entries }])]
    }

    #[test]
    fn tables_hold_times_and_ratios() {
        let (results, field) = (results(), Field::new(Vec::new(), 1));
        let text = Page { results: &results, field: &field, command: "command".to_owned() }.tables();
        let expected = "\
## Numbers

A remark.

| ms               | F(10^5) |
| ---------------- | ------: |
| Abacus, AVX2     |   1 / 1 |
| Abacus, portable |   2 / 2 |
| GMP 6.3.0        |   4 / 4 |
";
        assert!(text.contains(expected), "{text}");
        assert!(text.contains("| Abacus / GMP 6.3.0        | 0.25 (0.25) |"), "{text}");
    }

    #[test]
    fn the_page_tells_where_its_figures_come_from() {
        let folder = tempfile::tempdir().unwrap();
        let (results, mut field) = (results(), Field::new(Vec::new(), 1));
        field.admit("FLINT", Err(anyhow::anyhow!("no library")));
        Page { results: &results, field: &field, command: "the command".to_owned() }
            .write(folder.path())
            .unwrap();
        let text = fs::read_to_string(folder.path().join(NAME)).unwrap();
        assert!(text.contains("| Command | `the command` |"), "{text}");
        assert!(text.ends_with("FLINT is left out: no library.\n"), "{text}");
        for picture in pictures::all(&results) {
            assert!(text.contains(&format!("({})", picture.file)), "{text}");
            assert!(folder.path().join(picture.file).is_file());
        }
    }

    #[test]
    fn ratios_are_short() {
        assert_eq!([0.01234, 0.1, 1.0, 12.7].map(rounded), ["0.012", "0.10", "1.00", "13"]);
    }
}
