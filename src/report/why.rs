//! Why hours of a unit have their bid, and what would have to be true for them to run, in words.

use super::lang::{self, Lang, explain as told};
use super::{number, reason};
use crate::config::PlanFile;
use crate::explain::{Line, Rung};
use crate::keys::{Channel, Unit};
use crate::reason::Reason;

/// A line of an explanation in sentences.
pub fn why(line: &Line, unit: &Unit, file: &PlanFile, lang: Lang) -> String {
    let objective = reason::objective(file.plan.objective).in_(lang).to_lowercase();
    let bid = |bid: f64| number::bid(unit.channel, bid);
    let mut said = Vec::new();
    match (line.bid, &line.up) {
        (Some(_), up) => {
            said.push(reason::kind(&line.reason).in_(lang).to_owned());
            for (word, rung) in [(lang::WHY_HIGHER, up), (lang::WHY_LOWER, &line.down)] {
                let Some(Rung { bid: Some(other), spend, revenue, net, .. }) = rung else { continue };
                let moved = [bid(*other), signed(*spend), signed(*revenue), signed(*net), objective.clone()];
                said.push(word.with(lang, &moved.each_ref().map(String::as_str)));
            }
        }
        (None, Some(best)) => {
            let roi = number::or_nothing((best.spend > 0.0).then(|| best.revenue / best.spend), |roi| {
                number::fixed(roi, 2)
            });
            let [spend, revenue] = [best.spend, best.revenue].map(|sum| number::fixed(sum, 2));
            said.push(match best.bid.filter(|_| unit.channel != Channel::GroupBuy) {
                Some(at) => lang::WHY_OFF_BEST.with(lang, &[&bid(at), &spend, &revenue, &roi]),
                None => lang::WHY_OFF_SLOT.with(lang, &[&spend, &revenue, &roi]),
            });
            if best.net < 0.0 {
                said.push(lang::WHY_OFF_LOSES.with(lang, &[&objective, &number::fixed(-best.net, 2)]));
            }
            said.extend(needs(line, lang));
        }
        (None, None) => {
            said.push(match line.reason {
                Reason::OutsideBand { at_lowest, at_highest } => lang::OUTSIDE_BAND
                    .with(lang, &[&number::fixed(at_lowest, 1), &number::fixed(at_highest, 1)]),
                Reason::NoAdmissibleBid { lowest, highest } => {
                    lang::NO_ADMISSIBLE_BID.with(lang, &[&bid(lowest), &bid(highest)])
                }
                _ => reason::kind(&line.reason).in_(lang).to_owned(),
            });
            said.extend(
                missing(&line.reason, lang).map(|what| format!("{}: {what}", told::TO_RUN.in_(lang))),
            );
        }
    }
    let stop = lang::STOP_MARK.in_(lang);
    said.iter()
        .map(|one| format!("{}{stop}", one.trim_end_matches(['.', '。'])))
        .collect::<Vec<_>>()
        .join(lang.space())
}

/// What would make hours run that do not.
fn needs(line: &Line, lang: Lang) -> Option<String> {
    let Some(needs) = &line.needs else {
        return matches!(line.reason, Reason::GivesWay { .. } | Reason::DoesNotPay { .. })
            .then(|| lang::WHY_ROOM.in_(lang).to_owned());
    };
    let more = |factor: f64| told::SOLD_MORE.with(lang, &[&number::percent(factor - 1.0, 0)]);
    let less = |factor: f64| told::COST_LESS.with(lang, &[&number::percent(1.0 - factor, 0)]);
    let either: Vec<String> = needs.sales.map(more).into_iter().chain(needs.price.map(less)).collect();
    let outside = needs.outside.map(|there| {
        let [spend, revenue] = [there.spend, there.revenue].map(|sum| number::fixed(sum, 2));
        let [position, bid] = [number::fixed(there.position, 1), number::fixed(there.bid, 2)];
        let pays = told::BAND_PAYS.with(lang, &[&position, &bid, &spend, &revenue]);
        lang::WHY_BAND.with(lang, &[&pays])
    });
    let inside = match either.is_empty() {
        true if outside.is_some() => None,
        true => Some(lang::WHY_NEVER.in_(lang).to_owned()),
        false => Some(lang::WHY_WOULD.with(lang, &[&either.join(told::OR.in_(lang))])),
    };
    let stop = format!("{}{}", lang::STOP_MARK.in_(lang), lang.space());
    Some(inside.into_iter().chain(outside).collect::<Vec<_>>().join(&stop))
}

/// What hours without any bid lack.
fn missing(reason: &Reason, lang: Lang) -> Option<String> {
    Some(match reason {
        Reason::OutsideBand { at_lowest, at_highest } => {
            let ends = [*at_highest, *at_lowest].map(|end| number::fixed(end, 1));
            told::BAND_INTO.with(lang, &ends.each_ref().map(String::as_str))
        }
        Reason::Paused => told::TAKE_PAUSE.in_(lang).to_owned(),
        Reason::NoHistory => told::NEEDS_HISTORY.in_(lang).to_owned(),
        Reason::NotOffered => told::NEEDS_OFFER.in_(lang).to_owned(),
        _ => return None,
    })
}

fn signed(value: f64) -> String {
    format!("{}{}", if value > 0.0 { "+" } else { "" }, number::fixed(value, 2))
}
