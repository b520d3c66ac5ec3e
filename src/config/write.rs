//! Writing values into a plan file: the text keeps its comments, its order and its spacing.

use std::io::Write;
use std::path::Path;

use toml_edit::{ArrayOfTables, DocumentMut, Item, Table, TableLike, Value};

use super::load::{ADD, TAKE, steps};
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
    if *last == ADD || *last == TAKE {
        let (list, way) = way.split_last()?;
        let parent = walk(root, way)?.as_table_like_mut()?;
        return if *last == ADD {
            add(parent, list, value)
        } else {
            take(parent.get_mut(list)?, value.as_str()?)
        };
    }
    let table = walk(root, way)?.as_table_like_mut()?;
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

/// What a key leads to; tables that are not there yet are made.
fn walk<'i>(root: &'i mut Item, way: &[&str]) -> Option<&'i mut Item> {
    let mut item = root;
    for step in way {
        item = if item.is_array_of_tables() || item.is_array() {
            element(item, step)?
        } else {
            let table = item.as_table_like_mut()?;
            table.entry(step).or_insert_with(|| Item::Table(Table::new()))
        };
    }
    Some(item)
}

/// A new element at the end of a list.
fn add(parent: &mut dyn TableLike, list: &str, value: Value) -> Option<()> {
    let list = parent.entry(list).or_insert_with(|| Item::ArrayOfTables(ArrayOfTables::new()));
    match list {
        Item::ArrayOfTables(tables) => tables.push(value.as_inline_table()?.clone().into_table()),
        list => list.as_array_mut()?.push(value),
    }
    Some(())
}

/// Takes the element of a name out of a list.
fn take(list: &mut Item, name: &str) -> Option<()> {
    let at = place(list, name)?;
    match list {
        Item::ArrayOfTables(tables) => _ = tables.remove(at),
        list => _ = list.as_array_mut()?.remove(at),
    }
    Some(())
}

fn element<'i>(list: &'i mut Item, step: &str) -> Option<&'i mut Item> {
    let at = place(list, step)?;
    list.get_mut(at)
}

/// Where the element of a list is by its `name` or `unit`, or by its index.
fn place(list: &Item, step: &str) -> Option<usize> {
    let named = |item: &Item| {
        ["name", "unit"].into_iter().find_map(|key| item.get(key)?.as_str()).is_some_and(|name| name == step)
    };
    let count =
        list.as_array_of_tables().map(|list| list.len()).or(list.as_array().map(|list| list.len()))?;
    (0..count)
        .find(|at| list.get(*at).is_some_and(named))
        .or_else(|| step.parse().ok().filter(|at| *at < count))
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
    fn rules_come_and_go() {
        let added = written(&[
            "rule.+={ name = \"night\", metric = \"spend\", where = { hour = [\"0-6\"] }, max = 500 }",
            "rule.night.max=450",
        ]);
        let table =
            "\n[[rule]]\nname = \"night\"\nmetric = \"spend\"\nwhere = { hour = [\"0-6\"] }\nmax = 450\n";
        assert_eq!(added, format!("{TEXT}{table}"));
        assert_eq!(rewrite(&added, &["rule.-=night".into()]).unwrap(), TEXT);
        assert_eq!(written(&["rule.-=\"search budget\""]), TEXT.split("\n[[rule]]").next().unwrap());
        let off = written(&["rule.'search budget'.off=true"]);
        assert_eq!(off, format!("{TEXT}off = true\n"));
        let first = rewrite("[plan]\n", &["rule.+={ name = \"a\" }".into()]).unwrap();
        assert_eq!(first, "[plan]\n\n[[rule]]\nname = \"a\"\n");
    }

    #[test]
    fn what_has_no_place_is_refused() {
        for bad in
            ["rule.roi.min=2", "rule.-=roi", "rule.+=2", "rule.7.min=2", "plan.objective.x=2", "nonsense"]
        {
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
