//! `summary.json`: the run in one page for programs.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Serialize, Serializer};

use super::Package;
use crate::calendar::HOURS;
use crate::error::Finding;
use crate::history::Audit;
use crate::keys::Channel;
use crate::metric::Outcome;
use crate::plan::Conflict;
use crate::plan::{Evidence, Outlook, RuleValue, Status, Underway};

/// Sums and ratios of a group of cells; a ratio over zero is null.
#[derive(Debug, Clone, Serialize)]
pub struct Totals {
    impressions: f64,
    clicks: f64,
    spend: f64,
    orders: f64,
    revenue: f64,
    roi: Option<f64>,
    cpc: Option<f64>,
    cpm: Option<f64>,
    ctr: Option<f64>,
    cvr: Option<f64>,
    position: Option<f64>,
    profit: f64,
}

impl Totals {
    /// The sums and ratios of an outcome.
    pub fn of(outcome: &Outcome, margin: f64) -> Self {
        Totals {
            impressions: outcome.impressions,
            clicks: outcome.clicks,
            spend: outcome.spend,
            orders: outcome.orders,
            revenue: outcome.revenue,
            roi: outcome.roi(),
            cpc: outcome.cpc(),
            cpm: outcome.cpm(),
            ctr: outcome.ctr(),
            cvr: outcome.cvr(),
            position: outcome.position(),
            profit: margin * outcome.revenue - outcome.spend,
        }
    }
}

#[derive(Serialize)]
struct Hour {
    hour: usize,
    #[serde(flatten)]
    totals: Totals,
}

#[derive(Serialize)]
struct Rows {
    files: usize,
    rows: usize,
    accepted: usize,
    rejected: usize,
    imputed: usize,
}

impl Rows {
    fn of(audit: &Audit) -> Self {
        Rows {
            files: audit.files.len(),
            rows: audit.rows(),
            accepted: audit.accepted(),
            rejected: audit.files.iter().map(|file| file.rejected).sum(),
            imputed: audit.imputed(),
        }
    }
}

/// Stage → seconds, in the order of the run; a stage that was run twice has the seconds of both.
pub(super) fn stages<S: Serializer>(
    stages: &(impl AsRef<[(&'static str, f64)]> + ?Sized),
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let mut sums: Vec<(&str, f64)> = Vec::new();
    for (name, seconds) in stages.as_ref() {
        match sums.iter_mut().find(|(other, _)| other == name) {
            Some((_, sum)) => *sum += seconds,
            None => sums.push((name, *seconds)),
        }
    }
    serializer.collect_map(sums)
}

/// The run in one page. Numbers that are not finite are null.
#[derive(Serialize)]
pub struct Summary<'a> {
    version: &'static str,
    date: Date,
    currency: &'a str,
    status: Status,
    /// Value of the objective in the plan as it is written, less what broken soft rules cost.
    objective: f64,
    /// No mix of the bids on the ladders can reach more; bids between them may, by a trifle.
    /// Nothing where no plan meets the rules: then there is nothing to bound.
    bound: Option<f64>,
    /// Nothing likewise.
    gap: Option<f64>,
    totals: Totals,
    channels: BTreeMap<Channel, Totals>,
    hours: Vec<Hour>,
    rules: &'a [RuleValue],
    #[serde(skip_serializing_if = "Option::is_none")]
    conflict: Option<&'a Conflict>,
    evidence: &'a Evidence,
    outlook: &'a Outlook,
    /// Where the day stood, when it was planned again while it was under way.
    #[serde(skip_serializing_if = "Option::is_none")]
    underway: Option<&'a Underway>,
    history: Rows,
    /// What is doubtful: warnings, and notes.
    findings: &'a [Finding],
    #[serde(serialize_with = "stages")]
    seconds: &'a [(&'static str, f64)],
}

impl<'a> Summary<'a> {
    /// The summary of a package.
    pub fn of(package: &Package<'a>) -> Self {
        let plan = package.plan;
        let totals = |outcome: Outcome| Totals::of(&outcome, plan.margin);
        let mut hours = [Outcome::default(); HOURS];
        let mut channels: BTreeMap<Channel, Outcome> = BTreeMap::new();
        for cell in &plan.cells {
            let channel = channels.entry(plan.unit(cell).channel).or_default();
            if cell.run {
                *channel += cell.outcome;
                hours[usize::from(cell.cell.hour)] += cell.outcome;
            }
        }
        let proven = plan.status != crate::plan::Status::Infeasible;
        Summary {
            version: env!("CARGO_PKG_VERSION"),
            date: plan.date,
            currency: &plan.currency,
            status: plan.status,
            objective: plan.evidence.objective,
            bound: proven.then_some(plan.evidence.bound),
            gap: proven.then_some(plan.evidence.gap),
            totals: totals(plan.total(|_, _| true)),
            channels: channels.into_iter().map(|(channel, outcome)| (channel, totals(outcome))).collect(),
            hours: hours
                .into_iter()
                .enumerate()
                .map(|(hour, outcome)| Hour { hour, totals: totals(outcome) })
                .collect(),
            rules: &plan.rules,
            conflict: plan.conflict.as_ref(),
            evidence: &plan.evidence,
            outlook: &plan.outlook,
            underway: plan.underway.as_ref(),
            history: Rows::of(package.audit),
            findings: &package.audit.findings,
            seconds: package.stages,
        }
    }
}
