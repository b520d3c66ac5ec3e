//! Whether the history is there yet that a day is planned from.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::Order;
use crate::config::OnStale;
use crate::error::{Error, Finding, Result, Severity};
use crate::history::{self, History};
use crate::sheets::daily::Daily;

/// Stops at a history that is not there yet, unless the plan file says to go on.
pub(super) fn check(
    order: &Order<'_>,
    history: &History,
    date: Date,
    findings: &mut Vec<Finding>,
) -> Result<()> {
    findings.extend(overtaken(order, date));
    if history.audit.model().is_some() {
        let cause = "with --model the history is not read, so nobody knows whether it is up to date";
        let action = "leave --model away in a daily run, or look after the model's age yourself";
        findings.push(Finding::warning("D009", cause, action));
        return Ok(());
    }
    // First what the others mostly follow from.
    let mut found: Vec<Finding> = apart(order, history, date).into_iter().collect();
    found.extend(history::fresh(history, &order.request.file, date));
    found.extend(past(order, date));
    if found.iter().any(|finding| finding.severity == Severity::Error) {
        return Err(Error::Input(found));
    }
    findings.extend(found);
    Ok(())
}

/// A planned date that the clock has left behind: the history ends too early, or the plan file fixes it.
fn past(order: &Order<'_>, date: Date) -> Option<Finding> {
    let plan = &order.request.file.plan;
    let zone = TimeZone::get(&plan.timezone).unwrap_or(TimeZone::UTC);
    let today = Timestamp::now().to_zoned(zone).date();
    if date >= today || order.options.date.is_some() {
        return None;
    }
    if plan.date.is_some() {
        let cause = format!("the plan file fixes the date {date}, which is past: every run plans it again");
        let action = "leave `[plan] date` away in a plan file that runs daily; the day after the history's last is planned then";
        return Some(Finding::warning("D008", cause, action).in_file(&order.request.path));
    }
    let cause = format!("the day after the history's last is {date}, but today is {today}");
    let action = "export the missing days and run again; `--date` plans a date of your choice";
    let finding = Finding::error("D007", cause, action);
    Some(as_asked(order, finding))
}

/// A date that follows from rows far apart from all others: most likely one of them has a slip in its date.
fn apart(order: &Order<'_>, history: &History, date: Date) -> Option<Finding> {
    if order.options.date.is_some() || order.request.file.plan.date.is_some() {
        return None;
    }
    let apart = history.audit.findings.iter().find(|finding| finding.code == "H025")?;
    let cause = format!(
        "the day after the history's last is {date}, but that is the day of a few rows only: {}",
        apart.cause
    );
    let action = "mend the date if it is a slip and run again; `--date` plans a date of your choice";
    let finding = Finding::error("D013", cause, action);
    let place = apart.place.clone();
    Some(as_asked(order, Finding { place, ..finding }))
}

/// An error, or a warning where the plan file wants to go on.
fn as_asked(order: &Order<'_>, finding: Finding) -> Finding {
    match order.request.file.daily.on_stale {
        OnStale::Stop => finding,
        OnStale::Warn => Finding { severity: Severity::Warning, ..finding },
    }
}

/// The last good plan is for a later date than is planned now.
fn overtaken(order: &Order<'_>, date: Date) -> Option<Finding> {
    let last = Daily::latest(order.root, &order.request.path).filter(|last| last.date > date)?;
    let cause = format!(
        "`latest` names the plan for {}, which is later than {date}: this run does not replace it",
        last.date
    );
    let action = "nothing to do where a past day is planned again; if that date was a slip, remove its folder and run again";
    Some(Finding::warning("D014", cause, action).in_file(&last.folder))
}
