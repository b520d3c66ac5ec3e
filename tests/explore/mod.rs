//! `bidwright explore`: its server, asked as a page asks it.

mod base;
mod browser;
mod fields;
mod server;
mod told;
mod webdriver;

use serde_json::{Value, json};

use crate::shop::Shop;
use server::{Server, kinds, line};

/// A shop whose display must spend most of its budget, so that not every return can be had.
fn pressed() -> Shop {
    let shop = Shop::new();
    shop.patch("plan.toml", "max = 15000", "max = 15000\nmin = 14000");
    shop
}

#[test]
fn only_who_has_the_token_gets_in() {
    let shop = Shop::new();
    let server = Server::start(&shop, &[]);
    let bearer = |token: &str| format!("Bearer {token}");
    for (head, headers) in [
        ("GET /", vec![]),
        ("GET /?token=0123", vec![]),
        ("GET /app.js", vec![]),
        ("GET /echarts.js", vec![]),
        ("GET /api/shop", vec![]),
        ("POST /api/try", vec![]),
        ("POST /api/save", vec![("Authorization", bearer("0123456789abcdef0123456789abcdef"))]),
        ("GET /api/shop", vec![("Cookie", format!("bidwright-{}=nonsense", server.port))]),
    ] {
        let headers: Vec<(&str, &str)> =
            headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let answer = server.send(head, &headers, "{}");
        assert_eq!(answer.status, 401, "{head} {headers:?}");
        assert!(answer.headers.contains("content-security-policy: default-src 'none'"), "{}", answer.headers);
    }

    // The printed address sets a cookie and takes the token out of sight.
    let entrance = server.send(&format!("GET /?token={}", server.token), &[], "");
    assert_eq!(entrance.status, 303);
    assert!(entrance.headers.contains("location: /\r\n"), "{}", entrance.headers);
    let cookie = entrance.headers.lines().find_map(|line| line.strip_prefix("set-cookie: ")).unwrap();
    assert!(cookie.contains("httponly") && cookie.contains("samesite=strict"), "{cookie}");
    let cookie = cookie.split(';').next().unwrap();
    let page = server.send("GET /", &[("Cookie", cookie)], "");
    assert_eq!(page.status, 200);
    assert!(
        page.text().contains("<html")
            && !page.text().contains("https://")
            && !page.text().contains("src=\"//")
    );
    assert!(page.headers.contains("frame-ancestors 'none'") && !page.headers.contains("unsafe-inline"));
    for file in [
        "/style.css",
        "/app.js",
        "/words.js",
        "/base.js",
        "/closeup.js",
        "/controls.js",
        "/entry.js",
        "/file.js",
        "/results.js",
        "/settings.js",
        "/leave.js",
        "/shape.js",
        "/answers.js",
        "/charts.js",
        "/talk.js",
        "/echarts.js",
    ] {
        assert_eq!(server.send(&format!("GET {file}"), &[("Cookie", cookie)], "").status, 200, "{file}");
    }
    assert_eq!(server.send("GET /api/shop", &[("Cookie", cookie)], "").status, 200);
}

#[test]
fn other_hosts_and_origins_are_refused() {
    let shop = Shop::new();
    let server = Server::start(&shop, &[]);
    let bearer = format!("Bearer {}", server.token);
    let ask = |name: &str, value: &str| {
        server.send("GET /api/shop", &[("Authorization", bearer.as_str()), (name, value)], "").status
    };
    let here = format!("127.0.0.1:{}", server.port);
    assert_eq!(ask("Host", &here), 200);
    assert_eq!(ask("Host", &format!("localhost:{}", server.port)), 200);
    for host in ["example.com", "127.0.0.1", "127.0.0.1:1", &format!("example.com:{}", server.port)] {
        assert_eq!(ask("Host", host), 421, "{host}");
    }
    assert_eq!(ask("Origin", &format!("http://{here}")), 200);
    for origin in ["https://example.com", "null", "http://127.0.0.1:1", &format!("https://{here}")] {
        assert_eq!(ask("Origin", origin), 403, "{origin}");
    }
    assert_eq!(ask("Sec-Fetch-Site", "cross-site"), 403);
    assert_eq!(ask("Sec-Fetch-Site", "same-origin"), 200);
}

