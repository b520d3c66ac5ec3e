//! The finished plan: one row per cell, the value of every rule, and the evidence behind it.

use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{Outlook, Underway};
use crate::config::Objective;
use crate::keys::{Cell, Channel, Unit};
use crate::metric::{Metric, Outcome};
use crate::reason::Reason;

/// How a plan ended; it decides the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Proven best within the tolerance; every rule met.
    Optimal,
    /// Every rule met; stopped by a limit before the proof.
    Feasible,
    /// No plan meets the rules; this is the nearest one.
    Infeasible,
}

/// One cell of the plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlanCell {
    /// Unit and hour.
    pub cell: Cell,
    /// Whether it runs.
    pub run: bool,
    /// The bid to set; nothing where it does not run, 0 for a slot with a fixed fee only.
    pub bid: Option<f64>,
    /// The unit's last bid in that hour.
    pub last_bid: Option<f64>,
    /// What is expected of it.
    pub outcome: Outcome,
    /// Why.
    pub reason: Reason,
    /// The bid lies outside the range that the history holds.
    pub extrapolated: bool,
    /// The history has no hours for it: hours are spread by a shape.
    pub imputed: bool,
}

impl PlanCell {
    /// Change against the last bid, as a share.
    pub fn change(&self) -> Option<f64> {
        match (self.bid, self.last_bid) {
            (Some(bid), Some(last)) if self.run && last > 0.0 => Some(bid / last - 1.0),
            _ => None,
        }
    }
}

/// A rule row and what the plan makes of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RuleValue {
    /// The rule's name.
    pub rule: String,
    /// Its scope in words, for example `channel=search`.
    pub scope: String,
    /// What is bounded.
    pub metric: Metric,
    /// The metric's value in the plan (for a share, the share); nothing for a ratio over zero.
    pub value: Option<f64>,
    /// The least it may be.
    pub min: Option<f64>,
    /// The most it may be.
    pub max: Option<f64>,
    /// Whether the bounds are shares of another sum.
    pub share: bool,
    /// Distance to the nearest bound in the rule's own unit; negative when broken.
    pub slack: Option<f64>,
    /// Whether it holds the plan back.
    pub binding: bool,
    /// Objective gained per unit by which the bound is relaxed (for a sum: per unit of the metric;
    /// for a ratio or a share: per unit of the bound itself). Never negative.
    pub shadow_price: f64,
    /// Whether the value keeps the bounds, and with at least the chance that `plan.confidence` asks for.
    pub met: bool,
    /// Whether the rule may be broken at a price.
    pub soft: bool,
    /// Chance that the row holds on the day, under the spread of its outcomes; nothing where nothing runs.
    pub chance: Option<f64>,
    /// Standard deviation of what that chance is of: the row as a weighted sum, `revenue − 2 · spend`; part of no file.
    #[serde(skip)]
    pub deviation: Option<f64>,
}

/// Half of the smallest coin: money that is short by less is printed as nothing short.
const HALF_A_FEN: f64 = 0.005;

impl RuleValue {
    /// Whether people are told that it is met: money that is short by less than half a fen is.
    pub fn said_met(&self) -> bool {
        let money = matches!(self.metric, Metric::Spend | Metric::Revenue | Metric::Profit) && !self.share;
        self.met || money && self.slack.is_some_and(|slack| slack > -HALF_A_FEN)
    }

    /// The shadow price as people are told it: of a share per percentage point, since that is how its bound is written.
    pub fn told_price(&self) -> f64 {
        if self.share { 0.01 * self.shadow_price } else { self.shadow_price }
    }

    /// Slack as a share of the bound; infinite where nothing is bounded.
    pub fn closeness(&self) -> f64 {
        let bound = self.min.or(self.max).map_or(1.0, f64::abs);
        self.slack.map_or(f64::INFINITY, |slack| slack / bound.max(f64::MIN_POSITIVE))
    }
}

