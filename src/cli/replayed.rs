//! A plan on days with shocks, kept and planned again: `bidwright simulate --plan --shock --replan`.

use std::fmt::Write;
use std::path::Path;

use super::number;
use super::played::{forecast, spread};
use super::screen;
use super::table::table;
use crate::config::Request;
use crate::error::{Result, exit};
use crate::history;
use crate::judge::{self, Replay, RuleDays, Series, Spread, UnderWay};
use crate::landscape::Landscapes;
use crate::landscape::today::Arrived;
use crate::market::{Shock, Shop};
use crate::metric::{Metric, Outcome};
use crate::pipeline::replan::InForce;
use crate::sheets;

pub(super) fn run(
    shop: &Shop,
    request: &Request,
    plan: &Path,
    shocks: &[Shock],
    every: Option<u8>,
    days: u32,
) -> Result<u8> {
    let lines = sheets::read::read(plan)?;
    let date = lines[0].date;
    let mut request = request.clone();
    request.file.plan.date = Some(date);
    let history = history::read(&request)?;
    let (landscapes, _) = Landscapes::fit(&history, &request)?;
    let in_force = InForce::of(&lines, &landscapes.units);
    let arrived = Arrived::learn(&landscapes, &request.file);
    let replay = Replay {
        shop,
        request: &request,
        landscapes: &landscapes,
        arrived: arrived.unwrap_or(Arrived::ALL),
        shocks,
        every: every.unwrap_or(24),
    };
    let played = judge::under_way(&replay, date, &forecast(&lines), &in_force, days)?;
    let shocks: Vec<String> = shocks.iter().map(ToString::to_string).collect();
    let told = if shocks.is_empty() { "no shock".to_owned() } else { shocks.join(", ") };
    let mut text = format!("{date}, played {days} times with other luck; {told}\n\n");
    text += &earned(&played, every);
    text += "\n\n";
    text += &rules(&played, every);
    if let Some(every) = every {
        text += "\n\n";
        text += &gain(&played, every);
    }
    screen::print(&text)?;
    Ok(exit::DONE)
}

fn earned(played: &UnderWay, every: Option<u8>) -> String {
    let row = |name: String, series: &Series| {
        let ratio = |outcome: &Outcome| outcome.roi().unwrap_or(0.0);
        [
            name,
            spread(series.spread(|outcome| outcome.spend), number::money),
            spread(series.revenue(), number::money),
            spread(series.spread(ratio), |roi| number::grouped(roi, 2)),
        ]
    };
    let mut rows = vec![row("plan kept".into(), &played.kept)];
    rows.extend(every.map(|every| row(again(every), &played.again)));
    table(["bids", "spend", "revenue", "ROI"], 1, rows)
}

fn again(every: u8) -> String {
    if every == 1 { "planned again every hour".into() } else { format!("planned again every {every} hours") }
}

/// On how many days each rule was met; of a rule with many rows the mean of all.
fn rules(played: &UnderWay, every: Option<u8>) -> String {
    let met =
        |rows: &[RuleDays]| number::percent(rows.iter().map(|row| row.met).sum::<f64>() / rows.len() as f64);
    let by_rule = |rows: &[RuleDays]| -> Vec<(String, String)> {
        let rules = rows.chunk_by(|one, other| one.forecast.rule == other.forecast.rule);
        rules.map(|rows| (rows[0].forecast.rule.clone(), met(rows))).collect()
    };
    let kept = by_rule(&played.kept_rules);
    match every {
        None => table(["rule", "days met"], 1, kept.into_iter().map(|(rule, met)| [rule, met])),
        Some(_) => {
            let again = by_rule(&played.again_rules).into_iter().map(|(_, met)| met);
            let rows = kept.into_iter().zip(again).map(|((rule, kept), again)| [rule, kept, again]);
            table(["rule", "days met, kept", "days met, planned again"], 1, rows)
        }
    }
}

/// What planning again brought, day by day under the same luck.
fn gain(played: &UnderWay, every: u8) -> String {
    let of = |of: fn(&Outcome) -> f64| Spread::of(played.again.less(&played.kept, of));
    let (revenue, spend) = (of(|outcome| outcome.revenue), of(|outcome| outcome.spend));
    let roi = |rows: &[RuleDays]| {
        let rows: Vec<f64> =
            rows.iter().filter(|row| row.forecast.metric == Metric::Roi).map(|row| row.met).collect();
        rows.iter().sum::<f64>() / rows.len().max(1) as f64
    };
    let mut text = format!(
        "{}: revenue {} a day, spend {}",
        again(every),
        spread(revenue, number::money),
        spread(spend, number::money)
    );
    let (kept, again) = (roi(&played.kept_rules), roi(&played.again_rules));
    let _ = write!(
        text,
        "; ROI rules met {} of days, {} when kept\n{} plans made again, of which {} do not keep every rule any more\n",
        number::percent(again),
        number::percent(kept),
        played.made,
        played.lost,
    );
    text
}
