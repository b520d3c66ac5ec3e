//! The halo of slots: while one is open, the shop's other traffic rises.
//!
//! ```text
//! ln(seen ÷ expected) of an hour of a day = day + hour + Σ halo of the slots that are open + chance
//! ```
//!
//! for the traffic of each channel, as a fit that knows nothing of slots expects it. Days and hours are free, so
//! only what rises within a day while a slot is open, and does not in the same hours of other days, is taken for
//! its halo: a day that is busy anyway is not. A slot that is always open all day on its own weekday cannot be told
//! from that weekday; it leans on the others, as all of them do on their mean. (`models/formulation.md` §2)

use super::pooling::Explained;
use crate::calendar::HOURS;
use crate::history::{History, Observation};
use crate::keys::Channel;

/// How far slots' halos lie apart, and how far their mean lies from none, before anything is seen; the first is
/// worth so many slots.
const APART: f64 = 0.04;
const MEAN: f64 = 0.15;
const BELIEF: f64 = 3.0;
/// Scatter of an hour of a whole channel beyond what its rows have by chance: believed, and the least.
const SHAKE: f64 = 0.03;
const LEAST_SHAKE: f64 = 0.01;
/// Sweeps over days, hours and slots; the last ones change halos by less than 1e-4 on every shop tried.
const SWEEPS: usize = 60;
/// Sweeps after which scatter and spread are learned again.
const RELEARN: usize = 12;
/// An hour further off than so many times its scatter counts no more than one that is so far off.
const OUTLIER: f64 = 3.0;
/// More than this, either way, is something else.
const MOST: f64 = 0.7;

/// Which slots were open when, and what they make of other traffic.
#[derive(Debug, Default)]
pub(super) struct Halo {
    first: i32,
    /// Slots open in each hour, day by day.
    open: Vec<Vec<u16>>,
    slots: usize,
    /// What was seen of the channels so far.
    channels: Vec<Vec<Hour>>,
    /// By slot, ln of what it makes of other traffic.
    pub more: Vec<f64>,
}

/// The traffic of a channel in an hour of a day.
#[derive(Debug)]
struct Hour {
    day: usize,
    hour: usize,
    /// ln(seen ÷ expected).
    ratio: f64,
    /// Of the ratio, by the chance of rows.
    variance: f64,
    open: Vec<u16>,
}

impl Halo {
    /// When the slots of a history ran; their halos are unknown.
    pub fn of(history: &History) -> Halo {
        let slots: Vec<usize> =
            (0..history.units.len()).filter(|at| history.units[*at].channel == Channel::GroupBuy).collect();
        let (Some(from), Some(to)) = (slots.first(), slots.last()) else { return Halo::default() };
        let ran = || {
            let rows = history.observations.iter().filter(|row| (*from..=*to).contains(&(row.unit as usize)));
            rows.filter(|row| row.impressions + row.clicks + row.orders > 0.0)
        };
        let end = |row: &Observation| row.day + i32::from(row.days);
        let (Some(first), Some(last)) = (ran().map(|row| row.day).min(), ran().map(end).max()) else {
            return Halo::default();
        };
        let mut open = vec![Vec::new(); (last - first) as usize * HOURS];
        for row in ran() {
            let slot = (row.unit as usize - from) as u16;
            for day in row.day..end(row) {
                let hours = &mut open[(day - first) as usize * HOURS..][..HOURS];
                match row.hour {
                    Some(hour) => hours[usize::from(hour) % HOURS].push(slot),
                    None => hours.iter_mut().for_each(|open| open.push(slot)),
                }
            }
        }
        Halo { first, open, slots: slots.len(), channels: Vec::new(), more: vec![0.0; slots.len()] }
    }

    /// Whether any slot ever ran.
    pub fn any(&self) -> bool {
        self.slots > 0
    }

    fn open(&self, day: i32, hour: usize) -> &[u16] {
        let at = i64::from(day - self.first) * HOURS as i64 + hour as i64;
        usize::try_from(at).ok().and_then(|at| self.open.get(at)).map_or(&[], Vec::as_slice)
    }