#[test]
fn a_change_is_the_plan_of_the_same_set() {
    let shop = Shop::new();
    let server = Server::start(&shop, &[]);
    for (at, set) in [
        &[][..],
        &["rule.roi.min=5"],
        &["rule.budget.max=25000", "rule.\"evening round\".min_share=0.3"],
        &["search.position=[2.5, 4]", "plan.objective=\"profit\""],
        &["uplift.demand=0.8", "search.bid=[0.05, 2.5]", "rule.budget.max=30000"],
        &["rule.roi.min=5"],
    ]
    .into_iter()
    .enumerate()
    {
        let lines = server.tried("a", set, json!({}));
        let (outlook, plan) = (line(&lines, "outlook"), line(&lines, "plan"));
        let out = format!("out-{at}");
        let words: Vec<&str> = set.iter().flat_map(|one| ["--set", *one]).collect();
        shop.plan_on_model("plan.toml", &out, &words).ended(0);
        let summary = shop.summary(&out);
        for sum in ["spend", "revenue", "orders", "clicks", "impressions", "profit", "roi", "position"] {
            assert_eq!(plan["total"][sum], summary["totals"][sum], "{sum} with {set:?}");
        }
        assert_eq!(plan["status"], summary["status"]);
        assert_eq!(plan["objective"], summary["objective"]);
        let sheet = server.post("/api/file", &json!({ "tab": "a", "set": set, "file": "plan.csv" }));
        assert_eq!(sheet.text(), shop.text(&format!("{out}/plan.csv")), "every bid with {set:?}");
        for row in plan["rules"].as_array().unwrap() {
            let same = summary["rules"].as_array().unwrap().iter().any(|rule| {
                rule["rule"] == row["rule"]
                    && rule["value"] == row["value"]
                    && rule["shadow_price"] == row["price"]
            });
            assert!(same, "{row}");
        }
        // What is shown first is the optimum, which the plan comes near.
        let [first, then] = [outlook, plan].map(|one| one["objective"].as_f64().unwrap());
        assert!((then / first - 1.0).abs() < 0.01, "{first} and {then} with {set:?}");
        assert_eq!(
            outlook["rules"].as_array().unwrap().iter().filter(|rule| rule["binding"] == true).count(),
            plan["rules"].as_array().unwrap().iter().filter(|rule| rule["binding"] == true).count(),
        );
    }
}

#[test]
fn the_best_with_the_last_slots_is_shown_before_others_are_ruled_out() {
    let shop = Shop::new();
    shop.patch("plan.toml", "fixed_fee = 5000", "fixed_fee = 20000");
    let server = Server::start(&shop, &[]);
    server.plan(&[]);
    let mut shown = 0;
    for bound in [39_000, 38_500, 30_000, 24_000, 39_000] {
        let set = format!("rule.budget.max={bound}");
        let lines = server.tried("a", &[&set], json!({}));
        let objective = |kind: &str| line(&lines, kind)["objective"].as_f64().unwrap();
        match kinds(&lines)[..] {
            ["so_far", "outlook", "plan"] => {
                shown += 1;
                assert!(objective("so_far") <= objective("outlook") * (1.0 + 1e-6), "{bound}");
            }
            ["outlook", "plan"] => {}
            _ => panic!("{:?}", kinds(&lines)),
        }
        let out = format!("out-{bound}");
        shop.plan_on_model("plan.toml", &out, &["--set", &set, "--force"]).ended(0);
        let sheet = server.post("/api/file", &json!({ "tab": "a", "set": [set], "file": "plan.csv" }));
        assert_eq!(sheet.text(), shop.text(&format!("{out}/plan.csv")), "every bid with {bound}");
    }
    assert!(shown > 1, "no slot is declined, or it is not known that it was");
}

#[test]
fn infeasible_and_back() {
    let shop = pressed();
    let server = Server::start(&shop, &[]);
    let before = server.plan(&[]);
    let lines = server.tried("a", &["rule.roi.min=3.2"], json!({}));
    assert_eq!(kinds(&lines), ["infeasible", "plan"]);
    let plan = line(&lines, "plan");
    assert_eq!(plan["status"], "infeasible");
    let conflict = &plan["conflict"];
    assert_eq!(conflict["rules"], json!(["roi [channel=display]", "display budget"]));
    let reachable = conflict["relaxations"][0]["reachable"].as_f64().unwrap();
    assert!(reachable > 2.5 && reachable < 3.2, "{conflict}");
    // The bound that it offers can be met, to three digits.
    let nearly = format!("rule.roi.min={}", (reachable * 100.0).floor() / 100.0);
    assert_eq!(server.plan(&[nearly.as_str()])["status"], "optimal");
    assert_eq!(server.plan(&[]), before, "the server keeps no settings");
}

