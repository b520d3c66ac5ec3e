//! The plan: executable bids, checked.

pub mod outcome;

pub use outcome::{Evidence, Plan, PlanCell, Reason, RuleValue, Status};
