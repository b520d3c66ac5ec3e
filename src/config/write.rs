//! Writing values into a plan file: the text keeps its comments, its order and its spacing.

use std::io::Write;
use std::path::Path;

use toml_edit::{DocumentMut, Item, Table, Value};

use super::load::steps;
use crate::error::{Error, Finding, Result};

/// The text of a plan file with `KEY=VALUE` arguments, as those of `--set`, written into it.
///
/// # Errors
/// `C007` for an argument that leads nowhere; `C001` when the text is not TOML.
pub fn rewrite(text: &str, set: &[String]) -> Result<String> {
    let mut document: DocumentMut = text.parse().map_err(|error: toml_edit::TomlError| {
        Finding::error("C001", error.message(), "mend the file's syntax first")
    })?;
    for argument in set {
        put(document.as_item_mut(), argument).ok_or_else(|| {
            Finding::error(
                "C007",
                "this value has no place in the plan file",
                "write KEY=VALUE of a key that can be set",
            )
            .with_value(argument)
        })?;
    }
    Ok(document.to_string())
}

fn put(root: &mut Item, argument: &str) -> Option<()> {
    let (steps, value) = steps(argument)?;
    let mut value: Value = value.parse().unwrap_or_else(|_| value.into());
    let (last, way) = steps.split_last()?;
    let mut item = root;
    for step in way {
        item = if item.is_array_of_tables() || item.is_array() {
            element(item, step)?
        } else {
            let table = item.as_table_like_mut()?;
            table.entry(step).or_insert_with(|| Item::Table(Table::new()))
        };
    }
    let table = item.as_table_like_mut()?;
    match table.get_mut(last) {
        Some(Item::Value(old)) => {
            *value.decor_mut() = old.decor().clone(); // the comment behind it
            *old = value;
        }
        _ => {
            table.insert(last, Item::Value(value));
        }
    }
    Some(())
}

/// The element of a list by its `name` or `unit`, or by its index.
fn element<'i>(list: &'i mut Item, step: &str) -> Option<&'i mut Item> {
    let named = |item: &Item| {
        ["name", "unit"].into_iter().find_map(|key| item.get(key)?.as_str()).is_some_and(|name| name == step)
    };
    let count =
        list.as_array_of_tables().map(|list| list.len()).or(list.as_array().map(|list| list.len()))?;
    let at = (0..count)
        .find(|at| list.get(*at).is_some_and(named))
        .or_else(|| step.parse().ok().filter(|at| *at < count))?;
    list.get_mut(at)
}

/// Puts a new text in the place of a plan file, in one step, if the file still holds the text that was read.
///
/// # Errors
/// `W003` when somebody else has changed the file since; a file that cannot be read or written.
pub fn replace(path: &Path, read: &str, new: &str) -> Result<()> {
    let failed = |action| Error::io(action, path);
    let now = std::fs::read_to_string(path).map_err(failed("read"))?;
    if now != read {
        let finding = Finding::error(
            "W003",
            "the plan file was changed by somebody else since it was read",
            "download the text and put the two together, or start again with the file as it is now",
        );
        return Err(finding.in_file(path).into());
    }
    // A link is followed: the file behind it is replaced.
    let place = path.canonicalize().map_err(failed("resolve"))?;
    let folder = place.parent().unwrap_or(Path::new("."));
    let mode = std::fs::metadata(&place).map_err(failed("read"))?.permissions();
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(failed("write beside"))?;
    file.write_all(new.as_bytes()).map_err(failed("write"))?;
    file.as_file().set_permissions(mode).map_err(failed("write"))?;
    file.as_file().sync_all().map_err(failed("write"))?;
    file.persist(&place).map_err(|error| Error::io("write", path)(error.error))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# a shop\n[plan]\nobjective = \"revenue\" # what counts\n\n[[rule]]\nname = \"search budget\"   # ours\nmetric = \"spend\"\nmax = 10_000 # a day\n";

    fn written(set: &[&str]) -> String {
        rewrite(TEXT, &set.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>()).unwrap()
    }

    #[test]
    fn comments_and_order_stay() {
        let text = written(&[
            "rule.\"search budget\".max=12500.5",
            "plan.objective=profit",
            "search.position=[2.5, 4]",
        ]);
        assert_eq!(
            text,
            "# a shop\n[plan]\nobjective = \"profit\" # what counts\n\n[[rule]]\nname = \"search budget\"   # ours\nmetric = \"spend\"\nmax = 12500.5 # a day\n\n[search]\nposition = [2.5, 4]\n"
        );
        assert_eq!(written(&[]), TEXT);
        assert_eq!(written(&["rule.0.max=1"]), written(&["rule.'search budget'.max=1"]));
    }

    #[test]
    fn what_has_no_place_is_refused() {
        for bad in ["rule.roi.min=2", "rule.7.min=2", "plan.objective.x=2", "nonsense"] {
            let error = rewrite(TEXT, &[bad.to_owned()]).unwrap_err();
            assert!(error.to_string().contains(bad), "{error}");
        }
        assert!(rewrite("[plan", &[]).unwrap_err().to_string().contains("C001"));
    }

    #[test]
    fn a_file_that_somebody_else_changed_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("plan.toml");
        std::fs::write(&path, "theirs").unwrap();
        assert!(replace(&path, "ours", "new").unwrap_err().to_string().contains("W003"));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "theirs");
        replace(&path, "theirs", "new").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "new");
    }
}
