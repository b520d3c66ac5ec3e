//! Channels that do not run at all because one rule asks for more than any bid there brings.

use super::Desk;
use crate::config::{PlanFile, Request};
use crate::keys::{Cell, Channel};
use crate::ladder::{Ladder, beside_what_sells};
use crate::pipeline::Options;
use crate::plan::{Plan, RuleValue};
use crate::program::rows::{self, RuleRow};

/// A channel without a bid that a rule allows.
pub struct Silent {
    /// The channel.
    pub channel: Channel,
    /// A row of the rule, which bounds nothing because nothing runs.
    pub value: RuleValue,
    /// The value of the rule that some bid comes nearest with.
    pub best: f64,
}

impl Desk {
    /// The channels of a plan that do not run although there are bids to set, where one hard rule on a ratio is why:
    /// no bid of any of its rows can keep it.
    pub fn silent(&self, request: &Request, options: &Options, plan: &Plan) -> Vec<Silent> {
        let runs = Channel::ALL
            .map(|channel| plan.cells.iter().any(|cell| cell.run && plan.unit(cell).channel == channel));
        if runs.iter().all(|runs| *runs) {
            return Vec::new();
        }
        let layout = self.layout(request, options);
        let forecast = self.landscapes.on(layout.date, &request.file);
        let forecast = beside_what_sells(forecast, &request.file);
        let laid = layout.ladders(&forecast, &request.file);
        let Ok(rows) = rows::resolve(&request.file, self.units(), &layout.date.to_string()) else {
            return Vec::new();
        };
        let of_channel = |channel: Channel| -> Vec<&Ladder> {
            laid.ladders
                .iter()
                .filter(|ladder| self.units()[ladder.unit as usize].channel == channel)
                .collect()
        };
        let silent =
            Channel::ALL.into_iter().zip(runs).filter(|(_, runs)| !runs).filter_map(|(channel, _)| {
                let own = of_channel(channel);
                let mut values = plan.rules.iter().filter(|rule| rule.metric.is_ratio() && !rule.soft);
                values.find_map(|value| {
                    let of_rule = rows.iter().filter(|row| request.file.rules[row.rule].name == value.rule);
                    let best =
                        beyond(&of_rule.collect::<Vec<_>>(), value, &own, &laid.ladders, &request.file)?;
                    Some(Silent { channel, value: value.clone(), best })
                })
            });
        silent.collect()
    }
}

/// The value that comes nearest to a bound, where every hour of a channel's ladders lies in a row of the rule and no bid
/// of what those rows reach keeps it.
fn beyond(
    rows: &[&RuleRow],
    value: &RuleValue,
    own: &[&Ladder],
    all: &[Ladder],
    file: &PlanFile,
) -> Option<f64> {
    let holds = |row: &RuleRow, ladder: &Ladder, hour: u8| row.reach.holds(Cell { unit: ladder.unit, hour });
    let covered =
        |ladder: &Ladder| ladder.hours.iter().all(|hour| rows.iter().any(|row| holds(row, ladder, *hour)));
    if own.is_empty() || !own.iter().all(|ladder| covered(ladder)) {
        return None;
    }
    // A row is the mean of all that it reaches: what runs elsewhere could make up for a channel.
    let touches =
        |row: &&&RuleRow| own.iter().any(|ladder| row.reach.units.binary_search(&ladder.unit).is_ok());
    let rows: Vec<_> = rows.iter().filter(touches).collect();
    let mut best: Option<f64> = None;
    for ladder in all {
        for (at, hour) in ladder.hours.iter().enumerate() {
            if !rows.iter().any(|row| holds(row, ladder, *hour)) {
                continue;
            }
            let values = ladder.at_hour(at).iter().filter_map(|bid| value.metric.of(bid, file.plan.margin));
            let nearer = if value.min.is_some() { f64::max } else { f64::min };
            best = values.chain(best).reduce(nearer);
        }
    }
    best.filter(|best| value.min.is_some_and(|min| *best < min) || value.max.is_some_and(|max| *best > max))
}
