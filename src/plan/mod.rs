//! The plan: executable bids, checked.

pub mod build;
pub mod check;
pub mod choose;
pub mod confidence;
pub mod conflict;
mod levels;
mod outcome;
pub mod outlook;
mod relax;
mod table;
mod underway;

pub use crate::reason::Reason;
pub use outcome::{
    Conflict, Evidence, Plan, PlanCell, Proof, Relaxation, RowPrice, RuleValue, Status, keeps, row_name,
    telling,
};
pub use outlook::{Band, Held, Outlook, Price};
pub use underway::{Lost, Underway, Why};
