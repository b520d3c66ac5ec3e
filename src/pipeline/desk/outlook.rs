//! The program's optimum in sums, and what it makes of the rules.

use crate::config::PlanFile;
use crate::frontier::{Movable, Optimum};
use crate::keys::{Cell, Channel, Unit};
use crate::metric::{Metric, Outcome};
use crate::pipeline::slots::Found;
use crate::plan::{RuleValue, check};
use crate::program::rows::RuleRow;
use crate::program::{Side, objective_metric};

/// How a try ended.
pub enum Tried<'d> {
    /// With the optimum.
    Best(Box<Outlook>, Begun<'d>),
    /// No plan meets the rules.
    Infeasible,
    /// A newer try or a signal came first.
    Stopped,
}

/// What an optimum leaves for its executable plan; by default nothing.
#[derive(Default)]
pub struct Begun<'d>(pub(super) Option<Box<Found<'d>>>);

/// The program's optimum: bids in parts, slots whole. The executable plan comes within its gap of it.
pub struct Outlook {
    /// Objective, what broken soft rules cost taken off.
    pub objective: f64,
    /// Sums of each channel, in the order of [`Channel::ALL`].
    pub channels: [Outcome; Channel::ALL.len()],
    /// Every rule row.
    pub rules: Vec<RuleValue>,
}

/// Of each unit: the rule rows that speak of it, and whether as their own cells or as what a share is of.
pub(super) struct Speak(Vec<Vec<(usize, [bool; 2])>>);

impl Speak {
    pub(super) fn of(rule_rows: &[RuleRow], units: usize) -> Speak {
        let mut speak = vec![Vec::new(); units];
        for (at, row) in rule_rows.iter().enumerate() {
            for unit in &row.reach.units {
                speak[*unit as usize].push((at, [true, false]));
            }
            for unit in row.of.iter().flat_map(|of| &of.units) {
                match speak[*unit as usize].last_mut() {
                    Some((last, roles)) if *last == at => roles[1] = true,
                    _ => speak[*unit as usize].push((at, [false, true])),
                }
            }
        }
        Speak(speak)
    }

    /// What an optimum looks like.
    pub(super) fn outlook(&self, optimum: &Optimum, file: &PlanFile, units: &[Unit]) -> Outlook {
        let on = &optimum.on;
        let (channels, sums) = self.sums(on, &optimum.x, units);
        let margin = file.plan.margin;
        let metric = objective_metric(file.plan.objective);
        let objective = metric.of(&channels.iter().copied().sum(), margin).unwrap_or(0.0);
        let mut rules = values(on, &sums, file);
        price(on, &mut rules, &optimum.prices, &sums, file, objective);
        Outlook { objective, channels, rules }
    }

    /// One pass over what runs: sums by channel, and by rule row with what it is a share of.
    fn sums(
        &self,
        on: &Movable,
        x: &[f64],
        units: &[Unit],
    ) -> ([Outcome; Channel::ALL.len()], Vec<[Outcome; 2]>) {
        let mut channels = [Outcome::default(); Channel::ALL.len()];
        let rows = &on.model().rule_rows;
        let mut sums = vec![[Outcome::default(); 2]; rows.len()];
        let mut add = |cell: Cell, outcome: Outcome| {
            channels[units[cell.unit as usize].channel as usize] += outcome;
            for (at, [own, base]) in &self.0[cell.unit as usize] {
                let row = &rows[*at];
                let in_hour = |hours: u32| hours >> cell.hour & 1 == 1;
                if *own && in_hour(row.reach.hours) {
                    sums[*at][0] += outcome;
                }
                if *base && row.of.as_ref().is_some_and(|of| in_hour(of.hours)) {
                    sums[*at][1] += outcome;
                }
            }
        };
        for given in &on.ladders().given {
            add(given.cell, given.outcome);
        }
        let mut shares = x;
        for ladder in &on.ladders().ladders {
            let (mine, rest) = shares.split_at(ladder.bids.len());
            shares = rest;
            if mine.iter().all(|share| *share == 0.0) {
                continue;
            }
            for (at, hour) in ladder.hours.iter().enumerate() {
                let used = ladder.at_hour(at).iter().zip(mine).filter(|(_, share)| **share > 0.0);
                let outcome = used.map(|(outcome, share)| *outcome * *share).sum();
                add(Cell { unit: ladder.unit, hour: *hour }, outcome);
            }
        }
        (channels, sums)
    }
}

/// What the rules make of sums.
fn values(on: &Movable, sums: &[[Outcome; 2]], file: &PlanFile) -> Vec<RuleValue> {
    let rows = on.model().rule_rows.iter();
    rows.zip(sums)
        .map(|(row, [own, base])| {
            let mut value =
                check::value(&file.rules[row.rule], row.scope.clone(), own, base, file.plan.margin);
            // The solver's own tolerance is not the check's.
            value.met |= value.soft || value.slack.is_none_or(|slack| slack > -1e-6 * scale(&value));
            value
        })
        .collect()
}

/// Prices in the rules' own units, as those of a finished plan.
fn price(
    on: &Movable,
    rules: &mut [RuleValue],
    prices: &[f64],
    sums: &[[Outcome; 2]],
    file: &PlanFile,
    objective: f64,
) {
    let model = on.model();
    for (at, (key, price)) in model.keys.iter().zip(prices).enumerate() {
        let (value, [own, base]) = (&mut rules[key.rule_row], &sums[key.rule_row]);
        let metric: Metric = value.metric;
        let per_bound = match (metric.weights(file.plan.margin).1, value.share) {
            (Some(weights), _) => weights.iter().zip(own.measures()).map(|(w, m)| w * m).sum(),
            (None, true) => metric.of(base, file.plan.margin).unwrap_or(0.0),
            (None, false) => 1.0,
        };
        let shadow = price.abs() * f64::abs(per_bound);
        let bound = if key.side == Side::Min { value.min } else { value.max }.unwrap_or(0.0).abs();
        let stake = if bound > 0.0 { shadow * bound } else { price.abs() * on.reach()[at] };
        if stake > 1e-6 * objective.abs().max(1.0) {
            (value.shadow_price, value.binding) = (shadow, true);
        }
    }
}

fn scale(value: &RuleValue) -> f64 {
    value.min.into_iter().chain(value.max).fold(f64::MIN_POSITIVE, |most, bound| most.max(bound.abs()))
}
