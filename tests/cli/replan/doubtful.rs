//! Reports that are doubtful, and what is never touched.

use super::*;

#[test]
fn a_workbook_of_a_day_under_way_is_not_approved() {
    let shop = planned();
    shop.write("today.csv", report(&shop, NOW, 0.8, 1.0));
    replan(&shop, &[]).ended(0);
    let mut book: Xlsx<_> = open_workbook(shop.path(&format!("{AGAIN}/bids.xlsx"))).unwrap();
    let sheet = book.worksheet_range("Search bids").unwrap();
    assert_eq!(sheet.get((0, 0)), Some(&Data::String("Search · 2026-12-12 · from 14:00".into())));
    let asks = |cell: &Data| cell.to_string().contains("--approve") || *cell == Data::String("?".into());
    assert!(!sheet.rows().flatten().any(asks));
    assert!(sheet.rows().skip(3).all(|row| row[0] == Data::Empty && row[2].as_f64().unwrap() >= 14.0));
    let ran =
        shop.plan_on_model("plan.toml", "approved", &["--approve", &format!("{AGAIN}/bids.xlsx")]).ended(2);
    assert!(ran.stderr.contains("error[A032]") && ran.stderr.contains("under way"), "{}", ran.stderr);
}

#[test]
fn doubtful_reports_leave_everything_as_it_is() {
    let shop = planned();
    let before = content(&shop, IN_FORCE);
    let good = report(&shop, NOW, 1.0, 1.0);
    let rows = |keep: &dyn Fn(&str) -> bool| -> String {
        good.lines()
            .enumerate()
            .filter(|(at, line)| *at == 0 || keep(line))
            .map(|(_, line)| format!("{line}\n"))
            .collect()
    };
    let bid_tripled = |line: &str| {
        let mut cells: Vec<String> = line.split(',').map(str::to_owned).collect();
        if let Ok(bid) = cells[6].parse::<f64>() {
            cells[6] = (3.0 * bid).to_string();
        }
        cells.join(",") + "\n"
    };
    let thin_last_hour = |line: &str| {
        let mut cells: Vec<String> = line.split(',').map(str::to_owned).collect();
        if cells[1] == "13" {
            for sum in &mut cells[7..12] {
                *sum = (0.1 * sum.parse::<f64>().unwrap()).to_string();
            }
        }
        cells.join(",") + "\n"
    };
    let cases: [(&str, String, &str); 7] = [
        ("of yesterday", good.replace("2026-12-12,", "2026-12-11,"), "A001"),
        ("stale", rows(&|line| !line.starts_with("2026-12-12,13,")), "A004"),
        ("without display", rows(&|line| !line.contains(",display,")), "A004"),
        (
            "without hours",
            rows(&|line| line.starts_with("2026-12-12,9,")).replace("2026-12-12,9,", "2026-12-12,,"),
            "A005",
        ),
        (
            "of other bids",
            good.lines()
                .take(1)
                .map(|line| format!("{line}\n"))
                .chain(good.lines().skip(1).map(bid_tripled))
                .collect(),
            "A007",
        ),
        (
            "before the hour is over",
            good.lines()
                .take(1)
                .map(|line| format!("{line}\n"))
                .chain(good.lines().skip(1).map(thin_last_hour))
                .collect(),
            "A008",
        ),
        ("of strangers", good.replace(",search,品牌词,", ",search,新计划,"), "A003"),
    ];
    for (name, text, code) in cases {
        assert_ne!(text, good, "{name}");
        shop.write("today.csv", text);
        let ran = replan(&shop, &[]).ended(2);
        assert!(
            ran.stderr.contains(&format!("error[{code}]")) && ran.stderr.contains("fix: "),
            "{name}:\n{}",
            ran.stderr
        );
        assert!(!shop.path(AGAIN).exists(), "{name} wrote a plan");
    }
    assert_eq!(content(&shop, IN_FORCE), before);
    // A doubt that the operator knows about can be overruled; a plan of another day, and the plan in force, cannot.
    shop.write("today.csv", rows(&|line| !line.starts_with("2026-12-12,13,")));
    let ran = replan(&shop, &["--anyway"]).ended(0);
    assert!(ran.stderr.contains("warning[A004]"), "{}", ran.stderr);
    shop.write("today.csv", good);
    let ran = replan(&shop, &["--date", "2026-12-11", "--plan", IN_FORCE]).ended(2);
    assert!(ran.stderr.contains("error[A010]"), "{}", ran.stderr);
    let file = format!("{IN_FORCE}/plan.csv");
    for more in [&[][..], &["--plan", IN_FORCE], &["--plan", file.as_str()]] {
        let ran = replan(&shop, &[&["--out", IN_FORCE], more].concat()).ended(2);
        assert!(ran.stderr.contains("error[A013]"), "{more:?}: {}", ran.stderr);
    }
    assert_eq!(content(&shop, IN_FORCE), before);
}
