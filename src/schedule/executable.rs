//! A plan as a platform executes it: what is set, what it is expected to bring, and what that leaves of the plan.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::{Clock, Grid, Setting};
use crate::calendar::HOURS;
use crate::config::platform::Account;
use crate::config::{Objective, Platform, Terms};
use crate::error::Finding;
use crate::keys::{Cell, Unit};
use crate::metric::Outcome;
use crate::plan::outlook::Band;
use crate::plan::{Outlook, PlanCell, RuleValue};
use crate::program::objective_metric;

/// A campaign as it is set at the platform.
#[derive(Debug, Clone)]
pub struct Campaign {
    /// Its name there: numbered where a campaign of the plan is split.
    pub name: String,
    /// The plan's campaign.
    pub of: String,
    /// The percents of the day.
    pub percent: Clock,
    /// Units and their base bids; nothing where a unit is paused.
    pub base: Vec<(u32, Option<f64>)>,
    /// What it may spend on the day.
    pub spend: Option<Band>,
}

/// Why a cell of the plan that runs does not run at the platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// The unit is paused all day: no base bid suits the hours of its campaign.
    UnitPaused,
    /// Its campaign is off in that hour.
    HourOff,
}

/// A cell of the plan that cannot be reached.
#[derive(Debug, Clone)]
pub struct Unreached {
    /// The unit.
    pub unit: u32,
    /// The hour.
    pub hour: u8,
    /// The plan's bid.
    pub bid: Option<f64>,
    /// What the plan expects of it.
    pub outcome: Outcome,
    /// Why.
    pub why: Why,
}

/// What became of a bid that a person set in the approved workbook.
#[derive(Debug, Clone)]
pub struct ByHand {
    /// The unit.
    pub unit: u32,
    /// The hour.
    pub hour: u8,
    /// The bid that was set; nothing where the cell was switched off.
    pub asked: Option<f64>,
    /// The effective bid; nothing where the cell does not run.
    pub effective: Option<f64>,
    /// What is expected of it.
    pub outcome: Outcome,
    /// Why it is not what was asked; nothing where it is, within rounding.
    pub why: Option<Unkept>,
}

/// Why a bid that a person set is not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unkept {
    /// Switched off in one hour, while its unit runs in others and others run in that hour.
    OneCellOff,
    /// No base bid and percent reach it together with the other bids by hand and with the cells around it.
    Together,
    /// The unit is paused all day.
    UnitPaused,
    /// The campaign is off in that hour.
    HourOff,
}

/// A campaign that would earn more as several.
#[derive(Debug, Clone)]
pub struct Better {
    /// The campaign.
    pub campaign: String,
    /// The objective that it would add, at the rules' prices.
    pub gain: f64,
    /// The same as a share of what the campaign is worth.
    pub share: f64,
    /// The parts.
    pub parts: Vec<PartOf>,
}

/// A part of a campaign.
#[derive(Debug, Clone)]
pub struct PartOf {
    /// From and to which hour, where the day is split.
    pub hours: Option<(usize, usize)>,
    /// Its units.
    pub units: Vec<u32>,
}

/// A plan as a platform executes it.
#[derive(Debug, Clone)]
pub struct Executable {
    /// The platform.
    pub platform: Platform,
    /// What may be set there; nothing where every bid of every hour can be.
    pub terms: Option<Terms>,
    /// The account there.
    pub account: Account,
    /// The planned date.
    pub date: Date,
    /// What is maximised.
    pub objective: Objective,
    /// Gross profit as a share of revenue.
    pub margin: f64,
    /// Currency of all money.
    pub currency: String,
    /// The units; cells index them.
    pub units: Vec<Unit>,
    /// The campaigns; none where every bid of every hour can be set.
    pub campaigns: Vec<Campaign>,
    /// Every cell of the day at its effective bid.
    pub cells: Vec<PlanCell>,
    /// Every cell of the plan.
    pub free: Vec<PlanCell>,
    /// Every rule on the effective bids.
    pub rules: Vec<RuleValue>,
    /// Mean chance, weighted by impressions, that a cell's position of the day lies in its band: of the effective
    /// bids, and of the plan's.
    pub held: [Option<f64>; 2],
    /// How far the day may lie from what is expected of the effective bids.
    pub outlook: Outlook,
    /// What became of the bids that a person set, those with the most at stake first.
    pub by_hand: Vec<ByHand>,
    /// Cells of the plan that cannot be reached.
    pub unreached: Vec<Unreached>,
    /// Campaigns that would earn more as several, the largest gain first.
    pub better: Vec<Better>,
}

impl Executable {
    /// Whether every hard rule is met.
    pub fn met(&self) -> bool {
        self.rules.iter().all(|rule| rule.met || rule.soft)
    }

    /// Says so where bids that a person set are not kept.
    pub fn not_kept(&self) -> Option<Finding> {
        let lost = self.by_hand.iter().filter(|bid| bid.why.is_some()).count();
        (lost > 0).then(|| {
            let cause = format!(
                "{lost} of {} bids that a person set cannot be kept by base bids and percents; by-hand.csv says what each became, and why",
                self.by_hand.len()
            );
            let action = "look through by-hand.csv before the sheets are uploaded; for other bids, approve again and export anew";
            Finding::warning("O011", cause, action)
        })
    }

