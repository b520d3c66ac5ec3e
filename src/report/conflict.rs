//! Rules that contradict each other, and rules that leave nothing to run, in words.

use super::lang::{self, Lang};
use super::{number, reason};
use crate::keys::Channel;
use crate::plan::{Conflict, Relaxation, RuleValue, row_name};

/// Which rules contradict each other, in a sentence.
pub fn contradiction(conflict: &Conflict, lang: Lang) -> String {
    match conflict.rules.as_slice() {
        [] => lang::NO_STEPS.with(lang, &[&named(&conflict.broken, lang)]),
        rules => lang::CONTRADICT.with(lang, &[&named(rules, lang)]),
    }
}

/// Names of rule rows, one after the other.
fn named(rows: &[String], lang: Lang) -> String {
    let names: Vec<String> = rows.iter().map(|name| reason::named(name, lang)).collect();
    names.join(lang::LIST.in_(lang))
}

/// The smallest change of one bound that would do, in a sentence. `rules` are the plan's rows: they tell a `min` from a
/// `max`, and a share from a value.
pub fn relaxation(of: &Relaxation, rules: &[RuleValue], lang: Lang) -> String {
    let row = rules.iter().find(|row| row.rule == of.rule && [row.min, row.max].contains(&Some(of.bound)));
    let Some(row) = row else { return of.sentence.clone() };
    let at_least = row.min == Some(of.bound);
    let shown = |value: f64| number::metric(of.metric, row.share, value);
    let name = reason::named(&row_name(&of.rule, &of.scope), lang);
    let metric = reason::bounded(of.metric, row.share, lang);
    let asks = if at_least { lang::AT_LEAST } else { lang::AT_MOST }.with(lang, &[&shown(of.bound)]);
    match of.reachable {
        Some(reachable) => {
            let best = if at_least { lang::REACH_MOST } else { lang::REACH_LEAST };
            best.with(lang, &[&name, &metric, &asks, &shown(reachable)])
        }
        None => lang::REACH_NONE.with(lang, &[&name, &metric, &asks]),
    }
}

/// A channel that does not run at all because a rule asks for more than any bid there brings; `best` is what comes
/// nearest.
pub fn silent(channel: Channel, rule: &RuleValue, best: f64, lang: Lang) -> String {
    let shown = |value: f64| number::metric(rule.metric, rule.share, value);
    let (word, bound) = match (rule.min, rule.max) {
        (Some(min), _) => (lang::AT_LEAST, min),
        (None, max) => (lang::AT_MOST, max.unwrap_or(0.0)),
    };
    let metric = reason::bounded(rule.metric, rule.share, lang);
    let channel = reason::channel(channel).in_(lang);
    lang::SILENT.with(lang, &[channel, &rule.rule, &metric, &word.with(lang, &[&shown(bound)]), &shown(best)])
}
