//! Programs of a shop's size, for solvers that hand small ones over.

use bidwright::program::{Program, Row, Term, Weights};
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
    let mut program = Program::new([0.0, 0.0, 0.0, 0.0, 1.0]);
    let mut by_hour = [0.0; HOURS];
    for ladder in 0..1003 {
        let spans = ladder >= 1000;
        let volume = (6.0 * random.random::<f64>()).exp();
        let (price, worth) = (0.3 + random.random::<f64>(), 0.5 + 3.0 * random.random::<f64>());
        let bend = 0.3 + 0.6 * random.random::<f64>();
        let groups = if spans { (0..HOURS).collect() } else { vec![ladder % (2 * HOURS)] };
        let rungs: Vec<Weights> = (1..=RUNGS)
            .map(|rung| {
                let height = rung as f64 / RUNGS as f64;
                let clicks = volume * height.powf(bend);
                [20.0 * clicks, clicks, clicks * price * height, 0.03 * clicks, clicks * worth]
            })
            .collect();
        groups.iter().for_each(|group| by_hour[group % HOURS] += rungs[RUNGS - 1][2]);
        // What is taken as a whole has one rung.
        let rungs = if ladder == 1002 { &rungs[RUNGS - 1..] } else { &rungs[..] };
        let blocks: Vec<(usize, &[Weights])> = groups.into_iter().map(|group| (group, rungs)).collect();
        program.add_ladder(ladder == 1002, &blocks);
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

/// Two hundred keywords of 24 hours with a cap over all that most of them are too poor for, and a limit to the
/// price of a click for each: a row that nothing uses where the keyword does not run.
pub fn by_keyword(seed: u64) -> Program {
    const KEYWORDS: usize = 200;
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut program = Program::new([0.0, 0.0, 0.0, 0.0, 1.0]);
    program.groups = vec![Vec::new(); KEYWORDS];
    for keyword in 0..KEYWORDS {
        let worth = (3.0 * random.random::<f64>()).exp();
        for _ in 0..HOURS {
            let clicks = (4.0 * random.random::<f64>()).exp();
            let price = 0.5 + random.random::<f64>();
            let rungs: Vec<Weights> = (1..=RUNGS)
                .map(|rung| {
                    let height = rung as f64 / RUNGS as f64;
                    let clicks = clicks * height.sqrt();
                    [20.0 * clicks, clicks, clicks * price * height, 0.0, clicks * worth]
                })
                .collect();
            program.add_ladder(false, &[(keyword, &rungs)]);
        }
        add(&mut program, f64::NEG_INFINITY, 0.0, [0.0, -5.0, 1.0, 0.0, 0.0], |group| group == keyword);
    }
    add(&mut program, f64::NEG_INFINITY, 1500.0, SPEND, |_| true);
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
