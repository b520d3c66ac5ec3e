//! What may be wrong with the reports of a day under way, or with the day itself.

use jiff::civil::Date;

use super::rest::InForce;
use super::{Options, end_or_go_on};
use crate::config::Request;
use crate::error::{Finding, Result, Severity};
use crate::keys::{Cell, Channel};
use crate::landscape::Landscapes;
use crate::metric::Outcome;
use crate::pipeline::actuals::Actuals;
use crate::plan::{Lost, Plan, Why};
use crate::report::{self, Lang};
use crate::sheets::read::Line;

/// Share of the past spend that units may have which the plan does not know.
const STRANGE: f64 = 0.01;
/// Share of the past spend above which cells with another bid than the plan's, or none, say that the plan was not in
/// force; and by how much a bid is another one.
const FOREIGN: f64 = 0.5;
const ANOTHER: f64 = 0.3;
/// The last hour's volume against the hours before it, each over what was expected: below the first it is told,
/// below the second the hour was not over. And the pieces that must have been expected for either.
const THIN: f64 = 0.5;
const UNFINISHED: f64 = 0.25;
const PIECES: f64 = 200.0;

/// The date of the plan in force, which must be the one that is asked for.
pub(super) fn date(request: &Request, options: &Options, lines: &[Line]) -> Result<Date> {
    let in_force = lines.first().map(|line| line.date);
    let asked = options.date.or(request.file.plan.date);
    match (in_force, asked) {
        (Some(in_force), Some(asked)) if in_force != asked => {
            let cause = format!("the plan in force is of {in_force}, and {asked} is to be planned again");
            let action = "name the plan of that day with --plan, or its date with --date";
            Err(Finding::error("A010", cause, action).into())
        }
        (Some(in_force), _) => Ok(in_force),
        (None, _) => {
            let action = "name the folder of a plan in which something runs with --plan";
            Err(Finding::error("A010", "nothing runs in the plan in force", action).into())
        }
    }
}

/// Everything that is doubtful about the reports. What ends the run ends it here, with all of it.
pub(super) fn examine(
    actuals: &mut Actuals,
    in_force: &InForce,
    landscapes: &Landscapes,
    now: u8,
    anyway: bool,
) -> Result<()> {
    let mut findings = std::mem::take(&mut actuals.audit.findings);
    let before = |hour: Option<u8>| hour.is_some_and(|hour| hour < now);
    let past = actuals.total(|row| before(row.hour)).spend;
    let strange: Outcome =
        actuals.strangers.iter().filter(|(_, row)| before(row.hour)).map(|(_, row)| row.outcome()).sum();
    if strange.spend > STRANGE * (past + strange.spend) {
        let told = findings.iter_mut().filter(|finding| finding.code == "A003");
        told.for_each(|finding| finding.severity = Severity::Error);
    }
    if let Some(unit) = in_force.strangers.first() {
        let cause = format!(
            "the plan in force runs {} units that the history does not hold",
            in_force.strangers.len()
        );
        let action = "replan with the plan file and the history that the plan was made from";
        findings.push(Finding::error("A007", cause, action).with_value(unit.to_string()));
    }
    let silent = actuals.unreported(&landscapes.units, in_force.cells(), now);
    findings.extend(silent.into_iter().map(|finding| Finding { severity: Severity::Error, ..finding }));
    let whole = actuals.observations.iter().filter(|row| row.hour.is_none()).count();
    if whole > 0 {
        let cause = format!("{whole} rows of the reports have no hour, so nobody knows which of it is over");
        let action = "export the day by the hour";
        findings.push(Finding::error("A005", cause, action));
    }
    let later = actuals.observations.iter().filter(|row| row.hour.is_some_and(|hour| hour >= now)).count();
    if later > 0 {
        let cause = format!(
            "{later} rows of the reports are of hour {now} or later, which are not over: they are left out, and their money is planned again"
        );
        let action = "replan soon after the hour, or name the next hour with --now";
        findings.push(Finding::warning("A009", cause, action));
    }
    findings.extend(foreign(actuals, in_force, landscapes, now));
    findings.extend(unfinished(actuals, in_force, landscapes, now));
    match end_or_go_on(findings, anyway) {
        Ok(findings) => {
            actuals.audit.findings = findings;
            Ok(())
        }
        Err(error) => Err(error),
    }
}

