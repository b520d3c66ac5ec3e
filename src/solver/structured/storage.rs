//! Columns as the dual passes read them: 32-bit tiles of eight ladders side by side.
//!
//! A tile holds, for every measure and rung, one number of each of its eight ladders, so that a vector
//! register works on eight ladders at once and no ladder's length matters to its neighbour. All ladders
//! of a tile belong to one group, hence to the same rows with the same weights: rows are never stored
//! per column. Ladders with several blocks, and those that are decided, are few: they are *special*
//! and go through plain f64 code.

use super::super::Decided;
use crate::program::{MEASURES, Program};

/// Ladders side by side.
pub const LANES: usize = 8;

/// Eight ladders of one group; absent ones have the scale 0 and weigh nothing.
#[derive(Debug, Clone, Copy)]
pub struct Tile {
    /// Group of all its ladders.
    pub group: u32,
    /// Rungs of its longest ladder; shorter ones are filled with zeros, which tie with not running.
    pub rungs: u32,
    /// Offset of its values: `[measure][rung][lane]`.
    pub values: usize,
    /// The ladders' own scales, by which the smoothing is multiplied.
    pub scale: [f32; LANES],
}

/// The program in tiles.
pub struct Storage<'a> {
    /// The program.
    pub program: &'a Program,
    /// Tiles, sorted by group.
    pub tiles: Vec<Tile>,
    /// Values of all tiles, each measure divided by its unit.
    pub values: Vec<f32>,
    /// Largest absolute value of each measure: the unit of the tiles.
    pub unit: [f64; MEASURES],
    /// Ladders outside the tiles.
    pub special: Vec<usize>,
    /// Scale of each special ladder.
    pub special_scale: Vec<f64>,
    /// What is decided.
    pub decided: &'a Decided,
}

impl<'a> Storage<'a> {
    /// Packs a program.
    pub fn new(program: &'a Program, decided: &'a Decided) -> Self {
        let mut unit = [0.0f64; MEASURES];
        for ladder in &program.ladders {
            let rungs = ladder.columns.len();
            for block in &program.blocks[ladder.blocks.clone()] {
                for (measure, unit) in unit.iter_mut().enumerate() {
                    let from = block.values + measure * rungs;
                    *unit = program.values[from..from + rungs]
                        .iter()
                        .fold(*unit, |most, value| most.max(value.abs()));
                }
            }
        }
        unit.iter_mut().filter(|unit| **unit == 0.0).for_each(|unit| *unit = 1.0);
        let is_special = |index: usize| {
            let ladder = &program.ladders[index];
            ladder.blocks.len() != 1
                || ladder.columns.len() > super::dual::LONGEST
                || decided.get(index).copied().flatten().is_some()
        };
        let special: Vec<usize> = (0..program.ladders.len()).filter(|index| is_special(*index)).collect();
        let special_scale = special.iter().map(|index| scale(program.gains(*index).into_iter())).collect();
        let mut order: Vec<usize> = (0..program.ladders.len()).filter(|index| !is_special(*index)).collect();
        let group = |index: usize| program.blocks[program.ladders[index].blocks.start].group;
        order.sort_by_key(|index| (group(*index), program.ladders[*index].columns.len()));
        let mut storage =
            Storage { program, tiles: Vec::new(), values: Vec::new(), unit, special, special_scale, decided };
        for same in order.chunk_by(|a, b| group(*a) == group(*b)) {
            for ladders in same.chunks(LANES) {
                storage.pack(group(ladders[0]), ladders);
            }
        }
        storage
    }

    fn pack(&mut self, group: usize, ladders: &[usize]) {
        let program = self.program;
        let rungs = ladders.iter().map(|ladder| program.ladders[*ladder].columns.len()).max().unwrap_or(0);
        let offset = self.values.len();
        self.values.resize(offset + MEASURES * rungs * LANES, 0.0);
        let mut tile = Tile { group: group as u32, rungs: rungs as u32, values: offset, scale: [0.0; LANES] };
        for (lane, ladder) in ladders.iter().enumerate() {
            let span = &program.ladders[*ladder];
            let own = span.columns.len();
            let block = program.blocks[span.blocks.start];
            let mut gains = vec![0.0; own];
            for measure in 0..MEASURES {
                for (rung, gain) in gains.iter_mut().enumerate() {
                    let value = program.values[block.values + measure * own + rung];
                    *gain += program.objective[measure] * value;
                    self.values[offset + (measure * rungs + rung) * LANES + lane] =
                        (value / self.unit[measure]) as f32;
                }
            }
            tile.scale[lane] = scale(gains.into_iter()) as f32;
        }
        self.tiles.push(tile);
    }
}

/// Scale of a ladder: its largest gain, and at least something.
fn scale(gains: impl Iterator<Item = f64>) -> f64 {
    gains.fold(1e-9, |most, gain| gain.abs().max(most))
}
