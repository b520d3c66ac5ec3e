//! Limits of bids: per channel, per slot and in overrides.

use super::Findings;
use crate::config::{BidOverride, Override, PlanFile, Replan, Slot};
use crate::error::Finding;
use crate::keys::Channel;

/// How far a bid may be from a multiple of its step and still count as one, in steps.
const STEP_TOLERANCE: f64 = 1e-6;

/// What `[search]`, `[display]` and `[affiliate]` have in common.
struct Limits {
    channel: Channel,
    bid: [f64; 2],
    bid_step: f64,
    max_change: Option<f64>,
    extrapolate: f64,
}

fn limits(file: &PlanFile) -> [Limits; 3] {
    let (search, display, affiliate) = (&file.search, &file.display, &file.affiliate);
    let of = |channel, bid, bid_step, max_change, extrapolate| Limits {
        channel,
        bid,
        bid_step,
        max_change,
        extrapolate,
    };
    [
        of(Channel::Search, search.bid, search.bid_step, search.max_change, search.extrapolate),
        of(Channel::Display, display.bid, display.bid_step, display.max_change, display.extrapolate),
        of(
            Channel::Affiliate,
            affiliate.bid,
            affiliate.bid_step,
            affiliate.max_change,
            affiliate.extrapolate,
        ),
    ]
}

pub(super) fn check(file: &PlanFile, found: &mut Findings) {
    let limits = limits(file);
    for limit in &limits {
        let key = limit.channel.name();
        bid(&format!("{key}.bid"), limit.bid, limit.channel == Channel::Affiliate, found);
        shared(key, Some(limit.bid_step), limit.max_change, Some(limit.extrapolate), found);
        steps(&format!("{key}.bid"), limit.bid, limit.bid_step, found);
    }
    position("search.position", file.search.position, found);
    let hold = file.search.hold;
    found.range("search.hold", hold, (0.0..=1.0).contains(&hold), "a share from 0 to 1");
    let fee = file.affiliate.service_fee;
    found.range(
        "affiliate.service_fee",
        fee,
        (0.0..1.0).contains(&fee),
        "a share of sales, at least 0 and below 1",
    );
    let change = file.approval.change;
    found.range("approval.change", change, change >= 0.0, "at least 0");
    slots(&file.group_buy.slot, found);
    replan(&file.replan, found);
    for (at, change) in file.overrides.iter().enumerate() {
        override_(&format!("override.{at}"), change, file, &limits, found);
    }
}

fn replan(replan: &Replan, found: &mut Findings) {
    let Replan { max_change, persistence, restless, jumps, dearest, same_day, order_hours } = *replan;
    let mut range = |key: &str, value: f64, within: bool, must: &str| {
        found.range(&format!("replan.{key}"), value, within, must);
    };
    range("max_change", max_change, max_change > 0.0 && max_change.is_finite(), "above 0");
    range("persistence", persistence, (0.0..=1.0).contains(&persistence), "a share from 0 to 1");
    range("restless", restless, restless > 0.0 && restless <= 1.0, "a share above 0, at most 1");
    range("jumps", jumps, (0.0..1.0).contains(&jumps), "a chance from 0 to below 1");
    range("dearest", dearest, dearest > 0.0, "above 0");
    if let Some(share) = same_day {
        range("same_day", share, share > 0.0 && share <= 1.0, "a share above 0, at most 1");
    }
    range("order_hours", order_hours, (0.0..=24.0).contains(&order_hours), "from 0 to 24 hours");
}

fn bid(key: &str, range: [f64; 2], is_commission: bool, found: &mut Findings) {
    found.ordered(key, range);
    let [low, high] = range;
    found.range(key, low.min(high), low.min(high) > 0.0, "above 0 at both ends");
    if is_commission {
        found.range(key, low.max(high), low.max(high) <= 1.0, "at most 1 at both ends, a share of sales");
    }
}

fn position(key: &str, range: [f64; 2], found: &mut Findings) {
    found.ordered(key, range);
    let best = range[0].min(range[1]);
    found.range(key, best, best >= 1.0, "1 or more at both ends (1 is the top)");
}

fn shared(
    key: &str,
    bid_step: Option<f64>,
    max_change: Option<f64>,
    extrapolate: Option<f64>,
    found: &mut Findings,
) {
    if let Some(step) = bid_step {
        found.range(&format!("{key}.bid_step"), step, step > 0.0, "above 0");
    }
    if let Some(change) = max_change {
        found.range(
            &format!("{key}.max_change"),
            change,
            change > 0.0,
            "above 0 (0.5 is half as much again)",
        );
    }
    if let Some(margin) = extrapolate {
        found.range(&format!("{key}.extrapolate"), margin, margin >= 0.0, "0 or more");
    }
}

