//! Hours in which the money ran out: what was shown in them is less than what was on offer.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::seen::Seen;
use crate::calendar::HOURS;

/// Impressions that must be missing before silence is taken for an empty purse.
const MISSING: f64 = 20.0;
/// A full hour is one that so large a share of the days does not exceed.
const FULL: f64 = 0.9;

/// Days that end early with so large a share of the most that a day ever spent ended with the money.
const SPENT: f64 = 0.97;

/// So many days must end early before the last hour of a day is doubted.
const OFTEN: usize = 2;

/// Less than this of a full hour is a stray impression, booked late or in another time zone, and no hour that ran.
const STRAY: f64 = 0.02;

/// For each row, whether its hour was cut short: its channel or its campaign showed nothing for the rest of that
/// day, although those hours are not silent on other days, or the day had spent as much as any. The last hour that
/// showed anything ended somewhere in its middle; the hours after it are no sign of low demand.
pub(super) fn cut_short(seen: &[Seen<'_>]) -> Vec<bool> {
    let mut cut = vec![false; seen.len()];
    for scope in [|_: &Seen<'_>| 0, |seen: &Seen<'_>| seen.campaign + 1] {
        let mut days: BTreeMap<(u32, i32), [f64; HOURS]> = BTreeMap::new();
        let mut spent: BTreeMap<(u32, i32), f64> = BTreeMap::new();
        let key = |seen: &Seen<'_>| (scope(seen), seen.row.day);
        // A unit's day lies together.
        for rows in seen.chunk_by(|one, other| key(one) == key(other)) {
            let hours = || rows.iter().filter_map(|seen| Some((seen, seen.row.hour?)));
            if hours().next().is_none() {
                continue;
            }
            let day = days.entry(key(&rows[0])).or_default();
            hours().for_each(|(seen, hour)| day[usize::from(hour) % HOURS] += seen.row.impressions);
            *spent.entry(key(&rows[0])).or_default() += hours().map(|(seen, _)| seen.row.spend).sum::<f64>();
        }
        let mut from: BTreeMap<(u32, i32), usize> = BTreeMap::new();
        let all: Vec<(&(u32, i32), &[f64; HOURS])> = days.iter().collect();
        for days in all.chunk_by(|one, other| one.0.0 == other.0.0) {
            let full: [f64; HOURS] =
                std::array::from_fn(|hour| full(days.iter().map(|(_, day)| day[hour]).collect()));
            let purse = days.iter().map(|(key, _)| spent[*key]).fold(0.0, f64::max);
            let last = |day: &[f64; HOURS]| (0..HOURS).rfind(|hour| day[*hour] > STRAY * full[*hour]);
            let broke = |key: &(u32, i32)| spent[key] >= SPENT * purse && purse > 0.0;
            let early = |(key, day): &&(&(u32, i32), &[f64; HOURS])| {
                broke(key) && last(day).is_some_and(|last| last + 1 < HOURS)
            };
            // Where the money often ends earlier, a day that spent it all by midnight ended within its last hour.
            let ends = days.iter().filter(early).count() >= OFTEN;
            for (key, day) in days {
                let silent = |last: &usize| full[last + 1..].iter().sum::<f64>() >= MISSING;
                let ended = |last: &usize| broke(key) && (ends || *last + 1 < HOURS);
                if let Some(last) = last(day).filter(|last| silent(last) || ended(last)) {
                    from.insert(**key, last);
                }
            }
        }
        cut.par_iter_mut().zip(seen).for_each(|(cut, seen)| {
            let from = from.get(&(scope(seen), seen.row.day));
            *cut |= seen.row.hour.is_some_and(|hour| from.is_some_and(|from| usize::from(hour) >= *from));
        });
    }
    cut
}

fn full(mut days: Vec<f64>) -> f64 {
    days.sort_by(f64::total_cmp);
    days[((days.len() - 1) as f64 * FULL).round() as usize]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::Observation;

    fn row(day: i32, hour: u8, impressions: f64) -> Observation {
        Observation {
            unit: 0,
            day,
            days: 1,
            hour: Some(hour),
            age: 0,
            bid: 1.0,
            position: [3.0; 2],
            quality: f32::NAN,
            impressions,
            clicks: 0.0,
            spend: 0.1 * impressions,
            orders: 0.0,
            revenue: 0.0,
        }
    }

    fn cut(rows: &[Observation]) -> Vec<(i32, u8)> {
        let cut = cut_short(&rows.iter().map(|row| Seen::of(row, 0, 0)).collect::<Vec<_>>());
        cut.into_iter().zip(rows).filter_map(|(cut, row)| cut.then_some((row.day, row.hour?))).collect()
    }

    #[test]
    fn where_the_money_never_lasts_the_spend_tells() {
        // 100 a day: it ends in hour 20 on some days and in hour 19, after a busy morning, on others.
        let rows: Vec<Observation> = (0..10)
            .flat_map(|day| (0..=20 - (day % 2) as u8).map(move |hour| (day, hour)))
            .map(|(day, hour)| match (day % 2, hour) {
                (0, 20) => row(day, hour, 0.0),
                (1, 0) => row(day, hour, 100.0),
                (1, 1) => row(day, hour, 0.0),
                _ => row(day, hour, 50.0),
            })
            .collect();
        let cut = cut(&rows);
        assert!(cut.contains(&(0, 19)) && cut.contains(&(1, 19)) && !cut.contains(&(0, 18)), "{cut:?}");
    }

    #[test]
    fn where_it_mostly_ends_early_the_last_hour_of_a_day_that_spent_it_all_is_cut_too() {
        // 2,300 a day: it ends in hour 21 on busy days, and within hour 23 on quiet ones; on day 9 some is left.
        let rows: Vec<Observation> = (0..10)
            .flat_map(|day| (0..HOURS as u8).map(move |hour| (day, hour)))
            .map(|(day, hour)| match (day, hour) {
                (9, _) => row(day, hour, 80.0),
                (_, 22..) if day % 2 == 1 => row(day, hour, 0.0),
                (_, hour) if day % 2 == 1 => row(day, hour, if hour == 21 { 95.0 } else { 105.0 }),
                (_, 23) => row(day, hour, 30.0),
                _ => row(day, hour, if hour == 22 { 70.0 } else { 100.0 }),
            })
            .collect();
        let cut = cut(&rows);
        assert!(cut.contains(&(0, 23)) && cut.contains(&(1, 21)), "{cut:?}");
        assert!(!cut.contains(&(0, 22)) && !cut.contains(&(9, 23)), "{cut:?}");
    }

    #[test]
    fn the_hour_in_which_the_money_ran_out_is_told_from_a_quiet_one() {
        // Nobody searches from 1 to 7; on the third day the money ends at 20.
        let rows: Vec<Observation> = (0..10)
            .flat_map(|day| (0..HOURS as u8).map(move |hour| (day, hour)))
            .map(|(day, hour)| {
                let silent = (1..8).contains(&hour) || (day == 3 && hour > 20);
                row(day, hour, if silent { 0.0 } else { 15.0 })
            })
            .collect();
        // The spend is the same on all full days, which do not end early.
        assert_eq!(cut(&rows), [(3, 20), (3, 21), (3, 22), (3, 23)]);
    }
}
