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
    let chance = |cell: &PlanCell, limits: &[Limits]| -> Option<f64> {
        let unit = cell.cell.unit;
        let planned = cell.run && cell.reason != Reason::Over;
        let bid = cell.bid.filter(|_| planned && units[unit as usize].channel == Channel::Search)?;
        let band = limits[usize::from(cell.cell.hour)].position?;
        forecast.held(unit, cell.cell.hour, bid, band)
    };
    let of_unit = |cells: &[PlanCell]| -> Vec<f32> {
        let limits = file.limits(&units[cells[0].cell.unit as usize], day);
        cells.iter().map(|cell| chance(cell, &limits).map_or(f32::NAN, |chance| chance as f32)).collect()
    };
    let chances: Vec<f32> =
        cells.par_chunk_by(|a, b| a.cell.unit == b.cell.unit).flat_map_iter(of_unit).collect();
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
