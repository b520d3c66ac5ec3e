//! Dates and hours as they stand in files.

use jiff::civil::Date;

use crate::calendar::{HOURS, day_number};

/// Why a text is not a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NotADay {
    /// Not a date in any known form.
    Unreadable,
    /// A total over a period, such as `20260101至20260107`.
    Period,
}

/// The day number of `2026-01-02`, `2026/1/2`, `20260102` or `2026年1月2日`; midnight may follow.
pub(super) fn parse_day(text: &str) -> Result<i32, NotADay> {
    if text.contains(['至', '~', '～']) || text.contains(" to ") || text.contains(" - ") {
        return Err(NotADay::Period);
    }
    let (date, time) = match text.find([' ', 'T']) {
        Some(at) => (&text[..at], text[at + 1..].trim()),
        None => (text, ""),
    };
    let midnight = time.bytes().all(|byte| matches!(byte, b'0' | b':' | b'.'));
    let parts = if date.len() == 8 && date.bytes().all(|byte| byte.is_ascii_digit()) {
        Some((&date[..4], &date[4..6], &date[6..]))
    } else {
        split_date(date)
    };
    match parts {
        Some((year, month, day)) if midnight => civil(year, month, day).ok_or(NotADay::Unreadable),
        None if date.len() >= 17 && looks_like_period(date) => Err(NotADay::Period),
        _ => Err(NotADay::Unreadable),
    }
}

fn split_date(date: &str) -> Option<(&str, &str, &str)> {
    let (year, rest) = date.split_once(['-', '/', '.', '年'])?;
    let (month, day) = rest.split_once(['-', '/', '.', '月'])?;
    Some((year, month, day.strip_suffix('日').unwrap_or(day)))
}

/// `20260101-20260107`: two dates in a row.
fn looks_like_period(date: &str) -> bool {
    date.bytes().filter(u8::is_ascii_digit).count() == 16
}

fn civil(year: &str, month: &str, day: &str) -> Option<i32> {
    let number = |text: &str, most: usize| {
        ((1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit()))
            .then(|| text.parse::<i16>().ok())
            .flatten()
    };
    let (year, month, day) = (number(year, 4)?, number(month, 2)?, number(day, 2)?);
    // Two-digit years and spreadsheet serial numbers are no dates that anyone should guess at.
    if !(1900..=2200).contains(&year) {
        return None;
    }
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok().map(day_number)
}

/// The day of a whole number `20260102`.
pub(super) fn day_of_integer(number: i64) -> Option<i32> {
    (19_000_101..=22_001_231).contains(&number).then(|| parse_day(&number.to_string()).ok()).flatten()
}

/// The hour of `9`, `09`, `9.0`, `09:00`, `09:00:00`, `9点`, `9时`, `09:00-10:00` or `9-10`.
/// An hour outside the day comes back as it is, for the caller to name.
pub(super) fn parse_hour(text: &str) -> Option<i64> {
    let first = match text.split_once(['-', '~', '～', '至']) {
        Some((from, to)) => {
            let (from, to) = (clock(from)?, clock(to)?);
            return (to == from + 1 || (from == HOURS as i64 - 1 && to == 0) || to == from).then_some(from);
        }
        None => text,
    };
    clock(first)
}

/// A full hour on the clock; `09:30` is none, and neither is `09:59` but as the end of a span.
fn clock(text: &str) -> Option<i64> {
    let text = text.trim().trim_end_matches(['点', '时']);
    if let Some((whole, zeros)) = text.split_once('.') {
        return zeros.bytes().all(|byte| byte == b'0').then(|| whole.parse().ok()).flatten();
    }
    let mut parts = text.split(':');
    let hour = parts.next()?.parse().ok()?;
    parts.all(|part| part == "00" || part == "59").then_some(hour)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_forms_name_the_same_day() {
        let day = day_number(jiff::civil::date(2026, 1, 2));
        for text in
            ["2026-01-02", "2026/1/2", "20260102", "2026年1月2日", "2026-01-02 00:00:00", "2026-01-02T00:00"]
        {
            assert_eq!(parse_day(text), Ok(day), "{text}");
        }
        assert_eq!(day_of_integer(20_260_102), Some(day));
    }

    #[test]
    fn a_period_is_not_a_day() {
        for text in
            ["20260101至20260107", "2026-01-01~2026-01-07", "20260101-20260107", "2026-01-01 - 2026-01-07"]
        {
            assert_eq!(parse_day(text), Err(NotADay::Period), "{text}");
        }
    }

    #[test]
    fn nonsense_is_no_day() {
        for text in
            ["2026-02-30", "26-01-02", "46024", "2026-01-02 10:00", "01/02/2026", "", "今天", "2026-1"]
        {
            assert_eq!(parse_day(text), Err(NotADay::Unreadable), "{text}");
        }
    }

    #[test]
    fn hours_come_in_many_forms() {
        for text in
            ["9", "09", "9.0", "09:00", "09:00:00", "9点", "9时", "09:00-10:00", "9-10", "09:00~09:59"]
        {
            assert_eq!(parse_hour(text), Some(9), "{text}");
        }
        assert_eq!(parse_hour("23:00-00:00"), Some(23));
        assert_eq!(parse_hour("24"), Some(24), "left to the caller to refuse");
        for text in ["9.5", "09:30", "9-12", "morning", ""] {
            assert_eq!(parse_hour(text), None, "{text}");
        }
    }
}
