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

/// A rule row's scope; the plan's own words but for the whole plan.
pub fn scope(scope: &str, lang: Lang) -> String {
    if scope == "plan" { lang::WHOLE_PLAN.in_(lang).to_string() } else { scope.to_string() }
}

/// A rule row's metric, named as a share where it is one.
pub fn bounded(of: Metric, share: bool, lang: Lang) -> String {
    let name = metric(of).in_(lang);
    if share { lang::SHARE_OF.with(lang, &[name]) } else { name.to_string() }
}
