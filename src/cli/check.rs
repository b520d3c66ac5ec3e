//! `bidwright check`.

use std::fmt::Write;

use super::table::table;
use super::{Log, PlanFileArgs, after_help, screen};
use crate::error::{Result, Severity, exit};
use crate::history::{Audit, FileAudit};
use crate::pipeline;

/// Check the plan file and the history; list every finding
///
/// Prints all findings on stderr, each with its place, cause and fix, and an account of the history's
/// files on stdout: rows read, accepted, rejected, older than the lookback (`too old`), covering a day
/// or more so that their hours are imputed, and the columns used and unused. Warnings do not fail.
#[derive(Debug, clap::Args)]
#[command(after_help = after_help!(
    "  bidwright check shop/plan.toml\n  bidwright check shop/plan.toml --log-format json 2> findings.jsonl"
))]
pub(super) struct CheckArgs {
    #[command(flatten)]
    file: PlanFileArgs,
}

impl CheckArgs {
    pub fn run(&self, log: &Log) -> Result<u8> {
        let (request, doubts) = self.file.examine()?;
        log.all_findings(&doubts);
        let checked = pipeline::check(&request)?;
        log.all_findings(&checked.findings);
        let of = |severity| {
            doubts.iter().chain(&checked.findings).filter(|finding| finding.severity == severity).count()
        };
        let (errors, warnings) = (of(Severity::Error), of(Severity::Warning));
        let mut text = account(&checked.history.audit);
        let _ = writeln!(text, "{}: {errors} errors, {warnings} warnings", self.file.plan.display());
        screen::print(&text)?;
        Ok(if errors == 0 { exit::DONE } else { exit::INPUT })
    }
}

/// The account of the files, and of the columns of each shape of file.
fn account(audit: &Audit) -> String {
    let row = |name: String, files: &[FileAudit], encoding: &str| {
        let sum = |count: fn(&FileAudit) -> usize| files.iter().map(count).sum::<usize>().to_string();
        [
            name,
            encoding.to_owned(),
            sum(|file| file.rows),
            sum(|file| file.accepted),
            sum(|file| file.rejected),
            sum(|file| file.too_old),
            sum(|file| file.imputed),
        ]
    };
    let mut rows: Vec<_> = audit
        .files
        .iter()
        .map(|file| row(file.file.display().to_string(), std::slice::from_ref(file), &file.encoding))
        .collect();
    if audit.files.len() != 1 {
        rows.push(row(format!("all {} files", audit.files.len()), &audit.files, ""));
    }
    let mut text = table(["file", "encoding", "rows", "accepted", "rejected", "too old", "imputed"], 2, rows);
    text.push_str("\n\n");
    let mut shapes: Vec<(&FileAudit, usize)> = Vec::new();
    for file in &audit.files {
        let same = |(shape, _): &&mut (&FileAudit, usize)| {
            shape.columns == file.columns && shape.unused_columns == file.unused_columns
        };
        match shapes.iter_mut().find(same) {
            Some((_, count)) => *count += 1,
            None => shapes.push((file, 1)),
        }
    }
    for (file, count) in shapes {
        let more = if count > 1 { format!(" and {} more like it", count - 1) } else { String::new() };
        let used = file
            .columns
            .iter()
            .map(|(ours, theirs)| if ours == theirs { ours.clone() } else { format!("{ours} ← {theirs}") });
        let unused =
            if file.unused_columns.is_empty() { "none".into() } else { file.unused_columns.join(", ") };
        let _ = writeln!(text, "{}{more}", file.file.display());
        let _ = writeln!(text, "  columns used: {}", used.collect::<Vec<_>>().join(", "));
        let _ = writeln!(text, "  columns unused: {unused}\n");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, rows: usize, rejected: usize, unused: &[&str]) -> FileAudit {
        FileAudit {
            file: name.into(),
            rows,
            accepted: rows - rejected,
            rejected,
            encoding: "GB18030".into(),
            columns: vec![("spend".into(), "花费".into()), ("date".into(), "date".into())],
            unused_columns: unused.iter().map(|name| (*name).to_owned()).collect(),
            ..FileAudit::default()
        }
    }

    #[test]
    fn every_file_and_every_shape_is_accounted_for() {
        let files =
            vec![file("a.csv", 10, 1, &[]), file("b.csv", 20, 0, &[]), file("c.csv", 5, 0, &["总收藏数"])];
        let text = account(&Audit { files, ..Audit::default() });
        let total: Vec<&str> =
            text.lines().find(|line| line.contains("all 3 files")).unwrap().split_whitespace().collect();
        assert_eq!(total, ["all", "3", "files", "35", "34", "1", "0", "0"]);
        assert!(
            text.contains(
                "a.csv and 1 more like it\n  columns used: spend ← 花费, date\n  columns unused: none\n"
            ),
            "{text}"
        );
        assert!(
            text.contains("c.csv\n  columns used: spend ← 花费, date\n  columns unused: 总收藏数\n"),
            "{text}"
        );
    }
}
