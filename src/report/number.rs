//! Numbers as people read them.

use crate::keys::Channel;
use crate::metric::Metric;

/// What stands where there is no number.
pub const NOTHING: &str = "–";

/// A number with so many decimals and thousands separated by commas; [`NOTHING`] if not finite.
pub fn fixed(value: f64, decimals: usize) -> String {
    if !value.is_finite() {
        return NOTHING.to_string();
    }
    let text = format!("{:.decimals$}", value.abs());
    let (whole, fraction) = text.split_at(text.find('.').unwrap_or(text.len()));
    // Rounding may leave nothing of a small negative number: no sign then.
    let negative = value < 0.0 && text.bytes().any(|digit| digit.is_ascii_digit() && digit != b'0');
    let mut grouped = String::from(if negative { "-" } else { "" });
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped + fraction
}

/// A number with no more decimals than it has.
pub fn plain(value: f64) -> String {
    let text = value.to_string();
    fixed(value, text.split_once('.').map_or(0, |(_, digits)| digits.len()))
}

/// Money: whole from a thousand up, else with two decimals.
pub fn sum(value: f64) -> String {
    fixed(value, if value.abs() >= 1000.0 { 0 } else { 2 })
}

/// A share in percent.
pub fn percent(share: f64, decimals: usize) -> String {
    if share.is_finite() { fixed(share * 100.0, decimals) + " %" } else { NOTHING.to_string() }
}

/// A change in percent, with its sign.
pub fn change(share: f64) -> String {
    let sign = if share > 0.0 { "+" } else { "" };
    sign.to_string() + &percent(share, 0)
}

/// A bid in its channel's own measure: money, or a commission in percent.
pub fn bid(channel: Channel, value: f64) -> String {
    if channel.by_the_day() { percent(value, 1) } else { fixed(value, 2) }
}

/// A metric's value, or a share of it.
pub fn metric(of: Metric, share: bool, value: f64) -> String {
    match of {
        _ if share => percent(value, 1),
        Metric::Ctr | Metric::Cvr => percent(value, 2),
        Metric::Roi | Metric::Cpc | Metric::Cpm | Metric::CostPerOrder => fixed(value, 2),
        Metric::Impressions | Metric::Clicks | Metric::Orders => {
            fixed(value, if value >= 100.0 { 0 } else { 1 })
        }
        _ => sum(value),
    }
}

/// A shadow price: three digits at least, whatever its size.
pub fn price(value: f64) -> String {
    fixed(
        value,
        if value >= 100.0 {
            0
        } else if value >= 1.0 {
            2
        } else {
            4
        },
    )
}

/// An optional number in words of another function here.
pub fn or_nothing(value: Option<f64>, words: impl Fn(f64) -> String) -> String {
    value.map_or_else(|| NOTHING.to_string(), words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_and_signed() {
        for (value, decimals, expected) in [
            (1234567.891, 2, "1,234,567.89"),
            (-999.5, 0, "-1,000"),
            (-0.001, 2, "0.00"),
            (12.0, 0, "12"),
            (f64::NAN, 2, NOTHING),
            (f64::INFINITY, 0, NOTHING),
        ] {
            assert_eq!(fixed(value, decimals), expected);
        }
        assert_eq!([plain(20_000.0), plain(2.25), plain(-0.5)], ["20,000", "2.25", "-0.5"]);
        assert_eq!(change(0.25), "+25 %");
        assert_eq!(change(-0.5), "-50 %");
        assert_eq!(bid(Channel::Affiliate, 0.125), "12.5 %");
    }
}
