//! Random programs with rows of every shape, around a point that meets them all.

use bidwright::program::{MEASURES, Program, Row, Term, Weights};
use proptest::prelude::*;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::dense::Dense;

/// The size of a program to draw; proptest shrinks these numbers.
#[derive(Debug, Clone)]
pub struct Size {
    pub ladders: usize,
    pub rungs: usize,
    pub rows: usize,
    pub groups: usize,
    pub seed: u64,
}

/// A program and a point that meets its hard rows.
pub struct Drawn {
    pub program: Program,
    pub point: Vec<f64>,
}

pub fn sizes() -> impl Strategy<Value = Size> {
    (1..12usize, 1..7usize, 0..9usize, 1..5usize, any::<u64>())
        .prop_map(|(ladders, rungs, rows, groups, seed)| Size { ladders, rungs, rows, groups, seed })
}

pub fn random(seed: u64) -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(seed)
}

/// A random point: up to one whole of each ladder, on one or two rungs.
pub fn point(program: &Program, random: &mut ChaCha8Rng) -> Vec<f64> {
    let mut x = vec![0.0; program.columns.count()];
    for ladder in &program.columns.ladders {
        let used = if random.random_bool(0.2) { 0.0 } else { random.random_range(0.0..=1.0) };
        let share: f64 = if random.random_bool(0.5) { 1.0 } else { random.random_range(0.0..=1.0) };
        x[random.random_range(ladder.columns.clone())] += used * share;
        x[random.random_range(ladder.columns.clone())] += used * (1.0 - share);
    }
    x
}

/// Draws a program of a size whose first ladders, `whole` of them, are whole slots of one rung.
pub fn draw(size: &Size, whole: usize) -> Drawn {
    let mut random = random(size.seed);
    let constant = random.random_range(-5.0..5.0);
    let mut program = Program::new(match random.random_range(0..4) {
        0 => [0.0, 0.0, -1.0, 0.0, 0.35],
        1 => [0.0, 1.0, 0.0, 0.0, 0.0],
        2 => [0.0; MEASURES],
        _ => [0.0, 0.0, 0.0, 0.0, 1.0],
    });
    program.constant = constant;
    program.groups = vec![Vec::new(); size.groups];
    let units = [(); MEASURES].map(|()| [1e-6, 1.0, 1.0, 1.0, 1e6][random.random_range(0..5)]);
    for ladder in 0..size.ladders {
        ladder_of(&mut program, size, ladder < whole, &units, &mut random);
    }
    let mut point = point(&program, &mut random);
    for ladder in program.columns.ladders.iter().filter(|ladder| ladder.whole) {
        point[ladder.columns.clone()].iter_mut().for_each(|x| *x = x.round());
    }
    for _ in 0..size.rows {
        row_of(&mut program, &point, &mut random);
    }
    Drawn { program, point }
}

fn ladder_of(program: &mut Program, size: &Size, whole: bool, units: &Weights, random: &mut ChaCha8Rng) {
    let rungs = if whole || random.random_bool(0.1) { 1 } else { random.random_range(1..=size.rungs) };
    let blocks = random.random_range(1..=size.groups.min(2));
    let nothing = random.random_bool(0.1);
    let scale = 10f64.powf(random.random_range(-2.0..2.0));
    let group = random.random_range(0..size.groups);
    let outcomes: Vec<Vec<Weights>> = (0..blocks)
        .map(|_| {
            let mut outcomes = vec![[0.0; MEASURES]; rungs];
            for (measure, unit) in units.iter().enumerate() {
                // Measures come in units of their own, from millions to millionths.
                let most = scale * unit * random.random_range(0.1..10.0);
                let bend = random.random_range(0.2..1.5);
                for (rung, outcome) in outcomes.iter_mut().enumerate() {
                    // Diminishing or rising returns, and now and then a rung like its neighbour.
                    let at = if random.random_bool(0.1) { rung } else { rung + 1 };
                    let value = most * (at as f64 / rungs as f64).powf(bend);
                    outcome[measure] = if nothing { 0.0 } else { value };
                }
            }
            outcomes
        })
        .collect();
    let blocks: Vec<(usize, &[Weights])> =
        outcomes.iter().enumerate().map(|(at, of)| ((group + at) % size.groups, of.as_slice())).collect();
    program.add_ladder(whole, &blocks);
}

