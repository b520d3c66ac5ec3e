//! One run at a time: an advisory lock of the operating system on a file that says who holds it.
//!
//! The system releases the lock when its process ends, however it ends, so a lock is never left behind. What may be
//! left behind is what stands in the file: then the last run did not end by itself.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Finding, Result};

/// Who holds the lock.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Holder {
    process: u32,
    host: String,
    since: Timestamp,
}

impl std::fmt::Display for Holder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "process {} on {}, since {}", self.process, self.host, self.since)
    }
}

/// The lock; the end of the run, or of its process, releases it.
#[derive(Debug)]
pub struct Lock {
    file: File,
    killed: Option<Finding>,
}

impl Lock {
    /// Takes the lock of a file, which is created where there is none.
    ///
    /// # Errors
    /// `D001` when another process holds it; a file that cannot be opened or locked.
    pub(super) fn take(path: &Path) -> Result<Lock> {
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)
            .map_err(Error::io("open", path))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                // The holder may be about to write its name.
                let who = said(&mut file).map_or("another process".to_owned(), |holder| holder.to_string());
                let cause = format!("another run is going on here: {who}");
                let action =
                    "wait until it has ended; its lock ends with its process, so there is nothing to remove";
                return Err(Error::Busy(Box::new(Finding::error("D001", cause, action).in_file(path))));
            }
            Err(TryLockError::Error(error)) => return Err(Error::io("lock", path)(error)),
        }
        let killed = said(&mut file).map(|before| {
            let cause = format!("the run before this one did not end by itself: {before}");
            let action =
                "nothing to do: what it left is removed, and the last good plan is as it was; see its log";
            Finding::warning("D002", cause, action)
        });
        let holder = Holder {
            process: std::process::id(),
            host: gethostname::gethostname().to_string_lossy().into_owned(),
            since: Timestamp::now(),
        };
        // A lock without a name, on a full disk, is a lock.
        if let Err(error) = name(&mut file, &holder) {
            tracing::debug!(%error, "the lock does not say who holds it");
        }
        Ok(Lock { file, killed })
    }

    /// Whether the run before this one was killed.
    pub fn killed(&self) -> Option<&Finding> {
        self.killed.as_ref()
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // An empty file says that the run has ended by itself.
        let _ = self.file.set_len(0);
    }
}

/// What the file says; nothing where it is empty, or half written.
fn said(file: &mut File) -> Option<Holder> {
    let mut text = String::new();
    file.rewind().ok()?;
    file.read_to_string(&mut text).ok()?;
    serde_json::from_str(&text).ok()
}

fn name(file: &mut File, holder: &Holder) -> std::io::Result<()> {
    let text = serde_json::to_string(holder)? + "\n";
    file.set_len(0)?;
    file.rewind()?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_holds_it_and_the_other_learns_who() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(".lock");
        let first = Lock::take(&path).unwrap();
        assert!(first.killed().is_none());
        let refused = Lock::take(&path).unwrap_err();
        assert_eq!(refused.exit_code(), crate::error::exit::BUSY);
        assert!(refused.findings()[0].cause.contains(&format!("process {}", std::process::id())));
        drop(first);
        assert!(Lock::take(&path).unwrap().killed().is_none(), "it ended by itself");
    }

    #[test]
    fn what_a_killed_run_left_is_told_and_is_no_lock() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(".lock");
        let dead = Holder { process: 7, host: "there".into(), since: Timestamp::UNIX_EPOCH };
        std::fs::write(&path, serde_json::to_string(&dead).unwrap()).unwrap();
        let lock = Lock::take(&path).unwrap();
        assert!(lock.killed().unwrap().cause.contains("process 7 on there"), "{lock:?}");
        std::fs::write(&path, "{\"proc").unwrap();
        drop(lock);
        assert!(Lock::take(&path).unwrap().killed().is_none());
    }
}
