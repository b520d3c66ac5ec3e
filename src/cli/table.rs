//! Tables on a terminal.

use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, Table};

/// A table whose first `text` columns are text; the others are numbers and stand at the right.
pub(super) fn table<'h>(
    header: impl IntoIterator<Item = &'h str>,
    text: usize,
    rows: impl IntoIterator<Item = impl IntoIterator<Item = String>>,
) -> String {
    let mut table = Table::new();
    table.load_style(NOTHING).set_header(header.into_iter().collect::<Vec<_>>());
    table.add_rows(rows.into_iter().map(|row| row.into_iter().collect::<Vec<_>>()));
    for column in table.column_iter_mut().skip(text) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    let text = table.trim_fmt();
    // A rule under the header, as wide as the widest line.
    let width = text.lines().map(|line| line.chars().count()).max().unwrap_or(0);
    match text.split_once('\n') {
        Some((header, rows)) => format!("{header}\n{}\n{rows}", "─".repeat(width)),
        None => text,
    }
}
