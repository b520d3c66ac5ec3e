//! A small simulated shop, fitted once.

use std::path::PathBuf;
use std::sync::OnceLock;

use bidwright::config::{PlanFile, Request};
use bidwright::history::History;
use bidwright::landscape::Landscapes;
use bidwright::market::{self, Shop};
use bidwright::pipeline::{self, Options, Run};

const SHOP: &str = r#"
seed = 77
first_date = 2026-10-01
days = 21

[search]
campaigns = ["words", "brand"]
keywords_per_campaign = 3

[display]
campaigns = ["banner"]
audiences = ["new", "old"]
placements = ["home"]

[affiliate]
plans = 2

[[group_buy]]
unit = "slot-a"
product = "item-1"
weekdays = [2, 6]
hour = "10-22"
fixed_fee = 800
impressions = 9000
ctr = 0.07
cvr = 0.05

[[group_buy]]
unit = "slot-b"
product = "item-1"
weekdays = [4]
hour = "0-24"
fixed_fee = 500
impressions = 5000
ctr = 0.06
cvr = 0.05
"#;

/// The start of every plan file; rules and overrides follow.
pub const PLAN: &str = r#"
[history]
files = ["never-read.csv"]

[plan]
margin = 0.4

[[group_buy.slot]]
unit = "slot-a"
fixed_fee = 800

[[group_buy.slot]]
unit = "slot-b"
fixed_fee = 200
rate = 0.1
"#;

pub fn history() -> &'static History {
    static HISTORY: OnceLock<History> = OnceLock::new();
    HISTORY.get_or_init(|| market::simulate(&Shop::parse(SHOP).expect("a sound shop")))
}

pub fn landscapes() -> &'static Landscapes {
    static LANDSCAPES: OnceLock<Landscapes> = OnceLock::new();
    LANDSCAPES.get_or_init(|| Landscapes::fit(history(), &request(PLAN)).expect("a history that teaches").0)
}

/// A request as the text of its plan file.
pub fn request(text: &str) -> Request {
    let file: PlanFile = toml::from_str(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    Request { path: PathBuf::from("plan.toml"), file, text: text.into() }
}

pub fn plan(text: &str) -> Run {
    pipeline::plan_with(&request(text), &Options::default(), landscapes())
        .unwrap_or_else(|error| panic!("{error}\n{text}"))
}
