//! Keywords that cannot hold their position band at the ROI that is asked for: inside the band no bid
//! returns it.

use serde::Serialize;

use super::Scene;
use super::band::free;
use crate::keys::{Channel, Unit};
use crate::ladder::{Ladder, Ladders};
use crate::metric::{Metric, Outcome};

/// Two wishes that a keyword cannot meet at once.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Clash {
    /// The keyword.
    pub unit: Unit,
    /// The band that it is to hold.
    pub band: [f64; 2],
    /// The ROI that is asked for.
    pub roi: f64,
    /// Hours in which no bid inside the band returns it.
    pub hours: Vec<u8>,
    /// The best ROI inside the band in those hours.
    pub inside: f64,
    /// The highest mean position at which it would return it in those hours; nothing where it does nowhere.
    pub outside: Option<f64>,
}

/// All of them, most hours first.
pub(super) fn of(scene: &Scene<'_>) -> Vec<Clash> {
    let asked = asked(scene);
    if asked.iter().all(Option::is_none) {
        return Vec::new();
    }
    let (_, unbound) = free(scene);
    let date = scene.date.to_string();
    let mut clashes: Vec<Clash> = Vec::new();
    for (at, unit) in scene.plan.units.iter().enumerate().filter(|(_, unit)| unit.channel == Channel::Search)
    {
        let Some(roi) = asked[at] else { continue };
        let (mut hours, mut best, mut free_best) = (Vec::new(), Outcome::default(), Outcome::default());
        let mut anywhere = true;
        for ladder in scene.ladders.ladders.iter().filter(|ladder| ladder.unit as usize == at) {
            for (index, hour) in ladder.hours.iter().enumerate() {
                let Some(inside) = highest(ladder.at_hour(index), |_| true) else { continue };
                if inside.roi().is_none_or(|inside| inside >= roi) {
                    continue;
                }
                hours.push(*hour);
                best += inside;
                match at_hour(&unbound, ladder, *hour).and_then(|rungs| last(rungs, roi)) {
                    Some(outside) => free_best += outside,
                    None => anywhere = false,
                }
            }
        }
        if let Some(inside) = best.roi() {
            hours.sort_unstable();
            let limits = scene.file.limits(unit, &date);
            clashes.push(Clash {
                unit: unit.clone(),
                band: limits[usize::from(hours[0])].position.unwrap_or(scene.file.search.position),
                roi,
                hours,
                inside,
                outside: free_best.position().filter(|_| anywhere),
            });
        }
    }
    clashes.sort_by(|a, b| b.hours.len().cmp(&a.hours.len()).then(a.inside.total_cmp(&b.inside)));
    clashes
}

/// The highest ROI that rules ask of each unit.
fn asked(scene: &Scene<'_>) -> Vec<Option<f64>> {
    let mut asked: Vec<Option<f64>> = vec![None; scene.plan.units.len()];
    for row in &scene.model.rule_rows {
        let rule = &scene.file.rules[row.rule];
        let (Metric::Roi, Some(min)) = (rule.metric, rule.min) else { continue };
        for unit in &row.reach.units {
            let most = &mut asked[*unit as usize];
            *most = Some(most.map_or(min, |most| most.max(min)));
        }
    }
    asked
}

/// The rung with the highest ROI.
fn highest(rungs: &[Outcome], keep: impl Fn(&Outcome) -> bool) -> Option<Outcome> {
    let roi = |outcome: &Outcome| outcome.roi().unwrap_or(f64::NEG_INFINITY);
    rungs.iter().filter(|outcome| keep(outcome)).max_by(|a, b| roi(a).total_cmp(&roi(b))).copied()
}

/// The highest rung that returns an ROI.
fn last(rungs: &[Outcome], roi: f64) -> Option<Outcome> {
    rungs.iter().rev().find(|outcome| outcome.roi().is_some_and(|own| own >= roi)).copied()
}

/// A unit's rungs in an hour, on other ladders.
fn at_hour<'l>(ladders: &'l Ladders, of: &Ladder, hour: u8) -> Option<&'l [Outcome]> {
    let mut own = ladders.ladders.iter().filter(|ladder| ladder.unit == of.unit);
    own.find_map(|ladder| ladder.hours.iter().position(|own| *own == hour).map(|index| ladder.at_hour(index)))
}
