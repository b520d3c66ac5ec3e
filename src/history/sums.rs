//! The five sums of a row: read, checked against the ratios beside them, and derived where missing.

use super::fault::{Fault, Kind};
use super::number::Number;
use super::relation::{RELATIONS, Relation};
use super::row::{MOST, Rows, TOO_LARGE};
use super::schema::Column;
use super::table::Table;
use crate::keys::Channel;

type Sums = [Option<Number>; 5];

impl Rows<'_> {
    /// The five sums: read, checked against the ratios, and where missing derived from them.
    pub(super) fn sums(&self, table: &dyn Table, row: usize, channel: Channel) -> Result<[f64; 5], Fault> {
        let mut sums: Sums = [None; 5];
        for (sum, column) in sums.iter_mut().zip(Column::SUMS) {
            *sum = self.number(table, row, column)?;
        }
        let given = sums;
        let mut ratios = [None; 5];
        for (ratio, relation) in ratios.iter_mut().zip(RELATIONS) {
            if self.binding.has(relation.ratio) {
                *ratio = self
                    .number(table, row, relation.ratio)?
                    .map(|number| self.scales.apply(relation.ratio, number));
            }
        }
        for (ratio, relation) in ratios.iter().zip(RELATIONS) {
            if let Some(ratio) = ratio
                && let Some(reason) = contradiction(&given, *ratio, relation)
            {
                let text = self.cell(table, row, relation.ratio).to_text();
                return Err(Fault::new(Kind::Contradiction, relation.ratio, text, reason));
            }
        }
        self.derive(&mut sums, &ratios);
        let mut values = [0.0; 5];
        for at in 0..5 {
            let not_counted = !self.implied[at] || (channel.by_the_day() && at < 2);
            values[at] = match sums[at] {
                // What a ratio implies may be beyond what is written anywhere.
                Some(sum) if sum.value.is_nan() || sum.value > MOST => {
                    let text = format!("{:e}", sum.value);
                    return Err(Fault::new(Kind::NotFinite, Column::SUMS[at], text, TOO_LARGE));
                }
                Some(sum) => sum.value,
                None if not_counted => 0.0,
                None => {
                    let (column, text) =
                        (Column::SUMS[at], self.cell(table, row, Column::SUMS[at]).to_text());
                    return Err(Fault::new(
                        Kind::Missing,
                        column,
                        text,
                        "the value is missing and nothing implies it",
                    ));
                }
            };
        }
        if let (Some(impressions), clicks) = (sums[0], values[1])
            && clicks > impressions.value * (1.0 + 1e-9)
        {
            let text = format!("{clicks}");
            return Err(match impressions.value == 0.0 {
                true => Fault::new(
                    Kind::ClicksUnseen,
                    Column::Clicks,
                    text,
                    "there are clicks without impressions",
                ),
                false => {
                    let reason = format!("there are more clicks than impressions ({})", impressions.value);
                    Fault::new(Kind::ClicksOverImpressions, Column::Clicks, text, reason)
                }
            });
        }
        Ok(values)
    }

    /// Works to a fixed point: each pass may give what the next one needs.
    fn derive(&self, sums: &mut Sums, ratios: &[Option<Number>; 5]) {
        if sums.iter().all(Option::is_some) {
            return;
        }
        for _ in Column::SUMS {
            for (ratio, relation) in ratios.iter().zip(RELATIONS) {
                let (above, below) = (place(relation.numerator), place(relation.denominator));
                let value = match (sums[above], sums[below], ratio) {
                    (None, Some(below), Some(ratio)) => {
                        let value = below.value * ratio.value * relation.scale;
                        Some((above, value, below.value * ratio.half * relation.scale))
                    }
                    // A ratio over nothing is not printed; nothing came of nothing.
                    (None, Some(below), None) if below.value == 0.0 && self.binding.has(relation.ratio) => {
                        Some((above, 0.0, 0.0))
                    }
                    (Some(above), None, Some(ratio)) if ratio.value > 0.0 => {
                        let value = above.value / (ratio.value * relation.scale);
                        Some((below, value, value * ratio.half / ratio.value))
                    }
                    _ => None,
                };
                if let Some((at, value, error)) = value {
                    sums[at] = Some(Number {
                        half: error,
                        ..Number::exact(counted(Column::SUMS[at], value, error))
                    });
                }
            }
        }
    }
}

/// Where a sum stands among the sums.
fn place(sum: Column) -> usize {
    sum as usize - Column::Impressions as usize
}

/// Counts are whole: a derived one is rounded where the ratio was printed no more exactly than that.
fn counted(column: Column, value: f64, error: f64) -> f64 {
    let whole = value.round();
    let near = (value - whole).abs() <= error + 1e-6 * value.max(1.0);
    if near && matches!(column, Column::Impressions | Column::Clicks | Column::Orders) {
        whole
    } else {
        value
    }
}

/// How two sums and their ratio disagree, beyond what rounding explains: half a unit in the last
/// printed digit of each, and 1 %.
fn contradiction(sums: &Sums, ratio: Number, relation: Relation) -> Option<String> {
    let (above, below) = (sums[place(relation.numerator)]?, sums[place(relation.denominator)]?);
    if below.value == 0.0 {
        return None;
    }
    let exactness = |number: Number, column: Column| match column {
        Column::Spend | Column::Revenue => number.half,
        _ if number.rounded => number.half,
        _ => 0.0,
    };
    let factor = ratio.value * relation.scale;
    let expected = below.value * factor;
    let slack = exactness(above, relation.numerator)
        + below.value * ratio.half * relation.scale
        + factor * exactness(below, relation.denominator)
        + 0.01 * above.value.max(expected)
        + 1e-9;
    let implied = above.value / (below.value * relation.scale);
    ((above.value - expected).abs() > slack).then(|| {
        let thousand = if relation.scale < 1.0 { "1000 × " } else { "" };
        let (numerator, denominator) = (relation.numerator.name(), relation.denominator.name());
        format!(
            "{} contradicts {thousand}{numerator} {} ÷ {denominator} {} = {implied:.5}",
            relation.ratio.name(),
            above.value,
            below.value,
        )
    })
}
