//! What the position band costs: the day on ladders that know no band.

use serde::Serialize;

use super::Scene;
use super::cost::solve;
use crate::config::PlanFile;
use crate::error::Result;
use crate::keys::{Channel, Unit};
use crate::ladder::{self, Ladder, Ladders};
use crate::program::{self, Model};

/// Every position that there is.
const ANYWHERE: [f64; 2] = [0.0, 1e6];
/// Keywords that are named.
const MOST: usize = 12;
/// Keywords that are solved for by themselves.
const MOST_SOLVED: usize = 36;
/// The confidence at which rules hold on what is expected.
const EXPECTED: f64 = 0.5;
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
pub(super) struct Free {
    file: PlanFile,
    pub ladders: Ladders,
}

impl Free {
    /// Of a scene.
    pub fn of(scene: &Scene<'_>) -> Free {
        let mut file = scene.file.clone();
        file.search.position = ANYWHERE;
        file.overrides.iter_mut().for_each(|change| change.position = None);
        // Ladders without a band are longer: twice the rungs keep them as fine.
        let ladders = ladder::build(scene.landscapes, scene.forecast, &file, scene.date, 2 * ladder::RUNGS);
        Free { file, ladders }
    }
}

/// The cost of all bands together. `now` is the optimum as the rules are.
pub(super) fn cost(scene: &Scene<'_>, free: &Free, now: f64) -> Result<Option<BandCost>> {
    if !scene.plan.units.iter().any(|unit| unit.channel == Channel::Search) {
        return Ok(None);
    }
    let program = |ladders: &Ladders| {
        let rows = scene.model.rule_rows.clone();
        let model = program::build(ladders, rows, &free.file, scene.plan.units.len(), None);
        (scene.leaning)(model, ladders)
    };
    let model = program(&free.ladders);
    let Some((value, _)) = solve(scene, &model.program, &free.ladders)? else { return Ok(None) };
    let (banded, _) = net(scene, scene.ladders, scene.model);
    let (unbound, positions) = net(scene, &free.ladders, &model);
    let mut keywords: Vec<KeywordCost> = Vec::new();
    for (at, unit) in scene.plan.units.iter().enumerate().filter(|(_, unit)| unit.channel == Channel::Search)
    {
        let worth = unbound[at] - banded[at];
        if worth > 0.0 {
            keywords.push(KeywordCost { unit: unit.clone(), worth, position: positions[at] });
        }
    }
    keywords.sort_by(|a, b| b.worth.total_cmp(&a.worth));
    if scene.file.plan.confidence > EXPECTED {
        // Rows leave room for the spread of outcomes, and the room moves with what runs: prices say only what a keyword
        // is worth at most, so each that may be named is solved for by itself.
        let mut solved = 0;
        let worth = |keyword: &mut KeywordCost| -> Result<()> {
            let unit = scene.plan.units.iter().position(|unit| *unit == keyword.unit);
            let of = |of: &Ladders, own: bool| -> Vec<Ladder> {
                let own = |ladder: &&Ladder| (Some(ladder.unit as usize) == unit) == own;
                of.ladders.iter().filter(own).cloned().collect()
            };
            let mut ladders = [of(scene.ladders, false), of(&free.ladders, true)].concat();
            ladders.sort_by_key(|ladder| (ladder.unit, ladder.hours[0]));
            let ladders = Ladders { ladders, ..scene.ladders.clone() };
            if let Some((value, _)) = solve(scene, &program(&ladders).program, &ladders)? {
                keyword.worth = (value - now).max(0.0);
            }
            Ok(())
        };
        while solved < MOST_SOLVED.min(keywords.len()) {
            worth(&mut keywords[solved])?;
            solved += 1;
            // So many are known that no other can be worth more.
            let mut known: Vec<f64> = keywords[..solved].iter().map(|keyword| keyword.worth).collect();
            known.sort_by(|a, b| b.total_cmp(a));
            let next = keywords.get(solved).map_or(0.0, |next| next.worth);
            if known.get(MOST - 1).is_some_and(|last| *last >= next) {
                break;
            }
        }
        let least = keywords[..solved].iter().map(|keyword| keyword.worth).fold(f64::INFINITY, f64::min);
        keywords[solved..].iter_mut().for_each(|keyword| keyword.worth = keyword.worth.min(least));
        keywords.sort_by(|a, b| b.worth.total_cmp(&a.worth));
    }
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
