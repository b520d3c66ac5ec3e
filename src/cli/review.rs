//! `bidwright review`.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::civil::Date;

use super::plan::Language;
use super::table::table;
use super::{Log, after_help, screen};
use crate::config::Request;
use crate::error::{Error, Finding, Result, exit};
use crate::history;
use crate::metric::Outcome;
use crate::pipeline::{Reviewed, review};
use crate::report::lang::{self, Lang, review as words};
use crate::report::{number, reason, review as told};
use crate::review::{Group, HALF_A_FEN, Review, Verdict};
use crate::sheets::{self, Reviewing};

/// Set a finished plan against what happened (复盘)
///
/// DIR is the output folder of `bidwright plan`. --actuals is the platform's report of the planned day, hour by
/// hour where there is one; it is read with the columns of the plan file's history, so an export of the same kind
/// will do. Several reports (one a channel, say) are several --actuals.
///
/// The difference in spend and revenue is split, cell by cell, into effects that add up exactly: bids that were not
/// the plan's, cells that ran or stood still against it, volume, CTR, price, conversion, order value, and orders that
/// are not in yet. Tells ten findings with the money behind each, where search stood against what was promised, the
/// hour in which delivery ended, whether spend (10 %) and revenue (15 %) were forecast within the gate and within the
/// plan's bands, and every rule on what happened.
///
/// Days after the day, orders still come in. Of the export of --as-of it is known how many should be in: from exports
/// of several mornings, from the newest days that the plan was learned from, or from `[history] maturation`. What is
/// merely not in yet is no finding: conversion is judged by what should be in by now, money by what the day will have
/// brought, and rules and forecast that the missing orders decide are open. Without --as-of, or where nobody knows how
/// sales fill in, the plan is believed as far as what came allows it.
///
/// Writes review.html, review.xlsx, review.json, cells.csv (every cell with its effects) and actuals.parquet: the
/// day in bidwright's own columns. `--feed history` puts it into a folder that `[history]` reads, so that the next
/// fit learns from it, by the share of its sales that should be in; feed a later export too, and the last one counts.
/// Only do so if no other export of the day goes there.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment, after_help = after_help!(
    "  bidwright review shop/runs/2026-12-12 --actuals export/2026-12-12.csv\n  bidwright review shop/runs/2026-12-12 --actuals day.csv --as-of 2026-12-13 --feed shop/history --lang zh\n  bidwright review shop/runs/2026-12-12 --export shop/runs/2026-12-12-zhitongche --actuals day.csv"
))]
pub(super) struct ReviewArgs {
    /// The output folder of `bidwright plan`
    #[arg(value_name = "DIR")]
    plan: PathBuf,
    /// A report of the planned day; may be repeated
    #[arg(long, value_name = "FILE", required = true)]
    actuals: Vec<PathBuf>,
    /// What ran was this export of the plan (a folder of `bidwright export`): it is reviewed by the platform's effective
    /// bids in place of the plan's; may be repeated
    #[arg(long, value_name = "DIR")]
    export: Vec<PathBuf>,
    /// The day on which the report was exported [default: what its column `exported`, or rows of later days, say]
    #[arg(long, value_name = "D")]
    as_of: Option<Date>,
    /// Output folder [default: DIR-review, beside the plan's]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Put the day into this folder of the history too, as actuals-DATE-exported-DATE.parquet
    #[arg(long, value_name = "DIR")]
    feed: Option<PathBuf>,
    /// Language of the page, the workbook and the terminal
    #[arg(long, value_enum, default_value_t = Language::En, value_name = "LANG")]
    lang: Language,
    /// The review as one JSON object in place of the tables
    #[arg(long)]
    json: bool,
    /// Write into --out even if that folder is not a review's, and replace the same export in --feed
    #[arg(long)]
    force: bool,
}

impl ReviewArgs {
    pub fn run(&self, log: &Log) -> Result<u8> {
        let started = Timestamp::now();
        let out = match &self.out {
            Some(out) => out.clone(),
            None => beside(&self.plan)?,
        };
        sheets::refuse(&out, &sheets::REVIEW, self.force)?;
        let reviewed = review(&self.plan, &self.export, &self.actuals, self.as_of)?;
        let place = self
            .feed
            .as_ref()
            .map(|to| sheets::place_of(reviewed.review.date, reviewed.exported, to, self.force));
        let place = place.transpose()?;
        log.findings(&reviewed.doubts);
        let lang = self.lang.into();
        let package = Reviewing {
            request: &reviewed.request,
            review: &reviewed.review,
            happened: &reviewed.happened,
            exported: reviewed.exported,
            doubts: &reviewed.doubts,
            started,
            lang,
        };
        sheets::write_review(&package, &out, self.force)?;
        let unread = match &place {
            Some(place) => {
                sheets::feed(&reviewed.happened, place)?;
                unread(&reviewed.request, place)
            }
            None => None,
        };
        log.findings(unread.as_slice());
        let learned = place.filter(|_| unread.is_none());
        screen::print(&match self.json {
            true => serde_json::to_string_pretty(&reviewed.review)
                .map_err(|error| Error::Internal(format!("the review: {error}")))?,
            false => text(&reviewed, &out, learned.as_deref(), lang),
        })?;
        Ok(exit::DONE)
    }
}

