//! Orders that are still to come when a report is made: how many, of which cells, and how sure that is.
//!
//! Of a channel's clicks `E` orders were to come, of which a share `s` should be in by now; `n` are. How many buy today is
//! between what was planned and `n ÷ (s·E)`, by what each is worth (credibility theory; a day that nobody could foretell
//! believes the report), and `(1 − s)·E` times that is still to come, in each cell by its own clicks. This is the method of
//! Bornhuetter & Ferguson (1972, "The actuary and IBNR", *Proceedings of the Casualty Actuarial Society* 59, 181–195)
//! with today's level for the prior one, and that of the chain ladder where much is in. (`models/formulation.md` §13)

mod level;

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Pair, Pay};
use crate::keys::{Cell, Channel, Unit};
use crate::landscape::maturation::{Maturation, NEARLY_ALL};
use crate::landscape::spread::Unsure;
use crate::metric::Outcome;
use crate::plan::Band;
use level::{Level, Prior, priors};

/// The least share that is believed: with less, what came says nothing of what comes.
const LEAST: f64 = 0.02;
/// As many as were to come, but for the decimals of files.
const ROUNDING: f64 = 1e-6;
/// Orders that say as much of what an order is worth as the plan does.
const LIKE_THE_PLAN: f64 = 25.0;
/// Squared coefficient of variation of single orders, where the report holds too few to tell; and its bounds.
const VALUES: f64 = 0.25;
const VALUES_BOUNDS: [f64; 2] = [0.05, 4.0];

/// How much of the orders of a channel's clicks the reports hold.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Arrived {
    /// All that count.
    All,
    /// A share, and its standard deviation as a share of it.
    Share(f64, f64),
    /// Nobody knows; no less than this share.
    AtLeast(f64),
}

impl Arrived {
    /// Of reports exported so many whole days after the day (0 = the next morning; nothing where nobody knows), by how
    /// the channel's sales fill in, if that is known.
    pub fn of(age: Option<u16>, curve: Option<&Maturation>, maturity_days: u32) -> Arrived {
        let least = |age: u16| curve.map_or(0.0, |curve| curve.share(age) * (1.0 - curve.deviation(age)));
        match (age, curve) {
            (_, None) if maturity_days == 0 => Arrived::All,
            (Some(age), Some(curve)) if curve.tells(age) => match curve.share(age) {
                share if share >= NEARLY_ALL => Arrived::All,
                share => Arrived::Share(share.max(LEAST), curve.deviation(age)),
            },
            (Some(age), _) if u32::from(age) >= maturity_days => Arrived::All,
            (Some(age), _) => Arrived::AtLeast(least(age)),
            (None, Some(curve)) if curve.share(0) >= NEARLY_ALL => Arrived::All,
            (None, _) => Arrived::AtLeast(least(0)),
        }
    }
}

/// How much of a channel's orders is taken to be in.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct In {
    /// The channel.
    pub channel: Channel,
    /// Whether that is known; else it is what would explain the day, where the plan was right.
    pub known: bool,
    /// Share of its orders.
    pub share: f64,
    /// The share is no less than this, where it is not known.
    pub least: f64,
    /// Standard deviation of the share, as a share of it; nothing where it is not known.
    pub deviation: Option<f64>,
    /// How many buy against the plan, of those who clicked: what is to come is counted at this.
    pub level: f64,
    /// What is to come beside the chance of single orders.
    #[serde(skip)]
    pub unsure: Unsure,
}

/// What is still to come, cell by cell in the order of the pairs, and of each channel how much is in.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Late {
    /// By cell.
    pub cells: Vec<Outcome>,
    /// By channel, where something is missing or that is not known.
    pub channels: Vec<In>,
}

/// A cell that ran, and what its clicks were to bring.
struct Due {
    at: usize,
    actual: Outcome,
    /// The plan's outcome, or what the landscapes expect at the bid that was set.
    base: Option<Outcome>,
    /// Whether its money is paid for sales.
    pays: bool,
    whole_day: bool,
    /// Orders that its clicks were to bring; of a channel without orders, revenue.
    sales: f64,
}

/// Counts what is still to come of every cell. `expected` is by pair, `pay` by unit, `arrived` by channel; `bands` are the plan's,
/// and `jumps` the chance of an hour that conversion leaves them.
pub fn late(
    pairs: &BTreeMap<Cell, Pair>,
    expected: &[Option<Outcome>],
    units: &[Unit],
    pay: impl Fn(u32) -> Pay,
    arrived: &[Arrived; Channel::ALL.len()],
    (bands, jumps): (&[Band], f64),
) -> Late {
    let mut late = Late { cells: vec![Outcome::default(); pairs.len()], channels: Vec::new() };
    for channel in Channel::ALL {
        let cells = pairs.iter().zip(expected).enumerate();
        let due: Vec<Due> = cells
            .filter(|(_, ((cell, _), _))| units[cell.unit as usize].channel == channel)
            .filter_map(|(at, ((cell, pair), expected))| {
                let base = expected.or(pair.planned.map(|side| side.outcome));
                let pays = pay(cell.unit) == Pay::Revenue;
                let actual = pair.actual?.outcome;
                Some(Due { at, actual, base, pays, whole_day: pair.imputed, sales: 0.0 })
            })
            .collect();
        if due.is_empty() || arrived[channel as usize] == Arrived::All {
            continue;
        }
        let sold = Sold::of(due);
        let priors = priors(channel, bands, sold.sums[1], jumps);
        let is_in = sold.is_in(channel, arrived[channel as usize], priors);
        for due in &sold.due {
            late.cells[due.at] = sold.to_come(due, &is_in);
        }
        late.channels.push(is_in);
    }
    late
}

