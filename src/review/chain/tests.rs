use proptest::prelude::*;

use super::*;

fn outcome(sums: [f64; 5]) -> Outcome {
    let [impressions, clicks, spend, orders, revenue] = sums;
    Outcome { impressions, clicks, spend, orders, revenue, ..Outcome::default() }
}

/// A sum of a side: nothing at all, or something.
fn sum() -> impl Strategy<Value = f64> {
    prop_oneof![Just(0.0), 0.01..1e4f64]
}

fn side() -> impl Strategy<Value = Option<Outcome>> {
    prop_oneof![Just(None), proptest::array::uniform5(sum()).prop_map(|sums| Some(outcome(sums)))]
}

fn pay() -> impl Strategy<Value = Pay> {
    prop_oneof![Just(Pay::Impressions), Just(Pay::Clicks), Just(Pay::Revenue), Just(Pay::Fee)]
}

proptest! {
    #[test]
    fn effects_add_up_whatever_is_missing(
        planned in side(), actual in side(), expected in side(), to_come in side(), ended: bool, pay in pay(),
        counted: [bool; 3],
    ) {
        let terms = Terms { counted, pay };
        let late = to_come.unwrap_or_default();
        let effects = Cause { planned, actual, late, expected, ended }.effects(&terms);
        let difference =
            Difference::from(actual.unwrap_or_default()) - Difference::from(planned.unwrap_or_default());
        let scale = 1.0 + effects.0.iter().map(Difference::size).fold(0.0, f64::max);
        prop_assert!((effects.total().spend - difference.spend).abs() <= 1e-9 * scale);
        prop_assert!((effects.total().revenue - difference.revenue).abs() <= 1e-9 * scale);
    }
}

/// 1,000 impressions, 40 clicks at 2.00, 2 orders of 100.
const PLANNED: [f64; 5] = [1000.0, 40.0, 80.0, 2.0, 200.0];

fn terms(pay: Pay) -> Terms {
    Terms::new(pay, &outcome(PLANNED), &outcome(PLANNED))
}

fn effects(pay: Pay, actual: [f64; 5]) -> Effects {
    let cause = Cause { planned: Some(outcome(PLANNED)), actual: Some(outcome(actual)), ..Cause::default() };
    cause.effects(&terms(pay))
}

fn money(effects: &Effects, effect: Effect) -> (f64, f64) {
    let Difference { spend, revenue } = effects.of(effect);
    let cents = |value: f64| (value * 100.0).round() / 100.0 + 0.0;
    (cents(spend), cents(revenue))
}

#[test]
fn one_cause_has_one_effect() {
    // A tenth more impressions, all rates as planned.
    let more = effects(Pay::Clicks, PLANNED.map(|sum| sum * 1.1));
    assert_eq!(money(&more, Effect::Volume), (8.0, 20.0));
    assert_eq!(more.total(), more.of(Effect::Volume));
    // Clicks at 2.50.
    let dearer = effects(Pay::Clicks, [1000.0, 40.0, 100.0, 2.0, 200.0]);
    assert_eq!(money(&dearer, Effect::Price), (20.0, 0.0));
    assert_eq!(dearer.total(), dearer.of(Effect::Price));
    // Three orders, of 100 each; and two orders of 150.
    let better = effects(Pay::Clicks, [1000.0, 40.0, 80.0, 3.0, 300.0]);
    assert_eq!(
        (money(&better, Effect::Conversion), money(&better, Effect::Value)),
        ((0.0, 100.0), (0.0, 0.0))
    );
    let larger = effects(Pay::Clicks, [1000.0, 40.0, 80.0, 2.0, 300.0]);
    assert_eq!(money(&larger, Effect::Value), (0.0, 100.0));
}

#[test]
fn what_is_not_counted_is_left_out() {
    let fewer = outcome([1000.0, 40.0, 80.0, 0.0, 150.0]);
    let planned = outcome([0.0, 40.0, 80.0, 0.0, 200.0]);
    let terms = Terms::new(Pay::Clicks, &planned, &fewer);
    let effects = Cause { planned: Some(planned), actual: Some(fewer), ..Cause::default() }.effects(&terms);
    assert_eq!(
        money(&effects, Effect::Conversion),
        (0.0, -50.0),
        "a click brings less, whatever it is made of"
    );
    assert_eq!(effects.total(), effects.of(Effect::Conversion));
}

