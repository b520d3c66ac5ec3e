//! The reader as a whole, on small files.

mod faults;

use super::*;
use crate::config::{PlanFile, Request};
use crate::error::{Error, Finding, Result};
use crate::keys::{Channel, Unit};

struct Shop(tempfile::TempDir);

impl Shop {
    fn new() -> Shop {
        Shop(tempfile::tempdir().unwrap())
    }

    fn file(&self, name: &str, content: impl AsRef<[u8]>) -> &Shop {
        let path = self.0.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
        self
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.0.path().join(name)
    }

    fn read(&self, plan: &str) -> Result<History> {
        let file: PlanFile = toml::from_str(plan).unwrap();
        read(&Request { path: self.path("plan.toml"), file, text: plan.to_string() })
    }
}

fn findings(result: Result<History>) -> Vec<Finding> {
    match result {
        Ok(_) => panic!("the history should have been refused"),
        Err(Error::Input(findings)) => findings,
        Err(other) => panic!("{other}"),
    }
}

fn codes(findings: &[Finding]) -> Vec<&'static str> {
    findings.iter().map(|finding| finding.code).collect()
}

const TOLERANT: &str = "[history]\nfiles = [\"*.csv\"]\nmax_rejected = 1.0\n";
const PLAIN: &str = "[history]\nfiles = [\"*.csv\"]\n";
const HEADER: &str =
    "date,hour,channel,campaign,unit,product,bid,impressions,clicks,spend,orders,revenue,position,quality\n";

#[test]
fn the_platform_report_comes_back_as_it_was_written() {
    let shop = Shop::new();
    let unit = |unit: &str, channel, product: Option<&str>| Unit {
        channel,
        campaign: "双十二 主推".into(),
        unit: unit.into(),
        product: product.map(Into::into),
    };
    let row = |unit, day, hour, position| Observation {
        unit,
        day,
        days: 1,
        hour,
        age: (20_001 - day) as u16,
        bid: 0.85,
        position,
        quality: 8.0,
        impressions: 1234.0,
        clicks: 31.0,
        spend: 25.37,
        orders: 2.0,
        revenue: 199.8,
    };
    let history = History {
        units: vec![
            unit("连衣裙 㐀", Channel::Search, Some("612345678901")),
            unit("访客", Channel::Display, None),
        ],
        observations: vec![
            row(0, 20_000, Some(3), [3.25, 3.25]),
            row(0, 20_001, Some(4), [4.0, 6.0]),
            Observation { position: [f32::NAN; 2], ..row(1, 20_001, None, [1.0, 1.0]) },
        ],
        ..History::default()
    };
    write_zhitongche_csv(&shop.path("a.csv"), &history, 20_001).unwrap();
    let bytes = std::fs::read(shop.path("a.csv")).unwrap();
    assert!(std::str::from_utf8(&bytes).is_err(), "the platform writes GBK");
    let csv = shop.read(PLAIN).unwrap();
    assert_eq!(csv.audit.files[0].encoding, "gb18030");
    assert_eq!((csv.observations.len(), csv.audit.imputed()), (2, 1));
    write_parquet(&shop.path("b.parquet"), &history).unwrap();
    let parquet = shop.read("[history]\nfiles = [\"b.parquet\"]").unwrap();
    assert_eq!(parquet.units, history.units);
    assert_eq!(format!("{:?}", parquet.observations), format!("{:?}", history.observations));
    assert_eq!(csv.units, parquet.units);
    assert_eq!(format!("{:?}", csv.observations), format!("{:?}", &history.observations[1..]));
}

