//! Runs that are killed: at every line of their log, and as every file of theirs appears.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use super::{ROOT, configure, content, latest, names, run, shop, words};
use crate::shop::{PROGRAM, Shop};

/// A shop with a good plan, whose next run makes another one.
struct Crash {
    shop: Shop,
    /// The good plan's files.
    good: std::collections::BTreeMap<std::path::PathBuf, Vec<u8>>,
    /// `plan.csv` of the plan that the killed runs are after.
    wanted: String,
}

const OTHER: [&str; 3] = ["--force", "--set", "plan.objective=orders"];

impl Crash {
    fn new() -> Crash {
        let shop = shop();
        configure(&shop, "export = [\"json\"]\nkeep = 1000");
        run(&shop, &[]).ended(0);
        let good = content(&shop.path(ROOT).join("2026-12-12-1"));
        run(&shop, &[&OTHER[..], &["--out", "whole"]].concat()).ended(0);
        let wanted = shop.text("whole/2026-12-12-1/plan.csv");
        assert!(wanted.as_bytes() != good[std::path::Path::new("plan.csv")]);
        Crash { shop, good, wanted }
    }

    fn start(&self, more: &[&str]) -> Child {
        Command::new(PROGRAM)
            .current_dir(self.shop.folder())
            .args(words(&OTHER))
            .args(more)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    }

    /// Nothing is lost: the good plan is there to the byte, and `latest` names it or a whole new one. Whether it is
    /// a new one.
    #[track_caller]
    fn nothing_is_lost(&self, moment: &str) -> bool {
        let root = self.shop.path(ROOT);
        assert!(content(&root.join("2026-12-12-1")) == self.good, "{moment}");
        let named = latest(&self.shop).unwrap();
        if named == "2026-12-12-1" {
            return false;
        }
        assert!(self.shop.text(&format!("{ROOT}/{named}/plan.csv")) == self.wanted, "{moment}: {named}");
        let files = content(&root.join(&named));
        assert!(files.keys().eq(self.good.keys()), "{moment}: {:?}", files.keys());
        assert!(
            files.iter().all(|(name, bytes)| !bytes.is_empty() || self.good[name].is_empty()),
            "{moment}"
        );
        true
    }

    /// Back to the first plan alone; but what killed runs left hidden stays.
    fn back(&self) {
        for name in names(&self.shop) {
            if name.starts_with("2026-12-12-") && name != "2026-12-12-1" {
                fs::remove_dir_all(self.shop.path(ROOT).join(name)).unwrap();
            }
        }
        fs::write(self.shop.path(ROOT).join("latest"), "2026-12-12-1\n").unwrap();
    }

    /// The next run sweeps up and succeeds.
    fn recovers(&self) {
        let ran = run(&self.shop, &OTHER).ended(0);
        assert_eq!(super::line(&ran)["findings"]["D002"], 1, "it says that the one before was killed");
        assert!(self.nothing_is_lost("the run after"));
        let hidden: Vec<String> =
            names(&self.shop).into_iter().filter(|name| name.contains(".tmp-")).collect();
        assert!(hidden.is_empty(), "{hidden:?}");
        run(&self.shop, &OTHER[1..]).ended(0);
    }
}

#[test]
fn at_every_line_of_the_log() {
    let crash = Crash::new();
    let mut unfinished = 0;
    for line in 1.. {
        let mut child = crash.start(&["--log-format", "json"]);
        let mut log = BufReader::new(child.stderr.take().unwrap()).lines();
        let alive = log.by_ref().take(line).map(Result::unwrap).count() == line;
        child.kill().unwrap();
        child.wait().unwrap();
        let finished = crash.nothing_is_lost(&format!("line {line}"));
        unfinished += usize::from(!finished);
        crash.back();
        if !alive {
            assert!(finished, "a run that was not killed has finished");
            break;
        }
    }
    assert!(unfinished > 10, "only {unfinished} runs were killed before they had finished");
    let child = crash.start(&["--log-format", "json"]);
    kill_when(child, || crash.shop.path(ROOT).join(".lock").metadata().is_ok_and(|lock| lock.len() > 0));
    crash.recovers();
}

#[test]
fn as_its_files_appear() {
    let crash = Crash::new();
    let hidden = || {
        let entries = fs::read_dir(crash.shop.path(ROOT)).unwrap().map(|entry| entry.unwrap().path());
        let mut entries = entries.filter(|path| path.to_str().unwrap().contains(".tmp-"));
        entries.next()
    };
    let mut unfinished = 0;
    for file in ["plan.csv", "plan.parquet", "bids.xlsx", "manifest.json", "json/effective.csv", "run.json"] {
        let child = crash.start(&[]);
        kill_when(child, || hidden().is_some_and(|folder| folder.join(file).exists()));
        unfinished += usize::from(!crash.nothing_is_lost(file));
        crash.back();
        // So that the next one is not taken for it.
        hidden().into_iter().for_each(|folder| fs::remove_dir_all(folder).unwrap());
    }
    assert!(unfinished > 2, "only {unfinished} runs were killed before they had finished");
    let child = crash.start(&[]);
    kill_when(child, || hidden().is_some());
    crash.recovers();
}

/// Waits, busily, until the run has come so far or has ended, and kills it.
fn kill_when(mut child: Child, so_far: impl Fn() -> bool) {
    while !so_far() && child.try_wait().unwrap().is_none() {
        std::thread::yield_now();
    }
    child.kill().unwrap();
    child.wait().unwrap();
}