/// The sales of a channel so far.
struct Sold {
    due: Vec<Due>,
    /// Orders are counted on both sides; else sales are revenue.
    counted: bool,
    /// Sales so far, and what the clicks were to bring in the end, of cells of which that is known.
    sums: [f64; 2],
    /// What an order is worth against the plan.
    value: f64,
}

impl Sold {
    fn of(mut due: Vec<Due>) -> Sold {
        let both = |of: fn(&Outcome) -> f64| {
            let some = |outcome: Option<Outcome>| outcome.is_some_and(|outcome| of(&outcome) > 0.0);
            due.iter().any(|due| some(due.base)) && due.iter().any(|due| some(Some(due.actual)))
        };
        // Before the first order it is the plan that says what is counted.
        let came: Outcome = due.iter().map(|due| due.actual).sum();
        let counted = due.iter().any(|due| due.base.is_some_and(|base| base.orders > 0.0))
            && (came.orders > 0.0 || came.revenue <= 0.0);
        let clicked = both(|outcome| outcome.clicks);
        let sales = |outcome: &Outcome| if counted { outcome.orders } else { outcome.revenue };
        for due in &mut due {
            let per_click = |base: &Outcome| sales(base) * due.actual.clicks / base.clicks;
            due.sales = match due.base {
                Some(base) if clicked => {
                    if base.clicks > 0.0 {
                        per_click(&base)
                    } else {
                        0.0
                    }
                }
                // Nothing is known of who clicked: as many as were to come.
                base => base.map_or(0.0, |base| sales(&base)),
            };
        }
        let known = due.iter().filter(|due| due.base.is_some());
        let sums = known.clone().map(|due| [sales(&due.actual), due.sales]);
        let sums = sums.fold([0.0; 2], |sum, more| [sum[0] + more[0], sum[1] + more[1]]);
        let value = |due: &Due| due.base.and_then(|base| base.order_value());
        let worth: f64 = known.clone().filter_map(|due| Some(due.actual.orders * value(due)?)).sum();
        let planned: Outcome = known.clone().filter_map(|due| due.base).sum();
        let prior = LIKE_THE_PLAN * planned.order_value().unwrap_or(0.0);
        let taken: f64 = known.filter(|due| value(due).is_some()).map(|due| due.actual.revenue).sum();
        let value = if counted && prior > 0.0 { (taken + prior) / (worth + prior) } else { 1.0 };
        Sold { due, counted, sums, value }
    }

    /// How much is taken to be in, and how many of those who clicked buy today.
    fn is_in(&self, channel: Channel, arrived: Arrived, priors: [Prior; 2]) -> In {
        let [so_far, due] = self.sums;
        let unsure = Unsure { whole: 0.0, values: self.values(), uncounted: !self.counted };
        let none =
            In { channel, known: true, share: 1.0, least: 1.0, deviation: Some(0.0), level: 1.0, unsure };
        match arrived {
            Arrived::All => none,
            // The plan is believed as far as what came allows it.
            Arrived::AtLeast(least) => {
                let enough = so_far >= due * (1.0 - ROUNDING);
                let share = if enough { 1.0 } else { (so_far / due).max(least).max(LEAST) };
                let level = if due > 0.0 { (so_far / (share * due)).min(1.0) } else { 1.0 };
                let unsure = Unsure { whole: 1.0, ..unsure };
                In { known: false, share, least, deviation: None, level, unsure, ..none }
            }
            Arrived::Share(share, deviation) if due <= 0.0 => {
                let unsure = Unsure { whole: deviation / (1.0 - share).max(LEAST), ..unsure };
                In { share, least: share, deviation: Some(deviation), unsure, ..none }
            }
            Arrived::Share(share, deviation) => {
                let (by_now, to_come) = (share * due, (1.0 - share) * due);
                // Sales that are not orders have no chance of their own.
                let chance = if self.counted { by_now.recip() } else { 0.0 };
                let Level { factor: level, variance, weight } =
                    Level::of(so_far / by_now, chance, deviation * deviation, priors);
                // A share that is too high makes the level too low, and what is missing too little.
                let of_share = deviation * (by_now * level + (1.0 - share) * weight * so_far / share);
                let whole = (to_come * to_come * variance + of_share * of_share).sqrt();
                let whole = whole / (level * to_come).max(f64::MIN_POSITIVE);
                let unsure = Unsure { whole, ..unsure };
                In { share, least: share, deviation: Some(deviation), level, unsure, ..none }
            }
        }
    }

