//! A program and its answer as plain arrays, for other solvers to read.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;

use bidwright::program::Program;

/// Writes a generated program (nothing in it is soft, whole or given) and its answer as raw little-endian
/// arrays:
///
/// ```text
/// maximise cost · x   subject to   lower ≤ A x ≤ upper,  x ≥ 0
/// ```
///
/// A by columns: column j has `values[starts[j]..starts[j + 1]]` in the rows `indices[..]`. The ladders'
/// rows, Σ x ≤ 1, come after the program's.
pub fn write(program: &Program, x: &[f64], folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let file = |name: &str| Ok::<_, io::Error>(BufWriter::new(File::create(folder.join(name))?));
    let (mut cost, mut answer) = (file("cost.f64")?, file("x.f64")?);
    let (mut lower, mut upper) = (file("lower.f64")?, file("upper.f64")?);
    let (mut starts, mut indices, mut values) =
        (file("starts.i32")?, file("indices.i32")?, file("values.f64")?);
    for row in &program.rows {
        lower.write_all(&row.lower.to_le_bytes())?;
        upper.write_all(&row.upper.to_le_bytes())?;
    }
    let mut written = 0i32;
    starts.write_all(&written.to_le_bytes())?;
    for ladder in 0..program.columns.ladders.len() {
        lower.write_all(&f64::NEG_INFINITY.to_le_bytes())?;
        upper.write_all(&1f64.to_le_bytes())?;
        let (gains, mut entries) = (program.gains(ladder), program.entries(ladder));
        entries.push((program.rows.len() + ladder, vec![1.0; gains.len()]));
        for (rung, gain) in gains.iter().enumerate() {
            cost.write_all(&gain.to_le_bytes())?;
            for (row, coefficients) in &entries {
                indices.write_all(&(*row as i32).to_le_bytes())?;
                values.write_all(&coefficients[rung].to_le_bytes())?;
            }
            written = written.checked_add(entries.len() as i32).expect("fewer than 2^31 entries");
            starts.write_all(&written.to_le_bytes())?;
        }
    }
    for x in x {
        answer.write_all(&x.to_le_bytes())?;
    }
    [cost, answer, lower, upper, starts, indices, values].into_iter().try_for_each(|mut file| file.flush())
}
