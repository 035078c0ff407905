//! Tables in Markdown, aligned, so that they read well as text too.

use std::fmt::Write as _;

/// A table: its first column is text, the others are figures.
pub(crate) struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with these headings.
    pub(crate) fn new(headings: impl IntoIterator<Item = String>) -> Self {
        Self { rows: vec![headings.into_iter().collect()] }
    }

    /// Adds a row; cells that are missing stay empty.
    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// Whether it has no row but its headings.
    pub(crate) fn is_empty(&self) -> bool {
        self.rows.len() == 1
    }

    /// The table as Markdown.
    pub(crate) fn render(&self) -> String {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let cell = |row: &[String], column: usize| row.get(column).cloned().unwrap_or_default();
        let width = |column| {
            let widths = self.rows.iter().map(|row| cell(row, column).chars().count());
            widths.max().unwrap_or(0).max(3)
        };
        let widths: Vec<_> = (0..columns).map(width).collect();
        let mut text = String::new();
        for (index, row) in self.rows.iter().enumerate() {
            for (column, width) in widths.iter().enumerate() {
                let cell = cell(row, column);
                let line =
                    if column == 0 { format!("| {cell:<width$} ") } else { format!("| {cell:>width$} ") };
                text.push_str(&line);
            }
            text.push_str("|\n");
            if index == 0 {
                for (column, width) in widths.iter().enumerate() {
                    let dashes = "-".repeat(if column == 0 { *width } else { width - 1 });
                    let colon = if column == 0 { "" } else { ":" };
                    write!(text, "| {dashes}{colon} ").expect("a String takes any text");
                }
                text.push_str("|\n");
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up() {
        let mut table = Table::new(["ms", "F(10^5)", "2"].map(str::to_owned));
        assert!(table.is_empty());
        table.row(["Abacus", "0.05"].map(str::to_owned));
        assert!(!table.is_empty());
        let expected = "\
| ms     | F(10^5) |   2 |
| ------ | ------: | --: |
| Abacus |    0.05 |     |
";
        assert_eq!(table.render(), expected);
    }
}
