//! Numbers as people and platforms write them.

/// Why a text is not a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NotANumber {
    /// Not a number in any known form.
    Unreadable,
    /// Infinite or not a number.
    NotFinite,
}

/// A number, and how exactly it was written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Number {
    /// The value; a percent string is already a fraction.
    pub value: f64,
    /// Half a unit of the last written digit, 0 where the value is exact.
    pub half: f64,
    /// Whether it was written with a percent sign.
    pub percent: bool,
    /// Whether it was written in 万 or 亿, so that even a count is rounded.
    pub rounded: bool,
}

impl Number {
    /// A number that was stored, not printed.
    pub fn exact(value: f64) -> Number {
        Number { value, half: 0.0, percent: false, rounded: false }
    }
}

/// Whether a text means that there is no value. Missing is not zero.
pub(super) fn is_missing(text: &str) -> bool {
    match text.len() {
        0 => true,
        1..=6 => {
            matches!(text, "-" | "--" | "---" | "—" | "——" | "暂无")
                || ["n/a", "null", "none", "(null)", "#n/a"]
                    .iter()
                    .any(|marker| text.eq_ignore_ascii_case(marker))
        }
        _ => false,
    }
}

/// Reads a trimmed text: `1,234.50`, `¥12.3`, `12.3元`, `2.5万`, `1.2亿`, `2.35%`, or a missing marker.
pub(super) fn parse(text: &str) -> Result<Option<Number>, NotANumber> {
    if let Some(number) = plain(text) {
        return Ok(Some(number));
    }
    if is_missing(text) {
        return Ok(None);
    }
    decorated(text).map(Some)
}

/// Digits with at most one point: nearly every cell there is.
fn plain(text: &str) -> Option<Number> {
    let bytes = text.as_bytes();
    if bytes.is_empty() || bytes.len() > 18 {
        return None;
    }
    let (mut mantissa, mut decimals, mut point) = (0_u64, 0_usize, false);
    for byte in bytes {
        match byte {
            b'0'..=b'9' => {
                mantissa = mantissa * 10 + u64::from(byte - b'0');
                decimals += usize::from(point);
            }
            b'.' if !point => point = true,
            _ => return None,
        }
    }
    // Below 2^53 the quotient of two exact numbers is the nearest double, as `str::parse` would give.
    if mantissa >= 1 << 53 || bytes.len() == usize::from(point) {
        return None;
    }
    let unit = POWERS[decimals];
    Some(Number { value: mantissa as f64 / unit, half: 0.5 / unit, percent: false, rounded: false })
}

const POWERS: [f64; 19] =
    [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18];

fn decorated(text: &str) -> Result<Number, NotANumber> {
    let mut rest = text;
    let negative = strip_prefix(&mut rest, &["-", "−", "－"]);
    let currency = strip_prefix(&mut rest, &["¥", "￥", "$", "€", "CNY", "RMB", "USD"]);
    let negative = (currency && strip_prefix(&mut rest, &["-", "−"])) || negative;
    let percent = strip_suffix(&mut rest, &["%", "％"]);
    strip_suffix(&mut rest, &["元", "圆", "CNY", "RMB"]);
    let mut scale = if percent { 0.01 } else { 1.0 };
    if strip_suffix(&mut rest, &["万", "w", "W"]) {
        scale *= 1e4;
    } else if strip_suffix(&mut rest, &["亿"]) {
        scale *= 1e8;
    }
    let digits = without_thousands(rest).ok_or(NotANumber::Unreadable)?;
    if digits.is_empty() || digits.starts_with(['+', '-']) {
        return Err(NotANumber::Unreadable);
    }
    let value: f64 = digits.parse().map_err(|_| NotANumber::Unreadable)?;
    if !value.is_finite() {
        return Err(NotANumber::NotFinite);
    }
    let half = 0.5 * last_digit(&digits) * scale;
    let rounded = scale > 1.0;
    // Dividing keeps `2.35%` the double nearest to 0.0235; multiplying by 0.01 would not.
    let value = if percent && scale < 1.0 { value / 100.0 } else { value * scale };
    Ok(Number { value: if negative { -value } else { value }, half, percent, rounded })
}

/// The unit of the last digit of `12.30` (0.01), of `12` (1), of `1.25e-5` (1e-7).
fn last_digit(digits: &str) -> f64 {
    let (mantissa, exponent) = match digits.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().unwrap_or(0)),
        None => (digits, 0),
    };
    let decimals = mantissa.split_once('.').map_or(0, |(_, decimals)| decimals.len() as i32);
    10_f64.powi(exponent.saturating_sub(decimals))
}

fn strip_prefix(rest: &mut &str, prefixes: &[&str]) -> bool {
    let found = prefixes.iter().find_map(|prefix| rest.strip_prefix(prefix));
    *rest = found.unwrap_or(rest).trim_start();
    found.is_some()
}

fn strip_suffix(rest: &mut &str, suffixes: &[&str]) -> bool {
    let found = suffixes.iter().find_map(|suffix| rest.strip_suffix(suffix));
    *rest = found.unwrap_or(rest).trim_end();
    found.is_some()
}

/// The text without thousands commas; nothing where a comma is not one (`1,23` may be European).
fn without_thousands(text: &str) -> Option<std::borrow::Cow<'_, str>> {
    if !text.contains([',', '，']) {
        return Some(text.into());
    }
    let text = text.replace('，', ",");
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let mut groups = whole.split(',');
    let first = groups.next()?;
    let regular = (1..=3).contains(&first.len())
        && groups.all(|group| group.len() == 3 && group.bytes().all(|byte| byte.is_ascii_digit()));
    (regular && !fraction.contains(',')).then(|| text.replace(',', "").into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> Option<f64> {
        parse(text).unwrap_or_else(|fault| panic!("{text}: {fault:?}")).map(|number| number.value)
    }

    #[test]
    fn every_written_form_is_read() {
        for (text, expected) in [
            ("1234.5", 1234.5),
            ("1,234.50", 1234.5),
            ("12,345,678", 12_345_678.0),
            ("¥12.3", 12.3),
            ("￥1,012.30", 1012.3),
            ("12.3元", 12.3),
            ("2.5万", 25_000.0),
            ("2.5万元", 25_000.0),
            ("1.2亿", 1.2e8),
            ("2.35%", 0.0235),
            ("1,200%", 12.0),
            ("1.25e-5", 1.25e-5),
            ("-3", -3.0),
            ("¥-3.5", -3.5),
            ("0", 0.0),
            (".5", 0.5),
            ("0.02350", 0.0235),
        ] {
            assert_eq!(value(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn missing_is_not_zero() {
        for text in ["", "-", "--", "N/A", "n/a", "暂无", "null", "NULL"] {
            assert_eq!(value(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_no_number_is_said_so() {
        for text in
            ["abc", "1,23", "1.2.3", "12,34,567", "1 234", "4-6", ".", "%", "元", "--3", "+-3", "1,234,"]
        {
            assert_eq!(parse(text), Err(NotANumber::Unreadable), "{text}");
        }
        for text in ["inf", "NaN", "1e999", "-inf"] {
            assert_eq!(parse(text), Err(NotANumber::NotFinite), "{text}");
        }
    }

    #[test]
    fn rounding_follows_the_last_digit() {
        let half = |text: &str| parse(text).unwrap().unwrap().half;
        assert_eq!(half("2.50"), 0.005);
        assert_eq!(half("3"), 0.5);
        assert!((half("2.35%") - 0.00005).abs() < 1e-12);
        assert!((half("2.5万") - 500.0).abs() < 1e-9);
    }
}
