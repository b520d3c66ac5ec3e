use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use calamine::{Data, Reader, Xlsx};
use polars::prelude::{DataType, ParquetReader, SerReader};
use serde_json::Value;

use super::*;
use crate::error::Finding;
use crate::report::specimen;

const SECOND: &[(&str, f64)] = &[("history", 1.25), ("landscape", 0.5), ("ending", 0.0)];

static NO_COSTS: Costs = Costs { rules: Vec::new(), band: None };

struct Run {
    request: Request,
    audit: Audit,
    plan: Plan,
}

impl Run {
    fn new(plan: Plan) -> Run {
        Run { request: specimen::request(), audit: specimen::audit(), plan }
    }

    fn package(&self, lang: Lang) -> Package<'_> {
        Package {
            frontiers: &[],
            costs: &NO_COSTS,
            tested: None,
            request: &self.request,
            audit: &self.audit,
            plan: &self.plan,
            stages: SECOND,
            mps: None,
            within: None,
            started: "2026-12-11T12:00:00Z".parse().unwrap(),
            lang,
        }
    }

    fn write(&self, out: &Path, force: bool) -> Result<()> {
        write(&self.package(Lang::En), out, force)
    }
}

fn codes(result: Result<()>) -> Vec<&'static str> {
    match result.unwrap_err() {
        Error::Input(findings) => findings.iter().map(|finding: &Finding| finding.code).collect(),
        other => panic!("{other}"),
    }
}

/// Every file below a folder with its bytes.
fn content(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(content(&path));
        } else {
            files.insert(path.clone(), fs::read(&path).unwrap());
        }
    }
    files
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn the_table_can_be_read_back() {
    let (home, run) = (tempfile::tempdir().unwrap(), Run::new(specimen::plan()));
    let out = home.path().join("runs/2026-12-12");
    run.write(&out, false).unwrap();

    let mut reader = csv::Reader::from_path(out.join("plan.csv")).unwrap();
    let head = "date,hour,channel,campaign,unit,product,run,bid,last_bid,change,position,impressions,clicks,\
                spend,orders,revenue,roi,cpc,cpm,ctr,cvr,reason";
    assert_eq!(reader.headers().unwrap().iter().collect::<Vec<_>>().join(","), head);
    let rows: Vec<BTreeMap<String, String>> = reader.deserialize().map(|row| row.unwrap()).collect();
    assert_eq!(rows.len(), run.plan.cells.len());
    let (mut spend, mut slots) = (0.0, 0);
    for (row, cell) in rows.iter().zip(&run.plan.cells) {
        let unit = run.plan.unit(cell);
        assert_eq!((row["unit"].as_str(), row["date"].as_str()), (unit.unit.as_str(), "2026-12-12"));
        assert_eq!(row["run"], if cell.run { "true" } else { "false" });
        assert!(!row["reason"].is_empty());
        for number in ["bid", "spend", "revenue", "last_bid"] {
            let decimals = row[number].split_once('.').map_or(0, |(_, decimals)| decimals.len());
            assert!(decimals <= 4 && !row[number].contains('e'), "{number} = {}", row[number]);
        }
        if cell.run {
            assert!((row["bid"].parse::<f64>().unwrap() - cell.bid.unwrap()).abs() < 1e-9);
            slots +=
                usize::from(unit.channel == crate::keys::Channel::GroupBuy && row["bid"].parse() == Ok(0.0));
        } else {
            assert_eq!((row["bid"].as_str(), row["roi"].as_str()), ("", ""));
            assert_eq!(row["spend"].parse(), Ok(0.0));
        }
        spend += row["spend"].parse::<f64>().unwrap();
    }
    assert!(slots > 0 && slots % 24 == 0, "slots taken run with bid 0 all day");
    assert!((spend - run.plan.total(|_, _| true).spend).abs() < 0.01);

    let frame = ParquetReader::new(File::open(out.join("plan.parquet")).unwrap()).finish().unwrap();
    assert_eq!(frame.get_column_names().iter().map(|name| name.as_str()).collect::<Vec<_>>().join(","), head);
    let of = |name: &str| frame.column(name).unwrap();
    assert_eq!(*of("date").dtype(), DataType::Date);
    assert_eq!(*of("run").dtype(), DataType::Boolean);
    assert_eq!(*of("bid").dtype(), DataType::Float64);
    assert_eq!(*of("unit").dtype(), DataType::String);
    assert_eq!(of("bid").null_count(), run.plan.cells.iter().filter(|cell| !cell.run).count());
    for (at, row) in rows.iter().enumerate() {
        for name in ["bid", "spend", "cpc", "position"] {
            assert_eq!(of(name).f64().unwrap().get(at), row[name].parse().ok(), "{name} of row {at}");
        }
        assert_eq!(of("unit").str().unwrap().get(at), Some(row["unit"].as_str()));
    }
}

