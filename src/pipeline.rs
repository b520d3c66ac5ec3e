//! Stands in until the pipeline is merged; only the names are meant.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use jiff::civil::Date;

use crate::config::Request;
use crate::error::{Error, Finding, Result};
use crate::history::History;
use crate::plan::Plan;

pub struct Options {
    pub date: Option<Date>,
    pub model: Option<PathBuf>,
    pub solver: Option<String>,
    pub mps: bool,
    pub time_limit: Option<Duration>,
    pub stop: Arc<AtomicBool>,
}

pub struct Run {
    pub history: History,
    pub plan: Plan,
    pub mps: Option<String>,
    pub stages: Vec<(&'static str, f64)>,
}

pub struct Checked {
    pub history: History,
    pub findings: Vec<Finding>,
}

pub struct Fitted {
    pub text: String,
    pub seconds: f64,
    pub lines: Vec<(String, String)>,
    pub history: History,
}

fn absent<T>() -> Result<T> {
    Err(Error::Internal("the pipeline is not merged yet".into()))
}

pub fn plan(_: &Request, _: &Options) -> Result<Run> {
    absent()
}

pub fn check(_: &Request) -> Result<Checked> {
    absent()
}

pub fn fit(_: &Request, _: &Options) -> Result<Fitted> {
    absent()
}
