//! What people are told of a finished plan: its words in two languages, and the page.
//!
//! The page is one HTML file that opens offline: its style, its data and its chart library
//! (Apache ECharts, `echarts.common.min.js`, Apache License 2.0, see `echarts.LICENSE.txt`) are in it.

pub mod approval;
pub mod change;
mod compare;
mod conflict;
mod cost;
mod frontier;
pub mod lang;
pub mod number;
mod page;
pub mod reason;
pub mod review;
#[cfg(test)]
pub(crate) mod specimen;
mod tables;
mod tested;
mod underway;
mod why;

pub use compare::comparison;
pub use conflict::{contradiction, relaxation, silent};
pub use frontier::frontier;
pub use lang::Lang;
pub use page::{Beside, ECHARTS, page, verdict};
pub use tables::price as confidence_price;
pub use tested::{Tested, TestedRow};
pub use underway::{lines as underway, lost};
pub use why::why;
