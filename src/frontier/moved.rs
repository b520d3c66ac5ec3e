//! The program with some bounds elsewhere: the columns as they are, rows and weights anew.

use std::sync::Arc;

use crate::config::{PlanFile, Rule};
use crate::keys::Cell;
use crate::ladder::{Ladders, Running};
use crate::metric::Outcome;
use crate::program::rows::RuleRow;
use crate::program::{self, MEASURES, Model, Side, Weights};
use crate::solver;

use super::Move;

/// How near its bound the value of a rule that binds is, as a share of the bound.
const TIGHT: f64 = 1e-4;

/// A model whose moved bounds may stand anywhere.
pub struct Movable {
    ladders: Arc<Ladders>,
    /// The plan file; its moved bounds stand where [`probe`] put them.
    file: PlanFile,
    moves: Vec<Move>,
    model: Model,
    /// A cell of each group: all cells of a group are reached by the same rows.
    cells: Vec<Cell>,
    /// Program rows of each move.
    rows: Vec<Vec<usize>>,
    /// What is given, by moved program row.
    given: Vec<Vec<Given>>,
    /// The most that each row's activity could be.
    reach: Vec<f64>,
}

/// What is given of a moved program row, by cell: whether in its reach, whether in what it is a share of, and what.
type Given = Vec<([bool; 2], Outcome)>;

/// A moved program row: its weights inside its reach, and in the cells that it is a share of.
struct Form {
    inside: Weights,
    of: Weights,
}

impl Form {
    /// Weights in a cell that the row reaches, or that is of what it is a share of, or both.
    fn weights(&self, [inside, of]: [bool; 2]) -> Weights {
        let part = |counts: bool, weight: f64| if counts { weight } else { 0.0 };
        std::array::from_fn(|measure| part(inside, self.inside[measure]) + part(of, self.of[measure]))
    }
}

/// Whether a row reaches a cell, and whether it is a share of it.
fn holds(row: &RuleRow, cell: Cell) -> [bool; 2] {
    [row.reach.holds(cell), row.of.as_ref().is_some_and(|of| of.holds(cell))]
}

/// A bound at which no weight of the row vanishes: a group then tells apart whatever any other bound
/// tells apart, and no measure is left out of the columns.
fn probe(range: &super::Range) -> f64 {
    let largest = range.values.iter().fold(0.0, |most: f64, value| most.max(value.abs()));
    0.618_033_988_749_895 * if largest > 0.0 { largest } else { 1.0 }
}

impl Movable {
    /// Builds the columns once, for all bounds.
    pub fn new(
        ladders: Arc<Ladders>,
        rule_rows: Vec<RuleRow>,
        file: &PlanFile,
        units: usize,
        moves: Vec<Move>,
    ) -> Self {
        let probes: Vec<Option<f64>> = moves.iter().map(|moved| Some(probe(&moved.range))).collect();
        let file = moved_to(file, &moves, &probes);
        let model = program::build(&ladders, rule_rows, &file, units, None);
        let mut cells = vec![Cell { unit: 0, hour: 0 }; model.program.groups.len()];
        for (ladder, groups) in ladders.ladders.iter().zip(model.hour_groups.iter()) {
            for (hour, group) in ladder.hours.iter().zip(groups) {
                cells[*group] = Cell { unit: ladder.unit, hour: *hour };
            }
        }
        let is_row = |row: usize, moved: &Move| {
            let key = model.keys[row];
            model.rule_rows[key.rule_row].rule == moved.rule && key.side == moved.side
        };
        let rows: Vec<Vec<usize>> = moves
            .iter()
            .map(|moved| (0..model.keys.len()).filter(|row| is_row(*row, moved)).collect())
            .collect();
        let given = |row: &usize| {
            let row = &model.rule_rows[model.keys[*row].rule_row];
            let given = ladders.given.iter().map(|given| (holds(row, given.cell), given.outcome));
            given.filter(|(holds, _)| *holds != [false; 2]).collect()
        };
        let given = rows.iter().map(|rows| rows.iter().map(given).collect()).collect();
        let reach = solver::conflict::reach(&model.program);
        Movable { ladders, file, moves, model, cells, rows, given, reach }
    }

