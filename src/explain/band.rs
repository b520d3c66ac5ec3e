//! What the position band costs: the day on ladders that know no band.

use serde::Serialize;

use super::Scene;
use super::cost::solve;
use crate::config::PlanFile;
use crate::error::Result;
use crate::keys::{Channel, Unit};
use crate::ladder::{self, Ladders};
use crate::program::{self, Model};

/// Every position that there is.
const ANYWHERE: [f64; 2] = [0.0, 1e6];
/// Keywords that are named.
const MOST: usize = 12;
/// Share of all keywords' worth that is enough to name.
const ENOUGH: f64 = 0.8;

/// What the band costs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BandCost {
    /// The band of `[search]`.
    pub band: [f64; 2],
    /// What the optimum gains in the objective on ladders free of it. Never negative.
    pub cost: f64,
    /// Keywords that gain most, most first; so many as have four fifths of it, and twelve at most.
    pub keywords: Vec<KeywordCost>,
    /// Their share of what all keywords would gain by themselves.
    pub share: f64,
}

/// What the band costs one keyword.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct KeywordCost {
    /// The keyword.
    pub unit: Unit,
    /// Net value that it alone would gain without its band, at today's prices.
    pub worth: f64,
    /// Mean position at which it would then be shown.
    pub position: Option<f64>,
}

/// The same day with no band.
pub(super) fn free(scene: &Scene<'_>) -> (PlanFile, Ladders) {
    let mut file = scene.file.clone();
    file.search.position = ANYWHERE;
    file.overrides.iter_mut().for_each(|change| change.position = None);
    // Ladders without a band are longer: twice the rungs keep them as fine.
    let ladders = ladder::build(scene.landscapes, scene.forecast, &file, scene.date, 2 * ladder::RUNGS);
    (file, ladders)
}

/// The cost of all bands together. `now` is the optimum as the rules are.
pub(super) fn cost(scene: &Scene<'_>, now: f64) -> Result<Option<BandCost>> {
    if !scene.plan.units.iter().any(|unit| unit.channel == Channel::Search) {
        return Ok(None);
    }
    let (file, ladders) = free(scene);
    let rows = scene.model.rule_rows.clone();
    let model = program::build(&ladders, rows, &file, scene.plan.units.len(), None);
    let model = (scene.leaning)(model, &ladders);
    let Some((value, _)) = solve(scene, &model.program, &ladders)? else { return Ok(None) };
    let (banded, _) = net(scene, scene.ladders, scene.model);
    let (unbound, positions) = net(scene, &ladders, &model);
    let mut keywords: Vec<KeywordCost> = Vec::new();
    for (at, unit) in scene.plan.units.iter().enumerate().filter(|(_, unit)| unit.channel == Channel::Search)
    {
        let worth = unbound[at] - banded[at];
        if worth > 0.0 {
            keywords.push(KeywordCost { unit: unit.clone(), worth, position: positions[at] });
        }
    }
    keywords.sort_by(|a, b| b.worth.total_cmp(&a.worth));
    let all: f64 = keywords.iter().map(|keyword| keyword.worth).sum();
    let mut named = 0.0;
    let enough = keywords.iter().position(|keyword| {
        named += keyword.worth;
        named >= ENOUGH * all
    });
    keywords.truncate(MOST.min(enough.map_or(0, |at| at + 1)));
    let share = keywords.iter().map(|keyword| keyword.worth).sum::<f64>() / all.max(f64::MIN_POSITIVE);
    Ok(Some(BandCost { band: scene.file.search.position, cost: (value - now).max(0.0), keywords, share }))
}

/// Of each unit, the most net value that its ladders have at the scene's prices, and the mean position there.
fn net(scene: &Scene<'_>, ladders: &Ladders, model: &Model) -> (Vec<f64>, Vec<Option<f64>>) {
    let priced = model.program.priced(scene.prices);
    let mut worth = vec![0.0; scene.plan.units.len()];
    let mut shown = vec![crate::metric::Outcome::default(); worth.len()];
    for (index, ladder) in ladders.ladders.iter().enumerate() {
        let left = model.program.reduced(index, &priced);
        let best = (0..left.len()).max_by(|a, b| left[*a].total_cmp(&left[*b]));
        if let Some(best) = best.filter(|best| left[*best] > 0.0) {
            worth[ladder.unit as usize] += left[best];
            shown[ladder.unit as usize] += ladder.total(best);
        }
    }
    (worth, shown.iter().map(|outcome| outcome.position()).collect())
}
