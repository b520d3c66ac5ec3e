//! Sales that are still to come while the day is under way.

use super::*;

#[test]
fn sales_that_are_still_to_come_are_counted() {
    let shop = planned();
    shop.write("today.csv", report(&shop, NOW, 1.0, 0.7));
    replan(&shop, &["--set", "replan.same_day=0.7"]).ended(0);
    let (plan, again) = (shop.bids(IN_FORCE), shop.bids(AGAIN));
    let past = |bids: &Bids, name: &str| bids.sum(name, |row| row.hour < NOW);
    for name in ["orders", "revenue"] {
        let (old, new) = (past(&plan, name), past(&again, name));
        assert!((new / old - 1.0).abs() < 0.01, "{name}: {new} for {old}");
    }
    let day = shop.summary(AGAIN);
    let [reported, late] =
        ["reported", "late"].map(|part| day["underway"][part]["revenue"].as_f64().unwrap());
    assert!((late / reported - 0.3 / 0.7).abs() < 0.02, "{late} after {reported}");
}

#[test]
fn commissions_on_sales_that_are_still_to_come_are_counted() {
    let shop = Shop::new();
    // Of commissions on all sales, four fifths are paid in the end: the others are returned.
    shop.with_model();
    let mut model: serde_json::Value = serde_json::from_str(&shop.text("model.json")).unwrap();
    let models = model["landscapes"]["models"].as_array_mut().unwrap();
    models.iter_mut().find(|model| model["channel"] == "affiliate").unwrap()["paid"] = 0.8.into();
    shop.write("model.json", model.to_string());
    shop.plan_on_model("plan.toml", IN_FORCE, &[]).ended(0);
    // At 22:00 the hours of the slot that takes a commission are over, and seven tenths of the sales have come.
    let plan = shop.bids(IN_FORCE);
    assert_eq!(plan.sum("revenue", |row| row.unit == "slot-3" && row.hour >= 22), 0.0);
    let charged = |line: &str| {
        let mut cells: Vec<String> = line.split(',').map(str::to_owned).collect();
        if cells[4] == "slot-3" {
            cells[9] = (0.7 * cells[9].parse::<f64>().unwrap()).to_string();
        }
        cells.join(",") + "\n"
    };
    shop.write("today.csv", report(&shop, 22, 1.0, 0.7).lines().map(charged).collect::<String>());
    let words =
        ["replan", "plan.toml", "--model", "model.json", "--actuals", "today.csv", "--now", "22", "-q"];
    let ran = shop.run(&[&words[..], &["--set", "replan.same_day=0.7"]].concat());
    assert!([0, 3].contains(&ran.code), "{ran:?}");
    let again = shop.bids("runs/2026-12-12-22");
    for keep in [&|row: &Row| row.unit == "slot-3", &|row: &Row| row.channel == "affiliate"]
        as [&dyn Fn(&Row) -> bool; 2]
    {
        let spend = |bids: &Bids| bids.sum("spend", |row| row.hour < 22 && keep(row));
        let (old, new) = (spend(&plan), spend(&again));
        assert!(old > 100.0 && (new / old - 1.0).abs() < 0.01, "{new} for {old}");
    }
}
