//! Whether the bare numbers of a ratio column are fractions or percent.
//!
//! One family of exports prints a click-through rate as 0.09091, another as 9.09 without a sign.
//! Only the sums beside them can tell, so each column of each file is compared with its sums.

use std::path::Path;

use super::binding::Binding;
use super::number::Number;
use super::relation::{RELATIONS, Relation};
use super::row::{cell, read_number};
use super::schema::Column;
use super::table::Table;
use crate::error::Finding;

/// The scale of a column's bare numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scale {
    Fraction,
    Percent,
}

/// The scales of the columns that are fractions by nature: CTR and CVR.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Scales {
    ctr: Option<Scale>,
    cvr: Option<Scale>,
}

impl Scales {
    /// A ratio as a fraction.
    pub fn apply(&self, ratio: Column, number: Number) -> Number {
        let scale = match ratio {
            Column::Ctr => self.ctr,
            Column::Cvr => self.cvr,
            _ => None,
        };
        match scale {
            Some(Scale::Percent) if !number.percent => {
                Number { value: number.value / 100.0, half: number.half / 100.0, ..number }
            }
            _ => number,
        }
    }

    /// Decides what is still open from the batch last read, and says how.
    pub fn decide(&mut self, table: &dyn Table, binding: &Binding, path: &Path) -> Vec<Finding> {
        let mut findings = Vec::new();
        for relation in RELATIONS {
            let scale = match relation.ratio {
                Column::Ctr => &mut self.ctr,
                Column::Cvr => &mut self.cvr,
                _ => continue,
            };
            if scale.is_some() || !binding.has(relation.ratio) {
                continue;
            }
            let evidence = Evidence::of(table, binding, relation);
            if let Some((decided, how)) = evidence.verdict() {
                *scale = Some(decided);
                if decided == Scale::Percent || !evidence.is_clear() {
                    let what = if decided == Scale::Percent { "percent" } else { "fractions" };
                    let cause = format!("the bare numbers of this column are read as {what}: {how}");
                    let action =
                        "nothing to do if that is right; otherwise print the ratios with a percent sign";
                    findings.push(
                        Finding::note("H017", cause, action).in_file(path).at_column(relation.ratio.name()),
                    );
                }
            }
        }
        findings
    }
}

#[derive(Default)]
struct Evidence {
    fraction: usize,
    percent: usize,
    largest: f64,
}

impl Evidence {
    fn of(table: &dyn Table, binding: &Binding, relation: Relation) -> Evidence {
        let mut evidence = Evidence::default();
        for row in 0..table.rows() {
            let number = |column| read_number(cell(binding, table, row, column)).ok().flatten();
            let Some(ratio) = number(relation.ratio).filter(|ratio| !ratio.percent && ratio.value > 0.0)
            else {
                continue;
            };
            evidence.largest = evidence.largest.max(ratio.value);
            let (Some(above), Some(below)) = (number(relation.numerator), number(relation.denominator))
            else {
                continue;
            };
            if below.value > 0.0 {
                let actual = above.value / below.value;
                let near = |value: f64, half: f64| (value - actual).abs() <= half + 0.01 * actual.max(value);
                evidence.fraction += usize::from(near(ratio.value, ratio.half));
                evidence.percent += usize::from(near(ratio.value / 100.0, ratio.half / 100.0));
            }
        }
        evidence
    }

    /// Whether the sums spoke, and with one voice.
    fn is_clear(&self) -> bool {
        self.fraction.max(self.percent) > 10 * self.fraction.min(self.percent)
    }

    /// Nothing while the column held nothing but zeros.
    fn verdict(&self) -> Option<(Scale, String)> {
        let (fraction, percent) = (self.fraction, self.percent);
        if fraction + percent > 0 {
            let scale = if percent > fraction { Scale::Percent } else { Scale::Fraction };
            let how = format!("{percent} rows agree with their sums as percent, {fraction} as fractions");
            return Some((scale, how));
        }
        (self.largest > 0.0).then(|| {
            let scale = if self.largest > 1.0 { Scale::Percent } else { Scale::Fraction };
            (scale, format!("no sums stand beside them, and the largest is {}", self.largest))
        })
    }
}
