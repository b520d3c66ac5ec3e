//! The Newton system of the [interior-point method](super), everything but the rows' prices eliminated.

use super::flow::{activity, charge};
use super::state::{Direction, Pairs, State};
use crate::program::{MEASURES, Weights};
use crate::solver::structured::residual::{Entries, Residual};
use crate::solver::structured::system::{Factor, System};
use crate::solver::structured::view::{Side, View};

/// Refinements of a direction at most.
const REFINED: usize = 3;

/// The factored Newton system of an iteration.
pub struct Newton<'a> {
    view: &'a View<'a>,
    residual: &'a Residual,
    factor: Factor<'a>,
    /// By column.
    theta: Vec<f64>,
    /// By ladder: the sum of θ, its idling included.
    sums: Vec<f64>,
    /// By side.
    free: Vec<f64>,
    /// By row: what its sides add to the diagonal.
    extra: Vec<f64>,
}

impl<'a> Newton<'a> {
    /// Gathers and factors the system at a state; nothing when numbers fail.
    pub fn new(
        view: &'a View<'_>,
        residual: &'a Residual,
        state: &State,
        system: &mut System<'a>,
    ) -> Option<Self> {
        system.clear();
        let theta: Vec<f64> = (0..residual.gains.len()).map(|at| state.columns.theta(at)).collect();
        let mut sums = Vec::with_capacity(residual.open.len());
        let slots = view.program.columns.kept.len();
        for (at, open) in residual.open.iter().enumerate() {
            let theta = &theta[open.first..open.first + open.rungs.len()];
            let total = theta.iter().sum::<f64>() + state.idle.theta(at);
            sums.push(total);
            match &open.entries {
                Entries::Group(group, values) => {
                    let second = spread(values, theta, state.idle.theta(at), total, slots);
                    system.add_group(*group, slots, &second);
                }
                Entries::Rows(rows) => {
                    let shares: Vec<f64> = theta.iter().map(|theta| theta / total).collect();
                    system.add_covariance(rows, &shares, total);
                }
            }
        }
        let free: Vec<f64> =
            (0..view.sides.len()).map(|at| state.over.theta(at) + state.under.theta(at)).collect();
        // Two sides of a row stand one behind the other: 1 ÷ (1/a + 1/b).
        let mut extra = vec![f64::INFINITY; view.program.rows.len()];
        for (side, free) in view.sides.iter().zip(&free) {
            let other = extra[side.row];
            extra[side.row] = if other.is_finite() { 1.0 / (1.0 / other + 1.0 / free) } else { *free };
        }
        let factor = system.factor(&extra)?;
        Some(Newton { view, residual, factor, theta, sums, free, extra })
    }

    /// The direction in which every product of a variable and its slack changes by `target(value, slack,
    /// step of the value ahead, step of the slack ahead)`.
    pub fn direction(
        &self,
        state: &State,
        missing: &[f64],
        target: impl Fn(f64, f64, f64, f64) -> f64,
        ahead: Option<&Direction>,
    ) -> Direction {
        let (view, residual) = (self.view, self.residual);
        // target ÷ slack of every variable.
        let asked = |pairs: &Pairs, ahead: Option<&Pairs>| -> Vec<f64> {
            (0..pairs.value.len())
                .map(|at| {
                    let (moved, bent) = ahead.map_or((0.0, 0.0), |ahead| (ahead.value[at], ahead.slack[at]));
                    target(pairs.value[at], pairs.slack[at], moved, bent) / pairs.slack[at]
                })
                .collect()
        };
        let columns = asked(&state.columns, ahead.map(|ahead| &ahead.columns));
        let idle = asked(&state.idle, ahead.map(|ahead| &ahead.idle));
        let over = asked(&state.over, ahead.map(|ahead| &ahead.over));
        let under = asked(&state.under, ahead.map(|ahead| &ahead.under));
        // Each ladder's value moves so that its shares still sum to one.
        let mut lift = Vec::with_capacity(residual.open.len());
        let mut pushed = columns.clone();
        for (at, open) in residual.open.iter().enumerate() {
            let range = open.first..open.first + open.rungs.len();
            let used = state.columns.value[range.clone()].iter().sum::<f64>() + state.idle.value[at];
            let of = (columns[range.clone()].iter().sum::<f64>() + idle[at] - (1.0 - used)) / self.sums[at];
            lift.push(of);
            pushed[range.clone()]
                .iter_mut()
                .zip(&self.theta[range])
                .for_each(|(pushed, theta)| *pushed -= theta * of);
        }
        let pushed = activity(view, residual, &pushed);
        let side_right: Vec<f64> = view
            .sides
            .iter()
            .enumerate()
            .map(|(at, side)| side.sign * pushed[side.row] - over[at] + under[at] - missing[at])
            .collect();
        let mut y = self.step(&side_right);
        let asked = [columns, idle, over, under];
        let mut direction = self.follow(state, &asked, &lift, y.clone());
        // What rounding leaves of the rows is solved for again.
        for _ in 0..REFINED {
            let left = self.left(&direction, missing);
            let worst =
                left.iter().zip(&residual.size).map(|(left, size)| left.abs() / size).fold(0.0, f64::max);
            if worst <= super::MET {
                break;
            }
            let more = self.step(&left.iter().map(|left| -left).collect::<Vec<_>>());
            y.iter_mut().zip(more).for_each(|(y, more)| *y += more);
            let refined = self.follow(state, &asked, &lift, y.clone());
            let after = self.left(&refined, missing);
            let after =
                after.iter().zip(&residual.size).map(|(left, size)| left.abs() / size).fold(0.0, f64::max);
            if after.is_nan() || after >= worst {
                break;
            }
            direction = refined;
        }
        direction
    }

