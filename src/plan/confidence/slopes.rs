//! How the standard deviation of every row answers to the plan.

use super::split::GivenCell;
use super::{Room, Split};
use crate::keys::Channel;
use crate::ladder::Ladders;
use crate::landscape::spread::RATES;
use crate::metric::Outcome;
use crate::program::Weights;

const CHANNELS: usize = Channel::ALL.len();

/// What a row's weights gain in a kin.
#[derive(Debug, Clone, Copy, Default)]
struct Slope {
    /// By what each rate moves.
    rates: [f64; RATES],
    /// By gross activity.
    gross: f64,
}

/// The standard deviations of a plan's rows and their slopes.
#[derive(Debug, Clone)]
pub struct Slopes {
    /// 1 for a row bounded from above, −1 from below, 0 for neither.
    signs: Vec<f64>,
    /// By row, then kin.
    slopes: Vec<Slope>,
    /// Whether the row has anything in the kin.
    active: Vec<bool>,
    kins: usize,
    /// Standard deviation of each row's activity.
    pub deviations: Vec<f64>,
}

/// What the cells of a row have in a kin.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Part {
    common: [f64; RATES],
    alone: f64,
    gross: f64,
}

/// Adds cells up, unit by unit.
struct Sums<'a> {
    room: &'a Room<'a>,
    kins: usize,
    parts: Vec<Part>,
    /// What each row has of the unit at hand, and the rows that have anything.
    unit: Vec<[f64; RATES]>,
    touched: Vec<usize>,
}

impl Sums<'_> {
    /// Adds a share of a cell. Half a cell scatters half as much as the cell: that keeps the deviation convex.
    fn add(&mut self, kin: usize, row: usize, weights: &Weights, outcome: &Outcome, share: f64) {
        let of = &self.room.spread.kins()[kin];
        let measures = outcome.measures();
        let (moved, cell) = (of.moved(weights, &measures), of.cell(&measures.map(|measure| measure / share)));
        let part = &mut self.parts[row * self.kins + kin];
        if self.unit[row] == [0.0; RATES] {
            self.touched.push(row);
        }
        for rate in 0..RATES {
            part.common[rate] += moved[rate];
            part.alone += cell[rate] * moved[rate] * moved[rate];
            self.unit[row][rate] += moved[rate];
        }
        part.gross +=
            weights.iter().zip(measures).map(|(weight, measure)| (weight * measure).abs()).sum::<f64>();
    }

    fn close(&mut self, unit: u32) {
        let (variances, kin) = (self.room.spread.unit(unit), self.room.spread.kin(unit));
        for row in self.touched.drain(..) {
            let moved = std::mem::take(&mut self.unit[row]);
            let terms = variances.iter().zip(moved).map(|(variance, moved)| variance * moved * moved);
            self.parts[row * self.kins + kin].alone += terms.sum::<f64>();
        }
    }
}

/// What a ladder brings that runs.
pub struct Running {
    /// By hour.
    pub outcomes: Vec<Outcome>,
    /// The share of it that runs.
    pub share: f64,
}

impl Running {
    /// All of it runs.
    pub fn whole(outcomes: Vec<Outcome>) -> Running {
        Running { outcomes, share: 1.0 }
    }
}

/// What the rows of a program have in each kin at a plan, `outcomes` being what a ladder (an index) brings,
/// nothing where it does not run.
pub(super) fn parts(
    split: &Split,
    ladders: &Ladders,
    room: &Room<'_>,
    outcomes: impl Fn(usize) -> Option<Running>,
) -> Vec<Part> {
    let (program, kins) = (&split.model.program, room.spread.kins().len());
    let rows = program.rows.len();
    let parts = vec![Part::default(); rows * kins];
    let mut sums = Sums { room, kins, parts, unit: vec![[0.0; RATES]; rows], touched: Vec::new() };
    let mut given = split.given.iter().peekable();
    // Cells are added unit by unit, given ones before those that are planned.
    let mut give = |sums: &mut Sums<'_>, until: Option<u32>| {
        while let Some(cell) = given.next_if(|cell| until.is_none_or(|unit| cell.unit <= unit)) {
            let GivenCell { unit, outcome, terms } = cell;
            terms
                .iter()
                .for_each(|(row, weights)| sums.add(room.spread.kin(*unit), *row, weights, outcome, 1.0));
            if given.peek().is_none_or(|next| next.unit != *unit) && until != Some(*unit) {
                sums.close(*unit);
            }
        }
    };
    for (at, ladder) in ladders.ladders.iter().enumerate() {
        give(&mut sums, Some(ladder.unit));
        let kin = room.spread.kin(ladder.unit);
        if let Some(Running { outcomes, share }) = outcomes(at) {
            for (outcome, group) in outcomes.iter().zip(&split.model.hour_groups[at]) {
                for term in &program.groups[*group] {
                    sums.add(kin, term.row, &term.weights, outcome, share);
                }
            }
        }
        if ladders.ladders.get(at + 1).is_none_or(|next| next.unit != ladder.unit) {
            sums.close(ladder.unit);
        }
    }
    give(&mut sums, None);
    sums.parts
}

