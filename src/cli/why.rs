//! One unit of an explanation in words.

use super::number::{self, NONE};
use super::table::table;
use crate::explain::{Explanation, Line, Rung, UnitWhy, Use};
use crate::program::objective_metric;
use crate::reason::Reason;
use crate::report::{Lang, change};

/// A unit: its hours in a table, then what each rule takes and what the others would need.
pub(super) fn unit(why: &UnitWhy, of: &Explanation) -> String {
    let name = objective_metric(of.objective).name();
    let running: usize =
        why.lines.iter().filter(|line| line.bid.is_some()).map(|line| line.hours.len()).sum();
    let roi = why.total.roi().map_or(NONE.into(), |roi| number::grouped(roi, 2));
    let mut text = format!(
        "{}: runs in {running} hours; spend {}, revenue {}, ROI {roi}\n\n",
        why.unit,
        number::money(why.total.spend),
        number::money(why.total.revenue)
    );
    text += &table(
        [
            "hours",
            "bid",
            "last",
            "position",
            "spend",
            "revenue",
            "net",
            "lower bid",
            "would change",
            "higher bid",
            "would change",
        ],
        1,
        why.lines.iter().map(row),
    );
    text += &format!(
        "\n\nnet: {name} less what is used of the rules at their shadow prices; a change below 0 is why the bid is not moved\n"
    );
    let uses = uses(why);
    if !uses.is_empty() {
        text += "\nWhat moving would do to each rule (all hours together; net value in brackets)\n";
        text += &table(["rule", "now", "one bid lower", "one bid higher"], 1, uses);
        text.push('\n');
    }
    let needs: Vec<String> = why.lines.iter().filter_map(needs).collect();
    if !needs.is_empty() {
        text += "\nWhat would have to be true for it to run\n";
        text.extend(needs.iter().map(|line| format!("  {line}\n")));
    }
    text
}

fn row(line: &Line) -> [String; 11] {
    let bid = |bid: Option<f64>| bid.map_or("off".into(), |bid| number::grouped(bid, 3));
    let change = |rung: &Option<Rung>| match rung {
        Some(rung) => [
            bid(rung.bid),
            format!(
                "{} spend, {} revenue, {} net",
                signed(rung.spend),
                signed(rung.revenue),
                signed(rung.net)
            ),
        ],
        None => [NONE.into(), NONE.into()],
    };
    let ([lower, down], [higher, up]) = (change(&line.down), change(&line.up));
    [
        change::spans(&line.hours, Lang::En),
        bid(line.bid),
        line.last_bid.map_or(NONE.into(), |last| number::grouped(last, 3)),
        line.total.position().map_or(NONE.into(), |position| number::grouped(position, 1)),
        number::money(line.total.spend),
        number::money(line.total.revenue),
        line.net.map_or(NONE.into(), |net| number::grouped(net, 2)),
        lower,
        down,
        higher,
        up,
    ]
}

fn signed(value: f64) -> String {
    format!("{}{}", if value > 0.0 { "+" } else { "" }, number::grouped(value, 2))
}

/// Uses of each rule row, added up over the lines that run.
fn uses(why: &UnitWhy) -> Vec<[String; 4]> {
    let mut rows: Vec<(&str, [(f64, f64); 3])> = Vec::new();
    for line in why.lines.iter().filter(|line| line.bid.is_some()) {
        let of = |rung: &Option<Rung>| rung.as_ref().map_or_else(Vec::new, |rung| rung.uses.clone());
        let (down, up): (Vec<Use>, Vec<Use>) = (of(&line.down), of(&line.up));
        for (at, uses) in [&line.uses, &down, &up].into_iter().enumerate() {
            for one in uses {
                let found = rows.iter().position(|(rule, _)| *rule == one.rule);
                let place = found.unwrap_or_else(|| {
                    // Every line names all rows that reach it under its own bid.
                    let name = line.uses.iter().find(|own| own.rule == one.rule);
                    rows.push((name.map_or("", |own| own.rule.as_str()), Default::default()));
                    rows.len() - 1
                });
                rows[place].1[at].0 += one.activity;
                rows[place].1[at].1 += one.worth;
            }
        }
    }
    let shown = |(activity, worth): (f64, f64)| format!("{} ({})", signed(activity), signed(worth));
    rows.into_iter().map(|(rule, of)| [rule.to_owned(), shown(of[0]), shown(of[1]), shown(of[2])]).collect()
}

/// What would make the hours of a line run; nothing for lines that do.
fn needs(line: &Line) -> Option<String> {
    let hours = change::spans(&line.hours, Lang::En);
    let says = match (&line.reason, &line.needs) {
        _ if line.bid.is_some() => return None,
        (_, Some(needs)) => {
            let sales =
                needs.sales.map(|factor| format!("a click sold {} more", number::percent(factor - 1.0)));
            let price =
                needs.price.map(|factor| format!("a click cost {} less", number::percent(1.0 - factor)));
            let either: Vec<String> = sales.into_iter().chain(price).collect();
            match either.is_empty() {
                true => format!("at {}: nothing that sales or prices could change", needs.bid),
                false => format!("at {}: it would pay if {}", needs.bid, either.join(", or ")),
            }
        }
        (Reason::OutsideBand { at_lowest, at_highest }, _) => format!(
            "a band that reaches into {} to {}: these are the positions of the bids that are allowed",
            number::grouped(*at_highest, 1),
            number::grouped(*at_lowest, 1)
        ),
        (Reason::NoAdmissibleBid { lowest, highest }, _) => format!(
            "limits with a bid in common: one asks for at least {}, another for at most {}",
            number::grouped(*lowest, 3),
            number::grouped(*highest, 3)
        ),
        (Reason::GivesWay { best_bid, .. }, _) => {
            format!("a little more room: at {best_bid} it pays, but bids on their steps then break a rule")
        }
        (Reason::DoesNotPay { best_bid, .. }, _) => {
            format!("a little more room or worth: at {best_bid} it just does not pay")
        }
        (Reason::Paused, _) => "an override of the plan file pauses it: take that away".into(),
        (Reason::NoHistory, _) => "a history with a bid for it".into(),
        (Reason::NotOffered, _) => "that it is on offer in these hours".into(),
        _ => return None,
    };
    Some(format!("{hours}: {says}"))
}

/// A kind of reason in a few words.
pub(super) fn kind(reason: &str) -> &'static str {
    match reason {
        "paused" => "paused",
        "does_not_pay" => "that do not pay",
        "gives_way" => "that give way to rules",
        "outside_band" => "that cannot reach the band",
        "no_admissible_bid" => "without an admissible bid",
        "no_history" => "without history",
        "not_offered" => "not on offer",
        _ => "for other reasons",
    }
}
