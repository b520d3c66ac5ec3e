//! Which files the patterns of the plan file name.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crate::config::{Request, Source};
use crate::error::Finding;

/// One file of a source.
#[derive(Debug, Clone)]
pub(super) struct Input {
    /// Where it is.
    pub path: PathBuf,
    /// Index of its source.
    pub source: usize,
    /// Values of `key=value` folders on the way to it.
    pub hive: Vec<(String, String)>,
}

const EXTENSIONS: [&str; 5] = ["csv", "txt", "tsv", "parquet", "pq"];

/// Whether the file is Parquet, by its name.
pub(super) fn is_parquet(path: &Path) -> bool {
    extension(path).is_some_and(|extension| extension == "parquet" || extension == "pq")
}

fn extension(path: &Path) -> Option<String> {
    Some(path.extension()?.to_str()?.to_ascii_lowercase())
}

/// All files of all sources, in the order of sources and, within one, sorted by path.
pub(super) fn find(request: &Request, sources: &[Source], findings: &mut Vec<Finding>) -> Vec<Input> {
    let mut inputs: Vec<Input> = Vec::new();
    let mut taken: HashMap<PathBuf, usize> = HashMap::new();
    for (source, description) in sources.iter().enumerate() {
        if description.files.is_empty() {
            findings.push(Finding::error(
                "H002",
                "a [[history.source]] names no files",
                "add `files = [\"…\"]` to it",
            ));
        }
        let mut paths: Vec<PathBuf> = Vec::new();
        for pattern in &description.files {
            let found = matching(&request.resolve(Path::new(pattern)));
            if found.is_empty() {
                findings.push(
                    Finding::error(
                        "H002",
                        "no file matches the pattern",
                        format!("patterns are relative to {}; a folder must hold .csv, .txt, .tsv or .parquet files", request.path.display()),
                    )
                    .with_value(pattern.as_str()),
                );
            }
            paths.extend(found);
        }
        paths.sort();
        for path in paths {
            let identity = path.canonicalize().unwrap_or_else(|_| path.clone());
            match taken.get(&identity) {
                None => {
                    taken.insert(identity, source);
                    inputs.push(Input { hive: hive_keys(&path), path, source });
                }
                Some(first) if *first == source => findings.push(
                    Finding::note(
                        "H003",
                        "the file is named by more than one pattern",
                        "nothing to do: it is read once",
                    )
                    .in_file(&path),
                ),
                Some(_) => findings.push(
                    Finding::warning(
                        "H003",
                        "the file is named by more than one source",
                        "it is read once, by the first source; narrow the patterns",
                    )
                    .in_file(&path),
                ),
            }
        }
    }
    inputs
}

/// A file, the readable files of a folder and all folders in it, or what a glob matches.
fn matching(pattern: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    if pattern.exists() {
        collect(pattern, &mut found);
    } else if let Some(paths) = pattern.to_str().and_then(|pattern| glob::glob(pattern).ok()) {
        paths.flatten().for_each(|path| collect(&path, &mut found));
    }
    found
}

fn collect(path: &Path, found: &mut Vec<PathBuf>) {
    if !path.is_dir() {
        found.push(path.to_path_buf());
        return;
    }
    let Ok(entries) = path.read_dir() else { return };
    for entry in entries.flatten().map(|entry| entry.path()) {
        // Writers leave marks such as `_SUCCESS` and `.crc` files beside the data.
        let hidden =
            entry.file_name().and_then(|name| name.to_str()).is_none_or(|name| name.starts_with(['.', '_']));
        let readable = extension(&entry).is_some_and(|extension| EXTENSIONS.contains(&extension.as_str()));
        if !hidden && (entry.is_dir() || readable) {
            collect(&entry, found);
        }
    }
}

/// The `key=value` folders of a path; Hive writes a missing value as `__HIVE_DEFAULT_PARTITION__`.
fn hive_keys(path: &Path) -> Vec<(String, String)> {
    let folders = path.parent().into_iter().flat_map(Path::components);
    folders
        .filter_map(|folder| {
            let (key, value) = folder.as_os_str().to_str()?.split_once('=')?;
            let value = if value == "__HIVE_DEFAULT_PARTITION__" { String::new() } else { unescape(value) };
            (!key.is_empty()).then(|| (key.to_string(), value))
        })
        .collect()
}

/// Hive escapes what a folder's name cannot hold as `%2F`.
fn unescape(value: &str) -> String {
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let code = (*first == b'%').then(|| tail.get(..2)).flatten();
        let code = code.and_then(|code| u8::from_str_radix(std::str::from_utf8(code).ok()?, 16).ok());
        bytes.push(code.unwrap_or(*first));
        rest = if code.is_some() { &tail[2..] } else { tail };
    }
    String::from_utf8(bytes).unwrap_or_else(|_| value.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hive_folders_become_columns() {
        let keys = hive_keys(Path::new("a/date=2026-01-02/channel=search/campaign=a%2Fb/part=0.csv"));
        let pair = |key: &str, value: &str| (key.to_string(), value.to_string());
        assert_eq!(keys, [pair("date", "2026-01-02"), pair("channel", "search"), pair("campaign", "a/b")]);
        assert_eq!(unescape("100%"), "100%");
    }

    #[test]
    fn a_folder_is_searched_and_a_file_is_read_once() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data/hour=3");
        std::fs::create_dir_all(&data).unwrap();
        for name in ["b.csv", "a.parquet", "_SUCCESS", ".hidden.csv", "notes.md"] {
            std::fs::write(data.join(name), "x").unwrap();
        }
        let source = Source {
            files: vec!["data".into(), "data/*/b.csv".into(), "none/*.csv".into()],
            ..Source::default()
        };
        let request =
            Request { path: folder.path().join("plan.toml"), file: Default::default(), text: String::new() };
        let mut findings = Vec::new();
        let inputs = find(&request, &[source], &mut findings);
        let names: Vec<_> =
            inputs.iter().map(|input| input.path.file_name().unwrap().to_str().unwrap()).collect();
        assert_eq!(names, ["a.parquet", "b.csv"]);
        assert_eq!(inputs[0].hive, [("hour".to_string(), "3".to_string())]);
        assert_eq!(findings.iter().map(|finding| finding.code).collect::<Vec<_>>(), ["H002", "H003"]);
    }
}
