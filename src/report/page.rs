//! The page: its headline, its charts, and the template that they are filled into.

use minijinja::value::Value;
use minijinja::{Environment, context};
use serde_json::json;

use super::lang::{self, Lang};
use super::tested::{self, Tested};
use super::{change, cost, number, reason, tables, underway};
use crate::calendar::HOURS;
use crate::config::Request;
use crate::error::{Error, Result};
use crate::explain::Costs;
use crate::frontier::{Frontier, Moved, Point};
use crate::history::Audit;
use crate::keys::Channel;
use crate::metric::Outcome;
use crate::plan::{Plan, RuleValue, Status};

const TEMPLATE: &str = include_str!("page.html");
/// The chart library, as a script.
pub const ECHARTS: &str = include_str!("echarts.common.min.js");

/// The chart library with the frame in which all pages draw.
pub(super) const CHARTS: &str =
    concat!(include_str!("echarts.common.min.js"), "\n", include_str!("drawn.js"));

/// What a page shows beside the plan.
#[derive(Clone, Copy, Default)]
pub struct Beside<'a> {
    /// The frontiers around today's rules.
    pub frontiers: &'a [Frontier],
    /// What whole rules and the position band cost.
    pub costs: Option<&'a Costs>,
    /// What the last backtest said.
    pub tested: Option<&'a Tested>,
}

/// The whole page as HTML.
pub fn page(
    request: &Request,
    audit: &Audit,
    plan: &Plan,
    beside: &Beside<'_>,
    lang: Lang,
) -> Result<String> {
    let changes = change::changes(plan);
    let mut page = Environment::new();
    let broken = |error: minijinja::Error| Error::Internal(format!("the report's template: {error:#}"));
    page.add_template("page.html", TEMPLATE).map_err(broken)?;
    let context = context! {
        w => Value::from_pairs(lang::ALL.iter().map(|(name, word)| (*name, word.in_(lang)))),
        title => lang::PLAN_FOR.with(lang, &[&plan.date.to_string()]),
        written_by => lang::WRITTEN_BY.with(lang, &[env!("CARGO_PKG_VERSION")]),
        money_in => lang::MONEY_IN.with(lang, &[&plan.currency]),
        status => status(plan.said_status()),
        status_word => reason::ended(plan.said_status(), &plan.rules).in_(lang),
        verdict => verdict(plan, lang),
        money => money(plan, lang),
        underway => underway::lines(plan, lang),
        tiles => tiles(plan, lang),
        conflict => tables::conflict(plan, lang),
        tasks => tables::tasks(&change::tasks(&changes), lang),
        tested => tested::verdict(beside.tested, lang),
        frontiers => beside.frontiers.iter().flat_map(|frontier| &frontier.moved).map(|moved| {
            lang::FRONTIER_OF.with(lang, &[&moved.label()])
        }).collect::<Value>(),
        channels => tables::channels(plan, lang),
        bands => tables::outlook(plan, lang),
        price => tables::price(plan, lang),
        rules => tables::rules(plan, lang),
        shadow_note => lang::SHADOW_NOTE.with(lang, &[reason::objective(plan.objective).in_(lang)]),
        costs => beside.costs.and_then(|costs| cost::table(costs, plan, lang)),
        heatmap => tables::heatmap(request, plan, lang),
        why_off => tables::why_off(plan, lang),
        files => tables::files(audit),
        file_totals => tables::file_totals(audit),
        findings => tables::findings(audit, lang),
        proof => tables::proof(plan, lang),
        data => Value::from_safe_string(data(plan, beside.frontiers, lang)),
        echarts => Value::from_safe_string(CHARTS.to_string()),
    };
    page.get_template("page.html").and_then(|template| template.render(context)).map_err(broken)
}

fn status(status: Status) -> &'static str {
    match status {
        Status::Optimal => "optimal",
        Status::Feasible => "feasible",
        Status::Infeasible => "infeasible",
    }
}

