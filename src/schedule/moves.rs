//! Schedules near a campaign's present one, for the ascent to choose from.

use super::ascent::{Ascent, STEPS};
use super::priced::reach;
use super::{Clock, clock, effective};
use crate::calendar::HOURS;

impl Ascent<'_, '_> {
    /// Schedules near the present one, around an hour: its window at another percent, the hour off, on, or in a
    /// neighbour's window.
    pub(super) fn clocks(&self, present: &Clock, at: usize, hour: usize) -> Vec<Clock> {
        let terms = self.problem.terms;
        let mut clocks = Vec::new();
        let with = |change: &dyn Fn(&mut Clock)| {
            let mut clock = *present;
            change(&mut clock);
            clock
        };
        let [low, high] = terms.percent;
        match present[hour] {
            Some(percent) => {
                let windows = clock::windows(present);
                let window = windows.iter().find(|(from, to, _)| (*from..*to).contains(&hour));
                let (from, to) = window.map_or((hour, hour + 1), |(from, to, _)| (*from, *to));
                let shifted = STEPS.into_iter().map(|more| i64::from(percent) + more);
                for other in shifted.filter_map(|other| u32::try_from(other).ok()) {
                    if (low..=high).contains(&other) {
                        clocks.push(with(&|clock| clock[hour] = Some(other)));
                        if from == hour && to > hour + 1 {
                            clocks.push(with(&|clock| clock[from..to].fill(Some(other))));
                        }
                    }
                }
                clocks.push(with(&|clock| clock[hour] = None));
            }
            None => clocks.extend(
                self.resumed(at, hour).into_iter().map(|percent| with(&|clock| clock[hour] = Some(percent))),
            ),
        }
        for neighbour in
            [hour.checked_sub(1), Some(hour + 1)].into_iter().flatten().filter(|hour| *hour < HOURS)
        {
            clocks.push(with(&|clock| clock[hour] = present[neighbour]));
        }
        clocks.retain(|clock| {
            clock != present
                && clock::windows(clock).len() <= terms.windows
                && (terms.pauses || clock.iter().all(Option::is_some))
        });
        clocks
    }

    /// Percents at which an hour could run.
    fn resumed(&self, at: usize, hour: usize) -> Vec<u32> {
        let mut range = self.problem.terms.percent.map(f64::from);
        for (unit, steps) in self.settings[at].base.iter().enumerate() {
            let Some(steps) = steps else { continue };
            let Some(place) = self.grids[at].at(unit, hour) else { return Vec::new() };
            let [low, high] = reach(&self.problem.ladders.ladders[place.ladder].bids, self.problem.terms);
            let one = effective(*steps, 1, self.problem.terms);
            range = [range[0].max((low / one - 1e-6).ceil()), range[1].min((high / one + 1e-6).floor())];
        }
        if range[0] > range[1] {
            return Vec::new();
        }
        (0..5)
            .map(|share| (range[0] + (range[1] - range[0]) * f64::from(share) / 4.0).round() as u32)
            .collect()
    }
}
