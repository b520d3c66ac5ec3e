//! What a finished plan was made from, read back from its manifest.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::MARK;
use crate::config::{PlanFile, Request};
use crate::error::{Error, Finding, Result};

/// What a finished plan was made from.
#[derive(Debug, Clone)]
pub struct Origin {
    /// The request that it answers, `--set` and `--date` applied; its path is that of the plan file as it is
    /// found now.
    pub request: Request,
    /// The fitted landscapes that stood in the place of a fit.
    pub model: Option<PathBuf>,
    /// Name and SHA-256 of every input.
    pub inputs: Vec<(PathBuf, String)>,
    /// What is doubtful: a plan file that has changed since.
    pub doubts: Vec<Finding>,
}

#[derive(Deserialize)]
struct Manifest {
    plan_file: Named,
    configuration: PlanFile,
    inputs: Vec<Named>,
}

#[derive(Deserialize)]
struct Named {
    path: PathBuf,
    sha256: String,
    #[serde(default)]
    model: bool,
}

/// Reads the manifest of a plan's output folder, and finds the plan file: where the run named it, or in a folder
/// above the output.
///
/// # Errors
/// `O005` for a folder that `plan` did not write, `O006` when the plan file is nowhere.
pub fn origin(plan: &Path) -> Result<Origin> {
    let path = plan.join("manifest.json");
    let text = std::fs::read_to_string(&path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => not_ours(plan, "it holds no manifest.json"),
        _ => Error::io("read", &path)(error),
    })?;
    let value: serde_json::Value =
        serde_json::from_str(&text).map_err(|error| not_ours(&path, &error.to_string()))?;
    if value[MARK] != super::PLAN.mark {
        return Err(not_ours(&path, "its manifest is not that of a plan"));
    }
    let manifest: Manifest =
        serde_json::from_value(value).map_err(|error| not_ours(&path, &error.to_string()))?;
    let found = find(&manifest.plan_file.path, plan).ok_or_else(|| {
        Finding::error(
            "O006",
            "the plan file that this plan was made from is not there any more",
            "put it back where it was, or plan again",
        )
        .in_file(&manifest.plan_file.path)
    })?;
    let text = std::fs::read_to_string(&found).map_err(Error::io("read", &found))?;
    let mut doubts = Vec::new();
    if sha256(text.as_bytes()) != manifest.plan_file.sha256 {
        let cause = "the plan file has changed since this plan was made; what it said then is used";
        doubts.push(Finding::warning("O008", cause, "plan again to use what it says now").in_file(&found));
    }
    let model = manifest.inputs.iter().find(|input| input.model);
    let model = model.map(|input| find(&input.path, plan).unwrap_or_else(|| input.path.clone()));
    Ok(Origin {
        request: Request { path: found, file: manifest.configuration, text },
        model,
        inputs: manifest.inputs.into_iter().map(|input| (input.path, input.sha256)).collect(),
        doubts,
    })
}

impl Origin {
    /// That the inputs are still those of the plan, by their hashes.
    ///
    /// # Errors
    /// `O007` for every input that has changed, is gone, or is new.
    pub fn unchanged<'i>(&self, now: impl Iterator<Item = (&'i Path, &'i str)>) -> Result<()> {
        let now: Vec<(&Path, &str)> = now.collect();
        let finding = |path: &Path, cause: &str| {
            let action = "plan again: bids from other data would not be those of this plan";
            Finding::error("O007", cause, action).in_file(path)
        };
        let name = |path: &Path| path.file_name().map(ToOwned::to_owned);
        let mut found = Vec::new();
        for (path, hash) in &self.inputs {
            if !now.iter().any(|(_, other)| other == hash) {
                let changed = now.iter().any(|(other, _)| name(other) == name(path));
                let cause = match changed {
                    true => "this input has changed since the plan was made",
                    false => "this input of the plan is not there any more",
                };
                found.push(finding(path, cause));
            }
        }
        let stranger = |(path, hash): &&(&Path, &str)| {
            !self.inputs.iter().any(|(known, of)| of == hash || name(known) == name(path))
        };
        found.extend(
            now.iter()
                .filter(stranger)
                .map(|(path, _)| finding(path, "this input was not there when the plan was made")),
        );
        if found.is_empty() { Ok(()) } else { Err(Error::Input(found)) }
    }
}

/// A path as a run named it, from here or from one of the folders above the output.
fn find(path: &Path, out: &Path) -> Option<PathBuf> {
    if path.is_file() {
        return Some(path.to_path_buf());
    }
    let out = std::path::absolute(out).ok()?;
    let above = out.ancestors().skip(1);
    let mut places =
        above.flat_map(|folder| [Some(folder.join(path)), path.file_name().map(|name| folder.join(name))]);
    places.find_map(|place| place.filter(|place| place.is_file()))
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn not_ours(path: &Path, cause: &str) -> Error {
    let action = "name the output folder of `bidwright plan`";
    Finding::error("O005", format!("this is not a finished plan: {cause}"), action).in_file(path).into()
}
