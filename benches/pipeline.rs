//! The stages of the main job on the sample shop: `cargo bench`.
//!
//! Each stage starts from what the ones before it left, so a change shows where it belongs.

use std::path::Path;
use std::sync::LazyLock;
use std::sync::atomic::AtomicBool;

use bidwright::config::limits::Limits as BidLimits;
use bidwright::config::{self, Request};
use bidwright::history::{self, History};
use bidwright::ladder::{self, Ladders};
use bidwright::landscape::Landscapes;
use bidwright::plan::choose::{self, Chooser};
use bidwright::program::{self, Model, rows};
use bidwright::solver::integer::{self, Best};
use bidwright::solver::{self, Limits, certify};
use divan::Bencher;
use jiff::civil::Date;

fn main() {
    divan::main();
}

static REQUEST: LazyLock<Request> = LazyLock::new(|| {
    let plan = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/double12/plan.toml");
    config::load(&plan, &[]).expect("the sample's plan file is sound")
});
static HISTORY: LazyLock<History> =
    LazyLock::new(|| history::read(&REQUEST).expect("the sample's history is sound"));
static LANDSCAPES: LazyLock<Landscapes> = LazyLock::new(|| fitted(&HISTORY));
static STATED: LazyLock<(Ladders, Model)> = LazyLock::new(|| stated(&LANDSCAPES));
static SOLVED: LazyLock<Best> = LazyLock::new(|| solved(&STATED.1));

fn date() -> Date {
    REQUEST.file.plan.date.expect("the sample's plan file has a date")
}

fn fitted(history: &History) -> Landscapes {
    Landscapes::fit(history, &REQUEST).expect("the sample's history can be learned from").0
}

fn stated(landscapes: &Landscapes) -> (Ladders, Model) {
    let file = &REQUEST.file;
    let rule_rows =
        rows::resolve(file, &landscapes.units, &date().to_string()).expect("the sample's rules match");
    let ladders = ladder::build(landscapes, &landscapes.on(date(), file), file, date(), ladder::RUNGS);
    let model = program::build(&ladders, rule_rows, file, landscapes.units.len(), None);
    (ladders, model)
}

fn solved(model: &Model) -> Best {
    let solver = solver::by_name(solver::NAMES[0]).expect("the default solver is in every build");
    let limits = Limits { deadline: None, stop: &AtomicBool::new(false) };
    integer::solve(&model.program, solver.as_ref(), &limits).expect("the sample's program can be solved")
}

#[divan::bench(sample_count = 20, sample_size = 1)]
fn a_read(bencher: Bencher<'_, '_>) {
    let request = &*REQUEST;
    bencher.bench(|| history::read(request));
}

#[divan::bench(sample_count = 20, sample_size = 1)]
fn b_fit(bencher: Bencher<'_, '_>) {
    let history = &*HISTORY;
    bencher.bench(|| fitted(history));
}

#[divan::bench(sample_count = 20, sample_size = 1)]
fn c_ladders_and_program(bencher: Bencher<'_, '_>) {
    let landscapes = &*LANDSCAPES;
    bencher.bench(|| stated(landscapes));
}

#[divan::bench(sample_count = 20, sample_size = 1)]
fn d_solve(bencher: Bencher<'_, '_>) {
    let (_, model) = &*STATED;
    bencher.bench(|| solved(model));
}

#[divan::bench(sample_count = 20, sample_size = 1)]
fn e_choose(bencher: Bencher<'_, '_>) {
    let (file, units) = (&REQUEST.file, &LANDSCAPES.units);
    let (ladders, model) = &*STATED;
    let solution = SOLVED.solution.as_ref().expect("the sample has a plan");
    let prices = certify::lawful(&model.program, &solution.prices);
    let forecast = LANDSCAPES.on(date(), file);
    let day = date().to_string();
    bencher.bench(|| {
        let apart = ladders.apart(&solution.x, |unit| units[unit as usize].channel.by_the_day());
        let as_they_are = || (ladders.clone(), solution.x.clone(), (0..ladders.ladders.len()).collect());
        let (ladders, x, origin) = apart.unwrap_or_else(as_they_are);
        let model = program::build(&ladders, model.rule_rows.clone(), file, units.len(), None);
        let decided: Vec<Option<bool>> =
            origin.iter().map(|ladder| SOLVED.decided.get(*ladder).copied().flatten()).collect();
        let limits: Vec<BidLimits> = ladders
            .ladders
            .iter()
            .map(|ladder| {
                let unit = &units[ladder.unit as usize];
                file.limits(unit, &day).swap_remove(usize::from(ladder.hours[0]))
            })
            .collect();
        let chooser = Chooser::new(&ladders, &model, &forecast, &limits);
        chooser.choose(&x, &prices, &decided, choose::ROUNDS)
    });
}
