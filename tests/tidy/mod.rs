//! The house rules of ARCHITECTURE.md, read off the source itself.

mod code;
mod docs;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use code::{lines_with, roots, running_code, test_modules, words};

/// The floors from the ground to the roof: a module imports from those before it and from no other.
const FLOORS: [&str; 26] = [
    "calendar",
    "keys",
    "metric",
    "reason",
    "error",
    "config",
    "history",
    "landscape",
    "ladder",
    "program",
    "solver",
    "plan",
    "schedule",
    "frontier",
    "explain",
    "compare",
    "review",
    "report",
    "sheets",
    "market",
    "pipeline",
    "daily",
    "backtest",
    "judge",
    "web",
    "cli",
];

/// Modules that may import less than the floors allow: module, all it may import.
const NARROW: [(&str, &[&str]); 2] = [
    ("solver", &["program"]),
    // A market that knew the landscapes would let a backtest grade its own assumptions.
    ("market", &["calendar", "keys", "metric", "error", "config", "history"]),
];

/// Words that a solver of linear programs has no use for.
const ADVERTISING: [&str; 22] = [
    "advertising",
    "ad",
    "ads",
    "bid",
    "bids",
    "budget",
    "campaign",
    "campaigns",
    "channel",
    "channels",
    "click",
    "clicks",
    "cpc",
    "cpm",
    "ctr",
    "impression",
    "impressions",
    "keyword",
    "keywords",
    "revenue",
    "roi",
    "spend",
];

/// Lines of a file, its tests not counted.
const MOST_LINES: usize = 400;

/// A file of the source.
struct File {
    path: PathBuf,
    /// The modules from the crate's root down to it.
    module: Vec<String>,
    text: String,
    /// Without comments, literals and tests.
    code: String,
}

impl File {
    fn floor(&self) -> &str {
        &self.module[0]
    }
}

/// All files but the two roots and those that are compiled for tests alone.
fn source() -> Vec<File> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    collect(&root, &root, &mut files);
    files.sort_by(|a, b| a.path.cmp(&b.path));
    let for_tests: BTreeSet<Vec<String>> = files
        .iter()
        .flat_map(|file| {
            let inside = |name| file.module.iter().cloned().chain([name]).collect();
            test_modules(&file.text).into_iter().map(inside)
        })
        .collect();
    let tested = |file: &File| (1..=file.module.len()).any(|end| for_tests.contains(&file.module[..end]));
    files.retain(|file| !file.module.is_empty() && !tested(file));
    assert!(files.len() > 50, "only {} files were found under {}", files.len(), root.display());
    files
}

fn collect(root: &Path, folder: &Path, files: &mut Vec<File>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(root, &path, files);
        } else if path.extension().is_some_and(|end| end == "rs") {
            let short = path.strip_prefix(root).unwrap().to_path_buf();
            let text = fs::read_to_string(&path).unwrap();
            let names = short
                .with_extension("")
                .components()
                .map(|part| part.as_os_str().to_str().unwrap().to_owned())
                .collect::<Vec<_>>();
            let module =
                names.into_iter().filter(|name| !["lib", "main", "mod"].contains(&name.as_str())).collect();
            files.push(File { path: short, module, code: running_code(&text), text });
        }
    }
}

/// Fails with every line of `src/` in which one of some texts stands, in files that a test picks.
fn refuse(texts: &[&str], picks: impl Fn(&File) -> bool, rule: &str) {
    let broken: Vec<String> = source()
        .iter()
        .filter(|file| picks(file))
        .flat_map(|file| {
            lines_with(&file.code, texts)
                .into_iter()
                .map(|(line, text)| format!("src/{}:{line}: {text}", file.path.display()))
        })
        .collect();
    assert!(broken.is_empty(), "{rule}:\n{}", broken.join("\n"));
}

/// What is wrong with a file's imports.
fn climbs(path: &str, module: &[String], code: &str) -> Vec<String> {
    let floor = FLOORS.iter().position(|floor| *floor == module[0]);
    let Some(floor) = floor else {
        return vec![format!("{path}: give `{}` its floor in tests/tidy", module[0])];
    };
    let narrow = NARROW.iter().find(|(name, _)| *name == module[0]).map(|(_, allowed)| *allowed);
    let allowed = narrow.unwrap_or(&FLOORS[..floor]);
    let mut names: Vec<String> = roots(code, module.len());
    names.sort();
    names.dedup();
    let known = names.iter().filter(|name| FLOORS.contains(&name.as_str()) && **name != module[0]);
    known
        .filter(|name| !allowed.contains(&name.as_str()))
        .map(|name| format!("{path} imports {name}"))
        .collect()
}

