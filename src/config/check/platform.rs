//! Limits of the accounts at the platforms.

use super::Findings;
use crate::calendar::HOURS;
use crate::config::{PlanFile, Platform};

/// Words that platforms know for a match type.
const MATCH_TYPES: [&str; 3] = ["Broad", "Phrase", "Exact"];

pub(super) fn check(file: &PlanFile, found: &mut Findings) {
    for platform in Platform::ALL {
        let (Some(account), Some(terms)) = (file.platform.at(platform), file.platform.terms(platform)) else {
            continue;
        };
        let key = |name: &str| format!("platform.{}.{name}", platform.name());
        found.ordered(&key("bid"), terms.bid);
        found.range(&key("bid"), terms.bid[0], terms.bid[0] > 0.0, "above 0 at both ends");
        found.range(&key("bid_step"), terms.bid_step, terms.bid_step > 0.0, "above 0");
        let percent = terms.percent.map(f64::from);
        found.ordered(&key("percent"), percent);
        let lawful = (1.0..=10_000.0).contains(&percent[0]) && percent[1] <= 10_000.0;
        found.range(&key("percent"), percent[0], lawful, "from 1 to 10000, 100 being the base bid itself");
        let windows = terms.windows as f64;
        let most = HOURS as f64;
        found.range(&key("windows"), windows, (1.0..=most).contains(&windows), "from 1 to 24");
        let split = terms.split as f64;
        found.range(&key("split"), split, (1.0..=8.0).contains(&split), "from 1 to 8");
        found.range(&key("hold"), terms.hold, (0.0..=1.0).contains(&terms.hold), "a share from 0 to 1");
        let word = account.match_type.as_deref().unwrap_or("Exact");
        if !MATCH_TYPES.contains(&word) {
            let action = format!("use one of {}", MATCH_TYPES.join(", "));
            found.error(key("match_type"), "C050", format!("there is no match type `{word}`"), action);
        }
    }
}
