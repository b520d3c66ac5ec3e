use super::*;
use crate::config::PlanFile;

const HEADER: &str =
    "date,hour,channel,campaign,unit,product,bid,impressions,clicks,spend,orders,revenue,position";

fn unit(channel: Channel, name: &str, product: Option<&str>) -> Unit {
    Unit { channel, campaign: "all".into(), unit: name.into(), product: product.map(Into::into) }
}

fn units() -> Vec<Unit> {
    vec![
        unit(Channel::Search, "coat", Some("one")),
        unit(Channel::Search, "coat", Some("two")),
        unit(Channel::Search, "scarf", Some("one")),
        unit(Channel::Display, "fans", None),
    ]
}

fn read_as(plan: &str, name: &str, report: &str) -> Result<Actuals> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, report).unwrap();
    let file: PlanFile = toml::from_str(plan).unwrap();
    let request = Request { path: folder.path().join("plan.toml"), file, text: plan.into() };
    Actuals::read(&request, &[path], jiff::civil::date(2026, 12, 12), &units())
}

fn read(rows: &str) -> Result<Actuals> {
    read_as("[history]\nfiles = [\"history/*.csv\"]\n", "today.csv", &format!("{HEADER}\n{rows}"))
}

fn codes(actuals: &Actuals) -> Vec<&'static str> {
    actuals.audit.findings.iter().map(|finding| finding.code).collect()
}

#[test]
fn rows_find_their_units_and_what_is_not_the_plans_is_told() {
    let actuals = read(
        "2026-12-12,9,search,all,coat,two,1.5,100,5,6,1,80,3.5\n\
         2026-12-12,9,search,all,scarf,,1.2,50,2,2,0,0,4\n\
         2026-12-12,9,display,all,fans,one,20,30,1,1,0,0,\n\
         2026-12-12,9,display,all,fans,two,20,10,1,2,0,0,\n\
         2026-12-12,9,search,all,new,one,1,10,1,3,1,9,2\n\
         2026-12-12,9,search,all,coat,,1,10,1,4,0,0,2\n\
         2026-12-11,9,search,all,scarf,one,1,10,1,1,0,0,2\n",
    )
    .unwrap();
    assert_eq!(codes(&actuals), ["A002", "A003"]);
    assert_eq!(actuals.cell(1, 9).unwrap().spend, 6.0);
    assert_eq!(actuals.cell(2, 9).unwrap().clicks, 2.0, "the only unit of that name");
    let fans = actuals.cell(3, 9).unwrap();
    assert_eq!((fans.impressions, fans.spend), (40.0, 3.0), "products that the plan does not tell apart");
    assert!(actuals.cell(0, 9).is_none() && actuals.cell(2, 10).is_none());
    assert_eq!(actuals.strange().spend, 7.0, "a new unit, and one of two products");
    assert_eq!(actuals.total(|row| row.unit == 3).spend, 3.0);
}

#[test]
fn a_report_of_another_day_is_refused() {
    let findings = read("2026-12-11,9,search,all,scarf,one,1,10,1,1,0,0,2\n").unwrap_err().findings();
    assert_eq!(findings[0].code, "A001");
    assert!(findings[0].cause.contains("2026-12-11 (1 rows)"), "{}", findings[0].cause);
}

#[test]
fn a_channel_that_is_silent_where_it_should_speak_is_named() {
    let actuals = read("2026-12-12,9,search,all,scarf,one,1.2,50,2,2,0,0,4\n").unwrap();
    let expect = |impressions| Outcome { impressions, ..Outcome::default() };
    let planned = [
        (2, 8, expect(90.0)),
        (2, 9, expect(90.0)),
        (2, 7, expect(2.0)),
        (2, 10, expect(90.0)),
        (3, 9, expect(30.0)),
    ];
    let found = actuals.unreported(&units(), planned.into_iter(), 10);
    let causes: Vec<&str> = found.iter().map(|finding| finding.cause.as_str()).collect();
    assert_eq!(causes.len(), 2, "{causes:?}");
    assert!(
        causes[0].contains("search in hours 8,") && causes[1].contains("display in hours 9,"),
        "{causes:?}"
    );
}

#[test]
fn a_report_is_read_as_the_source_whose_name_it_has() {
    let plan = "[[history.source]]\nfiles = [\"ads/search-*.csv\"]\nconstants = { channel = \"search\" }\n\
        columns = { campaign = \"Group\" }\n\
        [[history.source]]\nfiles = [\"ads/display-*.csv\"]\nperiod_days = 7\n\
        columns = { campaign = \"Group\" }\nconstants = { channel = \"display\", date = 2007-07-01 }\n";
    let plan = &format!("[history]\n{plan}");
    let report = "hour,Group,unit,bid,impressions,clicks,spend,orders,revenue\n9,all,fans,20,30,1,1,0,0\n";
    let actuals = read_as(plan, "display-today.csv", report).unwrap();
    assert_eq!((codes(&actuals), actuals.cell(3, 9).unwrap().impressions), (vec![], 30.0));
    // Of any other name, it is read as what understands it, and that is told where several do.
    let dated = "date,hour,Group,unit,bid,impressions,clicks,spend,orders,revenue\n2026-12-12,9,all,scarf,1,30,1,1,0,0\n";
    let actuals = read_as(plan, "today.csv", dated).unwrap();
    assert_eq!(actuals.cell(2, 9).map(|row| row.impressions), Some(30.0));
    assert_eq!(codes(&actuals), ["A006"]);
}
