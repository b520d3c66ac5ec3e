//! How far outcomes may lie from what is expected of them: a few numbers a unit, no matrices.
//!
//! A cell's outcomes are a chain of rates (volume, CTR, price, CVR, value), each with its own scatter
//! ([`Scatter`](super::pooling::Scatter)). What scatters in a rate moves every measure that follows from it by the
//! same share: a day of more volume has more clicks, spend and revenue; a day of a worse CVR only less revenue.
//! So any weighted sum of measures has, rate by rate, a part that all cells of a channel share, a part that a
//! unit's hours share, and a part of each cell; the shared part does not diversify. (`models/formulation.md` §11)

mod late;

use super::Forecast;
use super::model::{ChannelModel, RevenueBy, Volume};
use super::pooling::{Effects, Scatter};
use crate::config::PlanFile;
use crate::keys::Channel;
use crate::metric::{Measure, Outcome, Weights};

pub use late::Unsure;

/// Rates of the chain: volume, CTR, price, CVR, value.
pub const RATES: usize = 5;
pub(super) const VOLUME: usize = 0;
pub(super) const CTR: usize = 1;
pub(super) const PRICE: usize = 2;
pub(super) const CVR: usize = 3;
pub(super) const VALUE: usize = 4;
const IMPRESSIONS: usize = Measure::Impressions as usize;
const CLICKS: usize = Measure::Clicks as usize;
const SPEND: usize = Measure::Spend as usize;
const ORDERS: usize = Measure::Orders as usize;
const REVENUE: usize = Measure::Revenue as usize;

/// Fewer pieces than this are as good as none: what they bring scatters by nothing that could be counted.
const LEAST: f64 = 1e-9;

/// What units of a kin share: a channel is a kin, and so is each slot, which has a fee of its own.
#[derive(Debug, Clone)]
pub struct Kin {
    /// The channel.
    pub channel: Channel,
    /// Which rates move which measures, and how much: `moves[rate][measure]`.
    moves: [[f64; 5]; RATES],
    /// Relative variance of each rate that all of the kin share on a day.
    pub common: [f64; RATES],
    hour: [f64; RATES],
    each: [f64; RATES],
    /// The measure that counts a rate's pieces.
    pieces: [usize; RATES],
}

/// The spread of every outcome of a shop's planned day.
#[derive(Debug, Clone)]
pub struct Spread {
    kins: Vec<Kin>,
    kin: Vec<u32>,
    unit: Vec<[f32; RATES]>,
}

impl Forecast<'_> {
    /// The spread of outcomes under a plan file's fees.
    pub fn spread(&self, file: &PlanFile) -> Spread {
        let landscapes = self.landscapes;
        let mut kins: Vec<Kin> = landscapes.models.iter().map(kin_of).collect();
        for kin in &mut kins {
            // A day under way is known better than one to come.
            let unsure = self.unsure_rates(kin.channel);
            kin.common.iter_mut().zip(unsure).for_each(|(common, more)| *common += more);
            kin.common = self.today.and_then(|today| today.common(kin.channel)).unwrap_or(kin.common);
        }
        let mut spread = Spread { kins: Vec::new(), kin: Vec::new(), unit: Vec::new() };
        for (unit, key) in landscapes.units.iter().enumerate() {
            let (model, at) = landscapes.model(unit as u32);
            let mut kin = landscapes.place[unit][0];
            if let Some(slot) = file.group_buy.slot.iter().find(|slot| slot.is(key)) {
                let mut own = kins[kin as usize].clone();
                // A fee that is agreed does not scatter; a commission does with the sales.
                let revenue = self.slot(unit as u32, slot).iter().map(|hour| hour.revenue).sum();
                let (fee, more) = (slot.fee(revenue), slot.fee(1.01 * revenue));
                let answers = if fee > 0.0 { (more - fee) / (0.01 * fee) } else { 0.0 };
                own.moves.iter_mut().for_each(|moves| moves[SPEND] = moves[REVENUE] * answers);
                kin = kins.len() as u32;
                kins.push(own);
            }
            spread.kin.push(kin);
            let of_unit = |scatter: &Scatter| scatter.day + scatter.own.get(at).copied().unwrap_or(0.0);
            spread
                .unit
                .push(stages(model).map(|stage| stage.map_or(0.0, |stage| of_unit(&stage.scatter) as f32)));
        }
        spread.kins = kins;
        spread
    }
}

/// The rates that a channel's outcomes are made of.
pub(super) fn stages(model: &ChannelModel) -> [Option<&Effects>; RATES] {
    let counted = |effects| (model.unit_of_volume == Volume::Impressions).then_some(effects);
    let clicked = |effects| (model.unit_of_volume != Volume::Orders).then_some(effects);
    let priced = (model.channel != Channel::GroupBuy).then_some(&model.price);
    [Some(&model.volume), counted(&model.ctr), priced, clicked(&model.cvr), Some(&model.value)]
}

