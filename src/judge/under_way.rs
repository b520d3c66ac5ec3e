//! A plan on days with shocks: kept as it is, or planned again every few hours.

use jiff::civil::Date;
use rayon::prelude::*;

use super::{Bids, Forecast, RuleDays, Series};
use crate::calendar::{HOURS, day_number};
use crate::config::Request;
use crate::error::Result;
use crate::landscape::Landscapes;
use crate::landscape::today::Arrived;
use crate::market::{self, Circumstances, Played, Shock, Shop};
use crate::pipeline::Options;
use crate::pipeline::actuals::Actuals;
use crate::pipeline::replan::{InForce, Scene};
use crate::plan::{Plan, Status};

/// The same days twice.
#[derive(Debug, Clone)]
pub struct UnderWay {
    /// The plan kept all day.
    pub kept: Series,
    /// Every rule of it.
    pub kept_rules: Vec<RuleDays>,
    /// The plan made again every few hours.
    pub again: Series,
    /// Every rule of it.
    pub again_rules: Vec<RuleDays>,
    /// Plans made again.
    pub made: usize,
    /// Of those, the ones that do not keep every rule any more.
    pub lost: usize,
}

/// One day planned again and again.
struct Again {
    played: Vec<Played>,
    made: usize,
    lost: usize,
}

/// Everything that a day is replayed with.
#[derive(Clone, Copy)]
pub struct Replay<'a> {
    /// The shop.
    pub shop: &'a Shop,
    /// The plan file.
    pub request: &'a Request,
    /// The landscapes that the plan was made on.
    pub landscapes: &'a Landscapes,
    /// How much of a day's sales its own report shows.
    pub arrived: Arrived,
    /// What nobody could foretell.
    pub shocks: &'a [Shock],
    /// Hours from one plan to the next.
    pub every: u8,
}

/// Plays a plan for so many days of other luck under shocks, kept and planned again. Both meet the same luck.
///
/// # Errors
/// As `replan --anyway`.
pub fn under_way(
    replay: &Replay<'_>,
    date: Date,
    forecast: &Forecast,
    in_force: &InForce,
    days: u32,
) -> Result<UnderWay> {
    let Replay { shop, request, shocks, .. } = *replay;
    let (day, units) = (day_number(date), market::units(shop));
    let play = |luck: u32| {
        let circumstances = Circumstances { luck, shocks, age: None };
        market::play_under(shop, day, circumstances, &|unit, hour| forecast.bids().of(unit, hour))
    };
    let kept = Series::of((1..=days).into_par_iter().map(play).collect());
    let again: Vec<Again> = (1..=days)
        .into_par_iter()
        .map(|luck| replay.again(date, forecast, in_force, luck))
        .collect::<Result<_>>()?;
    let (made, lost) = (again.iter().map(|day| day.made).sum(), again.iter().map(|day| day.lost).sum());
    let again = Series::of(again.into_iter().map(|day| day.played).collect());
    Ok(UnderWay {
        kept_rules: kept.rules(&units, &request.file, date, forecast),
        again_rules: again.rules(&units, &request.file, date, forecast),
        kept,
        again,
        made,
        lost,
    })
}

impl Replay<'_> {
    fn again(&self, date: Date, forecast: &Forecast, in_force: &InForce, luck: u32) -> Result<Again> {
        let Replay { shop, request, landscapes, arrived, shocks, every } = *self;
        let day = day_number(date);
        let circumstances = Circumstances { luck, shocks, age: None };
        let morning = in_force;
        let (mut bids, mut in_force) = (forecast.bids().clone(), in_force.clone());
        let (mut made, mut lost) = (0, 0);
        for now in (every..HOURS as u8).step_by(usize::from(every)) {
            let so_far = Circumstances { age: Some(0), ..circumstances };
            let report = market::report(shop, day, now, so_far, &|unit, hour| bids.of(unit, hour));
            if report.observations.is_empty() {
                continue; // nothing has run yet
            }
            let actuals = Actuals::of(report, date, &landscapes.units)?;
            let options = Options::default();
            let scene = Scene { request, options: &options, in_force: &in_force, morning, now, arrived };
            let plan = scene.again(landscapes.clone(), &actuals, date)?;
            made += 1;
            if plan.status == Status::Infeasible {
                lost += 1;
            }
            in_force = InForce::from_plan(&plan);
            bids = take_over(&bids, &plan, now);
        }
        let played = market::play_under(shop, day, circumstances, &|unit, hour| bids.of(unit, hour));
        Ok(Again { played, made, lost })
    }
}

/// The bids of the hours that are over, and a plan's from then on.
fn take_over(before: &Bids, plan: &Plan, now: u8) -> Bids {
    let mut bids = Bids::default();
    for unit in before.units() {
        for hour in 0..now {
            if let Some(bid) = before.of(unit, hour) {
                bids.set(unit, hour, bid);
            }
        }
    }
    for cell in plan.cells.iter().filter(|cell| cell.run && cell.cell.hour >= now) {
        if let Some(bid) = cell.bid {
            bids.set(plan.unit(cell), cell.cell.hour, bid);
        }
    }
    bids
}
