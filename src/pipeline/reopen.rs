//! A finished plan opened again: what it was made from, learned anew.

use std::path::Path;

use jiff::civil::Date;

use super::replan::Opened;
use super::{Options, Stages, learn};
use crate::config::Request;
use crate::error::{Finding, Result};
use crate::history::Audit;
use crate::keys::{Channel, Unit};
use crate::landscape::Landscapes;
use crate::sheets::Made;
use crate::sheets::read::{self, Line, Whole};

/// A finished plan and everything that it was made from.
pub struct Reopened {
    /// The request that it answers.
    pub request: Request,
    /// The landscapes that it was made on.
    pub landscapes: Landscapes,
    /// The account of the history.
    pub audit: Audit,
    /// The planned date.
    pub date: Date,
    /// Its cells that run.
    pub lines: Vec<Line>,
    /// Its cells that a person switched off.
    pub off: Vec<(Unit, u8)>,
    /// What had happened before it, when its day was under way; its landscapes have seen it.
    pub under_way: Option<Opened>,
    /// What is doubtful about opening it again; what the history has to say was said when it was planned.
    pub doubts: Vec<Finding>,
}

impl Reopened {
    /// The slots that the plan takes, by unit.
    pub fn slots(&self) -> Vec<u32> {
        let taken = |unit: &Unit| {
            unit.channel == Channel::GroupBuy && self.lines.iter().any(|line| line.unit == *unit)
        };
        let units = self.landscapes.units.iter().enumerate();
        units.filter(|(_, unit)| taken(unit)).map(|(at, _)| at as u32).collect()
    }
}

/// Opens the output folder of `plan` again. Nothing is learned that the plan did not know: inputs that have
/// changed since are refused.
///
/// # Errors
/// `O005` and `O006` for a folder that is no plan, or whose inputs are not those of the plan; as `plan`.
pub fn reopen(plan: &Path) -> Result<Reopened> {
    let (mut made, changed) = Made::of(plan)?;
    let Whole { lines, off, .. } = read::running(plan)?;
    let date = lines.first().map_or(Date::ZERO, |line| line.date);
    if made.again.is_some() {
        // As for the replanned day itself, rows of the day and after it are no history.
        made.request.file.plan.date = Some(date);
    }
    let options = Options { model: made.model.clone(), ..Options::default() };
    let (mut landscapes, history) = learn(&made.request, &options, &mut Stages::start())?;
    made.same_inputs(&history.audit)?;
    let doubts = changed.into_iter().collect();
    let mut request = made.request;
    let under_way = match &made.again {
        Some(again) => Some(Opened::of(again, &mut request, &mut landscapes, date)?),
        None => None,
    };
    Ok(Reopened { request, landscapes, audit: history.audit, date, lines, off, under_way, doubts })
}