    /// What the slots that were open made of a row's traffic; hours of a whole day weigh as in `shape`.
    pub fn lift(&self, row: &Observation, shape: &[f64]) -> f64 {
        let at = |day: i32, hour: usize| -> f64 {
            self.open(day, hour).iter().map(|slot| self.more[usize::from(*slot)]).sum::<f64>().exp()
        };
        if let Some(hour) = row.hour {
            return at(row.day, hour.into());
        }
        let days = row.day..row.day + i32::from(row.days);
        let day = |day: i32| shape.iter().enumerate().map(|(hour, share)| share * at(day, hour)).sum::<f64>();
        let whole = shape.iter().sum::<f64>().max(1e-12);
        days.map(day).sum::<f64>() / (whole * f64::from(row.days).max(1.0))
    }

    /// Learns from a channel's traffic beside what was expected of it without halos, and from the channels before.
    /// `first` is the day that rows count from.
    pub fn learn(&mut self, explained: &Explained, first: i32) {
        let mut sums: std::collections::BTreeMap<(u16, u8), [f64; 3]> = std::collections::BTreeMap::new();
        for cell in explained.cells() {
            if let (Some((day, _)), Some(hour)) = (cell.row.day, cell.row.hour) {
                let [seen, expected, variance] = sums.entry((day, hour)).or_default();
                *seen += cell.row.y;
                *expected += cell.mean;
                *variance += explained.noise.each * cell.mean + explained.noise.common * cell.mean.powi(2);
            }
        }
        let each = explained.noise.each;
        let hours = sums.into_iter().filter(|(_, sums)| sums[1] > 0.0);
        let hours = hours.map(|((day, hour), [seen, expected, variance])| Hour {
            day: day.into(),
            hour: usize::from(hour) % HOURS,
            ratio: ((seen + each / 2.0) / (expected + each / 2.0)).ln(),
            variance: variance / (expected + each / 2.0).powi(2),
            open: self.open(first + i32::from(day), hour.into()).to_vec(),
        });
        self.channels.push(hours.collect());
        self.more = solve(&self.channels, self.slots);
    }
}

