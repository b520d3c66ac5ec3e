//! Solves generated programs of any size: `cargo bench --bench solve -- 1e5 1e6 --rows 150 --solver structured`.
//!
//! Prints seconds, full passes, gap, worst row violation and the seconds of one streaming read of the same
//! columns, which is the floor.

use std::hint::black_box;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use bidwright::program::{Program, Row, Term, Weights};
use bidwright::solver::{self, Limits, certify};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

const RUNGS: usize = 10;
const HOURS: usize = 24;
const CHANNELS: usize = 4;

const SPEND: Weights = [0.0, 0.0, 1.0, 0.0, 0.0];
/// Revenue less twice the spend: a return of at least 2.
const RETURN: Weights = [0.0, 0.0, -2.0, 0.0, 1.0];

/// A program of a shop's structure: ladders in groups of channel × campaign × hour. With few rows the whole
/// plan and the channels are bounded, with more also channel × hour and campaigns.
fn generate(columns: usize, rows: usize) -> Program {
    let mut random = ChaCha8Rng::seed_from_u64(7);
    let ladders = columns / RUNGS;
    let campaigns = if rows > 15 { (rows - 13).saturating_sub(CHANNELS * HOURS).max(4) } else { 8 };
    // Only spend and revenue are weighed.
    let mut program = Program::of([0.0, 0.0, 0.0, 0.0, 1.0], &[2, 4]);
    let mut by_hour = vec![0.0; CHANNELS * HOURS];
    let mut by_channel = [0.0; CHANNELS];
    for ladder in 0..ladders {
        let campaign = (ladder / HOURS) % campaigns;
        let (hour, channel) = (ladder % HOURS, campaign % CHANNELS);
        let volume: f64 = 20.0 * (2.0 * random.random::<f64>() - 1.0).exp();
        let price: f64 = 0.3 + 2.0 * random.random::<f64>();
        let worth: f64 = price * 2.2 * (1.6 * (random.random::<f64>() - 0.5)).exp();
        let rungs: [Weights; RUNGS] = std::array::from_fn(|rung| {
            let height = (rung + 1) as f64 / RUNGS as f64;
            let clicks = volume * height.powf(0.7);
            [clicks * 30.0, clicks, clicks * price * height.powf(0.6), clicks * 0.05, clicks * worth]
        });
        let spend = rungs[RUNGS - 1][2];
        by_hour[channel * HOURS + hour] += spend;
        by_channel[channel] += spend;
        program.add_ladder(false, &[(campaign * HOURS + hour, &rungs)]);
    }
    program.groups = vec![Vec::new(); campaigns * HOURS];
    let mut row = |lower: f64, upper: f64, weights: Weights, holds: &dyn Fn(usize, usize) -> bool| {
        let at = program.rows.len();
        program.rows.push(Row { lower, upper, penalty: None });
        for (group, terms) in program.groups.iter_mut().enumerate() {
            if holds(group / HOURS, group % HOURS) {
                terms.push(Term { row: at, weights });
            }
        }
    };
    let none = f64::NEG_INFINITY;
    let total: f64 = by_channel.iter().sum();
    row(none, 0.35 * total, SPEND, &|_, _| true);
    row(0.0, f64::INFINITY, RETURN, &|_, _| true);
    for (channel, spend) in by_channel.into_iter().enumerate() {
        row(none, 0.4 * spend, SPEND, &|campaign, _| campaign % CHANNELS == channel);
        row(0.0, f64::INFINITY, RETURN, &|campaign, _| campaign % CHANNELS == channel);
    }
    if rows > 15 {
        for channel in 0..CHANNELS {
            for hour in 0..HOURS {
                let most = 0.38 * by_hour[channel * HOURS + hour];
                row(none, most, SPEND, &|campaign, at| campaign % CHANNELS == channel && at == hour);
            }
        }
        for campaign in 0..campaigns {
            row(0.0, f64::INFINITY, RETURN, &|at, _| at == campaign);
        }
    }
    program
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let option =
        |name: &str| words.iter().position(|word| word == name).and_then(|at| words.get(at + 1).cloned());
    let rows: usize = option("--rows").and_then(|rows| rows.parse().ok()).unwrap_or(150);
    let solver = option("--solver").unwrap_or_else(|| "structured".into());
    let solver = solver::by_name(&solver).expect("a solver of this build");
    if words.iter().any(|word| word == "--log") {
        tracing_subscriber::fmt().with_max_level(tracing::Level::DEBUG).init();
    }
    let sizes: Vec<f64> =
        words.iter().filter_map(|word| word.parse::<f64>().ok()).filter(|size| *size >= 1e3).collect();
    let sizes = if sizes.is_empty() { vec![1e4, 1e5, 1e6] } else { sizes };
    let stop = AtomicBool::new(false);
    let limits = Limits { deadline: None, stop: &stop };
    println!(
        "{:>9} {:>5} {:>8} {:>8} {:>7} {:>9} {:>9} {:>16}",
        "columns", "rows", "read s", "solve s", "passes", "gap", "violation", "objective"
    );
    for size in sizes {
        let program = generate(size as usize, rows);
        let started = Instant::now();
        black_box(program.columns.values.par_chunks(1 << 16).map(|run| run.iter().sum::<f32>()).sum::<f32>());
        let read = started.elapsed().as_secs_f64();
        let started = Instant::now();
        let solved = solver.solve(&program, &[], None, &limits);
        let seconds = started.elapsed().as_secs_f64();
        match solved {
            Ok(solution) => {
                let proof = certify(&program, &solution.x, &solution.prices, &[]);
                println!(
                    "{size:>9.0e} {:>5} {read:>8.4} {seconds:>8.3} {:>7} {:>9.1e} {:>9.1e} {:>16.6}",
                    program.rows.len(),
                    solution.iterations,
                    proof.gap,
                    proof.violation,
                    proof.objective
                );
            }
            Err(error) => {
                println!("{size:>9.0e} {:>5} {read:>8.4} {seconds:>8.3} failed: {error}", program.rows.len())
            }
        }
    }
}
