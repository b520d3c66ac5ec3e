//! How far a finished day may lie from what is expected of it.

use rayon::prelude::*;

use crate::config::PlanFile;
use crate::config::limits::Limits;
use crate::keys::Channel;
use crate::landscape::spread::Spread;
use crate::landscape::{Forecast, Landscapes};
use crate::plan::{Held, Outlook, PlanCell, Price, Reason, outlook};

/// The outlook of a day's cells.
pub(super) fn outlook(
    file: &PlanFile,
    landscapes: &Landscapes,
    forecast: &Forecast<'_>,
    (spread, day): (&Spread, &str),
    cells: &[PlanCell],
    price: Option<Price>,
) -> Outlook {
    let units = &landscapes.units;
    let running = cells.iter().filter(|cell| cell.run);
    let running = running.map(|cell| (cell.cell.unit, &cell.outcome, cell.reason == Reason::Over));
    let bands = outlook::bands(running, |unit| units[unit as usize].channel, spread);
    let mut limits: Option<(u32, Vec<Limits>)> = None;
    let mut chance = |cell: &PlanCell| -> Option<f64> {
        let unit = cell.cell.unit;
        let planned = cell.run && cell.reason != Reason::Over;
        let bid = cell.bid.filter(|_| planned && units[unit as usize].channel == Channel::Search)?;
        if limits.as_ref().is_none_or(|(of, _)| *of != unit) {
            limits = Some((unit, file.limits(&units[unit as usize], day)));
        }
        let band = limits.as_ref()?.1[usize::from(cell.cell.hour)].position?;
        forecast.held(unit, cell.cell.hour, bid, band)
    };
    let chances: Vec<f32> =
        cells.iter().map(|cell| chance(cell).map_or(f32::NAN, |chance| chance as f32)).collect();
    let known = &landscapes.known;
    Outlook {
        confidence: file.plan.confidence,
        bands,
        price,
        held: Held::of(cells, &chances),
        maturation: landscapes.maturations(file),
        chances,
        scatter: cells.par_iter().map(|cell| outlook::scatter(cell, spread)).collect(),
        rows: cells.iter().map(|cell| known[cell.cell.unit as usize].rows).collect(),
    }
}
