//! The schedulers' examples call the program as it is; `.ci/run` checks the syntax of the files around the calls.

use std::path::Path;

use crate::shop::Shop;

/// The words after the program's name in each example.
fn calls() -> Vec<(&'static str, Vec<String>)> {
    let read = |name: &str| {
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/daily").join(name)).unwrap()
    };
    let after = |text: &str, mark: &str| text.split_once(mark).unwrap().1.lines().next().unwrap().to_owned();
    let plain = |text: String| -> Vec<String> {
        text.split_whitespace().take_while(|word| !word.contains('>')).map(str::to_owned).collect()
    };
    let quoted = |text: String| -> Vec<String> {
        let parts =
            text.split(']').next().unwrap().split(", ").map(|part| part.trim_matches(['f', '"', '[', ' ']));
        parts.map(str::to_owned).collect()
    };
    let mut airflow = quoted(after(&read("airflow.py"), "command = [\"bidwright\", "));
    for word in &mut airflow {
        if word == "date" {
            *word = "2026-12-12".into();
        }
    }
    vec![
        ("crontab", plain(after(&read("crontab"), " ads /usr/local/bin/bidwright "))),
        (
            "bidwright@.service",
            plain(after(&read("bidwright@.service"), "ExecStart=/usr/local/bin/bidwright ")),
        ),
        ("airflow.py", airflow),
        ("cronjob.yaml", quoted(after(&read("cronjob.yaml"), "args: "))),
    ]
}

#[test]
fn the_examples_call_the_program_as_it_is() {
    let shop = Shop::new();
    for (name, words) in calls() {
        assert!(words[0] == "run" && words[1].ends_with("/plan.toml"), "{name}: {words:?}");
        // Their shop is not here; all else is understood.
        let plan = shop.path("gone/plan.toml");
        let mut words: Vec<&str> = words.iter().map(String::as_str).collect();
        words[1] = plan.to_str().unwrap();
        let ran = shop.run(&words).ended(2);
        assert!(ran.stderr.contains("F001"), "{name}: {}", ran.stderr);
        assert_eq!(super::line(&ran)["status"], "failed");
    }
}

#[test]
fn the_page_shows_the_files_that_are_checked() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    let page = std::fs::read_to_string(docs.join("daily.md")).unwrap();
    for entry in std::fs::read_dir(docs.join("daily")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(page.contains(&format!("(daily/{name})")), "docs/daily.md does not name {name}");
    }
    let crontab = std::fs::read_to_string(docs.join("daily/crontab")).unwrap();
    assert!(page.contains(crontab.lines().last().unwrap()));
}
