//! What a day under way says of itself: the level of every rate against the forecast, hour by hour.
//!
//! ```text
//! rate today = forecast · channel · campaign · unit
//! ```
//!
//! Each of the three factors is a level that is 1 before the day begins, moves a little from hour to hour, falls back
//! towards 1, and is known as well as its hours have shown (`tier`). Rates follow the chain of a landscape: where
//! ads stood, how many saw them, clicked, at what price, bought, for how much; each is compared with what was to be
//! expected *given* the one before it. (`models/formulation.md` §12)

mod jumps;
mod learn;
mod rates;
mod share;
mod tier;

use serde::{Deserialize, Serialize};

use super::spread::RATES;
use crate::keys::Channel;
use crate::metric::Outcome;

pub use jumps::JUMP;
pub(super) use learn::CHAIN;
pub use rates::Happened;
pub(super) use rates::{compare, effects};
pub use share::Arrived;

/// Levels that a unit has: the rates of the chain ([`RATES`]), and the odds of standing behind a rival.
pub const LEVELS: usize = RATES + 1;
/// The level of positions.
pub(super) const POSITION: usize = RATES;
/// What the levels are called.
pub const NAMES: [&str; LEVELS] = ["volume", "ctr", "price", "cvr", "value", "position"];

/// A channel's level of one rate.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Level {
    /// Against the forecast, now.
    pub factor: f64,
    /// Standard deviation of the factor, as a share.
    pub deviation: f64,
}

/// What today says of one channel.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ChannelLevels {
    /// The channel.
    pub channel: Channel,
    /// Its levels, in the order of [`NAMES`]; nothing where the channel has no such rate or nothing was seen.
    pub levels: [Option<Level>; LEVELS],
}

/// The levels of a day under way.
#[derive(Debug, Clone, Default)]
pub struct Today {
    /// First hour that is not over: the forecast of this and the following hours has today's levels.
    pub from: u8,
    /// Slots that run on the day.
    pub slots: Vec<u32>,
    /// By channel, for people.
    pub channels: Vec<ChannelLevels>,
    persistence: f64,
    /// By unit, at the end of the last hour that is over.
    levels: Vec<[f32; LEVELS]>,
    /// By channel: relative variance of each rate that its units share.
    variance: Vec<(Channel, [f64; RATES])>,
}

impl Today {
    /// A unit's level of a rate in an hour.
    pub(super) fn level(&self, unit: u32, level: usize, hour: u8) -> f64 {
        match hour.checked_sub(self.from) {
            Some(later) => {
                let now = f64::from(self.levels[unit as usize][level]);
                1.0 + self.persistence.powi(i32::from(later) + 1) * (now - 1.0)
            }
            None => 1.0,
        }
    }

    /// A unit's level of a rate at the end of the last hour that is over.
    pub(super) fn now(&self, unit: u32, level: usize) -> f64 {
        f64::from(self.levels[unit as usize][level])
    }

    /// Relative variances of a channel's rates for the rest of the day; nothing for a channel without levels.
    pub(super) fn common(&self, channel: Channel) -> Option<[f64; RATES]> {
        self.variance.iter().find(|(of, _)| *of == channel).map(|(_, variance)| *variance)
    }
}

/// Orders that are still to come for clicks of hours that are over, and what follows from them.
pub type Late = Outcome;
