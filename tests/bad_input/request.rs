//! Slips in the plan file and on the command line.

use std::fs;

use super::Case;
use super::Make::{Folder, Nothing, Plan};

const PLAN: &[&str] = &["plan", "plan.toml"];

const fn plan(slip: &'static str, make: super::Make, says: &'static [&'static str]) -> Case {
    Case { slip, make, words: PLAN, says }
}

const fn words(slip: &'static str, words: &'static [&'static str], says: &'static [&'static str]) -> Case {
    Case { slip, make: Nothing, words, says }
}

pub const CASES: &[Case] = &[
    // The plan file by itself.
    plan("not TOML", Plan("margin = 0.35", "margin = = 0.35"), &["error[C001] plan.toml:13", "fix: "]),
    plan(
        "not UTF-8",
        Folder(|shop| shop.write("plan.toml", b"[history]\nfiles = [\"\xc8\xfd\"]\n")),
        &["error[C001] plan.toml:2", "save it as UTF-8"],
    ),
    plan(
        "an empty file",
        Folder(|shop| shop.write("plan.toml", "")),
        &["error[C004] plan.toml", "lacks `history`"],
    ),
    plan(
        "an unknown key",
        Plan("margin = 0.35", "marign = 0.35"),
        &["error[C002] plan.toml:13", "unknown key `marign`", "did you mean `margin`?"],
    ),
    plan(
        "an unknown table",
        Plan("[uplift]", "[weather]"),
        &["error[C002] plan.toml:17", "unknown key `weather`"],
    ),
    plan(
        "a key by a part of its name",
        Plan("lookback_days = 56", "lookback = 56"),
        &["error[C002] plan.toml:8", "unknown key `lookback`", "did you mean `lookback_days`?"],
    ),
    plan(
        "a key by its long name",
        Plan("max = 40000", "maximum = 40000"),
        &["error[C002] plan.toml:53", "unknown key `maximum`", "did you mean `max`?"],
    ),
    plan(
        "a key with its words the other way round",
        Plan("min_share = 0.2", "share_min = 0.2"),
        &["error[C002] plan.toml:", "unknown key `share_min`", "did you mean `min_share`?"],
    ),
    plan("a table that is a list", Plan("[market]", "[rule]"), &["error[C001] plan.toml:", "fix: "]),
    plan(
        "an unknown metric",
        Plan("metric = \"roi\"", "metric = \"roas\""),
        &["error[C005] plan.toml:", "`roas`", "`roi`"],
    ),
    plan(
        "per on an unknown key",
        Plan("per = [\"unit\"]", "per = [\"keyword\"]"),
        &["error[C005] plan.toml:", "keyword", "`unit`"],
    ),
    plan(
        "text for a number",
        Plan("max = 40000", "max = \"40,000\""),
        &["error[C003] plan.toml:53", "must be a number, not text"],
    ),
    plan(
        "no such day",
        Plan("date = 2026-12-12", "date = 2026-13-12"),
        &["error[C0", "plan.toml:11", "fix: "],
    ),
    plan(
        "no such time zone",
        Plan("Asia/Shanghai", "Asia/Peking"),
        &["error[C016] plan.toml:15", "there is no time zone `Asia/Peking`", "fix: "],
    ),
    plan(
        "no days to look back",
        Plan("lookback_days = 56", "lookback_days = 0"),
        &["error[C012] plan.toml:8", "1 or more"],
    ),
    plan(
        "nothing old enough to learn from",
        Plan("lookback_days = 56", "lookback_days = 7"),
        &["error[C015] plan.toml:7", "make `maturity_days` less"],
    ),
    plan(
        "a band upside down",
        Plan("position = [3, 5]", "position = [5, 3]"),
        &["error[C013] plan.toml:23", "`position = [3, 5]`"],
    ),
    plan(
        "a commission in percent",
        Plan("bid = [0.02, 0.45]", "bid = [2, 45]"),
        &["error[C012] plan.toml:32", "at most 1"],
    ),
    plan(
        "two slots of one name",
        Plan("unit = \"slot-1\"", "unit = \"slot-0\""),
        &["error[C040] plan.toml:39", "remove one"],
    ),
    plan(
        "two rules of one name",
        Plan("name = \"search ctr\"", "name = \"search cpc\""),
        &["error[C020] plan.toml:75", "give each its own name"],
    ),
    plan(
        "a rule without a bound",
        Plan("max = 40000\n", ""),
        &["error[C021] plan.toml:50", "rule `budget` bounds nothing"],
    ),
    plan(
        "a share of a ratio",
        Plan("metric = \"spend\"\nmin_share", "metric = \"cpc\"\nmin_share"),
        &["error[C024] plan.toml:108", "take the share of a sum"],
    ),
    plan(
        "soft without a price",
        Plan("max = 40000", "max = 40000\nsoft = true"),
        &["error[C025] plan.toml:54", "give it `weight`"],
    ),
    plan("an hour 24", Plan("\"20-21\"", "\"20-25\""), &["error[C006] plan.toml:106", "first before last"]),
    plan(
        "a confidence that nothing could have",
        Plan("margin = 0.35", "margin = 0.35\nconfidence = 1.0"),
        &["error[C012] plan.toml:14", "below 1"],
    ),
    // The plan file against the history.
    plan(
        "a rule whose scope matches nothing",
        Plan(
            "where = { channel = \"search\" }\nmetric = \"ctr\"",
            "where = { unit = \"wk-*\" }\nmetric = \"ctr\"",
        ),
        &[
            "error[P001] plan.toml:",
            "rule `search ctr`: its scope matches nothing",
            "`unit=wk-*`",
            "`*` stands for anything",
        ],
    ),
    plan(
        "a rule on a unit that is misspelt",
        Plan(
            "where = { channel = \"search\" }\nmetric = \"ctr\"",
            "where = { unit = \"kw-001\" }\nmetric = \"ctr\"",
        ),
        &["error[P001] plan.toml:", "`unit=kw-001`", "did you mean `kw-00"],
    ),
    plan(
        "a bid beyond the channel's for a unit without its channel",
        Plan("[market]", "[[override]]\nwhere = { unit = \"kw-0001\" }\nbid = 99\n\n[market]"),
        &["error[C031] plan.toml:11", "override 1: the fixed bid 99 is outside `[search] bid`", "fix: "],
    ),
    plan(
        "a share of nothing",
        Plan("of = { channel = [\"search\", \"display\"] }", "of = { date = \"2026-12-11\" }"),
        &["error[P001]", "`of` of rule `evening round`", "dates and hours must lie on the planned day"],
    ),
    plan(
        "an override of nothing",
        Plan("[market]", "[[override]]\nwhere = { campaign = \"brand\" }\nrun = false\n\n[market]"),
        &["error[P001]", "override 1", "`campaign=brand`", "fix: "],
    ),
    plan(
        "a date before the history",
        Plan("date = 2026-12-12", "date = 2026-10-01"),
        &[
            "error[H021]",
            "no rows before the planned date",
            "H044",
            "history/history.parquet:",
            "move `[plan] date`",
        ],
    ),
    // The command line.
    words(
        "no such plan file",
        &["plan", "plna.toml"],
        &["error[F001] plna.toml", "cannot read plna.toml", "check that the path exists"],
    ),
    words("a folder for a plan file", &["plan", "history"], &["error[F001] history", "fix: "]),
    words(
        "--set without a value",
        &["plan", "plan.toml", "--set", "plan.margin"],
        &["error[C007] --set", "KEY=VALUE"],
    ),
    words(
        "--set of an unknown key",
        &["plan", "plan.toml", "--set", "plan.margn=0.4"],
        &["error[C002] --set", "did you mean `margin`?"],
    ),
    words(
        "--set of a rule that is not there",
        &["plan", "plan.toml", "--set", "rule.budgte.max=1"],
        &["error[C007] --set", "did you mean `budget`?"],
    ),
    words(
        "--set out of range",
        &["plan", "plan.toml", "--set", "uplift.cvr=-1"],
        &["error[C012] --set", "a factor above 0"],
    ),
    words(
        "a date that is none",
        &["plan", "plan.toml", "--date", "tomorrow"],
        &["invalid value 'tomorrow' for '--date"],
    ),
    words(
        "a date before the history, asked for",
        &["plan", "plan.toml", "--date", "2026-10-01"],
        &["error[H021]", "no rows before the planned date", "H044", "move `[plan] date`"],
    ),
    words(
        "no such solver",
        &["plan", "plan.toml", "--solver", "abacus"],
        &["error[P002]", "there is no solver `abacus`", "use one of: structured"],
    ),
    words(
        "no such model file",
        &["plan", "plan.toml", "--model", "no.json"],
        &["error[F001] no.json", "check that the path exists"],
    ),
    words(
        "a model that is none",
        &["plan", "plan.toml", "--model", "shop.toml"],
        &["error[L010] shop.toml", "write one with `bidwright fit"],
    ),
    Case {
        slip: "a model of the future",
        make: Folder(|shop| shop.write("model.json", r#"{"bidwright_model": 99, "landscapes": {}}"#)),
        words: &["plan", "plan.toml", "--model", "model.json"],
        says: &["error[L011] model.json", "format 99", "update bidwright, or fit again"],
    },
    Case {
        slip: "a model of the past",
        make: Folder(|shop| shop.write("model.json", r#"{"bidwright_model": 8, "landscapes": {}}"#)),
        words: &["plan", "plan.toml", "--model", "model.json"],
        says: &["error[L011] model.json", "format 8", "fit again with `bidwright fit`"],
    },
    Case {
        slip: "a damaged model",
        make: Folder(|shop| {
            shop.write("model.json", r#"{"bidwright_model": 9, "landscapes": {"units": 7}}"#)
        }),
        words: &["plan", "plan.toml", "--model", "model.json"],
        says: &["error[L012] model.json", "damaged", "fit again"],
    },
    Case {
        slip: "a shop file that is missing",
        make: Folder(|shop| fs::remove_file(shop.path("shop.toml")).unwrap()),
        words: &["simulate", "plan.toml", "--out", "fresh"],
        says: &["error[F001] shop.toml", "check that the path exists"],
    },
    Case {
        slip: "no simulated shop",
        make: Plan("[market]\nshop = \"shop.toml\"\n", ""),
        words: &["simulate", "plan.toml", "--out", "fresh"],
        says: &["error[U003] plan.toml", "add `[market]`"],
    },
    words(
        "a model over a plan file",
        &["fit", "plan.toml", "--out", "shop.toml"],
        &["error[U002] shop.toml", "choose another --out, or say --force"],
    ),
    words(
        "a sweep below the rule's other bound",
        &["sweep", "plan.toml", "--rule", "evening round", "--max", "0.1:0.3:0.1"],
        &["error[U013]", "rule `evening round` has its other bound at 0.2, and 0.1 is below it"],
    ),
    words(
        "a longer past than there is",
        &["backtest", "plan.toml", "--days", "400"],
        &["error[L020]", "fewer --days"],
    ),
];
