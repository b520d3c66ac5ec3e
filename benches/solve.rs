//! Solves generated programs of any size: `cargo bench --bench solve -- 1e5 1e6 --rows 150 --solver structured`.
//!
//! Prints seconds, full passes, gap, worst row violation and the seconds of one streaming read of the same
//! columns, which is the floor. `--json` prints one JSON line a size instead, `--write FOLDER` hands the
//! program and its answer over to other solvers (`benches/peers`), `--time-limit S` stops a solve.

use std::fs::{self, File};
use std::hint::black_box;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

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

/// Writes a generated program (nothing in it is soft, whole or given) and its answer as raw little-endian
/// arrays:
///
/// ```text
/// maximise cost · x   subject to   lower ≤ A x ≤ upper,  x ≥ 0
/// ```
///
/// A by columns: column j has `values[starts[j]..starts[j + 1]]` in the rows `indices[..]`. The ladders'
/// rows, Σ x ≤ 1, come after the program's.
fn write(program: &Program, x: &[f64], folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let file = |name: &str| Ok::<_, io::Error>(BufWriter::new(File::create(folder.join(name))?));
    let (mut cost, mut answer) = (file("cost.f64")?, file("x.f64")?);
    let (mut lower, mut upper) = (file("lower.f64")?, file("upper.f64")?);
    let (mut starts, mut indices, mut values) =
        (file("starts.i32")?, file("indices.i32")?, file("values.f64")?);
    for row in &program.rows {
        lower.write_all(&row.lower.to_le_bytes())?;
        upper.write_all(&row.upper.to_le_bytes())?;
    }
    let mut written = 0i32;
    starts.write_all(&written.to_le_bytes())?;
    for ladder in 0..program.columns.ladders.len() {
        lower.write_all(&f64::NEG_INFINITY.to_le_bytes())?;
        upper.write_all(&1f64.to_le_bytes())?;
        let (gains, mut entries) = (program.gains(ladder), program.entries(ladder));
        entries.push((program.rows.len() + ladder, vec![1.0; gains.len()]));
        for (rung, gain) in gains.iter().enumerate() {
            cost.write_all(&gain.to_le_bytes())?;
            for (row, coefficients) in &entries {
                indices.write_all(&(*row as i32).to_le_bytes())?;
                values.write_all(&coefficients[rung].to_le_bytes())?;
            }
            written = written.checked_add(entries.len() as i32).expect("fewer than 2^31 entries");
            starts.write_all(&written.to_le_bytes())?;
        }
    }
    for x in x {
        answer.write_all(&x.to_le_bytes())?;
    }
    [cost, answer, lower, upper, starts, indices, values].into_iter().try_for_each(|mut file| file.flush())
}

/// The most memory that this process ever held, in kB; 0 where the system does not say.
fn peak_kb() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    peak.and_then(|peak| peak.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0)
}

/// Options that are followed by a value.
const VALUED: [&str; 4] = ["--rows", "--solver", "--write", "--time-limit"];

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let option =
        |name: &str| words.iter().position(|word| word == name).and_then(|at| words.get(at + 1).cloned());
    let flag = |name: &str| words.iter().any(|word| word == name);
    let rows: usize = option("--rows").and_then(|rows| rows.parse().ok()).unwrap_or(150);
    let solver = option("--solver").unwrap_or_else(|| "structured".into());
    let solver = solver::by_name(&solver).expect("a solver of this build");
    let time_limit: Option<f64> = option("--time-limit").and_then(|seconds| seconds.parse().ok());
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
    let stop = AtomicBool::new(false);
    if !json {
        println!(
            "{:>9} {:>5} {:>8} {:>8} {:>7} {:>9} {:>9} {:>16}",
            "columns", "rows", "read s", "solve s", "passes", "gap", "violation", "objective"
        );
    }
    for size in sizes {
        let started = Instant::now();
        let program = generate(size as usize, rows);
        let build = started.elapsed().as_secs_f64();
        let started = Instant::now();
        black_box(program.columns.values.par_chunks(1 << 16).map(|run| run.iter().sum::<f32>()).sum::<f32>());
        let read = started.elapsed().as_secs_f64();
        let started = Instant::now();
        let deadline = time_limit.map(|seconds| started + Duration::from_secs_f64(seconds));
        let solved = solver.solve(&program, &[], None, &Limits { deadline, stop: &stop });
        let seconds = started.elapsed().as_secs_f64();
        let peak_kb = peak_kb();
        let solution = match solved {
            Ok(solution) => solution,
            Err(error) if json => {
                eprintln!("{error}");
                std::process::exit(1);
            }
            Err(error) => {
                println!("{size:>9.0e} {:>5} {read:>8.4} {seconds:>8.3} failed: {error}", program.rows.len());
                continue;
            }
        };
        let proof = certify(&program, &solution.x, &solution.prices, &[]);
        if let Some(folder) = &folder {
            write(&program, &solution.x, Path::new(folder)).expect("the folder can be written");
        }
        if json {
            let line = serde_json::json!({
                "columns": program.columns.count(),
                "ladders": program.columns.ladders.len(),
                "rows": program.rows.len(),
                "status": format!("{:?}", solution.status),
                "build": build,
                "read": read,
                "seconds": seconds,
                "passes": solution.iterations,
                "gap": proof.gap,
                "violation": proof.violation,
                "objective": proof.objective,
                "peak_kb": peak_kb,
            });
            println!("{line}");
        } else {
            println!(
                "{size:>9.0e} {:>5} {read:>8.4} {seconds:>8.3} {:>7} {:>9.1e} {:>9.1e} {:>16.6}",
                program.rows.len(),
                solution.iterations,
                proof.gap,
                proof.violation,
                proof.objective
            );
        }
    }
}
