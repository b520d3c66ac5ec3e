//! The integration tests: one binary, a module a subject.

mod bad_input;
mod bids;
mod cli;
mod golden;
mod shop;
mod tidy;
