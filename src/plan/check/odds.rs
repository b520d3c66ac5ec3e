//! The chance of every rule row under the spread of outcomes, added up from the plan's cells.

use super::{PlanFile, Rows, Rule, RuleValue, TOLERANCE};
use crate::landscape::chance::{deviate, normal};
use crate::landscape::spread::{Spread, Tally};
use crate::metric::Weights;
use crate::plan::PlanCell;
use crate::reason::Reason;

/// A row of less than this has no chance to speak of: bids far below the usual ones bring nothing but a number.
const NOTHING: f64 = 1e-9;

/// One bound of a rule as a weighted sum: `inside` its scope, `of` in what it is a share of.
struct Side {
    inside: Weights,
    of: Weights,
    bound: f64,
    /// 1 for "at least", −1 for "at most".
    sign: f64,
}

/// The sum of one side over one row, and its spread.
struct Odds<'a> {
    value: f64,
    size: f64,
    tally: Tally<'a>,
}

/// Sets the chance of each row of a rule, and whether it is enough. `members` says which cells are of which row.
pub(super) fn set(
    rule: &Rule,
    rows: &mut [RuleValue],
    members: &mut Rows<'_>,
    cells: &[PlanCell],
    file: &PlanFile,
    spread: &Spread,
) {
    let sides = sides(rule, file.plan.margin);
    let fresh = || Odds { value: 0.0, size: 0.0, tally: Tally::new(spread) };
    let mut odds: Vec<Vec<Odds<'_>>> = rows.iter().map(|_| sides.iter().map(|_| fresh()).collect()).collect();
    let all: Vec<usize> = (0..rows.len()).collect();
    for cell in cells.iter().filter(|cell| cell.run) {
        let (inside, base) = members.of(cell.cell);
        let reached = if base { &all[..] } else { inside };
        for row in reached {
            for (side, odds) in sides.iter().zip(&mut odds[*row]) {
                let mut weights = if inside.contains(row) { side.inside } else { [0.0; 5] };
                if base {
                    weights.iter_mut().zip(side.of).for_each(|(weight, of)| *weight += of);
                }
                let terms =
                    weights.iter().zip(cell.outcome.measures()).map(|(weight, measure)| weight * measure);
                odds.value += terms.clone().sum::<f64>();
                odds.size += terms.map(f64::abs).sum::<f64>();
                if cell.reason != Reason::Over {
                    odds.tally.add(cell.cell.unit, &weights, &cell.outcome);
                }
            }
        }
    }
    let confidence = file.plan.confidence;
    let asked = if confidence > 0.5 { deviate(confidence) } else { 0.0 };
    for (row, odds) in rows.iter_mut().zip(odds) {
        for (side, Odds { value, size, tally }) in sides.iter().zip(odds) {
            let (room, deviation) = (side.sign * (value - side.bound), tally.deviation());
            if size < NOTHING {
                continue;
            }
            let chance = match deviation > 0.0 {
                true => normal(room / deviation),
                false => f64::from(u8::from(room >= -TOLERANCE * size)),
            };
            row.deviation = Some(row.deviation.map_or(deviation, |other: f64| other.max(deviation)));
            row.chance = Some(row.chance.map_or(chance, |other: f64| other.min(chance)));
            if confidence > 0.5 && room < asked * deviation - TOLERANCE * (size + side.bound.abs()) {
                row.met = false;
            }
        }
    }
}

fn sides(rule: &Rule, margin: f64) -> Vec<Side> {
    let (numerator, denominator) = rule.metric.weights(margin);
    let mut sides = Vec::new();
    for (sign, bound, share) in [(1.0, rule.min, rule.min_share), (-1.0, rule.max, rule.max_share)] {
        if let Some(bound) = bound {
            sides.push(match denominator {
                None => Side { inside: numerator, of: [0.0; 5], bound, sign },
                Some(denominator) => {
                    let inside = std::array::from_fn(|at| numerator[at] - bound * denominator[at]);
                    Side { inside, of: [0.0; 5], bound: 0.0, sign }
                }
            });
        }
        if let Some(share) = share {
            sides.push(Side {
                inside: numerator,
                of: numerator.map(|weight| -share * weight),
                bound: 0.0,
                sign,
            });
        }
    }
    sides
}
