//! The best schedule of a day in at most so many windows, by dynamic programming.

use super::Clock;
use crate::calendar::HOURS;
use crate::config::Terms;

/// What each hour is worth at each percent; −∞ where it must not run.
pub struct Table {
    /// The percents, rising.
    pub percents: Vec<u32>,
    /// `values[hour * percents.len() + at]`.
    pub values: Vec<f64>,
}

impl Table {
    fn at(&self, hour: usize, at: usize) -> f64 {
        self.values[hour * self.percents.len() + at]
    }

    /// The best percent of an hour, and its worth.
    fn best(&self, hour: usize) -> Option<(usize, f64)> {
        let all = (0..self.percents.len()).map(|at| (at, self.at(hour, at)));
        all.filter(|(_, value)| value.is_finite()).max_by(|a, b| a.1.total_cmp(&b.1))
    }
}

/// The schedule worth the most: every hour off (worth 0, where the platform lets a campaign pause) or in a window
/// of one percent.
///
/// The best value of the hours before `j` in `k` windows is
/// `max(f[k][j − 1], max_i f[k − 1][i] + max_p Σ_{h = i..j} value(h, p))`.
pub fn best(table: &Table, terms: &Terms) -> Clock {
    if terms.windows >= HOURS && terms.pauses {
        return std::array::from_fn(|hour| {
            table.best(hour).filter(|(_, value)| *value > 0.0).map(|(at, _)| table.percents[at])
        });
    }
    let windows = terms.windows.min(HOURS);
    let spans = spans(table);
    // Value, where the last window begins (`HOURS` after an hour that is off), its percent.
    type Cell = (f64, usize, u32);
    const NONE: Cell = (f64::NEG_INFINITY, HOURS, 0);
    let mut cells = vec![[NONE; HOURS + 1]; windows + 1];
    cells[0][0] = (0.0, HOURS, 0);
    for count in 0..=windows {
        for end in 1..=HOURS {
            let mut best = NONE;
            if terms.pauses && cells[count][end - 1].0 > best.0 {
                best = (cells[count][end - 1].0, HOURS, 0);
            }
            if count > 0 {
                for (start, before) in cells[count - 1][..end].iter().enumerate() {
                    if let Some((value, percent)) = spans[start][end]
                        && before.0 + value > best.0
                    {
                        best = (before.0 + value, start, percent);
                    }
                }
            }
            cells[count][end] = best;
        }
    }
    let last = |count: &usize| cells[*count][HOURS].0;
    let Some(mut count) = (0..=windows).rev().max_by(|a, b| last(a).total_cmp(&last(b))) else {
        return [None; HOURS];
    };
    let mut clock = [None; HOURS];
    let mut end = HOURS;
    while end > 0 && last(&count) > f64::NEG_INFINITY {
        let (_, start, percent) = cells[count][end];
        if start == HOURS {
            end -= 1;
            continue;
        }
        clock[start..end].fill(Some(percent));
        (end, count) = (start, count - 1);
    }
    clock
}

/// Worth and percent of a span.
type Best = Option<(f64, u32)>;

/// The best percent of every span of hours and its worth; nothing where no percent will do.
fn spans(table: &Table) -> Vec<[Best; HOURS + 1]> {
    let mut spans = vec![[None; HOURS + 1]; HOURS];
    for (at, percent) in table.percents.iter().enumerate() {
        for (start, spans) in spans.iter_mut().enumerate() {
            let mut value = 0.0;
            for (end, best) in spans.iter_mut().enumerate().skip(start + 1) {
                value += table.at(end - 1, at);
                if value == f64::NEG_INFINITY {
                    break;
                }
                if best.is_none_or(|(best, _)| value > best) {
                    *best = Some((value, *percent));
                }
            }
        }
    }
    spans
}

