//! The integration tests: one binary, a module a subject.

mod bad_input;
mod bids;
mod cli;
mod conformance;
mod daily;
mod dense;
mod explore;
mod golden;
mod platforms;
mod property;
mod shop;
mod tidy;
