//! The folder of the daily batch: one folder a run, `DATE-N`, which never changes once it is there, and `latest`,
//! a file that names the last good one.
//!
//! ```text
//! daily/plan/
//!   2026-12-11-1/     plan.csv, bids.xlsx, …, run.json, and a folder for each platform
//!   2026-12-12-1/
//!   2026-12-12-2/     planned again, for its inputs had changed
//!   latest            2026-12-12-2
//!   .lock             who is at work here
//! ```
//!
//! A run fills a hidden folder, flushes it, renames it to its own new name, and then replaces `latest`. Killed
//! anywhere, it leaves a `latest` that names a whole plan: the old one or the new one.

mod lock;
mod record;

use std::fs;
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use serde::Deserialize;

use super::{folder, single};
use crate::config::Request;
use crate::error::{Error, Finding, Result};
use crate::history::Audit;
pub use lock::Lock;
pub use record::{Basis, Figures, Kept, Latest, Record, State};

const LATEST: &str = "latest";
const LOCK: &str = ".lock";
const RECORD: &str = "run.json";

/// The folder of the daily batch of one plan file.
#[derive(Debug)]
pub struct Daily {
    root: PathBuf,
}

/// A run that is done.
#[derive(Debug, Clone, PartialEq)]
pub struct Past {
    /// The planned date.
    pub date: Date,
    /// The how many-th of that date, from 1.
    pub number: u32,
    /// How it ended.
    pub status: State,
    /// What it was made from.
    pub made_of: Basis,
    /// What its plan comes to.
    pub figures: Figures,
    /// Which rules it does not meet.
    pub error: Option<String>,
    /// Its folder.
    pub folder: PathBuf,
}

/// What is read of `run.json`.
#[derive(Deserialize)]
struct Written {
    status: State,
    made_of: Basis,
    error: Option<String>,
    #[serde(flatten)]
    figures: Figures,
}

impl Daily {
    /// The folder of a plan file at a path, which is created where there is none.
    ///
    /// # Errors
    /// `O001` for a folder with other things in it, `D012` for one whose last run is of another plan file, unless
    /// `force`; one that cannot be created.
    pub fn open(root: &Path, plan_file: &Path, force: bool) -> Result<Daily> {
        fs::create_dir_all(root).map_err(Error::io("create", root))?;
        let mut entries = fs::read_dir(root).map_err(Error::io("read", root))?;
        if !force && entries.next().is_some() && !root.join(LOCK).exists() {
            let cause = "the folder is not empty and no daily run made it";
            let action = "name another folder with --out, or add --force: what stands there is kept";
            return Err(Finding::error("O001", cause, action).in_file(root).into());
        }
        let daily = Daily { root: root.to_path_buf() };
        let last = daily.past().pop().filter(|_| !force);
        match last.and_then(|last| last.of_another(root, plan_file)) {
            Some(other) => {
                let cause = format!("the folder is that of the plan file {}", other.display());
                let action = "name another folder with --out: each plan file has its own `latest`";
                Err(Finding::error("D012", cause, action).in_file(root).into())
            }
            None => Ok(daily),
        }
    }

    /// What a plan for a date is made from: [`Basis::of`], and whose folder this is.
    ///
    /// # Errors
    /// As [`Basis::of`].
    pub fn basis(&self, request: &Request, date: Date, audit: &Audit, options: &str) -> Result<Basis> {
        let [plan_file, root] =
            [&request.path, &self.root].map(|path| path.canonicalize().unwrap_or_default());
        let plan_file = pathdiff::diff_paths(plan_file, root).unwrap_or_default();
        Ok(Basis { plan_file, ..Basis::of(request, date, audit, options)? })
    }

    /// Takes the lock, without which nothing here may be changed.
    ///
    /// # Errors
    /// `D001` when another process holds it.
    pub fn lock(&self) -> Result<Lock> {
        Lock::take(&self.root.join(LOCK))
    }

    /// Sweeps up what a killed run left: hidden folders and files, and a `latest` that it had no time to move.
    ///
    /// # Errors
    /// A `latest` that cannot be written.
    pub fn settle(&self) -> Result<()> {
        folder::sweep(&self.root);
        self.point()
    }