#[test]
fn steps_are_exact_and_missing_is_not_zero() {
    let mut run = Run::new(specimen::plan());
    let cell = run.plan.cells.iter_mut().find(|cell| cell.run).unwrap();
    cell.bid = Some(0.1 + 0.2);
    cell.last_bid = None;
    cell.outcome.clicks = 0.0;
    cell.outcome.position_weight = 0.0;
    let row = table::rows(&run.plan, Lang::En)
        .into_iter()
        .zip(&run.plan.cells)
        .find(|(_, cell)| cell.run)
        .unwrap()
        .0;
    let json = serde_json::to_value(&row).unwrap();
    assert_eq!(json["bid"].to_string(), "0.3");
    for missing in ["last_bid", "change", "cpc", "cvr", "position"] {
        assert_eq!(json[missing], Value::Null, "{missing}");
    }
}

#[test]
fn the_workbook_keeps_text_as_text() {
    for lang in [Lang::En, Lang::Zh] {
        let (home, run) = (tempfile::tempdir().unwrap(), Run::new(specimen::plan()));
        write(&run.package(lang), &home.path().join("out"), false).unwrap();
        let mut book: Xlsx<_> = calamine::open_workbook(home.path().join("out/bids.xlsx")).unwrap();
        let sheets = match lang {
            Lang::En => [
                "Summary",
                "Search",
                "Search bids",
                "Display",
                "Display bids",
                "Affiliate",
                "Affiliate bids",
                "Group buy",
                "Group buy bids",
                "Rules",
                "Changes",
            ],
            Lang::Zh => [
                "总览",
                "直通车",
                "直通车出价",
                "钻展",
                "钻展出价",
                "淘宝客",
                "淘宝客出价",
                "聚划算",
                "聚划算出价",
                "约束",
                "调价清单",
            ],
        };
        assert_eq!(book.sheet_names(), sheets);
        for name in sheets {
            assert!(
                book.worksheet_formula(name).unwrap().used_cells().next().is_none(),
                "no formula in {name}"
            );
        }
        let search = book.worksheet_range(sheets[1]).unwrap();
        for hostile in specimen::HOSTILE {
            assert!(search.rows().any(|row| row[1] == Data::String(hostile.into())), "{hostile}");
        }
        let bids = search
            .rows()
            .skip(4)
            .flat_map(|row| row[5..29].iter())
            .filter(|cell| matches!(cell, Data::Float(_)));
        let running =
            run.plan.cells.iter().filter(|cell| cell.run && run.plan.unit(cell).channel.name() == "search");
        assert_eq!(bids.count(), running.count());
        assert_eq!(book.worksheet_range(sheets[9]).unwrap().rows().skip(4).count(), run.plan.rules.len());
        let changes = book.worksheet_range(sheets[10]).unwrap();
        assert_eq!(changes.rows().skip(3).count(), crate::report::change::changes(&run.plan).len());
    }
}

