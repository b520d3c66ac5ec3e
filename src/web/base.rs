//! What the settings of a page are laid over: the plan file as that page read it.
//!
//! A page keeps its base and sends it with every request. So every answer to it, every table and every file is of one
//! plan, although another page may have written into the plan file meanwhile, or somebody with an editor.

use std::sync::{Arc, PoisonError};

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::App;
use crate::config::{self, PlanFile, Request};
use crate::error::{Finding, Result};
use crate::pipeline::Run;
use crate::pipeline::desk::Begun;

/// Plans of bases that are remembered.
const MOST: usize = 4;

/// The plan file as a page read it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Base {
    /// The plan file's text.
    pub text: String,
    /// `KEY=VALUE` laid over it; written into the file with the first settings that are saved.
    #[serde(default)]
    pub set: Vec<String>,
}

/// What a page plans: its own `KEY=VALUE` over its base.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The base.
    pub base: Base,
    /// `KEY=VALUE`.
    pub set: Vec<String>,
}

impl Settings {
    fn all(&self) -> Vec<String> {
        self.base.set.iter().chain(&self.set).cloned().collect()
    }
}

/// What lies in the plan file's place, and over it.
pub struct InForce {
    /// What is laid over the file for every page, until settings are saved.
    over: Vec<String>,
    /// The last base that could be planned.
    good: Base,
}

impl InForce {
    /// At the start: the plan file's text, and what is laid over it.
    pub fn new(text: String, over: Vec<String>) -> InForce {
        InForce { good: Base { text, set: over.clone() }, over }
    }
}

/// What landscapes depend on in a plan file, as text.
pub fn learned_by(file: &PlanFile) -> String {
    json!([file.history, file.events, file.plan.date]).to_string()
}

impl App {
    /// The plan file as it is now, and nothing; or the last one that could be planned, and what is wrong with the
    /// present one.
    pub fn latest(&self) -> (Base, Vec<Finding>) {
        let mut in_force = self.in_force.lock().unwrap_or_else(PoisonError::into_inner);
        let now = config::text(&self.path).map(|text| Base { text, set: in_force.over.clone() });
        let usable = now.and_then(|now| if now == in_force.good { Ok(now) } else { self.usable(now) });
        match usable {
            Ok(now) => {
                in_force.good = now.clone();
                (now, Vec::new())
            }
            Err(error) => (in_force.good.clone(), error.findings()),
        }
    }

    /// Whether a base is the plan file as it is now.
    pub fn is_latest(&self, base: &Base) -> bool {
        let in_force = self.in_force.lock().unwrap_or_else(PoisonError::into_inner);
        base.set == in_force.over && config::text(&self.path).is_ok_and(|text| text == base.text)
    }

    /// A base that can be planned on what was learned at the start.
    fn usable(&self, base: Base) -> Result<Base> {
        let (request, _) = config::examine_text(&self.path, &base.text, &base.set)?;
        if self.learned.as_ref().is_some_and(|learned| *learned != learned_by(&request.file)) {
            let finding = Finding::error(
                "W005",
                "the plan file now asks for another history, other events or another date than those that this page learned from",
                "start `explore` again; until then the page goes on with the file as it was",
            );
            return Err(finding.in_file(&self.path).into());
        }
        self.desk.fits(&request, &self.options)?;
        Ok(base)
    }

    /// The request of some settings.
    ///
    /// # Errors
    /// What is wrong with them, as `bidwright plan --set …` would say it.
    pub fn request(&self, settings: &Settings) -> Result<Request> {
        let (mut request, _) = config::examine_text(&self.path, &settings.base.text, &settings.all())?;
        request.file.plan.date = self.options.date.or(request.file.plan.date);
        Ok(request)
    }

    /// The plan file's text with some settings written into it.
    ///
    /// # Errors
    /// As [`App::request`].
    pub fn rewritten(&self, settings: &Settings) -> Result<String> {
        let (text, all) = (&settings.base.text, settings.all());
        config::examine_text(&self.path, text, &all)?;
        let new = config::rewrite(text, &all)?;
        // Its scenarios lie on other values now.
        config::examine_text(&self.path, &new, &[])?;
        Ok(new)
    }

    /// Writes settings into the plan file itself, in the place of the text that the page knows to be there: its
    /// base's, or one that it has been shown since and means to replace.
    ///
    /// # Errors
    /// `W003` when another text stands there; a file that cannot be written.
    pub fn save(&self, settings: &Settings, replaced: Option<&str>) -> Result<Base> {
        let new = self.rewritten(settings)?;
        let mut in_force = self.in_force.lock().unwrap_or_else(PoisonError::into_inner);
        config::replace(&self.path, replaced.unwrap_or(&settings.base.text), &new)?;
        *in_force = InForce::new(new, Vec::new());
        Ok(in_force.good.clone())
    }

    /// The plan of a base itself.
    ///
    /// # Errors
    /// As [`crate::pipeline::plan`].
    pub fn saved(&self, base: &Base) -> Result<Arc<Run>> {
        let mut saved = self.saved.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, run)) = saved.iter().find(|(of, _)| of == base) {
            return Ok(Arc::clone(run));
        }
        let plain = Settings { base: base.clone(), set: Vec::new() };
        let run = Arc::new(self.desk.plan(&self.request(&plain)?, &self.options, Begun::default())?);
        if saved.len() >= MOST {
            saved.remove(0);
        }
        saved.push((base.clone(), Arc::clone(&run)));
        Ok(run)
    }
}
