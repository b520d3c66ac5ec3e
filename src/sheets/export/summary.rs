//! `summary.json` of an export: what is kept of the plan, every rule, and what would be better.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Serialize;

use super::Export;
use crate::calendar::HOURS;
use crate::config::{Platform, Terms};
use crate::plan::{PlanCell, RuleValue};
use crate::schedule::executable::{Executable, Why};
use crate::sheets::summary::Totals;

#[derive(Serialize)]
struct Kept {
    /// Objective on the effective bids ÷ the plan's, over the whole plan.
    plan: Option<f64>,
    /// The same over the cells that the platform executes.
    platform: Option<f64>,
}

#[derive(Serialize)]
struct Lost {
    cells: usize,
    of: usize,
    units_paused: usize,
    hours_off: usize,
    revenue: f64,
}

/// Bids that a person set.
#[derive(Serialize)]
struct Hands {
    cells: usize,
    kept: usize,
}

#[derive(Serialize)]
struct CampaignSummary<'a> {
    name: &'a str,
    of: &'a str,
    windows: Vec<(usize, usize, u32)>,
    hours_on: usize,
    units: usize,
    units_running: usize,
}

#[derive(Serialize)]
struct Alternative<'a> {
    campaign: &'a str,
    gain: f64,
    share: f64,
    parts: Vec<Part<'a>>,
}

#[derive(Serialize)]
struct Part<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    hours: Option<(usize, usize)>,
    units: Vec<&'a str>,
}

/// `summary.json` of an export.
#[derive(Serialize)]
pub struct Summary<'a> {
    version: &'static str,
    platform: Platform,
    plan: String,
    date: Date,
    currency: &'a str,
    /// What the figures are those of.
    evaluated_on: &'static str,
    rules_met: bool,
    terms: &'a Option<Terms>,
    objective: f64,
    plan_objective: f64,
    kept: Kept,
    /// Mean chance that a position of the day lies in its band, weighted by impressions.
    held: Option<f64>,
    /// The same of the plan.
    plan_held: Option<f64>,
    totals: Totals,
    plan_totals: Totals,
    here: Totals,
    plan_here: Totals,
    rules: &'a [RuleValue],
    campaigns: Vec<CampaignSummary<'a>>,
    by_hand: Hands,
    unreached: Lost,
    better: Vec<Alternative<'a>>,
    seconds: BTreeMap<&'static str, f64>,
}

impl<'a> Summary<'a> {
    /// The summary of an export.
    pub fn of(export: &Export<'a>) -> Self {
        let plan = export.executable;
        let totals = |cells: &[PlanCell], here: bool| {
            Totals::of(&Executable::total(cells, |cell| !here || plan.here(cell)), plan.margin)
        };
        let value = |cells: &[PlanCell]| plan.value(&Executable::total(cells, |_| true));
        let [whole, here] = plan.kept();
        let count = |why: Why| plan.unreached.iter().filter(|lost| lost.why == why).count();
        Summary {
            version: env!("CARGO_PKG_VERSION"),
            platform: plan.platform,
            plan: export.plan.display().to_string(),
            date: plan.date,
            currency: &plan.currency,
            evaluated_on: "effective bids",
            rules_met: plan.met(),
            terms: &plan.terms,
            objective: value(&plan.cells),
            plan_objective: value(&plan.free),
            kept: Kept { plan: whole, platform: here },
            held: plan.held[0],
            plan_held: plan.held[1],
            totals: totals(&plan.cells, false),
            plan_totals: totals(&plan.free, false),
            here: totals(&plan.cells, true),
            plan_here: totals(&plan.free, true),
            rules: &plan.rules,
            campaigns: plan
                .campaigns
                .iter()
                .map(|campaign| CampaignSummary {
                    name: &campaign.name,
                    of: &campaign.of,
                    windows: campaign.windows(),
                    hours_on: (0..HOURS).filter(|hour| campaign.hours()[*hour]).count(),
                    units: campaign.base.len(),
                    units_running: campaign.base.iter().filter(|(_, base)| base.is_some()).count(),
                })
                .collect(),
            by_hand: Hands {
                cells: plan.by_hand.len(),
                kept: plan.by_hand.iter().filter(|bid| bid.why.is_none()).count(),
            },
            unreached: Lost {
                cells: plan.unreached.len(),
                of: plan.free.iter().filter(|cell| cell.run && plan.here(cell)).count(),
                units_paused: count(Why::UnitPaused),
                hours_off: count(Why::HourOff),
                revenue: plan.unreached.iter().map(|lost| lost.outcome.revenue).sum(),
            },
            better: plan
                .better
                .iter()
                .map(|better| Alternative {
                    campaign: &better.campaign,
                    gain: better.gain,
                    share: better.share,
                    parts: better
                        .parts
                        .iter()
                        .map(|part| Part {
                            hours: part.hours,
                            units: part
                                .units
                                .iter()
                                .map(|unit| plan.units[*unit as usize].unit.as_str())
                                .collect(),
                        })
                        .collect(),
                })
                .collect(),
            seconds: export.stages.iter().copied().collect(),
        }
    }
}