fn kin_of(model: &ChannelModel) -> Kin {
    let sold = [0.0, 0.0, 0.0, 1.0, 1.0];
    let mut moves = [[1.0; 5], [0.0, 1.0, 1.0, 1.0, 1.0], [0.0, 0.0, 1.0, 0.0, 0.0], sold, [0.0; 5]];
    moves[VALUE][REVENUE] = 1.0;
    if model.revenue_by == RevenueBy::Clicks {
        moves[CVR][REVENUE] = 0.0;
    }
    match model.channel {
        Channel::Search => {}
        // Impressions are paid for.
        Channel::Display => moves[CTR][SPEND] = 0.0,
        // Sales are paid for.
        Channel::Affiliate => {
            for rate in [VOLUME, CTR, CVR, VALUE] {
                moves[rate][SPEND] = moves[rate][REVENUE];
            }
        }
        Channel::GroupBuy => moves.iter_mut().for_each(|moves| moves[SPEND] = 0.0),
    }
    let counted = match model.unit_of_volume {
        Volume::Impressions => IMPRESSIONS,
        Volume::Clicks => CLICKS,
        Volume::Orders => ORDERS,
    };
    let of = |part: fn(&Scatter) -> f64| {
        stages(model).map(|stage| stage.map_or(0.0, |stage| part(&stage.scatter)))
    };
    Kin {
        channel: model.channel,
        moves,
        common: of(|scatter| scatter.common),
        hour: of(|scatter| scatter.hour),
        each: of(|scatter| scatter.each),
        pieces: [counted, CLICKS, SPEND, ORDERS, REVENUE],
    }
}

impl Spread {
    /// The kins.
    pub fn kins(&self) -> &[Kin] {
        &self.kins
    }

    /// The kin of a unit.
    pub fn kin(&self, unit: u32) -> usize {
        self.kin[unit as usize] as usize
    }

    /// Relative variance of each rate that a unit's hours share.
    pub fn unit(&self, unit: u32) -> [f64; RATES] {
        self.unit[unit as usize].map(f64::from)
    }
}

impl Kin {
    /// By how much a weighted sum of measures changes when each of its rates changes by 1 (by all of it).
    pub fn moved(&self, weights: &Weights, measures: &[f64; 5]) -> [f64; RATES] {
        let terms: [f64; 5] = std::array::from_fn(|at| weights[at] * measures[at]);
        self.moves.map(|moves| moves.iter().zip(terms).map(|(moves, term)| moves * term).sum())
    }

    /// The same for one rate, as weights over measures.
    pub fn weighed(&self, rate: usize, weights: &Weights) -> Weights {
        std::array::from_fn(|at| self.moves[rate][at] * weights[at])
    }

    /// Relative variance of each rate in one cell with these measures.
    pub fn cell(&self, measures: &[f64; 5]) -> [f64; RATES] {
        std::array::from_fn(|rate| {
            let pieces = measures[self.pieces[rate]];
            self.hour[rate] + self.each[rate] / pieces.max(LEAST)
        })
    }
}

/// Adds up the variance of a weighted sum over cells. Cells of a unit come one after the other.
#[derive(Debug, Clone)]
pub struct Tally<'a> {
    spread: &'a Spread,
    common: Vec<[f64; RATES]>,
    alone: f64,
    unit: u32,
    of_unit: [f64; RATES],
}

impl<'a> Tally<'a> {
    /// Of nothing.
    pub fn new(spread: &'a Spread) -> Self {
        let common = vec![[0.0; RATES]; spread.kins.len()];
        Tally { spread, common, alone: 0.0, unit: 0, of_unit: [0.0; RATES] }
    }

    /// Adds a cell.
    pub fn add(&mut self, unit: u32, weights: &Weights, outcome: &Outcome) {
        if unit != self.unit {
            self.close();
            self.unit = unit;
        }
        let at = self.spread.kin(unit);
        let (kin, measures) = (&self.spread.kins[at], outcome.measures());
        let moved = kin.moved(weights, &measures);
        for (rate, of_cell) in kin.cell(&measures).into_iter().enumerate() {
            self.common[at][rate] += moved[rate];
            self.of_unit[rate] += moved[rate];
            self.alone += of_cell * moved[rate] * moved[rate];
        }
    }

    fn close(&mut self) {
        if self.of_unit != [0.0; RATES] {
            let unit = self.spread.unit(self.unit);
            self.alone +=
                unit.iter().zip(self.of_unit).map(|(part, moved)| part * moved * moved).sum::<f64>();
            self.of_unit = [0.0; RATES];
        }
    }

    /// Variance that diversifies, and variance that does not.
    pub fn variances(mut self) -> [f64; 2] {
        self.close();
        // Slots of one channel share their day.
        let mut shared = [[0.0; RATES]; Channel::ALL.len()];
        let mut common = 0.0;
        for (kin, moved) in self.spread.kins.iter().zip(&self.common) {
            for (sum, moved) in shared[kin.channel as usize].iter_mut().zip(moved) {
                *sum += moved;
            }
        }
        for channel in Channel::ALL {
            if let Some(kin) = self.spread.kins.iter().find(|kin| kin.channel == channel) {
                let terms = kin.common.iter().zip(shared[channel as usize]);
                common += terms.map(|(part, moved)| part * moved * moved).sum::<f64>();
            }
        }
        [self.alone, common]
    }

    /// Standard deviation of the sum.
    pub fn deviation(self) -> f64 {
        self.variances().iter().sum::<f64>().sqrt()
    }
}
