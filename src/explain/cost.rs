//! What a whole rule costs: the program without it, solved again from the present prices.

use serde::Serialize;

use super::Scene;
use crate::error::{Error, Result};
use crate::frontier::Warm;
use crate::ladder::Ladders;
use crate::plan::row_name;
use crate::program::{Program, Row};
use crate::solver::{Status, integer};

/// Most rows of a rule that are priced one by one.
const MOST_ROWS: usize = 6;

/// What a rule, or one row of it, costs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RuleCost {
    /// The rule.
    pub rule: String,
    /// The row's scope; nothing where the cost is that of all rows together.
    pub scope: Option<String>,
    /// What the optimum gains in the objective without it. Never negative.
    pub cost: f64,
    /// Change of spend without it.
    pub spend: f64,
    /// Change of revenue without it.
    pub revenue: f64,
}

impl RuleCost {
    /// The rule's name, and the row's scope where it is one row's cost.
    pub fn name(&self) -> String {
        self.scope.as_ref().map_or_else(|| self.rule.clone(), |scope| row_name(&self.rule, scope))
    }
}

/// What every rule with a price costs, and its rows where few of several have a price; dearest first.
/// `priced` says which program rows have a price that counts, `now` is the optimum as the rules are.
pub(super) fn of_rules(scene: &Scene<'_>, priced: &[bool], now: f64) -> Result<Vec<RuleCost>> {
    let model = scene.model;
    let mut costs = Vec::new();
    for (index, rule) in scene.file.rules.iter().enumerate() {
        let of_rule = |row: &usize| model.rule_rows[model.keys[*row].rule_row].rule == index;
        let rows: Vec<usize> = (0..model.keys.len()).filter(of_rule).collect();
        let scope = |row: usize| &model.rule_rows[model.keys[row].rule_row].scope;
        let held: Vec<usize> = rows.iter().copied().filter(|row| priced[*row]).collect();
        if held.is_empty() {
            continue;
        }
        // A rule of one row is told with the row's scope, which names it everywhere else too.
        let alone = rule.keys().is_empty().then(|| scope(rows[0]).clone());
        costs.extend(without(scene, &rows, now)?.map(|cost| RuleCost {
            rule: rule.name.clone(),
            scope: alone.clone(),
            ..cost
        }));
        if alone.is_none() && held.len() <= MOST_ROWS {
            for row in held {
                costs.extend(without(scene, &[row], now)?.map(|cost| RuleCost {
                    rule: rule.name.clone(),
                    scope: Some(scope(row).clone()),
                    ..cost
                }));
            }
        }
    }
    costs.sort_by(|a, b| b.cost.total_cmp(&a.cost));
    Ok(costs)
}

/// The cost of some rows together; nothing when a limit came first.
fn without(scene: &Scene<'_>, rows: &[usize], now: f64) -> Result<Option<RuleCost>> {
    let mut program = scene.model.program.clone();
    for row in rows {
        program.rows[*row] = Row::FREE;
    }
    let Some((value, x)) = solve(scene, &program, scene.ladders)? else { return Ok(None) };
    let (then, today) = (scene.ladders.under(&x, |_| true), scene.ladders.under(scene.x, |_| true));
    Ok(Some(RuleCost {
        rule: String::new(),
        scope: None,
        cost: (value - now).max(0.0),
        spend: then.spend - today.spend,
        revenue: then.revenue - today.revenue,
    }))
}

/// The optimum of a program on ladders with the scene's rows, from the scene's prices. Slots that lift other traffic
/// stay as they are: the ladders count on them.
pub(super) fn solve(
    scene: &Scene<'_>,
    program: &Program,
    ladders: &Ladders,
) -> Result<Option<(f64, Vec<f64>)>> {
    let warm = Warm { solver: scene.solver, prices: Some(scene.prices) };
    let decided = ladders.settled(scene.forecast);
    let best = integer::solve_within(program, &decided, &warm, scene.limits).map_err(Error::Internal)?;
    let solution = best.solution.filter(|_| best.status == Status::Optimal);
    Ok(solution.map(|solution| (best.objective, solution.x)))
}