#[test]
fn settings_that_cannot_be_are_explained_as_the_command_line_does() {
    let shop = Shop::new();
    let server = Server::start(&shop, &[]);
    for (set, code) in
        [("rule.roi.min=\"much\"", "C003"), ("search.position=[5, 3]", "C020"), ("rule.rio.min=2", "C007")]
    {
        let lines = server.tried("a", &[set], json!({}));
        assert_eq!(kinds(&lines), ["refused"], "{set}");
        let finding = &line(&lines, "refused")["findings"][0];
        assert_eq!(finding["value"], set);
        let ran = shop.plan_on_model("plan.toml", "none", &["--set", set]).ended(2);
        assert!(ran.stderr.contains(finding["cause"].as_str().unwrap()), "{} ({code})", ran.stderr);
    }
    assert_eq!(server.post("/api/try", &json!({ "sett": [] })).status, 422);
    assert_eq!(server.post("/api/file", &json!({ "file": "../plan.toml" })).status, 422);
    assert_eq!(server.post("/api/unit", &json!({ "unit": [100_000, 3] })).status, 422);
}

#[test]
fn a_confidence_is_a_setting_like_any_other() {
    let shop = Shop::new();
    let server = Server::start(&shop, &[]);
    let half = server.plan(&[])["objective"].as_f64().unwrap();
    for set in [&["plan.confidence=0.9"][..], &["plan.confidence=0.8", "rule.budget.max=35000"]] {
        let lines = server.tried("a", set, json!({ "frontier": [0, "max"] }));
        let (outlook, plan) = (line(&lines, "outlook"), line(&lines, "plan"));
        let words: Vec<&str> = set.iter().flat_map(|one| ["--set", *one]).collect();
        shop.plan_on_model("plan.toml", "out", &words).ended(0);
        let summary = shop.summary("out");
        assert_eq!(plan["objective"], summary["objective"]);
        let first = outlook["objective"].as_f64().unwrap();
        assert!((first / summary["bound"].as_f64().unwrap() - 1.0).abs() < 1e-4, "{first}");
        assert!(first < half);
        let frontier = line(&lines, "frontier");
        let at = |step: &&Value| {
            (step["bound"].as_f64().unwrap() / frontier["today"].as_f64().unwrap() - 1.0).abs() < 1e-9
        };
        let today = frontier["steps"].as_array().unwrap().iter().find(at).unwrap();
        assert!((today["objective"].as_f64().unwrap() / first - 1.0).abs() < 1e-4, "{today} and {first}");
    }
}

