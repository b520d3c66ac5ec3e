//! The sample shop in a folder of its own, and the program run in it.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use assert_cmd::Command;
use serde_json::Value;
use tempfile::TempDir;

use crate::bids::Bids;

/// Where the sample shop stands in the repository.
pub const SAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/data/double12");

/// The program under test.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_bidwright");

/// A copy of the sample shop, removed when dropped.
pub struct Shop(TempDir);

/// How a run of the program ended.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Shop {
    pub fn new() -> Shop {
        let shop = Shop(tempfile::tempdir().unwrap());
        for file in
            ["plan.toml", "plan-gbk.toml", "shop.toml", "history/history.parquet", "export/last-week.csv"]
        {
            shop.write(file, fs::read(Path::new(SAMPLE).join(file)).unwrap());
        }
        shop
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn folder(&self) -> &Path {
        self.0.path()
    }

    pub fn text(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// Replaces the one place of a file where a text stands.
    pub fn patch(&self, name: &str, from: &str, to: &str) {
        let text = self.text(name);
        assert_eq!(text.matches(from).count(), 1, "`{from}` must stand once in {name}");
        self.write(name, text.replacen(from, to, 1));
    }

    /// The program in the shop's folder, where no variable of the tester's can colour its output.
    pub fn bidwright(&self, words: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        command.current_dir(self.folder()).args(words).env_remove("NO_COLOR");
        command
    }

    pub fn run(&self, words: &[&str]) -> Ran {
        let output = self.bidwright(words).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Ran { code: output.status.code().unwrap(), stdout: text(output.stdout), stderr: text(output.stderr) }
    }

    /// Plans with the sample's fitted landscapes, which saves the fit.
    pub fn plan_on_model(&self, plan_file: &str, out: &str, more: &[&str]) -> Ran {
        self.with_model();
        self.run(
            &[&["plan", plan_file, "--model", "model.json", "--out", out, "--no-frontier", "-q"], more]
                .concat(),
        )
    }

    /// Puts the sample's fitted landscapes into `model.json`.
    pub fn with_model(&self) {
        if !self.path("model.json").exists() {
            self.write("model.json", model());
        }
    }

    pub fn summary(&self, out: &str) -> Value {
        serde_json::from_str(&self.text(&format!("{out}/summary.json"))).unwrap()
    }

    pub fn bids(&self, out: &str) -> Bids {
        Bids::read(&self.path(out).join("plan.csv"))
    }

    /// Everything that stands in the shop's folder and below, hidden things too.
    pub fn files(&self) -> Vec<PathBuf> {
        let mut found = Vec::new();
        let mut folders = vec![self.folder().to_path_buf()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() && !path.is_symlink() {
                    folders.push(path.clone());
                }
                found.push(path);
            }
        }
        found.sort();
        found
    }
}

impl Ran {
    /// The same run, after asserting its exit code.
    #[track_caller]
    pub fn ended(self, code: i32) -> Ran {
        assert_eq!(self.code, code, "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }
}

/// The sample's landscapes, fitted once for all tests.
fn model() -> &'static [u8] {
    static MODEL: OnceLock<Vec<u8>> = OnceLock::new();
    MODEL.get_or_init(|| {
        let shop = Shop::new();
        shop.run(&["fit", "plan.toml", "--out", "fitted.json", "-q"]).ended(0);
        fs::read(shop.path("fitted.json")).unwrap()
    })
}
