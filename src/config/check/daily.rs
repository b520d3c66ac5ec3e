//! The daily batch.

use super::Findings;
use crate::config::{PlanFile, Platform};

pub(super) fn check(file: &PlanFile, found: &mut Findings) {
    let daily = &file.daily;
    for (at, name) in daily.export.iter().enumerate() {
        let key = format!("run.export.{at}");
        if let Err(error) = Platform::named(name) {
            for finding in error.findings() {
                found.error(&key, "C060", finding.cause, finding.action);
            }
        } else if daily.export[..at].contains(name) {
            found.error(key, "C060", format!("`{name}` is named twice"), "name each platform once");
        }
    }
    found.range("run.keep", daily.keep as f64, daily.keep >= 1, "1 or more");
    let age = f64::from(daily.max_age_days);
    let days = "1 to 36500 days: the newest day is before the planned one";
    found.range("run.max_age_days", age, (1.0..=36_500.0).contains(&age), days);
    let share = daily.least_rows;
    found.range("run.least_rows", share, (0.0..=1.0).contains(&share), "a share from 0 to 1");
}
