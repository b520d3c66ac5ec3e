//! Dates, hours and the parts of a day.

use std::fmt;

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Hours in a day; hours are numbered 0 to 23, hour 20 is from 20:00 to 21:00.
pub const HOURS: usize = 24;

/// The number of the day since 1970-01-01, which sorts and subtracts.
pub fn day_number(date: Date) -> i32 {
    let epoch = jiff::civil::date(1970, 1, 1);
    // Infallible: a span between civil dates in days always fits i32.
    (date - epoch).get_days()
}

/// The date of a day number.
pub fn date_of(day: i32) -> Date {
    let epoch = jiff::civil::date(1970, 1, 1);
    epoch.saturating_add(jiff::Span::new().days(i64::from(day)))
}

/// Index of the weekday, Monday = 0.
pub fn weekday(day: i32) -> usize {
    // 1970-01-01 was a Thursday.
    (day + 3).rem_euclid(7) as usize
}

/// A span of the clock, `"20-21"`: from its first hour up to, not including, its last. One hour `20`
/// is the span `20-21`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "HourText", into = "HourText")]
pub struct HourSpan {
    /// First hour, 0 to 23.
    pub from: u8,
    /// Hour at which it ends, 1 to 24.
    pub to: u8,
}

impl HourSpan {
    /// Whether an hour lies within the span.
    pub fn contains(&self, hour: u8) -> bool {
        self.from <= hour && hour < self.to
    }
}

impl fmt::Display for HourSpan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.to == self.from + 1 {
            write!(f, "{}", self.from)
        } else {
            write!(f, "{}-{}", self.from, self.to)
        }
    }
}

/// An hour as it stands in a plan file: a number, or a span of the clock as text.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(untagged)]
pub enum HourText {
    /// One hour, 0 to 23.
    Hour(u8),
    /// `"20-21"`, or one hour as text.
    Span(String),
}

impl JsonSchema for HourSpan {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Hour".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "An hour, or a span of the clock such as \"20-21\", from 20:00 to 21:00.",
            "anyOf": [
                { "type": "integer", "minimum": 0, "maximum": 23 },
                { "type": "string", "format": "hours" },
            ],
        })
    }
}

impl TryFrom<HourText> for HourSpan {
    type Error = String;

    fn try_from(text: HourText) -> Result<Self, String> {
        let (from, to) = match text {
            HourText::Hour(hour) => (hour, hour.saturating_add(1)),
            HourText::Span(text) => {
                let number =
                    |part: &str| part.trim().parse::<u8>().map_err(|_| format!("`{text}` is not an hour"));
                match text.split_once('-') {
                    Some((from, to)) => (number(from)?, number(to)?),
                    None => number(&text).map(|hour| (hour, hour.saturating_add(1)))?,
                }
            }
        };
        if from < to && to <= HOURS as u8 {
            Ok(HourSpan { from, to })
        } else {
            Err(format!(
                "hours {from}-{to} are not within 0-24, first before last; split a span at midnight in two"
            ))
        }
    }
}

impl From<HourSpan> for HourText {
    fn from(span: HourSpan) -> Self {
        if span.to == span.from + 1 { HourText::Hour(span.from) } else { HourText::Span(span.to_string()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn day_numbers_go_there_and_back() {
        let date = jiff::civil::date(2026, 12, 12);
        assert_eq!(date_of(day_number(date)), date);
        assert_eq!(weekday(day_number(date)), 5, "12 December 2026 is a Saturday");
    }

    #[test]
    fn spans_are_of_the_clock() {
        let span = HourSpan::try_from(HourText::Span("20-21".into())).unwrap();
        assert!(span.contains(20) && !span.contains(21));
        assert!(HourSpan::try_from(HourText::Span("22-2".into())).is_err());
        assert!(HourSpan::try_from(HourText::Hour(24)).is_err());
    }
}