/// A row that the point meets, of a random shape.
fn row_of(program: &mut Program, point: &[f64], random: &mut ChaCha8Rng) {
    let row = program.rows.len();
    let measure = |random: &mut ChaCha8Rng| {
        let mut weights = [0.0; MEASURES];
        weights[random.random_range(0..MEASURES)] = 1.0;
        weights
    };
    let free = Row::FREE;
    program.rows.push(free);
    let scale = [1.0, 1.0, 1.0, 1e-6, 1e6][random.random_range(0..5)];
    let shape = random.random_range(0..9);
    if shape == 8 {
        // Nothing uses it.
        program.rows[row] = Row { upper: random.random_range(0.0..1.0), ..free };
        return;
    }
    let (numerator, denominator) = (measure(random), measure(random));
    let inside: Vec<bool> = program.groups.iter().map(|_| random.random_bool(0.7)).collect();
    let set = |program: &mut Program, weights: &dyn Fn(bool) -> Weights| {
        for (group, inside) in program.groups.iter_mut().zip(&inside) {
            group.retain(|term: &Term| term.row != row);
            let weights = weights(*inside).map(|weight| weight * scale);
            if weights != [0.0; MEASURES] {
                group.push(Term { row, weights });
            }
        }
    };
    let only = |weights: Weights| move |inside: bool| if inside { weights } else { [0.0; MEASURES] };
    let activity = |program: &Program| Dense::of(program).activity(row, point);
    set(program, &only(numerator));
    let used = activity(program);
    let slack: f64 = if random.random_bool(0.3) { 0.0 } else { random.random_range(0.0..0.5) };
    match shape {
        // Never binds.
        0 => program.rows[row].upper = 1e9 * (1.0 + used.abs()),
        1 => program.rows[row].upper = used * (1.0 + slack),
        2 => program.rows[row].lower = used * (1.0 - slack),
        3 => {
            (program.rows[row].lower, program.rows[row].upper) = (used * (1.0 - slack), used * (1.0 + slack))
        }
        // Ratios: numerator − bound × denominator against 0.
        4 | 5 => {
            set(program, &only(denominator));
            let ratio = if activity(program) > 0.0 { used / activity(program) } else { 1.0 };
            let bound = if shape == 4 { ratio * (1.0 - slack) } else { ratio * (1.0 + slack) };
            let mut weights = numerator;
            weights.iter_mut().zip(denominator).for_each(|(weight, other)| *weight -= bound * other);
            set(program, &only(weights));
            let rest = activity(program);
            if shape == 4 {
                program.rows[row].lower = rest.min(0.0);
            } else {
                program.rows[row].upper = rest.max(0.0);
            }
        }
        // A share of the whole.
        6 => {
            set(program, &|_| numerator);
            let share = if activity(program) > 0.0 { used / activity(program) } else { 0.0 };
            let share = share * (1.0 - slack);
            set(program, &|inside| numerator.map(|weight| weight * (f64::from(u8::from(inside)) - share)));
            program.rows[row].lower = activity(program).min(0.0);
        }
        // Soft, and out of reach as often as not.
        _ => {
            program.rows[row].lower = used * random.random_range(0.5..4.0);
            // At a price that matters, and does not drown everything else.
            let dense = Dense::of(program);
            let sum = |values: &[f64]| values.iter().map(|value| value.abs()).sum::<f64>();
            let (gains, reach) = (sum(&dense.gains), sum(&dense.rows[row]));
            let gains = if gains > 0.0 { gains } else { 1.0 };
            let reach = if reach > 0.0 { reach } else { 1.0 };
            program.rows[row].penalty = Some(random.random_range(0.01..2.0) * gains / reach);
        }
    }
}
