//! Random plan files for the small shop.

use std::fmt::Write;

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::programs::random;
use super::shop::PLAN;

/// The text of a random plan file: up to six rules, up to three overrides, odd steps.
pub fn draw(seed: u64) -> String {
    let mut random = random(seed);
    let mut text = PLAN.to_string();
    let objective = ["revenue", "profit", "orders", "clicks"][random.random_range(0..4)];
    text = text.replace("[plan]", &format!("[plan]\nobjective = \"{objective}\""));
    let steps = [0.005, 0.01, 0.1, 0.3];
    let band = [[3.0, 5.0], [1.5, 4.0], [1.0, 9.0]][random.random_range(0..3)];
    let _ = writeln!(text, "[search]\nposition = {band:?}\nbid_step = {}", steps[random.random_range(0..4)]);
    if random.random_bool(0.3) {
        let _ = writeln!(text, "max_change = {}", [0.02, 0.2, 0.5][random.random_range(0..3)]);
    }
    let _ = writeln!(text, "[display]\nbid_step = {}", steps[random.random_range(0..4)]);
    let _ = writeln!(text, "[affiliate]\nbid_step = {}", steps[random.random_range(0..2)]);
    let _ = writeln!(text, "[uplift]\ndemand = {}\nprice = 1.1", [1.0, 1.5][random.random_range(0..2)]);
    for rule in 0..random.random_range(0..=6) {
        let _ = writeln!(text, "[[rule]]\nname = \"rule {rule}\"\n{}", rule_of(&mut random));
    }
    for _ in 0..random.random_range(0..=3) {
        let _ = writeln!(text, "[[override]]\n{}", override_of(&mut random));
    }
    text
}

fn rule_of(random: &mut ChaCha8Rng) -> String {
    let channel = ["search", "display", "affiliate"][random.random_range(0..3)];
    let factor: f64 = random.random_range(0.3..1.5);
    let mut rule = match random.random_range(0..11) {
        0 => format!("metric = \"spend\"\nmax = {}", 3000.0 * factor),
        1 => format!("metric = \"spend\"\nwhere = {{ channel = \"{channel}\" }}\nmax = {}", 900.0 * factor),
        2 => format!("metric = \"roi\"\nmin = {}\nper = [\"channel\"]", 2.5 * factor),
        3 => format!("metric = \"cpc\"\nwhere = {{ channel = \"search\" }}\nmax = {factor}\nper = \"unit\""),
        4 => format!("metric = \"cost_per_order\"\nmax = {}", 30.0 * factor),
        5 => format!("metric = \"orders\"\nmin = {}", 40.0 * factor),
        6 => format!("metric = \"spend\"\nwhere = {{ hour = [\"20-22\"] }}\nmin_share = {}", 0.2 * factor),
        7 => format!(
            "metric = \"spend\"\nwhere = {{ channel = \"{channel}\" }}\nmax_share = {}\nper = \"phase\"",
            (0.5 * factor).min(1.0)
        ),
        8 => "metric = \"profit\"\nmin = 0\nper = [\"channel\"]".into(),
        9 => format!("metric = \"orders\"\nper = \"hour\"\nmax = {}", 6.0 * factor),
        _ => format!("metric = \"cpm\"\nwhere = {{ channel = \"display\" }}\nmax = {}", 40.0 * factor),
    };
    if random.random_bool(0.15) {
        rule += &format!("\nsoft = true\nweight = {}", random.random_range(0.1..50.0));
    }
    rule
}

fn override_of(random: &mut ChaCha8Rng) -> String {
    match random.random_range(0..7) {
        0 => "where = { channel = \"search\", hour = [\"0-6\"] }\nrun = false".into(),
        1 => "where = { campaign = \"words\" }\nmanaged = false".into(),
        2 => "where = { campaign = \"brand\" }\nposition = [1, 12]\nbid = 1.1".into(),
        3 => "where = { channel = \"display\" }\nbid = [5, 30]\nbid_step = 0.3".into(),
        4 => "where = { channel = \"affiliate\", hour = [\"20-24\"] }\nbid = [0.06, 0.2]".into(),
        5 => "where = { unit = \"slot-a\" }\nrun = false".into(),
        _ => "where = { channel = \"search\" }\nextrapolate = 0.05\nbid_step = 0.05".into(),
    }
}
