use super::*;
use crate::config::Request;
use crate::judge::plan_text;
use crate::landscape::Landscapes;
use crate::market::{kinds::Kind, simulate};
use crate::metric::Metric;
use crate::pipeline::plan_with;
use crate::sheets::read::Line;

#[test]
fn a_limit_that_is_over_leaves_a_schedule_that_keeps_the_rules() {
    let shop = Kind::named("small").unwrap().shop(1).unwrap();
    let history = simulate(&shop);
    let text = plan_text(&shop, &history);
    let request = Request { path: "plan.toml".into(), file: toml::from_str(&text).unwrap(), text };
    let (landscapes, _) = Landscapes::fit(&history, &request).unwrap();
    let options = Options::default();
    let plan = plan_with(&request, &options, &landscapes).unwrap().plan;
    let runs = plan.cells.iter().filter(|cell| cell.run);
    let lines = runs.map(|cell| Line {
        date: plan.date,
        unit: plan.unit(cell).clone(),
        hour: cell.cell.hour,
        bid: cell.bid,
        last_bid: cell.last_bid,
        outcome: cell.outcome,
        by_hand: false,
    });
    let reopened = Reopened {
        request,
        landscapes,
        audit: Audit::default(),
        date: plan.date,
        lines: lines.collect(),
        off: Vec::new(),
        doubts: Vec::new(),
        under_way: None,
    };
    let revenue = |deadline: Option<Instant>| {
        let found =
            execute(&reopened, Platform::Zhitongche, &options, deadline, &mut Stages::start()).unwrap();
        assert!(found.met());
        let sums = Executable::total(&found.cells, |cell| found.here(cell));
        Metric::Revenue.of(&sums, 0.0).unwrap()
    };
    let [at_once, in_the_end] = [Some(Instant::now()), None].map(revenue);
    assert!(at_once > 0.0 && at_once < in_the_end, "{at_once} at once, {in_the_end} in the end");
}