#[test]
fn the_summary_has_every_promised_field() {
    let (home, mut run) = (tempfile::tempdir().unwrap(), Run::new(specimen::infeasible()));
    run.plan.evidence.gap = f64::INFINITY;
    let out = home.path().join("out");
    run.write(&out, false).unwrap();
    let text = fs::read_to_string(out.join("summary.json")).unwrap();
    let json: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(json["status"], "infeasible");
    assert_eq!(json["gap"], Value::Null);
    for group in [&json["totals"], &json["channels"]["search"], &json["hours"][20]] {
        for field in "impressions clicks spend orders revenue roi cpc cpm ctr cvr position profit".split(' ')
        {
            assert!(group[field].is_number(), "{field} in {group}");
        }
    }
    assert_eq!(json["hours"][20]["hour"], 20);
    let spend = run.plan.total(|_, _| true).spend;
    assert!((json["totals"]["spend"].as_f64().unwrap() - spend).abs() < 1e-6);
    let hours: f64 = (0..24).map(|hour| json["hours"][hour]["spend"].as_f64().unwrap()).sum();
    assert!((hours - spend).abs() < 1e-6);
    for field in "rule scope metric value min max slack binding shadow_price met soft share".split(' ') {
        assert!(json["rules"].as_array().unwrap().iter().all(|rule| rule.get(field).is_some()), "{field}");
    }
    assert_eq!(json["conflict"]["relaxations"][0]["reachable"], 31_250.0);
    assert_eq!(json["history"]["rows"], 96_000);
    assert_eq!(json["evidence"]["solver"], "structured");
    let at = |name: &str| text.find(&format!("\"{name}\"")).unwrap();
    assert!(at("history") < at("landscape") && at("landscape") < at("ending"), "stages keep their order");
}

#[test]
fn the_manifest_names_what_the_run_was_made_from() {
    let (home, mut run) = (tempfile::tempdir().unwrap(), Run::new(specimen::plan()));
    run.request.file = toml::from_str(
        "[history]\n[[history.source]]\nfiles = ['a.csv']\nconstants = { date = 2007-07-01 }\n[plan]\ndate = 2026-12-12\n",
    )
    .unwrap();
    run.request.text = "abc".into();
    let out = home.path().join("out");
    run.write(&out, false).unwrap();
    let json: Value = serde_json::from_slice(&fs::read(out.join("manifest.json")).unwrap()).unwrap();
    assert_eq!(json["bidwright"], "plan");
    assert_eq!(json["seed"], Value::Null);
    assert_eq!(json["started"], "2026-12-11T12:00:00Z");
    assert!(json["finished"].as_str().unwrap().parse::<Timestamp>().is_ok());
    assert_eq!(
        json["plan_file"]["sha256"],
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    );
    assert_eq!(json["inputs"][0]["bytes"], 1_204_551);
    assert_eq!(json["configuration"]["plan"]["date"], "2026-12-12");
    assert_eq!(json["configuration"]["history"]["source"][0]["constants"]["date"], "2007-07-01");
}

#[test]
fn rejected_rows_are_written_even_when_there_are_none() {
    let (home, mut run) = (tempfile::tempdir().unwrap(), Run::new(specimen::plan()));
    let out = home.path().join("out");
    run.write(&out, false).unwrap();
    let mut reader = csv::Reader::from_path(out.join("rejected.csv")).unwrap();
    let row = reader.records().next().unwrap().unwrap();
    assert_eq!((&row[1], &row[4], &row[6]), ("17", "H012", "2026-11-01,3,search,\"a, b\",12,x"));
    run.audit = Audit::default();
    run.write(&out, false).unwrap();
    assert_eq!(
        fs::read_to_string(out.join("rejected.csv")).unwrap(),
        "file,line,column,value,code,reason,row\n"
    );
}

#[test]
fn the_same_plan_gives_the_same_files() {
    let (home, run) = (tempfile::tempdir().unwrap(), Run::new(specimen::plan()));
    let [one, other] = ["one", "other"].map(|name| home.path().join(name));
    run.write(&one, false).unwrap();
    run.write(&other, false).unwrap();
    for name in ["plan.csv", "plan.parquet", "bids.xlsx", "report.html", "summary.json", "rejected.csv"] {
        assert!(fs::read(one.join(name)).unwrap() == fs::read(other.join(name)).unwrap(), "{name}");
    }
}

