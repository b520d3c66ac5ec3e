//! What cannot be used, and how it is said.

use super::{HEADER, PLAIN, Shop, TOLERANT, codes, findings};

#[test]
fn each_fault_is_named_with_its_place() {
    let good = "2026-01-02,1,search,c,good,,1,100,10,10,1,20,3,8\n";
    let cases = [
        ("2026-01-02,1,search,c,u,,1,100,10,x,1,20,3,8", "H030", "spend", "x"),
        ("2026-13-02,1,search,c,u,,1,100,10,10,1,20,3,8", "H031", "date", "2026-13-02"),
        ("20260101至20260107,1,search,c,u,,1,100,10,10,1,20,3,8", "H032", "date", "20260101至20260107"),
        ("2026-01-02,24,search,c,u,,1,100,10,10,1,20,3,8", "H033", "hour", "24"),
        ("2026-01-02,1,radio,c,u,,1,100,10,10,1,20,3,8", "H034", "channel", "radio"),
        ("2026-01-02,1,search,c,-,,1,100,10,10,1,20,3,8", "H035", "unit", ""),
        ("2026-01-02,1,search,,u,,1,100,10,10,1,20,3,8", "H035", "campaign", ""),
        ("2026-01-02,1,search,c,u,,1,100,10,-10,1,20,3,8", "H036", "spend", "-10"),
        ("2026-01-02,1,search,c,u,,1,100,10,inf,1,20,3,8", "H037", "spend", "inf"),
        ("2026-01-02,1,search,c,u,,1,100,10,10,1,20,0.5,8", "H038", "position", "0.5"),
        ("2026-01-02,1,search,c,u,,1,5,10,10,1,20,3,8", "H039", "clicks", "10"),
        ("2026-01-02,1,search,c,u,,1,0,10,10,1,20,3,8", "H040", "clicks", "10"),
        ("2026-01-02,1,search,c,u,,1,100,10,--,1,20,3,8", "H042", "spend", "--"),
        ("2026-01-02,1,search,c,u,,1,100,10,1,234,1,20,3,8", "H048", "", ""),
        ("2026-01-02,1,search,c,4.3E+16,,1,100,10,10,1,20,3,8", "H051", "unit", "4.3E+16"),
        ("2026-01-02,1,affiliate,c,u,,5,100,10,10,1,20,3,8", "H053", "bid", "5"),
    ];
    let shop = Shop::new();
    let body: String = cases.iter().map(|(row, ..)| format!("{row}\n")).collect();
    shop.file("a.csv", format!("{HEADER}{good}{body}"));
    let history = shop.read(TOLERANT).unwrap();
    assert_eq!(history.observations.len(), 1);
    assert_eq!(history.audit.rejected.len(), cases.len());
    for (at, (row, code, column, value)) in cases.into_iter().enumerate() {
        let rejected = &history.audit.rejected[at];
        assert_eq!(
            (rejected.code, rejected.column.as_str(), rejected.value.as_str()),
            (code, column, value),
            "{row}"
        );
        assert_eq!((rejected.line, rejected.row.as_str()), (at + 3, row));
    }
    let refused = findings(shop.read(PLAIN));
    assert_eq!(refused[0].code, "H016", "the summary comes first");
    assert_eq!(refused.len(), 1 + cases.len());
}

#[test]
fn faults_of_all_files_are_found_at_once() {
    let shop = Shop::new();
    shop.file("a.csv", "date,unit,clicks,impressions,spend,orders,revenue\n")
        .file("b.csv", "")
        .file("c.parquet", "PAR1 this is not Parquet PAR1")
        .file("d.csv", "Word,date,date,campaign,channel,impressions,clicks,spend,orders,revenue\n");
    let plan = r#"
        [[history.source]]
        files = ["a.csv", "b.csv", "c.parquet", "missing-*.csv"]
        [[history.source]]
        files = ["d.csv"]
        columns = { unit = "Wrod", sepnd = "x", clicks = ["a", "b"] }
        constants = { channel = "radio", clicks = 3 }
    "#;
    let found = findings(shop.read(plan));
    let mut all = codes(&found);
    all.sort_unstable();
    all.dedup();
    for code in ["H002", "H004", "H005", "H006", "H007", "H008", "H009", "H010", "H012"] {
        assert!(all.contains(&code), "{code} in {all:?}");
    }
    let nearest = found.iter().find(|finding| finding.value.as_deref() == Some("Wrod")).unwrap();
    assert!(nearest.action.contains("`Word`"), "{}", nearest.action);
    assert_eq!(super::codes(&findings(shop.read("[history]\nwindow_days = 7"))), ["H001"]);
}

#[test]
fn findings_are_collapsed_but_rows_are_not() {
    let shop = Shop::new();
    let rows: String =
        (0..50).map(|n| format!("2026-01-02,1,search,c,u{n},,1,100,10,x,1,20,3,8\n")).collect();
    shop.file("a.csv", format!("{HEADER}2026-01-02,1,search,c,good,,1,100,10,10,1,20,3,8\n{rows}"));
    let history = shop.read(TOLERANT).unwrap();
    assert_eq!(history.audit.rejected.len(), 50);
    assert_eq!(history.audit.findings.len(), 21);
    assert!(history.audit.findings[20].cause.starts_with("30 more"));
}

#[test]
fn a_missing_folder_is_a_finding_and_not_a_panic() {
    let shop = Shop::new();
    let refused = findings(shop.read("[history]\nfiles = [\"nowhere\", \"[\"]"));
    assert_eq!(codes(&refused), ["H002", "H002"]);
    assert!(!shop.path("nowhere").exists());
}

#[test]
fn only_a_header_like_the_missing_column_is_proposed() {
    let shop = Shop::new();
    shop.file("a.csv", "date,hour,campaign,unit,impressions,clicks,Spent,orders,revenue,Conv. value\n");
    let refused = findings(shop.read(PLAIN));
    let proposed = |column: &str| {
        let lacking = format!("`{column}`");
        &refused.iter().find(|finding| finding.cause.contains(&lacking)).unwrap().action
    };
    assert!(proposed("spend").contains("spend = \"Spent\""), "{}", proposed("spend"));
    assert!(proposed("channel").contains("channel = \"…\""), "{}", proposed("channel"));
}
