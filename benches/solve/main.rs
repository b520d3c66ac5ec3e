//! Solves generated programs of any size: `cargo bench --bench solve -- 1e5 1e6 --rows 150`.
//!
//! Prints the seconds of one streaming read of the columns (the floor), the median seconds of the solves, full
//! passes, gap, worst row violation and objective. `--job` says what is solved:
//!
//! - `cold`: from nothing (default), `--repeat N` times;
//! - `warm`: with the return asked for moved by 2 %, from the former prices;
//! - `sweep`: fifty returns from 1.5 to 3, each from the former prices: all seconds together;
//! - `slots`: thirty slots with fees, by branch and bound; iterations are nodes.
//!
//! `--roi X` is the return that rows ask for (2; 1.2 never binds), `--solver NAME` another solver,
//! `--time-limit S` stops a solve, `--log` tells of phases, `--json` prints one JSON line a size, `--write FOLDER`
//! hands the program and its answer over to other solvers (`benches/peers`).

mod handover;
mod instance;

use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use bidwright::program::Program;
use bidwright::solver::{self, Certificate, Decided, Limits, Solution, Solver, certify, integer};
use instance::{generate, set_roi};
use rayon::prelude::*;

/// The most memory that this process ever held, in kB; 0 where the system does not say.
fn peak_kb() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    peak.and_then(|peak| peak.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0)
}

/// Options that are followed by a value.
const VALUED: [&str; 7] = ["--rows", "--solver", "--write", "--time-limit", "--job", "--roi", "--repeat"];

/// A job's outcome: seconds, iterations, and the last solution with its proof.
struct Outcome {
    seconds: f64,
    iterations: u64,
    solution: Solution,
    proof: Certificate,
}

/// Solves once, `decided` being what is decided of slots.
fn timed(
    solver: &dyn Solver,
    program: &Program,
    decided: &Decided,
    start: Option<&[f64]>,
    limit: Option<f64>,
) -> Result<Outcome, String> {
    let stop = AtomicBool::new(false);
    let started = Instant::now();
    let deadline = limit.map(|seconds| started + Duration::from_secs_f64(seconds));
    let solution = solver.solve(program, decided, start, &Limits { deadline, stop: &stop })?;
    let seconds = started.elapsed().as_secs_f64();
    let proof = certify(program, &solution.x, &solution.prices, decided);
    Ok(Outcome { seconds, iterations: solution.iterations, solution, proof })
}

/// The outcome with the median of the seconds.
fn median(mut outcomes: Vec<Outcome>) -> Outcome {
    outcomes.sort_by(|a, b| a.seconds.total_cmp(&b.seconds));
    outcomes.swap_remove(outcomes.len() / 2)
}