#[test]
fn a_run_replaces_its_own_output_and_keeps_other_files() {
    let (home, run) = (tempfile::tempdir().unwrap(), Run::new(specimen::plan()));
    let out = home.path().join("out");
    write(&Package { mps: Some("NAME x\nENDATA\n"), ..run.package(Lang::En) }, &out, false).unwrap();
    assert!(out.join("program.mps").exists());
    fs::create_dir(out.join("export")).unwrap();
    fs::write(out.join("export/notes.txt"), "mine").unwrap();
    run.write(&out, false).unwrap();
    assert!(!out.join("program.mps").exists(), "a file of the last run does not outlive it");
    assert_eq!(fs::read_to_string(out.join("export/notes.txt")).unwrap(), "mine");
    assert_eq!(names(home.path()), ["out"], "nothing hidden is left");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::create_dir(home.path().join("like")).unwrap();
        let mode = |name: &str| fs::metadata(home.path().join(name)).unwrap().permissions().mode();
        assert_eq!(mode("out"), mode("like"), "others may read it as they may any folder");
    }
}

#[test]
fn a_foreign_folder_is_refused_without_force() {
    let (home, run) = (tempfile::tempdir().unwrap(), Run::new(specimen::plan()));
    let out = home.path().join("photos");
    fs::create_dir(&out).unwrap();
    fs::write(out.join("holiday.jpg"), "jpeg").unwrap();
    fs::write(out.join("manifest.json"), "{\"name\": \"photos\"}").unwrap();
    let before = content(&out);
    assert_eq!(codes(run.write(&out, false)), ["O001"]);
    assert_eq!(content(&out), before);
    run.write(&out, true).unwrap();
    assert!(out.join("plan.csv").exists());
    assert_eq!(
        fs::read_to_string(out.join("holiday.jpg")).unwrap(),
        "jpeg",
        "force loses no file of another name"
    );

    let file = home.path().join("file");
    fs::write(&file, "text").unwrap();
    assert_eq!(codes(run.write(&file, true)), ["O002"]);
    assert_eq!(codes(run.write(Path::new("/"), true)), ["O003"]);
    assert_eq!(codes(run.write(Path::new("."), true)), ["O003"]);
}

#[test]
fn a_run_that_fails_leaves_the_last_output_as_it_was() {
    let (home, run) = (tempfile::tempdir().unwrap(), Run::new(specimen::plan()));
    let out = home.path().join("out");
    run.write(&out, false).unwrap();
    let before = content(&out);
    let failed = folder::replace(&out, &PLAN, false, |folder| {
        text(&folder.join("plan.csv"), "half a")?;
        Err(Error::io("write", Path::new("plan.csv"))(std::io::ErrorKind::StorageFull.into()))
    });
    assert!(matches!(failed, Err(Error::Io { .. })));
    assert_eq!(content(&out), before);
    assert_eq!(names(home.path()), ["out"]);
}

#[test]
fn what_killed_runs_left_is_cleaned_and_restored() {
    let (home, run) = (tempfile::tempdir().unwrap(), Run::new(specimen::plan()));
    let out = home.path().join("out");
    run.write(&out, false).unwrap();
    let before = content(&out);

    // Killed while filling; another run is still filling its own.
    fs::create_dir(home.path().join(".out.tmp-dead00")).unwrap();
    fs::create_dir(home.path().join(".out.tmp-alive0")).unwrap();
    fs::create_dir(home.path().join(".other.tmp-dead0")).unwrap();
    let alive = File::open(home.path().join(".out.tmp-alive0")).unwrap();
    alive.try_lock().unwrap();
    // Killed between the two renames of a system without exchange.
    fs::rename(&out, home.path().join(".out.old-abc123")).unwrap();
    let failed = folder::replace(&out, &PLAN, false, |_| Err(Error::Internal("no".into())));
    assert!(failed.is_err());
    assert_eq!(content(&out), before, "the last output is back");
    assert_eq!(names(home.path()), [".other.tmp-dead0", ".out.tmp-alive0", "out"]);
}
