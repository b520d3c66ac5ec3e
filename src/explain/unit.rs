//! One unit: why each of its hours has its bid, what the next rungs would change, what would make it run.

use serde::Serialize;

use super::Scene;
use super::band::Free;
use crate::keys::Unit;
use crate::ladder::Ladder;
use crate::metric::{Measure, Outcome};
use crate::plan::{PlanCell, row_name};
use crate::program::Weights;
use crate::reason::Reason;

/// Why a unit is as it is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct UnitWhy {
    /// The unit.
    pub unit: Unit,
    /// What the plan expects of its day.
    pub total: Outcome,
    /// Its hours; those that share a ladder and a bid in one line.
    pub lines: Vec<Line>,
}

/// Hours of a unit that have one bid.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Line {
    /// The hours, rising.
    pub hours: Vec<u8>,
    /// The bid; nothing where it does not run.
    pub bid: Option<f64>,
    /// The unit's last bid.
    pub last_bid: Option<f64>,
    /// Why.
    pub reason: Reason,
    /// What is expected of the hours.
    pub total: Outcome,
    /// Gain less what is used of the rules, at their prices; nothing where there is no ladder to price.
    pub net: Option<f64>,
    /// What is used of each rule row that has a price.
    pub uses: Vec<Use>,
    /// What the next lower rung would change; not running, below the lowest.
    pub down: Option<Rung>,
    /// What the next higher rung would change; of hours that do not run, the best rung.
    pub up: Option<Rung>,
    /// What would have to be true for hours that do not run to run.
    pub needs: Option<Needs>,
}

/// What a line uses of a rule row.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Use {
    /// The row's name.
    pub rule: String,
    /// Activity of the row: for a sum the sum itself, for a ratio numerator − bound × denominator.
    pub activity: f64,
    /// What that is worth in the objective: below zero where it uses up room, above where it makes room.
    pub worth: f64,
}

/// A change of bid and all that comes of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Rung {
    /// The other bid; nothing for not running.
    pub bid: Option<f64>,
    /// Mean position there.
    pub position: Option<f64>,
    /// Change of impressions.
    pub impressions: f64,
    /// Change of clicks.
    pub clicks: f64,
    /// Change of spend.
    pub spend: f64,
    /// Change of orders.
    pub orders: f64,
    /// Change of revenue.
    pub revenue: f64,
    /// Change of what is used of each rule row that has a price.
    pub uses: Vec<Use>,
    /// Change of net value.
    pub net: f64,
}

/// What would have to be true for a line to run: any of these, all else as it is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Needs {
    /// The bid that comes nearest.
    pub bid: f64,
    /// Factor on orders and revenue a click at which it earns its keep; nothing where none would do.
    pub sales: Option<f64>,
    /// Factor on what a click costs at which it earns its keep; nothing where even free clicks would not.
    pub price: Option<f64>,
    /// Where outside its band it would earn its keep as it is; nothing where it would nowhere, or has no band.
    pub outside: Option<Elsewhere>,
}

/// A bid outside the position band that pays.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Elsewhere {
    /// The bid.
    pub bid: f64,
    /// Mean position there.
    pub position: f64,
    /// Spend there.
    pub spend: f64,
    /// Revenue there.
    pub revenue: f64,
}

/// Explains a unit. `priced` says of each program row whether it has a price that counts.
pub(super) fn why(scene: &Scene<'_>, free: &Free, priced: &[bool], unit: u32) -> UnitWhy {
    let cells: Vec<&PlanCell> = scene.plan.cells.iter().filter(|cell| cell.cell.unit == unit).collect();
    let mut groups: Vec<(Option<usize>, Vec<&PlanCell>)> = Vec::new();
    for cell in &cells {
        let holds = |ladder: &Ladder| ladder.unit == unit && ladder.hours.contains(&cell.cell.hour);
        let ladder = scene.ladders.ladders.iter().position(holds);
        let same = |(of, group): &&mut (Option<usize>, Vec<&PlanCell>)| {
            *of == ladder && group[0].bid == cell.bid && group[0].reason == cell.reason
        };
        match groups.iter_mut().find(same) {
            Some((_, group)) => group.push(cell),
            None => groups.push((ladder, vec![cell])),
        }
    }
    UnitWhy {
        unit: scene.plan.units[unit as usize].clone(),
        total: cells.iter().filter(|cell| cell.run).map(|cell| cell.outcome).sum(),
        lines: groups.iter().map(|(ladder, cells)| line(scene, free, priced, *ladder, cells)).collect(),
    }
}

