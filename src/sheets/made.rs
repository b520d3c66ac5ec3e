//! What a finished plan was made from, read back from its manifest, and whether it is still so.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::manifest::{MARK, sha256};
use super::{PLAN, read};
use crate::config::{PlanFile, Request};
use crate::error::{Error, Finding, Result};
use crate::history::Audit;
use crate::keys::Unit;
use crate::plan::Plan;

/// What a plan was made from.
#[derive(Debug)]
pub struct Made {
    /// The request, with its configuration as it was: the plan file's of that day, `--set` applied.
    pub request: Request,
    /// Fitted landscapes that stood in the place of a fit.
    pub model: Option<PathBuf>,
    /// What it was planned again from, if it was made while its day was under way.
    pub again: Option<MadeAgain>,
    /// The workbook whose bids a person approved.
    approved: Option<Input>,
    folder: PathBuf,
    inputs: Vec<Input>,
}

/// What a day under way was planned again from.
#[derive(Debug, Deserialize)]
pub struct MadeAgain {
    /// The first hour that was not over.
    pub now: u8,
    /// The folder of the plan that was in force.
    pub in_force: PathBuf,
    actuals: Vec<Input>,
}

impl MadeAgain {
    /// The reports of the day.
    pub fn reports(&self) -> Vec<PathBuf> {
        self.actuals.iter().map(|input| input.path.clone()).collect()
    }

    /// Compares the reports, as they were read now, with what the plan was made from.
    ///
    /// # Errors
    /// As [`Made::same_inputs`].
    pub fn same_reports(&self, audit: &Audit) -> Result<()> {
        same(&self.actuals, audit)
    }
}

#[derive(Deserialize)]
struct Manifest {
    plan_file: File,
    model: Option<PathBuf>,
    configuration: PlanFile,
    inputs: Vec<Input>,
    replan: Option<MadeAgain>,
    approved: Option<Input>,
}

#[derive(Deserialize)]
struct File {
    path: PathBuf,
    sha256: String,
}

#[derive(Debug, Deserialize)]
struct Input {
    path: PathBuf,
    sha256: String,
}

impl Made {
    /// Reads the manifest of an output folder of `plan`. A plan file that is another one by now, or gone, is
    /// the second value: the configuration that the folder keeps is what counts.
    ///
    /// # Errors
    /// `O005` for a folder that holds no plan.
    pub fn of(folder: &Path) -> Result<(Made, Option<Finding>)> {
        let path = folder.join("manifest.json");
        let no_plan = |cause: String| {
            let action = "name the output folder of a `bidwright plan` of this version";
            Finding::error("O005", format!("this is not the folder of a finished plan: {cause}"), action)
                .in_file(folder)
        };
        let text = std::fs::read_to_string(&path)
            .map_err(|error| no_plan(format!("its manifest.json cannot be read: {error}")))?;
        let json: serde_json::Value = serde_json::from_str(&text)
            .map_err(|error| no_plan(format!("its manifest.json is not JSON: {error}")))?;
        if json[MARK] != PLAN.mark {
            return Err(no_plan("its manifest.json is not of a plan".into()).into());
        }
        let manifest: Manifest = serde_json::from_value(json)
            .map_err(|error| no_plan(format!("its manifest.json lacks something: {error}")))?;
        let Manifest { plan_file, model, configuration, inputs, replan, approved } = manifest;
        let text = std::fs::read_to_string(&plan_file.path).unwrap_or_default();
        let changed = (sha256(text.as_bytes()) != plan_file.sha256).then(|| {
            Finding::warning(
                "O007",
                "the plan file is not what it was when the plan was made",
                "the configuration that the plan's folder keeps is used; run `bidwright plan` for the new one",
            )
            .in_file(&plan_file.path)
        });
        let request = Request { path: plan_file.path, file: configuration, text };
        let folder = folder.to_path_buf();
        Ok((Made { request, model, again: replan, approved, folder, inputs }, changed))
    }

