//! From the best set of slots to bids that keep every rule.
//!
//! A set of slots can stand on a knife's edge: fees of exactly a fifth of the budget, and a rule that gives them no more
//! than a fifth of the spend. The program meets both to the last digit; bids on their steps never do. So where no bids
//! are found for the best set, sets are searched again that leave room for rounding, the least room first. Where none
//! has any, the nearest plan stays, and says which rows it breaks: to turn a shop off is no answer to a rule that is
//! missed by a trifle.

use tracing::info;

use super::bids::Chosen;
use super::confident::{self, Confident};
use super::day::{Day, Solved};
use super::ground::Site;
use super::slots::{self, Found};
use crate::error::{Finding, Result};
use crate::ladder::Ladders;
use crate::plan::RuleValue;
use crate::plan::confidence::{Room, Split};
use crate::solver::Status;

/// Shares of the rows' activity that a set of slots is asked to leave, one after the other.
const ROOM: [f64; 3] = [2e-4, 2e-3, 2e-2];

/// What a set of slots comes to.
pub(super) struct Bidden {
    /// The program that leaves room for the spread of outcomes, where a confidence is asked for.
    pub(super) confident: Option<Confident>,
    /// The bids, their cells and what the rules make of them.
    pub(super) chosen: Chosen,
    /// That other slots would be better, if a rule left them room.
    pub(super) doubt: Option<Finding>,
}

impl Bidden {
    /// The day with the program that its bids were chosen by.
    pub(super) fn on<'d>(&'d self, day: Day<'d>) -> Day<'d> {
        match &self.confident {
            Some(confident) => Day { model: &confident.model, slopes: Some(&confident.slopes), ..day },
            None => day,
        }
    }

    /// The solution that its bids were chosen from.
    pub(super) fn solved<'d>(&'d self, plain: &'d Solved) -> &'d Solved {
        self.confident.as_ref().map_or(plain, |confident| &confident.solved)
    }
}

/// Bids for the best set of slots, or for another where that one has none that keep every rule.
///
/// # Errors
/// A numerical failure of the solver.
pub(super) fn find<'a>(site: &mut Site<'a, '_>, found: Found<'a>) -> Result<(Found<'a>, Bidden)> {
    let bidden = bid(site, &found)?;
    // A day under way has its slots, and gives up what cannot be kept.
    if keeps(&bidden, site, &found) || !site.layout.kept.is_empty() {
        return Ok((found, bidden));
    }
    let whole = |ladders: &Ladders| ladders.ladders.iter().any(|ladder| ladder.whole);
    let rooms: &[f64] = match found.solved.status {
        Status::Optimal if whole(&found.ground.ladders) => &ROOM,
        _ => &[],
    };
    let limits = site.limits;
    for share in rooms {
        if limits.reached() {
            break;
        }
        let margin = found.ground.margin(&found.solved.x, *share);
        site.margin.clone_from(&margin);
        let other = slots::best(site, None, &mut |_, _| {}, limits);
        site.margin.clear();
        let Ok(mut other) = other else { continue };
        if other.solved.status == Status::Infeasible {
            break;
        }
        other.ground.relieve(&margin);
        // What bounds every set bounds those with room.
        (other.solved.bound, other.solved.relaxed) = (found.solved.bound, found.solved.relaxed);
        let mut again = bid(site, &other)?;
        let kept = keeps(&again, site, &other);
        info!(
            share,
            kept, "no bids on their steps keep the rules beside the best slots: searched again with room"
        );
        if kept {
            again.doubt = Some(without_room(&bidden.chosen.2, found.solved.bound));
            return Ok((other, again));
        }
    }
    Ok((found, bidden))
}

/// Says that the best slots leave no room for bids on their steps; `rules` are what such bids made of them.
fn without_room(rules: &[RuleValue], bound: f64) -> Finding {
    let broken: Vec<String> =
        rules.iter().filter(|rule| !rule.met && !rule.soft).map(ToString::to_string).collect();
    let cause = format!(
        "the best slots leave bids on their steps no room under the rules, so others are taken; broken by a trifle with those: {}",
        broken.join(", ")
    );
    let action = format!(
        "loosen that rule by a tenth of a percent if those slots are wanted: the objective could then be near {bound:.0}"
    );
    Finding::warning("P031", cause, action)
}

/// The bids of a set of slots.
fn bid(site: &mut Site<'_, '_>, found: &Found<'_>) -> Result<Bidden> {
    let Site { request, layout, day, solver, limits, stages, .. } = site;
    let (ground, solved) = (&found.ground, &found.solved);
    let planned = Day { kept: &layout.kept, ..ground.day(day) };
    let confident = match Room::asked(&ground.spread, &request.file) {
        Some(room) => Some(stages.run("confidence", || {
            let split = Split::of(planned.model.clone(), &ground.ladders, &room);
            confident::find(&planned, &split, &room, solved, *solver, limits)
        })?),
        None => None,
    };
    let mut bidden = Bidden { confident, chosen: Chosen::default(), doubt: None };
    let chosen = stages.run("bids", || bidden.on(planned).bids(bidden.solved(solved), *solver, limits));
    bidden.chosen = chosen;
    Ok(bidden)
}

/// Whether every hard rule is met, counted beside the slots that run.
fn keeps(bidden: &Bidden, site: &Site<'_, '_>, found: &Found<'_>) -> bool {
    let planned = bidden.on(found.ground.day(site.day));
    let (_, cells, rules) = &bidden.chosen;
    let mut cells = cells.clone();
    match planned.recount(&mut cells) {
        Some(_) => kept(&planned.rules(&cells)),
        None => kept(rules),
    }
}

/// Whether every hard rule row is met.
fn kept(rules: &[RuleValue]) -> bool {
    rules.iter().all(|rule| rule.met || rule.soft)
}