impl Conflict {
    /// What is wrong, in a line.
    pub fn cause(&self) -> String {
        if self.rules.is_empty() {
            return format!(
                "the rules do not contradict each other, but no bids on their steps were found that meet them all: \
                 allow finer steps, or loosen a broken rule by what it lacks (still broken: {})",
                self.broken.join(", ")
            );
        }
        format!("these rules contradict each other: {}", self.rules.join(", "))
    }
}

impl fmt::Display for RuleValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&row_name(&self.rule, &self.scope))
    }
}

/// A rule row's name: the rule's, and its scope where it is not the whole plan.
pub fn row_name(rule: &str, scope: &str) -> String {
    if scope == "plan" { rule.to_owned() } else { format!("{rule} [{scope}]") }
}

/// What proves the plan.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// The solver that found it.
    pub solver: String,
    /// The linear program's objective at its optimum (fractions allowed).
    pub relaxed: f64,
    /// No mix of the ladders' rungs can earn more than this.
    pub bound: f64,
    /// Objective of the plan as it is written, less the penalty.
    pub objective: f64,
    /// What broken soft rules cost of it.
    #[serde(default)]
    pub penalty: f64,
    /// (bound − objective) ÷ |bound|, 0 where bids between the rungs earn more than the bound of the rungs.
    pub gap: f64,
    /// (relaxed − bound of its own certificate) relative gap of the linear program.
    pub relaxed_gap: f64,
    /// Largest violation of a row by the linear program's solution, relative to its activity.
    pub violation: f64,
    /// Objective given up when fractions became executable bids.
    pub rounding_cost: f64,
    /// Cells whose bid was moved to mend a rule that rounding broke.
    pub mended_cells: usize,
    /// Cells whose bid a person approved in place of the plan's.
    #[serde(default)]
    pub by_hand: usize,
    /// Objective that those bids cost against the plan's.
    #[serde(default)]
    pub by_hand_cost: f64,
    /// Solver iterations.
    pub iterations: u64,
    /// Columns, ladders and rows of the program.
    pub columns: usize,
    /// Ladders of the program.
    pub ladders: usize,
    /// Rows of the program.
    pub rows: usize,
}

impl Evidence {
    /// What the plan brings of the objective, whatever soft rules it breaks.
    pub fn earned(&self) -> f64 {
        self.objective + self.penalty
    }
}

/// A finished plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// The planned date.
    pub date: Date,
    /// What was maximised.
    pub objective: Objective,
    /// Gross profit as a share of revenue.
    pub margin: f64,
    /// Currency of all money.
    pub currency: String,
    /// How it ended.
    pub status: Status,
    /// Units; `cell.unit` is an index into them.
    pub units: Vec<Unit>,
    /// Every cell, sorted by unit and hour.
    pub cells: Vec<PlanCell>,
    /// Every rule row.
    pub rules: Vec<RuleValue>,
    /// What proves it.
    pub evidence: Evidence,
    /// When no plan meets the rules: which of them contradict each other, and what would do.
    pub conflict: Option<Conflict>,
    /// How far the day may lie from what is expected of it.
    pub outlook: Outlook,
    /// Where the day stands, when it was under way.
    pub underway: Option<Underway>,
}

/// Rules that contradict each other.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Conflict {
    /// The smallest set found: drop any one of them and the others can be met.
    pub rules: Vec<String>,
    /// For each, the smallest change of its own bound that would do, all others kept.
    pub relaxations: Vec<Relaxation>,
    /// The prices that prove it; nothing where parts of slots would meet the rules and only whole ones do
    /// not, because no prices prove that.
    pub proof: Option<Proof>,
    /// The rule rows that the nearest plan still breaks, where the rules do not contradict each other and only bids on
    /// their steps are in the way.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub broken: Vec<String>,
}

/// Why no plan can meet the rules, so that anybody can check it: Σ price × (what the row lacks) is at least
/// `shortfall`, which is above zero, for *every* plan that these ladders allow. (Farkas)
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Proof {
    /// The least that all rows together lack at these prices, in the unit of the first row.
    pub shortfall: f64,
    /// The rows, the first one at the price 1.
    pub prices: Vec<RowPrice>,
}

