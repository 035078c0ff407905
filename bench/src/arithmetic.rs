//! `cargo xtask bench arithmetic`: the kernels of abacus-arithmetic beside their rivals.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::bail;

use crate::output::{note, print};

mod contestant;
mod num_bigint_rival;
mod operands;
mod ours;
mod page;
mod pictures;
mod question;
mod rival;
mod rounds;
mod suite;
mod target;

use contestant::Contestant;
use num_bigint_rival::NumBigint;
use operands::Operands;
use rounds::{Field, Outcome};
use suite::{Section, Size};

/// Where the page is written after a whole run.
const PAGES: &str = "docs";

/// The most rounds that can be asked for.
const MOST_ROUNDS: i64 = 99;

/// What to measure.
#[derive(clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a word of the command line")]
pub(crate) struct Options {
    /// How often each question is put to each, 1 to 99; what takes more than two seconds is asked three times at most
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=MOST_ROUNDS))]
    rounds: u32,

    /// Only small sizes
    #[arg(long)]
    quick: bool,

    /// Put the largest questions to rivals as well
    #[arg(long, conflicts_with_all = ["quick", "alone"])]
    full: bool,

    /// Without rivals
    #[arg(long)]
    alone: bool,

    /// Only questions whose name, as --list tells it, has this text in it; may be repeated
    #[arg(long, value_name = "TEXT")]
    only: Vec<String>,

    /// List the questions and measure nothing
    #[arg(long)]
    list: bool,

    /// Write benchmarks.md and its pictures into this folder [default: docs for a run without --quick, --alone and
    /// --only, nowhere else]
    #[arg(long, value_name = "FOLDER")]
    output: Option<PathBuf>,
}

/// Measures, prints the tables, and writes the page.
///
/// # Errors
/// When a computation of ours fails or gives a wrong answer, or the page cannot be written.
pub(crate) fn measure(options: &Options, tools: &Path) -> anyhow::Result<()> {
    let sections = suite::sections().into_iter().map(|section| options.chosen(section));
    let sections: Vec<_> = sections.filter(|section| !section.rows.is_empty()).collect();
    if sections.is_empty() {
        bail!("no question has such a name; --list tells them");
    }
    if options.list {
        for row in sections.iter().flat_map(|section| &section.rows) {
            print(&row.question.label());
        }
        return Ok(());
    }
    let operands =
        Operands::in_folder(std::env::temp_dir().join(format!("abacus-bench-{}", std::process::id())));
    let mut field = Field::new(contestants(&operands), options.rounds);
    if !options.alone {
        for rival in rival::RIVALS {
            field.admit(rival.name, rival.start(tools, &operands));
        }
    }
    let mut results = Vec::new();
    for section in sections {
        let outcomes = outcomes(&section, options, &mut field)?;
        results.push((section, outcomes));
    }
    let page = page::Page { results: &results, field: &field, command: options.command() };
    print(&page.tables());
    if let Some(folder) = options.folder() {
        page.write(folder)?;
        note(&format!("written: {}", folder.join(page::NAME).display()));
    }
    Ok(())
}

/// Everybody who computes in this process, the one first whom all others are compared with.
fn contestants(operands: &Operands) -> Vec<Box<dyn Contestant>> {
    let mut all: Vec<Box<dyn Contestant>> = Vec::new();
    for ours in ours::all(operands) {
        all.push(Box::new(ours));
    }
    all.push(Box::new(NumBigint { operands: operands.clone() }));
    all
}

fn outcomes(section: &Section, options: &Options, field: &mut Field) -> anyhow::Result<Vec<Outcome>> {
    let mut outcomes = Vec::new();
    for row in &section.rows {
        let everybody = row.size != Size::Largest || options.full;
        if let Some(outcome) = field.ask(row, everybody)? {
            outcomes.push(outcome);
        }
    }
    Ok(outcomes)
}

impl Options {
    /// The rows of a section that are asked.
    fn chosen(&self, mut section: Section) -> Section {
        section.rows.retain(|row| {
            let label = row.question.label();
            let named = self.only.is_empty() || self.only.iter().any(|text| label.contains(text.as_str()));
            named && (!self.quick || row.size == Size::Quick)
        });
        section
    }

    /// Where the page goes, if anywhere.
    fn folder(&self) -> Option<&Path> {
        let whole = !self.quick && !self.alone && self.only.is_empty();
        self.output.as_deref().or(whole.then_some(Path::new(PAGES)))
    }

    /// The command line that does the same again.
    fn command(&self) -> String {
        let mut line = format!("cargo xtask bench arithmetic --rounds {}", self.rounds);
        for (word, said) in [(" --quick", self.quick), (" --full", self.full), (" --alone", self.alone)] {
            if said {
                line.push_str(word);
            }
        }
        for text in &self.only {
            write!(line, " --only '{text}'").expect("a String takes any text");
        }
        line
    }
}
