//! Plans of invented shops, played:
//! `cargo bench --bench play -- [--kind NAME]… [--seed N]… [--days N] [--best] [--without PART]…`.
//!
//! The shops of `bidwright judge`: each is simulated, planned for, and its plan's day is played so many times.
//! Prints per shop and channel what was forecast against what was realised, and where the searches stood. With
//! `--best` also what a planner who knew the true curves would have earned, which takes long. `--without` leaves a
//! part of the fit out: pooling, within, habit, intervals, weekend_hours, saturation, exhausted, weekdays, kin, halo,
//! delay, maturation, maturity, positions. "At the budget" is realised revenue less what the spend over the budget is
//! worth at the price that the budget has in the plan: what a plan earns that overspends is not its merit.

use std::collections::BTreeMap;

use bidwright::calendar::date_of;
use bidwright::config::{PlanFile, Request};
use bidwright::judge::{Forecast, judge, plan_text};
use bidwright::keys::Channel;
use bidwright::landscape::{Landscapes, Parts};
use bidwright::market::kinds::{self, Kind};
use bidwright::market::simulate;
use bidwright::metric::Outcome;
use bidwright::pipeline::{self, Options};

/// What was forecast and what was realised, by channel, and where the searches stood.
#[derive(Default)]
struct Score {
    channels: BTreeMap<&'static str, [Outcome; 2]>,
    in_band: f64,
    at_budget: f64,
    best: Option<[f64; 2]>,
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let values = |name: &str| -> Vec<String> {
        let pairs = words.windows(2).filter(|pair| pair[0] == name);
        pairs.map(|pair| pair[1].clone()).collect()
    };
    let number = |text: &String| text.parse::<u64>().expect("a number");
    let named = values("--kind");
    let kinds: Vec<Kind> = match named.is_empty() {
        true => kinds::ALL.to_vec(),
        false => named.iter().map(|name| Kind::named(name).expect("a kind of shop")).collect(),
    };
    let mut seeds: Vec<u64> = values("--seed").iter().map(number).collect();
    if seeds.is_empty() {
        seeds.push(1);
    }
    let days = values("--days").first().map_or(20, number) as u32;
    let without = values("--without");
    let best = words.iter().any(|word| word == "--best");
    let mut all = Score::default();
    let (mut shops, mut in_band) = (0.0, 0.0);
    for (kind, seed) in kinds.iter().flat_map(|kind| seeds.iter().map(move |seed| (kind, *seed))) {
        let score = played(*kind, seed, days, best, &without);
        show(&format!("{} {seed}", kind.name), &score);
        for (channel, sums) in &score.channels {
            let all = all.channels.entry(channel).or_default();
            all[0] += sums[0];
            all[1] += sums[1];
        }
        all.at_budget += score.at_budget;
        shops += f64::from(u8::from(score.in_band.is_finite()));
        in_band += if score.in_band.is_finite() { score.in_band } else { 0.0 };
    }
    all.in_band = in_band / shops;
    show("all", &all);
}

