//! The plan: executable bids, checked.

pub mod build;
pub mod check;
pub mod choose;
pub mod conflict;
mod outcome;
mod relax;

pub use crate::reason::Reason;
pub use outcome::{
    Conflict, Evidence, Plan, PlanCell, Proof, Relaxation, RowPrice, RuleValue, Status, row_name, telling,
};
