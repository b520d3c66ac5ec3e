//! The program as free-format MPS text, so that any solver can check the optimum.

use std::fmt::Write;

use super::Program;

/// Writes the program. `row_name` and `column_name` give names; anything but letters, digits and
/// `_.-[]=/|` in them becomes `_`, and an index in front keeps them unique. The objective's constant
/// stands as the right-hand side of the objective row (negated, as MPS has it).
pub fn text(
    program: &Program,
    row_name: impl Fn(usize) -> String,
    column_name: impl Fn(usize, usize) -> String,
) -> String {
    let mut mps = String::with_capacity(program.columns.count() * 120);
    let row_names: Vec<String> =
        (0..program.rows.len()).map(|row| format!("R{row}_{}", clean(&row_name(row)))).collect();
    // Writing into a String cannot fail.
    let _ = write_sections(program, &row_names, column_name, &mut mps);
    mps
}

fn write_sections(
    program: &Program,
    row_names: &[String],
    column_name: impl Fn(usize, usize) -> String,
    mps: &mut String,
) -> std::fmt::Result {
    writeln!(mps, "NAME bidwright\nOBJSENSE\n    MAX\nROWS\n N objective")?;
    for (name, row) in row_names.iter().zip(&program.rows) {
        let kind = if row.lower.is_finite() { "G" } else { "L" };
        writeln!(mps, " {kind} {name}")?;
    }
    for ladder in 0..program.columns.ladders.len() {
        writeln!(mps, " L ladder{ladder}")?;
    }
    writeln!(mps, "COLUMNS")?;
    let mut whole = false;
    for (index, ladder) in program.columns.ladders.iter().enumerate() {
        if ladder.whole != whole {
            whole = ladder.whole;
            writeln!(mps, "    MARKER 'MARKER' {}", if whole { "'INTORG'" } else { "'INTEND'" })?;
        }
        let (gains, entries) = (program.gains(index), program.entries(index));
        for (rung, gain) in gains.iter().enumerate() {
            let name = format!("C{index}.{rung}_{}", clean(&column_name(index, rung)));
            writeln!(mps, "    {name} objective {gain:e}")?;
            for (row, coefficients) in entries.iter().filter(|(_, coefficients)| coefficients[rung] != 0.0) {
                writeln!(mps, "    {name} {} {:e}", row_names[*row], coefficients[rung])?;
            }
            writeln!(mps, "    {name} ladder{index} 1")?;
        }
    }
    if whole {
        writeln!(mps, "    MARKER 'MARKER' 'INTEND'")?;
    }
    for (row, name) in program.rows.iter().zip(row_names).filter(|(row, _)| row.penalty.is_some()) {
        // A soft row: its violation is a column of its own.
        let sign = if row.lower.is_finite() { 1 } else { -1 };
        writeln!(
            mps,
            "    V_{name} objective {:e}\n    V_{name} {name} {sign}",
            -row.penalty.unwrap_or(0.0)
        )?;
    }
    writeln!(mps, "RHS\n    rhs objective {:e}", -program.constant)?;
    for (row, name) in program.rows.iter().zip(row_names) {
        writeln!(mps, "    rhs {name} {:e}", if row.lower.is_finite() { row.lower } else { row.upper })?;
    }
    for ladder in 0..program.columns.ladders.len() {
        writeln!(mps, "    rhs ladder{ladder} 1")?;
    }
    if program.columns.ladders.iter().any(|ladder| ladder.whole) {
        writeln!(mps, "BOUNDS")?;
        for (index, ladder) in program.columns.ladders.iter().enumerate().filter(|(_, ladder)| ladder.whole) {
            for rung in 0..ladder.columns.len() {
                writeln!(mps, " UP bounds C{index}.{rung}_{} 1", clean(&column_name(index, rung)))?;
            }
        }
    }
    writeln!(mps, "ENDATA")
}

/// A name that every MPS reader takes.
fn clean(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() || "_.-[]=/|".contains(c) { c } else { '_' }).collect()
}
