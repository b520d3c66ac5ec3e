//! Channels of which nothing runs: a plan without them may be right, and is rarely what was meant.

use std::collections::BTreeMap;

use crate::error::Finding;
use crate::keys::Channel;
use crate::plan::{Plan, PlanCell};
use crate::reason::Reason;

/// Warns of every channel with cells of which none runs, with the most frequent reason; not where it was paused.
pub(super) fn silent(plan: &Plan) -> Vec<Finding> {
    let of_channel = |channel: Channel| -> Option<Finding> {
        let cells: Vec<&PlanCell> =
            plan.cells.iter().filter(|cell| plan.unit(cell).channel == channel).collect();
        let meant = |cell: &&&PlanCell| matches!(cell.reason, Reason::Paused | Reason::OffByHand);
        if cells.is_empty() || cells.iter().any(|cell| cell.run) || cells.iter().all(|cell| meant(&cell)) {
            return None;
        }
        let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
        for cell in cells.iter().filter(|cell| cell.reason != Reason::NotOffered) {
            *reasons.entry(in_words(&cell.reason)).or_default() += 1;
        }
        // Slots are taken on the days on which they pay: to take none is a day like others.
        let pays = |cell: &&PlanCell| !matches!(cell.reason, Reason::DoesNotPay { .. } | Reason::NotOffered);
        if channel == Channel::GroupBuy && !cells.iter().any(pays) {
            return None;
        }
        let (reason, count) = reasons.into_iter().max_by_key(|(_, count)| *count)?;
        let cause =
            format!("nothing of {channel} runs: 0 of {} cells; for {count} of them {reason}", cells.len());
        let action = match channel {
            Channel::GroupBuy => {
                "nothing to do if no slot shall be taken; `bidwright explain` says what would have to change"
            }
            _ => {
                "look at the position band, the bid limits and the rules that reach it; `bidwright explain` says what each would need"
            }
        };
        Some(Finding::warning("P030", cause, action))
    };
    Channel::ALL.into_iter().filter_map(of_channel).collect()
}

/// A reason as the end of a sentence.
fn in_words(reason: &Reason) -> &'static str {
    match reason {
        Reason::Paused | Reason::OffByHand => "somebody paused them",
        Reason::DoesNotPay { .. } => "no bid earns its keep under the rules",
        Reason::GivesWay { .. } => "rules are kept only without them",
        Reason::OutsideBand { .. } => "no allowed bid reaches the position band",
        Reason::NoAdmissibleBid { .. } => "the limits leave no bid",
        Reason::NoHistory => "the history says nothing to set a bid by",
        _ => "there is another reason",
    }
}
