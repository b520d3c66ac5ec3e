//! What platforms are told of one small plan, word for word.

use super::*;
use crate::calendar::HOURS;
use crate::config::Objective;
use crate::config::platform::Account;
use crate::keys::{Cell, Channel, Unit};
use crate::metric::Outcome;
use crate::plan::{PlanCell, Reason};
use crate::schedule::executable::Campaign;

/// Three campaigns: one with windows and a paused unit, one on all day at its base bids, one that is paused.
fn plan(platform: Platform) -> Executable {
    let channel = platform.channel().unwrap_or(Channel::Search);
    let unit = |campaign: &str, unit: &str, product: Option<&str>| Unit {
        channel,
        campaign: campaign.into(),
        unit: unit.into(),
        product: product.map(Into::into),
    };
    let units = vec![
        unit("brand", "red, \"warm\" scarf", Some("scarf")),
        unit("brand", "scarf", Some("scarf")),
        unit("generic", "700000000001", None),
        unit("rest", "boots", None),
    ];
    let mut windows = [None; HOURS];
    windows[8..12].fill(Some(100));
    windows[12..24].fill(Some(if platform == Platform::Zuanzhan { 100 } else { 85 }));
    let campaign = |name: &str, percent, base: &[(u32, Option<f64>)]| Campaign {
        name: name.into(),
        of: name.into(),
        percent,
        base: base.to_vec(),
        spend: None,
    };
    let campaigns = vec![
        campaign("brand", windows, &[(0, Some(1.2)), (1, None)]),
        campaign("generic", [Some(100); HOURS], &[(2, Some(0.85))]),
        campaign("rest", [None; HOURS], &[(3, None)]),
    ];
    let mut cells = Vec::new();
    for (index, _) in units.iter().enumerate() {
        for hour in 0..HOURS as u8 {
            let set = campaigns.iter().find_map(|campaign| {
                let base = campaign.base.iter().find(|(unit, _)| *unit == index as u32)?.1?;
                Some(base * f64::from(campaign.percent[usize::from(hour)]?) / 100.0)
            });
            cells.push(PlanCell {
                cell: Cell { unit: index as u32, hour },
                run: set.is_some(),
                bid: set,
                last_bid: Some(1.0),
                outcome: set.map_or_else(Outcome::default, |bid| Outcome {
                    impressions: 100.0,
                    clicks: 5.0,
                    spend: 5.0 * bid,
                    orders: 0.5,
                    revenue: 20.0,
                    position_sum: 400.0,
                    position_weight: 100.0,
                }),
                reason: Reason::Chosen,
                extrapolated: false,
                imputed: false,
            });
        }
    }
    Executable {
        platform,
        terms: platform.terms(),
        account: Account { match_type: Some("Exact".into()), ..Account::default() },
        date: jiff::civil::date(2026, 12, 12),
        objective: Objective::Revenue,
        margin: 0.35,
        outlook: crate::plan::Outlook::default(),
        by_hand: Vec::new(),
        currency: "CNY".into(),
        units,
        campaigns,
        free: cells.clone(),
        cells,
        rules: Vec::new(),
        held: [None, None],
        unreached: Vec::new(),
        better: Vec::new(),
    }
}

/// The files of a platform as text, line ends and byte order mark taken off, which must be there.
fn texts(platform: Platform) -> Vec<String> {
    let sheets = of(platform).sheets(&plan(platform)).unwrap();
    let text = |sheet: Sheet| {
        assert!(FILES.contains(&sheet.name), "{} is a file that a later run removes", sheet.name);
        let text = String::from_utf8(sheet.bytes).unwrap();
        let text = text.strip_prefix('\u{feff}').expect("spreadsheets know UTF-8 by its mark").to_owned();
        assert!(text.ends_with("\r\n"));
        text.replace("\r\n", "\n")
    };
    sheets.into_iter().map(text).collect()
}

#[test]
fn zhitongche_is_told_in_strings_and_blank_is_not_delivered() {
    let texts = texts(Platform::Zhitongche);
    let day = "08:00-12:00:100,12:00-24:00:85";
    let week = [day; 7].join(";");
    let all = ["00:00-24:00:100"; 7].join(";");
    let lines: Vec<&str> = texts[0].lines().collect();
    assert!(lines[0].starts_with("计划名称,状态,分时折扣,00:00,01:00,") && lines[0].ends_with(",23:00"));
    assert_eq!(
        lines[1],
        format!("brand,推广,\"{week}\",,,,,,,,,100,100,100,100,85,85,85,85,85,85,85,85,85,85,85,85")
    );
    assert_eq!(lines[2], format!("generic,推广,{all}{}", ",100".repeat(24)));
    assert_eq!(lines[3], format!("rest,暂停,{}", ",".repeat(24)));
    let words: Vec<&str> = texts[1].lines().skip(1).collect();
    assert_eq!(
        words,
        [
            "brand,scarf,\"red, \"\"warm\"\" scarf\",推广,1.2,1,+20%,1.02,1.2,4,80,85.2,320,3.76",
            "brand,scarf,scarf,暂停,,1,,,,,,,,",
            "generic,,700000000001,推广,0.85,1,-15%,0.85,0.85,4,120,102,480,4.71",
            "rest,,boots,暂停,,1,,,,,,,,",
        ]
    );
}