    /// The model; bounds, weights and groups of the moved rows in it stand for no step.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// The ladders.
    pub fn ladders(&self) -> &Arc<Ladders> {
        &self.ladders
    }

    /// Which of its moves moves the same bound.
    pub fn place(&self, other: &Move) -> Option<usize> {
        let same = |own: &Move| (own.rule, own.side, own.share) == (other.rule, other.side, other.share);
        self.moves.iter().position(same)
    }

    /// The most that each program row's activity could be.
    pub fn reach(&self) -> &[f64] {
        &self.reach
    }

    /// The model with the moved bounds where they are said to be; without a bound where none is said.
    pub fn at(&self, bounds: &[Option<f64>]) -> Model {
        let mut model = self.model.clone();
        let program = &mut model.program;
        let mut forms: Vec<Option<Form>> = (0..program.rows.len()).map(|_| None).collect();
        for (at, moved) in self.moves.iter().enumerate() {
            for (row, cells) in self.rows[at].iter().zip(&self.given[at]) {
                let Some(bound) = bounds[at] else {
                    let row = &mut program.rows[*row];
                    (row.lower, row.upper) = (f64::NEG_INFINITY, f64::INFINITY);
                    continue;
                };
                let (form, bound) = self.form(moved, bound);
                let given = cells.iter().map(|(holds, outcome)| dot(&form.weights(*holds), outcome));
                let given = given.fold(0.0, |sum, more| sum + more);
                model.given[*row] = given;
                let bound = bound - given;
                let place = &mut program.rows[*row];
                (place.lower, place.upper) = match moved.side {
                    Side::Min => (bound, f64::INFINITY),
                    Side::Max => (f64::NEG_INFINITY, bound),
                };
                forms[*row] = Some(form);
            }
        }
        for (terms, cell) in program.groups.iter_mut().zip(&self.cells) {
            for term in terms {
                let Some(form) = &forms[term.row] else { continue };
                let row = &self.model.rule_rows[self.model.keys[term.row].rule_row];
                term.weights = form.weights(holds(row, *cell));
            }
        }
        model
    }

    /// Whether the model with bounds there is to the last bit the one that is built of a plan file with them. It is not
    /// where a bound makes weights vanish that others have: then groups fall together, and measures are left out.
    pub fn is_built(&self, bounds: &[Option<f64>]) -> bool {
        let vanish = |weights: &Weights| weights.map(|weight| weight == 0.0);
        self.moves.iter().zip(bounds).all(|(moved, bound)| {
            let Some(bound) = *bound else { return false };
            let (here, probed) = (self.form(moved, bound).0, self.form(moved, probe(&moved.range)).0);
            let within = !moved.share || bound > 0.0 && bound < 1.0;
            within && vanish(&here.inside) == vanish(&probed.inside)
        })
    }

    /// Weights and bound of a moved row: a ratio N ÷ D ≥ b is N − b·D ≥ 0; a share of M is m − s·M ≥ 0.
    fn form(&self, moved: &Move, bound: f64) -> (Form, f64) {
        let (numerator, denominator) = self.file.rules[moved.rule].metric.weights(self.file.plan.margin);
        let none = [0.0; MEASURES];
        match denominator {
            _ if moved.share => {
                (Form { inside: numerator, of: numerator.map(|weight| -bound * weight) }, 0.0)
            }
            None => (Form { inside: numerator, of: none }, bound),
            Some(denominator) => {
                let inside = std::array::from_fn(|measure| numerator[measure] - bound * denominator[measure]);
                (Form { inside, of: none }, 0.0)
            }
        }
    }

    /// The tightest bound of a move that a solution meets: the least value of its rows for a `min`, the
    /// largest for a `max`; nothing where no row has a value.
    pub fn met(&self, at: usize, x: &[f64]) -> Option<f64> {
        let (moved, running) = (&self.moves[at], self.ladders.running(x));
        let values = self.rows[at].iter().filter_map(|row| self.value(*row, &running));
        values.reduce(if moved.side == Side::Min { f64::min } else { f64::max })
    }

