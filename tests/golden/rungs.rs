//! Finer ladders would not plan better.

use std::path::Path;

use bidwright::pipeline::{self, Options};
use bidwright::{config, ladder};

use crate::shop::SAMPLE;

#[test]
fn twice_the_rungs_change_the_optimum_by_less_than_a_thousandth() {
    let request = config::load(&Path::new(SAMPLE).join("plan.toml"), &[]).unwrap();
    let evidence = |rungs| {
        pipeline::plan(&request, &Options { rungs: Some(rungs), ..Options::default() }).unwrap().plan.evidence
    };
    let (coarse, fine) = (evidence(ladder::RUNGS), evidence(2 * ladder::RUNGS));
    assert!(
        fine.columns as f64 > 1.5 * coarse.columns as f64,
        "{} and {} columns",
        coarse.columns,
        fine.columns
    );
    let gain = fine.relaxed / coarse.relaxed - 1.0;
    println!(
        "{} rungs: {:.2}; {} rungs: {:.2}; {:+.4} %",
        ladder::RUNGS,
        coarse.relaxed,
        2 * ladder::RUNGS,
        fine.relaxed,
        100.0 * gain
    );
    assert!(gain.abs() < 1e-3, "{:.3} %", 100.0 * gain);
}
