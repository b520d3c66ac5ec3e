//! The named programs of the suite.

use bidwright::program::{Program, Row, Term, Weights};

/// A program with its name; a tiny one is small enough to try every vertex.
pub struct Instance {
    pub name: &'static str,
    pub program: Program,
    pub tiny: bool,
}

/// Weights of spend and revenue; the suite's ladders have no other measures.
fn money(spend: f64, revenue: f64) -> Weights {
    [0.0, 0.0, spend, 0.0, revenue]
}

/// Its group, whether it is whole, its rungs as (spend, revenue).
type Ladder<'a> = (usize, bool, &'a [(f64, f64)]);

/// A program that maximises revenue. Each row: its bounds and its weights by group.
fn program(groups: usize, ladders: &[Ladder<'_>], rows: &[(Row, &[Weights])]) -> Program {
    let mut program = Program::new(money(0.0, 1.0));
    program.groups = vec![Vec::new(); groups];
    for (group, whole, rungs) in ladders {
        let rungs: Vec<Weights> = rungs.iter().map(|(spend, revenue)| money(*spend, *revenue)).collect();
        program.add_ladder(*whole, &[(*group, &rungs)]);
    }
    for (index, (row, weights)) in rows.iter().enumerate() {
        program.rows.push(*row);
        for (group, weights) in program.groups.iter_mut().zip(*weights) {
            group.push(Term { row: index, weights: *weights });
        }
    }
    program
}

pub fn all() -> Vec<Instance> {
    let tiny = |name, program| Instance { name, program, tiny: true };
    let search: &[(f64, f64)] = &[(10.0, 40.0), (20.0, 65.0)];
    let display: &[(f64, f64)] = &[(8.0, 20.0), (30.0, 55.0)];
    let spend = money(1.0, 0.0);
    let two = [(0, false, search), (1, false, display)];
    let scaled = |factor: f64| -> Vec<(f64, f64)> {
        search.iter().map(|(spend, revenue)| (spend * factor, revenue * factor)).collect()
    };
    let (small, large) = (scaled(1e-6), scaled(1e6));
    let curve: Vec<Vec<(f64, f64)>> = (0..60)
        .map(|unit| {
            let at = |rung: i32| f64::from(rung * (unit % 7 + 3));
            (1..=12).map(|rung| (at(rung), (9.0 + f64::from(unit % 11)) * at(rung).powf(0.7))).collect()
        })
        .collect();
    let many: Vec<Ladder<'_>> =
        curve.iter().enumerate().map(|(at, rungs)| (at % 3, false, rungs.as_slice())).collect();
    vec![
        tiny("no rows", program(2, &two, &[])),
        tiny("budget", program(2, &two, &[(Row { upper: 25.0, ..Row::FREE }, &[spend, spend])])),
        tiny(
            "budget that never binds",
            program(2, &two, &[(Row { upper: 1e6, ..Row::FREE }, &[spend, spend])]),
        ),
        tiny("no money", program(2, &two, &[(Row { upper: 0.0, ..Row::FREE }, &[spend, spend])])),
        tiny("least spend", program(2, &two, &[(Row { lower: 45.0, ..Row::FREE }, &[spend, spend])])),
        tiny(
            "exact spend",
            program(2, &two, &[(Row { lower: 33.0, upper: 33.0, ..Row::FREE }, &[spend, spend])]),
        ),
        tiny(
            "roi",
            program(2, &two, &[(Row { lower: 0.0, ..Row::FREE }, &[money(-2.6, 1.0), money(-2.6, 1.0)])]),
        ),
        tiny(
            "roi and budget",
            program(
                2,
                &two,
                &[
                    (Row { lower: 0.0, ..Row::FREE }, &[money(-2.6, 1.0), money(-2.6, 1.0)]),
                    (Row { upper: 30.0, ..Row::FREE }, &[spend, spend]),
                ],
            ),
        ),
        tiny(
            "share",
            program(2, &two, &[(Row { lower: 0.0, ..Row::FREE }, &[money(-0.6, 0.0), money(0.4, 0.0)])]),
        ),
        tiny(
            "soft floor out of reach",
            program(2, &two, &[(Row { lower: 80.0, penalty: Some(0.5), ..Row::FREE }, &[spend, spend])]),
        ),
        tiny(
            "soft cap worth breaking",
            program(2, &two, &[(Row { upper: 12.0, penalty: Some(2.9), ..Row::FREE }, &[spend, spend])]),
        ),
        tiny("two slots", {
            let slot: &[(f64, f64)] = &[(9.0, 30.0)];
            let other: &[(f64, f64)] = &[(7.0, 20.0)];
            program(
                1,
                &[(0, true, slot), (0, true, other), (0, false, search)],
                &[(Row { upper: 21.0, ..Row::FREE }, &[spend])],
            )
        }),
        tiny(
            "ties",
            program(
                2,
                &[(0, false, search), (1, false, search)],
                &[(Row { upper: 15.0, ..Row::FREE }, &[spend, spend])],
            ),
        ),
        tiny(
            "one rung",
            program(1, &[(0, false, &search[..1])], &[(Row { upper: 4.0, ..Row::FREE }, &[spend])]),
        ),
        tiny("a ladder of nothing", {
            let nothing: &[(f64, f64)] = &[(0.0, 0.0)];
            program(
                2,
                &[(0, false, nothing), (1, false, search)],
                &[(Row { upper: 15.0, ..Row::FREE }, &[spend, spend])],
            )
        }),
        tiny("a row that nothing uses", program(2, &two, &[(Row { upper: 1.0, ..Row::FREE }, &[])])),
        tiny("a row that nothing can meet", program(2, &two, &[(Row { lower: 1.0, ..Row::FREE }, &[])])),
        tiny("more than there is", program(2, &two, &[(Row { lower: 51.0, ..Row::FREE }, &[spend, spend])])),
        tiny(
            "floor above cap",
            program(
                2,
                &two,
                &[
                    (Row { lower: 30.0, ..Row::FREE }, &[spend, spend]),
                    (Row { upper: 20.0, ..Row::FREE }, &[spend, spend]),
                ],
            ),
        ),
        tiny(
            "tiny beside huge",
            program(
                2,
                &[(0, false, &small), (1, false, &large)],
                &[(Row { upper: 1.2e7, ..Row::FREE }, &[spend, spend])],
            ),
        ),
        Instance {
            name: "a small shop",
            program: program(
                3,
                &many,
                &[
                    (Row { upper: 1500.0, ..Row::FREE }, &[spend, spend, spend]),
                    (Row { upper: 600.0, ..Row::FREE }, &[spend, money(0.0, 0.0), money(0.0, 0.0)]),
                    (Row { lower: 0.0, ..Row::FREE }, &[money(-0.2, 0.0), money(-0.2, 0.0), money(0.8, 0.0)]),
                    (
                        Row { lower: 0.0, ..Row::FREE },
                        &[money(-3.0, 1.0), money(-3.0, 1.0), money(-3.0, 1.0)],
                    ),
                ],
            ),
            tiny: false,
        },
    ]
}
