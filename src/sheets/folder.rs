//! The output folder: always a whole run's, the last one's or the new one's.
//!
//! A run fills a hidden sibling, `.NAME.tmp-XXXXXX`, flushes it to the disk and exchanges it with the
//! output folder. On Linux the exchange is one step (`renameat2` with `RENAME_EXCHANGE`). Where the
//! system cannot, the old folder is renamed to `.NAME.old-XXXXXX` first; a run killed between the two
//! renames leaves the old output there, and the next run into the same place puts it back.
//!
//! A run holds a lock on its hidden folder, so what a killed run left behind can be told from what
//! another one is still filling.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use super::MARK;
use crate::error::{Error, Finding, Result};

/// A kind of output folder.
pub struct Kind {
    /// Value of the field in its manifest that marks it as ours.
    pub mark: &'static str,
    /// Names of the files that a run may leave, none of which outlives the run that wrote it.
    pub files: &'static [&'static str],
}

/// Lets `fill` write into a new folder, adds what else stands in `out`, and puts the folder in the
/// place of `out`. If anything fails, `out` is as it was.
pub fn replace(out: &Path, kind: &Kind, force: bool, fill: impl FnOnce(&Path) -> Result<()>) -> Result<()> {
    let place = Place::of(out)?;
    place.restore()?;
    place.refuse_foreign(out, kind, force)?;
    place.remove_stale();

    let new = place.hidden("tmp").map_err(Error::io("create a folder in", &place.parent))?;
    // The lock tells other runs that this folder is alive; a system without locks does without.
    let lock = File::open(new.path()).ok();
    if let Some(lock) = &lock {
        let _ = lock.try_lock();
    }
    fill(new.path())?;
    if place.path.exists() {
        keep_others(&place.path, new.path(), kind.files)?;
    }
    sync(new.path(), kind)?;
    place.swap(new)?;
    drop(lock);
    Ok(())
}

/// Says before any work is done whether an existing folder may be replaced.
pub fn refuse(out: &Path, kind: &Kind, force: bool) -> Result<()> {
    if out.exists() { Place::of(out)?.refuse_foreign(out, kind, force) } else { Ok(()) }
}

/// Removes from a folder what killed runs were filling there, files and folders alike.
pub fn sweep(parent: &Path) {
    let Ok(entries) = fs::read_dir(parent) else { return };
    let hidden = |name: &OsStr| {
        let name = name.to_string_lossy();
        name.starts_with('.') && name.contains(".tmp-")
    };
    entries.flatten().filter(|entry| hidden(&entry.file_name())).for_each(|entry| remove_dead(&entry.path()));
}

/// Removes a folder of which no part may be seen without the others: it is hidden first, in one step.
pub fn remove_whole(folder: &Path) -> io::Result<()> {
    let mut name = OsString::from(".");
    name.push(folder.file_name().unwrap_or_default());
    name.push(".tmp-removed");
    let hidden = folder.with_file_name(name);
    fs::rename(folder, &hidden)?;
    fs::remove_dir_all(&hidden)
}

/// Removes what a killed run left, unless a run is still filling it.
fn remove_dead(path: &Path) {
    let alive = File::open(path).is_ok_and(|file| file.try_lock().is_err());
    let remove = || if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    if !alive && remove().is_ok() {
        tracing::info!(left = %path.display(), "removed what a killed run had left");
    }
}

/// Where the output folder stands.
struct Place {
    parent: PathBuf,
    name: OsString,
    path: PathBuf,
}

impl Place {
    /// The place of a folder that may not exist yet; its parents are created.
    fn of(out: &Path) -> Result<Place> {
        let absolute = std::path::absolute(out).map_err(Error::io("resolve", out))?;
        // A link is followed, so that the folder it leads to is replaced and not the link; `..` too.
        let path = if absolute.exists() {
            absolute.canonicalize().map_err(Error::io("resolve", out))?
        } else {
            absolute
        };
        let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else {
            return Err(taken("O003", out, "the output folder would be the root of the file system").into());
        };
        if std::env::current_dir()
            .and_then(|here| here.canonicalize())
            .is_ok_and(|here| here.starts_with(&path))
        {
            return Err(taken(
                "O003",
                out,
                "the output folder would be the folder you are in, or one above it",
            )
            .into());
        }
        fs::create_dir_all(parent).map_err(Error::io("create", parent))?;
        Ok(Place { parent: parent.to_path_buf(), name: name.to_os_string(), path: path.clone() })
    }

    /// How the hidden siblings of one kind begin.
    fn prefix(&self, kind: &str) -> OsString {
        let mut prefix = OsString::from(".");
        prefix.push(&self.name);
        prefix.push(format!(".{kind}-"));
        prefix
    }