#[test]
fn no_module_imports_one_above_it() {
    let files = source();
    // A file `a.rs` is as deep as its module; `a/mod.rs` too.
    let broken: Vec<String> = files
        .iter()
        .flat_map(|file| climbs(&format!("src/{}", file.path.display()), &file.module, &file.code))
        .collect();
    assert!(broken.is_empty(), "floors, from the ground: {}\n{}", FLOORS.join(", "), broken.join("\n"));
    for floor in FLOORS {
        assert!(files.iter().any(|file| file.floor() == floor), "there is no module `{floor}` any more");
    }
}

#[test]
fn climbing_is_noticed() {
    let climbs = |module: &[&str], code: &str| {
        climbs("x", &module.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>(), code)
    };
    assert_eq!(climbs(&["history", "read"], "use crate::landscape::Landscapes;"), ["x imports landscape"]);
    assert_eq!(climbs(&["history", "read"], "use super::super::plan;"), ["x imports plan"]);
    assert_eq!(
        climbs(&["market"], "use crate::{landscape, plan::Plan, keys};"),
        ["x imports landscape", "x imports plan"]
    );
    assert_eq!(climbs(&["solver", "mod"], "crate::metric::Outcome"), ["x imports metric"]);
    assert_eq!(climbs(&["attic"], "").len(), 1);
    assert!(
        climbs(&["landscape"], "use crate::history; use crate::landscape::file; use super::error;")
            .is_empty()
    );
}

#[test]
fn the_check_of_a_plan_never_reads_a_program() {
    let files = source();
    let check = files.iter().find(|file| file.path == Path::new("plan/check.rs")).unwrap();
    let names = roots(&check.code, check.module.len());
    assert!(names.iter().any(|name| name == "landscape"), "it recomputes from landscapes: {names:?}");
    for name in ["program", "solver", "ladder"] {
        assert!(!names.iter().any(|other| other == name), "src/plan/check.rs imports {name}");
    }
}

#[test]
fn tables_stay_with_those_who_read_and_write_them() {
    let allowed = ["history", "sheets"];
    refuse(&["polars"], |file| !allowed.contains(&file.floor()), "only history and sheets know polars");
}

#[test]
fn files_and_sockets_stay_with_those_who_own_them() {
    let allowed = ["history", "config", "sheets", "report", "cli"];
    let tokens = ["fs::", "File::", "tempfile", "OpenOptions"];
    refuse(
        &tokens,
        |file| !allowed.contains(&file.floor()),
        "only history, config, sheets, report and cli touch files",
    );
    refuse(&["std::net", "tokio::net", "axum"], |file| file.floor() != "web", "only web opens sockets");
}

#[test]
fn nothing_below_the_command_line_prints_or_exits() {
    let tokens =
        ["println!", "eprintln!", "print!", "eprint!", "dbg!", "process::exit", "stdout()", "stderr()"];
    refuse(&tokens, |file| file.floor() != "cli", "only cli prints and exits");
}

#[test]
fn nothing_panics_on_input() {
    let tokens = [".unwrap()", ".expect(", "panic!(", "todo!(", "unimplemented!("];
    refuse(&tokens, |_| true, "errors are findings");
}

#[test]
fn the_solver_knows_no_advertising_word() {
    for file in source().iter().filter(|file| file.floor() == "solver") {
        for (at, line) in file.text.lines().enumerate() {
            let word = words(line).into_iter().find(|word| ADVERTISING.contains(&word.as_str()));
            assert!(
                word.is_none(),
                "src/{}:{}: `{}` in: {line}",
                file.path.display(),
                at + 1,
                word.unwrap_or_default()
            );
        }
    }
}

#[test]
fn files_are_short() {
    let mut long = Vec::new();
    for file in source() {
        let lines = file.code.trim_end().lines().count();
        if lines >= MOST_LINES {
            long.push(format!("src/{}: {lines} lines", file.path.display()));
        }
    }
    assert!(long.is_empty(), "{MOST_LINES} lines or more, tests not counted:\n{}", long.join("\n"));
}
