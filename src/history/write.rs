//! Stands in until the writers are merged; only the names are meant.

use std::path::Path;

use super::History;
use crate::error::{Error, Result};

pub fn write_parquet(_: &Path, _: &History) -> Result<()> {
    Err(Error::Internal("the writers are not merged yet".into()))
}

pub fn write_zhitongche_csv(_: &Path, _: &History, _from_day: i32) -> Result<()> {
    Err(Error::Internal("the writers are not merged yet".into()))
}