/// How the plan ended and which rules it misses, in a sentence.
pub fn verdict(plan: &Plan, lang: Lang) -> String {
    let names = |keep: &dyn Fn(&RuleValue) -> bool| {
        let missed = || plan.rules.iter().filter(|rule| !rule.met && keep(rule));
        // A trifle is only told where there is nothing else to tell.
        let told = missed().any(|rule| !rule.said_met());
        missed()
            .filter(|rule| !told || !rule.said_met())
            .map(|rule| reason::named(&rule.to_string(), lang))
            .collect::<Vec<_>>()
            .join(lang::LIST.in_(lang))
    };
    let gap = number::percent(plan.evidence.gap.max(0.0), 3);
    let (hard, soft) = (names(&|rule| !rule.soft), names(&|rule| rule.soft));
    match plan.status {
        Status::Infeasible if plan.underway.is_some() => {
            lang::VERDICT_UNDERWAY.with(lang, &[&names(&|_| true)])
        }
        Status::Infeasible => lang::VERDICT_INFEASIBLE.with(lang, &[&names(&|_| true)]),
        _ if !hard.is_empty() => lang::VERDICT_UNMET.with(lang, &[&hard]),
        _ if !plan.cells.is_empty() && !plan.cells.iter().any(|cell| cell.run) => {
            lang::VERDICT_IDLE.in_(lang).to_owned()
        }
        Status::Feasible => {
            let stopped = lang::VERDICT_FEASIBLE.with(lang, &[&gap]);
            let missed = (!soft.is_empty()).then(|| lang::VERDICT_FAR_SOFT.with(lang, &[&soft]));
            [Some(stopped), missed].into_iter().flatten().collect::<Vec<_>>().join(lang.space())
        }
        Status::Optimal if !plan.is_near() => {
            let far = lang::VERDICT_FAR.with(lang, &[&number::percent(1.0 - plan.evidence.gap, 1)]);
            let missed = (!soft.is_empty()).then(|| lang::VERDICT_FAR_SOFT.with(lang, &[&soft]));
            [Some(far), missed].into_iter().flatten().collect::<Vec<_>>().join(lang.space())
        }
        Status::Optimal if !soft.is_empty() => lang::VERDICT_SOFT.with(lang, &[&gap, &soft]),
        // Bids between rungs may bring a trifle more than every mix of rungs, which is what is bounded.
        Status::Optimal if plan.evidence.objective >= plan.evidence.bound => {
            lang::VERDICT_BEST.in_(lang).to_owned()
        }
        Status::Optimal => lang::VERDICT_OPTIMAL.with(lang, &[&gap]),
    }
}

/// What is spent and what it brings, in a sentence.
fn money(plan: &Plan, lang: Lang) -> String {
    let total = plan.total(|_, _| true);
    let roi = number::or_nothing(total.roi(), |roi| number::fixed(roi, 2));
    lang::VERDICT_MONEY.with(lang, &[&number::sum(total.spend), &number::sum(total.revenue), &roi])
}

fn tiles(plan: &Plan, lang: Lang) -> Value {
    use crate::metric::Metric;
    let total = plan.total(|_, _| true);
    let of = |metric: Metric| {
        let value =
            number::or_nothing(metric.of(&total, plan.margin), |value| number::metric(metric, false, value));
        context! { name => reason::metric(metric).in_(lang), value }
    };
    [Metric::Spend, Metric::Revenue, Metric::Roi, Metric::Profit, Metric::Orders, Metric::Clicks]
        .into_iter()
        .map(of)
        .chain(plan.outlook.held.map(|held| {
            context! { name => lang::HELD.in_(lang), value => number::percent(held.share, 0) }
        }))
        .collect()
}

/// Sums by channel and hour for the charts. `<` is written as an escape, so no text of a shop can end
/// the script element that holds the data.
fn data(plan: &Plan, frontiers: &[Frontier], lang: Lang) -> String {
    let mut by_hour = [[Outcome::default(); HOURS]; Channel::ALL.len()];
    for cell in plan.cells.iter().filter(|cell| cell.run) {
        by_hour[plan.unit(cell).channel as usize][usize::from(cell.cell.hour)] += cell.outcome;
    }
    let cents = |value: f64| (value * 100.0).round() / 100.0;
    let channels = Channel::ALL
        .into_iter()
        .zip(&by_hour)
        .filter(|(_, hours)| hours.iter().any(|sum| sum.impressions > 0.0 || sum.spend > 0.0));
    let series: Vec<_> = channels
        .map(|(channel, hours)| {
            json!({
                "channel": channel.name(),
                "name": reason::channel(channel).in_(lang),
                "spend": hours.iter().map(|sum| cents(sum.spend)).collect::<Vec<_>>(),
                "revenue": hours.iter().map(|sum| cents(sum.revenue)).collect::<Vec<_>>(),
            })
        })
        .collect();
    let frontiers: Vec<_> = frontiers.iter().map(|frontier| lines(frontier, lang)).collect();
    json!({ "series": series, "frontiers": frontiers, "today": lang::SWEEP_TODAY.in_(lang) })
        .to_string()
        .replace('<', "\\u003c")
}

