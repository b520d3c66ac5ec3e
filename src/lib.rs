//! bidwright turns a shop's advertising history into tomorrow's hourly bids by a linear program.
//!
//! ```text
//! history ─► landscape ─► ladder ─► program ─► solver ─► plan ─► sheets, report
//! (files)    (bid → outcome)  (admissible bids)  (LP)   (prices, proof)  (bids)   (people)
//! ```
//!
//! The modules in the order of the flow, ground floor first:
//!
//! | module | its one noun |
//! | --- | --- |
//! | [`calendar`] | dates, hours and the parts of a day |
//! | [`keys`] | what a bid is set for: channels, units, cells |
//! | [`metric`] | outcomes, and the ratios of outcomes; ROI is revenue ÷ spend |
//! | [`reason`] | why a cell is as it is |
//! | [`error`] | findings (code, place, cause, action) and exit codes |
//! | [`config`] | the plan file |
//! | [`history`] | what was bid and what it brought, read from files |
//! | [`landscape`] | what a bid would bring, learned from the history |
//! | [`ladder`] | the admissible bids of each cell with their outcomes |
//! | [`program`] | the linear program, in plain arrays |
//! | [`solver`] | solutions, prices and the certificate |
//! | [`plan`] | executable bids, checked by code of its own |
//! | [`schedule`] | base bids and percents by hour, as platforms take them |
//! | [`frontier`] | what the best plan would bring if a rule's bound stood elsewhere |
//! | [`explain`] | what rules and the band cost, and why a unit has its bid |
//! | [`compare`] | plans side by side |
//! | [`review`] | a plan against what happened |
//! | [`report`] | the page and its words in two languages |
//! | [`sheets`] | the output folder |
//! | [`pipeline`] | the whole story |
//! | [`daily`] | the daily batch: fresh history in, the last good plan out, whatever happens |
//! | [`backtest`] | predictions against what happened |
//! | [`market`] | simulated auctions, which know nothing of landscapes |
//! | [`judge`] | plans played on the market, beside the best that could have been |
//! | [`web`] | the page on 127.0.0.1, on which settings are tried |
//! | [`cli`] | the commands |
//!
//! [`pipeline::plan`] is the main job. The same on a small simulated shop, without a file:
//!
//! ```
//! use bidwright::config::Request;
//! use bidwright::landscape::Landscapes;
//! use bidwright::plan::Status;
//! use bidwright::{market, pipeline};
//!
//! // Two weeks of six keywords, as the auction market invents them.
//! let shop = market::Shop::parse(
//!     r#"
//!     days = 14
//!     [search]
//!     campaigns = ["winter"]
//!     keywords_per_campaign = 6
//!     [display]
//!     campaigns = []
//!     [affiliate]
//!     plans = 0
//!     "#,
//! )?;
//! let history = market::simulate(&shop);
//!
//! let file = toml::from_str(
//!     r#"
//!     history = {}
//!     [[rule]]
//!     name = "budget"
//!     metric = "spend"
//!     max = 300
//!     [[rule]]
//!     name = "roi"
//!     metric = "roi"
//!     min = 2.0
//!     "#,
//! )?;
//! let request = Request { path: "plan.toml".into(), file, text: String::new() };
//! let (landscapes, _) = Landscapes::fit(&history, &request)?;
//! let plan = pipeline::plan_with(&request, &pipeline::Options::default(), &landscapes)?.plan;
//!
//! assert_eq!(plan.status, Status::Optimal);
//! let day = plan.total(|_, _| true);
//! assert!(day.spend > 0.0 && day.spend <= 300.0);
//! assert!(day.roi().is_some_and(|roi| roi >= 2.0));
//! assert!(plan.evidence.gap < 0.05);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! `ARCHITECTURE.md` says why it is built so, `models/formulation.md` states the mathematics.

#![warn(missing_docs)]

pub mod backtest;
pub mod calendar;
pub mod cli;
pub mod compare;
pub mod config;
pub mod daily;
pub mod error;
pub mod explain;
pub mod frontier;
pub mod history;
pub mod judge;
pub mod keys;
pub mod ladder;
pub mod landscape;
pub mod market;
pub mod metric;
pub mod pipeline;
pub mod plan;
pub mod program;
pub mod reason;
pub mod report;
pub mod review;
pub mod schedule;
pub mod sheets;
pub mod solver;
pub mod web;
