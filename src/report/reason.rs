//! Reasons, metrics and names in words.

use super::lang::{self, Lang, Word};
use super::number;
use crate::config::Objective;
use crate::keys::Channel;
use crate::metric::Metric;
use crate::plan::{PlanCell, Reason, RuleValue, Status, keeps};

/// Why a cell is as it is, with its numbers and what to keep in mind about it.
pub fn of(cell: &PlanCell, channel: Channel, lang: Lang) -> String {
    flags(cell).fold(words(cell, channel, lang), |text, flag| text + lang::AND.in_(lang) + flag.in_(lang))
}

/// Whether a text that [`of`] gave, in whatever language, begins with this reason.
pub fn says(text: &str, reason: Word) -> bool {
    let begins = |lang: Lang| {
        let rest = text.strip_prefix(reason.in_(lang));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(lang::AND.in_(lang)))
    };
    [Lang::En, Lang::Zh].into_iter().any(begins)
}

/// Why a cell is as it is, with its numbers, in a sentence without a full stop.
pub fn words(cell: &PlanCell, channel: Channel, lang: Lang) -> String {
    let bid = |value: f64| number::bid(channel, value);
    let plain = |value: f64| number::fixed(value, 2);
    match cell.reason {
        Reason::DoesNotPay { best_bid, gain, price } => {
            lang::DOES_NOT_PAY.with(lang, &[&bid(best_bid), &plain(gain), &plain(price)])
        }
        Reason::GivesWay { best_bid, gain } => lang::GIVES_WAY.with(lang, &[&bid(best_bid), &plain(gain)]),
        Reason::OutsideBand { at_lowest, at_highest } => {
            lang::OUTSIDE_BAND.with(lang, &[&number::fixed(at_lowest, 1), &number::fixed(at_highest, 1)])
        }
        Reason::NoAdmissibleBid { lowest, highest } => {
            lang::NO_ADMISSIBLE_BID.with(lang, &[&bid(lowest), &bid(highest)])
        }
        _ => kind(&cell.reason).in_(lang).to_string(),
    }
}

/// The kind of a reason without its numbers, by which cells are counted.
pub fn kind(reason: &Reason) -> Word {
    match reason {
        Reason::Chosen => lang::CHOSEN,
        Reason::FixedBid => lang::FIXED_BID,
        Reason::Unmanaged => lang::UNMANAGED,
        Reason::SlotTaken => lang::SLOT_TAKEN,
        Reason::ByHand => lang::BY_HAND,
        Reason::OffByHand => lang::OFF_BY_HAND,
        Reason::Paused => lang::PAUSED,
        Reason::DoesNotPay { .. } => lang::DOES_NOT_PAY_SHORT,
        Reason::GivesWay { .. } => lang::GIVES_WAY_SHORT,
        Reason::OutsideBand { .. } => lang::OUTSIDE_BAND_SHORT,
        Reason::NoAdmissibleBid { .. } => lang::NO_ADMISSIBLE_BID_SHORT,
        Reason::NoHistory => lang::NO_HISTORY,
        Reason::NotOffered => lang::NOT_OFFERED,
        Reason::Over => lang::OVER,
        Reason::UnderWay => lang::UNDER_WAY,
    }
}

/// A change of the bid by more than this share deserves a look before it is uploaded.
const LARGE: f64 = 0.5;

/// What to keep in mind about a cell that runs.
pub fn flags(cell: &PlanCell) -> impl Iterator<Item = Word> {
    let planned = cell.reason != Reason::Over;
    let extrapolated = (planned && cell.run && cell.extrapolated).then_some(lang::EXTRAPOLATED);
    let imputed = (planned && cell.run && cell.imputed).then_some(lang::IMPUTED);
    let large =
        (planned && cell.change().is_some_and(|change| change.abs() > LARGE)).then_some(lang::LARGE_CHANGE);
    large.into_iter().chain(extrapolated).chain(imputed)
}

/// A channel's name.
pub fn channel(channel: Channel) -> Word {
    match channel {
        Channel::Search => lang::SEARCH,
        Channel::Display => lang::DISPLAY,
        Channel::Affiliate => lang::AFFILIATE,
        Channel::GroupBuy => lang::GROUP_BUY,
    }
}

/// A metric's name.
pub fn metric(metric: Metric) -> Word {
    match metric {
        Metric::Impressions => lang::IMPRESSIONS,
        Metric::Clicks => lang::CLICKS,
        Metric::Spend => lang::SPEND,
        Metric::Orders => lang::ORDERS,
        Metric::Revenue => lang::REVENUE,
        Metric::Profit => lang::PROFIT,
        Metric::Roi => lang::ROI,
        Metric::Cpc => lang::CPC,
        Metric::Cpm => lang::CPM,
        Metric::Ctr => lang::CTR,
        Metric::Cvr => lang::CVR,
        Metric::CostPerOrder => lang::COST_PER_ORDER,
    }
}

