//! A model whose groups are told apart by kin, so that each can have weights of its own.

use std::collections::HashMap;
use std::sync::Arc;

use super::slopes::{Part, Running, parts};
use super::{Room, Slopes};
use crate::config::{PlanFile, Rule};
use crate::ladder::Ladders;
use crate::metric::Outcome;
use crate::program::rows::RuleRow;
use crate::program::{MEASURES, Model, Program, Row, Weights};
use crate::reason::Reason;

/// What a given cell weighs in a row.
#[derive(Debug, Clone)]
pub(super) struct GivenCell {
    pub unit: u32,
    pub outcome: Outcome,
    pub terms: Vec<(usize, Weights)>,
}

/// The model with a group for each kin in each of its groups.
#[derive(Debug, Clone)]
pub struct Split {
    /// The model as it would be on expected values.
    pub model: Model,
    /// Kin of each group.
    pub(super) kin: Vec<usize>,
    /// The group of the model that each group is a part of.
    origin: Vec<usize>,
    pub(super) given: Vec<GivenCell>,
    /// What rows would have in each kin if every ladder ran at its dearest rung.
    pub(super) dearest: Vec<Part>,
}

impl Split {
    /// Splits a model of these ladders. Slots of a channel are kins of their own.
    pub fn of(model: Model, ladders: &Ladders, room: &Room<'_>) -> Split {
        let plain = &model.program;
        let mut program = Program::of(plain.objective, &plain.columns.kept);
        (program.constant, program.rows) = (plain.constant, plain.rows.clone());
        let (mut kin, mut origin) = (Vec::new(), Vec::new());
        let mut known: HashMap<(usize, usize), usize> = HashMap::new();
        let mut hour_groups = Vec::with_capacity(ladders.ladders.len());
        for (ladder, groups) in ladders.ladders.iter().zip(model.hour_groups.iter()) {
            let of_unit = room.spread.kin(ladder.unit);
            let mut mine = Vec::with_capacity(groups.len());
            let mut blocks: Vec<(usize, Vec<Weights>)> = Vec::new();
            for (at, group) in groups.iter().enumerate() {
                let group = *known.entry((*group, of_unit)).or_insert_with(|| {
                    kin.push(of_unit);
                    origin.push(*group);
                    program.add_group(plain.groups[*group].clone())
                });
                mine.push(group);
                let block = blocks.iter().position(|(of, _)| *of == group).unwrap_or_else(|| {
                    blocks.push((group, vec![[0.0; MEASURES]; ladder.bids.len()]));
                    blocks.len() - 1
                });
                for (sums, outcome) in blocks[block].1.iter_mut().zip(ladder.at_hour(at)) {
                    sums.iter_mut().zip(outcome.measures()).for_each(|(sum, more)| *sum += more);
                }
            }
            hour_groups.push(mine);
            let blocks: Vec<(usize, &[Weights])> =
                blocks.iter().map(|(of, sums)| (*of, sums.as_slice())).collect();
            program.add_ladder(ladder.whole, &blocks);
        }
        let model = Model { program, hour_groups: Arc::new(hour_groups), ..model };
        Split { model, kin, origin, given: Vec::new(), dearest: Vec::new() }.filled(ladders, room)
    }

    /// The same of a model that differs in its rows and their weights alone.
    #[must_use]
    pub fn again(&self, model: &Model, ladders: &Ladders, room: &Room<'_>) -> Split {
        let mut split = Split { given: Vec::new(), dearest: Vec::new(), ..self.clone() };
        let (mine, theirs) = (&mut split.model.program, &model.program);
        (mine.objective, mine.constant, mine.rows) = (theirs.objective, theirs.constant, theirs.rows.clone());
        mine.groups = self.origin.iter().map(|group| theirs.groups[*group].clone()).collect();
        split.filled(ladders, room)
    }

