//! Generated programs.

use bidwright::program::{Program, Row, Term, Weights};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

const RUNGS: usize = 10;
const HOURS: usize = 24;
const CHANNELS: usize = 4;

const SPEND: Weights = [0.0, 0.0, 1.0, 0.0, 0.0];
/// Revenue less so many times the spend: a return of at least that.
fn back(roi: f64) -> Weights {
    [0.0, 0.0, -roi, 0.0, 1.0]
}

/// A program of a shop's structure: ladders in groups of channel × campaign × hour. With few rows the whole
/// plan and the channels are bounded, with more also channel × hour and campaigns.
pub fn generate(columns: usize, rows: usize, roi: f64, slots: usize) -> Program {
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
    // Slots with a fee, dear and dull alike, over all hours of one channel.
    for slot in 0..slots {
        let fee: f64 = by_channel[0] * 0.05 * (0.5 + random.random::<f64>());
        let revenue = fee * (1.0 + 3.0 * random.random::<f64>());
        let hour = [[0.0, 0.0, fee / HOURS as f64, 0.0, revenue / HOURS as f64]];
        let blocks: Vec<(usize, &[Weights])> =
            (0..HOURS).map(|at| ((slot % campaigns) * HOURS + at, hour.as_slice())).collect();
        program.add_ladder(true, &blocks);
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
    row(0.0, f64::INFINITY, back(roi), &|_, _| true);
    for (channel, spend) in by_channel.into_iter().enumerate() {
        row(none, 0.4 * spend, SPEND, &|campaign, _| campaign % CHANNELS == channel);
        row(0.0, f64::INFINITY, back(roi), &|campaign, _| campaign % CHANNELS == channel);
    }
    if rows > 15 {
        for channel in 0..CHANNELS {
            for hour in 0..HOURS {
                let most = 0.38 * by_hour[channel * HOURS + hour];
                row(none, most, SPEND, &|campaign, at| campaign % CHANNELS == channel && at == hour);
            }
        }
        for campaign in 0..campaigns {
            row(0.0, f64::INFINITY, back(roi), &|at, _| at == campaign);
        }
    }
    program
}

/// Moves the return that all rows of that kind ask for.
pub fn set_roi(program: &mut Program, roi: f64) {
    for term in program.groups.iter_mut().flatten().filter(|term| term.weights[4] != 0.0) {
        term.weights = back(roi);
    }
}
