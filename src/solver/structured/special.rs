//! Ladders outside the tiles: those that span several groups, very long ones, and slots. They are few, so
//! their coefficients are kept row by row and plain code does for them what tiles do for the rest.

use super::super::Decided;
use super::exact::NONE;
use super::system::System;
use crate::program::Program;

/// A ladder outside the tiles.
pub struct Special {
    /// Its number.
    pub ladder: usize,
    /// What is decided of it.
    pub taken: Option<bool>,
    /// Its scale.
    pub scale: f64,
    /// Its objective coefficients by rung.
    pub gains: Vec<f64>,
    /// Its row coefficients by rung, rows rising.
    pub entries: Vec<(usize, Vec<f64>)>,
}

/// All special ladders of a program.
pub fn all(program: &Program, decided: &Decided) -> Vec<Special> {
    let of = |ladder: &u32| {
        let ladder = *ladder as usize;
        let gains = program.gains(ladder);
        let taken = decided.get(ladder).copied().flatten();
        Special { ladder, taken, scale: 0.0, gains, entries: program.entries(ladder) }
    };
    program.columns.special.iter().map(of).collect()
}

impl Special {
    /// What each rung is worth at the rows' prices.
    pub fn worth(&self, prices: &[f64]) -> Vec<f64> {
        let mut worth = self.gains.clone();
        for (row, coefficients) in &self.entries {
            let price = prices[*row];
            worth.iter_mut().zip(coefficients).for_each(|(worth, used)| *worth -= price * used);
        }
        worth
    }

    /// Its best rung and its worth.
    pub fn best(&self, prices: &[f64]) -> (u8, f64) {
        match self.taken {
            Some(false) => return (NONE, 0.0),
            Some(true) => return (0, self.worth(prices)[0]),
            None => {}
        }
        let mut best = (NONE, 0.0);
        for (rung, worth) in self.worth(prices).into_iter().enumerate() {
            if worth > best.1 {
                best = (rung as u8, worth);
            }
        }
        best
    }

    /// Adds its smoothed maximum, expected activity and covariance.
    pub fn smoothed(&self, prices: &[f64], smoothing: f64, system: &mut System, activity: &mut [f64]) -> f64 {
        let worth = self.worth(prices);
        let (shares, value, mu) = match self.taken {
            Some(false) => return 0.0,
            Some(true) => (vec![1.0], worth[0], f64::INFINITY),
            None => {
                let mu = smoothing * self.scale;
                let highest = worth.iter().copied().fold(0.0, f64::max);
                let mut odds: Vec<f64> = worth.iter().map(|worth| ((worth - highest) / mu).exp()).collect();
                let total = odds.iter().sum::<f64>() + (-highest / mu).exp();
                odds.iter_mut().for_each(|odds| *odds /= total);
                (odds, highest + mu * total.ln(), mu)
            }
        };
        for (row, coefficients) in &self.entries {
            activity[*row] += dot(coefficients, &shares);
        }
        if self.taken.is_none() {
            system.add_covariance(&self.entries, &shares, 1.0 / mu);
        }
        value
    }
}

/// Σ a·b.
pub fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