    /// What is still to come of a cell.
    fn to_come(&self, due: &Due, is_in: &In) -> Outcome {
        let missing = 1.0 - is_in.share;
        let sales = match due.base {
            Some(_) => missing * is_in.level * due.sales,
            // Nothing was planned there and no landscape knows it: as many more as have come.
            None => missing / is_in.share * if self.counted { due.actual.orders } else { due.actual.revenue },
        };
        let own = due.actual.order_value();
        let value = match due.base {
            Some(base) => base.order_value().map(|value| value * self.value),
            None => own,
        };
        let (orders, revenue) = match self.counted {
            true => (sales, sales * value.or(own).unwrap_or(0.0)),
            false => (0.0, sales),
        };
        let rate = |of: &Outcome| (of.revenue > 0.0).then(|| of.spend / of.revenue);
        // Commissions are paid on what is kept in the end, which the plan knows and the first report does not.
        let rate = due.base.as_ref().and_then(rate).or_else(|| rate(&due.actual));
        let spend = if due.pays { revenue * rate.unwrap_or(0.0) } else { 0.0 };
        Outcome { orders, revenue, spend, ..Outcome::default() }
    }

    /// Squared coefficient of variation of what an order is worth, from cell to cell.
    fn values(&self) -> f64 {
        let (mut orders, mut squares) = (0.0, 0.0);
        for due in self.due.iter().filter(|due| due.actual.orders > 0.0 && !due.whole_day) {
            let Some(value) = due.base.and_then(|base| base.order_value()) else { continue };
            let expected = due.actual.orders * value * self.value;
            orders += due.actual.orders;
            squares += (due.actual.revenue / expected - 1.0).powi(2) * due.actual.orders.powi(2);
        }
        let [least, most] = VALUES_BOUNDS;
        if orders < LIKE_THE_PLAN { VALUES } else { (squares / orders).clamp(least, most) }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Side;
    use super::*;

    /// Search cells: what was planned of each, and what it brought; 100 clicks were to be 10 orders of 50 each.
    fn count(cells: &[(bool, f64, f64)], arrived: Arrived) -> Late {
        let unit = Unit { channel: Channel::Search, campaign: "c".into(), unit: "u".into(), product: None };
        let planned =
            Outcome { clicks: 100.0, orders: 10.0, revenue: 500.0, spend: 100.0, ..Outcome::default() };
        let side = |outcome| Side { bid: None, outcome };
        let pair = |(hour, (in_plan, clicks, orders)): (u8, &(bool, f64, f64))| {
            let actual =
                Outcome { clicks: *clicks, orders: *orders, revenue: 50.0 * orders, ..Outcome::default() };
            let planned = in_plan.then_some(side(planned));
            let pair = Pair { planned, actual: Some(side(actual)), imputed: false };
            (Cell { unit: 0, hour }, pair)
        };
        let pairs: BTreeMap<Cell, Pair> = (0..).zip(cells).map(pair).collect();
        let nothing = vec![None; pairs.len()];
        let all = [arrived; Channel::ALL.len()];
        late(&pairs, &nothing, &[unit], |_| Pay::Clicks, &all, (&[], 0.0))
    }

    #[test]
    fn what_is_to_come_goes_by_clicks_and_by_how_many_buy() {
        // 1,000 clicks a cell: 200 orders are due, 100 of them by now, and 70 are in.
        let found = count(&[(true, 1000.0, 70.0), (true, 1000.0, 0.0)], Arrived::Share(0.5, 0.0));
        let level = found.channels[0].level;
        assert!((0.7..0.71).contains(&level), "{level}: as many as are in, but for chance");
        for cell in &found.cells {
            assert!((cell.orders - 50.0 * level).abs() < 1e-9, "{cell:?}");
            assert!((cell.revenue / cell.orders - 50.0).abs() < 1e-9 && cell.spend == 0.0, "{cell:?}");
        }
        // Where nothing was planned, as many more as have come.
        let found = count(&[(true, 1000.0, 50.0), (false, 10.0, 3.0)], Arrived::Share(0.75, 0.0));
        assert!((found.cells[1].orders - 1.0).abs() < 1e-9 && (found.cells[1].revenue - 50.0).abs() < 1e-9);
        assert_eq!(count(&[(true, 1000.0, 5.0)], Arrived::All).cells, [Outcome::default()]);
    }

    #[test]
    fn what_nobody_knows_is_the_plan_as_far_as_it_may_be() {
        let of = |orders, least| {
            let late = count(&[(true, 1000.0, orders)], Arrived::AtLeast(least));
            (late.channels[0].share, late.channels[0].level, late.cells[0].orders)
        };
        assert_eq!(of(60.0, 0.0), (0.6, 1.0, 40.0));
        assert_eq!(of(120.0, 0.0), (1.0, 1.0, 0.0));
        let (share, level, orders) = of(40.0, 0.8);
        assert!(share == 0.8 && (level - 0.5).abs() < 1e-12 && (orders - 10.0).abs() < 1e-12);
    }
}
