//! How far a plan's day may lie from what is expected, in a few lines.

use std::fmt::Write;

use super::number::{self, NONE};
use super::table::table;
use crate::keys::Channel;
use crate::metric::Metric;
use crate::plan::{Band, Held, Outlook};

/// How a value is written.
type Shown = fn(f64) -> String;

/// Between what four days in five will lie, and what confidence costs.
pub(super) fn of(outlook: &Outlook) -> String {
    let shown: [(Metric, Shown); 5] = [
        (Metric::Spend, |value| number::grouped(value, 0)),
        (Metric::Clicks, number::count),
        (Metric::Orders, number::count),
        (Metric::Revenue, |value| number::grouped(value, 0)),
        (Metric::Roi, |value| number::grouped(value, 2)),
    ];
    let rows = outlook.bands.chunk_by(|one, other| one.channel == other.channel).map(|bands| {
        let name = bands[0].channel.map_or("all", Channel::name).to_owned();
        let cell = |(metric, shown): (Metric, Shown)| {
            let band = bands.iter().find(|band| band.metric == metric);
            band.map_or(NONE.into(), |Band { p80: [low, high], .. }| {
                format!("{} – {}", shown(*low), shown(*high))
            })
        };
        let [spend, clicks, orders, revenue, roi] = shown.map(cell);
        [name, spend, clicks, orders, revenue, roi]
    });
    let mut text = String::new();
    if !outlook.bands.is_empty() {
        text += &table(["4 days in 5", "spend", "clicks", "orders", "revenue", "ROI"], 1, rows);
        text += "\n\n";
    }
    if let Some(Held { cells, share }) = outlook.held {
        let cells = number::grouped(cells as f64, 0);
        let _ = writeln!(
            text,
            "{} of the {cells} search hours are expected in their position band",
            number::percent(share)
        );
    }
    if let Some(price) = &outlook.price {
        let share = number::percent(price.given_up / price.at_half.abs().max(1.0));
        let confidence = number::percent(outlook.confidence);
        let given_up = number::grouped(price.given_up, 0);
        let _ = writeln!(
            text,
            "rules hold with a chance of {confidence} each; that gives up {given_up} of the objective ({share})"
        );
    }
    if !text.is_empty() {
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Price;

    #[test]
    fn bands_price_and_positions_are_told() {
        let mut outlook = Outlook::default();
        assert_eq!(of(&outlook), "", "nothing is known, nothing is said");
        outlook.bands = vec![Band::new(None, Metric::Spend, 1000.0, 0.1)];
        outlook.held = Some(Held { cells: 20, share: 0.85 });
        outlook.confidence = 0.9;
        outlook.price = Some(Price { at_half: 2000.0, confident: 1950.0, given_up: 50.0 });
        let text = of(&outlook);
        let row = text.lines().find(|line| line.trim_start().starts_with("all ")).unwrap();
        assert!(row.contains("876 – 1,131"), "{text}");
        assert!(
            text.contains("85.00 % of the 20") && text.contains("gives up 50 of the objective (2.50 %)"),
            "{text}"
        );
    }
}