    /// All runs that are done, the oldest first: by date, then by number.
    pub fn past(&self) -> Vec<Past> {
        let Ok(entries) = fs::read_dir(&self.root) else { return Vec::new() };
        let mut past: Vec<Past> = entries.flatten().filter_map(|entry| past(&entry.path())).collect();
        past.sort_by_key(|past| (past.date, past.number));
        past
    }

    /// The folder of a new run for a date: one that never was.
    pub fn next(&self, date: Date) -> PathBuf {
        let of_date = self.past().into_iter().filter(|past| past.date == date);
        let mut number = of_date.map(|past| past.number).max().unwrap_or(0) + 1;
        while self.named(date, number).exists() {
            number += 1;
        }
        self.named(date, number)
    }

    fn named(&self, date: Date, number: u32) -> PathBuf {
        self.root.join(format!("{date}-{number}"))
    }

    /// The plan that `latest` names, as long as it is there and of this plan file.
    pub fn latest(root: &Path, plan_file: &Path) -> Option<Latest> {
        let past = named(root)?;
        let ours = past.of_another(root, plan_file).is_none();
        ours.then_some(Latest { date: past.date, folder: past.folder })
    }

    /// Makes `latest` name the good run of the latest date, the last one of that date.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn point(&self) -> Result<()> {
        let Some(newest) = self.past().into_iter().rfind(|past| past.status.is_good()) else { return Ok(()) };
        let path = self.root.join(LATEST);
        let text = format!("{}-{}\n", newest.date, newest.number);
        if fs::read_to_string(&path).is_ok_and(|now| now == text) {
            return Ok(());
        }
        single::put(&path, &text)?;
        tracing::info!(latest = %newest.folder.display(), "the last good plan");
        Ok(())
    }

    /// Removes all but the newest runs; never the last good one, nor the one that was just made, of whatever date.
    /// A folder is hidden first, so that none is ever seen in part.
    pub fn keep(&self, newest: usize, this: Option<&Path>) {
        let latest = named(&self.root).map(|latest| latest.folder);
        let stays = |old: &Past| latest.as_ref() == Some(&old.folder) || this == Some(&old.folder);
        let mut past = self.past();
        past.truncate(past.len().saturating_sub(newest));
        for old in past.into_iter().filter(|old| !stays(old)) {
            match folder::remove_whole(&old.folder) {
                Ok(()) => tracing::info!(folder = %old.folder.display(), "removed an old run"),
                Err(error) => {
                    tracing::warn!(folder = %old.folder.display(), %error, "an old run could not be removed");
                }
            }
        }
    }
}

impl Past {
    /// The plan file that it is of, if that is still there and another one.
    fn of_another(&self, root: &Path, plan_file: &Path) -> Option<PathBuf> {
        let its = root.join(&self.made_of.plan_file);
        let [its, this] = [&its, plan_file].map(|path| path.canonicalize().ok());
        its.filter(|its| its.is_file() && Some(its) != this.as_ref())
    }
}

/// The run that `latest` names.
fn named(root: &Path) -> Option<Past> {
    let name = fs::read_to_string(root.join(LATEST)).ok()?;
    past(&root.join(name.trim()))
}

/// Writes `run.json` into a folder that is being filled.
///
/// # Errors
/// A file that cannot be written.
pub fn write_record(folder: &Path, record: &Record) -> Result<()> {
    let json = serde_json::to_string_pretty(record)
        .map_err(|error| Error::Internal(format!("{RECORD}: {error}")))?;
    single::put(&folder.join(RECORD), &(json + "\n"))
}