fn slots(slots: &[Slot], found: &mut Findings) {
    for (at, slot) in slots.iter().enumerate() {
        let key = format!("group_buy.slot.{at}");
        let same = |earlier: &&Slot| {
            earlier.unit == slot.unit
                && (earlier.campaign == slot.campaign
                    || earlier.campaign.is_none()
                    || slot.campaign.is_none())
        };
        if slots[..at].iter().any(|earlier| same(&earlier)) {
            found.error(
                format!("{key}.unit"),
                "C040",
                format!("slot `{}` is on offer twice", slot.unit),
                "remove one, or tell them apart by `campaign`",
            );
        }
        found.range(&format!("{key}.fixed_fee"), slot.fixed_fee, slot.fixed_fee >= 0.0, "0 or more");
        found.range(
            &format!("{key}.rate"),
            slot.rate,
            (0.0..=1.0).contains(&slot.rate),
            "a share of sales from 0 to 1",
        );
        for (name, fee) in [("fee_min", slot.fee_min), ("fee_max", slot.fee_max)] {
            let fee = fee.unwrap_or(0.0);
            found.range(&format!("{key}.{name}"), fee, fee >= 0.0, "0 or more");
        }
        if let (Some(low), Some(high)) = (slot.fee_min, slot.fee_max)
            && low > high
        {
            found.error(
                format!("{key}.fee_min"),
                "C041",
                format!("`fee_min` {low} is above `fee_max` {high}"),
                "lower `fee_min` or raise `fee_max`",
            );
        }
    }
}

fn override_(key: &str, change: &Override, file: &PlanFile, limits: &[Limits], found: &mut Findings) {
    found.scope(&format!("{key}.where"), &change.scope, file);
    let Override { scope, run, managed, bid: new_bid, position: band, bid_step, max_change, extrapolate } =
        change;
    let numbers = [bid_step, max_change, extrapolate];
    if run.is_none()
        && managed.is_none()
        && new_bid.is_none()
        && band.is_none()
        && numbers.iter().all(|number| number.is_none())
    {
        found.error(
            key,
            "C030",
            "the override changes nothing",
            "give it `run`, `managed`, `bid`, `position`, `bid_step`, `max_change` or `extrapolate`, or remove it",
        );
    }
    shared(key, *bid_step, *max_change, *extrapolate, found);
    if let Some(band) = band {
        position(&format!("{key}.position"), *band, found);
    }
    // Without a channel it is not known here which limits the bid will meet: see `PlanFile::bid_findings`.
    let channels = scope.channel.as_ref().map_or(&[][..], |channels| channels.as_slice());
    let key = format!("{key}.bid");
    match new_bid {
        Some(BidOverride::Range(range)) => bid(&key, *range, channels == [Channel::Affiliate], found),
        Some(BidOverride::Fixed(fixed)) => found.range(&key, *fixed, *fixed > 0.0, "above 0"),
        None => {}
    }
    for limit in limits.iter().filter(|limit| channels.contains(&limit.channel)) {
        of_channel(&key, change, limit, found);
    }
}

impl PlanFile {
    /// What is wrong with the bid of an override for units of a channel that it reaches without naming it: `C031` an
    /// error, `C032` and `C033` warnings.
    pub fn bid_findings(&self, change: &Override, channel: Channel) -> Vec<Finding> {
        let named = change.scope.channel.as_ref().is_some_and(|named| named.as_slice().contains(&channel));
        let mut found = Findings::default();
        for limit in limits(self).iter().filter(|limit| !named && limit.channel == channel) {
            of_channel("", change, limit, &mut found);
        }
        found.0.into_iter().map(|(_, finding)| finding).collect()
    }
}

/// The bid of an override beside the limits of a channel that it reaches.
fn of_channel(key: &str, change: &Override, limit: &Limits, found: &mut Findings) {
    let step = change.bid_step.unwrap_or(limit.bid_step);
    match change.bid {
        Some(BidOverride::Fixed(fixed)) if fixed > 0.0 => fixed_bid(key, fixed, limit, step, found),
        Some(BidOverride::Range(range)) => steps(key, range, step, found),
        _ => {}
    }
}

/// `C033` for a range without a multiple of the step.
fn steps(key: &str, [low, high]: [f64; 2], step: f64, found: &mut Findings) {
    let (first, last) = ((low / step - STEP_TOLERANCE).ceil(), (high / step + STEP_TOLERANCE).floor());
    if step > 0.0 && low <= high && first > last {
        found.warning(
            key,
            "C033",
            format!("no multiple of the bid step {step} lies in {low} to {high}: no bid is allowed there"),
            "widen the range, or make `bid_step` smaller",
        );
    }
}

fn fixed_bid(key: &str, fixed: f64, limit: &Limits, step: f64, found: &mut Findings) {
    let ([low, high], channel) = (limit.bid, limit.channel);
    if fixed < low || fixed > high {
        found.error(
            key,
            "C031",
            format!("the fixed bid {fixed} is outside `[{channel}] bid`, which is {low} to {high}"),
            format!("fix a bid within the range, or widen `[{channel}] bid`"),
        );
    }
    let steps = fixed / step;
    if step > 0.0 && (steps - steps.round()).abs() > STEP_TOLERANCE {
        found.warning(
            key,
            "C032",
            format!(
                "the fixed bid {fixed} is not a multiple of the bid step {step}; it will be rounded to one"
            ),
            "fix a multiple of the step, or give the override its own `bid_step`",
        );
    }
}
