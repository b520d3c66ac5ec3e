//! Which bounds move and over which range, from the words of the command line.

use crate::config::names::nearest;
use crate::config::{PlanFile, Rule};
use crate::error::{Error, Finding, Result};
use crate::metric::Metric;
use crate::program::Side;

/// The most bounds that move at once.
pub const MOST_MOVES: usize = 2;
/// The most steps of a sweep.
pub const MOST_STEPS: usize = 10_000;

/// What is asked to move.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    /// Name of the rule.
    pub rule: String,
    /// Which bound.
    pub side: Side,
    /// `FROM:TO:STEP`.
    pub range: String,
}

/// The bounds of a sweep: rising, evenly apart.
#[derive(Debug, Clone, PartialEq)]
pub struct Range {
    /// The bounds.
    pub values: Vec<f64>,
}

/// A bound that moves.
#[derive(Debug, Clone, PartialEq)]
pub struct Move {
    /// Index of the rule in the plan file.
    pub rule: usize,
    /// Which bound.
    pub side: Side,
    /// Whether the bound is a share.
    pub share: bool,
    /// Where it goes.
    pub range: Range,
}

impl Range {
    /// Reads `FROM:TO:STEP`. Bounds have as many decimals as what was written, so 0.1 + 0.2 is 0.3.
    ///
    /// # Errors
    /// What is wrong with it, and what would do.
    pub fn parse(text: &str) -> std::result::Result<Range, (String, String)> {
        let example = "write FROM:TO:STEP, for example 1.5:4:0.1 for 1.5, 1.6 … 4";
        let parts: Vec<&str> = text.split(':').map(str::trim).collect();
        let numbers: Vec<f64> = parts
            .iter()
            .filter_map(|part| part.parse().ok())
            .filter(|number: &f64| number.is_finite())
            .collect();
        let ([_, _, _], [from, to, step]) = (&parts[..], &numbers[..]) else {
            return Err(("the range is not three numbers".into(), example.into()));
        };
        if *step <= 0.0 {
            return Err(("the step of the range is not above 0".into(), example.into()));
        }
        if from > to {
            return Err((
                "the range ends before it begins".into(),
                format!("write it upwards: {}:{}:{}", parts[1], parts[0], parts[2]),
            ));
        }
        // A step more for the rounding of the division, none for a part of a step.
        let steps = ((to - from) / step + 1e-9).floor();
        if steps >= MOST_STEPS as f64 {
            return Err((
                format!("the range has more than {MOST_STEPS} steps"),
                "take larger steps, or a part of the range".into(),
            ));
        }
        let decimals = |part: &&str| part.split_once('.').map_or(0, |(_, digits)| digits.len());
        let plain = !text.contains(['e', 'E']);
        let decimals = [parts[0], parts[2]].iter().map(decimals).max().unwrap_or(0);
        let value = |at: usize| {
            let value = from + at as f64 * step;
            if plain { format!("{value:.decimals$}").parse().unwrap_or(value) } else { value }
        };
        Ok(Range { values: (0..=steps as usize).map(value).collect() })
    }

    fn ends(&self) -> [f64; 2] {
        [self.values.first(), self.values.last()].map(|end| end.copied().unwrap_or(0.0))
    }
}

/// The bounds that move, looked up in the plan file.
///
/// # Errors
/// `U010` to `U013`, all of them at once.
pub fn moves(file: &PlanFile, asked: &[Asked]) -> Result<Vec<Move>> {
    let all = asked;
    let mut findings = Vec::new();
    if asked.is_empty() || asked.len() > MOST_MOVES {
        findings.push(Finding::error(
            "U010",
            format!("{} bounds are to move", if asked.is_empty() { "no" } else { "more than two" }),
            "name one rule and its range, or two for a grid: --rule roi --min 1.5:4:0.1",
        ));
    }
    let same = |a: &Asked, b: &Asked| a.rule == b.rule && a.side == b.side;
    if let [first, second] = asked
        && same(first, second)
    {
        findings.push(
            Finding::error(
                "U010",
                "both ranges move the same bound",
                "name another rule for the second range",
            )
            .with_value(&first.rule),
        );
    }
    let mut moves = Vec::new();
    for asked in asked {
        let rule = named(file, &asked.rule).map_err(|finding| findings.push(*finding)).ok();
        let range = Range::parse(&asked.range)
            .map_err(|(cause, action)| {
                findings.push(Finding::error("U011", cause, action).with_value(&asked.range));
            })
            .ok();
        if let (Some(rule), Some(range)) = (rule, range) {
            let share = file.rules[rule].min_share.or(file.rules[rule].max_share).is_some();
            findings.extend(beyond(&file.rules[rule], share, &range, &asked.range));
            let both = |other: &Asked| other.rule == asked.rule && other.side != asked.side;
            if !all.iter().any(both) {
                findings.extend(crossed(&file.rules[rule], asked.side, &range, &asked.range));
            }
            moves.push(Move { rule, side: asked.side, share, range });
        }
    }
    if moves.iter().map(|one| one.range.values.len()).product::<usize>() > MOST_STEPS {
        findings.push(Finding::error(
            "U011",
            format!("the grid has more than {MOST_STEPS} steps"),
            "take larger steps, or a part of the ranges",
        ));
    }
    if findings.is_empty() { Ok(moves) } else { Err(Error::Input(findings)) }
}

