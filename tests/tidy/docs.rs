//! Links between documents lead to headings that are there.

use std::fs;
use std::path::{Path, PathBuf};

/// The documents of the repository.
fn documents() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders = ["", "docs", "docs/daily", "models", "benches"].map(|folder| root.join(folder));
    let of = |folder: PathBuf| fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let is_document = |path: &PathBuf| path.extension().is_some_and(|end| end == "md");
    folders.into_iter().flat_map(of).filter(is_document).collect()
}

/// A heading as the anchor that readers make of it.
fn anchor(heading: &str) -> String {
    let kept = |letter: &char| letter.is_alphanumeric() || matches!(letter, ' ' | '-' | '_');
    heading
        .trim()
        .to_lowercase()
        .chars()
        .filter(kept)
        .map(|letter| if letter == ' ' { '-' } else { letter })
        .collect()
}

#[test]
fn links_lead_to_headings() {
    let mut lost = Vec::new();
    for document in documents() {
        let text = fs::read_to_string(&document).unwrap();
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let Some((file, wanted)) = link.split_once('#').filter(|_| !link.contains("://")) else {
                continue;
            };
            let target = match file {
                "" => document.clone(),
                file => document.parent().unwrap().join(file),
            };
            let there = fs::read_to_string(&target).is_ok_and(|text| {
                let headings = text.lines().filter_map(|line| line.strip_prefix('#'));
                headings.map(|line| anchor(line.trim_start_matches('#'))).any(|heading| heading == wanted)
            });
            if !there {
                lost.push(format!("{}: {link}", document.display()));
            }
        }
    }
    assert!(lost.is_empty(), "{}", lost.join("\n"));
}