#[test]
fn rules_are_added_switched_and_taken_away() {
    let shop = Shop::new();
    let server = Server::start(&shop, &[]);
    let night = r#"rule.+={ name = "night", metric = "spend", where = { channel = ["search"], hour = ["0-8"] }, max = 200 }"#;
    let set = [night, "rule.night.max=150", "rule.\"roi\".off=true", "rule.-=\"display budget\""];
    let plan = server.plan(&set);
    let words: Vec<&str> = set.iter().flat_map(|one| ["--set", *one]).collect();
    shop.plan_on_model("plan.toml", "out", &words).ended(0);
    assert_eq!(plan["objective"], shop.summary("out")["objective"]);
    let names: Vec<&str> =
        plan["rules"].as_array().unwrap().iter().map(|rule| rule["rule"].as_str().unwrap()).collect();
    assert!(
        names.contains(&"night") && !names.contains(&"roi") && !names.contains(&"display budget"),
        "{names:?}"
    );

    // The controls that the page builds for them.
    let controls = |set: &[&str]| server.post("/api/controls", &json!({ "set": set }));
    let groups = controls(&set).json()["groups"].clone();
    let rules = groups[1]["controls"].as_array().unwrap().clone();
    let of = |label: &str| rules.iter().find(|one| one["label"] == label).cloned().unwrap_or_default();
    assert_eq!(of("night")["key"], "rule.\"night\".max");
    assert_eq!((&of("roi")["kind"], &of("roi")["path"]), (&json!("off"), &json!("rule.\"roi\"")));
    assert!(of("display budget").is_null());
    for (wrong, code) in [
        (r#"rule.+={ name = "roi", metric = "spend", max = 1 }"#, "C020"),
        (r#"rule.+={ name = "x", metric = "spend", where = { campaign = ["nobody"] }, max = 1 }"#, "P001"),
        (r#"rule.+={ name = "x", metric = "roi", min_share = 0.5 }"#, "C024"),
    ] {
        let answer = controls(&[wrong]);
        assert_eq!(answer.status, 422, "{wrong}");
        assert_eq!(answer.json()["findings"][0]["code"], code, "{}", answer.text());
    }
    let shop_of =
        server.send("GET /api/shop", &[("Authorization", &format!("Bearer {}", server.token))], "").json();
    assert!(shop_of["scopes"]["campaign"].as_array().unwrap().len() > 1, "{}", shop_of["scopes"]);

    // The text that is written has them.
    let text = server.post("/api/text", &json!({ "set": set }));
    shop.write("theirs.toml", text.text());
    shop.plan_on_model("theirs.toml", "theirs", &[]).ended(0);
    assert_eq!(shop.text("theirs/plan.csv"), shop.text("out/plan.csv"));
    assert!(text.text().contains("off = true") && !text.text().contains("name = \"display budget\""));
}

#[test]
fn the_latest_try_of_a_page_wins() {
    let shop = Shop::new();
    let server = Server::start(&shop, &[]);
    let bound = |at: usize| format!("rule.budget.max={}", 20_000 + 500 * at);
    let answers: Vec<Vec<Value>> = std::thread::scope(|scope| {
        let tries: Vec<_> = (0..24)
            .map(|at| {
                let server = &server;
                let frontier = json!({ "frontier": [0, "max"] });
                scope.spawn(move || server.tried("one page", &[bound(at).as_str()], frontier))
            })
            .collect();
        tries.into_iter().map(|one| one.join().unwrap()).collect()
    });
    let whole =
        answers.iter().filter(|lines| kinds(lines).ends_with(&["outlook", "plan", "frontier"])).count();
    let overtaken = answers.iter().filter(|lines| kinds(lines).last() == Some(&"superseded")).count();
    assert_eq!(
        whole + overtaken,
        answers.len(),
        "{:?}",
        answers.iter().map(|lines| kinds(lines)).collect::<Vec<_>>()
    );
    assert!(whole >= 1 && overtaken >= 1, "{whole} whole, {overtaken} overtaken");
    // Another page is not in the way.
    let both: Vec<Vec<Value>> = std::thread::scope(|scope| {
        let tries = ["one", "other"].map(|tab| {
            let server = &server;
            scope.spawn(move || server.tried(tab, &[], json!({})))
        });
        tries.into_iter().map(|one| one.join().unwrap()).collect()
    });
    for lines in both {
        // What is so far the best is told or not, as the search for slots begins.
        assert!(kinds(&lines).ends_with(&["outlook", "plan"]), "{:?}", kinds(&lines));
    }
}

#[test]
fn a_unit_is_shown_with_its_history() {
    let shop = Shop::new();
    let server = Server::start_with(&shop, &["plan.toml"]);
    let plan = server.plan(&[]);
    let heat = &plan["heat"][0];
    let unit =
        server.post("/api/unit", &json!({ "tab": "plan", "set": [], "unit": [heat["unit"], 20] })).json();
    assert_eq!(unit["name"], heat["name"]);
    assert_eq!(unit["cells"].as_array().unwrap().len(), 24);
    assert_eq!(unit["cells"][20]["sums"]["position"], heat["hours"][20][0]);
    // The sample's four weeks, one row an hour.
    assert_eq!(unit["seen"].as_array().unwrap().len(), 28);
    let bid = |point: &Value| point["bid"].as_f64().unwrap();
    let curve = unit["curve"].as_array().unwrap();
    assert!(curve.is_sorted_by(|a, b| bid(a) < bid(b)));
    let position = |point: &Value| point["sums"]["position"].as_f64().unwrap();
    assert!(curve.is_sorted_by(|a, b| position(a) > position(b)), "higher bids show higher");
}

#[test]
fn the_plan_file_keeps_its_comments_and_sheets_their_place() {
    let shop = Shop::new();
    let server = Server::start(&shop, &[]);
    let before = shop.text("plan.toml");
    let base = server.base();
    let set = json!({ "base": base, "set": ["rule.budget.max=31000", "search.position=[2.5, 4]"] });
    let text = server.post("/api/text", &set).text().to_owned();
    assert_eq!(shop.text("plan.toml"), before, "a download leaves the file alone");
    assert_eq!(server.post("/api/save", &set).status, 200);
    assert_eq!(shop.text("plan.toml"), text);
    let changed: Vec<(&str, &str)> =
        before.lines().zip(text.lines()).filter(|(old, new)| old != new).collect();
    assert_eq!(changed, [("position = [3, 5]", "position = [2.5, 4]"), ("max = 40000", "max = 31000")]);
    assert_eq!(
        server.plan(&[])["total"],
        server.plan(&["rule.budget.max=31000"])["total"],
        "now it is the file's"
    );

    shop.write("plan.toml", format!("{text}# mine\n"));
    let refused = server.post("/api/save", &set);
    assert_eq!((refused.status, &refused.json()["findings"][0]["code"]), (422, &json!("W003")));
    assert!(shop.text("plan.toml").ends_with("# mine\n"));

    let wrote = server.post("/api/sheets", &json!({ "set": ["rule.budget.max=30000"] })).json();
    assert!(wrote["out"].as_str().unwrap().ends_with("2026-12-12"));
    let summary = shop.summary("runs/2026-12-12");
    assert_eq!(summary["totals"]["spend"], server.plan(&["rule.budget.max=30000"])["total"]["spend"]);
}

#[test]
fn what_is_laid_over_the_plan_file_is_saved_with_it() {
    let shop = Shop::new();
    let scenario = "\n[scenario.careful]\nrule.budget.max = 30000\nsearch.position = [4, 6]\n";
    shop.write("plan.toml", shop.text("plan.toml") + scenario);
    let server = Server::start(&shop, &["--scenario", "careful", "--set", "rule.roi.min=1.9"]);
    let spend = |set: &[&str]| server.plan(set)["total"]["spend"].as_f64().unwrap();
    assert!(spend(&[]) <= 30_000.0);
    let set = json!({ "set": ["rule.budget.max=32000"] });
    assert_eq!(server.post("/api/save", &set).status, 200);
    let text = shop.text("plan.toml");
    assert!(text.contains("max = 32000") && text.contains("min = 1.9"), "{text}");
    assert_eq!(text.matches("[4, 6]").count(), 2, "{text}");
    assert_eq!(spend(&[]), spend(&["rule.budget.max=32000"]), "nothing lies over what was saved");
    assert!(spend(&[]) > 30_000.0);
}

#[cfg(unix)]
#[test]
fn it_ends_cleanly_and_a_token_file_outlives_it() {
    use std::os::unix::fs::PermissionsExt;
    let shop = Shop::new();
    let server = Server::start(&shop, &["--token-file", "token"]);
    let token = server.token.clone();
    assert_eq!(shop.text("token").trim(), token);
    assert_eq!(shop.path("token").metadata().unwrap().permissions().mode() & 0o777, 0o600);
    let port = server.port.to_string();
    // A connection that says nothing does not keep it.
    let _idle = std::net::TcpStream::connect(("127.0.0.1", server.port)).unwrap();
    assert_eq!(server.interrupt(), 0);
    let again = Server::start(&shop, &["--token-file", "token", "--port", &port]);
    assert_eq!((again.port.to_string(), &again.token), (port.clone(), &token));
    let taken = shop.run(&["explore", "plan.toml", "--model", "model.json", "--port", &port]).ended(2);
    assert!(taken.stderr.contains("W001"), "{}", taken.stderr);
    shop.write("short", "abc");
    let short = shop.run(&["explore", "plan.toml", "--token-file", "short"]).ended(2);
    assert!(short.stderr.contains("W004"), "{}", short.stderr);
}
