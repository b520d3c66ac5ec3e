//! Plans of invented shops, played: `cargo bench --bench play -- [SEEDS] [DAYS] [oracle]`.
//!
//! For each seed the market invents a shop like the sample's, its history is learned from, the sample's rules
//! are planned for, and the plan's bids are played for some days after the history. Prints, per channel, what
//! was forecast over what was realised, and the realised share of search hours inside the position band.
//! With `oracle` also what the best bids would hold there. Landscapes are judged by this, not by how well they fit.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use bidwright::calendar::date_of;
use bidwright::config::{self, Request, Uplift};
use bidwright::keys::{Channel, Unit};
use bidwright::landscape::Landscapes;
use bidwright::market::{self, Shop};
use bidwright::metric::Outcome;
use bidwright::pipeline::{self, Options};

/// What a plan was to bring, what it brought, and where its search hours stood.
#[derive(Default, Clone)]
struct Score {
    channels: BTreeMap<Channel, [Outcome; 2]>,
    hours: f64,
    inside: f64,
    claimed: f64,
    best: f64,
}

fn main() {
    let numbers: Vec<u64> = std::env::args().filter_map(|word| word.parse().ok()).collect();
    let (seeds, days) = (numbers.first().copied().unwrap_or(6), numbers.get(1).copied().unwrap_or(5) as i32);
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/double12");
    let mut request = config::load(&data.join("plan.toml"), &[]).expect("the sample's plan file is sound");
    request.file.uplift = Uplift::default();
    request.file.plan.date = None;
    let text = std::fs::read_to_string(data.join("shop.toml")).expect("the sample has a shop");
    let sample = Shop::parse(&text).expect("the sample's shop is sound");
    let scores: Vec<Score> = (1..=seeds)
        .map(|seed| {
            let shop = vary(Shop { seed, ..sample.clone() }, seed);
            let score = played(&shop, &request, days);
            println!("seed {seed}: {}", line(&score));
            score
        })
        .collect();
    println!("all: {}", line(&sum(&scores)));
}

/// Shops differ in kind, not in luck alone.
fn vary(mut shop: Shop, seed: u64) -> Shop {
    match seed % 4 {
        1 => shop.days = 14,
        2 => shop.search.queries *= 0.3,
        3 => {
            shop.search.jitter = 0.4;
            shop.operator.follow_demand = 0.6;
        }
        _ => {}
    }
    shop
}

fn played(shop: &Shop, request: &Request, days: i32) -> Score {
    let history = market::simulate(shop);
    let (landscapes, _) = Landscapes::fit(&history, request).expect("there is a history");
    let plan =
        pipeline::plan_with(request, &Options::default(), &landscapes).expect("it can be planned").plan;
    let bids: HashMap<(&Unit, u8), f64> = plan
        .cells
        .iter()
        .filter_map(|cell| {
            Some(((&plan.units[cell.cell.unit as usize], cell.cell.hour), cell.bid.filter(|_| cell.run)?))
        })
        .collect();
    let mut score = Score::default();
    for day in shop.last_day() + 1..=shop.last_day() + days {
        let forecast = landscapes.on(date_of(day), &request.file);
        for (at, unit) in plan.units.iter().enumerate() {
            let at = at as u32;
            let slot = request.file.group_buy.slot.iter().find(|slot| slot.is(unit));
            let slots = slot.map(|slot| forecast.slot(at, slot));
            for hour in 0..24u8 {
                let Some(bid) = bids.get(&(unit, hour)) else { continue };
                let outcome = match &slots {
                    Some(slots) => slots[usize::from(hour)],
                    None => forecast.outcome(at, hour, *bid),
                };
                score.channels.entry(unit.channel).or_default()[0] += outcome;
            }
        }
        for cell in market::play(shop, day, 0, &|unit, hour| bids.get(&(unit, hour)).copied()) {
            score.channels.entry(cell.unit.channel).or_default()[1] += cell.outcome;
            if let Some(position) = cell.outcome.position() {
                let expected = forecast_position(&landscapes, &forecast, &cell.unit, cell.hour, cell.bid);
                score.hours += 1.0;
                score.inside += f64::from(u8::from((3.0..=5.0).contains(&position)));
                score.claimed += f64::from(u8::from((3.0..=5.0).contains(&expected)));
            }
        }
    }
    if std::env::args().any(|word| word == "oracle") {
        score.best = best_held(shop, &bids, days) * score.hours;
    }
    for outcome in score.channels.values_mut().flatten() {
        *outcome = *outcome * (1.0 / f64::from(days));
    }
    score
}

