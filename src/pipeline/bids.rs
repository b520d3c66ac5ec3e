//! From the program's solution to executable bids that keep every rule.

use tracing::info;

use super::day::{Day, Solved};
use crate::config::limits::Limits as BidLimits;
use crate::ladder::Ladders;
use crate::plan::choose::{self, Choice, Chooser};
use crate::plan::confidence::{Running, Slopes, Split};
use crate::plan::{PlanCell, RuleValue, build};
use crate::program::{self, Model};
use crate::solver::{self, Solver, certify};

/// Shares of the rows' activity that are left as room, one after the other, where rounding breaks a rule.
const ROOM: [f64; 6] = [2e-4, 1e-3, 2e-3, 4e-3, 1e-2, 3e-2];

/// Share of a broken row's activity by which bids on their steps may miss the nearest point. So they keep
/// all other rules and come nearly as near, instead of trading violations for the objective.
const NEAR: f64 = 4e-3;
/// The same where a day is planned again and again, and what is missed adds up.
const NEARER: f64 = 1e-3;

/// By how much more room than its own, one after the other, a plan of bids on their steps is asked again when
/// its rules do not hold with the confidence.
const MORE_ROOM: [f64; 5] = [0.0, 0.0, 2e-3, 1e-2, 5e-2];

/// The ladders that get one bid each.
struct Apart<'a> {
    ladders: &'a Ladders,
    x: &'a [f64],
    /// What is decided of slots because the forecast counts on it; that, and what the solution decides.
    settled: Vec<Option<bool>>,
    decided: Vec<Option<bool>>,
    limits: Vec<BidLimits>,
}

/// Bids, their cells, and what the rules make of them.
pub(super) type Chosen = (Choice, Vec<PlanCell>, Vec<RuleValue>);

impl Day<'_> {
    /// Executable bids, their cells, and what the rules make of them.
    pub(super) fn bids(&self, solved: &Solved, solver: &dyn Solver, limits: &solver::Limits<'_>) -> Chosen {
        let (file, units) = (&self.request.file, &self.landscapes.units);
        let own = self.ladders.apart(&solved.x, |unit| units[unit as usize].channel.by_the_day());
        let (ladders, x, origin) = match &own {
            Some((ladders, x, origin)) => (ladders, &x[..], Some(origin)),
            None => (self.ladders, &solved.x[..], None),
        };
        // The day's own program is this one, but for the room that its rows leave.
        let plain = match own.is_none() && self.slopes.is_none() {
            true => self.model.clone(),
            false => program::build(ladders, self.model.rule_rows.clone(), file, units.len(), None),
        };
        let of = |decided: &[Option<bool>]| -> Vec<Option<bool>> {
            let of = |ladder: usize| decided.get(ladder).copied().flatten();
            let ladders = 0..ladders.ladders.len();
            ladders.map(|at| of(origin.map_or(at, |origin| origin[at]))).collect()
        };
        let (settled, decided) = (of(self.decided), of(&solved.decided));
        let apart = Apart {
            ladders,
            x,
            decided: settled.iter().zip(decided).map(|(settled, decided)| settled.or(decided)).collect(),
            settled,
            limits: self.limits(ladders),
        };
        let Some((room, slopes)) = self.room() else {
            return self.choose(&apart, plain, solved, solver, limits);
        };
        let split = Split::of(plain, ladders, &room);
        let mut slopes = slopes.clone();
        let mut chosen = self.choose(&apart, split.leaning(&slopes, &room), solved, solver, limits);
        let mut best = chosen.clone();
        for more in MORE_ROOM {
            let broken = self::broken(&chosen);
            if broken.is_empty() || solved.status != solver::Status::Optimal || limits.reached() {
                break;
            }
            info!(more, ?broken, "bids on their steps need other room than the program's: chosen again");
            // Enough room at these very bids, too.
            let room = room.more(more);
            let now = Slopes::at(&split, ladders, &room, |at| {
                let bid = chosen.0.bids[at]?;
                Some(Running::whole(choose::outcomes(&ladders.ladders[at], self.forecast, bid)))
            });
            slopes = now.after(&slopes).wider(&slopes);
            chosen = self.choose(&apart, split.leaning(&slopes, &room), solved, solver, limits);
            if self::broken(&chosen).len() <= self::broken(&best).len() {
                best = chosen.clone();
            }
        }
        best
    }

    /// Limits of each ladder's hours, which share them.
    fn limits(&self, ladders: &Ladders) -> Vec<BidLimits> {
        // Unit by unit: ladders are in their order.
        let of_unit = ladders.ladders.chunk_by(|a, b| a.unit == b.unit);
        let of_unit = of_unit.flat_map(|own| {
            let limits = self.request.file.limits(&self.landscapes.units[own[0].unit as usize], self.day);
            own.iter().map(move |ladder| limits[usize::from(ladder.hours[0])].clone())
        });
        of_unit.collect()
    }

    fn choose(
        &self,
        apart: &Apart<'_>,
        mut model: Model,
        solved: &Solved,
        solver: &dyn Solver,
        limits: &solver::Limits<'_>,
    ) -> Chosen {
        let Apart { ladders, x, settled, decided, limits: of_bids } = apart;
        match self.kept {
            [] if solved.status != solver::Status::Infeasible => {}
            [] => solver::conflict::give_way(&mut model.program, x, NEAR),
            _ => solver::conflict::give_way(&mut model.program, x, NEARER),
        }
        let chooser = Chooser::new(ladders, &model, self.forecast, of_bids);
        let mut choice = chooser.choose(x, &solved.prices, decided, choose::ROUNDS);
        if !choice.met && decided != settled {
            // Other slots than the program's may leave room where bids on their steps have none.
            let freer = chooser.choose(x, &solved.prices, settled, choose::ROUNDS);
            if freer.met {
                choice = freer;
            }
        }
        for share in ROOM {
            if choice.met || solved.status != solver::Status::Optimal || limits.reached() {
                break;
            }
            let tight = model.program.tightened(x, share);
            let Ok(solution) = solver.solve(&tight, decided, Some(&solved.prices), limits) else { continue };
            if solution.status == solver::Status::Optimal {
                let prices = certify::lawful(&model.program, &solution.prices);
                let again = chooser.choose(&solution.x, &prices, decided, choose::ROUNDS);
                info!(
                    share,
                    met = again.met,
                    "bids on their steps broke a rule: solved again with room for rounding"
                );
                if again.met {
                    choice = again;
                }
            }
        }
        let cells = build::cells(self.landscapes, &chooser, &choice, &solved.prices);
        let rules = self.rules(&cells);
        (choice, cells, rules)
    }
}

/// The rules that bids do not meet, by name.
fn broken((_, _, rules): &Chosen) -> Vec<String> {
    rules.iter().filter(|rule| !rule.met && !rule.soft).map(ToString::to_string).collect()
}
