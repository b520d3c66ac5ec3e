//! A page stands on the plan file as it read it, whatever becomes of the file.

use serde_json::{Value, json};

use super::browser::{BUDGET, LEFT};
use super::server::{Server, kinds, line};
use super::webdriver::Browser;
use crate::shop::Shop;

/// That a rule's field holds a text.
fn stands(rule: &str, text: &str) -> String {
    let selector = json!(format!("[data-key='rule.\"{rule}'] input.number"));
    format!("document.querySelector({selector}).value === '{text}'")
}

const TIGHT: &str = "rule.\"roi\".min=4.5";

#[test]
fn every_answer_and_every_file_is_of_the_pages_own_base() {
    let shop = Shop::new();
    let server = Server::start(&shop, &[]);
    let (base, text) = (server.base(), shop.text("plan.toml"));
    let of_base = |more: Value| {
        let mut body = json!({ "tab": "a", "base": base });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    let before = server.tried("a", &[], json!({ "base": base }));
    assert_eq!(kinds(&before), ["outlook", "plan"]);
    let sheet = server.post("/api/file", &of_base(json!({ "file": "plan.csv" }))).text().to_owned();

    // Another page writes.
    assert_eq!(server.post("/api/save", &json!({ "tab": "b", "base": base, "set": [TIGHT] })).status, 200);
    let now = server.plan(&[]);
    assert_ne!(now["total"], line(&before, "plan")["total"], "the file has another plan now");
    let after = server.tried("a", &[], json!({ "base": base }));
    assert_eq!(kinds(&after), ["moved", "outlook", "plan"]);
    assert_eq!(line(&after, "plan"), line(&before, "plan"));
    assert_eq!(line(&after, "plan")["saved"], line(&before, "plan")["total"], "compared with the same file");
    assert_eq!(server.post("/api/text", &of_base(json!({}))).text(), text);
    assert_eq!(server.post("/api/file", &of_base(json!({ "file": "plan.csv" }))).text(), sheet);
    assert_eq!(server.post("/api/sheets", &of_base(json!({ "force": true }))).status, 200);
    assert_eq!(shop.text("runs/2026-12-12/plan.csv"), sheet);

    // It saves only over what it has been shown.
    let set = json!({ "set": ["rule.budget.max=31000"] });
    let refused = server.post("/api/save", &of_base(set));
    assert_eq!((refused.status, &refused.json()["findings"][0]["code"]), (422, &json!("W003")));
    let seen = server.base();
    let knowing = json!({ "set": ["rule.budget.max=31000"], "replaced": seen["text"] });
    assert_eq!(server.post("/api/save", &of_base(knowing)).status, 200);
    assert_eq!(shop.text("plan.toml"), text.replace("max = 40000", "max = 31000"));
}

#[test]
fn a_file_that_cannot_be_planned_leaves_the_last_one_that_could() {
    let shop = Shop::new();
    let server = Server::start_with(&shop, &["plan.toml"]);
    let (base, text) = (server.base(), shop.text("plan.toml"));
    for (from, to, code) in [
        ("max = 40000", "max = forty", "C001"),
        ("min = 2.0", "min = -2.0", "C023"),
        ("lookback_days = 56", "lookback_days = 20", "W005"),
        (
            "where = { channel = \"search\" }\nmetric = \"cpc\"",
            "where = { campaign = \"none\" }\nmetric = \"cpc\"",
            "P001",
        ),
    ] {
        shop.write("plan.toml", text.replacen(from, to, 1));
        let found = server.post("/api/shop", &json!({ "base": base })).json();
        assert_eq!(found["problem"][0]["code"], code, "{from}: {}", found["problem"]);
        assert_eq!((&found["latest"], &found["base"]), (&json!(false), &base), "{from}");
        assert_eq!(server.base(), base, "a page that opens now stands on it too");
    }
    shop.write("plan.toml", text.replace("max = 40000", "max = 30000"));
    assert_ne!(server.base(), base, "an edit counts without a restart");
    assert!(server.plan(&[])["total"]["spend"].as_f64().unwrap() <= 30_000.0);
}

#[test]
fn a_tab_is_told_of_a_changed_file_and_asked() {
    let shop = Shop::new();
    let server = Server::start(&shop, &[]);
    let Some(page) = Browser::start(1280, 900) else { return };
    page.open(&server);
    page.press(BUDGET, &LEFT.repeat(3));
    page.planned(&["rule.\"budget\".max=37000"]);
    let (first, mine) = (page.tab(), page.tile("revenue"));

    // Another tab saves its own rule over the file.
    page.new_tab();
    page.open(&server);
    page.fill("[data-key='rule.\"roi\".min'] input.number", "4.5");
    page.planned(&[TIGHT]);
    page.click("#save");
    page.until("document.getElementById('ask').open");
    page.click("#ask-yes");
    page.planned(&[]);
    assert!(shop.text("plan.toml").contains("min = 4.5"));

    // The first is told at once, in words, and stays on its own plan.
    page.switch_to(&first);
    page.until("!document.getElementById('moved').hidden");
    assert!(page.text("#moved").contains("roi ≥ 2 → 4.5"), "{}", page.text("#moved"));
    assert!(page.text("#changed").contains("the file is another now"));
    page.press(BUDGET, LEFT);
    page.planned(&["rule.\"budget\".max=36000"]);
    page.click("#undo");
    page.planned(&["rule.\"budget\".max=37000"]);
    assert_eq!(page.tile("revenue"), mine);
    page.click("#moved button");
    page.until("document.getElementById('moved').hidden");
    page.until("document.getElementById('told').textContent.includes('read again')");
    page.planned(&["rule.\"budget\".max=37000"]);
    page.until(&stands("roi\".min", "4.5"));
    shop.plan_on_model("plan.toml", "out", &["--set", "rule.budget.max=37000"]).ended(0);
    let revenue = &shop.summary("out")["totals"]["revenue"];
    page.until(&format!("document.querySelector('[data-metric=revenue] b').dataset.value === '{revenue}'"));

    // An edit from outside: kept off when asked, and saving says what it would lose.
    shop.write("plan.toml", shop.text("plan.toml").replace("max = 15000", "max = 12000"));
    page.press(BUDGET, LEFT);
    page.until("!document.getElementById('moved').hidden");
    page.click("#moved button:last-child");
    page.until("document.getElementById('moved').classList.contains('slim')");
    page.planned(&["rule.\"budget\".max=36000"]);
    page.click("#save");
    page.until("document.getElementById('ask').open");
    assert!(
        page.text("#ask-what").contains("display budget ≤ 15000 → 12000")
            || page.text("#ask-what").contains("display budget ≤ 15,000 → 12,000"),
        "{}",
        page.text("#ask-what")
    );
    page.click("#ask button[value=no]");
    // Back to the file as it is now.
    page.click("#reset");
    page.planned(&[]);
    page.until("document.getElementById('moved').hidden");
    page.until(&stands("display budget\".max", "12000"));
    assert_eq!(page.complaints(), [""; 0]);
}

#[test]
fn a_reload_keeps_settings_and_undo() {
    let shop = Shop::new();
    let server = Server::start(&shop, &[]);
    let Some(page) = Browser::start(1280, 900) else { return };
    page.open(&server);
    page.click("[data-rule='search cpc'] [role=switch]");
    page.planned(&["rule.\"search cpc\".off=true"]);
    page.press(BUDGET, &LEFT.repeat(2));
    let set = ["rule.\"search cpc\".off=true", "rule.\"budget\".max=38000"];
    page.planned(&set);
    page.reload();
    page.planned(&set);
    assert!(page.text("#told").contains("kept over the reload"), "{}", page.text("#told"));
    assert!(page.text("#changed").contains("2 changed"));
    page.click("#undo");
    page.planned(&["rule.\"search cpc\".off=true", "rule.\"budget\".max=39000"]);

    // The file changes while the page is away: it comes back on its own, and says so.
    shop.write("plan.toml", shop.text("plan.toml").replace("max = 40000", "max = 42000"));
    page.reload();
    page.planned(&["rule.\"search cpc\".off=true", "rule.\"budget\".max=39000"]);
    page.until("!document.getElementById('moved').hidden");
    page.click("#reset");
    page.planned(&[]);
    assert_eq!(page.tile("spend").round(), 42_000.0);
    // Without changes there is nothing to ask.
    shop.write("plan.toml", shop.text("plan.toml").replace("max = 42000", "max = 41000"));
    page.reload();
    page.planned(&[]);
    page.until("document.getElementById('moved').hidden");
    assert_eq!(page.tile("spend").round(), 41_000.0);
}
