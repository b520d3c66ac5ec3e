//! The sheets of one plan say the same.

use std::collections::BTreeMap;
use std::fs::File;

use calamine::{Data, Reader, Xlsx, open_workbook};
use polars::prelude::{AnyValue, ParquetReader, SerReader};

use crate::shop::Shop;

const COLUMNS: &str = "date,hour,channel,campaign,unit,product,run,bid,last_bid,change,position,impressions,clicks,spend,orders,revenue,roi,cpc,cpm,ctr,cvr,reason";

#[test]
fn table_workbook_and_summary_agree() {
    let shop = Shop::new();
    shop.plan_on_model("plan.toml", "out", &[]).ended(0);
    the_parquet_is_the_csv(&shop);
    the_workbook_holds_the_bids(&shop, "out", ["Search", "Display", "Affiliate", "Group buy"]);
    the_summary_adds_up(&shop);
    let report = shop.text("out/report.html");
    for remote in ["src=\"http", "href=\"http", "@import", "fetch("] {
        let own = report.rsplit_once("</script>").map_or(report.as_str(), |(_, after)| after);
        assert!(
            !own.contains(remote) && !report[..2000].contains(remote),
            "the page opens offline: {remote}"
        );
    }
}

#[test]
fn the_workbook_speaks_chinese() {
    let shop = Shop::new();
    shop.plan_on_model("plan.toml", "out", &["--lang", "zh"]).ended(0);
    the_workbook_holds_the_bids(&shop, "out", ["直通车", "钻展", "淘宝客", "聚划算"]);
}

fn the_parquet_is_the_csv(shop: &Shop) {
    let frame = ParquetReader::new(File::open(shop.path("out/plan.parquet")).unwrap()).finish().unwrap();
    let names: Vec<&str> = frame.get_column_names().into_iter().map(|name| name.as_str()).collect();
    assert_eq!(names.join(","), COLUMNS);
    let mut csv = csv::Reader::from_path(shop.path("out/plan.csv")).unwrap();
    assert_eq!(csv.headers().unwrap().iter().collect::<Vec<_>>().join(","), COLUMNS);
    let records: Vec<csv::StringRecord> = csv.records().map(Result::unwrap).collect();
    assert_eq!(frame.height(), records.len());
    for (at, name) in names.iter().enumerate() {
        let column = frame.column(name).unwrap();
        for (row, record) in records.iter().enumerate() {
            let (text, value) = (&record[at], column.get(row).unwrap());
            let same = match &value {
                AnyValue::Null => text.is_empty(),
                AnyValue::String(value) => *value == text,
                AnyValue::Boolean(value) => value.to_string() == text,
                AnyValue::Int32(value) => value.to_string() == text,
                AnyValue::Float64(value) => text.parse() == Ok(*value),
                AnyValue::Date(days) => {
                    jiff::civil::date(1970, 1, 1) + jiff::Span::new().days(*days) == text.parse().unwrap()
                }
                _ => false,
            };
            assert!(same, "{name} in row {row}: {value:?} in Parquet, `{text}` in CSV");
        }
    }
}

/// Bids of a channel's sheet by unit and hour, the sheet found by its name.
fn the_workbook_holds_the_bids(shop: &Shop, out: &str, sheets: [&str; 4]) {
    let mut book: Xlsx<_> = open_workbook(shop.path(out).join("bids.xlsx")).unwrap();
    let bids = shop.bids(out);
    for (channel, name) in ["search", "display", "affiliate", "group_buy"].into_iter().zip(sheets) {
        let names = book.sheet_names();
        let sheet = book.worksheet_range(name).unwrap_or_else(|error| panic!("{error}: {name} in {names:?}"));
        let mut shown = BTreeMap::new();
        for row in sheet.rows().skip(4) {
            let text = |at: usize| row[at].to_string();
            for hour in 0..24u8 {
                if let Data::Float(bid) = row[5 + usize::from(hour)] {
                    shown.insert((text(0), text(1), text(2), hour), bid);
                }
            }
        }
        let planned: BTreeMap<_, _> = bids
            .0
            .iter()
            .filter(|row| row.run && row.channel == channel)
            .map(|row| {
                ((row.campaign.clone(), row.unit.clone(), row.product.clone(), row.hour), row.bid.unwrap())
            })
            .collect();
        assert!(
            !planned.is_empty() && shown.keys().eq(planned.keys()),
            "{channel}: {} shown, {} planned",
            shown.len(),
            planned.len()
        );
        for (key, bid) in &planned {
            assert!(
                (shown[key] - bid).abs() < 1e-9,
                "{channel} {key:?}: {} in the workbook, {bid} planned",
                shown[key]
            );
        }
    }
}

fn the_summary_adds_up(shop: &Shop) {
    let (summary, bids) = (shop.summary("out"), shop.bids("out"));
    let near = |a: f64, b: f64| (a - b).abs() <= 1e-5 * b.abs() + 0.01;
    for measure in ["impressions", "clicks", "spend", "orders", "revenue"] {
        let all = bids.sum(measure, |_| true);
        assert!(near(summary["totals"][measure].as_f64().unwrap(), all), "{measure}");
        for channel in ["search", "display", "affiliate", "group_buy"] {
            let sum = bids.sum(measure, |row| row.channel == channel);
            assert!(
                near(summary["channels"][channel][measure].as_f64().unwrap(), sum),
                "{channel} {measure}"
            );
        }
        for hour in 0..24u8 {
            let sum = bids.sum(measure, |row| row.hour == hour);
            assert!(
                near(summary["hours"][usize::from(hour)][measure].as_f64().unwrap(), sum),
                "{hour} {measure}"
            );
        }
    }
    assert!(near(summary["objective"].as_f64().unwrap(), bids.sum("revenue", |_| true)));
    // The bound is of the rungs; bids between them may earn a trifle more.
    assert!(1.0001 * summary["bound"].as_f64().unwrap() >= summary["objective"].as_f64().unwrap());
    for stage in ["landscapes", "ladders", "program", "solve", "bids", "check"] {
        let known = summary["seconds"][stage].is_number() || stage == "landscapes";
        assert!(known, "{stage} in {}", summary["seconds"]);
    }
}