    /// What a direction leaves of what is missing in each side's equation.
    fn left(&self, direction: &Direction, missing: &[f64]) -> Vec<f64> {
        let activity = activity(self.view, self.residual, &direction.columns.value);
        let sides = self.view.sides.iter().zip(missing).enumerate();
        sides
            .map(|(at, (side, missing))| {
                missing - side.sign * activity[side.row] + direction.over.value[at]
                    - direction.under.value[at]
            })
            .collect()
    }

    /// All steps that follow from the sides' steps `y`: `asked` is target ÷ slack of columns, idling, over
    /// and under, `lift` what each ladder's value moves by itself.
    fn follow(&self, state: &State, asked: &[Vec<f64>; 4], lift: &[f64], y: Vec<f64>) -> Direction {
        let residual = self.residual;
        let mut slack = vec![0.0; residual.gains.len()];
        charge(self.view, residual, &self.view.prices(&y), &mut slack);
        slack.iter_mut().for_each(|slack| *slack = -*slack);
        let mut idle_slack = Vec::with_capacity(lift.len());
        for (at, open) in residual.open.iter().enumerate() {
            let range = open.first..open.first + open.rungs.len();
            let slack = &mut slack[range.clone()];
            let pulled: f64 = slack.iter().zip(&self.theta[range]).map(|(slack, theta)| slack * theta).sum();
            let z = lift[at] - pulled / self.sums[at];
            slack.iter_mut().for_each(|slack| *slack += z);
            idle_slack.push(z);
        }
        let [columns, idle, over, under] = asked;
        let pairs = |asked: &[f64], pairs: &Pairs, slack: Vec<f64>| {
            let value =
                asked.iter().enumerate().map(|(at, asked)| asked - pairs.theta(at) * slack[at]).collect();
            Pairs { value, slack }
        };
        Direction {
            columns: pairs(columns, &state.columns, slack),
            idle: pairs(idle, &state.idle, idle_slack),
            over: pairs(over, &state.over, y.iter().map(|y| -y).collect()),
            under: pairs(under, &state.under, y.clone()),
            y,
        }
    }

    /// The sides' steps for a right-hand side by side.
    fn step(&self, of: &[f64]) -> Vec<f64> {
        let sides = || self.view.sides.iter().zip(of).zip(&self.free);
        let mut right = vec![0.0; self.extra.len()];
        for ((side, of), free) in sides() {
            right[side.row] += side.sign * self.extra[side.row] * of / free;
        }
        let mut step = right.clone();
        self.factor.solve(&mut step);
        let one = |((side, of), free): ((&Side, &f64), &f64)| {
            if self.extra[side.row] == *free {
                return side.sign * step[side.row];
            }
            let bent = right[side.row] - self.extra[side.row] * step[side.row];
            (of - side.sign * bent) / free
        };
        sides().map(one).collect()
    }
}

/// total · Cov(values) under shares θ ÷ total, idling bringing nothing: the upper triangle by rows.
fn spread(
    values: &[Weights],
    theta: &[f64],
    idle: f64,
    total: f64,
    slots: usize,
) -> [f64; MEASURES * (MEASURES + 1) / 2] {
    let mut mean = [0.0; MEASURES];
    for (value, theta) in values.iter().zip(theta) {
        mean.iter_mut().zip(value).for_each(|(mean, value)| *mean += theta / total * value);
    }
    let mut second = [0.0; MEASURES * (MEASURES + 1) / 2];
    let mut add = |away: &Weights, theta: f64| {
        let mut pair = 0;
        for a in 0..slots {
            for b in a..slots {
                second[pair] += theta * away[a] * away[b];
                pair += 1;
            }
        }
    };
    for (value, theta) in values.iter().zip(theta) {
        let mut away = *value;
        away.iter_mut().zip(mean).for_each(|(away, mean)| *away -= mean);
        add(&away, *theta);
    }
    add(&mean, idle);
    second
}