/// Says so where no pattern of the history reaches the day that was put there.
fn unread(request: &Request, place: &Path) -> Option<Finding> {
    (!history::reads(request, place)).then(|| {
        let cause = "no pattern of [history] reaches the day that was put here, so no fit learns from it";
        let action = "name a folder that [history] reads with --feed, or add this one to its files";
        Finding::warning("A023", cause, action).in_file(place)
    })
}

/// The folder beside the plan's that is named after it.
fn beside(plan: &Path) -> Result<PathBuf> {
    let real = plan.canonicalize().map_err(Error::io("find", plan))?;
    let mut name: OsString = real.file_name().unwrap_or_default().to_owned();
    name.push("-review");
    Ok(if plan.file_name().is_some() { plan.with_file_name(name) } else { real.with_file_name(name) })
}

/// Rules that missing orders decide, of which the terminal tells.
const RULES: usize = 6;

fn text(reviewed: &Reviewed, out: &Path, learned: Option<&Path>, lang: Lang) -> String {
    let review = &reviewed.review;
    let mut text = words::REVIEW_OF.with(lang, &[&review.date.to_string()]) + "\n";
    for line in [
        told::money(review, lang),
        told::verdict(review, lang),
        told::rules_held(review, lang),
        told::sales(review, lang),
    ] {
        text += &format!("{line}\n");
    }
    let undecided = review.rules.iter().filter(|row| row.verdict != Verdict::Kept);
    for line in undecided.filter_map(|row| told::rule(row, lang)).take(RULES) {
        text += &format!("{line}\n");
    }
    text += &format!("\n{}\n", sums(review, lang));
    text += &format!("\n{}\n", effects(review, lang));
    if !review.lessons.is_empty() {
        let few = review.lessons.len() < 10;
        let heading = if few { words::LESSONS_FEW } else { words::LESSONS };
        text += &format!("\n{}\n", heading.in_(lang));
        for (at, lesson) in (1..).zip(&review.lessons) {
            let money = format!("{} {}", told::signed(lesson.money), told::of(lesson.of).in_(lang));
            text += &format!("{at:>2}. [{money}] {}\n", told::sentence(lesson, lang));
        }
    }
    if let Some(learned) = learned {
        text += &format!("\n{}\n", words::NEXT_FROM.with(lang, &[&learned.display().to_string()]));
    }
    text + &format!("\nwritten to {}\n", out.display())
}

/// Both sides by channel.
fn sums(review: &Review, lang: Lang) -> String {
    let filling = review.filling();
    let row = |group: &Group| {
        let roi = |outcome: &Outcome| number::or_nothing(outcome.roi(), |roi| number::fixed(roi, 2));
        let Group { planned, actual, .. } = group;
        [
            told::channel(group.key.channel, lang).to_owned(),
            number::sum(planned.spend),
            number::sum(actual.spend),
            number::sum(planned.revenue),
            number::sum(actual.revenue),
            roi(planned),
            roi(actual),
        ]
        .into_iter()
        .chain(filling.then(|| number::sum(group.due().revenue)))
        .chain(filling.then(|| roi(&group.due())))
        .collect::<Vec<_>>()
    };
    let both = |name: lang::Word| {
        [words::PLANNED, words::HAPPENED].map(|side| format!("{} ({})", name.in_(lang), side.in_(lang)))
    };
    let due = |name: lang::Word| format!("{} ({})", name.in_(lang), words::DUE.in_(lang));
    let late = [lang::REVENUE, lang::ROI].into_iter().filter(|_| filling).map(due);
    let names: Vec<String> =
        [lang::SPEND, lang::REVENUE, lang::ROI].into_iter().flat_map(both).chain(late).collect();
    let head = std::iter::once(lang::CHANNEL.in_(lang)).chain(names.iter().map(String::as_str));
    table(head, 1, review.channels.iter().chain([&review.total]).map(row))
}

/// What made the difference: a line an effect, revenue by channel, then both in all.
fn effects(review: &Review, lang: Lang) -> String {
    let shown = |money: f64| if money.abs() < HALF_A_FEN { String::new() } else { told::signed(money) };
    let groups = || review.channels.iter();
    let line = |name: &str, of: &dyn Fn(&Group) -> crate::review::Difference| {
        let total = of(&review.total);
        std::iter::once(name.to_owned())
            .chain(groups().map(|group| shown(of(group).revenue)))
            .chain([shown(total.revenue), shown(total.spend)])
            .collect::<Vec<_>>()
    };
    let mut rows: Vec<Vec<String>> = review
        .met()
        .into_iter()
        .map(|effect| line(told::effect(effect).in_(lang), &|group| group.effects.of(effect)))
        .collect();
    rows.push(line(words::DIFFERENCE.in_(lang), &|group| group.effects.total()));
    let revenue = lang::REVENUE.in_(lang);
    let channels: Vec<String> = groups()
        .filter_map(|group| group.key.channel)
        .map(|channel| format!("{revenue}: {}", reason::channel(channel).in_(lang)))
        .collect();
    let head = std::iter::once(words::WHY.in_(lang))
        .chain(channels.iter().map(String::as_str))
        .chain([revenue, lang::SPEND.in_(lang)]);
    table(head, 1, rows)
}
