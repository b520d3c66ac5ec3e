//! A moved program is the program that the plan file with that bound would have.

use super::*;
use crate::calendar::date_of;
use crate::config::Request;
use crate::frontier::{Asked, moves};
use crate::landscape::Landscapes;
use crate::program::{Program, rows};
use crate::{ladder, market};

const RULES: &str = r#"
    history = {}
    [[override]]
    where = { unit = ["kw-0002"] }
    managed = false
    [[rule]]
    name = "budget"
    metric = "spend"
    max = 300
    [[rule]]
    name = "roi"
    metric = "roi"
    min = 2.0
    per = ["channel"]
    [[rule]]
    name = "evening"
    where = { hour = ["18-22"] }
    metric = "spend"
    min_share = 0.3
    of = { hour = ["8-22"] }
"#;

#[test]
fn a_moved_program_is_the_program_of_that_bound() {
    let shop = market::Shop::parse(
        "days = 14\n[search]\ncampaigns = [\"winter\"]\nkeywords_per_campaign = 6\n[display]\ncampaigns = [\"x\"]\n[affiliate]\nplans = 2",
    )
    .unwrap();
    let file: PlanFile = toml::from_str(RULES).unwrap();
    let request = Request { path: "plan.toml".into(), file, text: String::new() };
    let (landscapes, _) = Landscapes::fit(&market::simulate(&shop), &request).unwrap();
    let date = date_of(landscapes.days[1] + 1);
    let forecast = landscapes.on(date, &request.file);
    let ladders = Arc::new(ladder::build(&landscapes, &forecast, &request.file, date, 6));
    assert!(!ladders.given.is_empty(), "something is given, so that bounds are moved by it");
    let rows = rows::resolve(&request.file, &landscapes.units, &date.to_string()).unwrap();
    for (rule, side, range, bounds) in [
        ("budget", Side::Max, "0:300:100", [0.0, 120.0]),
        ("budget", Side::Min, "0:300:100", [0.0, 120.0]),
        ("roi", Side::Min, "0:4:1", [0.0, 3.0]),
        ("roi", Side::Max, "2:4:1", [2.0, 4.0]),
        ("evening", Side::Min, "0:1:0.5", [0.0, 1.0]),
        ("evening", Side::Max, "0.3:1:0.1", [0.35, 1.0]),
    ] {
        let asked = [Asked { rule: rule.into(), side, range: range.into() }];
        let moves = moves(&request.file, &asked).unwrap();
        let movable =
            Movable::new(ladders.clone(), rows.clone(), &request.file, landscapes.units.len(), moves.clone());
        for bound in bounds {
            let file = moved_to(&request.file, &moves, &[Some(bound)]);
            assert_eq!(today(&file.rules[moves[0].rule], side, moves[0].share), Some(bound));
            let expected =
                program::build(&ladders, rows.clone(), &file, landscapes.units.len(), None).program;
            let program = movable.at(&[Some(bound)]).program;
            same(&program, &expected);
            // To the last bit where no weight vanishes.
            let vanishes = bound == 0.0 && rule != "budget" || bound == 1.0 && rule == "evening";
            assert_eq!(movable.is_built(&[Some(bound)]), !vanishes);
            assert!(vanishes || program == expected);
            let free = movable.at(&[None]).program;
            let open =
                |row: &usize| free.rows[*row].lower.is_infinite() && free.rows[*row].upper.is_infinite();
            assert!(movable.rows[0].iter().all(open), "no bound at all");
        }
    }
}

/// The same rows with the same coefficients; a coefficient of 0 is none.
#[track_caller]
fn same(program: &Program, expected: &Program) {
    // Columns are 32-bit numbers, and hours that no row tells apart are summed before they are rounded.
    let near = |a: f64, b: f64| a == b || (a - b).abs() <= 1e-6 * a.abs().max(b.abs()).max(1.0);
    assert_eq!(program.rows.len(), expected.rows.len());
    for (row, expected) in program.rows.iter().zip(&expected.rows) {
        assert!(near(row.lower, expected.lower) && near(row.upper, expected.upper), "{row:?} {expected:?}");
    }
    assert!(near(program.constant, expected.constant));
    for ladder in 0..expected.columns.ladders.len() {
        let entries = |program: &Program| {
            let mut entries = program.entries(ladder);
            entries.retain(|(_, values)| values.iter().any(|value| *value != 0.0));
            entries
        };
        let (found, wanted) = (entries(program), entries(expected));
        assert_eq!(found.len(), wanted.len());
        for ((row, values), (wanted_row, wanted)) in found.iter().zip(&wanted) {
            assert_eq!(row, wanted_row);
            assert!(values.iter().zip(wanted).all(|(a, b)| near(*a, *b)), "{values:?} {wanted:?}");
        }
        assert!(program.gains(ladder).iter().zip(expected.gains(ladder)).all(|(a, b)| near(*a, b)));
    }
}