fn named(file: &PlanFile, name: &str) -> std::result::Result<usize, Box<Finding>> {
    file.rules.iter().position(|rule| rule.name == name).ok_or_else(|| {
        let names = || file.rules.iter().map(|rule| rule.name.as_str());
        let action = match (nearest(name, names()), file.rules.is_empty()) {
            (Some(near), _) => format!("did you mean `{near}`?"),
            (None, false) => format!("use one of: {}", names().collect::<Vec<_>>().join(", ")),
            (None, true) => "add a `[[rule]]` to the plan file".into(),
        };
        Box::new(Finding::error("U012", "the plan file has no rule of this name", action).with_value(name))
    })
}

/// Bounds beyond the rule's other one, which stays: a `max` below its `min`.
fn crossed(rule: &Rule, side: Side, range: &Range, text: &str) -> Option<Finding> {
    let [from, to] = range.ends();
    let (mine, word, other, action) = match side {
        Side::Max => (from, "below", rule.min.or(rule.min_share), "begin the range at that or more"),
        Side::Min => (to, "above", rule.max.or(rule.max_share), "end the range at that or less"),
    };
    let other = other.filter(|other| if side == Side::Max { mine < *other } else { mine > *other })?;
    let cause = format!("rule `{}` has its other bound at {other}, and {mine} is {word} it", rule.name);
    Some(Finding::error("U013", cause, format!("{action}, or sweep both bounds")).with_value(text))
}

/// Bounds that the rule cannot have.
fn beyond(rule: &Rule, share: bool, range: &Range, text: &str) -> Option<Finding> {
    let (name, metric, [from, to]) = (&rule.name, rule.metric.name(), range.ends());
    let (cause, action) = if share && rule.metric == Metric::Profit {
        (
            format!("rule `{name}` bounds a share of profit, and a larger share of a loss is not more"),
            "sweep a rule on profit itself".to_owned(),
        )
    } else if share && (from < 0.0 || to > 1.0) {
        (
            format!("rule `{name}` bounds a share of {metric}"),
            "stay within 0 and 1: shares are fractions, not percent".into(),
        )
    } else if from < 0.0 && rule.metric != Metric::Profit {
        (format!("rule `{name}`: {metric} is never below 0"), "begin the range at 0 or more".into())
    } else {
        return None;
    };
    Some(Finding::error("U013", cause, action).with_value(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_hold_both_ends_and_round_numbers() {
        assert_eq!(Range::parse("0.1:0.5:0.1").unwrap().values, [0.1, 0.2, 0.3, 0.4, 0.5]);
        assert_eq!(Range::parse("1:2:0.3").unwrap().values, [1.0, 1.3, 1.6, 1.9]);
        assert_eq!(Range::parse("-5 : -5 : 1").unwrap().values, [-5.0]);
        assert_eq!(Range::parse("1e4:3e4:1e4").unwrap().values, [1e4, 2e4, 3e4]);
    }

    #[test]
    fn bad_ranges_say_what_would_do() {
        for (text, cause, action) in [
            ("", "three numbers", "FROM:TO:STEP"),
            ("1:2", "three numbers", "FROM:TO:STEP"),
            ("1:2:x", "three numbers", "FROM:TO:STEP"),
            ("1:nan:1", "three numbers", "FROM:TO:STEP"),
            ("1:2:0.1:3", "three numbers", "FROM:TO:STEP"),
            ("1:2:0", "step", "FROM:TO:STEP"),
            ("4:1:0.5", "ends before", "1:4:0.5"),
            ("0:1:1e-9", "steps", "larger"),
        ] {
            let (found, fix) = Range::parse(text).unwrap_err();
            assert!(found.contains(cause) && fix.contains(action), "{text}: {found}; {fix}");
        }
    }
}
