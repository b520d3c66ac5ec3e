//! Units like a unit: what to expect where it has no history of its own.
//!
//! A new keyword's campaign, product, bid and expected size are known before it has run. What units like it
//! pay and where they stand is the forecast: the weighted median over the units of its channel, the weight
//! falling with every difference. How fast it falls is learned: where likeness tells nothing, the channel's median
//! is the forecast. (`models/formulation.md` §2.2)

use std::ops::Range;

use super::{Known, Landscapes};
use crate::keys::{Channel, Unit};

/// Weight of a unit of another campaign, and of another product.
const STRANGER: f64 = 0.05;
/// Differences of ln bid and of ln size that cost a factor of e.
const BID: f64 = 0.3;
const SIZE: f64 = 1.5;
/// Difference of ln bid that stands for a bid that is known of one unit only.
const UNKNOWN: f64 = 1.5;
/// Units that are looked at, at most: evenly spaced, where there are more. The others are for learning how far
/// likeness is trusted.
const MOST: usize = 4000;
const PROBED: usize = 150;
const PROBED_WITH: usize = 1000;
/// How far likeness may be trusted, as a power of the weight: not at all is the median of the channel.
const TRUST: [f64; 4] = [0.0, 0.25, 0.5, 1.0];

/// What is known of a unit before it has run.
#[derive(Debug, Clone, Copy)]
pub struct Newcomer<'a> {
    /// Its names.
    pub unit: &'a Unit,
    /// The bid that it will have.
    pub bid: Option<f64>,
    /// Impressions a day that are expected of it.
    pub size: Option<f64>,
}

type Of = fn(&Known) -> Option<f64>;

/// What units like a newcomer do, in the median.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Likely {
    /// CPC in search, CPM in display.
    pub price: Option<f64>,
    /// Mean position.
    pub position: Option<f64>,
}

impl Newcomer<'_> {
    /// How alike a unit of the history is, between 0 and 1.
    fn likeness(&self, unit: &Unit, known: &Known) -> f64 {
        let mut distance = match (self.bid, known.reference_bid.filter(|_| !known.implied)) {
            (Some(a), Some(b)) => (a / b).ln().abs() / BID,
            (None, None) => 0.0,
            _ => UNKNOWN / BID,
        };
        if let Some(size) = self.size {
            distance += ((size + 0.1) / (known.size + 0.1)).ln().abs() / SIZE;
        }
        let strange = |same: bool| if same { 1.0 } else { STRANGER };
        strange(unit.campaign == self.unit.campaign)
            * strange(unit.product == self.unit.product)
            * (-distance).exp().max(1e-12)
    }
}

impl Landscapes {
    /// What to expect of a unit without history, judged by the units like it.
    pub fn likely(&self, newcomer: Newcomer<'_>) -> Likely {
        let channel = newcomer.unit.channel;
        let range = self.range(channel);
        let step = range.len().div_ceil(MOST).max(1);
        let kin: Vec<(f64, &Known)> = range
            .step_by(step)
            .map(|at| (newcomer.likeness(&self.units[at], &self.known[at]), &self.known[at]))
            .collect();
        let [price, position] = self.trust[channel as usize];
        let over = |of: Of, trust: f64| {
            median(kin.iter().filter_map(|(weight, known)| Some((of(known)?, weight.powf(trust)))).collect())
        };
        Likely { price: over(|known| known.price, price), position: over(|known| known.position, position) }
    }

    /// The units of a channel.
    fn range(&self, channel: Channel) -> Range<usize> {
        self.units.partition_point(|unit| unit.channel < channel)
            ..self.units.partition_point(|unit| unit.channel <= channel)
    }

    /// How far likeness tells price and position in each channel: as it would have told those of the units that are
    /// known, each judged by the others.
    pub(super) fn learn_trust(&mut self) {
        for channel in [Channel::Search, Channel::Display] {
            self.trust[channel as usize] = [|known: &Known| known.price, |known: &Known| known.position]
                .map(|of| self.best(channel, of));
        }
    }

    /// The trust with the least mean absolute error; less trust where two are as good.
    fn best(&self, channel: Channel, of: Of) -> f64 {
        let range = self.range(channel);
        let every = |most: usize| range.clone().step_by(range.len().div_ceil(most).max(1));
        let mut errors = [0.0; TRUST.len()];
        for probe in every(PROBED) {
            let known = &self.known[probe];
            let Some(truth) = of(known) else { continue };
            let bid = known.reference_bid.filter(|_| !known.implied);
            let newcomer = Newcomer { unit: &self.units[probe], bid, size: Some(known.size) };
            let others = every(PROBED_WITH).filter(|other| *other != probe);
            let kin: Vec<(f64, f64)> = others
                .filter_map(|at| {
                    Some((of(&self.known[at])?, newcomer.likeness(&self.units[at], &self.known[at])))
                })
                .collect();
            for (error, trust) in errors.iter_mut().zip(TRUST) {
                let weighed = kin.iter().map(|(value, weight)| (*value, weight.powf(trust))).collect();
                *error += median(weighed).map_or(0.0, |guess| (guess - truth).abs());
            }
        }
        let best = (0..TRUST.len()).min_by(|a, b| errors[*a].total_cmp(&errors[*b]));
        // Nothing to judge by: as units are anywhere.
        best.filter(|_| errors[0] > 0.0).map_or(1.0, |best| TRUST[best])
    }

    /// Gives every search keyword that has a bid but was never shown, or never clicked, the position and the
    /// price of its like.
    pub(super) fn adopt(&mut self) {
        for at in 0..self.units.len() {
            let known = &self.known[at];
            let strange = known.position.is_none() || known.price.is_none();
            let Some(bid) = known.reference_bid.filter(|_| strange && !known.implied) else { continue };
            if self.units[at].channel != Channel::Search {
                continue;
            }
            let (own_position, has_price) = (known.position, known.price.is_some());
            let likely = self.likely(Newcomer { unit: &self.units[at], bid: Some(bid), size: None });
            let [model, local] = self.place[at].map(|index| index as usize);
            let model = &mut self.models[model];
            let campaign = model.campaign[local] as usize;
            let crowding = model.crowding;
            let odds = |position: f64| super::position::odds((position - 1.0).max(0.01), crowding);
            if let (Some(effects), Some(position), None) =
                (&mut model.position, likely.position, own_position)
            {
                effects.adopt(local, campaign, odds(position), bid.ln());
            }
            if let (Some(price), false) = (likely.price, has_price) {
                let stands = own_position.or(likely.position).filter(|_| model.position.is_some());
                let share = stands.map_or(1.0, |position| model.gaps.share(odds(position)));
                model.price.adopt(local, campaign, price / bid / share, bid.ln());
            }
        }
    }
}

/// The value below which half of the weight lies.
fn median(mut values: Vec<(f64, f64)>) -> Option<f64> {
    values.sort_by(|a, b| a.0.total_cmp(&b.0));
    let half = values.iter().map(|(_, weight)| weight).sum::<f64>() / 2.0;
    let mut sum = 0.0;
    values
        .iter()
        .find(|(_, weight)| {
            sum += weight;
            sum >= half
        })
        .map(|(value, _)| *value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_weighs() {
        assert_eq!(median(vec![(3.0, 1.0), (1.0, 1.0), (2.0, 1.0)]), Some(2.0));
        assert_eq!(median(vec![(3.0, 5.0), (1.0, 1.0), (2.0, 1.0)]), Some(3.0));
        assert_eq!(median(Vec::new()), None);
    }
}
