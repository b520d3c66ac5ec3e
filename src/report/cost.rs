//! What whole rules and the position band cost, in tables.

use minijinja::context;
use minijinja::value::Value;

use super::lang::{self, Lang};
use super::{number, reason};
use crate::explain::{BandCost, Costs, RuleCost};
use crate::plan::Plan;

/// Costs below this share of the objective are the solver's rounding.
const TELLING: f64 = 1e-6;

/// Nothing where no rule and no band costs anything.
pub(super) fn table(costs: &Costs, plan: &Plan, lang: Lang) -> Option<Value> {
    let least = TELLING * plan.evidence.objective.abs();
    let rules: Vec<Value> =
        costs.rules.iter().filter(|cost| cost.cost > least).map(|cost| rule(cost, lang)).collect();
    let band = costs.band.as_ref().filter(|band| band.cost > least);
    if rules.is_empty() && band.is_none() {
        return None;
    }
    let objective = reason::objective(plan.objective).in_(lang);
    let names = [
        lang::COST_OF.with(lang, &[objective]),
        lang::COST_SPEND.in_(lang).to_owned(),
        lang::COST_REVENUE.in_(lang).to_owned(),
    ];
    let keywords = band.map_or(&[][..], |band| &band.keywords);
    let keywords = keywords.iter().map(|keyword| {
        context! {
            unit => keyword.unit.unit.clone(),
            campaign => keyword.unit.campaign.clone(),
            worth => number::sum(keyword.worth),
            position => number::or_nothing(keyword.position, |position| number::fixed(position, 1)),
        }
    });
    Some(context! {
        names,
        rules,
        band => band.map(|band| sentence(band, &objective.to_lowercase(), lang)),
        most => band.filter(|band| !band.keywords.is_empty()).map(|band| {
            let share = number::percent(band.share, 0);
            lang::COST_MOST.with(lang, &[&share, &band.keywords.len().to_string()])
        }),
        keywords => keywords.collect::<Vec<_>>(),
    })
}

fn rule(cost: &RuleCost, lang: Lang) -> Value {
    let change = |value: f64| format!("{}{}", if value > 0.0 { "+" } else { "" }, number::sum(value));
    let name = match &cost.scope {
        Some(_) => cost.name(),
        None => lang::COST_ALL_ROWS.with(lang, &[&cost.rule]),
    };
    context! {
        rule => name,
        cost => number::sum(cost.cost),
        spend => change(cost.spend),
        revenue => change(cost.revenue),
    }
}

fn sentence(band: &BandCost, objective: &str, lang: Lang) -> String {
    let [best, worst] = band.band;
    lang::COST_BAND.with(lang, &[&format!("{best}–{worst}"), &number::sum(band.cost), objective])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explain::KeywordCost;
    use crate::report::specimen;

    fn costs(rule: f64, band: f64) -> Costs {
        let plan = specimen::plan();
        let unit = plan.units[0].clone();
        Costs {
            rules: vec![RuleCost {
                rule: "roi".into(),
                scope: None,
                cost: rule,
                spend: 1_200.5,
                revenue: -31.0,
            }],
            band: Some(BandCost {
                band: [3.0, 5.0],
                cost: band,
                keywords: vec![KeywordCost { unit, worth: 812.25, position: Some(1.9) }],
                share: 0.8,
            }),
        }
    }

    #[test]
    fn costs_are_told_in_both_languages_and_trifles_are_not() {
        let plan = specimen::plan();
        let told = |costs: &Costs, lang| table(costs, &plan, lang).map(|value| value.to_string());
        let en = told(&costs(4_210.0, 2_900.4), Lang::En).unwrap();
        for part in [
            "roi, all its rows together",
            "4,210",
            "+1,200",
            "-31.00",
            "Position 3–5 costs 2,900",
            "80 %",
            "812.25",
        ] {
            assert!(en.contains(part), "{part}: {en}");
        }
        let zh = told(&costs(4_210.0, 2_900.4), Lang::Zh).unwrap();
        assert!(zh.contains("所有行合计") && zh.contains("排名 3–5"), "{zh}");
        assert!(told(&costs(0.0, 0.0), Lang::En).is_none());
        assert!(!told(&costs(4_210.0, 0.0), Lang::En).unwrap().contains("Position"));
    }
}