/// A frontier's lines: what is maximised, and the spend, over the bound.
fn lines(frontier: &Frontier, lang: Lang) -> serde_json::Value {
    let line = |name: &str, of: &dyn Fn(&Point) -> f64| {
        let points = frontier.steps.iter().map(|step| {
            json!([step.bounds.last(), step.point().map(|point| (of(point) * 100.0).round() / 100.0)])
        });
        json!({ "name": name, "points": points.collect::<Vec<_>>() })
    };
    let objective = reason::objective(frontier.objective).in_(lang);
    json!({
        "axis": frontier.moved.last().map(Moved::label),
        "today": frontier.moved.last().and_then(|moved| moved.today),
        "lines": [
            line(objective, &|point| point.objective),
            line(lang::SPEND.in_(lang), &|point| point.total.spend),
        ],
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::specimen;

    fn render(plan: &Plan, lang: Lang) -> String {
        page(&specimen::request(), &specimen::audit(), plan, &Beside::default(), lang).unwrap()
    }

    #[test]
    fn the_page_is_whole_offline_and_small() {
        for lang in [Lang::En, Lang::Zh] {
            let html = render(&specimen::plan(), lang);
            assert!(html.len() < 1_500_000, "{} bytes", html.len());
            let own = html.replace(ECHARTS, "");
            assert!(
                !own.contains("src=") && !own.contains("@import") && !own.contains("url("),
                "nothing is fetched"
            );
            assert!(own.ends_with("</html>\n") || own.ends_with("</html>"));
            assert!(own.contains(lang::BY_HOUR.in_(lang)) && own.contains(lang::HEATMAP.in_(lang)));
        }
    }

    #[test]
    fn names_of_a_shop_stay_text() {
        let mut plan = specimen::plan();
        plan.rules[0].rule = "</script><script>alert(1)</script>".into();
        plan.rules[0].met = false;
        let html = render(&plan, Lang::En).replace(ECHARTS, "");
        for raw in ["<b>bold", "<script>alert", "<!-- note", "<i>display", "cpc <b>"] {
            assert!(!html.contains(raw), "{raw} is not escaped");
        }
        assert!(
            html.contains("&lt;script&gt;alert") || html.contains("&lt;&#x2f;script&gt;&lt;script&gt;alert")
        );
        assert_eq!(html.matches("</script>").count(), 3, "data, library and charts");
    }

    #[test]
    fn the_headline_names_what_is_missed() {
        let mut plan = specimen::plan();
        assert!(verdict(&plan, Lang::En).contains("Soft rules not met: evening round"));
        plan.rules.iter_mut().for_each(|rule| rule.met = true);
        assert!(verdict(&plan, Lang::Zh).starts_with("全部约束达标"));
        plan.evidence.bound = plan.evidence.objective - 1.0;
        assert!(verdict(&plan, Lang::En).contains("no mix of the bids on the ladders brings more"));
        plan.rules[0].met = false;
        assert_eq!(verdict(&plan, Lang::En), "Not every rule is met: budget.");
        let infeasible = specimen::infeasible();
        assert!(
            verdict(&infeasible, Lang::En).contains("roi [channel=affiliate]")
                || verdict(&infeasible, Lang::En).contains("roi [channel=search]")
        );
        assert!(render(&infeasible, Lang::En).contains("31,250"));
    }

    #[test]
    fn a_plan_far_from_its_bound_is_not_called_proven() {
        let mut plan = specimen::plan();
        plan.evidence.gap = 0.79958;
        let said = verdict(&plan, Lang::En);
        assert!(said.contains("reaches only 20.0 %") && !said.contains("proven best"), "{said}");
        assert!(said.contains("Soft rules not met: evening round"), "{said}");
        assert_eq!(
            (plan.status, plan.said_status()),
            (Status::Optimal, Status::Feasible),
            "nothing is green"
        );
        plan.rules.iter_mut().for_each(|rule| rule.met = true);
        assert!(verdict(&plan, Lang::Zh).contains("20.0 %"));
        plan.cells.iter_mut().for_each(|cell| cell.run = false);
        assert!(verdict(&plan, Lang::En).starts_with("Nothing runs"));
    }

    #[test]
    fn an_empty_plan_has_a_page_too() {
        let mut plan = specimen::plan();
        plan.units.clear();
        plan.cells.clear();
        plan.rules.clear();
        plan.evidence.gap = f64::NAN;
        let html =
            page(&specimen::request(), &Audit::default(), &plan, &Beside::default(), Lang::En).unwrap();
        assert!(!html.contains("NaN</") && html.contains(lang::NO_RULES.en));
    }
}