    /// The value that a row's rule bounds, shares included.
    fn value(&self, row: usize, running: &Running) -> Option<f64> {
        let row = &self.model.rule_rows[self.model.keys[row].rule_row];
        let metric = self.file.rules[row.rule].metric;
        let of = |reach: &program::rows::Reach| {
            metric.of(&running.under(|cell| reach.holds(cell)), self.file.plan.margin)
        };
        let inside = of(&row.reach)?;
        match &row.of {
            Some(base) => of(base).filter(|base| *base != 0.0).map(|base| inside / base),
            None => Some(inside),
        }
    }

    /// Price of each moved bound, and every rule row that binds with its price, in the rules' own units and
    /// with most at stake first. `roomy` says that rows leave room, so that no value stands at its bound.
    pub fn prices(
        &self,
        bounds: &[Option<f64>],
        prices: &[f64],
        x: &[f64],
        objective: f64,
        roomy: bool,
    ) -> (Vec<f64>, Vec<(String, f64)>) {
        let running = self.ladders.running(x);
        let mut of_moves = vec![0.0; self.moves.len()];
        let mut binding: Vec<(f64, String, f64)> = Vec::new();
        let counts = 1e-6 * objective.abs().max(1.0);
        for (row, price) in prices.iter().enumerate() {
            if price.abs() * self.reach[row] <= counts {
                continue; // whatever it stands for is lost in the solver's rounding
            }
            let key = self.model.keys[row];
            let rule_row = &self.model.rule_rows[key.rule_row];
            let shadow = price.abs() * self.per_bound(rule_row, &running);
            let moved = self.rows.iter().position(|rows| rows.contains(&row));
            if let Some(at) = moved {
                of_moves[at] += shadow;
            }
            // Nothing runs in the row, so nothing is held back by it.
            let Some(value) = self.value(row, &running) else { continue };
            let rule = &self.file.rules[rule_row.rule];
            let bound = match moved {
                Some(at) => bounds[at],
                None => today(rule, key.side, false).or(today(rule, key.side, true)),
            };
            let tight = roomy || bound.is_some_and(|bound| (value - bound).abs() <= TIGHT * bound.abs());
            let stake = if value == 0.0 { price.abs() * self.reach[row] } else { shadow * value.abs() };
            if tight && stake > counts {
                binding.push((stake, rule_row.name(&self.file), shadow));
            }
        }
        binding.sort_by(|a, b| b.0.total_cmp(&a.0));
        (of_moves, binding.into_iter().map(|(_, name, price)| (name, price)).collect())
    }

    /// What a unit of a bound multiplies in its row: d activity ÷ d bound.
    fn per_bound(&self, row: &RuleRow, running: &Running) -> f64 {
        let (metric, margin) = (self.file.rules[row.rule].metric, self.file.plan.margin);
        match (metric.weights(margin).1, &row.of) {
            (Some(denominator), _) => dot(&denominator, &running.under(|cell| row.reach.holds(cell))).abs(),
            (None, Some(of)) => metric.of(&running.under(|cell| of.holds(cell)), margin).unwrap_or(0.0).abs(),
            (None, None) => 1.0,
        }
    }
}

/// A plan file with moved bounds where they are said to be; what is said to be none stands anywhere.
pub fn moved_to(file: &PlanFile, moves: &[Move], bounds: &[Option<f64>]) -> PlanFile {
    let mut file = file.clone();
    for (moved, bound) in moves.iter().zip(bounds) {
        let place = bound_of(&mut file.rules[moved.rule], moved.side, moved.share);
        *place = bound.or(*place).or(Some(probe(&moved.range)));
    }
    file
}

/// The bound of a rule that a move moves.
fn bound_of(rule: &mut Rule, side: Side, share: bool) -> &mut Option<f64> {
    match (side, share) {
        (Side::Min, false) => &mut rule.min,
        (Side::Max, false) => &mut rule.max,
        (Side::Min, true) => &mut rule.min_share,
        (Side::Max, true) => &mut rule.max_share,
    }
}

/// Where the plan file has a bound.
pub fn today(rule: &Rule, side: Side, share: bool) -> Option<f64> {
    *bound_of(&mut rule.clone(), side, share)
}

fn dot(weights: &Weights, outcome: &Outcome) -> f64 {
    weights.iter().zip(outcome.measures()).map(|(weight, measure)| weight * measure).sum()
}

#[cfg(test)]
mod tests;