#[test]
fn exports_of_several_mornings_are_one_history_and_tell_how_orders_came_in() {
    let shop = Shop::new();
    let row = |orders: u32| format!("2026-01-05,9,search,a,kw,,1.0,1000,50,40,{orders},{orders}00,3.5,\n");
    let header = HEADER.trim_end();
    // In the folder's name, as a column, on the day itself, and without any.
    shop.file("e/exported=2026-01-06/a.csv", format!("{header}\n{}", row(3)))
        .file("f/b.csv", format!("{header},导出日期\n{},20260108\n", row(5).trim_end()))
        .file("f/c.csv", format!("{header},exported\n{},2026/1/5\n", row(1).trim_end()));
    let plan = "[history]\nfiles = [\"e\", \"f/*.csv\"]\n";
    let history = shop.read(plan).unwrap();
    let [only] = history.observations[..] else { panic!("{:?}", history.observations) };
    assert_eq!((only.orders, only.age), (5.0, 2));
    let earlier: Vec<usize> = history.audit.files.iter().map(|file| file.earlier).collect();
    assert_eq!(earlier.iter().sum::<usize>(), 2, "{earlier:?}");
    assert!(codes(&history.audit.findings).contains(&"H024") && history.audit.rejected.is_empty());
    let told: Vec<_> = history
        .triangle
        .of(Channel::Search)
        .map(|(arrived, orders)| (arrived.from, arrived.to, arrived.until, orders))
        .collect();
    assert_eq!(told, [(0, 0, 2, 3.0), (1, 2, 2, 2.0)], "what was seen under way tells nothing");
    shop.file("f/d.csv", format!("{header},exported\n{},yesterday\n", row(5).trim_end()));
    let refused = codes(&findings(shop.read(plan)));
    assert!(refused[0] == "H016" && refused.contains(&"H031"), "{refused:?}");
}

#[test]
fn sums_follow_from_ratios_to_a_fixed_point() {
    let shop = Shop::new();
    shop.file(
        "a.csv",
        "关键词报表\n\n日期,小时,场景名字,计划名字,词 ID,展现量,点击率,平均点击花费,点击转化率,投入产出比,收藏数\n\
         2026/1/2,9,关键词推广,女装,0012,\"2,000\",5.00%,¥1.20,10%,2.5,3\n\
         20260103,09:00-10:00,直通车,女装,0012,2万,0.00%,-,-,-,3\n合计,,,,,,,,,,\n",
    );
    let history = shop.read(PLAIN).unwrap();
    let row = &history.observations[0];
    assert_eq!(
        [row.impressions, row.clicks, row.spend, row.orders, row.revenue],
        [2000.0, 100.0, 120.0, 10.0, 300.0]
    );
    let row = &history.observations[1];
    assert_eq!(
        [row.impressions, row.clicks, row.spend, row.orders, row.revenue],
        [20_000.0, 0.0, 0.0, 0.0, 0.0]
    );
    assert_eq!(history.units[0].unit, "0012");
    let audit = &history.audit.files[0];
    assert_eq!((audit.rows, audit.accepted, audit.rejected), (3, 2, 1), "the total row is booked");
    assert_eq!(audit.unused_columns, ["收藏数"]);
    assert_eq!(history.audit.rejected[0].code, "H050");
}

#[test]
fn contradictions_are_rejected_and_rounding_is_not() {
    let shop = Shop::new();
    shop.file(
        "a.csv",
        "date,channel,campaign,unit,impressions,clicks,spend,orders,revenue,ctr,cpc,roi\n\
         2026-01-02,search,c,a,3000,10,3.33,0,10,0.33%,0.33,3.00\n\
         2026-01-02,search,c,b,3000,10,3.33,0,10,0.33%,0.43,3.00\n\
         2026-01-02,search,c,d,3000,10,3.33,0,10,3.3%,0.33,3.00\n\
         2026-01-02,search,c,e,3000,10,3.33,0,10,0.33%,0.33,3.30\n\
         2026-01-02,search,c,f,0,0,0,0,0,0.00%,-,-\n",
    );
    let history = shop.read(TOLERANT).unwrap();
    let rejected: Vec<_> =
        history.audit.rejected.iter().map(|row| (row.line, row.code, row.column.as_str())).collect();
    assert_eq!(rejected, [(3, "H041", "cpc"), (4, "H041", "ctr"), (5, "H041", "roi")]);
}

#[test]
fn bare_percent_is_told_from_fractions_by_the_sums() {
    let shop = Shop::new();
    let header = "date,channel,campaign,unit,impressions,clicks,spend,orders,revenue,ctr,cvr\n";
    shop.file(
        "a.csv",
        format!(
            "{header}2026-01-02,search,c,a,11,1,1,9,10,9.0909,900\n2026-01-02,search,c,b,400,2,1,0,0,0.5,0\n"
        ),
    );
    shop.file("b.csv", format!("{header}2026-01-03,search,c,a,11,1,1,0,10,0.09091,0\n"));
    let history = shop.read(PLAIN).unwrap();
    assert_eq!(history.observations.len(), 3);
    let notes = &history.audit.findings;
    assert_eq!(
        codes(notes),
        ["H017", "H017", "H019"],
        "CTR and CVR in percent; more orders than clicks is a note"
    );
    assert!(notes[0].cause.contains("percent"));
}

