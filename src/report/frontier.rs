//! The page of a sweep: what every step brings, as charts and as a table.

use minijinja::value::Value;
use minijinja::{Environment, context};
use serde_json::json;

use super::lang::{self, Lang, Word};
use super::number::{self, NOTHING};
use super::page::CHARTS;
use crate::error::{Error, Result};
use crate::frontier::{Found, Frontier, Moved, Point, Step};

const TEMPLATE: &str = include_str!("frontier.html");

/// The whole page as HTML.
pub fn frontier(frontier: &Frontier, lang: Lang) -> Result<String> {
    let broken = |error: minijinja::Error| Error::Internal(format!("the sweep's template: {error:#}"));
    let mut page = Environment::new();
    page.add_template("frontier.html", TEMPLATE).map_err(broken)?;
    let labels: Vec<String> = frontier.moved.iter().map(Moved::label).collect();
    let context = context! {
        w => Value::from_pairs(lang::ALL.iter().map(|(name, word)| (*name, word.in_(lang)))),
        title => lang::SWEEP_OF.with(lang, &[&labels.join(", ")]),
        money_in => lang::SWEEP_FOR.with(lang, &[&frontier.date.to_string(), &frontier.currency]),
        written_by => lang::WRITTEN_BY.with(lang, &[env!("CARGO_PKG_VERSION")]),
        prices => labels.iter().map(|label| lang::SWEEP_PRICE.with(lang, &[label])).collect::<Value>(),
        labels => labels,
        rows => frontier.steps.iter().map(|step| row(frontier, step, lang)).collect::<Value>(),
        charts => charts(frontier).iter().map(|chart| chart.name(frontier, lang)).collect::<Value>(),
        data => Value::from_safe_string(data(frontier, lang)),
        echarts => Value::from_safe_string(CHARTS.to_string()),
    };
    page.get_template("frontier.html").and_then(|template| template.render(context)).map_err(broken)
}

fn row(frontier: &Frontier, step: &Step, lang: Lang) -> Value {
    let shown = |(bound, moved): (&f64, &Moved)| bound_in_words(moved, *bound);
    let bounds: Vec<String> = step.bounds.iter().zip(&frontier.moved).map(shown).collect();
    let why = match &step.found {
        Found::Best(point) => return best(frontier, point, bounds),
        Found::Infeasible { edge: Some(edge) } => {
            let edge = frontier.moved.last().map_or_else(String::new, |moved| bound_in_words(moved, *edge));
            lang::SWEEP_EDGE.with(lang, &[&edge])
        }
        Found::Infeasible { edge: None } => lang::SWEEP_NO_EDGE.in_(lang).into(),
        Found::Stopped => lang::SWEEP_STOPPED.in_(lang).into(),
    };
    context! { bounds, why }
}

fn best(frontier: &Frontier, point: &Point, bounds: Vec<String>) -> Value {
    let ratio = |value| number::or_nothing(value, |value| number::fixed(value, 2));
    let mut numbers = vec![
        number::sum(point.total.spend),
        number::sum(point.total.revenue),
        number::sum(point.profit),
        ratio(point.total.roi()),
        ratio(point.marginal_roi),
    ];
    let priced = |price: &f64| number::or_nothing(Some(*price).filter(|price| *price > 0.0), number::price);
    numbers.extend(point.prices.iter().map(priced));
    let change = point.change.as_ref();
    numbers.push(change.map_or(NOTHING.into(), |change| change.cells().to_string()));
    let one = |(unit, spend): &(u32, f64)| {
        let sign = if *spend > 0.0 { "+" } else { "" };
        format!("{} {sign}{}", frontier.units[*unit as usize].unit, number::sum(*spend))
    };
    let most = change.map(|change| change.most.iter().map(one).collect::<Vec<_>>().join(", "));
    let binding: Vec<&str> = point.binding.iter().map(|(name, _)| name.as_str()).collect();
    context! { bounds, numbers, binding => binding.join(", "), slots => point.slots.join(", "), most }
}

/// A bound in its rule's own unit.
fn bound_in_words(moved: &Moved, bound: f64) -> String {
    if moved.share { number::percent(bound, 1) } else { number::plain(bound) }
}

/// A chart: one figure of every step over the bound that moves fastest.
#[derive(Clone, Copy)]
enum Chart {
    Named(Word, fn(&Point) -> Option<f64>),
    Price(usize),
}

fn charts(frontier: &Frontier) -> Vec<Chart> {
    let mut charts = vec![
        Chart::Named(lang::REVENUE, |point| Some(point.total.revenue)),
        Chart::Named(lang::SPEND, |point| Some(point.total.spend)),
        Chart::Named(lang::PROFIT, |point| Some(point.profit)),
        Chart::Named(lang::ROI, |point| point.total.roi()),
        Chart::Named(lang::SWEEP_MARGINAL, |point| point.marginal_roi),
    ];
    charts.extend((0..frontier.moved.len()).map(Chart::Price));
    charts
}

impl Chart {
    fn name(self, frontier: &Frontier, lang: Lang) -> String {
        match self {
            Chart::Named(word, _) => word.in_(lang).into(),
            Chart::Price(at) => lang::SWEEP_PRICE.with(lang, &[&frontier.moved[at].label()]),
        }
    }

    fn of(self, point: &Point) -> Option<f64> {
        match self {
            Chart::Named(_, of) => of(point),
            Chart::Price(at) => point.prices.get(at).copied(),
        }
    }
}

/// The charts' numbers. `<` is written as an escape, so no name can end the script element.
fn data(frontier: &Frontier, lang: Lang) -> String {
    let fastest = frontier.moved.last();
    let lines: Vec<&[Step]> =
        frontier.steps.chunk_by(|a, b| a.bounds.len() < 2 || a.bounds[0] == b.bounds[0]).collect();
    let line = |chart: Chart, steps: &&[Step]| {
        let name = match (&frontier.moved[..], &steps[0].bounds[..]) {
            ([outer, _], [bound, _]) => format!("{} {}", outer.label(), bound_in_words(outer, *bound)),
            _ => chart.name(frontier, lang),
        };
        let points = steps.iter().map(|step| {
            let value = step.point().and_then(|point| chart.of(point)).filter(|value| value.is_finite());
            json!([step.bounds.last(), value.map(|value| (value * 1e4).round() / 1e4)])
        });
        json!({ "name": name, "points": points.collect::<Vec<_>>() })
    };
    let edges: Vec<f64> = lines
        .iter()
        .filter_map(|steps| {
            steps.iter().find_map(|step| match step.found {
                Found::Infeasible { edge } => edge,
                _ => None,
            })
        })
        .collect();
    json!({
        "axis": fastest.map(Moved::label),
        "today": fastest.and_then(|moved| moved.today),
        "today_word": lang::SWEEP_TODAY.in_(lang),
        "edge": if edges.len() == 1 { edges.first() } else { None },
        "many": lines.len() > 1,
        "charts": charts(frontier)
            .into_iter()
            .map(|chart| lines.iter().map(|steps| line(chart, steps)).collect::<Vec<_>>())
            .collect::<Vec<_>>(),
    })
    .to_string()
    .replace('<', "\\u003c")
}
