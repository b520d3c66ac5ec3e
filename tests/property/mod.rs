//! Properties that must hold of everything, tried on generated cases from fixed seeds. With
//! `BIDWRIGHT_SHOW` set and `--nocapture`, every case says how near it came.

mod confidence;
mod infeasible;
mod landscapes;
mod prices;
mod programs;
mod requests;
mod shop;
mod solved;
mod whole;
mod wishes;

use proptest::test_runner::{Config, RngSeed};

/// So many cases from one fixed seed.
fn cases(cases: u32) -> Config {
    Config { cases, rng_seed: RngSeed::Fixed(20_261_212), failure_persistence: None, ..Config::default() }
}