#[test]
fn each_channel_pays_for_what_it_pays_for() {
    // Half the clicks of as many impressions, as much money.
    let fewer_clicks = [1000.0, 20.0, 80.0, 1.0, 100.0];
    let display = effects(Pay::Impressions, fewer_clicks);
    assert_eq!((money(&display, Effect::Ctr), money(&display, Effect::Price)), ((0.0, -100.0), (0.0, 0.0)));
    let search = effects(Pay::Clicks, fewer_clicks);
    assert_eq!((money(&search, Effect::Ctr), money(&search, Effect::Price)), ((-40.0, -100.0), (40.0, 0.0)));
    let slot = effects(Pay::Fee, fewer_clicks);
    assert_eq!((money(&slot, Effect::Ctr), slot.total().spend), ((0.0, -100.0), 0.0));
    // A commission of 40 % of half the sales.
    let affiliate = effects(Pay::Revenue, [1000.0, 40.0, 40.0, 1.0, 100.0]);
    assert_eq!(
        (money(&affiliate, Effect::Conversion), money(&affiliate, Effect::Price)),
        ((-40.0, -100.0), (0.0, 0.0))
    );
}

#[test]
fn hours_without_anybody_are_told_apart() {
    let planned = Some(outcome(PLANNED));
    let whole = (-80.0, -200.0);
    let of = |cause: Cause, effect| money(&cause.effects(&terms(Pay::Clicks)), effect);
    assert_eq!(of(Cause { planned, ..Cause::default() }, Effect::NotRun), whole);
    let ended = Cause { planned, actual: Some(Outcome::default()), ended: true, ..Cause::default() };
    assert_eq!(of(ended, Effect::Ended), whole);
    let quiet = Some(outcome(PLANNED.map(|sum| sum / 1000.0)));
    assert_eq!(of(Cause { planned: quiet, ..Cause::default() }, Effect::Volume), (-0.08, -0.2));
    let unplanned = Cause { actual: planned, ..Cause::default() };
    assert_eq!(of(unplanned, Effect::Unplanned), (80.0, 200.0));
}

#[test]
fn what_is_not_in_yet_is_no_conversion() {
    // Two orders were planned; one is in, and the other is still to come.
    let cause = Cause {
        planned: Some(outcome(PLANNED)),
        actual: Some(outcome([1000.0, 40.0, 80.0, 1.0, 100.0])),
        late: outcome([0.0, 0.0, 0.0, 1.0, 100.0]),
        ..Cause::default()
    };
    let effects = cause.effects(&terms(Pay::Clicks));
    assert_eq!(money(&effects, Effect::NotInYet), (0.0, -100.0));
    assert_eq!((effects.total(), effects.settled()), (effects.of(Effect::NotInYet), Difference::default()));
}

#[test]
fn bids_set_by_hand_stand_before_the_market() {
    // The higher bid should have brought half as much again; it brought as much as the plan.
    let cause = Cause {
        planned: Some(outcome(PLANNED)),
        actual: Some(outcome(PLANNED)),
        expected: Some(outcome(PLANNED.map(|sum| sum * 1.5))),
        ..Cause::default()
    };
    let effects = cause.effects(&terms(Pay::Clicks));
    assert_eq!(
        (money(&effects, Effect::Bids), money(&effects, Effect::Volume)),
        ((40.0, 100.0), (-40.0, -100.0))
    );
}

/// Why the chain and not the logarithmic mean: a thousand thin cells with twice the clicks and the planned
/// conversion, in which orders fall as they may. The chain says "volume", as it was.
#[test]
fn thin_cells_do_not_move_money_between_causes() {
    let planned = outcome([0.0, 1.0, 1.0, 0.1, 10.0]);
    let terms = Terms { counted: [false, true, true], pay: Pay::Clicks };
    // Of 2 clicks a tenth each buys: 18 % of the cells have one order, 1 % two.
    let orders = |cell: usize| match cell % 100 {
        0..18 => 1.0,
        18 => 2.0,
        _ => 0.0,
    };
    let effects: Effects = (0..1000)
        .map(|cell| {
            let actual = outcome([0.0, 2.0, 2.0, orders(cell), 100.0 * orders(cell)]);
            Cause { planned: Some(planned), actual: Some(actual), ..Cause::default() }.effects(&terms)
        })
        .sum();
    assert_eq!(money(&effects, Effect::Volume), (1000.0, 10_000.0));
    assert_eq!(money(&effects, Effect::Conversion), (0.0, 0.0));
    // The same by logarithms: what has no order has no volume effect either.
    let mean = |a: f64, b: f64| if a == b { a } else { (a - b) / (a / b).ln() };
    let by_logarithms: f64 = (0..1000)
        .map(|cell| (100.0 * orders(cell)).max(1e-12))
        .map(|revenue| mean(revenue, planned.revenue) * 2f64.ln())
        .sum();
    assert!((4000.0..7000.0).contains(&by_logarithms), "{by_logarithms} of 10,000");
}
