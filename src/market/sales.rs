//! Sales: clicks that become orders, worth something, some days later, and some that come back.

use super::chance::{Stream, fen};
use super::shop::Returns;

/// What the people who click on a unit buy.
#[derive(Debug, Clone, Copy)]
pub(super) struct Buyers {
    /// Orders per click in a normal hour.
    pub cvr: f64,
    /// Mean value of an order.
    pub value: f64,
    /// Sigma of the lognormal distribution of order values.
    pub value_spread: f64,
}

/// On which day after the click an order arrives.
#[derive(Debug, Clone)]
pub(super) struct Delay {
    /// Share of orders that have arrived by the end of day 0, 1, 2 …
    arrived: Vec<f64>,
}

impl Delay {
    /// From the share of orders that arrive on day 0, 1, 2 … of the attribution window.
    pub fn new(shares: &[f64]) -> Self {
        let total: f64 = shares.iter().sum();
        let arrived = shares.iter().scan(0.0, |sum, share| {
            *sum += share / total;
            Some(*sum)
        });
        Delay { arrived: arrived.collect() }
    }

    /// Days from the click to the order.
    fn draw(&self, stream: &mut Stream) -> usize {
        let share = stream.share();
        self.arrived
            .iter()
            .position(|arrived| share < *arrived)
            .unwrap_or(self.arrived.len().saturating_sub(1))
    }
}

/// Orders as a report counts them.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Sold {
    pub orders: f64,
    pub revenue: f64,
    /// Revenue of the orders that are not known to have come back: what commissions are paid on.
    pub kept: f64,
}

/// What happens between a click and a report.
#[derive(Debug, Clone)]
pub(super) struct Desk {
    pub delay: Delay,
    pub returns: Returns,
}

/// How a day's people buy.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mood {
    /// Orders per click against normal.
    pub readiness: f64,
    /// Share of orders that are presale.
    pub presale: f64,
}

impl Desk {
    /// Orders of a cell as they stand `age` days after the clicks (0 = on the day itself, nothing = in the
    /// end). A later look sees the same orders and more, less those that came back.
    pub fn sell(
        &self,
        stream: &mut Stream,
        buyers: &Buyers,
        clicks: u64,
        mood: Mood,
        age: Option<i32>,
    ) -> Sold {
        let bought = stream.binomial(clicks, buyers.cvr * mood.readiness);
        let median = buyers.value * (-buyers.value_spread.powi(2) / 2.0).exp();
        let mut sold = Sold::default();
        for _ in 0..bought {
            let value = fen(median * stream.factor(buyers.value_spread));
            let arrives = self.delay.draw(stream) as i64;
            let presale = mood.presale > 0.0 && stream.happens(mood.presale);
            let leaves = self.leaves(stream, arrives);
            let is_past = |day: i64| age.is_none_or(|age| day <= i64::from(age));
            let is_back = leaves.is_some_and(is_past);
            if presale || !is_past(arrives) || (is_back && self.returns.reported) {
                continue;
            }
            sold.orders += 1.0;
            sold.revenue += value;
            sold.kept += if is_back { 0.0 } else { value };
        }
        Sold { revenue: fen(sold.revenue), kept: fen(sold.kept), ..sold }
    }

    /// The day after the click on which an order comes back, if it does.
    fn leaves(&self, stream: &mut Stream, arrives: i64) -> Option<i64> {
        if self.returns.share == 0.0 || !stream.happens(self.returns.share) {
            return None;
        }
        let [least, most] = self.returns.days.map(f64::from);
        Some(arrives + stream.between([least, most]).round() as i64)
    }

    /// The same in the end, on average.
    pub fn on_average(&self, buyers: &Buyers, clicks: f64, mood: Mood) -> Sold {
        let stay = 1.0 - self.returns.share;
        let counted = if self.returns.reported { stay } else { 1.0 };
        let bought = clicks * (buyers.cvr * mood.readiness).clamp(0.0, 1.0) * (1.0 - mood.presale);
        let revenue = bought * buyers.value;
        Sold { orders: bought * counted, revenue: revenue * counted, kept: revenue * stay }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::market::chance::{Chance, Purpose};

    const BUYERS: Buyers = Buyers { cvr: 0.5, value: 100.0, value_spread: 0.4 };

    fn look(returns: &Returns, presale: f64, age: Option<i32>) -> Sold {
        let desk = Desk { delay: Delay::new(&[0.7, 0.2, 0.1]), returns: returns.clone() };
        let mut stream = Chance::new(3).unit(Purpose::Sales, 9);
        desk.sell(&mut stream, &BUYERS, 40_000, Mood { readiness: 1.0, presale }, age)
    }

    #[test]
    fn orders_fill_in_as_the_shares_say() {
        let all = look(&Returns::default(), 0.0, None);
        assert!((all.orders / 20_000.0 - 1.0).abs() < 0.03, "{all:?}");
        assert!((all.revenue / all.orders - 100.0).abs() < 1.5, "{all:?}");
        assert_eq!(all.kept, all.revenue);
        for (age, share) in [(-1, 0.0), (0, 0.7), (1, 0.9), (2, 1.0), (99, 1.0)] {
            let now = look(&Returns::default(), 0.0, Some(age));
            assert!((now.orders / all.orders - share).abs() < 0.02, "after {age} days");
        }
    }

    #[test]
    fn what_comes_back_leaves_the_report_where_the_platform_says_so() {
        let returns = |reported| Returns { share: 0.2, days: [5, 5], reported };
        let gross = look(&returns(false), 0.0, None);
        assert!((gross.kept / gross.revenue - 0.8).abs() < 0.02, "{gross:?}");
        let before = look(&returns(true), 0.0, Some(4));
        let after = look(&returns(true), 0.0, None);
        assert_eq!(before.kept, before.revenue);
        assert_eq!(after.kept, after.revenue);
        assert!((after.orders / before.orders - 0.8).abs() < 0.02, "{before:?} {after:?}");
    }

    #[test]
    fn deposits_are_no_orders_and_the_mean_is_the_mean() {
        let returns = Returns { share: 0.1, days: [1, 3], reported: true };
        let drawn = look(&returns, 0.3, None);
        let desk = Desk { delay: Delay::new(&[1.0]), returns };
        let mean = desk.on_average(&BUYERS, 40_000.0, Mood { readiness: 1.0, presale: 0.3 });
        assert!((mean.orders / 20_000.0 - 0.63).abs() < 1e-9);
        for (drawn, mean) in
            [(drawn.orders, mean.orders), (drawn.revenue, mean.revenue), (drawn.kept, mean.kept)]
        {
            assert!((drawn / mean - 1.0).abs() < 0.03, "{drawn} against {mean}");
        }
    }
}
