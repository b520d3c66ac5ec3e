//! The plan: executable bids, checked.

pub mod build;
pub mod check;
pub mod choose;
pub mod conflict;
mod outcome;

pub use crate::reason::Reason;
pub use outcome::{Conflict, Evidence, Plan, PlanCell, Relaxation, RuleValue, Status, telling};