fn line(scene: &Scene<'_>, free: &Free, priced: &[bool], ladder: Option<usize>, cells: &[&PlanCell]) -> Line {
    let first = cells[0];
    let mut line = Line {
        hours: cells.iter().map(|cell| cell.cell.hour).collect(),
        bid: first.bid,
        last_bid: first.last_bid,
        reason: first.reason.clone(),
        total: cells.iter().map(|cell| cell.outcome).sum(),
        net: None,
        uses: Vec::new(),
        down: None,
        up: None,
        needs: None,
    };
    let Some(index) = ladder else { return line };
    let ladder = &scene.ladders.ladders[index];
    let groups = &scene.model.hour_groups[index];
    // Hour by hour, because different rows reach different hours.
    let hours: Vec<(usize, usize)> = cells
        .iter()
        .filter_map(|cell| ladder.hours.iter().position(|hour| *hour == cell.cell.hour))
        .map(|at| (at, groups[at]))
        .collect();
    let now: Vec<Outcome> = cells.iter().map(|cell| cell.outcome).collect();
    let of_rung = |rung: usize| hours.iter().map(|(at, _)| ladder.at_hour(*at)[rung]).collect::<Vec<_>>();
    let groups: Vec<usize> = hours.iter().map(|(_, group)| *group).collect();
    let book = Book { scene, priced, groups: &groups };
    line.net = Some(book.net(&now));
    line.uses = book.uses(&now);
    let change = |bid: Option<f64>, then: &[Outcome]| book.change(bid, &now, then);
    match first.bid {
        Some(bid) => {
            let below = ladder.bids.iter().rposition(|rung| *rung < bid - 1e-9);
            let above = ladder.bids.iter().position(|rung| *rung > bid + 1e-9);
            let off = vec![Outcome::default(); now.len()];
            line.down = Some(match below {
                Some(rung) => change(Some(ladder.bids[rung]), &of_rung(rung)),
                None => change(None, &off),
            });
            line.up = above.map(|rung| change(Some(ladder.bids[rung]), &of_rung(rung)));
        }
        None => {
            let nets: Vec<f64> = (0..ladder.bids.len()).map(|rung| book.net(&of_rung(rung))).collect();
            let best = (0..nets.len()).max_by(|a, b| nets[*a].total_cmp(&nets[*b]));
            line.up = best.map(|rung| change(Some(ladder.bids[rung]), &of_rung(rung)));
            line.needs = best.filter(|rung| nets[*rung] < 0.0).map(|rung| Needs {
                outside: elsewhere(free, ladder.unit, &line.hours, &book),
                ..book.needs(ladder.bids[rung], &of_rung(rung))
            });
        }
    }
    line
}

/// The bid outside the band that would bring most, of hours that have the same ladder.
fn elsewhere(free: &Free, unit: u32, hours: &[u8], book: &Book<'_>) -> Option<Elsewhere> {
    let holds = |ladder: &&Ladder| ladder.unit == unit && ladder.hours.contains(&hours[0]);
    let ladder = free.ladders.ladders.iter().find(holds)?;
    let at: Option<Vec<usize>> =
        hours.iter().map(|hour| ladder.hours.iter().position(|of| of == hour)).collect();
    let at = at.filter(|at| at.len() == book.groups.len())?;
    let of_rung = |rung: usize| at.iter().map(|at| ladder.at_hour(*at)[rung]).collect::<Vec<_>>();
    let nets: Vec<f64> = (0..ladder.bids.len()).map(|rung| book.net(&of_rung(rung))).collect();
    let best =
        (0..nets.len()).max_by(|a, b| nets[*a].total_cmp(&nets[*b])).filter(|best| nets[*best] > 0.0)?;
    let total: Outcome = of_rung(best).into_iter().sum();
    let Outcome { spend, revenue, .. } = total;
    Some(Elsewhere { bid: ladder.bids[best], position: total.position()?, spend, revenue })
}