fn run(
    job: &str,
    solver: &dyn Solver,
    program: &mut Program,
    roi: f64,
    repeat: usize,
    limit: Option<f64>,
) -> Result<Outcome, String> {
    match job {
        "cold" => (0..repeat)
            .map(|_| timed(solver, program, &[], None, limit))
            .collect::<Result<_, _>>()
            .map(median),
        "warm" => {
            let first = timed(solver, program, &[], None, limit)?;
            set_roi(program, 1.02 * roi);
            let start = Some(first.solution.prices.as_slice());
            (0..repeat)
                .map(|_| timed(solver, program, &[], start, limit))
                .collect::<Result<_, _>>()
                .map(median)
        }
        "sweep" => {
            let mut last = timed(solver, program, &[], None, limit)?;
            let (mut seconds, mut iterations) = (0.0, 0);
            for step in 0..50 {
                set_roi(program, 1.5 + 1.5 * f64::from(step) / 49.0);
                let open = last.proof.gap.abs().max(last.proof.violation);
                let next = timed(solver, program, &[], Some(&last.solution.prices), limit)?;
                seconds += next.seconds;
                iterations += next.iterations;
                last = next;
                last.proof.gap = last.proof.gap.abs().max(open);
            }
            Ok(Outcome { seconds, iterations, ..last })
        }
        "slots" => {
            let stop = AtomicBool::new(false);
            let started = Instant::now();
            let deadline = limit.map(|seconds| started + Duration::from_secs_f64(seconds));
            let best = integer::solve(program, solver, &Limits { deadline, stop: &stop })?;
            let seconds = started.elapsed().as_secs_f64();
            let solution = best.solution.ok_or("no point")?;
            let mut proof = certify(program, &solution.x, &solution.prices, &best.decided);
            (proof.bound, proof.gap) =
                (best.bound, (best.bound - proof.objective) / best.bound.abs().max(1.0));
            Ok(Outcome { seconds, iterations: best.nodes, solution, proof })
        }
        _ => Err(format!("no job {job}: cold, warm, sweep or slots")),
    }
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let option =
        |name: &str| words.iter().position(|word| word == name).and_then(|at| words.get(at + 1).cloned());
    let number = |name: &str, or: f64| option(name).and_then(|value| value.parse().ok()).unwrap_or(or);
    let flag = |name: &str| words.iter().any(|word| word == name);
    let (rows, roi, repeat) =
        (number("--rows", 150.0) as usize, number("--roi", 2.0), number("--repeat", 1.0) as usize);
    let solver = option("--solver").unwrap_or_else(|| "structured".into());
    let solver = solver::by_name(&solver).expect("a solver of this build");
    let limit: Option<f64> = option("--time-limit").and_then(|seconds| seconds.parse().ok());
    let job = option("--job").unwrap_or_else(|| "cold".into());
    let (folder, json) = (option("--write"), flag("--json"));
    if flag("--log") {
        tracing_subscriber::fmt().with_max_level(tracing::Level::DEBUG).init();
    }
    let mut sizes: Vec<f64> = Vec::new();
    for (at, word) in words.iter().enumerate() {
        if at == 0 || !VALUED.contains(&words[at - 1].as_str()) {
            sizes.extend(word.parse::<f64>());
        }
    }
    if sizes.is_empty() {
        sizes = vec![1e4, 1e5, 1e6];
    }
    assert!(folder.is_none() || sizes.len() == 1, "--write takes one size");
    if !json {
        println!(
            "{:>6} {:>9} {:>5} {:>8} {:>9} {:>7} {:>9} {:>9} {:>16} {:>8}",
            "job",
            "columns",
            "rows",
            "read s",
            "solve s",
            "passes",
            "gap",
            "violation",
            "objective",
            "peak MB"
        );
    }
    for size in sizes {
        let started = Instant::now();
        let mut program = generate(size as usize, rows, roi, if job == "slots" { 30 } else { 0 });
        let build = started.elapsed().as_secs_f64();
        let sum =
            || program.columns.values.par_chunks(1 << 16).map(|run| run.iter().sum::<f32>()).sum::<f32>();
        black_box(sum());
        let started = Instant::now();
        black_box(sum());
        let read = started.elapsed().as_secs_f64();
        let outcome = match run(&job, solver.as_ref(), &mut program, roi, repeat.max(1), limit) {
            Ok(outcome) => outcome,
            Err(error) => {
                eprintln!("{size:.0e} columns, {rows} rows: {error}");
                std::process::exit(1);
            }
        };
        let (peak, rows) = (peak_kb(), program.rows.len());
        let Outcome { seconds, iterations, solution, proof } = outcome;
        if let Some(folder) = &folder {
            handover::write(&program, &solution.x, Path::new(folder)).expect("the folder can be written");
        }
        if json {
            let line = serde_json::json!({
                "columns": program.columns.count(),
                "ladders": program.columns.ladders.len(),
                "rows": rows,
                "status": format!("{:?}", solution.status),
                "build": build,
                "read": read,
                "seconds": seconds,
                "passes": iterations,
                "gap": proof.gap,
                "violation": proof.violation,
                "objective": proof.objective,
                "peak_kb": peak,
            });
            println!("{line}");
        } else {
            println!(
                "{job:>6} {size:>9.0e} {rows:>5} {read:>8.4} {seconds:>9.4} {iterations:>7} {:>9.1e} {:>9.1e} {:>16.4} {:>8}",
                proof.gap,
                proof.violation,
                proof.objective,
                peak / 1024
            );
        }
    }
}