/// Windows of a schedule, each with its first hour, the hour at which it ends, and its percent.
pub fn windows(clock: &Clock) -> Vec<(usize, usize, u32)> {
    let mut windows: Vec<(usize, usize, u32)> = Vec::new();
    for (hour, percent) in clock.iter().enumerate() {
        let Some(percent) = *percent else { continue };
        match windows.last_mut() {
            Some(last) if last.1 == hour && last.2 == percent => last.1 = hour + 1,
            _ => windows.push((hour, hour + 1, percent)),
        }
    }
    windows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Platform;

    /// Every hour wants a percent of its own and loses the distance to it; some hours are worth nothing.
    fn table(wants: &[u32; HOURS]) -> Table {
        let percents: Vec<u32> = (10..=300).collect();
        let values = wants
            .iter()
            .flat_map(|want| {
                percents.iter().map(move |percent| {
                    if *want == 0 { -100.0 } else { 100.0 - f64::from(percent.abs_diff(*want)) }
                })
            })
            .collect();
        Table { percents, values }
    }

    fn terms(windows: usize) -> Terms {
        Terms { windows, ..Platform::GoogleAds.terms().unwrap() }
    }

    #[test]
    fn windows_are_merged_where_it_costs_least() {
        let mut wants = [0; HOURS];
        wants[8..12].copy_from_slice(&[100, 101, 150, 150]);
        wants[20..22].copy_from_slice(&[200, 210]);
        let free = best(&table(&wants), &terms(24));
        assert_eq!(windows(&free).len(), 5);
        let three = best(&table(&wants), &terms(3));
        let spans: Vec<(usize, usize)> = windows(&three).iter().map(|(from, to, _)| (*from, *to)).collect();
        assert_eq!(spans, [(8, 10), (10, 12), (20, 22)]);
        let one = windows(&best(&table(&wants), &terms(1)));
        assert_eq!((one.len(), one[0].0, one[0].1), (1, 8, 12));
    }

    #[test]
    fn the_best_is_found_among_all_ways_to_merge() {
        // Against every way to cut six hours into at most two windows.
        let wants_of = |seed: u32| -> [u32; HOURS] {
            std::array::from_fn(
                |hour| if hour < 6 { 50 + (seed * 7919 + hour as u32 * 104_729) % 200 } else { 0 },
            )
        };
        for seed in 0..20 {
            let table = table(&wants_of(seed));
            let worth = |clock: &Clock| -> f64 {
                let hours = clock.iter().enumerate();
                hours
                    .map(|(hour, percent)| {
                        percent.map_or(0.0, |percent| table.at(hour, (percent - 10) as usize))
                    })
                    .sum()
            };
            let mut most: f64 = 0.0;
            for cuts in 0..7usize.pow(4) {
                let cut = [cuts % 7, cuts / 7 % 7, cuts / 49 % 7, cuts / 343 % 7];
                if !(cut[0] <= cut[1] && cut[1] <= cut[2] && cut[2] <= cut[3]) {
                    continue;
                }
                let span = |from: usize, to: usize| {
                    let sum = |at: usize| (from..to).map(|hour| table.at(hour, at)).sum::<f64>();
                    if from == to {
                        0.0
                    } else {
                        (0..table.percents.len()).map(sum).fold(f64::NEG_INFINITY, f64::max)
                    }
                };
                most = most.max(span(cut[0], cut[1]) + span(cut[2], cut[3]));
            }
            assert!((worth(&best(&table, &terms(2))) - most).abs() < 1e-9, "seed {seed}");
        }
    }

    #[test]
    fn a_platform_without_pauses_runs_all_day() {
        let mut wants = [100; HOURS];
        wants[3] = 0;
        let terms = Terms { pauses: false, windows: 1, ..terms(1) };
        assert_eq!(windows(&best(&table(&wants), &terms)), [(0, 24, 100)]);
    }

    #[test]
    fn what_must_not_run_is_off() {
        let mut table = table(&[100; HOURS]);
        let percents = table.percents.len();
        table.values[5 * percents..6 * percents].fill(f64::NEG_INFINITY);
        let clock = best(&table, &terms(2));
        assert_eq!(windows(&clock), [(0, 5, 100), (6, 24, 100)]);
    }
}