    /// How many units of the platform run in some hour, and how many the plan runs.
    pub fn units_running(&self) -> [usize; 2] {
        let of = |cells: &[PlanCell]| {
            let running = cells.iter().filter(|cell| cell.run && self.here(cell));
            running.map(|cell| cell.cell.unit).collect::<BTreeSet<u32>>().len()
        };
        [of(&self.cells), of(&self.free)]
    }

    /// Says so where everything that the plan runs there is paused: such a schedule keeps every cap, and sells nothing.
    pub fn silent(&self) -> Option<Finding> {
        let [running, planned] = self.units_running();
        (running == 0 && planned > 0).then(|| {
            let name = self.platform.name();
            let cause = format!("NOTHING RUNS on {name}: no schedule of it keeps the rules and the position band but one that pauses all of the {planned} units that the plan runs");
            let action = format!("do not upload these sheets: loosen the rules or the position band for {name}, allow it more under [platform.{name}], or set the plan's own bids by hand");
            Finding::warning("P021", cause, action)
        })
    }

    /// Whether the platform executes this cell.
    pub fn here(&self, cell: &PlanCell) -> bool {
        let channel = self.units[cell.cell.unit as usize].channel;
        self.platform.channel().is_none_or(|here| here == channel)
    }

    /// The sum over cells that run.
    pub fn total(cells: &[PlanCell], keep: impl Fn(&PlanCell) -> bool) -> Outcome {
        cells.iter().filter(|cell| cell.run && keep(cell)).map(|cell| cell.outcome).sum()
    }

    /// The objective of some cells.
    pub fn value(&self, outcome: &Outcome) -> f64 {
        objective_metric(self.objective).of(outcome, self.margin).unwrap_or(0.0)
    }

    /// What is kept of the plan's objective: over all cells, and over those that this platform executes.
    pub fn kept(&self) -> [Option<f64>; 2] {
        let share = |keep: &dyn Fn(&PlanCell) -> bool| {
            let now = self.value(&Self::total(&self.cells, keep));
            let free = self.value(&Self::total(&self.free, keep));
            (free > 0.0).then(|| now / free)
        };
        [share(&|_| true), share(&|cell| self.here(cell))]
    }

    /// The account's ad group of a unit: its product, the account's own name, or the campaign.
    pub fn ad_group<'a>(&'a self, unit: &'a Unit) -> &'a str {
        unit.product.as_deref().or(self.account.ad_group.as_deref()).unwrap_or(&unit.campaign)
    }

    /// Name of the campaign that holds a cell, the unit's base bid and the hour's percent there.
    pub fn set(&self, cell: Cell) -> Option<(&str, Option<f64>, Option<u32>)> {
        let of = self.campaigns.iter().filter_map(|campaign| {
            let base = campaign.base.iter().find(|(unit, _)| *unit == cell.unit)?.1;
            Some((campaign.name.as_str(), base, campaign.percent[usize::from(cell.hour)]))
        });
        // Of a day that is split, the part that has the hour.
        of.max_by_key(|(_, base, percent)| (base.is_some() && percent.is_some(), percent.is_some()))
    }

    /// The last bid of a unit that the history holds, the mean over its hours.
    pub fn last_bid(&self, unit: u32) -> Option<f64> {
        let bids = self.free.iter().filter(|cell| cell.cell.unit == unit).filter_map(|cell| cell.last_bid);
        let (sum, count) = bids.fold((0.0, 0), |(sum, count), bid| (sum + bid, count + 1));
        (count > 0).then(|| sum / f64::from(count))
    }
}

/// The campaigns of finished schedules.
pub fn campaigns(grids: &[Grid], settings: &[Setting], terms: &Terms) -> Vec<Campaign> {
    let bid = |steps: i64| super::effective(steps, 100, terms);
    let campaign = |(grid, setting): (&Grid, &Setting)| Campaign {
        name: grid.name(),
        of: grid.campaign.clone(),
        percent: setting.percent,
        base: grid.units.iter().copied().zip(setting.base.iter().map(|base| base.map(bid))).collect(),
        spend: None,
    };
    grids.iter().zip(settings).map(campaign).collect()
}

impl Campaign {
    /// Whether anything of it runs.
    pub fn runs(&self) -> bool {
        self.percent.iter().any(Option::is_some) && self.base.iter().any(|(_, base)| base.is_some())
    }

    /// Its windows: from, to, percent. None where nothing of it runs.
    pub fn windows(&self) -> Vec<(usize, usize, u32)> {
        if self.runs() { super::clock::windows(&self.percent) } else { Vec::new() }
    }

    /// Whether it executes a cell.
    pub fn executes(&self, cell: Cell) -> bool {
        let bids = self.base.iter().any(|(unit, base)| *unit == cell.unit && base.is_some());
        bids && self.percent[usize::from(cell.hour)].is_some()
    }

    /// Hours in which it is on.
    pub fn hours(&self) -> [bool; HOURS] {
        let runs = self.runs();
        self.percent.map(|percent| runs && percent.is_some())
    }
}
