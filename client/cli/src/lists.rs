//! Tables for people, and the words in them.

use std::{fmt::Display, time::SystemTime};

use abacus_client::State;

use crate::{
    exit::Problem,
    output::{Colour, Output, coloured},
};

/// Rows under one heading, aligned as far as they are known when they are written.
pub(crate) struct Table<const COLUMNS: usize> {
    heading: Option<[&'static str; COLUMNS]>,
    widths: [usize; COLUMNS],
    rows: Vec<[String; COLUMNS]>,
}

impl<const COLUMNS: usize> Table<COLUMNS> {
    pub(crate) fn new(heading: [&'static str; COLUMNS]) -> Self {
        Self { heading: Some(heading), widths: heading.map(str::len), rows: Vec::new() }
    }

    pub(crate) fn push(&mut self, row: [String; COLUMNS]) {
        for (width, cell) in self.widths.iter_mut().zip(&row) {
            *width = (*width).max(seen(cell));
        }
        self.rows.push(row);
    }

    /// Writes the rows so far; the heading goes before the first ones.
    pub(crate) fn flush(&mut self, output: &Output) -> Result<(), Problem> {
        for line in self.lines() {
            output.line(&line)?;
        }
        Ok(())
    }

    /// The lines of the rows so far.
    pub(crate) fn lines(&mut self) -> Vec<String> {
        if self.rows.is_empty() {
            return Vec::new();
        }
        let heading = self.heading.take().map(|heading| heading.map(str::to_uppercase));
        let rows = std::mem::take(&mut self.rows);
        heading.into_iter().chain(rows).map(|row| self.line(&row)).collect()
    }

    fn line(&self, row: &[String; COLUMNS]) -> String {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(self.widths) {
            line.push_str(cell);
            line.push_str(&" ".repeat(width.saturating_sub(seen(cell)) + 2));
        }
        line.truncate(line.trim_end().len());
        line
    }
}

/// How many columns a cell takes: all but the sequences that colour it.
fn seen(cell: &str) -> usize {
    let mut parts = cell.split("\x1b[");
    let plain = parts.next().map_or(0, |part| part.chars().count());
    plain + parts.map(|part| part.split_once('m').map_or(0, |(_, text)| text.chars().count())).sum::<usize>()
}

/// A state in one word; of a job that is no longer kept, `forgotten`.
pub(crate) fn state(state: Option<State>) -> String {
    match state {
        Some(State::Succeeded) => coloured("succeeded", Colour::Green),
        Some(State::Failed) => coloured("failed", Colour::Red),
        Some(State::Running) => coloured("running", Colour::Yellow),
        Some(state) => state.to_string(),
        None => "forgotten".to_owned(),
    }
}

/// A word, or a hyphen for none.
pub(crate) fn word(word: Option<impl Display>) -> String {
    word.map_or_else(|| "-".to_owned(), |word| word.to_string())
}

/// A moment in UTC, to the second (RFC 3339).
pub(crate) fn moment(time: Option<SystemTime>) -> String {
    word(time.map(humantime::format_rfc3339_seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_and_colours_take_no_room() {
        let mut table = Table::new(["a", "state"]);
        table.push(["long one".into(), "x".into()]);
        table.push(["\x1b[31mred\x1b[0m".into(), "y".into()]);
        assert_eq!(table.lines(), ["A         STATE", "long one  x", "\x1b[31mred\x1b[0m       y"]);
        assert_eq!(table.lines(), Vec::<String>::new());
        table.push(["b".into(), "z".into()]);
        assert_eq!(table.lines(), ["b         z"], "the heading comes once");
    }
}
