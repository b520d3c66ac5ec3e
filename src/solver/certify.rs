//! The certificate: what an answer is worth, from the program and the answer alone.
//!
//! For any prices λ of the right signs, weak duality bounds every feasible point:
//!
//! ```text
//! objective(x) ≤ constant + Σ_k (λ_k⁺ · upper_k − λ_k⁻ · lower_k) + Σ_ladders max(0, max_j (c_j − Σ_k λ_k a_kj))
//! ```
//!
//! so prices need not be exact to prove something: bad prices only give a weak bound. Sums are
//! compensated (Neumaier), because a gap of 1e-9 lies below the rounding of long plain sums.
//! (`models/formulation.md` §5)

use super::Decided;
use crate::program::Program;

/// What an answer is worth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Certificate {
    /// Objective of the point, penalties of soft rows taken off.
    pub objective: f64,
    /// No point can have more.
    pub bound: f64,
    /// (bound − objective) ÷ max(1, |bound|).
    pub gap: f64,
    /// Largest violation of a hard row, relative to Σ|a·x| + |bound of the row|, and at least to a millionth
    /// of its largest coefficient.
    pub violation: f64,
}

/// A compensated sum.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sum {
    total: f64,
    lost: f64,
}

impl Sum {
    /// Adds a term.
    pub fn add(&mut self, term: f64) {
        let total = self.total + term;
        self.lost += if self.total.abs() >= term.abs() {
            (self.total - total) + term
        } else {
            (term - total) + self.total
        };
        self.total = total;
    }

    /// The sum.
    pub fn get(self) -> f64 {
        self.total + self.lost
    }
}

/// Prices of the right signs: none on a bound that does not exist, none above a soft row's penalty.
pub fn lawful(program: &Program, prices: &[f64]) -> Vec<f64> {
    program
        .rows
        .iter()
        .zip(prices)
        .map(|(row, price)| {
            let most = row.penalty.unwrap_or(f64::INFINITY);
            let high = if row.upper.is_finite() { most } else { 0.0 };
            let low = if row.lower.is_finite() { -most } else { 0.0 };
            price.clamp(low, high)
        })
        .collect()
}

/// The bound that prices prove, some whole ladders decided.
pub fn dual_bound(program: &Program, prices: &[f64], decided: &Decided) -> f64 {
    let prices = lawful(program, prices);
    let mut bound = Sum::default();
    bound.add(program.constant);
    for (row, price) in program.rows.iter().zip(&prices) {
        if *price > 0.0 {
            bound.add(price * row.upper);
        } else if *price < 0.0 {
            bound.add(price * row.lower);
        }
    }
    let priced = program.priced(&prices);
    for ladder in 0..program.ladders.len() {
        let best = program.reduced(ladder, &priced).into_iter().fold(f64::NEG_INFINITY, f64::max);
        bound.add(match decided.get(ladder).copied().flatten() {
            Some(true) => best,
            Some(false) => 0.0,
            None => best.max(0.0),
        });
    }
    bound.get()
}

/// Certifies a point and prices.
pub fn certify(program: &Program, x: &[f64], prices: &[f64], decided: &Decided) -> Certificate {
    let mut objective = Sum::default();
    objective.add(program.constant);
    for ladder in 0..program.ladders.len() {
        let x = &x[program.ladders[ladder].columns.clone()];
        for (gain, x) in program.gains(ladder).iter().zip(x) {
            objective.add(gain * x);
        }
    }
    let mut violation: f64 = 0.0;
    let largest = largest_coefficients(program);
    for ((row, (activity, absolute)), largest) in program.rows.iter().zip(program.activity(x)).zip(largest) {
        let broken = (row.lower - activity).max(activity - row.upper).max(0.0);
        match row.penalty {
            Some(penalty) => objective.add(-penalty * broken),
            None => {
                let bound = if row.lower.is_finite() { row.lower } else { row.upper };
                // A row that hardly anything uses is measured against a millionth of one whole rung.
                let scale = (absolute + bound.abs()).max(1e-6 * largest);
                if broken > 0.0 {
                    violation = violation.max(broken / scale.max(f64::MIN_POSITIVE));
                }
            }
        }
    }
    for ladder in &program.ladders {
        let used: f64 = x[ladder.columns.clone()].iter().sum();
        let least = x[ladder.columns.clone()].iter().copied().fold(0.0, f64::min);
        violation = violation.max(used - 1.0).max(-least);
    }
    let (objective, bound) = (objective.get(), dual_bound(program, prices, decided));
    Certificate { objective, bound, gap: (bound - objective) / bound.abs().max(1.0), violation }
}

/// Largest coefficient of each row.
fn largest_coefficients(program: &Program) -> Vec<f64> {
    let mut largest = vec![0.0f64; program.rows.len()];
    for ladder in 0..program.ladders.len() {
        for (row, coefficients) in program.entries(ladder) {
            largest[row] =
                coefficients.iter().fold(largest[row], |most, coefficient| most.max(coefficient.abs()));
        }
    }
    largest
}