#[test]
fn duplicates_are_rejected_with_their_text() {
    let shop = Shop::new();
    let row = |clicks: u32| format!("2026-01-02,1,search,c,u,p,1,100,{clicks},10,1,20,3,8\n");
    shop.file("a.csv", format!("{HEADER}{}{}", row(10), row(10)));
    shop.file("b.csv", format!("{HEADER}{}", row(11)));
    let history = shop.read(TOLERANT).unwrap();
    assert_eq!(history.observations.len(), 1);
    assert_eq!(history.observations[0].clicks, 10.0);
    let rejected: Vec<_> = history.audit.rejected.iter().map(|row| (row.line, row.code)).collect();
    assert_eq!(rejected, [(3, "H045"), (2, "H046")]);
    assert_eq!(history.audit.rejected[1].row, row(11).trim());
}

#[test]
fn foreign_files_are_mapped_joined_and_completed() {
    let shop = Shop::new();
    shop.file(
        "x/month=1/a.csv",
        "Banner;Place;displays;Cost;clicks;revenue\n800 x 250;abc;1000;3,5;1;0\n800 x 250;;1000;3.5;1;0\n",
    );
    let plan = r#"
        [history]
        max_rejected = 1.0
        [[history.source]]
        files = ["x"]
        columns = { unit = ["Banner", "place"], impressions = "displays", campaign = "month" }
        constants = { channel = "display", date = 2026-01-02 }
        period_days = 7
    "#;
    let history = shop.read(plan).unwrap();
    assert_eq!(history.audit.rejected[0].code, "H030", "a decimal comma is not guessed at");
    let unit = &history.units[0];
    assert_eq!(
        (unit.campaign.as_str(), unit.unit.as_str(), unit.channel),
        ("1", "800 x 250 / -", Channel::Display)
    );
    assert_eq!((history.observations[0].days, history.observations[0].spend), (7, 3.5));
    assert_eq!(history.last_date(), Some(jiff::civil::date(2026, 1, 8)));
    assert_eq!(codes(&history.audit.findings)[0], "H013", "no orders at all: said, not hidden");
}

#[test]
fn the_planned_date_the_window_and_the_lookback_bound_the_rows() {
    let shop = Shop::new();
    let row = |date: &str, window: &str| format!("{date},search,c,u {date},10,1,1,0,0,{window}\n");
    let header = "date,channel,campaign,unit,impressions,clicks,spend,orders,revenue,转化周期\n";
    let rows = row("2026-01-01", "15")
        + &row("2026-02-09", "15天")
        + &row("2026-02-10", "7天")
        + &row("2026-02-11", "15");
    shop.file("a.csv", format!("{header}{rows}"));
    let plan =
        "[history]\nfiles = [\"a.csv\"]\nlookback_days = 30\nmax_rejected = 0.34\n[plan]\ndate = 2026-02-11";
    let history = shop.read(plan).unwrap();
    assert_eq!(history.audit.rejected.iter().map(|row| row.code).collect::<Vec<_>>(), ["H043", "H044"]);
    let audit = &history.audit.files[0];
    assert_eq!((audit.accepted, audit.too_old, audit.imputed), (2, 1, 2));
    shop.file("b.csv", HEADER.to_string() + "2025-01-02,1,search,c,u,,1,100,10,10,1,20,3,8\n");
    let plan = plan.replace("[\"a.csv\"]", "[\"a.csv\", \"b.csv\"]");
    assert!(codes(&shop.read(&plan).unwrap().audit.findings).contains(&"H022"), "a file of no use is named");
    assert_eq!(history.units.len(), 1, "a unit without rows is gone");
    assert_eq!(history.observations[0].unit, 0);
}

#[test]
fn the_result_does_not_depend_on_order_or_threads() {
    let shop = Shop::new();
    let line = |n: usize| {
        format!("2026-01-{:02},{},search,c{},u{n},,1,100,10,10,1,20,3,8\n", 1 + n % 28, n % 24, n % 7)
    };
    for file in 0..6 {
        shop.file(
            &format!("{file}.csv"),
            HEADER.to_string() + &(0..500).map(|n| line(n * 6 + file)).collect::<String>(),
        );
    }
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        format!("{:?}", pool.install(|| shop.read(PLAIN)).unwrap())
    };
    let one = run(1);
    assert_eq!(one, run(4));
    let history = shop.read(PLAIN).unwrap();
    assert!(history.units.is_sorted());
    assert!(history.observations.is_sorted_by_key(|row| (row.unit, row.day, row.hour)));
}
