//! Sales: clicks that become orders, worth something, some days later.

use super::chance::{Stream, fen};

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

/// Orders and revenue of a cell that have arrived `age` days after the clicks (0 = on the day itself,
/// nothing = all of the attribution window). A later look sees the same orders and more.
pub(super) fn sell(
    stream: &mut Stream,
    delay: &Delay,
    buyers: &Buyers,
    clicks: u64,
    readiness: f64,
    age: Option<i32>,
) -> (f64, f64) {
    let bought = stream.binomial(clicks, buyers.cvr * readiness);
    let median = buyers.value * (-buyers.value_spread.powi(2) / 2.0).exp();
    let (mut orders, mut revenue) = (0.0, 0.0);
    for _ in 0..bought {
        let value = fen(median * stream.factor(buyers.value_spread));
        let days = delay.draw(stream);
        if age.is_none_or(|age| days as i64 <= i64::from(age)) {
            orders += 1.0;
            revenue += value;
        }
    }
    (orders, fen(revenue))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::market::chance::{Chance, Purpose};

    #[test]
    fn orders_fill_in_as_the_shares_say() {
        let delay = Delay::new(&[0.7, 0.2, 0.1]);
        let buyers = Buyers { cvr: 0.5, value: 100.0, value_spread: 0.4 };
        let look = |age| {
            let mut stream = Chance::new(3).unit(Purpose::Sales, 9);
            sell(&mut stream, &delay, &buyers, 40_000, 1.0, age)
        };
        let (all, revenue) = look(None);
        assert!((all / 20_000.0 - 1.0).abs() < 0.03, "{all} orders");
        assert!((revenue / all - 100.0).abs() < 1.5, "{} an order", revenue / all);
        for (age, share) in [(-1, 0.0), (0, 0.7), (1, 0.9), (2, 1.0), (99, 1.0)] {
            assert!((look(Some(age)).0 / all - share).abs() < 0.02, "after {age} days");
        }
    }
}
