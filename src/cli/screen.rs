//! Results on stdout.

use std::io::{ErrorKind, Write, stdout};
use std::path::Path;

use crate::error::{Error, Result};

/// Prints a result. A reader that has gone (`| head`) is no error.
pub(super) fn print(text: &str) -> Result<()> {
    let mut out = stdout().lock();
    let ended = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
    match write!(out, "{text}{ended}").and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Error::io("write to", Path::new("stdout"))(error))
        }
        _ => Ok(()),
    }
}
