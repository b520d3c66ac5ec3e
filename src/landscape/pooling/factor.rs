//! One family of factors of the model, and how far its levels lie apart.

use std::ops::Range;

use rayon::prelude::*;

use super::piece::Piece;
use super::{Row, weekend_hour_at};
use crate::calendar::HOURS;

/// What the levels of a factor are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Family {
    All,
    Campaign,
    Unit,
    Hour,
    CampaignHour,
    UnitHour,
    Weekday,
    WeekendHour,
    Day,
}

impl Family {
    /// The level of a row; nothing where it says nothing of this family.
    #[inline(always)]
    fn level(self, row: &Row) -> Option<usize> {
        let hour = row.hour.map(usize::from);
        match self {
            Family::All => Some(0),
            Family::Campaign => Some(row.campaign as usize),
            Family::Unit => Some(row.unit as usize),
            Family::Hour => hour,
            Family::CampaignHour => hour.map(|hour| row.campaign as usize * HOURS + hour),
            Family::UnitHour => hour.map(|hour| row.unit as usize * HOURS + hour),
            Family::Weekday => row.day.map(|(_, of_week)| usize::from(of_week)),
            Family::WeekendHour => {
                row.hour.zip(row.day).map(|(hour, (_, of_week))| weekend_hour_at(of_week, hour))
            }
            Family::Day => row.day.map(|(day, _)| usize::from(day)),
        }
    }

    /// The levels that a piece can have.
    fn span(self, piece: &Piece, levels: usize) -> Range<usize> {
        let hours = |of: &Range<usize>| of.start * HOURS..of.end * HOURS;
        match self {
            Family::Campaign => piece.campaigns.clone(),
            Family::Unit => piece.units.clone(),
            Family::CampaignHour => hours(&piece.campaigns),
            Family::UnitHour => hours(&piece.units),
            _ => 0..levels,
        }
    }
}

/// Does work with a level that knows its family: millions of rows ask for it, one after the other.
macro_rules! with_level {
    ($family:expr, $level:ident => $work:expr) => {
        with_level!($family, $level => $work, All Campaign Unit Hour CampaignHour UnitHour Weekday WeekendHour Day)
    };
    ($family:expr, $level:ident => $work:expr, $($name:ident)+) => {
        match $family {
            $(Family::$name => {
                let $level = |row: &Row| Family::$name.level(row);
                $work
            })+
        }
    };
}

/// What a factor's update makes of the means of rows. Means are moved when the next factor looks at them: so all rows
/// are gone through once a factor.
pub(super) struct Pending {
    family: Family,
    ratio: Vec<f64>,
}

impl Pending {
    /// The same for all rows.
    pub fn all(ratio: f64) -> Pending {
        Pending { family: Family::All, ratio: vec![ratio] }
    }

    /// Moves the means.
    pub fn apply(&self, pieces: &mut [Piece]) {
        pieces.par_iter_mut().for_each(|piece| self.apply_to(piece));
    }

    fn apply_to(&self, piece: &mut Piece) {
        let rows = piece.rows.iter().zip(&mut piece.mean);
        with_level!(self.family, level => rows.for_each(|(row, mean)| {
            *mean *= level(row).map_or(1.0, |at| self.ratio[at]);
        }));
    }
}

/// A family of factors while it is being fitted.
pub(super) struct Factor {
    family: Family,
    pub value: Vec<f64>,
    /// Between-level variance τ² of the factor.
    pub variance: f64,
    /// Degrees of freedom that the factor takes up: Σ expected ÷ (expected + K).
    pub absorbed: f64,
    /// Whether levels lean on their mean at all.
    pooled: bool,
}

impl Factor {
    pub fn new(family: Family, levels: usize, variance: f64, pooled: bool) -> Self {
        Factor { family, value: vec![1.0; levels], variance, absorbed: 0.0, pooled }
    }

    /// One back-fitting step: re-estimates the factor from observed and expected sums per level, and
    /// τ² from how far the levels lie apart beyond what φ explains.
    pub fn update(&mut self, pieces: &mut [Piece], dispersion: f64, pending: Pending) -> Pending {
        if self.value.len() < 2 {
            return pending;
        }
        let [seen, mut expected] = self.sums(pieces, &pending);
        // Expected without the factor itself.
        for (expected, value) in expected.iter_mut().zip(&self.value) {
            *expected /= value.max(1e-12);
        }
        self.variance = match self.pooled {
            true => between_variance(&seen, &expected, dispersion, self.variance),
            false => ALONE,
        };
        let strength = dispersion / self.variance;
        self.absorbed = expected.iter().map(|expected| expected / (expected + strength)).sum();
        let mut ratio = Vec::with_capacity(self.value.len());
        for ((value, seen), expected) in self.value.iter_mut().zip(&seen).zip(&expected) {
            let old = value.max(1e-12);
            *value = (seen + strength) / (expected + strength);
            ratio.push(*value / old);
        }
        Pending { family: self.family, ratio }
    }

    /// What is seen and what is expected at each level, once the means are moved.
    fn sums(&self, pieces: &mut [Piece], pending: &Pending) -> [Vec<f64>; 2] {
        let levels = self.value.len();
        let of_piece = |piece: &mut Piece| {
            let span = self.family.span(piece, levels);
            let mut sums = vec![[0.0; 2]; span.len()];
            pending.apply_to(piece);
            let rows = piece.rows.iter().zip(&piece.mean);
            with_level!(self.family, level => rows.for_each(|(row, mean)| {
                if let Some(at) = level(row) {
                    let [seen, expected] = &mut sums[at - span.start];
                    *seen += row.weight * row.y;
                    *expected += row.weight * mean;
                }
            }));
            (span, sums)
        };
        let parts: Vec<(Range<usize>, Vec<[f64; 2]>)> = pieces.par_iter_mut().map(of_piece).collect();
        let mut all = [vec![0.0; levels], vec![0.0; levels]];
        for (span, sums) in parts {
            for (at, [seen, expected]) in span.zip(sums) {
                all[0][at] += seen;
                all[1][at] += expected;
            }
        }
        all
    }
}

/// Variance at which levels do not lean on anything.
const ALONE: f64 = 1e3;

/// Between-level variance by weighted moments: E[(seen − expected)²] = φ·expected + τ²·expected².
fn between_variance(seen: &[f64], expected: &[f64], dispersion: f64, start: f64) -> f64 {
    let mut variance = start;
    for _ in 0..3 {
        let (mut numerator, mut denominator) = (0.0, 0.0);
        for (seen, expected) in seen.iter().zip(expected) {
            let noise = dispersion * expected;
            let total = noise + variance * expected * expected;
            if total > 0.0 {
                // By the inverse variance of (seen ÷ expected − 1)².
                let weight = (expected / total).powi(2);
                numerator += weight * ((seen - expected).powi(2) - noise);
                denominator += weight * expected * expected;
            }
        }
        if denominator > 0.0 {
            variance = (numerator / denominator).clamp(1e-4, 4.0);
        }
    }
    variance
}
