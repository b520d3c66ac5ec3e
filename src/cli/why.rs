//! One unit of an explanation in words.

use super::explain;
use super::number::{self, NONE};
use super::table::table;
use crate::explain::{Explanation, Line, Rung, UnitWhy, Use};
use crate::reason::Reason;
use crate::report::change;
use crate::report::lang::{self, Lang, Word, explain as told};

/// A unit: its hours in a table, then what each rule takes and what the others would need.
pub(super) fn unit(why: &UnitWhy, of: &Explanation, lang: Lang) -> String {
    let running: usize =
        why.lines.iter().filter(|line| line.bid.is_some()).map(|line| line.hours.len()).sum();
    let roi = why.total.roi().map_or(NONE.into(), |roi| number::grouped(roi, 2));
    let [spend, revenue] = [why.total.spend, why.total.revenue].map(number::money);
    let (name, running) = (why.unit.to_string(), running.to_string());
    let mut text = told::RUNS_IN.with(lang, &[&name, &running, &spend, &revenue, &roi]) + "\n\n";
    let head = [
        told::HOURS_OF,
        told::BID_NOW,
        told::LAST,
        lang::POSITION,
        lang::SPEND,
        lang::REVENUE,
        told::NET,
        told::LOWER_BID,
        told::WOULD_CHANGE,
        told::HIGHER_BID,
        told::WOULD_CHANGE,
    ];
    let head = head.map(|word| word.in_(lang).to_lowercase());
    text += &table(head.each_ref().map(String::as_str), 1, why.lines.iter().map(|line| row(line, lang)));
    text += &format!("\n\n{}\n", told::NET_NOTE.with(lang, &[&explain::objective(of, lang)]));
    let uses = uses(why);
    if !uses.is_empty() {
        text += &format!("\n{}\n", told::WHAT_MOVING_DOES.in_(lang));
        let head = [lang::RULE, told::NOW, told::ONE_LOWER, told::ONE_HIGHER];
        let head = head.map(|word| word.in_(lang).to_lowercase());
        text += &table(head.each_ref().map(String::as_str), 1, uses);
        text.push('\n');
    }
    let needs: Vec<String> = why.lines.iter().filter_map(|line| needs(line, lang)).collect();
    if !needs.is_empty() {
        text += &format!("\n{}\n", told::TO_RUN.in_(lang));
        text.extend(needs.iter().map(|line| format!("  {line}\n")));
    }
    text
}

fn row(line: &Line, lang: Lang) -> [String; 11] {
    let bid =
        |bid: Option<f64>| bid.map_or_else(|| told::OFF.in_(lang).to_owned(), |bid| number::grouped(bid, 3));
    let change = |rung: &Option<Rung>| match rung {
        Some(rung) => {
            let moved = [rung.spend, rung.revenue, rung.net].map(signed);
            [bid(rung.bid), told::CHANGES.with(lang, &moved.each_ref().map(String::as_str))]
        }
        None => [NONE.into(), NONE.into()],
    };
    let ([lower, down], [higher, up]) = (change(&line.down), change(&line.up));
    [
        change::spans(&line.hours, lang),
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
fn needs(line: &Line, lang: Lang) -> Option<String> {
    let hours = change::spans(&line.hours, lang);
    let says = match (&line.reason, &line.needs) {
        _ if line.bid.is_some() => return None,
        (_, Some(needs)) => {
            let more = |factor: f64| told::SOLD_MORE.with(lang, &[&number::percent(factor - 1.0)]);
            let less = |factor: f64| told::COST_LESS.with(lang, &[&number::percent(1.0 - factor)]);
            let either: Vec<String> =
                needs.sales.map(more).into_iter().chain(needs.price.map(less)).collect();
            let bid = needs.bid.to_string();
            let outside = needs.outside.map(|there| {
                let position = number::grouped(there.position, 1);
                let [spend, revenue] = [there.spend, there.revenue].map(number::money);
                told::BAND_PAYS.with(lang, &[&position, &there.bid.to_string(), &spend, &revenue])
            });
            let inside = match either.is_empty() {
                true if outside.is_some() => None,
                true => Some(told::NOTHING_WOULD.with(lang, &[&bid])),
                false => Some(told::WOULD_PAY_IF.with(lang, &[&bid, &either.join(told::OR.in_(lang))])),
            };
            inside.into_iter().chain(outside).collect::<Vec<_>>().join(told::OR.in_(lang))
        }
        (Reason::OutsideBand { at_lowest, at_highest }, _) => {
            let ends = [*at_highest, *at_lowest].map(|end| number::grouped(end, 1));
            told::BAND_INTO.with(lang, &ends.each_ref().map(String::as_str))
        }
        (Reason::NoAdmissibleBid { lowest, highest }, _) => {
            let ends = [*lowest, *highest].map(|end| number::grouped(end, 3));
            told::LIMITS_COMMON.with(lang, &ends.each_ref().map(String::as_str))
        }
        (Reason::GivesWay { best_bid, .. }, _) => told::MORE_ROOM.with(lang, &[&best_bid.to_string()]),
        (Reason::DoesNotPay { best_bid, .. }, _) => told::MORE_WORTH.with(lang, &[&best_bid.to_string()]),
        (Reason::Paused, _) => told::TAKE_PAUSE.in_(lang).to_owned(),
        (Reason::NoHistory, _) => told::NEEDS_HISTORY.in_(lang).to_owned(),
        (Reason::NotOffered, _) => told::NEEDS_OFFER.in_(lang).to_owned(),
        _ => return None,
    };
    Some(format!("{hours}: {says}"))
}

/// A kind of reason in a few words.
pub(super) fn kind(reason: &str) -> Word {
    match reason {
        "paused" => told::KIND_PAUSED,
        "does_not_pay" => told::KIND_DOES_NOT_PAY,
        "gives_way" => told::KIND_GIVES_WAY,
        "outside_band" => told::KIND_OUTSIDE,
        "no_admissible_bid" => told::KIND_NO_BID,
        "no_history" => told::KIND_NO_HISTORY,
        "not_offered" => told::KIND_NOT_OFFERED,
        _ => told::KIND_OTHER,
    }
}
