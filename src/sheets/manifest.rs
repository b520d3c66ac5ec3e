//! `manifest.json`: what a run was made from; also the mark by which a folder is known as ours.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::folder::Kind;
use super::{Approved, Within};
use crate::config::Request;
use crate::error::{Error, Result};
use crate::history::{Audit, FileAudit};
use crate::plan::Plan;

/// The field of a manifest that marks an output folder of ours; its value says of which kind.
pub const MARK: &str = "bidwright";

/// What a run was made from.
#[derive(Serialize)]
pub struct Manifest<'a> {
    bidwright: &'static str,
    version: &'static str,
    started: Timestamp,
    finished: Timestamp,
    /// A plan uses no randomness.
    seed: Option<u64>,
    plan_file: PlanFile,
    /// Fitted landscapes that stood in the place of a fit.
    model: Option<String>,
    configuration: Value,
    inputs: Vec<Input<'a>>,
    /// What a day under way was planned again from.
    #[serde(skip_serializing_if = "Option::is_none")]
    replan: Option<Replan<'a>>,
    /// The workbook whose bids a person approved.
    #[serde(skip_serializing_if = "Option::is_none")]
    approved: Option<Input<'a>>,
}

/// What a day under way was planned again from.
#[derive(Serialize)]
struct Replan<'a> {
    now: u8,
    in_force: String,
    actuals: Vec<Input<'a>>,
}

#[derive(Serialize)]
struct PlanFile {
    path: String,
    sha256: String,
}

#[derive(Serialize)]
struct Input<'a> {
    path: String,
    bytes: u64,
    sha256: &'a str,
}

impl<'a> Manifest<'a> {
    /// The manifest of a run that is finished now.
    pub fn of(kind: &Kind, request: &Request, audit: &'a Audit, started: Timestamp) -> Result<Self> {
        let mut configuration = serde_json::to_value(&request.file)
            .map_err(|error| Error::Internal(format!("the configuration as JSON: {error}")))?;
        plain_dates(&mut configuration);
        Ok(Manifest {
            bidwright: kind.mark,
            version: env!("CARGO_PKG_VERSION"),
            started,
            finished: Timestamp::now(),
            seed: None,
            plan_file: PlanFile {
                path: request.path.display().to_string(),
                sha256: sha256(request.text.as_bytes()),
            },
            model: audit.model().map(|path| path.display().to_string()),
            configuration,
            inputs: inputs(audit),
            replan: None,
            approved: None,
        })
    }

    /// The same of a plan that was made within a day under way, or within bids that a person approved.
    pub fn within(mut self, plan: &Plan, within: Option<Within<'a>>) -> Self {
        match within {
            Some(Within::Day { in_force, reports }) => {
                self.replan = plan.underway.as_ref().map(|underway| Replan {
                    now: underway.now,
                    in_force: in_force.display().to_string(),
                    actuals: inputs(reports),
                });
            }
            Some(Within::Approved(Approved { path, bytes, sha256, .. })) => {
                self.approved = Some(Input { path: path.display().to_string(), bytes: *bytes, sha256 });
            }
            Some(Within::Platform(_)) | None => {}
        }
        self
    }
}

fn inputs(audit: &Audit) -> Vec<Input<'_>> {
    let input = |file: &'_ FileAudit| (file.file.display().to_string(), file.bytes);
    let named = audit.files.iter().map(|file| (input(file), file.sha256.as_str()));
    named.map(|((path, bytes), sha256)| Input { path, bytes, sha256 }).collect()
}

pub(super) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// TOML's dates reach JSON as an object with one private key; they become plain text here.
fn plain_dates(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            let date =
                fields.iter().next().filter(|(key, _)| fields.len() == 1 && key.starts_with("$__toml"));
            if let Some((_, date)) = date {
                *value = date.clone();
            } else {
                fields.values_mut().for_each(plain_dates);
            }
        }
        Value::Array(values) => values.iter_mut().for_each(plain_dates),
        _ => {}
    }
}
