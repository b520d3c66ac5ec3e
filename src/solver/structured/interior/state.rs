//! The variables of the [interior-point method](super), each with the slack of its dual.

/// A variable and the slack of its dual, side by side for columns, idling, over and under.
pub struct Pairs {
    /// Values.
    pub value: Vec<f64>,
    /// Slacks.
    pub slack: Vec<f64>,
}

impl Pairs {
    /// Σ value · slack.
    pub fn product(&self) -> f64 {
        self.value.iter().zip(&self.slack).map(|(value, slack)| value * slack).sum()
    }

    /// value ÷ slack.
    pub fn theta(&self, at: usize) -> f64 {
        self.value[at] / self.slack[at]
    }
}

/// All variables.
pub struct State {
    /// Shares of columns.
    pub columns: Pairs,
    /// What is left of each ladder.
    pub idle: Pairs,
    /// By how much each side is broken.
    pub over: Pairs,
    /// By how much each side is slack.
    pub under: Pairs,
    /// The sides' variables.
    pub y: Vec<f64>,
}

/// A direction in the same layout.
pub type Direction = State;

impl State {
    /// All kinds of variables.
    pub fn kinds(&self) -> [&Pairs; 4] {
        [&self.columns, &self.idle, &self.over, &self.under]
    }

    /// What is left of the gap: Σ of all products.
    pub fn product(&self) -> f64 {
        self.kinds().iter().map(|pairs| pairs.product()).sum()
    }

    /// Number of variables.
    pub fn count(&self) -> usize {
        self.kinds().iter().map(|pairs| pairs.value.len()).sum()
    }

    /// The longest steps, at most 1, that keep variables and slacks positive.
    pub fn steps(&self, direction: &Direction) -> (f64, f64) {
        let most = |of: fn(&Pairs) -> &Vec<f64>| {
            self.kinds().iter().zip(direction.kinds()).fold(f64::INFINITY, |most, (pairs, moves)| {
                of(pairs)
                    .iter()
                    .zip(of(moves))
                    .filter(|(_, step)| **step < 0.0)
                    .fold(most, |most, (at, step)| most.min(-at / step))
            })
        };
        (most(|pairs| &pairs.value), most(|pairs| &pairs.slack))
    }

    /// Moves variables and slacks by their steps.
    pub fn move_by(&mut self, direction: &Direction, (primal, dual): (f64, f64)) {
        let pairs = [&mut self.columns, &mut self.idle, &mut self.over, &mut self.under];
        for (pairs, moves) in pairs.into_iter().zip(direction.kinds()) {
            pairs.value.iter_mut().zip(&moves.value).for_each(|(at, step)| *at += primal * step);
            pairs.slack.iter_mut().zip(&moves.slack).for_each(|(at, step)| *at += dual * step);
        }
        self.y.iter_mut().zip(&direction.y).for_each(|(at, step)| *at += dual * step);
    }
}
