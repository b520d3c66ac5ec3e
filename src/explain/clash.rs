//! Keywords that cannot hold their position band at the ROI that is asked for: inside the band no bid
//! returns it.

use std::collections::HashMap;

use serde::Serialize;

use super::Scene;
use super::band::Free;
use crate::keys::{Channel, Unit};
use crate::ladder::Ladders;
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

/// All of them: first those that another position would help, and of these the ones with most hours.
pub(super) fn of(scene: &Scene<'_>, free: &Free) -> Vec<Clash> {
    let asked = asked(scene);
    if asked.iter().all(Option::is_none) {
        return Vec::new();
    }
    let date = scene.date.to_string();
    let mut clashes: Vec<Clash> = Vec::new();
    let search = |(_, unit): &(usize, &Unit)| unit.channel == Channel::Search;
    let free = by_cell(&free.ladders);
    let none: &[Outcome] = &[];
    let mut ladders = scene.ladders.ladders.chunk_by(|a, b| a.unit == b.unit).peekable();
    for (at, unit) in scene.plan.units.iter().enumerate().filter(search) {
        let Some(roi) = asked[at] else { continue };
        // Ladders are in the order of their units.
        while ladders.next_if(|own| (own[0].unit as usize) < at).is_some() {}
        let Some(own) = ladders.next_if(|own| own[0].unit as usize == at) else { continue };
        let limits = scene.file.limits(unit, &date);
        let (mut hours, mut inside, mut outside) = (Vec::new(), Outcome::default(), Outcome::default());
        let mut anywhere = true;
        for ladder in own {
            for (index, hour) in ladder.hours.iter().enumerate() {
                let band = limits[usize::from(*hour)].position.unwrap_or(scene.file.search.position);
                let free = free.get(&(ladder.unit, *hour)).copied().unwrap_or(none);
                // Bids of the band that the ladder leaves out, because it is seldom held there, count too.
                let holds = |outcome: &&Outcome| {
                    outcome.position().is_some_and(|position| (band[0]..=band[1]).contains(&position))
                };
                let own = ladder.at_hour(index).iter().chain(free.iter().filter(holds));
                let Some(best) = highest(own).filter(|best| best.roi().is_some_and(|own| own < roi)) else {
                    continue;
                };
                hours.push(*hour);
                inside += best;
                match last(free, roi) {
                    Some(rung) => outside += rung,
                    None => anywhere = false,
                }
            }
        }
        hours.sort_unstable();
        if let (Some(best), Some(first)) = (inside.roi(), hours.first()) {
            clashes.push(Clash {
                unit: unit.clone(),
                band: limits[usize::from(*first)].position.unwrap_or(scene.file.search.position),
                roi,
                inside: best,
                outside: outside.position().filter(|_| anywhere),
                hours,
            });
        }
    }
    clashes.sort_by(|a, b| {
        let nowhere = |clash: &Clash| clash.outside.is_none();
        nowhere(a)
            .cmp(&nowhere(b))
            .then(b.hours.len().cmp(&a.hours.len()))
            .then(a.inside.total_cmp(&b.inside))
    });
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
fn highest<'r>(rungs: impl Iterator<Item = &'r Outcome>) -> Option<Outcome> {
    let roi = |outcome: &Outcome| outcome.roi().unwrap_or(f64::NEG_INFINITY);
    rungs.max_by(|a, b| roi(a).total_cmp(&roi(b))).copied()
}

/// The highest rung that returns an ROI.
fn last(rungs: &[Outcome], roi: f64) -> Option<Outcome> {
    rungs.iter().rev().find(|outcome| outcome.roi().is_some_and(|own| own >= roi)).copied()
}

/// The rungs of every unit and hour.
fn by_cell(ladders: &Ladders) -> HashMap<(u32, u8), &[Outcome]> {
    let cells = ladders.ladders.iter().flat_map(|ladder| {
        (0..ladder.hours.len()).map(move |at| ((ladder.unit, ladder.hours[at]), ladder.at_hour(at)))
    });
    cells.collect()
}
