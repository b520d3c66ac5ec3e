//! Reading a file of fitted landscapes, which stands in the place of a history.

use std::path::Path;

use sha2::{Digest, Sha256};

use super::observation::MODEL;
use super::{Audit, FileAudit};
use crate::error::{Error, Finding, Result};

/// Reads a file of fitted landscapes, which stands in the place of a history.
///
/// # Errors
/// An unreadable file, or what `parse` says of its text, placed in the file.
pub fn read_model<T>(path: &Path, parse: impl FnOnce(&str) -> Result<T>) -> Result<(T, Audit)> {
    let text = std::fs::read_to_string(path).map_err(Error::io("read", path))?;
    let model = parse(&text).map_err(|error| match error {
        Error::Input(findings) => {
            Error::Input(findings.into_iter().map(|finding: Finding| finding.in_file(path)).collect())
        }
        other => other,
    })?;
    let sha256 = Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
    let file = FileAudit {
        file: path.to_path_buf(),
        bytes: text.len() as u64,
        sha256,
        encoding: MODEL.into(),
        ..FileAudit::default()
    };
    Ok((model, Audit { files: vec![file], ..Audit::default() }))
}