    /// Compares the inputs, as they were read now, with what the plan was made from.
    ///
    /// # Errors
    /// `O006` for every file that is new, gone or different.
    pub fn same_inputs(&self, audit: &Audit) -> Result<()> {
        same(&self.inputs, audit)
    }

    /// Refuses a plan that is not what its inputs alone give: one that was made while its day was under way, or whose
    /// bids a person approved.
    ///
    /// # Errors
    /// `O010` where it is such a plan.
    pub fn by_inputs_alone(&self) -> Result<()> {
        let (cause, action) = match (&self.again, &self.approved) {
            (None, None) => return Ok(()),
            (Some(again), _) => (
                format!(
                    "the plan was made at {}:00 of its day, and only plans made before their day are explained",
                    again.now
                ),
                "explain the plan of the morning; report.html and summary.json of this folder say where the day stood",
            ),
            (None, Some(workbook)) => (
                format!(
                    "the plan has the bids that a person approved in {}, and only bids that the rules gave are explained",
                    workbook.path.display()
                ),
                "explain the plan that the workbook is of; plan.csv and summary.json of this folder say what was set by hand and what it costs",
            ),
        };
        Err(Finding::error("O010", cause, action).in_file(&self.folder).into())
    }

    /// Says so when the folder's `plan.csv` does not hold the bids of a plan that was made again.
    ///
    /// # Errors
    /// A `plan.csv` that cannot be read.
    pub fn same_bids(&self, plan: &Plan) -> Result<Option<Finding>> {
        let runs = plan.cells.iter().filter(|cell| cell.run).count();
        let lines = read::all(&self.folder)?;
        let bids: HashMap<(&Unit, u8), Option<f64>> =
            lines.iter().map(|line| ((&line.unit, line.hour), line.bid)).collect();
        let same = |a: Option<f64>, b: Option<f64>| match (a, b) {
            (Some(a), Some(b)) => (a - b).abs() < 1e-6,
            (a, b) => a.is_none() && b.is_none(),
        };
        let mut other = runs.abs_diff(lines.len());
        for cell in plan.cells.iter().filter(|cell| cell.run) {
            let bid = bids.get(&(plan.unit(cell), cell.cell.hour));
            other += usize::from(!bid.is_some_and(|bid| same(*bid, cell.bid)));
        }
        Ok((other > 0).then(|| {
            Finding::warning(
                "O008",
                format!("{other} bids of plan.csv are not those of the plan that its inputs give"),
                "the reasons below are those of the plan, not of bids that were edited or made by another version",
            )
            .in_file(&self.folder.join("plan.csv"))
        }))
    }
}

fn same(inputs: &[Input], audit: &Audit) -> Result<()> {
    let now: Vec<(&Path, &str)> =
        audit.files.iter().map(|file| (file.file.as_path(), file.sha256.as_str())).collect();
    let then: Vec<(&Path, &str)> =
        inputs.iter().map(|input| (input.path.as_path(), input.sha256.as_str())).collect();
    let find = |files: &[(&Path, &str)], path: &Path| files.iter().position(|(other, _)| *other == path);
    let mut findings = Vec::new();
    let mut differs = |path: &Path, what: &str| {
        findings.push(
            Finding::error(
                "O006",
                format!("this input {what} since the plan was made, so it is not the same plan any more"),
                "run `bidwright plan` again, or bring the file back; `explain --anyway` explains what the files would give now",
            )
            .in_file(path),
        );
    };
    for (path, hash) in &then {
        match find(&now, path) {
            None => differs(path, "has gone"),
            Some(at) if now[at].1 != *hash => differs(path, "has changed"),
            Some(_) => {}
        }
    }
    now.iter().filter(|(path, _)| find(&then, path).is_none()).for_each(|(path, _)| differs(path, "is new"));
    if findings.is_empty() { Ok(()) } else { Err(Error::Input(findings)) }
}