/// Reports that tell of other bids than those in force.
fn foreign(actuals: &Actuals, in_force: &InForce, landscapes: &Landscapes, now: u8) -> Option<Finding> {
    let (mut cells, mut spend, mut past) = (0, 0.0, 0.0);
    for row in &actuals.observations {
        let Some(hour) = row.hour.filter(|hour| *hour < now) else { continue };
        let cell = Cell { unit: row.unit, hour };
        let slot = landscapes.units[row.unit as usize].channel == Channel::GroupBuy;
        let other = match (in_force.runs(cell), in_force.bid(cell)) {
            (false, _) => true,
            // A slot has no bid by which it could be told.
            (true, _) if slot => continue,
            (true, Some(bid)) if row.bid.is_finite() => (f64::from(row.bid) / bid - 1.0).abs() > ANOTHER,
            _ => false,
        };
        past += row.spend;
        cells += usize::from(other);
        spend += if other { row.spend } else { 0.0 };
    }
    if cells == 0 {
        return None;
    }
    let share = spend / past.max(f64::MIN_POSITIVE);
    let cause = format!(
        "{cells} cells of the reports have another bid than the plan in force, or do not run in it; they hold {:.0} % of the spend so far, slots apart",
        100.0 * share
    );
    let action = "what happened is counted as it is; name the plan that was really in force with --plan";
    let finding = Finding::warning("A007", cause, action);
    Some(if share > FOREIGN { Finding { severity: Severity::Error, ..finding } } else { finding })
}

/// A last hour that is far below the hours before it.
fn unfinished(actuals: &Actuals, in_force: &InForce, landscapes: &Landscapes, now: u8) -> Vec<Finding> {
    let mut findings = Vec::new();
    let last = now.saturating_sub(1);
    for channel in [Channel::Search, Channel::Display] {
        let of_channel = |unit: u32| landscapes.units[unit as usize].channel == channel;
        let ratio = |keep: &dyn Fn(u8) -> bool| {
            let is = actuals
                .total(|row| {
                    of_channel(row.unit)
                        && row.hour.is_some_and(keep)
                        && in_force.runs(Cell { unit: row.unit, hour: row.hour.unwrap_or(0) })
                })
                .impressions;
            let cells = in_force.cells().filter(|(unit, hour, _)| of_channel(*unit) && keep(*hour));
            let was: f64 = cells.map(|(_, _, outcome)| outcome.impressions).sum();
            (is / was.max(f64::MIN_POSITIVE), was)
        };
        let ((now_level, expected), (level, before)) =
            (ratio(&|hour| hour == last), ratio(&|hour| hour < last));
        if expected < PIECES || before < PIECES || level <= 0.0 || now_level >= THIN * level {
            continue;
        }
        let cause = format!(
            "hour {last} of {channel} has {:.0} % of the impressions that the hours before it lead one to expect",
            100.0 * now_level / level
        );
        let action = "if the hour was not over when the report was exported, export it again; if ads were stopped, say --anyway";
        let finding = Finding::warning("A008", cause, action);
        findings.push(match now_level < UNFINISHED * level {
            true => Finding { severity: Severity::Error, ..finding },
            false => finding,
        });
    }
    findings
}

/// Nothing says how much of today's sales the reports show.
pub(super) fn share_unknown() -> Finding {
    Finding::warning(
        "A011",
        "nothing says which share of a day's orders its own report shows: today's sales are taken as final",
        "set `[replan] same_day`, or keep yesterday in the history; with `history.maturity_days = 0` sales are final",
    )
}

/// What holds when the rules cannot be met any more.
pub(super) fn lost(plan: &Plan) -> Finding {
    let lost: Vec<Lost> = plan.underway.iter().flat_map(|underway| underway.lost.clone()).collect();
    let cause = match lost.is_empty() {
        true => "no plan of the rest of the day meets the rules together with what has happened".to_owned(),
        false => lost.iter().map(|lost| report::lost(lost, Lang::En)).collect::<Vec<_>>().join("; "),
    };
    let action = "carry the plan out: it keeps all other rules, and these end no worse than the morning's plan would leave them; or loosen them with --set";
    let dear = lost.iter().any(|lost| lost.why == Why::TooDear);
    let insist =
        if dear { "; `--set replan.dearest=1e9` insists on what can be kept at any price" } else { "" };
    Finding::warning("A012", cause, format!("{action}{insist}"))
}