/// Halos by sweeps: each family of terms in turn, given the others, every slot against the mean of its days.
fn solve(channels: &[Vec<Hour>], slots: usize) -> Vec<f64> {
    let hours: Vec<(usize, &Hour)> =
        channels.iter().enumerate().flat_map(|(at, all)| all.iter().map(move |hour| (at, hour))).collect();
    let days = hours.iter().map(|(_, hour)| hour.day + 1).max().unwrap_or(0);
    let day_of = |at: usize, hour: &Hour| at * days + hour.day;
    let clock_of = |at: usize, hour: &Hour| at * HOURS + hour.hour;
    let mut left: Vec<f64> = hours.iter().map(|(_, hour)| hour.ratio).collect();
    let mut halo = vec![0.0; slots];
    let (mut mean, mut apart, mut shake) = (0.0, APART * APART, SHAKE * SHAKE);
    for sweep in 0..SWEEPS {
        let weights: Vec<f64> = hours.iter().map(|(_, hour)| 1.0 / (hour.variance + shake)).collect();
        let clipped = |left: f64, weight: f64| {
            let most = OUTLIER / weight.sqrt();
            left.clamp(-most, most)
        };
        let clear = |left: &mut [f64], levels: usize, level: &dyn Fn(usize, &Hour) -> usize| {
            let mut sums = vec![[0.0, 1e-12]; levels];
            for (((at, hour), left), weight) in hours.iter().zip(left.iter()).zip(&weights) {
                let [sum, all] = &mut sums[level(*at, hour)];
                (*sum, *all) = (*sum + weight * clipped(*left, *weight), *all + weight);
            }
            for ((at, hour), left) in hours.iter().zip(left.iter_mut()) {
                let [sum, all] = sums[level(*at, hour)];
                *left -= sum / all;
            }
        };
        clear(&mut left, channels.len() * HOURS, &clock_of);
        clear(&mut left, channels.len() * days, &day_of);
        let mut known = vec![0.0; slots];
        for slot in 0..slots {
            let is_open = |hour: &Hour| f64::from(u8::from(hour.open.contains(&(slot as u16))));
            let mut share = vec![[0.0, 1e-12]; channels.len() * days];
            for ((at, hour), weight) in hours.iter().zip(&weights) {
                let [open, all] = &mut share[day_of(*at, hour)];
                (*open, *all) = (*open + weight * is_open(hour), *all + weight);
            }
            let centred = |at: usize, hour: &Hour| {
                let [open, all] = share[day_of(at, hour)];
                is_open(hour) - open / all
            };
            let (mut score, mut information) = (0.0, 0.0);
            for (((at, hour), left), weight) in hours.iter().zip(&left).zip(&weights) {
                let centred = centred(*at, hour);
                score += weight * centred * clipped(*left, *weight);
                information += weight * centred * centred;
            }
            known[slot] = information;
            let step = (score - (halo[slot] - mean) / apart) / (information + 1.0 / apart);
            let step = (halo[slot] + step).clamp(-MOST, MOST) - halo[slot];
            halo[slot] += step;
            for ((at, hour), left) in hours.iter().zip(left.iter_mut()) {
                *left -= step * centred(*at, hour);
            }
        }
        mean = halo.iter().sum::<f64>() / apart / (slots as f64 / apart + 1.0 / (MEAN * MEAN));
        if sweep % RELEARN == RELEARN - 1 {
            let free = (hours.len() as f64 - (channels.len() * (days + HOURS)) as f64).max(1.0);
            let made_up = hours.len() as f64 / free;
            // By moments, each hour by the inverse of its variance, squared.
            let terms = hours.iter().zip(&left).zip(&weights);
            let (sum, all) = terms.fold((0.0, 0.0), |(sum, all), (((_, hour), left), weight)| {
                let w = weight * weight;
                (sum + w * (made_up * clipped(*left, *weight).powi(2) - hour.variance), all + w)
            });
            shake = (sum / f64::max(all, 1e-12)).max(LEAST_SHAKE * LEAST_SHAKE);
            let spread = halo
                .iter()
                .zip(&known)
                .map(|(halo, known)| (halo - mean).powi(2) + 1.0 / (known + 1.0 / apart));
            apart = (BELIEF * APART * APART + spread.sum::<f64>()) / (BELIEF + slots as f64);
        }
    }
    halo
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Four weeks of a channel: a busy weekend, and slots by weekday and hours with true halos.
    fn hours(slots: &[(&[usize], std::ops::Range<usize>, f64)]) -> Vec<Hour> {
        let mut hours = Vec::new();
        for day in 0..28 {
            for hour in 0..HOURS {
                let open: Vec<u16> = (0..slots.len())
                    .filter(|at| slots[*at].0.contains(&(day % 7)) && slots[*at].1.contains(&hour))
                    .map(|at| at as u16)
                    .collect();
                let busy = if day % 7 > 4 { 0.2 } else { 0.0 } + 0.01 * (hour as f64 - 12.0);
                // Luck, by a rule that no slot follows.
                let luck = 0.02 * (((day * 31 + hour * 17) % 13) as f64 / 6.0 - 1.0);
                let ratio = busy + luck + open.iter().map(|slot| slots[usize::from(*slot)].2).sum::<f64>();
                hours.push(Hour { day, hour, ratio, variance: 1e-4, open });
            }
        }
        hours
    }

    #[test]
    fn what_rises_while_a_slot_is_open_is_its_halo() {
        let slots: [(&[usize], _, _); 3] =
            [(&[2, 6], 10..24, 0.06), (&[1, 4], 10..16, 0.0), (&[3], 0..12, 0.2)];
        let halo = solve(&[hours(&slots)], 3);
        for (slot, found) in slots.iter().zip(&halo) {
            assert!((found - slot.2).abs() < 0.015, "{halo:?}");
        }
    }

    #[test]
    fn a_busy_weekend_is_no_halo_and_what_cannot_be_told_is_like_the_others() {
        let slots: [(&[usize], _, _); 3] =
            [(&[5], 0..24, 0.0), (&[2, 6], 10..24, 0.1), (&[1, 4], 8..18, 0.1)];
        let halo = solve(&[hours(&slots)], 3);
        assert!((halo[0] - 0.1).abs() < 0.02, "{halo:?}");
        let none = solve(&[hours(&[(&[5], 0..24, 0.0)])], 1);
        assert!(none[0].abs() < 1e-6, "{none:?}");
    }
}
