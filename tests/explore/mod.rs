//! `bidwright explore`: its server, asked as a page asks it.

mod base;
mod browser;
mod fields;
mod server;
mod told;
mod tries;
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
