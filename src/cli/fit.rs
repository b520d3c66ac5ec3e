//! `bidwright fit`.

use std::path::{Path, PathBuf};

use super::table::table;
use super::{Log, PlanFileArgs, after_help, number, screen, stop};
use crate::config::Request;
use crate::error::{Finding, Result, exit};
use crate::pipeline::{self, Options};
use crate::sheets;

/// Fit how units answer to bids, and save it
///
/// Learns from the history what each bid brings (impressions, clicks, spend, orders, revenue, position)
/// and saves it as one JSON file, which `bidwright plan --model FILE` takes instead of fitting anew.
/// An existing model file is replaced in one step: a killed run leaves the old one.
#[derive(Debug, clap::Args)]
#[command(after_help = after_help!(
    "  bidwright fit shop/plan.toml\n  bidwright fit shop/plan.toml --out model.json && bidwright plan shop/plan.toml --model model.json"
))]
pub(super) struct FitArgs {
    #[command(flatten)]
    file: PlanFileArgs,
    /// The model file [default: models/NAME.json beside the plan file; NAME is the plan file's, or its
    /// folder's when it is called plan.toml]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Replace --out even if it is not a model file
    #[arg(long)]
    force: bool,
}

impl FitArgs {
    pub fn run(&self, log: &Log) -> Result<u8> {
        let request = self.file.load(log)?;
        let out = self.out.clone().unwrap_or_else(|| default_out(&request));
        if !self.force {
            refuse_other_files(&out)?;
        }
        let options = Options { stop: stop::flag(), ..Options::default() };
        let fitted = pipeline::fit(&request, &options)?;
        log.findings(&fitted.history.audit.findings);
        sheets::put(&out, &fitted.text)?;
        let lines = fitted.lines.into_iter().map(|(name, value)| [name, value]);
        let learned = table(["learned", "from the history"], 2, lines);
        let seconds = number::grouped(fitted.seconds, 1);
        screen::print(&format!("{learned}\n\nfitted in {seconds} s, written to {}", out.display()))?;
        Ok(exit::DONE)
    }
}

fn default_out(request: &Request) -> PathBuf {
    let stem = request.path.file_stem();
    let folder =
        request.path.canonicalize().ok().and_then(|path| Some(path.parent()?.file_name()?.to_owned()));
    let name = match (stem, folder) {
        (Some(stem), _) if stem != "plan" => stem.to_owned(),
        (_, Some(folder)) => folder,
        (_, None) => "model".into(),
    };
    let mut file = name;
    file.push(".json");
    request.resolve(&Path::new("models").join(file))
}

/// A slip such as `--out plan.toml` must not destroy a file that is not a model.
fn refuse_other_files(out: &Path) -> Result<()> {
    let Ok(bytes) = std::fs::read(out) else { return Ok(()) };
    if bytes.trim_ascii_start().starts_with(b"{") {
        return Ok(());
    }
    let finding =
        Finding::error("U002", "the file exists and is not a model", "choose another --out, or say --force");
    Err(finding.in_file(out).into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::PlanFile;

    fn request(path: PathBuf) -> Request {
        Request { path, file: PlanFile::default(), text: String::new() }
    }

    #[test]
    fn a_model_is_named_after_its_shop() {
        let folder = tempfile::tempdir().unwrap();
        let shop = folder.path().join("tea");
        std::fs::create_dir(&shop).unwrap();
        std::fs::write(shop.join("plan.toml"), "").unwrap();
        assert_eq!(default_out(&request(shop.join("plan.toml"))), shop.join("models/tea.json"));
        assert_eq!(default_out(&request(shop.join("double-12.toml"))), shop.join("models/double-12.json"));
    }

    #[test]
    fn only_models_are_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("models/tea.json");
        assert!(refuse_other_files(&out).is_ok());
        sheets::put(&out, "{\"version\":1}").unwrap();
        sheets::put(&out, "{\"version\":2}").unwrap();
        assert_eq!(std::fs::read_to_string(&out).unwrap(), "{\"version\":2}");
        assert!(refuse_other_files(&out).is_ok());
        let plan = folder.path().join("plan.toml");
        std::fs::write(&plan, "[history]").unwrap();
        assert!(refuse_other_files(&plan).unwrap_err().to_string().contains("not a model"));
    }

    #[cfg(unix)]
    #[test]
    fn others_may_read_a_model_as_they_may_any_file() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let (out, plain) = (folder.path().join("model.json"), folder.path().join("plain.json"));
        sheets::put(&out, "{}").unwrap();
        std::fs::write(&plain, "{}").unwrap();
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode(&out), mode(&plain));
    }
}