#[test]
fn zuanzhan_is_told_in_switches() {
    let texts = texts(Platform::Zuanzhan);
    let on = format!("{}{}", "0,".repeat(8), ["1"; 16].join(","));
    let (all, none) = (["1"; 24].join(","), ["0"; 24].join(","));
    let expected = format!(
        "计划名称,状态,工作日时段,周末时段\nbrand,推广,\"{on}\",\"{on}\"\ngeneric,推广,\"{all}\",\"{all}\"\nrest,暂停,\"{none}\",\"{none}\"\n"
    );
    assert_eq!(texts[0], expected);
    assert_eq!(
        texts[1],
        "计划名称,人群与资源位,状态,千次展现出价,原出价\nbrand,\"red, \"\"warm\"\" scarf\",推广,1.2,1\nbrand,scarf,暂停,,1\ngeneric,700000000001,推广,0.85,1\nrest,boots,暂停,,1\n"
    );
}

#[test]
fn google_is_told_in_multipliers_and_blank_changes_nothing() {
    let texts = texts(Platform::GoogleAds);
    let day = |day: &str| format!("({day}[08:00-12:00]);({day}@85%[12:00-24:00])");
    let week = DAYS.map(day).join(";");
    let expected = format!(
        "Campaign,Campaign Status,Ad Schedule,Ad Group,Keyword,Criterion Type,Status,Max CPC\n\
         brand,Enabled,{week},,,,,\n\
         brand,,,scarf,\"red, \"\"warm\"\" scarf\",Exact,Enabled,1.2\n\
         brand,,,scarf,scarf,Exact,Paused,\n\
         generic,Enabled,[],,,,,\n\
         generic,,,generic,700000000001,Exact,Enabled,0.85\n\
         rest,Paused,,,,,,\n"
    );
    assert_eq!(texts[0], expected);
}

#[test]
fn microsoft_is_told_in_adjustments_and_zero_is_the_bid_itself() {
    let texts = texts(Platform::Microsoft);
    let mut expected =
        "Type,Status,Id,Parent Id,Campaign,Ad Group,Keyword,Match Type,Bid,Target,From Hour,From Minute,To Hour,To Minute,Bid Adjustment,Name\n\
         Format Version,,,,,,,,,,,,,,,6.0\n"
            .to_owned();
    let criterion = |campaign: &str, day: &str, from: u8, to: u8, more: i32| {
        format!("Campaign DayTime Criterion,Active,,,{campaign},,,,,{day},{from},0,{to},0,{more},\n")
    };
    for day in DAYS {
        expected += &criterion("brand", day, 8, 12, 0);
        expected += &criterion("brand", day, 12, 24, -15);
    }
    expected += "Keyword,Active,,,brand,scarf,\"red, \"\"warm\"\" scarf\",Exact,1.2,,,,,,,\n";
    expected += "Keyword,Paused,,,brand,scarf,scarf,Exact,,,,,,,,\n";
    for day in DAYS {
        expected += &criterion("generic", day, 0, 24, 0);
    }
    expected += "Keyword,Active,,,generic,generic,700000000001,Exact,0.85,,,,,,,\n";
    expected += "Campaign,Paused,,,rest,,,,,,,,,,,\n";
    assert_eq!(texts[0], expected);
}

#[test]
fn amazon_is_told_row_by_row_with_ids_as_text() {
    use calamine::{Data, Reader, Xlsx};
    let sheet = of(Platform::Amazon).sheets(&plan(Platform::Amazon)).unwrap().swap_remove(0);
    let mut book = Xlsx::new(std::io::Cursor::new(sheet.bytes)).unwrap();
    let range = book.worksheet_range("Sponsored Products Campaigns").unwrap();
    let rows: Vec<Vec<String>> = range
        .rows()
        .map(|row| {
            row.iter()
                .map(|cell| if *cell == Data::Empty { "-".to_owned() } else { cell.to_string() })
                .collect()
        })
        .collect();
    assert_eq!(
        rows[1].join("|"),
        "Sponsored Products|Keyword|Update|-|-|-|brand|scarf|enabled|1.2|red, \"warm\" scarf|exact"
    );
    assert_eq!(rows[2].join("|"), "Sponsored Products|Keyword|Update|-|-|-|brand|scarf|paused|-|scarf|exact");
    assert_eq!(
        rows[3].join("|"),
        "Sponsored Products|Keyword|Update|-|-|700000000001|generic|generic|enabled|0.85|-|exact"
    );
    assert!(matches!(range.get_value((3, 5)), Some(Data::String(_))), "an ID is text");
    assert_eq!(rows.len(), 5);
}

#[test]
fn programs_are_told_every_bid_and_null_where_nothing_runs() {
    let sheet = of(Platform::Json).sheets(&plan(Platform::Json)).unwrap().swap_remove(0);
    let value: serde_json::Value = serde_json::from_slice(&sheet.bytes).unwrap();
    let first = &value["units"][0];
    assert_eq!((first["channel"].as_str(), first["product"].as_str()), (Some("search"), Some("scarf")));
    let bids = first["bids"].as_array().unwrap();
    assert_eq!(
        (bids.len(), &bids[7], bids[8].as_f64(), bids[12].as_f64()),
        (24, &serde_json::Value::Null, Some(1.2), Some(1.02))
    );
    assert!(value["units"][1]["bids"].as_array().unwrap().iter().all(serde_json::Value::is_null));
}
