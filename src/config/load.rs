//! placeholder
use super::Request;
use crate::error::{Error, Result};
use std::path::Path;

/// Reads a plan file.
pub fn load(path: &Path, set: &[String]) -> Result<Request> {
    let _ = set;
    let text = std::fs::read_to_string(path).map_err(Error::io("read", path))?;
    let file = toml::from_str(&text).map_err(|e| Error::Internal(e.to_string()))?;
    Ok(Request { path: path.to_path_buf(), file, text })
}