/// A row of a [`Proof`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RowPrice {
    /// The rule.
    pub rule: String,
    /// Its scope in words.
    pub scope: String,
    /// The row as a sum, for example `revenue - 2 × spend ≥ 0`.
    pub row: String,
    /// What a unit of the row counts for. Never negative.
    pub price: f64,
}

/// The smallest change of one bound that makes the rules compatible.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Relaxation {
    /// The rule.
    pub rule: String,
    /// The scope of its row, in words.
    pub scope: String,
    /// What is bounded.
    pub metric: Metric,
    /// The bound as it is.
    pub bound: f64,
    /// The bound that could be met; nothing when no value of it would help.
    pub reachable: Option<f64>,
    /// The same in a sentence.
    pub sentence: String,
}

/// Gaps above this prove nothing that a person would call best.
const NEAR: f64 = 0.01;

/// Rows of a rule that are shown one by one.
const SHORT: usize = 6;

/// The rule rows that a person wants to see, broken ones first, then binding ones: of a rule with
/// many rows (`per` unit, say) the met ones are told by the row that is closest to its bound, with
/// the number of rows that it stands for.
pub fn telling(rules: &[RuleValue]) -> Vec<(&RuleValue, usize)> {
    let mut shown: Vec<(&RuleValue, usize)> = Vec::new();
    for rows in rules.chunk_by(|a, b| a.rule == b.rule) {
        let telling = |rule: &&RuleValue| !rule.met || rule.binding;
        shown.extend(rows.iter().filter(telling).map(|rule| (rule, 1)));
        let met: Vec<&RuleValue> = rows.iter().filter(|rule| !telling(rule)).collect();
        match met.iter().min_by(|a, b| a.closeness().total_cmp(&b.closeness())) {
            Some(closest) if rows.len() > SHORT => shown.push((closest, met.len())),
            _ => shown.extend(met.into_iter().map(|rule| (rule, 1))),
        }
    }
    shown.sort_by_key(|(rule, _)| (rule.met, !rule.binding)); // stable
    shown
}

impl Plan {
    /// The rule rows that a person wants to see: [`telling`].
    pub fn telling_rules(&self) -> Vec<(&RuleValue, usize)> {
        telling(&self.rules)
    }

    /// The unit of a cell.
    pub fn unit(&self, cell: &PlanCell) -> &Unit {
        &self.units[cell.cell.unit as usize]
    }

    /// The sum over the cells that run and that a filter keeps.
    pub fn total(&self, keep: impl Fn(&PlanCell, &Unit) -> bool) -> Outcome {
        self.cells
            .iter()
            .filter(|cell| cell.run && keep(cell, self.unit(cell)))
            .map(|cell| cell.outcome)
            .sum()
    }

    /// The sum of a channel.
    pub fn channel(&self, channel: Channel) -> Outcome {
        self.total(|_, unit| unit.channel == channel)
    }

    /// Whether the plan is so near to the bound that people are told that it is proven best.
    pub fn is_near(&self) -> bool {
        self.evidence.gap <= NEAR
    }

    /// How people are told that it ended: best only where it is proven nearly so.
    pub fn said_status(&self) -> Status {
        match self.status {
            Status::Optimal if !self.is_near() => Status::Feasible,
            status => status,
        }
    }

    /// The bound of the ladders and the gap to it; nothing where a hard rule is broken, because plans that break rules
    /// are not bounded by plans that keep them.
    pub fn bound(&self) -> Option<(f64, f64)> {
        let bounded = self.status != Status::Infeasible && keeps(&self.rules);
        bounded.then_some((self.evidence.bound, self.evidence.gap))
    }
}

/// Whether every hard rule row is met, as people are told.
pub fn keeps(rules: &[RuleValue]) -> bool {
    rules.iter().all(|rule| rule.soft || rule.said_met())
}
