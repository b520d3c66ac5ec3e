//! What the newest days of a history tell of how sales fill in: their orders over those that their clicks will bring in
//! the end.

use std::collections::BTreeMap;

use super::Maturation;
use crate::calendar::{date_of, day_number};
use crate::config::{PlanFile, Request, Uplift};
use crate::history::History;
use crate::landscape::model::Volume;
use crate::landscape::{Landscapes, spread, stages};

/// Orders that the clicks of the newest day must lead one to expect.
const ENOUGH: f64 = 30.0;

/// What the rows of one age show.
#[derive(Debug, Clone, Copy, Default)]
struct Seen {
    orders: f64,
    /// What their clicks are to bring in the end.
    expected: f64,
    /// Variance of that by the day's conversion, not of single orders.
    common: f64,
}

/// A run of ages with one share, and its variance.
type Run = (f64, f64, usize);

/// One curve for the whole shop, of the days whose sales are said to be immature; nothing where the history does not
/// end on the eve of the planned day (nobody knows when it was exported then), or its last day is too thin.
pub(super) fn learn(landscapes: &Landscapes, history: &History, request: &Request) -> Option<Maturation> {
    let file = &request.file;
    let ages = usize::try_from(file.history.maturity_days).ok().filter(|ages| *ages > 0)?;
    let last = history.last_day()?;
    if file.plan.date.is_some_and(|date| day_number(date) != last + 1) {
        return None;
    }
    let plain = PlanFile { uplift: Uplift::default(), ..file.clone() };
    let mut seen = vec![Seen::default(); ages];
    let mut forecasts = BTreeMap::new();
    let young = history.observations.iter().filter(|row| row.days == 1 && usize::from(row.age) < ages);
    for row in young {
        let (model, _) = landscapes.model(row.unit);
        if model.unit_of_volume == Volume::Orders || landscapes.is_event_unit(row.unit) {
            continue;
        }
        let forecast = forecasts.entry(row.day).or_insert_with(|| landscapes.on(date_of(row.day), &plain));
        // Whole days have the CVR of a middling hour.
        let more = row.clicks * forecast.cvr(row.unit, row.hour.unwrap_or(12));
        let common = stages(model)[spread::CVR].map_or(0.0, |cvr| cvr.scatter.common);
        let seen = &mut seen[usize::from(row.age)];
        seen.orders += row.orders;
        seen.expected += more;
        seen.common += more * common;
    }
    let first = seen.first().filter(|first| first.expected >= ENOUGH && first.orders > 0.0)?;
    let mut runs: Vec<Run> = vec![share(first)];
    for of_age in &seen[1..] {
        match of_age.orders > 0.0 && of_age.expected > 0.0 {
            true => runs.push(share(of_age)),
            // A day without orders, or without clicks, says nothing: the shares before it hold.
            false => runs.last_mut().into_iter().for_each(|run| run.2 += 1),
        }
        level(&mut runs);
    }
    let shares = runs.iter().flat_map(|(share, _, ages)| std::iter::repeat_n(share.clamp(0.05, 1.0), *ages));
    let deviations = runs
        .iter()
        .flat_map(|(share, noise, ages)| std::iter::repeat_n(noise.sqrt() / share.clamp(0.05, 1.0), *ages));
    // From the first day on that is said to be mature, all is in.
    Some(Maturation { shares: shares.chain([1.0]).collect(), deviations: deviations.chain([0.0]).collect() })
}

fn share(seen: &Seen) -> Run {
    let share = seen.orders / seen.expected;
    (share, share * share * (1.0 / seen.orders + seen.common / seen.expected), 1)
}

/// Shares grow with age: neighbours that do not are one share (pool adjacent violators, Ayer et al. 1955), each by
/// what it is worth.
fn level(runs: &mut Vec<Run>) {
    while let [.., (early, noise, ages), (late, more, others)] = runs[..] {
        if early <= late {
            break;
        }
        let weight = noise.recip() + more.recip();
        let share = (early / noise + late / more) / weight;
        runs.truncate(runs.len() - 2);
        runs.push((share, weight.recip(), ages + others));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_grow_with_age_and_what_is_worth_more_counts_more() {
        let mut runs: Vec<Run> = vec![(0.7, 0.01, 1)];
        for run in [(0.9, 0.01, 1), (0.8, 0.03, 1), (0.95, 0.02, 2)] {
            runs.push(run);
            level(&mut runs);
        }
        assert_eq!(runs.len(), 3);
        assert!((runs[1].0 - 0.875).abs() < 1e-12 && (runs[1].1 - 0.0075).abs() < 1e-12, "{runs:?}");
        assert_eq!(runs.iter().map(|run| run.2).collect::<Vec<_>>(), [1, 2, 2]);
    }
}
