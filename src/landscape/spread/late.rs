//! The spread of sales that are still to come.

use super::{CTR, CVR, Kin, ORDERS, RATES, REVENUE, SPEND, Spread, VALUE};
use crate::keys::{Channel, Unit};

/// What is not known of a channel's sales that are still to come.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Unsure {
    /// Standard deviation ÷ expected of all of them together, beside the chance of single orders.
    pub whole: f64,
    /// Squared coefficient of variation of what an order is worth.
    pub values: f64,
    /// Orders are not counted: nothing is known of single ones.
    pub uncounted: bool,
}

/// The rate in whose place stands what is not known of a channel as a whole.
const WHOLE: usize = CTR;

impl Spread {
    /// Of outcomes that hold nothing but orders to come. What is not known of the channels' shares is taken to be wrong
    /// in the same direction everywhere: they are learned of the same days.
    pub fn late(units: &[Unit], unsure: [Unsure; Channel::ALL.len()]) -> Spread {
        let kin = |Unsure { whole, values, uncounted }: Unsure| {
            // What is spent for sales to come scatters as they do.
            let mut sales = [0.0; 5];
            (sales[ORDERS], sales[REVENUE], sales[SPEND]) = (1.0, 1.0, 1.0);
            let single = f64::from(u8::from(!uncounted));
            let mut kin = Kin {
                // One kin for all, so that their common parts add up and do not cancel.
                channel: Channel::Search,
                moves: [[0.0; 5]; RATES],
                common: [0.0; RATES],
                hour: [0.0; RATES],
                each: [0.0; RATES],
                pieces: [ORDERS; RATES],
            };
            (kin.moves[WHOLE], kin.common[WHOLE]) = (sales.map(|moves| whole * moves), 1.0);
            (kin.moves[CVR], kin.each[CVR]) = (sales, single);
            (kin.moves[VALUE], kin.each[VALUE]) = (sales, single * values);
            kin.moves[VALUE][ORDERS] = 0.0;
            kin
        };
        Spread {
            kins: unsure.map(kin).to_vec(),
            kin: units.iter().map(|unit| unit.channel as u32).collect(),
            unit: vec![[0.0; RATES]; units.len()],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::landscape::spread::Tally;
    use crate::metric::{Metric, Outcome};

    #[test]
    fn chance_diversifies_and_an_unknown_share_does_not() {
        let unit =
            |channel, name: &str| Unit { channel, campaign: "c".into(), unit: name.into(), product: None };
        let units = [unit(Channel::Search, "a"), unit(Channel::Affiliate, "b")];
        let unsure = |whole| [Unsure { whole, values: 0.25, uncounted: false }; 4];
        let late = Outcome { orders: 100.0, revenue: 10_000.0, spend: 0.0, ..Outcome::default() };
        let deviation = |whole, metric: Metric| {
            let spread = Spread::late(&units, unsure(whole));
            let mut tally = Tally::new(&spread);
            for (unit, spend) in [(0, 0.0), (1, 1000.0)] {
                tally.add(unit, &metric.weights(0.0).0, &Outcome { spend, ..late });
            }
            tally.deviation()
        };
        // √(2 · 100) orders by chance; of revenue a quarter more variance.
        assert!((deviation(0.0, Metric::Orders) - 200f64.sqrt()).abs() < 1e-9);
        assert!((deviation(0.0, Metric::Revenue) - 100.0 * 250f64.sqrt()).abs() < 1e-6);
        assert!((deviation(0.0, Metric::Spend) - 10.0 * 125f64.sqrt()).abs() < 1e-6, "affiliates alone");
        let both = (200.0 + 20.0 * 20.0_f64).sqrt();
        assert!((deviation(0.1, Metric::Orders) - both).abs() < 1e-9, "a tenth of all 200");
    }
}
