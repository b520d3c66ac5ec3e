//! Columns as solvers stream them: 32-bit numbers, eight ladders side by side.
//!
//! A *tile* interleaves up to eight ladders of one group: for every rung and measure one number of each,
//! so that a vector register works on eight ladders at once, whatever their length. All ladders of a tile
//! touch the same rows with the same weights, so rows are said once per group and never per column.
//! Ladders with several blocks, slots and very long ladders are few; their blocks stand alone.
//!
//! Value of measure `kept[slot]` at a rung of a block: `values[block.values + (rung · kept + slot) · stride]`,
//! the stride being [`LANES`] inside a tile and 1 outside.

use std::collections::HashMap;
use std::ops::Range;

use super::{MEASURES, Weights};

/// Ladders side by side in a tile.
pub const LANES: usize = 8;
/// The most rungs of a ladder in a tile.
pub const LONGEST: usize = 64;
/// Where a tile has no ladder.
pub const EMPTY: u32 = u32::MAX;
/// Rungs of a tile are a multiple of this, so that ladders of nearly one length share it.
const ROUND: usize = 2;

/// Consecutive columns of which at most one whole is used.
#[derive(Debug, Clone, PartialEq)]
pub struct Span {
    /// Its columns.
    pub columns: Range<usize>,
    /// Its blocks.
    pub blocks: Range<usize>,
    /// Taken as a whole or not at all; such a ladder has one rung.
    pub whole: bool,
}

/// The values of a ladder's rungs in one group.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Block {
    /// Which rows it touches.
    pub group: u32,
    /// Distance between its numbers.
    pub stride: u32,
    /// Offset of its first number.
    pub values: usize,
}

/// Up to eight ladders of one group, side by side. Lanes without a ladder, and rungs beyond a ladder's
/// last, hold zeros, which is what not running brings.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tile {
    /// Group of all its ladders.
    pub group: u32,
    /// Rungs of its longest ladder, rounded up.
    pub rungs: u32,
    /// Offset of its first number.
    pub values: usize,
    /// Its ladders; [`EMPTY`] where there is none.
    pub ladders: [u32; LANES],
    /// Their rungs.
    pub lengths: [u8; LANES],
}

/// All columns of a program.
#[derive(Debug, Clone, PartialEq)]
pub struct Columns {
    /// Measures whose values are kept, rising: those that nothing weighs need not be.
    pub kept: Vec<usize>,
    /// Ladders.
    pub ladders: Vec<Span>,
    /// Blocks, in the order of the ladders.
    pub blocks: Vec<Block>,
    /// Tiles, in the order of their first ladders.
    pub tiles: Vec<Tile>,
    /// Ladders outside the tiles.
    pub special: Vec<u32>,
    /// Values of all blocks.
    pub values: Vec<f32>,
    /// The largest value of each kept measure, without its sign.
    pub largest: Vec<f32>,
    /// The first ladder with a value that is no finite number.
    pub broken: Option<usize>,
    /// Tiles with a free lane, by group and rungs.
    free: HashMap<(u32, u32), u32>,
}

impl Columns {
    /// No columns yet; of each rung the values of the measures in `kept` are stored.
    pub fn new(kept: &[usize]) -> Self {
        let mut kept: Vec<usize> = kept.iter().copied().filter(|measure| *measure < MEASURES).collect();
        kept.sort_unstable();
        kept.dedup();
        Columns {
            largest: vec![0.0; kept.len()],
            kept,
            ladders: Vec::new(),
            blocks: Vec::new(),
            tiles: Vec::new(),
            special: Vec::new(),
            values: Vec::new(),
            broken: None,
            free: HashMap::new(),
        }
    }

    /// Number of columns.
    pub fn count(&self) -> usize {
        self.ladders.last().map_or(0, |ladder| ladder.columns.end)
    }

    /// Adds a ladder, see [`Program::add_ladder`](super::Program::add_ladder).
    pub(super) fn add(&mut self, whole: bool, blocks: &[(usize, &[Weights])]) -> usize {
        let index = self.ladders.len();
        let rungs = blocks.first().map_or(0, |(_, rungs)| rungs.len());
        assert!(!whole || rungs == 1, "what is taken as a whole has one rung");
        let (first, first_block) = (self.count(), self.blocks.len());
        let tiled = blocks.len() == 1 && !whole && (1..=LONGEST).contains(&rungs);
        for (group, outcomes) in blocks {
            assert_eq!(outcomes.len(), rungs, "a ladder has as many rungs in every group");
            let (values, stride) = match tiled {
                true => (self.lane(index as u32, *group as u32, rungs), LANES),
                false => (self.alone(rungs), 1),
            };
            for (rung, outcome) in outcomes.iter().enumerate() {
                for (slot, measure) in self.kept.iter().enumerate() {
                    let value = outcome[*measure] as f32;
                    if !value.is_finite() {
                        self.broken.get_or_insert(index);
                    }
                    self.largest[slot] = self.largest[slot].max(value.abs());
                    self.values[values + (rung * self.kept.len() + slot) * stride] = value;
                }
            }
            self.blocks.push(Block { group: *group as u32, stride: stride as u32, values });
        }
        if !tiled {
            self.special.push(index as u32);
        }
        self.ladders.push(Span {
            columns: first..first + rungs,
            blocks: first_block..self.blocks.len(),
            whole,
        });
        index
    }

    /// A free lane for a ladder: where its values begin.
    fn lane(&mut self, ladder: u32, group: u32, rungs: usize) -> usize {
        let (length, rungs) = (rungs as u8, rungs.next_multiple_of(ROUND) as u32);
        let next = self.tiles.len() as u32;
        let at = *self.free.entry((group, rungs)).or_insert(next);
        if at == next {
            let values = self.values.len();
            self.values.resize(values + rungs as usize * self.kept.len() * LANES, 0.0);
            self.tiles.push(Tile { group, rungs, values, ladders: [EMPTY; LANES], lengths: [0; LANES] });
        }
        let tile = &mut self.tiles[at as usize];
        let lane = tile.ladders.iter().position(|ladder| *ladder == EMPTY).unwrap_or(0);
        (tile.ladders[lane], tile.lengths[lane]) = (ladder, length);
        if lane + 1 == LANES {
            self.free.remove(&(group, rungs));
        }
        tile.values + lane
    }

    fn alone(&mut self, rungs: usize) -> usize {
        let values = self.values.len();
        self.values.resize(values + rungs * self.kept.len(), 0.0);
        values
    }

    /// Weights of the kept measures alone, in their order; zeros after them.
    pub fn compact(&self, weights: &Weights) -> Weights {
        std::array::from_fn(|slot| self.kept.get(slot).map_or(0.0, |measure| weights[*measure]))
    }

    /// What a rung of a block brings of the kept measures, in their order.
    pub fn at(&self, block: Block, rung: usize) -> impl Iterator<Item = f64> {
        let (slots, stride) = (self.kept.len(), block.stride as usize);
        let from = block.values + rung * slots * stride;
        (0..slots).map(move |slot| f64::from(self.values[from + slot * stride]))
    }
}
