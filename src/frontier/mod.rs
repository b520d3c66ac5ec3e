//! The frontier: what the best plan would bring if one rule's bound, or two, stood elsewhere.
//!
//! Columns depend on no bound, so they are built once for each set of slots that steps stand beside; a step changes
//! rows only ([`moved`]) and starts from the prices of the step before it. Who solves the steps is the walker's to
//! say ([`walk`]). A step is the program's optimum: rungs in parts, slots whole and decided anew at every step,
//! because what a slot is worth depends on the very bound that moves. Bids are not rounded to their steps.

mod moved;
mod picture;
mod range;
mod walk;

use jiff::civil::Date;

use crate::config::Objective;
use crate::keys::{Channel, Unit};
use crate::metric::{Metric, Outcome};
use crate::program::Side;
pub use moved::{Movable, moved_to};
pub use range::{Asked, MOST_MOVES, MOST_STEPS, Move, Range, moves};
pub use walk::{At, Ended, Optimum, Scene, Warm, walk};

/// What every step of a sweep brings.
#[derive(Debug, Clone)]
pub struct Frontier {
    /// The planned date.
    pub date: Date,
    /// What is maximised.
    pub objective: Objective,
    /// Currency of all money.
    pub currency: String,
    /// The bounds that move, one or two.
    pub moved: Vec<Moved>,
    /// The steps, bounds rising, the last bound fastest.
    pub steps: Vec<Step>,
    /// Units that changes speak of.
    pub units: Vec<Unit>,
    /// Columns of the program.
    pub columns: usize,
    /// Bounds that were solved for, those that looked for edges among them.
    pub solves: usize,
    /// Name of the solver.
    pub solver: &'static str,
}

/// A bound that moves.
#[derive(Debug, Clone)]
pub struct Moved {
    /// Name of its rule.
    pub rule: String,
    /// What the rule bounds.
    pub metric: Metric,
    /// Which of its bounds.
    pub side: Side,
    /// Whether the bound is a share.
    pub share: bool,
    /// Where the plan file has it.
    pub today: Option<f64>,
}

/// One step.
#[derive(Debug, Clone)]
pub struct Step {
    /// Where the moved bounds stand.
    pub bounds: Vec<f64>,
    /// What came of it.
    pub found: Found,
}

/// What came of a step.
#[derive(Debug, Clone)]
pub enum Found {
    /// The optimum.
    Best(Box<Point>),
    /// No plan meets the rules.
    Infeasible {
        /// How far the last bound may go, to three digits and so that it can still be met; nothing when no
        /// bound of that rule would do, because the others contradict each other already.
        edge: Option<f64>,
    },
    /// A limit or a signal came first.
    Stopped,
}

/// The optimum of a step.
#[derive(Debug, Clone)]
pub struct Point {
    /// Objective, what broken soft rules cost taken off.
    pub objective: f64,
    /// No plan on these ladders can have more.
    pub bound: f64,
    /// Sums over the plan.
    pub total: Outcome,
    /// margin × revenue − spend.
    pub profit: f64,
    /// Sums of each channel, in the order of [`Channel::ALL`].
    pub channels: [Outcome; Channel::ALL.len()],
    /// Of each moved bound: the objective gained per unit by which it is relaxed.
    pub prices: Vec<f64>,
    /// Rule rows that bind, with their prices, dearest at stake first.
    pub binding: Vec<(String, f64)>,
    /// Slots that are taken.
    pub slots: Vec<String>,
    /// Revenue gained ÷ spend gained since the step before; nothing where the spend is the same.
    pub marginal_roi: Option<f64>,
    /// What is different from the step before, if there was one.
    pub change: Option<Change>,
}

/// What is different between two steps.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Change {
    /// Cells that run now and did not.
    pub started: usize,
    /// Cells that ran and do not.
    pub stopped: usize,
    /// Cells with a higher bid.
    pub raised: usize,
    /// Cells with a lower bid.
    pub lowered: usize,
    /// Units whose spend changes most, and by how much; three at most.
    pub most: Vec<(u32, f64)>,
}

impl Change {
    /// Cells whose bid is another one.
    pub fn cells(&self) -> usize {
        self.started + self.stopped + self.raised + self.lowered
    }
}

impl Moved {
    /// The bound in words: `roi ≥`.
    pub fn label(&self) -> String {
        format!("{} {}", self.rule, if self.side == Side::Min { "≥" } else { "≤" })
    }

    /// A price of the bound as people are told it: of a share per percentage point, since that is how it is written.
    pub fn told_price(&self, price: f64) -> f64 {
        if self.share { 0.01 * price } else { price }
    }
}

impl Step {
    /// The optimum, where there is one.
    pub fn point(&self) -> Option<&Point> {
        match &self.found {
            Found::Best(point) => Some(point),
            _ => None,
        }
    }
}

impl Frontier {
    /// Whether a limit came before every step was solved.
    pub fn stopped(&self) -> bool {
        self.steps.iter().any(|step| matches!(step.found, Found::Stopped))
    }

    /// Whether any step has a plan.
    pub fn any(&self) -> bool {
        self.steps.iter().any(|step| step.point().is_some())
    }
}