/// What is maximised.
pub fn objective(objective: Objective) -> Word {
    match objective {
        Objective::Revenue => lang::REVENUE,
        Objective::Profit => lang::PROFIT,
        Objective::Orders => lang::ORDERS,
        Objective::Clicks => lang::CLICKS,
    }
}

/// How a plan ended; bids that a person approved may break rules.
pub fn ended(status: Status, rules: &[RuleValue]) -> Word {
    match status {
        Status::Infeasible => lang::INFEASIBLE,
        _ if !keeps(rules) => lang::BREAKS_RULES,
        Status::Optimal => lang::OPTIMAL,
        Status::Feasible => lang::FEASIBLE,
    }
}

/// Why a cell is as it is, without its numbers, and what to keep in mind about it.
pub fn short(cell: &PlanCell, lang: Lang) -> String {
    let kind = kind(&cell.reason).in_(lang).to_owned();
    flags(cell).fold(kind, |text, flag| text + lang::AND.in_(lang) + flag.in_(lang))
}

/// A rule row's scope: in English the plan file's own words, in Chinese its keys and channels by their names.
pub fn scope(scope: &str, lang: Lang) -> String {
    match lang {
        _ if scope == "plan" => lang::WHOLE_PLAN.in_(lang).to_string(),
        Lang::En => scope.to_string(),
        Lang::Zh => in_chinese(scope),
    }
}

/// The keys of a scope and their names.
const KEYS: [(&str, Word); 7] = [
    ("channel", lang::CHANNEL),
    ("campaign", lang::CAMPAIGN),
    ("unit", lang::UNIT),
    ("product", lang::PRODUCT),
    ("date", lang::DATE),
    ("hour", lang::HOUR),
    ("phase", lang::PHASE),
];

/// `2 of 4 rows`; or `channel=search|display hour=10` as 渠道：直通车、钻展；小时：10. Names of a shop may hold anything but stay as they are.
fn in_chinese(scope: &str) -> String {
    if let Some((some, all)) = scope.strip_suffix(" rows").and_then(|rows| rows.split_once(" of ")) {
        return format!("{all} 行中的 {some} 行");
    }
    let mut parts: Vec<String> = Vec::new();
    for part in scope.split(' ') {
        let named = part.split_once('=').and_then(|(key, value)| {
            KEYS.iter().find(|(name, _)| *name == key).map(|(_, word)| (word.zh, value))
        });
        let Some((key, values)) = named else {
            // A name with a space in it.
            match parts.last_mut() {
                Some(last) => *last = format!("{last} {part}"),
                None => parts.push(part.to_owned()),
            }
            continue;
        };
        let value = |value: &str| {
            let (first, rest) =
                value.split_once('/').map_or((value, None), |(first, rest)| (first, Some(rest)));
            let known = Channel::ALL.into_iter().find(|known| known.name() == first);
            let first = known.map_or(first, |known| channel(known).zh);
            rest.map_or_else(|| first.to_owned(), |rest| format!("{first}/{rest}"))
        };
        let values: Vec<String> = values.split('|').map(value).collect();
        parts.push(format!("{key}：{}", values.join("、")));
    }
    parts.join("；")
}

/// A rule row's name, `roi [channel=search]`, its scope in words.
pub fn named(name: &str, lang: Lang) -> String {
    match name.strip_suffix(']').and_then(|name| name.rsplit_once(" [")) {
        Some((rule, inside)) => format!("{rule} [{}]", scope(inside, lang)),
        None => name.to_owned(),
    }
}

/// A rule row's metric, named as a share where it is one.
pub fn bounded(of: Metric, share: bool, lang: Lang) -> String {
    let name = metric(of).in_(lang);
    if share { lang::SHARE_OF.with(lang, &[name]) } else { name.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_told_in_chinese_and_names_stay() {
        for (scope_, expected) in [
            ("plan", "全部"),
            ("channel=search|display hour=10|20-22", "渠道：直通车、钻展；小时：10、20-22"),
            ("unit=search/a b/kw=1 hour=3", "投放单元：直通车/a b/kw=1；小时：3"),
            ("2 of 4 rows", "4 行中的 2 行"),
        ] {
            assert_eq!(scope(scope_, Lang::Zh), expected);
        }
        assert_eq!(named("roi [channel=search]", Lang::Zh), "roi [渠道：直通车]");
        assert_eq!(named("roi", Lang::Zh), "roi");
    }
}