fn played(kind: Kind, seed: u64, days: u32, best: bool, without: &[String]) -> Score {
    let shop = kind.shop(seed).expect("a kind is a shop");
    let mut history = simulate(&shop);
    let text = plan_text(&shop, &history);
    let mut file: PlanFile = toml::from_str(&text).expect("the plan file of a kind is sound");
    let mut parts = Parts::ALL;
    for part in without {
        match part.as_str() {
            "pooling" => parts.pooling = false,
            "within" => parts.within = false,
            "habit" => parts.habit = false,
            "intervals" => parts.intervals = false,
            "weekend_hours" => parts.weekend_hours = false,
            "saturation" => parts.saturation = false,
            "exhausted" => parts.exhausted = false,
            "weekdays" => parts.weekdays = false,
            "kin" => parts.kin = false,
            "halo" => parts.halo = false,
            "delay" => parts.delay = false,
            "maturation" => parts.maturation = false,
            "maturity" => file.history.maturity_days = 0,
            "positions" => history.observations.iter_mut().for_each(|row| row.position = [f32::NAN; 2]),
            other => panic!("there is no part `{other}`"),
        }
    }
    let request = Request { path: "plan.toml".into(), file, text };
    let (landscapes, _) = Landscapes::fit_with(&history, &request, parts).expect("there is a history");
    let plan =
        pipeline::plan_with(&request, &Options::default(), &landscapes).expect("it can be planned").plan;
    let forecast = Forecast::from(&plan);
    let date = date_of(shop.last_day() + 1);
    let judged = judge(&shop, &request, date, forecast, days, best).expect("it can be played");
    let mut score =
        Score { in_band: judged.plan.share_in_band([3.0, 5.0]).unwrap_or(f64::NAN), ..Score::default() };
    for (unit, _, outcome) in judged.forecast.cells() {
        score.channels.entry(unit.channel.name()).or_default()[0] += *outcome;
    }
    for channel in Channel::ALL {
        let mean = |of: fn(&Outcome) -> f64| judged.plan.spread_of(|unit| unit.channel == channel, of).mean;
        let real = Outcome {
            impressions: mean(|outcome| outcome.impressions),
            clicks: mean(|outcome| outcome.clicks),
            spend: mean(|outcome| outcome.spend),
            orders: mean(|outcome| outcome.orders),
            revenue: mean(|outcome| outcome.revenue),
            position_sum: mean(|outcome| outcome.position_sum),
            position_weight: mean(|outcome| outcome.position_weight),
        };
        if let Some(sums) = score.channels.get_mut(channel.name()) {
            sums[1] += real;
        }
    }
    // What was spent over the budget, at its price; without one that binds nothing is known of that.
    let budget = plan.rules.iter().find(|rule| rule.rule == "budget").expect("shops have a budget");
    let realised = |of: fn(&Outcome) -> f64| score.channels.values().map(|[_, real]| of(real)).sum::<f64>();
    let over = realised(|outcome| outcome.spend) - budget.value.unwrap_or(0.0);
    score.at_budget = realised(|outcome| outcome.revenue) - budget.shadow_price * over;
    score.best = judged
        .optimum
        .as_ref()
        .map(|optimum| [optimum.revenue().mean, optimum.share_in_band([3.0, 5.0]).unwrap_or(f64::NAN)]);
    score
}

/// A line a channel: realised, and how far the forecast was off.
fn show(name: &str, score: &Score) {
    let percent = |[forecast, real]: [f64; 2]| 100.0 * (forecast / real - 1.0);
    let line = |channel: &str, sums: &[Outcome; 2]| {
        let off = |of: fn(&Outcome) -> f64| percent([of(&sums[0]), of(&sums[1])]);
        let [forecast, real] = sums;
        println!(
            "{name:<15} {channel:<10} revenue {:>9.0} {:>+6.1} %  spend {:>8.0} {:>+6.1} %  shown {:>+6.1} %  clicks {:>+6.1} %  \
             orders {:>+6.1} %  position {:.2} for {:.2}",
            real.revenue,
            off(|outcome| outcome.revenue),
            real.spend,
            off(|outcome| outcome.spend),
            off(|outcome| outcome.impressions),
            off(|outcome| outcome.clicks),
            off(|outcome| outcome.orders),
            real.position().unwrap_or(f64::NAN),
            forecast.position().unwrap_or(f64::NAN),
        );
    };
    let mut total = [Outcome::default(); 2];
    for (channel, sums) in &score.channels {
        line(channel, sums);
        total[0] += sums[0];
        total[1] += sums[1];
    }
    for total in &mut total {
        total.position_weight = 0.0;
    }
    line("total", &total);
    println!(
        "{name:<15} in band    {:.1} %, revenue at the budget {:.0}",
        100.0 * score.in_band,
        score.at_budget
    );
    if let Some([revenue, in_band]) = score.best {
        println!("{name:<15} best       revenue {revenue:.0}, in band {:.1} %", 100.0 * in_band);
    }
}
