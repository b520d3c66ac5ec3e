//! Numbers as people read them.

use crate::metric::Metric;

/// What stands where there is no number.
pub(super) const NONE: &str = "–";

/// A number with so many decimals and its thousands apart: `12,345.60`.
pub(super) fn grouped(value: f64, decimals: usize) -> String {
    let text = format!("{:.decimals$}", value.abs());
    let (whole, fraction) = text.split_at(text.find('.').unwrap_or(text.len()));
    let mut grouped = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    let is_zero = text.chars().all(|digit| matches!(digit, '0' | '.'));
    let sign = if value < 0.0 && !is_zero { "-" } else { "" };
    format!("{sign}{grouped}{fraction}")
}

/// Money in the plan's currency.
pub(super) fn money(value: f64) -> String {
    grouped(value, 2)
}

/// Expected events: whole from a hundred on.
pub(super) fn count(value: f64) -> String {
    grouped(value, if value.abs() < 100.0 { 1 } else { 0 })
}

/// A share as a percentage.
pub(super) fn percent(share: f64) -> String {
    format!("{} %", grouped(100.0 * share, 2))
}

/// A number of unknown size, to four digits.
pub(super) fn significant(value: f64) -> String {
    if value == 0.0 {
        return "0".into();
    }
    let magnitude = value.abs().log10().floor();
    if !(-6.0..15.0).contains(&magnitude) {
        return format!("{value:.3e}");
    }
    grouped(value, (3.0 - magnitude).max(0.0) as usize)
}

/// A metric in its own unit.
pub(super) fn metric(metric: Metric, value: f64) -> String {
    match metric {
        Metric::Impressions | Metric::Clicks | Metric::Orders => count(value),
        Metric::Ctr | Metric::Cvr => percent(value),
        Metric::Roi => grouped(value, 3),
        Metric::Spend
        | Metric::Revenue
        | Metric::Profit
        | Metric::Cpc
        | Metric::Cpm
        | Metric::CostPerOrder => money(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_stand_apart() {
        for (value, decimals, expected) in [
            (0.0, 2, "0.00"),
            (999.0, 0, "999"),
            (1234567.891, 2, "1,234,567.89"),
            (-1000.0, 0, "-1,000"),
            (-0.001, 2, "0.00"),
        ] {
            assert_eq!(grouped(value, decimals), expected);
        }
    }

    #[test]
    fn four_digits_are_enough() {
        for (value, expected) in
            [(0.0, "0"), (0.012345, "0.01235"), (3.0, "3.000"), (54321.0, "54,321"), (1.5e-9, "1.500e-9")]
        {
            assert_eq!(significant(value), expected);
        }
    }

    #[test]
    fn a_metric_shows_its_unit() {
        assert_eq!(metric(Metric::Ctr, 0.01234), "1.23 %");
        assert_eq!(metric(Metric::Orders, 12.34), "12.3");
        assert_eq!(metric(Metric::Spend, 30000.0), "30,000.00");
    }
}
