//! One limit for the plan and all its platforms.

use serde_json::Value;

use super::{ROOT, latest, line, run, shop};

#[test]
fn platforms_whose_limit_is_over_get_schedules_that_keep_the_rules() {
    let shop = shop();
    let platforms = ["zhitongche", "google-ads", "microsoft"];
    let text = shop.text("plan.toml");
    shop.write("plan.toml", format!("{text}\n[run]\nexport = {platforms:?}\n"));
    // The limit is over before the first platform's turn comes; none of them is left out for it.
    let ran = run(&shop, &["--time-limit", "0.001"]).ended(4);
    let told = line(&ran);
    assert_eq!(told["status"], "unproven", "{told}");
    let folder = format!("{ROOT}/{}", latest(&shop).unwrap());
    for platform in platforms {
        let export = &told["exports"][platform];
        assert!(export["rules_met"].as_bool().unwrap(), "{platform}: {told}");
        assert!(export["kept"].as_f64().unwrap() > 0.9, "{platform}: {told}");
        let summary: Value =
            serde_json::from_str(&shop.text(&format!("{folder}/{platform}/summary.json"))).unwrap();
        let rules = summary["rules"].as_array().unwrap();
        assert!(rules.iter().all(|rule| rule["met"].as_bool().unwrap()), "{platform}: {rules:?}");
        assert!(shop.path(&format!("{folder}/{platform}/effective.csv")).exists(), "{platform}");
    }
}
