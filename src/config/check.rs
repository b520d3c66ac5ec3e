//! The meaning of a plan file whose shape is right: ranges, contradictions, names that lead nowhere.

mod daily;
mod limits;
mod platform;
mod rules;

use std::collections::BTreeMap;

use super::names::nearest;
use super::{Event, PlanFile, Scope};
use crate::calendar::HOURS;
use crate::error::Finding;

/// Every finding, errors and warnings, with the dotted key it is about (`rule.2.min`).
pub fn findings(file: &PlanFile) -> Vec<(String, Finding)> {
    let mut found = Findings::default();
    history(file, &mut found);
    plan(file, &mut found);
    events(file, &mut found);
    phases(file, &mut found);
    limits::check(file, &mut found);
    platform::check(file, &mut found);
    daily::check(file, &mut found);
    rules::check(file, &mut found);
    found.0
}

/// What has been found so far.
#[derive(Default)]
struct Findings(Vec<(String, Finding)>);

impl Findings {
    fn error(
        &mut self,
        key: impl Into<String>,
        code: &'static str,
        cause: impl Into<String>,
        action: impl Into<String>,
    ) {
        self.0.push((key.into(), Finding::error(code, cause, action)));
    }

    fn warning(
        &mut self,
        key: impl Into<String>,
        code: &'static str,
        cause: impl Into<String>,
        action: impl Into<String>,
    ) {
        self.0.push((key.into(), Finding::warning(code, cause, action)));
    }

    /// `C012` unless a number is within its range, which is told in words.
    fn range(&mut self, key: &str, value: f64, within: bool, must: &str) {
        if !within {
            let name = key.rsplit('.').next().unwrap_or(key);
            self.error(
                key,
                "C012",
                format!("`{name}` is {value}; it must be {must}"),
                format!("set `{name}` to a number that is {must}"),
            );
        }
    }

    /// `C013` unless a pair is lowest first.
    fn ordered(&mut self, key: &str, [low, high]: [f64; 2]) {
        if low > high {
            let name = key.rsplit('.').next().unwrap_or(key);
            self.error(
                key,
                "C013",
                format!("`{name}` runs from {low} down to {high}"),
                format!("write the lower end first: `{name} = [{high}, {low}]`"),
            );
        }
    }

    /// `C011` for a list that is there but empty.
    fn filled(&mut self, key: &str, empty: bool) {
        if empty {
            let name = key.rsplit('.').next().unwrap_or(key);
            self.error(
                key,
                "C011",
                format!("`{name}` is an empty list, which matches nothing"),
                "fill it, or leave the key away",
            );
        }
    }

    /// Empty lists and unknown phases of a scope.
    fn scope(&mut self, key: &str, scope: &Scope, file: &PlanFile) {
        fn empty<T>(list: &Option<super::OneOrMany<T>>) -> bool {
            list.as_ref().is_some_and(|list| list.as_slice().is_empty())
        }
        self.filled(&format!("{key}.channel"), empty(&scope.channel));
        self.filled(&format!("{key}.campaign"), empty(&scope.campaign));
        self.filled(&format!("{key}.unit"), empty(&scope.unit));
        self.filled(&format!("{key}.product"), empty(&scope.product));
        self.filled(&format!("{key}.date"), empty(&scope.date));
        self.filled(&format!("{key}.hour"), empty(&scope.hour));
        self.filled(&format!("{key}.phase"), empty(&scope.phase));
        let known: Vec<&str> = file.phases.iter().map(|phase| phase.name.as_str()).collect();
        for name in scope
            .phase
            .iter()
            .flat_map(|names| names.as_slice())
            .filter(|name| !known.contains(&name.as_str()))
        {
            let action = nearest(name, known.iter().copied()).map_or_else(
                || format!("use one of {}, or add a `[[phase]]`", known.join(", ")),
                |near| format!("did you mean `{near}`?"),
            );
            self.error(format!("{key}.phase"), "C018", format!("there is no phase `{name}`"), action);
        }
    }

    /// `code` for every name that was given before.
    fn unique<'n>(&mut self, list: &str, code: &'static str, names: impl Iterator<Item = &'n str>) {
        let mut seen = BTreeMap::new();
        for (at, name) in names.enumerate() {
            if let Some(first) = seen.insert(name.to_owned(), at) {
                self.error(
                    format!("{list}.{at}.name"),
                    code,
                    format!("`{name}` is already the name of {list} {}", first + 1),
                    "give each its own name: reports and `--set` tell them apart by it",
                );
            }
        }
    }
}

