//! A plan that was played: `bidwright simulate --plan`.

use std::path::Path;

use super::number::{self, NONE};
use super::screen;
use super::table::table;
use crate::config::Request;
use crate::error::{Result, exit};
use crate::judge::{self, Forecast, Judgement, RuleDays, Series, Spread};
use crate::keys::{Channel, Unit};
use crate::market::Shop;
use crate::metric::Outcome;
use crate::sheets::{self, read::Line};

/// A sum and how it is shown.
type Column = (fn(&Outcome) -> f64, fn(f64) -> String);

pub(super) fn run(shop: &Shop, request: &Request, plan: &Path, days: u32) -> Result<u8> {
    let lines = sheets::read::read(plan)?;
    let judged = judge::judge(shop, request, lines[0].date, forecast(&lines), days, true)?;
    screen::print(&text(&judged, request, days))?;
    Ok(exit::DONE)
}

/// What the lines of a plan expect.
pub(super) fn forecast(lines: &[Line]) -> Forecast {
    let mut forecast = Forecast::default();
    for line in lines {
        if let Some(bid) = line.bid {
            forecast.add(&line.unit, line.hour, bid, line.outcome);
        }
    }
    forecast
}

fn text(judged: &Judgement, request: &Request, days: u32) -> String {
    let mut text = format!("{}, played {days} times with other luck\n\n", judged.date);
    text += &earned(judged, request.file.search.position);
    text += "\n\n";
    text += &forecasts(judged);
    text += "\n\n";
    text += &rules(&judged.rules);
    if let Some(share) = judged.share_of_optimum() {
        let share = number::percent(share);
        text += &format!("\n\nthe plan earns {share} of what a planner who knew the true curves would\n");
    }
    text
}

pub(super) fn spread(spread: Spread, shown: fn(f64) -> String) -> String {
    format!("{} ± {}", shown(spread.mean), shown(spread.deviation))
}

/// The plan beside others: a day's mean, and its deviation from day to day.
fn earned(judged: &Judgement, band: [f64; 2]) -> String {
    let row = |name: &str, series: &Series| {
        let ratio = |outcome: &Outcome| outcome.roi().unwrap_or(0.0);
        [
            name.to_owned(),
            spread(series.spread(|outcome| outcome.spend), number::money),
            spread(series.spread(|outcome| outcome.orders), number::count),
            spread(series.revenue(), number::money),
            spread(series.spread(ratio), |roi| number::grouped(roi, 2)),
            series.share_in_band(band).map_or(NONE.into(), number::percent),
        ]
    };
    let mut rows = vec![row("last week's bids", &judged.last_week), row("this plan", &judged.plan)];
    rows.extend(judged.optimum.as_ref().map(|optimum| row("true curves known", optimum)));
    let held = format!("search hours at {} to {}", band[0], band[1]);
    table(["bids", "spend", "orders", "revenue", "ROI", &held], 1, rows)
}

/// What was expected and what came, by channel.
fn forecasts(judged: &Judgement) -> String {
    let columns: [(&str, Column); 4] = [
        ("clicks", (|outcome| outcome.clicks, number::count)),
        ("spend", (|outcome| outcome.spend, number::money)),
        ("orders", (|outcome| outcome.orders, number::count)),
        ("revenue", (|outcome| outcome.revenue, number::money)),
    ];
    let mut rows = Vec::new();
    let scopes = Channel::ALL.map(Some).into_iter().chain([None]);
    for scope in scopes {
        let keep = |unit: &Unit| scope.is_none_or(|channel| unit.channel == channel);
        let cells = judged.forecast.cells().iter().filter(|(unit, _, _)| keep(unit));
        let expected: Outcome = cells.map(|(_, _, outcome)| *outcome).sum();
        if expected == Outcome::default() {
            continue;
        }
        for (metric, (of, shown)) in columns {
            let played = judged.plan.spread_of(keep, of);
            let error = if played.mean > 0.0 {
                number::percent(of(&expected) / played.mean - 1.0)
            } else {
                NONE.into()
            };
            rows.push([
                scope.map_or("all", Channel::name).to_owned(),
                metric.to_owned(),
                shown(of(&expected)),
                shown(played.mean),
                error,
                shown(played.low),
                shown(played.high),
            ]);
        }
    }
    table(["channel", "metric", "forecast", "played", "error", "1 day in 10 below", "above"], 2, rows)
}

/// The rows of a rule with more than so many are told by the one that was met least often; of several such
/// rows by the one that is expected closest to its bound.
const SHORT: usize = 6;

fn rules(rules: &[RuleDays]) -> String {
    let mut shown: Vec<(&RuleDays, usize)> = Vec::new();
    for rows in rules.chunk_by(|one, other| one.forecast.rule == other.forecast.rule) {
        let closeness = |row: &RuleDays| row.forecast.closeness();
        let worse = |one: &&RuleDays, other: &&RuleDays| {
            one.met.total_cmp(&other.met).then(closeness(one).total_cmp(&closeness(other)))
        };
        match rows.iter().min_by(worse) {
            Some(worst) if rows.len() > SHORT => shown.push((worst, rows.len())),
            _ => shown.extend(rows.iter().map(|row| (row, 1))),
        }
    }
    let rows = shown.into_iter().map(|(rule, stands_for)| {
        let RuleDays { forecast, played, met } = rule;
        let in_unit = |value: f64| match forecast.share {
            true => number::percent(value),
            false => number::metric(forecast.metric, value),
        };
        let bounds = [("≥", forecast.min), ("≤", forecast.max)];
        let bounds = bounds.iter().filter_map(|(sign, bound)| Some(format!("{sign} {}", in_unit((*bound)?))));
        [
            forecast.rule.clone(),
            match stands_for {
                1 => forecast.scope.clone(),
                many => format!("{} (worst of {many})", forecast.scope),
            },
            bounds.collect::<Vec<_>>().join(" "),
            forecast.value.map_or(NONE.into(), in_unit),
            format!("{} ± {}", in_unit(played.mean), in_unit(played.deviation)),
            in_unit(played.low),
            in_unit(played.high),
            number::percent(*met),
        ]
    });
    let header = ["rule", "scope", "bound", "forecast", "played", "1 day in 10 below", "above", "days met"];
    table(header, 2, rows)
}
