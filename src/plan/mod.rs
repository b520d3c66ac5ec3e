//! The plan: executable bids, checked.

pub mod build;
pub mod check;
pub mod choose;
pub mod confidence;
pub mod conflict;
mod outcome;
pub mod outlook;

pub use crate::reason::Reason;
pub use outcome::{Conflict, Evidence, Plan, PlanCell, Relaxation, RuleValue, Status};
pub use outlook::{Band, Held, Outlook, Price};