impl Slopes {
    /// At a plan, as [`parts`] has it. What a row has nothing of in a kin is taken as it would be at the dearest
    /// rungs.
    pub fn at(
        split: &Split,
        ladders: &Ladders,
        room: &Room<'_>,
        outcomes: impl Fn(usize) -> Option<Running>,
    ) -> Slopes {
        let (program, kins) = (&split.model.program, room.spread.kins().len());
        let rows = program.rows.len();
        let parts = parts(split, ladders, room, outcomes);
        let signs = program.rows.iter().map(|row| match (row.upper.is_finite(), row.lower.is_finite()) {
            (true, _) => 1.0,
            (false, true) => -1.0,
            (false, false) => 0.0,
        });
        let mut slopes = Slopes {
            signs: signs.collect(),
            slopes: vec![Slope::default(); rows * kins],
            active: parts.iter().map(|part| part.gross > 0.0).collect(),
            kins,
            deviations: vec![0.0; rows],
        };
        for row in 0..rows {
            let of_row = row * kins..(row + 1) * kins;
            slopes.of_row(row, &parts[of_row.clone()], &split.dearest[of_row], room);
        }
        slopes
    }

    /// The same, with what an earlier plan said where this one has nothing: what stopped because it scatters too
    /// much does not come back as if it did not.
    #[must_use]
    pub fn after(mut self, earlier: &Slopes) -> Slopes {
        let known = self.slopes.iter_mut().zip(&self.active).zip(&earlier.slopes);
        for ((slope, _), before) in known.filter(|((_, active), _)| !**active) {
            *slope = *before;
        }
        self
    }

    /// Halfway to others.
    #[must_use]
    pub fn towards(&self, other: &Slopes) -> Slopes {
        let mut between = other.clone();
        for (mine, theirs) in between.slopes.iter_mut().zip(&self.slopes) {
            mine.gross = (mine.gross + theirs.gross) / 2.0;
            mine.rates.iter_mut().zip(theirs.rates).for_each(|(mine, theirs)| *mine = (*mine + theirs) / 2.0);
        }
        between
    }

    /// The steeper of each of both. sd is convex, so slopes at a plan leave no more room elsewhere than is needed
    /// there: with the steeper of those at several plans, rows leave enough room at each of these.
    #[must_use]
    pub fn wider(mut self, other: &Slopes) -> Slopes {
        for (mine, theirs) in self.slopes.iter_mut().zip(&other.slopes) {
            mine.gross = mine.gross.max(theirs.gross);
            for (mine, theirs) in mine.rates.iter_mut().zip(theirs.rates) {
                *mine = if theirs.abs() > mine.abs() { theirs } else { *mine };
            }
        }
        self
    }

    fn of_row(&mut self, row: usize, parts: &[Part], dearest: &[Part], room: &Room<'_>) {
        let kins = room.spread.kins();
        let mut shared = [[0.0; RATES]; CHANNELS];
        let mut alone = 0.0;
        for (kin, part) in kins.iter().zip(parts) {
            let sums = &mut shared[kin.channel as usize];
            sums.iter_mut().zip(part.common).for_each(|(sum, more)| *sum += more);
            alone += part.alone;
        }
        let common = |sums: &[f64; RATES], of: &[f64; RATES]| -> f64 {
            sums.iter().zip(of).map(|(sum, common)| common * sum * sum).sum()
        };
        let of_channel = |channel: usize| kins.iter().find(|kin| kin.channel as usize == channel);
        let whole: f64 = (0..CHANNELS)
            .filter_map(|channel| Some(common(&shared[channel], &of_channel(channel)?.common)))
            .sum::<f64>()
            + alone;
        self.deviations[row] = whole.sqrt();
        for (at, (kin, mut part)) in kins.iter().zip(parts).enumerate() {
            let mut sums = shared[kin.channel as usize];
            let mut variance = whole;
            if part.gross == 0.0 {
                part = &dearest[at];
                let before = common(&sums, &kin.common);
                sums.iter_mut().zip(part.common).for_each(|(sum, more)| *sum += more);
                variance += part.alone + common(&sums, &kin.common) - before;
            }
            if variance <= 0.0 {
                continue;
            }
            let per = room.deviate / variance.sqrt();
            self.slopes[row * self.kins + at] = Slope {
                rates: std::array::from_fn(|rate| per * kin.common[rate] * sums[rate]),
                gross: if part.gross > 0.0 { per * part.alone / part.gross } else { 0.0 },
            };
        }
    }

    /// The weights of a row in a kin that leave room.
    pub(super) fn lean(&self, row: usize, kin: usize, weights: &Weights, room: &Room<'_>) -> Weights {
        let (sign, slope) = (self.signs[row], self.slopes[row * self.kins + kin]);
        let of = &room.spread.kins()[kin];
        let mut leaning = weights.map(|weight| weight + sign * slope.gross * weight.abs());
        for (rate, slope) in slope.rates.into_iter().enumerate() {
            let moved = of.weighed(rate, weights);
            leaning.iter_mut().zip(moved).for_each(|(weight, moved)| *weight += sign * slope * moved);
        }
        leaning
    }
}