    /// A new hidden sibling, which is removed when dropped.
    fn hidden(&self, kind: &str) -> io::Result<tempfile::TempDir> {
        let prefix = self.prefix(kind);
        let mut builder = tempfile::Builder::new();
        builder.prefix(&prefix);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            // As any other folder that the user makes: the mask takes off what it should.
            builder.permissions(fs::Permissions::from_mode(0o777));
        }
        builder.tempdir_in(&self.parent)
    }

    /// Hidden siblings of one kind.
    fn siblings(&self, kind: &str) -> Vec<PathBuf> {
        let prefix = self.prefix(kind);
        let Ok(entries) = fs::read_dir(&self.parent) else { return Vec::new() };
        let ours = |name: &OsStr| name.as_encoded_bytes().starts_with(prefix.as_encoded_bytes());
        entries.flatten().filter(|entry| ours(&entry.file_name())).map(|entry| entry.path()).collect()
    }

    /// Puts the old output back that a run left when it was killed between two renames.
    fn restore(&self) -> Result<()> {
        let newest = |path: &PathBuf| fs::metadata(path).and_then(|data| data.modified()).ok();
        match self.siblings("old").into_iter().max_by_key(newest) {
            Some(old) if !self.path.exists() => {
                tracing::info!(out = %self.path.display(), "put back the output that a killed run had moved");
                fs::rename(&old, &self.path).map_err(Error::io("restore", &self.path))
            }
            _ => Ok(()),
        }
    }

    /// Only a missing folder, an empty one or one of ours is replaced without `force`.
    fn refuse_foreign(&self, out: &Path, kind: &Kind, force: bool) -> Result<()> {
        if !self.path.exists() {
            return Ok(());
        }
        if !self.path.is_dir() {
            return Err(taken("O002", out, "the output folder is a file").into());
        }
        let mut entries = fs::read_dir(&self.path).map_err(Error::io("read", out))?;
        if force || entries.next().is_none() || is_ours(&self.path, kind) {
            return Ok(());
        }
        let cause = "the output folder is not empty and no run of this command wrote it";
        let action = "name another folder with --out, or add --force: files of the same names are then replaced, others kept";
        Err(Finding::error("O001", cause, action).in_file(out).into())
    }

    /// Removes what killed runs left behind.
    fn remove_stale(&self) {
        let mut stale = self.siblings("tmp");
        if self.path.exists() {
            stale.extend(self.siblings("old"));
        }
        stale.iter().for_each(|path| remove_dead(path));
    }

    /// Puts the new folder in its place; then the old one is removed.
    fn swap(&self, new: tempfile::TempDir) -> Result<()> {
        let failed = || Error::io("replace", &self.path);
        if !self.path.exists() {
            fs::rename(new.path(), &self.path).map_err(failed())?;
            let _ = new.keep();
        } else if exchange(new.path(), &self.path).map_err(failed())? {
            // The hidden name now holds the old output.
            remove(new);
        } else {
            let old = self.hidden("old").map_err(failed())?;
            fs::rename(&self.path, old.path()).map_err(failed())?;
            if let Err(error) = fs::rename(new.path(), &self.path) {
                // Back as it was; if even that fails, the next run restores it.
                let old = old.keep();
                let _ = fs::rename(&old, &self.path);
                return Err(failed()(error));
            }
            let _ = new.keep();
            remove(old);
        }
        // Makes the renames themselves durable; not every system can, and the output is whole anyway.
        let _ = File::open(&self.parent).and_then(|parent| parent.sync_all());
        Ok(())
    }
}

fn remove(old: tempfile::TempDir) {
    let path = old.path().to_path_buf();
    if let Err(error) = old.close() {
        tracing::warn!(folder = %path.display(), %error, "the old output could not be removed");
    }
}

fn taken(code: &'static str, out: &Path, cause: &str) -> Finding {
    Finding::error(code, cause, "name another folder with --out").in_file(out)
}

/// Whether a folder holds a manifest of this kind.
pub(super) fn is_ours(folder: &Path, kind: &Kind) -> bool {
    let manifest = fs::read(folder.join("manifest.json")).ok();
    let manifest = manifest.and_then(|bytes| serde_json::from_slice::<serde_json::Value>(&bytes).ok());
    manifest.is_some_and(|manifest| manifest[MARK] == kind.mark)
}

/// Swaps two folders in one step; `false` where the system or the file system cannot.
#[cfg(target_os = "linux")]
fn exchange(one: &Path, other: &Path) -> io::Result<bool> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    use rustix::io::Errno;
    match renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE) {
        Ok(()) => Ok(true),
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

#[cfg(not(target_os = "linux"))]
fn exchange(_one: &Path, _other: &Path) -> io::Result<bool> {
    Ok(false)
}

/// Links or copies what no run writes (notes, exports) from the old folder into the new one; the old
/// one stays whole until the swap.
fn keep_others(old: &Path, new: &Path, files: &[&str]) -> Result<()> {
    for entry in fs::read_dir(old).map_err(Error::io("read", old))? {
        let entry = entry.map_err(Error::io("read", old))?;
        if files.iter().any(|name| entry.file_name() == *name) {
            continue;
        }
        let (from, to) = (entry.path(), new.join(entry.file_name()));
        if entry.file_type().map_err(Error::io("read", &from))?.is_dir() {
            fs::create_dir(&to).map_err(Error::io("create", &to))?;
            keep_others(&from, &to, &[])?;
        } else if fs::hard_link(&from, &to).is_err() {
            fs::copy(&from, &to).map_err(Error::io("copy", &from))?;
        }
    }
    Ok(())
}

/// Flushes the files of this run and their folder to the disk.
fn sync(folder: &Path, kind: &Kind) -> Result<()> {
    for name in kind.files {
        let path = folder.join(name);
        match File::open(&path).and_then(|file| file.sync_all()) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(Error::io("write", &path)(error));
            }
            _ => {}
        }
    }
    // A system that cannot flush a folder flushes it by itself.
    let _ = File::open(folder).and_then(|folder| folder.sync_all());
    Ok(())
}