fn history(file: &PlanFile, found: &mut Findings) {
    let history = &file.history;
    if history.files.is_empty() && history.source.is_empty() {
        found.error(
            "history.files",
            "C010",
            "the plan file names no history",
            "name it: `files = [\"history/*.parquet\"]`, or a `[[history.source]]`",
        );
    }
    for (at, source) in history.source.iter().enumerate() {
        found.filled(&format!("history.source.{at}.files"), source.files.is_empty());
        for (column, theirs) in &source.columns {
            found.filled(&format!("history.source.{at}.columns.{column}"), theirs.as_slice().is_empty());
        }
        let period = f64::from(source.period_days);
        found.range(&format!("history.source.{at}.period_days"), period, period >= 1.0, "1 or more");
    }
    let share = history.max_rejected;
    found.range("history.max_rejected", share, (0.0..=1.0).contains(&share), "a share from 0 to 1");
    let shape = &history.hourly_shape;
    let lawful = shape.iter().all(|share| *share >= 0.0) && shape.iter().sum::<f64>() > 0.0;
    if shape.len() != HOURS || !lawful {
        found.error(
            "history.hourly_shape",
            "C012",
            "`hourly_shape` is not a volume for each hour",
            format!("list {HOURS} numbers of 0 or more, for the hours 0 to 23, not all of them 0"),
        );
    }
    let curve = &history.maturation;
    let lawful = curve.iter().all(|share| *share > 0.0 && *share <= 1.0) && curve.is_sorted();
    if !lawful {
        found.error(
            "history.maturation",
            "C012",
            "`maturation` is not a share of orders that grows day by day",
            "list shares above 0 and at most 1, none below the one before, for example [0.7, 0.85, 0.95, 1.0]",
        );
    }
    let lookback = f64::from(history.lookback_days);
    found.range("history.lookback_days", lookback, lookback >= 1.0, "1 or more");
    if history.lookback_days > 0 && history.maturity_days >= history.lookback_days {
        found.error(
            "history.maturity_days",
            "C015",
            format!(
                "the newest {} days are too young to learn from and only {} are looked at: nothing is left",
                history.maturity_days, history.lookback_days
            ),
            "make `maturity_days` less than `lookback_days`",
        );
    }
}

fn plan(file: &PlanFile, found: &mut Findings) {
    let plan = &file.plan;
    found.range(
        "plan.margin",
        plan.margin,
        plan.margin > 0.0 && plan.margin <= 1.0,
        "above 0 and at most 1, a share of revenue",
    );
    let known = (0.5..1.0).contains(&plan.confidence);
    found.range("plan.confidence", plan.confidence, known, "at least 0.5 and below 1");
    if plan.currency.trim().is_empty() {
        found.error(
            "plan.currency",
            "C017",
            "`currency` is empty",
            "write its code, for example `currency = \"CNY\"`",
        );
    }
    let zones = jiff::tz::db();
    if zones.get(&plan.timezone).is_err() && !zones.is_definitively_empty() {
        let names: Vec<String> = zones.available().map(|name| name.to_string()).collect();
        let action = nearest(&plan.timezone, names.iter().map(String::as_str)).map_or_else(
            || "use a name of the IANA database, for example `Asia/Shanghai`".into(),
            |near| format!("did you mean `{near}`?"),
        );
        found.error("plan.timezone", "C016", format!("there is no time zone `{}`", plan.timezone), action);
    }
    for (name, factor) in
        [("demand", file.uplift.demand), ("cvr", file.uplift.cvr), ("price", file.uplift.price)]
    {
        found.range(&format!("uplift.{name}"), factor, factor > 0.0, "a factor above 0 (1 changes nothing)");
    }
}

fn events(file: &PlanFile, found: &mut Findings) {
    for (at, event) in file.events.iter().enumerate() {
        let opens = f64::from(event.opens);
        found.range(&format!("event.{at}.opens"), opens, opens <= 23.0, "an hour from 0 to 23");
        let days = f64::from(event.days);
        found.range(&format!("event.{at}.days"), days, days >= 1.0, "1 or more");
        let same = |other: &&Event| (&other.name, other.date) == (&event.name, event.date);
        if file.events[..at].iter().any(|other| same(&other)) {
            found.error(
                format!("event.{at}.date"),
                "C019",
                format!("the event `{}` of {} is listed twice", event.name, event.date),
                "list each event once; those that are alike have one name and dates of their own",
            );
        }
    }
}

fn phases(file: &PlanFile, found: &mut Findings) {
    found.unique("phase", "C019", file.phases.iter().map(|phase| phase.name.as_str()));
    for (at, phase) in file.phases.iter().enumerate() {
        found.filled(&format!("phase.{at}.hour"), phase.hour.as_slice().is_empty());
    }
}
