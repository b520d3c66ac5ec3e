//! Chance: one stream of random numbers for every purpose × unit × day × hour.
//!
//! A stream depends on nothing but its name, so playing one cell never changes another, and the
//! same cell under two bids meets the same queries, the same rivals and the same buyers.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Binomial, Distribution, Poisson, StandardNormal};

/// What a stream is drawn for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Purpose {
    /// What a unit is, once and for all.
    Traits,
    /// The operator's changes of a unit's bid.
    Habit,
    /// The operator's hour discounts of a campaign.
    Schedule,
    /// How much is asked for on a day.
    Demand,
    /// How ready people are to buy on a day.
    Buying,
    /// What rivals do on a day.
    Rivals,
    /// Who meets whom in a cell.
    Auction,
    /// Who clicks in a cell.
    Clicks,
    /// Who buys in a cell, for how much and when.
    Sales,
    /// Who looks as far down as our slot.
    Seen,
    /// Which promoters go live on a day.
    Burst,
    /// What rivals do in an hour.
    Nerves,
    /// Whether the operator let a unit rest on a day.
    Rest,
}

/// The source of all streams of a shop.
#[derive(Debug, Clone, Copy)]
pub(super) struct Chance {
    seed: u64,
    luck: u32,
}

/// The hour of a stream that belongs to a whole day.
const WHOLE_DAY: u8 = 255;

impl Chance {
    pub fn new(seed: u64) -> Self {
        Chance { seed, luck: 0 }
    }

    /// The same shop with other luck: what lasts is as it was, days and cells are drawn anew. Luck 0 is
    /// the history's.
    pub fn with_luck(&self, luck: u32) -> Self {
        Chance { luck, ..*self }
    }

    /// The stream of a cell. `key` is the unit's, see [`key`].
    pub fn cell(&self, purpose: Purpose, key: u64, day: i32, hour: u8) -> Stream {
        let mut name = [0; 32];
        name[..8].copy_from_slice(&self.seed.to_le_bytes());
        name[8..16].copy_from_slice(&key.to_le_bytes());
        name[16..20].copy_from_slice(&day.to_le_bytes());
        name[20] = hour;
        name[21] = purpose as u8;
        name[22..26].copy_from_slice(&self.luck.to_le_bytes());
        Stream(ChaCha8Rng::from_seed(name))
    }

    /// The stream of a unit's whole day.
    pub fn day(&self, purpose: Purpose, key: u64, day: i32) -> Stream {
        self.cell(purpose, key, day, WHOLE_DAY)
    }

    /// The stream of a unit, the same on every day and under any luck.
    pub fn unit(&self, purpose: Purpose, key: u64) -> Stream {
        self.with_luck(0).day(purpose, key, i32::MIN)
    }
}

/// The key of a name in every stream (FNV-1a), so that a unit keeps its traits when others come or go.
pub(super) fn key(parts: &[&str]) -> u64 {
    parts.iter().flat_map(|part| part.bytes().chain([0])).fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

/// A stream of random numbers.
pub(super) struct Stream(ChaCha8Rng);

impl Stream {
    /// Between 0 and 1.
    pub fn share(&mut self) -> f64 {
        self.0.random()
    }

    /// Evenly between two numbers.
    pub fn between(&mut self, [low, high]: [f64; 2]) -> f64 {
        low + (high - low) * self.share()
    }

    /// Evenly one of `0..count`; 0 when there is nothing to choose from.
    pub fn pick(&mut self, count: usize) -> usize {
        ((self.share() * count as f64) as usize).min(count.saturating_sub(1))
    }

    /// True with this chance.
    pub fn happens(&mut self, chance: f64) -> bool {
        self.share() < chance
    }

    /// The standard normal distribution.
    pub fn normal(&mut self) -> f64 {
        StandardNormal.sample(&mut self.0)
    }

    /// A factor around 1: lognormal with median 1.
    pub fn factor(&mut self, sigma: f64) -> f64 {
        (sigma * self.normal()).exp()
    }

    /// A factor of at least 1 with a heavy tail: Pareto with this exponent, cut off at `most`.
    pub fn tail(&mut self, exponent: f64, most: f64) -> f64 {
        (1.0 - self.share()).powf(-1.0 / exponent).min(most)
    }

    /// A count with this mean; 0 where the mean is not a positive number.
    pub fn poisson(&mut self, mean: f64) -> u64 {
        Poisson::new(mean).map_or(0, |poisson: Poisson<f64>| poisson.sample(&mut self.0) as u64)
    }

    /// Successes among `trials`.
    pub fn binomial(&mut self, trials: u64, chance: f64) -> u64 {
        Binomial::new(trials, chance.clamp(0.0, 1.0)).map_or(0, |binomial| binomial.sample(&mut self.0))
    }
}

/// Rounds to two decimals, as platforms write money.
pub(super) fn fen(money: f64) -> f64 {
    (money * 100.0).round() / 100.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_depends_on_all_of_its_name_and_nothing_else() {
        let chance = Chance::new(7);
        let first = |purpose, name: &str, day, hour| chance.cell(purpose, key(&[name]), day, hour).share();
        let one = first(Purpose::Clicks, "kw", 3, 4);
        assert_eq!(one, first(Purpose::Clicks, "kw", 3, 4));
        for other in [
            first(Purpose::Sales, "kw", 3, 4),
            first(Purpose::Clicks, "kx", 3, 4),
            first(Purpose::Clicks, "kw", 4, 4),
            first(Purpose::Clicks, "kw", 3, 5),
            Chance::new(8).cell(Purpose::Clicks, key(&["kw"]), 3, 4).share(),
        ] {
            assert_ne!(one, other);
        }
        assert_ne!(key(&["a", "bc"]), key(&["ab", "c"]));
    }

    #[test]
    fn absurd_means_and_chances_do_not_panic() {
        let mut stream = Chance::new(1).unit(Purpose::Traits, 0);
        assert_eq!(stream.poisson(f64::NAN), 0);
        assert_eq!(stream.poisson(-1.0), 0);
        assert_eq!(stream.binomial(9, 2.0), 9);
        assert_eq!(stream.binomial(9, f64::NAN), 0);
        assert_eq!(stream.pick(0), 0);
    }
}