/// By cell: hours shown and hours held, on the days of trying and on the days played.
type Held = HashMap<(Unit, u8), [[f64; 2]; 2]>;

/// Share of search hours that the best bids would hold in the band: for every cell the best of some multiples
/// of the planned bid, found on days of its own and tried on the days played.
fn best_held(shop: &Shop, bids: &HashMap<(&Unit, u8), f64>, days: i32) -> f64 {
    let tried: Vec<Held> = (-6..=6)
        .map(|step| {
            let factor = 1.08f64.powi(step);
            let mut held = Held::new();
            for day in 1..=3 * days {
                let bid = |unit: &Unit, hour: u8| {
                    bids.get(&(unit, hour))
                        .filter(|_| unit.channel == Channel::Search)
                        .map(|bid| bid * factor)
                };
                for cell in market::play(shop, shop.last_day() + day, 0, &bid) {
                    let Some(position) = cell.outcome.position() else { continue };
                    let counts =
                        &mut held.entry((cell.unit, cell.hour)).or_default()[usize::from(day <= days)];
                    counts[0] += 1.0;
                    counts[1] += f64::from(u8::from((3.0..=5.0).contains(&position)));
                }
            }
            held
        })
        .collect();
    let (mut seen, mut inside) = (0.0, 0.0);
    for cell in tried[6].keys() {
        let share = |held: &&Held| held.get(cell).map_or(0.0, |c| c[0][1] / c[0][0].max(1.0));
        let best = tried.iter().max_by(|a, b| share(a).total_cmp(&share(b))).expect("there are multiples");
        if let Some(counts) = best.get(cell) {
            seen += counts[1][0];
            inside += counts[1][1];
        }
    }
    inside / seen
}

fn forecast_position(
    landscapes: &Landscapes,
    forecast: &bidwright::landscape::Forecast<'_>,
    unit: &Unit,
    hour: u8,
    bid: f64,
) -> f64 {
    let at = landscapes.units.binary_search(unit).expect("a unit of the history");
    forecast.position(at as u32, hour, bid).unwrap_or(f64::NAN)
}

fn sum(scores: &[Score]) -> Score {
    let mut all = Score::default();
    for score in scores {
        for (channel, [forecast, real]) in &score.channels {
            let sums = all.channels.entry(*channel).or_default();
            sums[0] += *forecast;
            sums[1] += *real;
        }
        all.hours += score.hours;
        all.inside += score.inside;
        all.claimed += score.claimed;
        all.best += score.best;
    }
    all
}

fn line(score: &Score) -> String {
    let mut parts = Vec::new();
    let mut total = [Outcome::default(); 2];
    let percent = |a: f64, b: f64| 100.0 * (a / b - 1.0);
    let off = |name: &str, [forecast, real]: &[Outcome; 2]| {
        format!(
            "{name} spend {:.0} {:+.1} % revenue {:.0} {:+.1} % (imp {:+.1} clicks {:+.1} orders {:+.1})",
            real.spend,
            percent(forecast.spend, real.spend),
            real.revenue,
            percent(forecast.revenue, real.revenue),
            percent(forecast.impressions, real.impressions),
            percent(forecast.clicks, real.clicks),
            percent(forecast.orders, real.orders)
        )
    };
    for (channel, sums) in &score.channels {
        total[0] += sums[0];
        total[1] += sums[1];
        parts.push(off(channel.name(), sums));
    }
    parts.insert(0, off("total", &total));
    parts.push(format!(
        "in band {:.1} % of {:.1} % forecast, {:.1} % best; cells {:.0}",
        100.0 * score.inside / score.hours,
        100.0 * score.claimed / score.hours,
        100.0 * score.best / score.hours,
        score.hours
    ));
    parts.join("; ")
}