/// The run of a folder; nothing for what is none, or not whole.
fn past(folder: &Path) -> Option<Past> {
    let name = folder.file_name()?.to_str()?;
    let (date, number) = name.rsplit_once('-')?;
    let (date, number) = (date.parse().ok()?, number.parse().ok()?);
    let text = fs::read_to_string(folder.join(RECORD)).ok()?;
    let Written { status, made_of, error, figures } = serde_json::from_str(&text).ok()?;
    let whole = ["plan.csv", "manifest.json"].iter().all(|name| folder.join(name).is_file());
    whole.then(|| Past { date, number, status, made_of, figures, error, folder: folder.to_path_buf() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn add(daily: &Daily, name: &str, status: State) {
        let folder = daily.root.join(name);
        fs::create_dir_all(&folder).unwrap();
        for file in ["plan.csv", "manifest.json"] {
            fs::write(folder.join(file), "x").unwrap();
        }
        let made_of = Some(Basis::default());
        let record = Record { status, made_of, ..Record::begun("plan.toml".into()) };
        write_record(&folder, &record).unwrap();
    }

    fn names(daily: &Daily) -> Vec<String> {
        let name = |past: Past| past.folder.file_name().unwrap().to_str().unwrap().to_owned();
        daily.past().into_iter().map(name).collect()
    }

    fn latest(daily: &Daily) -> Option<String> {
        fs::read_to_string(daily.root.join(LATEST)).ok()
    }

    #[test]
    fn the_latest_is_the_good_run_of_the_latest_date() {
        let folder = tempfile::tempdir().unwrap();
        let daily = Daily::open(folder.path(), Path::new("plan.toml"), false).unwrap();
        daily.settle().unwrap();
        assert_eq!(latest(&daily), None);
        add(&daily, "2026-12-12-2", State::Planned);
        add(&daily, "2026-12-12-10", State::Unproven);
        add(&daily, "2026-12-11-1", State::Planned);
        add(&daily, "2026-12-13-1", State::Infeasible);
        fs::create_dir(daily.root.join("2026-12-14-1")).unwrap();
        daily.point().unwrap();
        assert_eq!(latest(&daily).unwrap(), "2026-12-12-10\n");
        assert_eq!(names(&daily), ["2026-12-11-1", "2026-12-12-2", "2026-12-12-10", "2026-12-13-1"]);
        let date: Date = "2026-12-14".parse().unwrap();
        assert_eq!(
            daily.next(date).file_name().unwrap(),
            "2026-12-14-2",
            "a broken folder is not written into"
        );
    }

    #[test]
    fn old_runs_go_and_the_last_good_one_stays() {
        let folder = tempfile::tempdir().unwrap();
        let daily = Daily::open(folder.path(), Path::new("plan.toml"), false).unwrap();
        add(&daily, "2026-12-10-1", State::Planned);
        add(&daily, "2026-12-11-1", State::Planned);
        for day in 12..=15 {
            add(&daily, &format!("2026-12-{day}-1"), State::Infeasible);
        }
        daily.point().unwrap();
        daily.keep(2, Some(&daily.root.join("2026-12-10-1")));
        assert_eq!(names(&daily), ["2026-12-10-1", "2026-12-11-1", "2026-12-14-1", "2026-12-15-1"]);
        daily.keep(2, None);
        assert_eq!(names(&daily), ["2026-12-11-1", "2026-12-14-1", "2026-12-15-1"]);
        assert_eq!(fs::read_dir(&daily.root).unwrap().count(), 4, "nothing hidden is left");
    }

    #[test]
    fn what_killed_runs_left_is_swept_up() {
        let folder = tempfile::tempdir().unwrap();
        let daily = Daily::open(folder.path(), Path::new("plan.toml"), false).unwrap();
        add(&daily, "2026-12-12-1", State::Planned);
        add(&daily, ".2026-12-13-1.tmp-abc", State::Planned);
        fs::write(daily.root.join(".latest.tmp-xyz"), "2026").unwrap();
        fs::write(daily.root.join("note.txt"), "mine").unwrap();
        let _lock = daily.lock().unwrap();
        daily.settle().unwrap();
        let mut left: Vec<_> =
            fs::read_dir(&daily.root).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        left.sort();
        assert_eq!(left, [".lock", "2026-12-12-1", "latest", "note.txt"]);
    }

    #[test]
    fn a_folder_of_others_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("note.txt"), "mine").unwrap();
        assert!(
            Daily::open(folder.path(), Path::new("plan.toml"), false)
                .unwrap_err()
                .to_string()
                .contains("O001")
        );
        let daily = Daily::open(folder.path(), Path::new("plan.toml"), true).unwrap();
        drop(daily.lock().unwrap());
        assert!(Daily::open(folder.path(), Path::new("plan.toml"), false).is_ok());
    }
}