    /// With what follows from rows and weights.
    fn filled(mut self, ladders: &Ladders, room: &Room<'_>) -> Split {
        self.given = given(ladders, &self.model.rule_rows, room.file);
        self.dearest = parts(&self, ladders, room, |at| {
            let (ladder, gains) = (&ladders.ladders[at], self.model.program.gains(at));
            let rung = (0..gains.len()).max_by(|a, b| gains[*a].total_cmp(&gains[*b]))?;
            Some(Running::whole((0..ladder.hours.len()).map(|hour| ladder.at_hour(hour)[rung]).collect()))
        });
        self
    }

    /// The model whose rows leave room as these slopes say.
    pub fn leaning(&self, slopes: &Slopes, room: &Room<'_>) -> Model {
        let mut model = self.model.clone();
        for (terms, kin) in model.program.groups.iter_mut().zip(&self.kin) {
            for term in terms {
                term.weights = slopes.lean(term.row, *kin, &term.weights, room);
            }
        }
        for cell in &self.given {
            let (kin, measures) = (room.spread.kin(cell.unit), cell.outcome.measures());
            for (row, weights) in &cell.terms {
                let leaning = slopes.lean(*row, kin, weights, room);
                let more: f64 = (0..MEASURES).map(|at| (leaning[at] - weights[at]) * measures[at]).sum();
                let Row { lower, upper, .. } = &mut model.program.rows[*row];
                (*lower, *upper) = (*lower - more, *upper - more);
            }
        }
        model
    }
}

/// Weights of every program row inside its reach and in what it is a share of, in the program's order.
fn forms(rule_rows: &[RuleRow], file: &PlanFile) -> Vec<(usize, Weights, Weights)> {
    let none = [0.0; MEASURES];
    let of_rule = |rule: &Rule| {
        let (numerator, denominator) = rule.metric.weights(file.plan.margin);
        let bounds = [(rule.min, rule.min_share), (rule.max, rule.max_share)];
        bounds.into_iter().flat_map(move |(bound, share)| {
            let bounded = bound.map(|bound| match denominator {
                None => (numerator, none),
                Some(per) => (std::array::from_fn(|at| numerator[at] - bound * per[at]), none),
            });
            bounded.into_iter().chain(share.map(|share| (numerator, numerator.map(|weight| -share * weight))))
        })
    };
    let rows = rule_rows.iter().enumerate();
    rows.flat_map(|(at, row)| of_rule(&file.rules[row.rule]).map(move |(inside, of)| (at, inside, of)))
        .collect()
}

/// What given cells weigh: they are no columns, but they scatter too.
fn given(ladders: &Ladders, rule_rows: &[RuleRow], file: &PlanFile) -> Vec<GivenCell> {
    if ladders.given.is_empty() {
        return Vec::new();
    }
    let forms = forms(rule_rows, file);
    let mut by_unit: HashMap<u32, Vec<usize>> = HashMap::new();
    for (row, (rule_row, _, _)) in forms.iter().enumerate() {
        let rule_row = &rule_rows[*rule_row];
        for unit in
            [Some(&rule_row.reach), rule_row.of.as_ref()].into_iter().flatten().flat_map(|reach| &reach.units)
        {
            let rows = by_unit.entry(*unit).or_default();
            if rows.last() != Some(&row) {
                rows.push(row);
            }
        }
    }
    let cell = |given: &crate::ladder::Given| {
        let rows = by_unit.get(&given.cell.unit).map_or(&[][..], Vec::as_slice);
        let terms = rows.iter().filter_map(|row| {
            let (rule_row, inside, of) = &forms[*row];
            let rule_row = &rule_rows[*rule_row];
            let mut weights = if rule_row.reach.holds(given.cell) { *inside } else { [0.0; MEASURES] };
            if rule_row.of.as_ref().is_some_and(|reach| reach.holds(given.cell)) {
                weights.iter_mut().zip(of).for_each(|(weight, of)| *weight += of);
            }
            (weights != [0.0; MEASURES]).then_some((*row, weights))
        });
        GivenCell { unit: given.cell.unit, outcome: given.outcome, terms: terms.collect() }
    };
    // What has happened does not scatter.
    ladders.given.iter().filter(|given| given.reason != Reason::Over).map(cell).collect()
}
