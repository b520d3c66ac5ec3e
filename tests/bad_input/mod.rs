//! Bad input: the sample shop, wrong in one place each.
//!
//! Every case must end with its exit code, name the place and the fix, and leave no output behind.

mod history;
mod request;

use crate::shop::Shop;

/// A slip, what is run, and what is said of it.
pub struct Case {
    /// What is wrong, in words; the case's name in a failure.
    slip: &'static str,
    /// Makes the slip.
    make: Make,
    /// What is run after `bidwright`.
    words: &'static [&'static str],
    /// Words of stderr: the code, the place, the fix.
    says: &'static [&'static str],
}

/// How a slip is made.
pub enum Make {
    /// Nowhere but on the command line.
    Nothing,
    /// One text of the plan file for another.
    Plan(&'static str, &'static str),
    /// One text of the small CSV history for another, once.
    Row(&'static str, &'static str),
    /// The small CSV history as other bytes.
    Bytes(fn(&str) -> Vec<u8>),
    /// Anything else in the shop's folder.
    Folder(fn(&Shop)),
}

/// The part of the platform's export that the cases on the history are patched from: one unit of each
/// kind. GBK in the file, plain text here.
fn slice() -> String {
    let bytes =
        std::fs::read(std::path::Path::new(crate::shop::SAMPLE).join("export/last-week.csv")).unwrap();
    let (text, _, damaged) = encoding_rs::GBK.decode(&bytes);
    assert!(!damaged);
    let units = [",kw-0001,", ",新客 / 首页焦点,", ",plan-1,", ",slot-0,"];
    let lines = text
        .lines()
        .enumerate()
        .filter(|(at, line)| *at == 0 || units.iter().any(|unit| line.contains(unit)));
    lines.map(|(_, line)| format!("{line}\n")).collect()
}

fn gbk(text: &str) -> Vec<u8> {
    encoding_rs::GBK.encode(text).0.into_owned()
}

/// A shop whose CSV history is the slice, and whose rules ask for no more than it has.
fn shop() -> Shop {
    let shop = Shop::new();
    shop.write("export/last-week.csv", gbk(&slice()));
    shop
}

/// What is wrong with how a case ends; nothing if all is as it should be.
fn judge(case: &Case) -> Result<(), String> {
    let shop = shop();
    let once = |text: &str, from: &str, to: &str| {
        let found = text.matches(from).count();
        if found == 1 {
            Ok(text.replacen(from, to, 1))
        } else {
            Err(format!("`{from}` stands {found} times"))
        }
    };
    match &case.make {
        Make::Nothing => {}
        Make::Plan(from, to) => shop.write("plan.toml", once(&shop.text("plan.toml"), from, to)?),
        Make::Row(from, to) => shop.write("export/last-week.csv", gbk(&once(&slice(), from, to)?)),
        Make::Bytes(bytes) => shop.write("export/last-week.csv", bytes(&slice())),
        Make::Folder(make) => make(&shop),
    }
    let before = shop.files();
    let ran = shop.run(case.words);
    let wrong = |what: &str| Err(format!("{what}\nexit code {}\n{}{}", ran.code, ran.stdout, ran.stderr));
    if ran.code != 2 {
        return wrong("the exit code must be 2");
    }
    if let Some(word) = case.says.iter().find(|word| !ran.stderr.contains(**word)) {
        return wrong(&format!("`{word}` is not said"));
    }
    if ["panicked", "internal error", "RUST_BACKTRACE"].iter().any(|word| ran.stderr.contains(word)) {
        return wrong("a slip of the user's is no defect of the program's");
    }
    if !ran.stdout.is_empty() {
        return wrong("there is no result, so stdout is empty");
    }
    if shop.files() != before {
        return wrong(&format!(
            "files were left: {:?}",
            shop.files().into_iter().filter(|file| !before.contains(file)).collect::<Vec<_>>()
        ));
    }
    Ok(())
}

fn try_all(cases: &[Case]) {
    let wrong: Vec<String> = cases
        .iter()
        .filter_map(|case| judge(case).err().map(|how| format!("== {}: {how}", case.slip)))
        .collect();
    assert!(wrong.is_empty(), "{} of {} cases:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

#[test]
fn there_are_enough_cases() {
    let (history, request) = (history::CASES.len(), request::CASES.len());
    assert!(history >= 20 && request >= 20 && history + request >= 40, "{history} and {request}");
}

#[test]
fn slips_in_the_history() {
    try_all(history::CASES);
}

#[test]
fn slips_in_the_plan_file_and_on_the_command_line() {
    try_all(request::CASES);
}

#[cfg(unix)]
#[test]
fn a_file_that_may_not_be_read_is_named() {
    use std::fs;
    use std::os::unix::fs::{PermissionsExt, symlink};
    let shop = shop();
    let file = shop.path("export/last-week.csv");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o000)).unwrap();
    if fs::read(&file).is_ok() {
        // Root may read anything but this.
        fs::remove_file(&file).unwrap();
        symlink("/proc/self/mem", &file).unwrap();
    }
    let before = shop.files();
    let ran = shop.run(history::STRICT).ended(2);
    assert!(ran.stderr.contains("export/last-week.csv") && ran.stderr.contains("fix: "), "{}", ran.stderr);
    assert!(!ran.stderr.contains("panicked") && ran.stdout.is_empty());
    assert_eq!(shop.files(), before);
}

/// What the cases are patched from is itself sound.
#[test]
fn without_a_slip_all_is_well() {
    let shop = shop();
    shop.run(history::STRICT).ended(0);
    shop.run(&["check", "plan.toml"]).ended(0);
}
