//! Rules that hold with a chance: a row's bound, moved in by its spread, as a row of a linear program.
//!
//! ```text
//! a·x + z · sd(x) ≤ b        z = the normal deviate of the confidence
//! sd(x)² = Σ_channels,rates common · (moved·x)²  +  Σ_units … + Σ_cells …
//! ```
//!
//! sd is convex and grows in proportion to the plan, so sd(x) = ∇sd(x)·x, and the row at a plan x⁰ is
//! `(a + z·∇sd(x⁰))·x ≤ b`: the same row with other weights. What channels share has its exact gradient. What
//! diversifies is spread over each kin's cells by their gross activity, which is exact in sum and keeps weights
//! per group of cells. The program is solved, its weights are taken again at the solution, and so on; few solves
//! do. (`models/formulation.md` §11)

mod slopes;
mod split;

pub use slopes::{Running, Slopes};
pub use split::Split;

use crate::config::PlanFile;
use crate::landscape::chance::deviate;
use crate::landscape::spread::Spread;

/// What rows are to leave room for.
#[derive(Debug, Clone, Copy)]
pub struct Room<'a> {
    /// The spread of outcomes.
    pub spread: &'a Spread,
    /// The plan file.
    pub file: &'a PlanFile,
    /// The normal deviate of its confidence.
    pub deviate: f64,
}

impl<'a> Room<'a> {
    /// Nothing where rules are to hold on expected values alone.
    pub fn asked(spread: &'a Spread, file: &'a PlanFile) -> Option<Room<'a>> {
        let confidence = file.plan.confidence;
        (confidence > 0.5).then(|| Room { spread, file, deviate: deviate(confidence) })
    }

    /// A little more room, for bids on their steps.
    #[must_use]
    pub fn more(self, share: f64) -> Room<'a> {
        Room { deviate: self.deviate * (1.0 + share), ..self }
    }
}
