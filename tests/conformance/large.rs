//! Programs of a shop's size, for solvers that hand small ones over.

use bidwright::program::{Block, MEASURES, Program, Row, Span, Term, Weights};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

const RUNGS: usize = 8;
const HOURS: usize = 24;
const SPEND: Weights = [0.0, 0.0, 1.0, 0.0, 0.0];
const RETURN: Weights = [0.0, 0.0, -2.0, 0.0, 1.0];

/// A thousand ladders in two times 24 groups; a cap and a return over all and over each half, caps by hour;
/// and three ladders, the last taken as a whole, that span all hours.
pub fn program(seed: u64) -> Program {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut program = Program { objective: [0.0, 0.0, 0.0, 0.0, 1.0], ..Program::default() };
    let mut by_hour = [0.0; HOURS];
    for ladder in 0..1003 {
        let spans = ladder >= 1000;
        let volume = (6.0 * random.random::<f64>()).exp();
        let (price, worth) = (0.3 + random.random::<f64>(), 0.5 + 3.0 * random.random::<f64>());
        let bend = 0.3 + 0.6 * random.random::<f64>();
        let first = (program.columns(), program.blocks.len());
        let groups = if spans { (0..HOURS).collect() } else { vec![ladder % (2 * HOURS)] };
        for group in groups {
            let values = program.values.len();
            program.values.resize(values + MEASURES * RUNGS, 0.0);
            for rung in 0..RUNGS {
                let height = (rung + 1) as f64 / RUNGS as f64;
                let clicks = volume * height.powf(bend);
                let of = [20.0 * clicks, clicks, clicks * price * height, 0.03 * clicks, clicks * worth];
                for (measure, value) in of.into_iter().enumerate() {
                    program.values[values + measure * RUNGS + rung] = value;
                }
                if rung + 1 == RUNGS {
                    by_hour[group % HOURS] += of[2];
                }
            }
            program.blocks.push(Block { group, values });
        }
        program.ladders.push(Span {
            columns: first.0..first.0 + RUNGS,
            blocks: first.1..program.blocks.len(),
            whole: ladder == 1002,
        });
    }
    program.groups = vec![Vec::new(); 2 * HOURS];
    let total: f64 = by_hour.iter().sum();
    for half in [None, Some(0), Some(1)] {
        let holds = |group: usize| half.is_none_or(|half| group / HOURS == half);
        let share = if half.is_some() { 0.3 } else { 0.45 };
        add(&mut program, f64::NEG_INFINITY, share * total, SPEND, holds);
        add(&mut program, 0.0, f64::INFINITY, RETURN, holds);
    }
    for (hour, spend) in by_hour.iter().enumerate() {
        add(&mut program, f64::NEG_INFINITY, 0.5 * spend, SPEND, |group| group % HOURS == hour);
    }
    program
}

/// The same with a demand that contradicts its cap.
pub fn contradictory(seed: u64) -> Program {
    let mut program = program(seed);
    let cap = program.rows[0].upper;
    add(&mut program, 1.01 * cap, f64::INFINITY, SPEND, |_| true);
    program
}

fn add(program: &mut Program, lower: f64, upper: f64, weights: Weights, holds: impl Fn(usize) -> bool) {
    let row = program.rows.len();
    program.rows.push(Row { lower, upper, penalty: None });
    for (group, terms) in program.groups.iter_mut().enumerate() {
        if holds(group) {
            terms.push(Term { row, weights });
        }
    }
}
