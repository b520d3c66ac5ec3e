//! Why a cell of the plan is as it is.

use serde::{Deserialize, Serialize};

/// Why a cell is as it is, in a form that can be counted and translated.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Reason {
    /// Runs at the bid that pays best at the rules' prices.
    Chosen,
    /// Runs at a bid that the plan file fixes.
    FixedBid,
    /// Bid by the platform; forecast only.
    Unmanaged,
    /// The slot is taken.
    SlotTaken,
    /// Runs at a bid that a person set in the approved workbook.
    ByHand,
    /// Off because the approved workbook says so, or lets it fall back to that.
    OffByHand,
    /// Paused by an override.
    Paused,
    /// No bid on the ladder earns its keep at the rules' prices.
    DoesNotPay {
        /// Bid of the rung that came closest.
        best_bid: f64,
        /// Objective that it would bring.
        gain: f64,
        /// What it would use of the binding rules, priced in objective.
        price: f64,
    },
    /// A bid would earn its keep, but bids on their steps keep the rules, or come near them, without it.
    GivesWay {
        /// Bid of the best rung.
        best_bid: f64,
        /// Objective that it would bring.
        gain: f64,
    },
    /// No bid that is allowed reaches the position band.
    OutsideBand {
        /// Predicted position at the lowest allowed bid.
        at_lowest: f64,
        /// Predicted position at the highest allowed bid.
        at_highest: f64,
    },
    /// Bid range, largest change and the history's support have no bid in common.
    NoAdmissibleBid {
        /// Lowest bid of each limit, highest first.
        lowest: f64,
        /// Highest bid of each limit, lowest first.
        highest: f64,
    },
    /// The history says nothing of this cell that a bid could be set by.
    NoHistory,
    /// The slot is not open in this hour.
    NotOffered,
    /// The hour is over: this is what happened.
    Over,
    /// Bought by the day, which is under way: it keeps its bid, or stays away.
    UnderWay,
}

impl Reason {
    /// The kind of reason, as its `kind` in JSON.
    pub fn kind(&self) -> &'static str {
        match self {
            Reason::Chosen => "chosen",
            Reason::FixedBid => "fixed_bid",
            Reason::Unmanaged => "unmanaged",
            Reason::SlotTaken => "slot_taken",
            Reason::ByHand => "by_hand",
            Reason::OffByHand => "off_by_hand",
            Reason::Paused => "paused",
            Reason::DoesNotPay { .. } => "does_not_pay",
            Reason::GivesWay { .. } => "gives_way",
            Reason::OutsideBand { .. } => "outside_band",
            Reason::NoAdmissibleBid { .. } => "no_admissible_bid",
            Reason::NoHistory => "no_history",
            Reason::NotOffered => "not_offered",
            Reason::Over => "over",
            Reason::UnderWay => "under_way",
        }
    }
}
