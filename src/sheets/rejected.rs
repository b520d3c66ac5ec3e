//! `rejected.csv`: the rows of the history that were not used, and why.

use std::path::Path;

use crate::error::{Error, Result};
use crate::history::Audit;

/// Writes the rejected rows; the header alone when there are none.
pub fn write(audit: &Audit, path: &Path) -> Result<()> {
    let failed = Error::csv(path);
    let mut writer = csv::Writer::from_path(path).map_err(failed)?;
    writer.write_record(["file", "line", "column", "value", "code", "reason", "row"]).map_err(failed)?;
    for row in &audit.rejected {
        let (file, line) = (row.file.display().to_string(), row.line.to_string());
        writer
            .write_record([&file, &line, &row.column, &row.value, row.code, &row.reason, &row.row])
            .map_err(failed)?;
    }
    writer.flush().map_err(Error::io("write", path))
}
