//! What one run of the daily batch came to: a line for monitoring, and `run.json` of its folder.

use std::collections::BTreeMap;
use std::path::PathBuf;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::config::Request;
use crate::error::{Error, Finding, Result};
use crate::history::Audit;
use crate::plan::{Plan, Status};
use crate::schedule::executable::Executable;
use crate::sheets::manifest::sha256;
use crate::sheets::summary::stages;

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// A new plan that meets every rule.
    Planned,
    /// A new plan that meets every rule, not proven best: a limit came first.
    Unproven,
    /// Nothing to do: the plan of the date was made from the same inputs and configuration.
    Unchanged,
    /// No plan, or no schedule of a platform, meets the rules; the nearest is written, and is not the latest.
    Infeasible,
    /// Stopped by a signal or a limit; nothing is written.
    Stopped,
    /// Another run holds the lock.
    Busy,
    /// An error; nothing is written.
    Failed,
}

impl State {
    /// Whether such a run leaves a plan that may be bid.
    pub fn is_good(self) -> bool {
        matches!(self, State::Planned | State::Unproven)
    }
}

/// What a plan was made from, a hash for each part.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Basis {
    /// The version of this program.
    pub program: String,
    /// The configuration, `--set` applied.
    pub configuration: String,
    /// The files.
    pub inputs: String,
    /// What else was asked for.
    pub options: String,
    /// Seconds that the run may take; a plan that is proven best owes nothing to it.
    #[serde(default)]
    pub time_limit: Option<f64>,
    /// The plan file as seen from the batch's folder, no hash: it says whose folder it is, and may move with it.
    #[serde(default)]
    pub plan_file: PathBuf,
}

impl Basis {
    /// The part that says how long the run might take.
    pub const TIME_LIMIT: &str = "time limit";

    /// Of a request for a date with its options in words, and the files that were read. Files count by where they
    /// really are, so it does not matter from which folder a run is started; and it does not matter who chose the date.
    ///
    /// # Errors
    /// A configuration that is no JSON, which would be a defect.
    pub(super) fn of(request: &Request, date: Date, audit: &Audit, options: &str) -> Result<Basis> {
        let mut file = request.file.clone();
        file.plan.date = Some(date);
        let configuration = serde_json::to_string(&file)
            .map_err(|error| Error::Internal(format!("the configuration as JSON: {error}")))?;
        let mut files: Vec<String> = audit
            .files
            .iter()
            .map(|file| {
                let real = file.file.canonicalize().unwrap_or_else(|_| file.file.clone());
                format!("{} {}", file.sha256, real.display())
            })
            .collect();
        files.sort();
        Ok(Basis {
            program: env!("CARGO_PKG_VERSION").into(),
            configuration: sha256(configuration.as_bytes()),
            inputs: sha256(files.join("\n").as_bytes()),
            options: sha256(options.as_bytes()),
            time_limit: None,
            plan_file: PathBuf::new(),
        })
    }

    /// The parts that are not the same; where the plan file stands is none.
    pub fn differs(&self, other: &Basis) -> Vec<&'static str> {
        let parts = [
            ("program", self.program == other.program),
            ("configuration", self.configuration == other.configuration),
            ("inputs", self.inputs == other.inputs),
            ("options", self.options == other.options),
            (Basis::TIME_LIMIT, self.time_limit == other.time_limit),
        ];
        parts.into_iter().filter(|(_, same)| !same).map(|(name, _)| name).collect()
    }
}

/// What an export keeps of the plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Kept {
    /// Whether every rule is met on the effective bids.
    pub rules_met: bool,
    /// Objective on the effective bids ÷ the plan's.
    pub kept: Option<f64>,
    /// Units of the platform that run in some hour ...
    #[serde(default)]
    pub units_running: usize,
    /// ... of so many that the plan runs.
    #[serde(default)]
    pub units_planned: usize,
}

impl Kept {
    /// Of an executable plan.
    pub fn of(plan: &Executable) -> Kept {
        let [units_running, units_planned] = plan.units_running();
        Kept { rules_met: plan.met(), kept: plan.kept()[0], units_running, units_planned }
    }
}

/// The plan that `latest` names.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Latest {
    /// The date that it plans.
    pub date: Date,
    /// Its folder.
    pub folder: PathBuf,
}

/// What a plan comes to. Money is in the plan's currency; what is not known is null.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Figures {
    /// Money charged.
    pub spend: Option<f64>,
    /// Money taken.
    pub revenue: Option<f64>,
    /// revenue ÷ spend.
    pub roi: Option<f64>,
    /// (bound − objective) ÷ |bound|.
    pub gap: Option<f64>,
    /// Value of the objective.
    pub objective: Option<f64>,
    /// The currency.
    pub currency: Option<String>,
    /// The platforms.
    pub exports: BTreeMap<String, Kept>,
}

impl Figures {
    /// Of a plan, its exports still to come.
    pub fn of(plan: &Plan) -> Figures {
        let total = plan.total(|_, _| true);
        Figures {
            spend: Some(total.spend),
            revenue: Some(total.revenue),
            roi: total.roi(),
            // Where no plan meets the rules there is nothing to bound.
            gap: (plan.status != Status::Infeasible).then_some(plan.evidence.gap),
            objective: Some(plan.evidence.objective),
            currency: Some(plan.currency.clone()),
            exports: BTreeMap::new(),
        }
    }
}

/// What one run came to.
#[derive(Debug, Clone, Serialize)]
pub struct Record {
    /// How it ended.
    pub status: State,
    /// The planned date.
    pub date: Option<Date>,
    /// With what it exits.
    pub exit_code: u8,
    /// The plan file.
    pub plan_file: PathBuf,
    /// The folder of this run's plan, or of the one that is still right.
    pub folder: Option<PathBuf>,
    /// The last good plan.
    pub latest: Option<Latest>,
    /// What the plan comes to.
    #[serde(flatten)]
    pub figures: Figures,
    /// How many findings of each code.
    pub findings: BTreeMap<&'static str, usize>,
    /// What went wrong first, or which rules cannot be met.
    pub error: Option<String>,
    /// Stage → seconds, in the order of the run.
    #[serde(serialize_with = "stages")]
    pub seconds: Vec<(&'static str, f64)>,
    /// When it began.
    pub started: Timestamp,
    /// When it ended.
    pub finished: Timestamp,
    /// The version of this program.
    pub version: &'static str,
    /// What it was made from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub made_of: Option<Basis>,
}

impl Record {
    /// Of a run that has just begun.
    pub fn begun(plan_file: PathBuf) -> Record {
        let now = Timestamp::now();
        Record {
            status: State::Failed,
            date: None,
            exit_code: crate::error::exit::INTERNAL,
            plan_file,
            folder: None,
            latest: None,
            figures: Figures::default(),
            findings: BTreeMap::new(),
            error: None,
            seconds: Vec::new(),
            started: now,
            finished: now,
            version: env!("CARGO_PKG_VERSION"),
            made_of: None,
        }
    }

    /// Counts all findings by their codes.
    pub fn count<'a>(&mut self, findings: impl Iterator<Item = &'a Finding>) {
        self.findings.clear();
        for finding in findings {
            *self.findings.entry(finding.code).or_default() += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stage_that_was_run_twice_is_one_key() {
        let seconds = vec![("solve", 1.0), ("bids", 2.0), ("solve", 0.5)];
        let record = Record { seconds, ..Record::begun("plan.toml".into()) };
        let json = serde_json::to_string(&record).unwrap();
        assert!(json.contains(r#""seconds":{"solve":1.5,"bids":2.0}"#), "{json}");
    }
}
