//! What broken rows cost while one schedule a campaign is looked for.

use crate::program::Program;
use crate::solver::conflict;

/// Rows are kept this far inside their bounds, relative to their activity.
const INSIDE: f64 = 1e-9;
/// A penalty is so many times as high after a round in which its row stayed broken.
const RISE: f64 = 4.0;

/// Exact penalties of all rows, per unit of violation.
pub(super) struct Penalties<'a> {
    program: &'a Program,
    each: Vec<f64>,
    scales: Vec<f64>,
}

impl<'a> Penalties<'a> {
    /// Twice the price of a row, a soft row's own, and for rows without a price a share of what the plan is worth.
    pub(super) fn new(program: &'a Program, prices: &[f64]) -> Self {
        let scales = conflict::scales(program);
        let worth = worth(program);
        let rows = program.rows.iter().zip(prices).zip(&scales);
        let penalty = rows.map(|((row, price), scale)| {
            row.penalty.unwrap_or_else(|| (2.0 * price.abs()).max(0.01 * worth / scale))
        });
        Penalties { program, each: penalty.collect(), scales }
    }

    /// By how much an activity breaks a row.
    pub(super) fn broken(&self, row: usize, activity: f64) -> f64 {
        let bounds = &self.program.rows[row];
        // Where nothing runs that a row is about, its sum is 0 and not nearly so: a paused unit has no CPC to keep.
        let nothing = activity.abs() <= INSIDE * self.scales[row];
        let (activity, inside) =
            if nothing { (0.0, 0.0) } else { (activity, INSIDE * self.scales[row].max(activity.abs())) };
        (bounds.lower + inside - activity).max(activity - (bounds.upper - inside)).max(0.0)
    }

    /// What that costs.
    pub(super) fn of(&self, row: usize, activity: f64) -> f64 {
        self.each[row] * self.broken(row, activity)
    }

    /// Raises the penalties of hard rows that an activity breaks. Whether there is any.
    pub(super) fn raise(&mut self, activity: &[f64]) -> bool {
        let mut any = false;
        for (row, activity) in activity.iter().enumerate() {
            if self.program.rows[row].penalty.is_none() && self.broken(row, *activity) > 0.0 {
                self.each[row] *= RISE;
                any = true;
            }
        }
        any
    }
}

/// What a program could bring if no row held anything back.
pub(super) fn worth(program: &Program) -> f64 {
    let best = |ladder: usize| program.gains(ladder).into_iter().fold(0.0, f64::max);
    (0..program.columns.ladders.len()).map(best).sum::<f64>().max(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::{Row, Term};

    /// A budget of 100, and a CPC of at most 5: spend − 5 clicks ≤ 0. One cell of 10 clicks for 60.
    fn program() -> Program {
        let mut program = Program::new([0.0, 0.0, 0.0, 0.0, 1.0]);
        let budget = program.add_row(Row { upper: 100.0, ..Row::FREE });
        let cpc = program.add_row(Row { upper: 0.0, ..Row::FREE });
        let group = program.add_group(vec![
            Term { row: budget, weights: [0.0, 0.0, 1.0, 0.0, 0.0] },
            Term { row: cpc, weights: [0.0, -5.0, 1.0, 0.0, 0.0] },
        ]);
        program.add_ladder(false, &[(group, &[[100.0, 10.0, 60.0, 1.0, 200.0]])]);
        program
    }

    #[test]
    fn a_paused_unit_keeps_its_cpc() {
        let program = program();
        let mut penalties = Penalties::new(&program, &[1.0, 0.0]);
        assert!(!penalties.raise(&[0.0, 0.0]), "nothing runs, so nothing is broken");
        assert_eq!(penalties.broken(1, 1e-12), 0.0, "nor by what is left of sums that were taken back");
        assert!(penalties.broken(1, 10.0) > 0.0 && penalties.broken(1, -10.0) == 0.0);
    }

    #[test]
    fn what_stays_broken_costs_more() {
        let program = program();
        let mut penalties = Penalties::new(&program, &[1.0, 0.0]);
        let before = [penalties.of(0, 120.0), penalties.of(1, 10.0)];
        assert!((before[0] - 2.0 * 20.0).abs() < 1e-3, "twice the price for each of 20: {before:?}");
        assert!(penalties.raise(&[120.0, -10.0]));
        assert_eq!([penalties.of(0, 120.0), penalties.of(1, 10.0)], [before[0] * RISE, before[1]]);
    }
}