/// Outcomes by hour, valued at the prices.
struct Book<'a> {
    scene: &'a Scene<'a>,
    priced: &'a [bool],
    /// The program's group of each hour.
    groups: &'a [usize],
}

impl Book<'_> {
    /// Weights of an hour's measures in the objective, less what they use of the rows.
    fn weights(&self, group: usize) -> Weights {
        let program = &self.scene.model.program;
        let mut weights = program.objective;
        for term in &program.groups[group] {
            let price = self.scene.prices[term.row];
            weights.iter_mut().zip(term.weights).for_each(|(weight, used)| *weight -= price * used);
        }
        weights
    }

    fn net(&self, outcomes: &[Outcome]) -> f64 {
        let hours = self.groups.iter().zip(outcomes);
        hours.map(|(group, outcome)| dot(&self.weights(*group), outcome)).sum()
    }

    /// What outcomes use of every row that has a price, in the order of the rules.
    fn uses(&self, outcomes: &[Outcome]) -> Vec<Use> {
        let model = self.scene.model;
        let mut uses: Vec<(usize, f64)> = Vec::new();
        for (group, outcome) in self.groups.iter().zip(outcomes) {
            for term in model.program.groups[*group].iter().filter(|term| self.priced[term.row]) {
                let activity = dot(&term.weights, outcome);
                match uses.binary_search_by_key(&term.row, |(row, _)| *row) {
                    Ok(at) => uses[at].1 += activity,
                    Err(at) => uses.insert(at, (term.row, activity)),
                }
            }
        }
        let named = uses.into_iter().map(|(row, activity)| {
            let rule_row = &model.rule_rows[model.keys[row].rule_row];
            Use {
                rule: row_name(&self.scene.file.rules[rule_row.rule].name, &rule_row.scope),
                activity,
                worth: -self.scene.prices[row] * activity,
            }
        });
        named.collect()
    }

    fn change(&self, bid: Option<f64>, now: &[Outcome], then: &[Outcome]) -> Rung {
        let change: Vec<Outcome> = now.iter().zip(then).map(|(now, then)| *then + *now * -1.0).collect();
        let sum: Outcome = change.iter().copied().sum();
        Rung {
            bid,
            position: then.iter().copied().sum::<Outcome>().position(),
            impressions: sum.impressions,
            clicks: sum.clicks,
            spend: sum.spend,
            orders: sum.orders,
            revenue: sum.revenue,
            uses: self.uses(&change),
            net: self.net(&change),
        }
    }

    /// Net value is linear in sales and in spend, so each factor follows from what it must make up for.
    fn needs(&self, bid: f64, outcomes: &[Outcome]) -> Needs {
        let (mut sales, mut spend, mut net) = (0.0, 0.0, 0.0);
        for (group, outcome) in self.groups.iter().zip(outcomes) {
            let weights = self.weights(*group);
            let part = |measure: Measure| weights[measure as usize] * outcome.measures()[measure as usize];
            sales += part(Measure::Orders) + part(Measure::Revenue);
            spend += part(Measure::Spend);
            net += dot(&weights, outcome);
        }
        Needs {
            bid,
            sales: (sales > 0.0).then(|| 1.0 - net / sales),
            price: (spend < 0.0).then(|| 1.0 - net / spend).filter(|factor| *factor >= 0.0),
            outside: None,
        }
    }
}

fn dot(weights: &Weights, outcome: &Outcome) -> f64 {
    weights.iter().zip(outcome.measures()).map(|(weight, measure)| weight * measure).sum()
}
